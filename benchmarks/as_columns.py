"""The same spills as columns: MICE's stream written as an Arrow file and as a ROOT tree, one row an event.

The layout is what an experiment would write: lists and their counters as in CMS's NanoAOD, numbers as wide as
they need be; LZ4 in the Arrow file, as pyarrow writes Feather, and ZSTD in the ROOT file, as ROOT advises.
Streams are tidy, as `runfolio simulate` writes them: that an event lacks a detector is an error here.

python -m benchmarks.as_columns spills.json spills.arrow spills.root
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import awkward as ak  # type: ignore[import-untyped]  # it has no types
import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa  # type: ignore[import-untyped]  # as above
import pyarrow.ipc as pa_ipc  # type: ignore[import-untyped]  # as above
import uproot  # type: ignore[import-untyped]  # as above

from runfolio.mice.reducers import BEAM_LINE
from runfolio.processing import process

COLUMNS_PLOTS = Path(__file__).with_name("columns_plots.py")
TREE = "events"
EVENTS = 10_000
"""In a record batch, and in the baskets of a cluster."""
STATIONS = ("tof0", "tof1", "tof2")
PHOTOMULTIPLIERS = {"A": range(4), "B": range(4, 8)}
"""Of each Cherenkov detector."""

Json = dict[str, Any]
Array = npt.NDArray[Any]


class Lists(NamedTuple):
    """Columns with a list an event, all equally long."""

    counts: Array
    columns: dict[str, Array]

    @property
    def offsets(self) -> Array:
        return np.concatenate([[0], np.cumsum(self.counts)]).astype(np.int32)


Columns = dict[str, Array | Lists]


def convert(stream: Path, arrow: Path, root: Path) -> int:
    """Write the reconstructed events of a stream as both files; return how many there are.

    Raises:
        KeyError: an event lacks what a tidy one has.
        ValueError: there is no event.

    """
    events = _events(stream)
    parts = iter(lambda: list(islice(events, EVENTS)), [])
    written = 0
    with ExitStack() as files:
        tree = files.enter_context(uproot.recreate(root, compression=uproot.ZSTD(5)))
        table = None
        for part in parts:
            columns = _columns(part)
            batch, branches = _record_batch(columns), _branches(columns)
            if table is None:
                tree.mktree(TREE, branches, counter_name=_counter)
                options = pa_ipc.IpcWriteOptions(compression="lz4")
                table = files.enter_context(pa_ipc.new_file(arrow, batch.schema, options=options))
            else:
                tree[TREE].extend(branches)
            table.write_batch(batch)
            written += len(part)
    if not written:
        raise ValueError(f"{stream}: no reconstructed event")
    return written


def differing(stream: Path, columns: Path) -> list[str]:
    """Return which histograms of a run do not hold the same of a stream and of its events as columns."""
    expected, found = _contents(stream, BEAM_LINE), _contents(columns, COLUMNS_PLOTS)
    return [
        f"{run}: {name}"
        for run, name in sorted(expected.keys() | found.keys())
        if not np.array_equal(expected.get((run, name), ()), found.get((run, name), ()))
    ]


def _contents(path: Path, plots: Any) -> dict[tuple[int, str], Array]:
    """Return what all bins of each run's histograms hold, with those below and above."""
    runs = process(path, plots=plots, image_types=())
    return {
        (number, name): histogram.values(flow=True)
        for number, run in runs.items()
        for name, histogram in run.histograms.items()
    }


def _events(stream: Path) -> Iterator[Json]:
    """Give the events of a stream's spills, each with what it has of its spill."""
    with stream.open("rb") as lines:
        for line in lines:
            document = msgspec.json.decode(line)
            for event in document.get("recon_events", ()):
                yield event | {
                    "run": document["run_number"],
                    "spill": document["spill_number"],
                    "time": document["time_stamp"],
                }


def _columns(events: Sequence[Json]) -> Columns:
    columns: Columns = {
        "run": _whole(event["run"] for event in events),
        "spill": _whole(event["spill"] for event in events),
        "event": _whole(event["part_event_number"] for event in events),
        "time": np.array([event["time"] for event in events], np.float64),
    }
    for station in STATIONS:
        columns[f"{station}_hit"] = _hits([event["tof_event"]["tof_slab_hits"][station] for event in events])
        points = [event["tof_event"]["tof_space_points"][station] for event in events]
        columns[f"{station}_point"] = _points(points)
    return columns | _ckov([event["ckov_event"]["ckov_digits"][0] for event in events])


def _hits(by_event: Sequence[list[Json]]) -> Lists:
    hits = [hit for event in by_event for hit in event]
    seen = {f"pmt{pmt}": np.array([f"pmt{pmt}" in hit for hit in hits], np.bool_) for pmt in range(2)}
    numbers = {name: _whole(hit[name] for hit in hits) for name in ("slab", "plane", "charge")}
    return Lists(_whole(map(len, by_event)), numbers | seen)


def _points(by_event: Sequence[list[Json]]) -> Lists:
    points = [point for event in by_event for point in event]
    columns = {
        "x": _whole(point["slabX"] for point in points),
        "y": _whole(point["slabY"] for point in points),
        "time": np.array([point["time"] for point in points], np.float64),
    }
    return Lists(_whole(map(len, by_event)), columns)


def _ckov(digits: Sequence[Json]) -> Columns:
    columns: Columns = {}
    for detector, photomultipliers in PHOTOMULTIPLIERS.items():
        counters = [digit[detector] for digit in digits]
        light = [counter["number_of_pes"] for counter in counters]
        columns[f"ckov_pes_{detector.lower()}"] = np.array(light, np.float64)
        for pmt in photomultipliers:
            for name in ("pulse", "arrival_time"):
                columns[f"ckov_{name}_{pmt}"] = _whole(counter[f"{name}_{pmt}"] for counter in counters)
    return columns


def _whole(numbers: Iterable[int]) -> Array:
    return np.fromiter(numbers, np.int32)


def _counter(name: str) -> str:
    """Return what the column is called that says how long lists are."""
    return f"n_{name}s"


def _branches(columns: Columns) -> dict[str, Any]:
    """Return columns as uproot takes them: it writes the counters itself."""
    return {
        name: ak.unflatten(ak.zip(column.columns), column.counts) if isinstance(column, Lists) else column
        for name, column in columns.items()
    }


def _record_batch(columns: Columns) -> Any:
    arrays: dict[str, Any] = {}
    for name, column in columns.items():
        if isinstance(column, Lists):
            arrays[_counter(name)] = column.counts
            offsets = column.offsets
            for field, values in column.columns.items():
                arrays[f"{name}_{field}"] = pa.ListArray.from_arrays(offsets, pa.array(values))
        else:
            arrays[name] = column
    return pa.RecordBatch.from_pydict(arrays)


if __name__ == "__main__":
    stream, arrow, root = map(Path, sys.argv[1:])
    print(f"{convert(stream, arrow, root):,} events")  # noqa: T201 - what was asked for
