"""The KL calorimeter: what is read of its events, and the plots of `ReducePyKLPlot`.

Titles, binnings and the tag are those of MICE's control room (MAUS, ReducePyKLPlot). A digit is one
photomultiplier's charge, a cell hit both ends of a cell together. Numbers are read as real ones, though
whole in the stream: where one is not, that costs the entry and not the spill.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from runfolio.mice.columns import column, flat, floats
from runfolio.plots import Integer, Panel, Reducer, Regular, Series, Spills, grid

CELLS = 21
PMTS = 2


class Digit(Struct, gc=False):
    """One photomultiplier; `charge_mm` in ADC counts."""

    cell: float | None = None
    pmt: float | None = None
    charge_mm: float | None = None


class CellHit(Struct, gc=False):
    """Both photomultipliers of a cell; `charge_product` in ADC counts."""

    charge_product: float | None = None


class Digits(Struct, gc=False):
    kl: list[Digit | None] | None = None


class CellHits(Struct, gc=False):
    kl: list[CellHit | None] | None = None


class KlEvent(Struct, gc=False):
    kl_digits: Digits | None = None
    kl_cell_hits: CellHits | None = None


class ReconEvent(Struct, gc=False):
    kl_event: KlEvent | None = None


class KlSpill(Struct, gc=False):
    recon_events: list[ReconEvent | None] | None = None


class KlColumns(NamedTuple):
    """Columns of a batch, NaN where a value is missing."""

    cell: npt.NDArray[np.float64]
    """By digit."""
    pmt: npt.NDArray[np.float64]
    """By digit."""
    charge: npt.NDArray[np.float64]
    """By digit: ADC counts."""
    charge_product: npt.NDArray[np.float64]
    """By cell hit: ADC counts."""


def kl_columns(spills: Sequence[KlSpill]) -> KlColumns:
    """Return the columns of a batch."""
    events = [
        event.kl_event for spill in spills for event in spill.recon_events or () if event and event.kl_event
    ]
    digits = flat([event.kl_digits.kl for event in events if event.kl_digits])
    hits = flat([event.kl_cell_hits.kl for event in events if event.kl_cell_hits])
    return KlColumns(
        cell=floats([digit.cell for digit in digits]),
        pmt=floats([digit.pmt for digit in digits]),
        charge=floats([digit.charge_mm for digit in digits]),
        charge_product=floats([hit.charge_product for hit in hits]),
    )


Array = npt.NDArray[Any]


def cells_and_pmts(columns: KlColumns) -> tuple[Array, Array]:
    """Fill with cell along x and photomultiplier along y, of digits that have both."""
    both = ~np.isnan(columns.cell + columns.pmt)
    return columns.cell[both], columns.pmt[both]


kl = Reducer("ReducePyKLPlot", reads=Spills(KlSpill, kl_columns))

# The histograms.
kl.hist(
    "kl_adc",
    Regular(100, 0, 5000, "Charge (ADC counts)", integers=True),
    title="ADC",
    values=column("charge"),
)
kl.hist(
    "kl_adc_product",
    Regular(100, 0, 5000, "Charge product (ADC counts)", integers=True),
    title="ADC Product",
    values=column("charge_product"),
)
kl.hist("kl_profile_y", Integer(0, CELLS, "Cell"), title="Beam Y-profile", values=column("cell"))
kl.hist(
    "kl_digits",
    Integer(0, CELLS, "Cell"),
    Integer(0, PMTS, "PMT"),
    title="Digits",
    values=cells_and_pmts,
)

# The figure.
kl.figure(
    "KL",
    panels=grid(
        ["kl_adc", "kl_adc_product", "kl_profile_y", Panel(series=(Series("kl_digits"),), numbers=True)],
        columns=2,
    ),
    keywords=("KL",),
)
