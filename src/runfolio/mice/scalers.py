"""The scalers: counters of the V830 module, read once a spill, as the table `ReducePyScalersTable`.

A counter that ran over its 32 bits is shown as the stream has it. Counts are read as real numbers, though
whole in the stream: where one is not, that costs nothing but the value.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from runfolio.mice.columns import floats
from runfolio.plots import Reducer, Spills
from runfolio.stream import Spill

ROWS = {
    "Triggers": "ch0",
    "Trigger requests": "ch1",
    "GVA": "ch2",
    "TOF0": "ch3",
    "TOF1": "ch4",
    "10 MHz clock": "ch12",
}
"""What each channel that is shown counts."""


class Channels(Struct, gc=False):
    """The channels that are shown, of 32."""

    ch0: float | None = None
    ch1: float | None = None
    ch2: float | None = None
    ch3: float | None = None
    ch4: float | None = None
    ch12: float | None = None


class Scaler(Struct, gc=False):
    channels: Channels | None = None


class DaqData(Struct, gc=False):
    V830: Scaler | None = None


class ScalersSpill(Spill, gc=False):
    """A spill with its own number, and what the data acquisition counted in it."""

    daq_data: DaqData | None = None


def scaler_columns(spills: Sequence[ScalersSpill]) -> dict[str, npt.NDArray[Any]]:
    """Return the columns of a batch by row, NaN where a value is missing, of spills that have a scaler."""
    found = [
        (spill.spill_number, spill.daq_data.V830.channels)
        for spill in spills
        if spill.daq_data and spill.daq_data.V830 and spill.daq_data.V830.channels
    ]
    columns = {name: floats([getattr(each, channel) for _, each in found]) for name, channel in ROWS.items()}
    return columns | {"spill": np.array([number for number, _ in found], np.int64)}


scalers = Reducer("ReducePyScalersTable", reads=Spills(ScalersSpill, scaler_columns))

scalers.table(
    "scalers",
    tuple(ROWS),
    by="spill",
    last=10,
    title="Scalers",
    values=lambda columns: columns,
    keywords=("scalers", "DAQ"),
)
