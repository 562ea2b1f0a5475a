"""One's own plots of MICE's stream, beside those that come with runfolio: the charge of TOF slabs.

runfolio simulate --run-number 4235 --spills 50 --output spills.json
runfolio run --plots mice.tof --plots slab_charge.py spills.json
"""

from types import SimpleNamespace

import msgspec
import numpy as np

from runfolio import Integer, Reducer, Regular, Series, Spills, overlay

STATIONS = ("tof0", "tof1", "tof2")


class SlabHit(msgspec.Struct):
    slab: int | None = None
    charge: int | None = None


class SlabHits(msgspec.Struct):
    tof0: list[SlabHit | None] | None = None
    tof1: list[SlabHit | None] | None = None
    tof2: list[SlabHit | None] | None = None


class TofEvent(msgspec.Struct):
    tof_slab_hits: SlabHits | None = None


class Event(msgspec.Struct):
    tof_event: TofEvent | None = None


class Spill(msgspec.Struct):
    """What is read of a spill; a real one lacks something everywhere."""

    recon_events: list[Event | None] | None = None


def columns(spills):
    """Return slab and charge of each station's hits in a batch of spills."""
    events = [event.tof_event for spill in spills for event in spill.recon_events or () if event]
    slab_hits = [event.tof_slab_hits for event in events if event and event.tof_slab_hits]
    found = {}
    for station in STATIONS:
        hits = [hit for each in slab_hits for hit in getattr(each, station) or () if hit]
        whole = [hit for hit in hits if hit.slab is not None and hit.charge is not None]
        found[f"slab_{station}"] = np.array([hit.slab for hit in whole], np.int64)
        found[f"charge_{station}"] = np.array([hit.charge for hit in whole], np.float64)
    return SimpleNamespace(**found)


charge = Reducer("SlabCharge", reads=Spills(Spill, columns), keywords=["TOF", "charge"])

for station in STATIONS:
    charge.hist(f"charge_{station}", Regular(100, 0, 10_000, label="charge (ADC counts)"))
    charge.profile(
        f"mean_{station}",
        Integer(0, 10, label="slab"),
        label="mean charge (ADC counts)",
        title=f"{station}: charge by slab",
        values=[f"slab_{station}", f"charge_{station}"],
    )

charge.figure(
    "slab_charge",
    "TOF slabs: charge",
    panels=[[overlay(*(Series(f"charge_{station}", station) for station in STATIONS), title="Charge")]],
    size=(700, 500),
)
