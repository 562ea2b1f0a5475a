"""What files get wrong in the KL, the EMR and the trackers: null, missing or empty parts, and wrong numbers.

Each fault is one small function that takes an event as a dict, whole or with the fault of another detector.
"""

from collections.abc import Callable, Iterator
from typing import Any

from runfolio.mice.simulation.dice import Dice

Json = dict[str, Any]

_DETECTORS = ("kl_event", "emr_event", "sci_fi_event")
_WRONG_NUMBERS = (-1, 7.5, 99, 10**30, -2.0)
"""For any integer: out of its range, not whole, or larger than 64 bits."""


def missing_detector(event: Json, dice: Dice) -> None:
    """Leave out a detector."""
    del event[dice.pick(_DETECTORS)]


def null_detector(event: Json, dice: Dice) -> None:
    """`"kl_event": null`."""
    event[dice.pick(_DETECTORS)] = None


def empty_detector(event: Json, dice: Dice) -> None:
    """`"emr_event": {}`."""
    event[dice.pick(_DETECTORS)] = {}


def null_child(event: Json, dice: Dice) -> None:
    """`"kl_digits": null`, `"event_tracks": null`, or `"spacepoints": null`."""
    detector = event[dice.pick(_DETECTORS)]
    detector[dice.pick(tuple(detector))] = None


def missing_child(event: Json, dice: Dice) -> None:
    """Leave out one of a detector's lists."""
    detector = event[dice.pick(_DETECTORS)]
    del detector[dice.pick(tuple(detector))]


def empty_list(event: Json, dice: Dice) -> None:
    """`"digits": []`, at any depth."""
    for listed in _some(list(_lists(_detectors(event))), dice):
        listed.clear()


def null_in_list(event: Json, dice: Dice) -> None:
    """`"digits": [null, {...}]`, at any depth."""
    for listed in _some(list(_lists(_detectors(event))), dice):
        listed.insert(0, None)


def missing_value(event: Json, dice: Dice) -> None:
    """Leave out a key of a hit, a digit, a track or a space point."""
    for found in _some(list(_leaves(_detectors(event))), dice):
        del found[dice.pick(tuple(found))]


def null_value(event: Json, dice: Dice) -> None:
    """`"channel": null`, or any other key."""
    for found in _some(list(_leaves(_detectors(event))), dice):
        found[dice.pick(tuple(found))] = None


def wrong_number(event: Json, dice: Dice) -> None:
    """`"station": 99`, `"channel": 7.5`: in place of any integer."""
    for found in _some(list(_leaves(_detectors(event))), dice):
        keys = [key for key, value in found.items() if isinstance(value, int) and not isinstance(value, bool)]
        if keys:
            found[dice.pick(keys)] = dice.pick(_WRONG_NUMBERS)


def no_value(event: Json, dice: Dice) -> None:
    """-1 for each number of an EMR track that could not be worked out."""
    for track in _some(event["emr_event"]["event_tracks"], dice):
        track |= {key: -1.0 for key, value in track.items() if isinstance(value, float)}


def unknown_kind(event: Json, dice: Dice) -> None:
    """A track and a space point of a type that no one expects."""
    listed = event["emr_event"]["event_tracks"] + event["sci_fi_event"]["spacepoints"]
    for found in _some(listed, dice):
        found["type"] = "candidate"


def _detectors(event: Json) -> list[Any]:
    return [event[name] for name in _DETECTORS]


def _some(choices: list[Any], dice: Dice) -> list[Any]:
    """Return one of them, if there is any."""
    return [dice.pick(choices)] if choices else []


def _lists(value: Any) -> Iterator[list[Any]]:
    """Yield the lists within JSON that are values of a key."""
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        if isinstance(value, dict) and isinstance(child, list):
            yield child
        yield from _lists(child)


def _leaves(value: Any) -> Iterator[Json]:
    """Yield the objects within JSON that have a number among their values."""
    if isinstance(value, dict):
        if any(isinstance(each, (int, float)) for each in value.values()):
            yield value
        value = list(value.values())
    for child in value if isinstance(value, list) else ():
        yield from _leaves(child)


MORE_FAULTS: tuple[Callable[[Json, Dice], None], ...] = (
    missing_detector,
    null_detector,
    empty_detector,
    null_child,
    missing_child,
    empty_list,
    null_in_list,
    missing_value,
    null_value,
    wrong_number,
    no_value,
    unknown_kind,
)
