"""What real files get wrong, put into a tidy stream: all of it can be read, none of it is broken JSON.

Documents become dicts here, and each fault is one small function; those of the KL, the EMR and the trackers
are in more_faults.py, those of the scalers in daq_faults.py. Left out on purpose, because a reader may well
set them aside: wrong types, numbers that no double holds, spills that come after their run's end.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from runfolio.mice.simulation.chance import Chance
from runfolio.mice.simulation.daq_faults import DAQ_FAULTS
from runfolio.mice.simulation.dice import Dice
from runfolio.mice.simulation.documents import Document
from runfolio.mice.simulation.more_faults import MORE_FAULTS
from runfolio.mice.simulation.spills import Stream

Json = dict[str, Any]

_EVENT_RATE = 0.2  # of events with a fault
_MORE_RATE = 0.04  # of events with one of the KL, the EMR or the trackers
_DAQ_RATE = 0.15  # of physics spills with a fault of the scalers
_REPEATED_RATE = 0.05  # of physics spills, which come once more as they are
_SPILL_RATE = 0.15  # of physics spills with one of their own
_EXTRA_RATE = 0.05  # of physics spills followed by one that carries no events
_REORDERED_RATE = 0.1  # of documents
_STRAY_KEY_RATE = 0.5  # of headers and footers
_WORKERS = 3  # each of them sends a run's footer
_TOF_CHILDREN = ("tof_slab_hits", "tof_space_points")
_STATIONS = ("tof0", "tof1", "tof2")


def untidied(documents: Iterable[Document], seed: int) -> Iterator[Json]:
    """Yield the documents with faults, and some more than once; the same for the same seed and documents."""
    dice, more, daq = (
        Dice(Chance(seed, stream)) for stream in (Stream.UNTIDY, Stream.UNTIDY_MORE, Stream.UNTIDY_DAQ)
    )
    for document in documents:
        plain = msgspec.to_builtins(document)
        scaled = "daq_data" in plain
        if scaled and daq.occurs(_DAQ_RATE):
            daq.pick(DAQ_FAULTS)(plain["daq_data"], daq)
        for event in plain.get("recon_events", ()):
            if more.occurs(_MORE_RATE):
                more.pick(MORE_FAULTS)(event, more)
        for copy in _copies(plain, dice):
            yield _reversed(copy) if dice.occurs(_REORDERED_RATE) else copy
        if scaled and daq.occurs(_REPEATED_RATE):
            yield plain


def _copies(document: Json, dice: Dice) -> Iterator[Json]:
    """Yield what becomes of one document, itself included."""
    kind = document["maus_event_type"]
    if kind == "Spill":
        yield from _spill_copies(document, dice)
        return
    if dice.occurs(_STRAY_KEY_RATE):
        document["configured_by"] = None
    yield from [document] * (_WORKERS if kind == "RunFooter" else 2)


def _spill_copies(spill: Json, dice: Dice) -> Iterator[Json]:
    physics = spill["daq_event_type"] == "physics_event"
    if physics:
        _spoil(spill, dice)
    yield spill
    if spill["daq_event_type"] == "start_of_run":
        yield spill
    if physics and spill["spill_number"] == 1:  # the header once more, from a worker that starts late
        yield {"maus_event_type": "RunHeader", "run_number": spill["run_number"]}
    if physics and dice.occurs(_EXTRA_RATE):
        kind = dice.pick(("calibration_event", "17unknown"))
        kept = ("maus_event_type", "run_number", "spill_number", "time_stamp")
        yield {"daq_event_type": kind} | {key: spill[key] for key in kept if key in spill}


def _spoil(spill: Json, dice: Dice) -> None:
    for event in spill["recon_events"]:
        if dice.occurs(_EVENT_RATE):
            dice.pick(EVENT_FAULTS)(event, dice)
    if dice.occurs(_SPILL_RATE):
        dice.pick(SPILL_FAULTS)(spill)


def _reversed(value: Any) -> Any:
    """Return JSON with every object's keys in the opposite order."""
    if isinstance(value, dict):
        return {key: _reversed(value[key]) for key in reversed(value)}
    return [_reversed(item) for item in value] if isinstance(value, list) else value


