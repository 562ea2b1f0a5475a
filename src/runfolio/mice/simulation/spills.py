"""The spills of a run with their events, a block at a time.

A block's random numbers depend on the seed, the run, the block and the detector only: a longer run begins
with the same spills, and another detector changes nothing in those there are. To add one: its keys
in more_documents.py, its module, a number in `Stream`, a line in `_events`.
"""

from collections.abc import Iterator
from enum import IntEnum
from itertools import repeat
from typing import NamedTuple

import numpy as np

from runfolio.mice.simulation.beam import Beam, beam, passage, spill_sizes
from runfolio.mice.simulation.chance import Chance, Ints
from runfolio.mice.simulation.ckov import ckov_events
from runfolio.mice.simulation.documents import Empty, Event
from runfolio.mice.simulation.emr import emr_events
from runfolio.mice.simulation.kl import kl_events
from runfolio.mice.simulation.scalers import scaler_counts
from runfolio.mice.simulation.scifi import scifi_events
from runfolio.mice.simulation.tof import tof_events

# Enough events at once that numpy's cost a call does not count, few enough to stay in tens of MB.
_EVENTS_AT_ONCE = 1500
_SPILLS_AT_ONCE = 256
_USUAL_EVENTS = 75


class Stream(IntEnum):
    """What draws random numbers of its own. A number once given stays, or the bytes of a seed change."""

    SIZES = 0
    BEAM = 1
    TOF = 2
    CKOV = 3
    UNTIDY = 4
    PASSAGE = 5
    KL = 6
    EMR = 7
    SCIFI = 8
    UNTIDY_MORE = 9
    SCALERS = 10
    UNTIDY_DAQ = 11


class Burst(NamedTuple):
    """The events of a spill, and the counts of its scaler's channels."""

    events: list[Event]
    scaler: list[int]


def bursts(seed: int, run_number: int, events_per_spill: int | None) -> Iterator[Burst]:
    """Yield the spills of a run, without end.

    Args:
        seed: of the whole job
        run_number: the run
        events_per_spill: None for 1 to 150, different from spill to spill

    """
    expected = max(_USUAL_EVENTS if events_per_spill is None else events_per_spill, 1)
    spills = min(max(_EVENTS_AT_ONCE // expected, 1), _SPILLS_AT_ONCE)
    block = 0
    while True:
        sizes = np.full(spills, events_per_spill or 0, dtype=np.int64)
        if events_per_spill is None:
            sizes = spill_sizes(Chance(seed, run_number, Stream.SIZES, block), spills)
        yield from _block(seed, run_number, block, sizes)
        block += 1


def _block(seed: int, run_number: int, block: int, sizes: Ints) -> Iterator[Burst]:
    first = block * len(sizes)
    particles = beam(Chance(seed, run_number, Stream.BEAM, block), sizes, first)
    events = iter(_events(particles, seed, run_number, block))
    counts = scaler_counts(Chance(seed, run_number, Stream.SCALERS, block), sizes)
    for size, scaler in zip(sizes.tolist(), counts, strict=True):
        yield Burst([next(events) for _ in range(size)], scaler)


def _events(particles: Beam, seed: int, run_number: int, block: int) -> list[Event]:
    def chance(stream: Stream) -> Chance:
        return Chance(seed, run_number, stream, block)

    passed = passage(chance(Stream.PASSAGE), particles)
    nothing: repeat[Empty] = repeat({})
    return list(
        map(
            Event,
            particles.part_event.tolist(),
            tof_events(chance(Stream.TOF), particles),
            ckov_events(chance(Stream.CKOV), particles),
            scifi_events(chance(Stream.SCIFI), particles, passed),
            nothing,  # trigger_event
            kl_events(chance(Stream.KL), particles, passed),
            emr_events(chance(Stream.EMR), particles, passed),
            nothing,  # global_event
        )
    )
