"""Detectors' data of wrong types, out of any range, missing, and more than any detector gives."""

from collections.abc import Iterator
from dataclasses import replace
from types import NoneType
from typing import Any, get_args, get_origin

from msgspec import Struct
from msgspec.structs import fields

from hostile.cases import Case, event, lines, refused, taken
from runfolio.mice.reducers import EVERY
from runfolio.plots import Reducer, Spills
from runfolio.stream import Spill
from support import spill

STATIONS = ("tof0", "tof1", "tof2")


def wrong_values(kind: Any) -> Iterator[Any]:
    """Give values that a declared type does not take, each wrong in one place."""
    parts = [part for part in get_args(kind) if part is not NoneType]
    if isinstance(kind, type) and issubclass(kind, Struct):
        yield 7
        yield []
        for each in fields(kind):
            for value in wrong_values(each.type):
                yield {each.encode_name: value}
    elif get_origin(kind) in (list, tuple, dict):
        yield "7"
        for value in wrong_values(parts[-1]):
            yield {"key": value} if get_origin(kind) is dict else [value]
    elif parts:
        yield from wrong_values(parts[0])
    else:
        yield [7]
        yield 7 if kind is str else "7"


def wrong_spills(reducer: Reducer) -> list[dict[str, Any]]:
    """Return spills of run 1 with one thing wrong in what a reducer reads."""
    assert isinstance(reducer.reads, Spills)
    common = {each.name for each in fields(Spill)}
    own = [each for each in fields(reducer.reads.spill) if each.name not in common]
    return [spill(1, 9, **{each.encode_name: value}) for each in own for value in wrong_values(each.type)]


NUMBERS = {
    "-10^308": -1e308,
    "10^308": 1e308,
    "10^-320": 1e-320,
    "minus zero": -0.0,
    "2^63": 2**63,
    "2^64": 2**64,
    "-2^63-1": -(2**63) - 1,
    "10^30": 10**30,
}


def every_detector(number: float) -> dict[str, Any]:
    """Return a spill in which each detector has a number, whole where it has to be, for every value."""
    whole = int(number)
    slab = {"slab": whole, "plane": whole, "pmt0": {"raw_time": number, "charge": number}, "pmt1": {}}
    point = {"slabX": whole, "slabY": whole, "time": number}
    sample = {f"pulse_{n}": whole for n in range(8)} | {f"arrival_time_{n}": whole for n in range(8)}
    bars = [{"ch": number, "tot": number}, {"ch": 1, "tot": 1}]
    planes = [{"plane": plane, "charge": number, "bar_hits": bars} for plane in (0, 1, number)]
    track = {"plane_hits": planes, "track": {"range": number, "chi2": number}, "total_charge_ma": number}
    digits = [{"tracker": 0, "station": 1, "plane": plane, "channel": number} for plane in range(3)]
    place = {"tracker": 0, "station": number, "type": "triplet", "position": {"x": number, "y": number}}
    channels = {f"ch{n}": whole for n in range(32)}
    return event(
        part_event_number=whole,
        tof_event={
            "tof_slab_hits": {station: [slab, slab] for station in STATIONS},
            "tof_space_points": {station: [point] for station in STATIONS},
        },
        ckov_event={"ckov_digits": [{"A": sample | {"number_of_pes": number}, "B": sample}]},
        kl_event={
            "kl_digits": {"kl": [{"cell": number, "pmt": number, "charge_mm": number}]},
            "kl_cell_hits": {"kl": [{"cell": number, "charge_product": number}]},
        },
        emr_event={"event_tracks": [track, track]},
        sci_fi_event={"digits": digits, "spacepoints": [place]},
    ) | {"daq_data": {"V830": {"channels": channels, "time_stamp": number, "phys_event_number": whole}}}


