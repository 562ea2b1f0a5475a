"""The plots of the Electron-Muon Ranger: `ReducePyEMRPlot`, 11 histograms and 2 figures.

Binnings and tags are those of MICE's control room (MAUS, ReducePyEMRPlot).
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from runfolio.mice.columns import column
from runfolio.mice.emr_events import BARS, PLANES, EmrColumns, EmrSpill, beam_profile, emr_columns
from runfolio.plots import Integer, Panel, Reducer, Regular, Series, Spills, grid

Array = npt.NDArray[Any]

READOUTS = {"ma": "MA", "sa": "SA"}
"""The multi-anode photomultipliers, one channel a bar, and the single-anode ones, one channel a plane."""
COLORS = ("black", "red")


def occupancy(parity: int) -> Callable[[EmrColumns], tuple[Array, Array]]:
    """Fill with plane along x and bar along y, of the bar hits in planes of even or of odd number."""

    def values(columns: EmrColumns) -> tuple[Array, Array]:
        wanted = columns.bar_plane % 2 == parity
        return columns.bar_plane[wanted], columns.bar[wanted]

    return values


def density_and_spread(columns: EmrColumns) -> tuple[Array, Array]:
    """Fill with the share of planes hit along x and log10(1 + chi2) along y, of tracks that have both.

    A share of 1, all planes hit, is what most muons have: it goes into the last bin, which ends there.
    """
    known = (columns.plane_density_ma >= 0) & (columns.chi2 >= 0)
    density, chi2 = columns.plane_density_ma[known], columns.chi2[known]
    return np.where(density == 1, np.nextafter(1, 0), density), np.log10(1 + chi2)


def overlay(names: dict[str, str], title: str) -> Panel:
    """Return a panel of histograms over each other, each with its name in the legend."""
    labelled = zip(names.items(), COLORS, strict=True)
    return Panel(series=tuple(Series(name, label, color) for (name, label), color in labelled), title=title)


emr = Reducer("ReducePyEMRPlot", reads=Spills(EmrSpill, emr_columns))

# The histograms.
for parity, view in enumerate("xy"):
    emr.hist(
        f"emr_occupancy_{view}",
        Integer(0, PLANES, "Plane"),
        Integer(0, BARS, "Bar"),
        title=f"EMR occupancy, {view} planes",
        values=occupancy(parity),
    )

emr.hist(
    "emr_beam_profile",
    Regular(59, -500, 500, "x in plane 0 (mm)"),
    Regular(59, -500, 500, "y in plane 1 (mm)"),
    title="EMR beam profile",
    values=beam_profile,
)
emr.hist(
    "emr_depth_profile",
    Regular(PLANES, 0, PLANES, "Plane", integers=True),
    title="EMR depth profile",
    values=column("depth"),
)

for kind in ("primary", "secondary"):
    emr.hist(
        f"emr_range_{kind}",
        Regular(48, 0, 840, "Range (mm)"),
        title=f"EMR range, {kind} tracks",
        values=column(f"range_{kind}"),
    )

for readout, name in READOUTS.items():
    emr.hist(
        f"emr_total_charge_{readout}",
        Regular(100, 0, 10000, "Total charge (ADC counts)"),
        title=f"EMR total charge, {name}",
        values=column(f"total_charge_{readout}"),
    )

for readout, name in READOUTS.items():
    emr.hist(
        f"emr_charge_ratio_{readout}",
        Regular(40, 0, 2, "Charge ratio"),
        title=f"EMR charge ratio, {name}",
        values=column(f"charge_ratio_{readout}"),
    )

emr.hist(
    "emr_spread_density",
    Regular(20, 0, 1, "Plane density (MA)"),
    Regular(30, 0, 3, "log10(1 + chi2)"),
    title="EMR spread against density",
    values=density_and_spread,
)

# The figures.
emr.figure(
    "EMR_occupancy",
    "EMR occupancy",
    panels=grid(
        ["emr_occupancy_x", "emr_occupancy_y", "emr_beam_profile", "emr_depth_profile"],
        columns=2,
    ),
    keywords=("EMR", "Occupancy"),
    size=(1000, 1000),
)
emr.figure(
    "EMR_recon",
    "EMR reconstructed tracks",
    panels=grid(
        [
            overlay({"emr_range_primary": "primary", "emr_range_secondary": "secondary"}, "EMR range"),
            overlay({f"emr_total_charge_{key}": name for key, name in READOUTS.items()}, "EMR total charge"),
            overlay({f"emr_charge_ratio_{key}": name for key, name in READOUTS.items()}, "EMR charge ratio"),
            Panel(series=(Series("emr_spread_density"),), log_y=True),
        ],
        columns=2,
    ),
    keywords=("EMR", "Reconstructed"),
    size=(1200, 900),
)
