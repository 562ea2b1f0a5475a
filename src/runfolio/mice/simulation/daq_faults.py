"""What files get wrong in the scalers: null, missing or empty parts, and counters that ran over.

Each fault is one small function that takes a spill's `daq_data`.
"""

from collections.abc import Callable
from typing import Any

from runfolio.mice.simulation.dice import Dice

Json = dict[str, Any]

_RAN_OVER = (2**32 - 1, 2**32 - 17, 2**31, -1, -(2**31))
"""The last values of 32 bits, and how they look where they are taken as signed."""


def null_scaler(daq: Json, _dice: Dice) -> None:
    """`"V830": null`."""
    daq["V830"] = None


def missing_scaler(daq: Json, _dice: Dice) -> None:
    """Leave the scaler out."""
    del daq["V830"]


def null_channels(daq: Json, _dice: Dice) -> None:
    """`"channels": null`."""
    daq["V830"]["channels"] = None


def empty_channels(daq: Json, _dice: Dice) -> None:
    """`"channels": {}`."""
    daq["V830"]["channels"] = {}


def bare_scaler(daq: Json, _dice: Dice) -> None:
    """Leave out all but the channels."""
    daq["V830"] = {"channels": daq["V830"]["channels"]}


def missing_channels(daq: Json, dice: Dice) -> None:
    """Leave out every third channel or so."""
    channels = daq["V830"]["channels"]
    for channel in [each for each in channels if not dice.pick(range(3))]:
        del channels[channel]


def null_channel(daq: Json, dice: Dice) -> None:
    """`"ch3": null`."""
    channels = daq["V830"]["channels"]
    channels[dice.pick(tuple(channels))] = None


def overflown(daq: Json, dice: Dice) -> None:
    """`"ch0": 4294967295`, in every third channel or so."""
    channels = daq["V830"]["channels"]
    for channel in [each for each in channels if not dice.pick(range(3))]:
        channels[channel] = dice.pick(_RAN_OVER)


DAQ_FAULTS: tuple[Callable[[Json, Dice], None], ...] = (
    null_scaler,
    missing_scaler,
    null_channels,
    empty_channels,
    bare_scaler,
    missing_channels,
    null_channel,
    overflown,
)