NOTHING = {
    "no events": spill(1, 9, recon_events=[]),
    "null for all": spill(1, 9, recon_events=None, daq_data=None, mc_events=None, errors=None),
    "null events": spill(1, 9, recon_events=[None] * 1000),
    "empty events": spill(1, 9, recon_events=[{}] * 1000),
    "null detectors": event(
        tof_event=None, ckov_event=None, kl_event=None, emr_event=None, sci_fi_event=None
    ),
    "empty detectors": event(tof_event={}, ckov_event={}, kl_event={}, emr_event={}, sci_fi_event={}),
    "no digits": event(
        tof_event={"tof_space_points": {}, "tof_slab_hits": {"tof0": None, "tof1": [], "tof2": [None]}},
        ckov_event={"ckov_digits": []},
        kl_event={"kl_digits": {"kl": None}, "kl_cell_hits": {}},
        emr_event={"event_tracks": [None, {}, {"plane_hits": [None, {}]}]},
        sci_fi_event={"digits": [None, {}], "spacepoints": [{}, {"type": "quadruplet", "position": {}}]},
    ),
    "detectors nobody knows": event(tpc_event={"hits": [1]}, __class__={}, **{"": {}}),
}
OUT_OF_RANGE = {
    "stations and planes": event(
        tof_event={"tof_slab_hits": {"tof0": [{"slab": 11, "plane": 2}], "tof7": [{"slab": 1, "plane": 0}]}},
        sci_fi_event={"digits": [{"tracker": 2, "station": 6, "plane": 3, "channel": 215}]},
    ),
    "negative channels": event(
        kl_event={"kl_digits": {"kl": [{"cell": -1, "pmt": -1, "charge_mm": -1}]}},
        emr_event={"event_tracks": [{"plane_hits": [{"plane": -1, "bar_hits": [{"ch": -1, "tot": 5}]}]}]},
        sci_fi_event={"digits": [{"tracker": -1, "station": -1, "plane": -1, "channel": -1}]},
    ),
    "halves of channels": event(
        kl_event={"kl_digits": {"kl": [{"cell": 0.5, "pmt": 0.5, "charge_mm": 0.5}]}},
        sci_fi_event={"digits": [{"tracker": 0.5, "station": 1.5, "plane": 0.5, "channel": 0.5}]},
    ),
}


def _line(head: bytes, item: bytes, tail: bytes, times: int) -> bytes:
    """Return a line with an event in which an item stands many times: json.dumps would take seconds."""
    whole = lines(spill(1, 9, recon_events=["EVENT"]))
    return whole.replace(b'"EVENT"', head + b",".join([item] * times) + tail)


MANY = 1_000_000

CASES: tuple[Case, ...] = tuple(
    replace(case, reducers=EVERY)
    for case in (
        *(
            refused(f"wrong types for {reducer.name}", "wrong_type", *wrong_spills(reducer))
            for reducer in EVERY
        ),
        *(taken(f"{name} for every value", every_detector(number)) for name, number in NUMBERS.items()),
        *(taken(f"nothing: {name}", document) for name, document in NOTHING.items()),
        *(taken(f"out of range: {name}", document) for name, document in OUT_OF_RANGE.items()),
        Case(
            name="10^6 slab hits in an event",
            sent=lambda: _line(
                b'{"tof_event":{"tof_slab_hits":{"tof0":[', b'{"slab":1,"plane":0}', b"]}}}", MANY
            ),
            counted={"filled": 1},
        ),
        Case(
            name="10^6 digits in an event",
            sent=lambda: _line(
                b'{"sci_fi_event":{"digits":[',
                b'{"tracker":0,"station":1,"plane":0,"channel":7}',
                b"]}}",
                MANY,
            ),
            counted={"filled": 1},
        ),
        Case(
            name="10^6 events in a spill",
            sent=lambda: _line(b"{}", b",{}", b"", MANY).replace(b",,", b","),
            counted={"filled": 1},
        ),
        Case(
            name="10^8 pairs of bars in a track",
            sent=lambda: _line(
                b'{"emr_event":{"event_tracks":[{"plane_hits":[{"plane":0,"bar_hits":[',
                b'{"ch":5,"tot":1}',
                b']},{"plane":1,"bar_hits":[' + b",".join([b'{"ch":65,"tot":1}'] * 10_000) + b"]}]}]}}",
                10_000,
            ),
            counted={"filled": 1},
            lost=frozenset({"emr_beam_profile"}),
        ),
    )
)