def _child(event: Json, dice: Dice) -> Json:
    """Return the slab hits or the space points of an event, by station."""
    child: Json = event["tof_event"][dice.pick(_TOF_CHILDREN)]
    return child


def null_station(event: Json, dice: Dice) -> None:
    """`"tof1": null`."""
    _child(event, dice)[dice.pick(_STATIONS)] = None


def empty_station(event: Json, dice: Dice) -> None:
    """`"tof1": []`, while the other child of the event still has the station filled."""
    _child(event, dice)[dice.pick(_STATIONS)] = []


def missing_station(event: Json, dice: Dice) -> None:
    """Leave out one station's key."""
    del _child(event, dice)[dice.pick(_STATIONS)]


def null_in_list(event: Json, dice: Dice) -> None:
    """`"tof1": [{...}, null]`, or null in front."""
    listed = _child(event, dice)[dice.pick(_STATIONS)]
    listed.insert(dice.pick((0, len(listed))), None)


def missing_child(event: Json, dice: Dice) -> None:
    """Leave out the slab hits or the space points."""
    del event["tof_event"][dice.pick(_TOF_CHILDREN)]


def digits_child(event: Json, dice: Dice) -> None:
    """Add the third child, which plots do not read, one station null."""
    event["tof_event"]["tof_digits"] = {station: [] for station in _STATIONS} | {dice.pick(_STATIONS): None}


def missing_tof_event(event: Json, _dice: Dice) -> None:
    """Leave out the time of flight."""
    del event["tof_event"]


def empty_tof_event(event: Json, _dice: Dice) -> None:
    """`"tof_event": {}`."""
    event["tof_event"] = {}


def bare_slab_hits(event: Json, dice: Dice) -> None:
    """Leave out all that is optional in one station's slab hits."""
    for hit in event["tof_event"]["tof_slab_hits"][dice.pick(_STATIONS)]:
        for key in ("time", "pmt0", "pmt1"):
            hit.pop(key, None)


def empty_ckov_digits(event: Json, _dice: Dice) -> None:
    """`"ckov_digits": []`."""
    event["ckov_event"]["ckov_digits"] = []


def missing_ckov_digits(event: Json, _dice: Dice) -> None:
    """`"ckov_event": {}`."""
    event["ckov_event"] = {}


def missing_ckov_event(event: Json, _dice: Dice) -> None:
    """Leave out the Cherenkov detectors."""
    del event["ckov_event"]


def unknown_keys(event: Json, _dice: Dice) -> None:
    """Add keys that no one expects, deep and shallow."""
    event["veto_event"] = {"veto_hits": [[1, 2.5, None], {"µ": "ä"}]}
    event["tof_event"]["tof3"] = None
    for hit in event["tof_event"]["tof_slab_hits"]["tof1"]:
        hit |= {"global_x": 0.0, "horizontal_slab": hit["plane"] == 0}


def missing_recon_events(spill: Json) -> None:
    """Leave the events out."""
    del spill["recon_events"]


def empty_recon_events(spill: Json) -> None:
    """`"recon_events": []`."""
    spill["recon_events"] = []


def bare_spill(spill: Json) -> None:
    """Leave out all that is optional and not needed for plots."""
    for key in ("event_id", "time_stamp", "errors", "mc_events"):
        del spill[key]


def with_errors(spill: Json) -> None:
    """Fill `errors` as a failed step of the reconstruction does."""
    spill["errors"] = {"MapPyReconstruction": "<type 'exceptions.ValueError'>: no \"calibration\"\n"}


def other_children(spill: Json) -> None:
    """Add the optional children, with nothing in them, and unknown ones."""
    spill |= {"daq_data": {}, "scalars": {}, "emr_spill_data": {}, "written_by": ["worker", 2]}


EVENT_FAULTS: tuple[Callable[[Json, Dice], None], ...] = (
    null_station,
    empty_station,
    missing_station,
    null_in_list,
    missing_child,
    digits_child,
    missing_tof_event,
    empty_tof_event,
    bare_slab_hits,
    empty_ckov_digits,
    missing_ckov_digits,
    missing_ckov_event,
    unknown_keys,
)
SPILL_FAULTS: tuple[Callable[[Json], None], ...] = (
    missing_recon_events,
    empty_recon_events,
    bare_spill,
    with_errors,
    other_children,
)
