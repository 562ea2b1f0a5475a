"""The KL calorimeter: 21 cells above each other, each with a photomultiplier at both ends."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from msgspec import UNSET

from runfolio.mice.simulation.beam import Beam, Passage
from runfolio.mice.simulation.chance import Chance, Ints, Quantiles, moyal, normal
from runfolio.mice.simulation.more_documents import KlCellHit, KlCellHits, KlDigit, KlDigits, KlEvent
from runfolio.mice.simulation.rows import grouped

_CELLS = 21
_CENTRE, _WIDTH = 9.8, 2.7  # of the beam, in cells
_SHARED = (0.8, 0.6)  # how much of its place in the beam a particle keeps; squares add to 1
_EFFICIENCY = 0.97
_NEIGHBOUR_RATE = 0.15  # a particle crosses two cells
_NOISE_RATE = 0.05
_NO_CHARGE_RATE = 0.01  # of digits
_MOST_CHARGE = 4095


@dataclass(frozen=True)
class _Tables:
    profile: Quantiles  # beam widths
    charge: Quantiles  # ADC counts of one photomultiplier
    balance: Quantiles  # what one end gets more than the other, as a share


@cache
def _tables() -> _Tables:
    return _Tables(normal(0, 1, -2.8, 2.8), moyal(1050, 150), normal(0, 0.06, -0.25, 0.25))


def kl_events(chance: Chance, beam: Beam, passed: Passage) -> list[KlEvent]:
    """Return the digits and cell hits of each event of the beam."""
    event, cell, share = _fired(chance, beam, passed)
    q0, q1 = _charges(chance, share)
    cells = np.bincount(event, minlength=len(beam))
    numbers = beam.part_event[event].tolist(), beam.phys_event[event].tolist()
    product = 2 * q0 * q1 // (q0 + q1)
    names = ["kl"] * len(event)
    hits = list(map(KlCellHit, cell.tolist(), ((q0 + q1) // 2).tolist(), product.tolist(), names, *numbers))
    digits = _digits(chance, beam, np.repeat(event, 2), np.repeat(cell, 2), np.stack([q0, q1], axis=1))
    in_hits, in_digits = map(KlCellHits, grouped(hits, cells)), map(KlDigits, grouped(digits, 2 * cells))
    return list(map(KlEvent, in_hits, in_digits))


def _fired(chance: Chance, beam: Beam, passed: Passage) -> tuple[Ints, Ints, Any]:
    """Return event, cell and share of a particle's charge of each cell, event by event."""
    own = _tables().profile.of(chance.uniform(len(beam)))
    place = _CENTRE + 0.5 + _WIDTH * (_SHARED[0] * beam.y + _SHARED[1] * own)
    cell = np.clip(np.floor(place).astype(np.int64), 0, _CELLS - 2)
    seen = passed.ds & chance.occurs(_EFFICIENCY, len(beam))
    split = np.where(
        seen & chance.occurs(_NEIGHBOUR_RATE, len(beam)), 0.2 + 0.6 * chance.uniform(len(beam)), 0
    )
    noisy = chance.occurs(_NOISE_RATE, len(beam))
    shares = np.stack([seen * (1 - split), split, noisy * (0.02 + 0.2 * chance.uniform(len(beam)))], axis=1)
    cells = np.stack([cell, cell + 1, chance.below(_CELLS, len(beam))], axis=1)
    event, which = np.nonzero(shares)
    return event, cells[event, which], shares[event, which]


def _charges(chance: Chance, share: Any) -> tuple[Ints, Ints]:
    """Return the ADC counts of both ends, at least 1."""
    tables = _tables()
    charge = tables.charge.of(chance.uniform(len(share))) * share
    balance = tables.balance.of(chance.uniform(len(share)))
    q0, q1 = (np.clip((charge * (1 + sign * balance)).astype(np.int64), 1, _MOST_CHARGE) for sign in (1, -1))
    return q0, q1


def _digits(chance: Chance, beam: Beam, event: Ints, cell: Ints, charges: Ints) -> list[KlDigit]:
    """Return the digits, both ends of a cell next to each other; a few lack the optional charge."""
    charge = charges.ravel()
    optional: list[Any] = charge.tolist()
    for digit in np.flatnonzero(chance.occurs(_NO_CHARGE_RATE, len(event))).tolist():
        optional[digit] = UNSET
    pmt = np.arange(len(event)) % 2
    keys = _channel_keys()
    return list(
        map(
            KlDigit,
            cell.tolist(),
            optional,
            charge.tolist(),
            [keys[channel] for channel in (2 * cell + pmt).tolist()],
            beam.part_event[event].tolist(),
            beam.phys_event[event].tolist(),
            pmt.tolist(),
            (18 + chance.below(6, len(event))).tolist(),
        )
    )


@cache
def _channel_keys() -> list[str]:
    return [f"KLChannelKey {cell} {pmt} kl" for cell in range(_CELLS) for pmt in range(2)]
