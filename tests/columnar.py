"""Columnar files of one's own making: the same columns written in each format."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import awkward as ak  # type: ignore[import-untyped]  # it has no types
import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # as above
import pyarrow.ipc as pa_ipc  # type: ignore[import-untyped]  # as above
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # as above
import uproot  # type: ignore[import-untyped]  # as above

Columns = dict[str, Any]
Writer = Callable[[Path, Columns, int], str]
"""Writes columns to a file, so many rows in a basket, cluster, row group or record batch; gives its path."""

NAMES = ("run", "event", "met", "good", "word", "pt", "hits")


def columns(rows: int) -> Columns:
    """Return what an experiment may have: numbers, booleans, words, and two jagged ones."""
    many = np.arange(rows) % 4
    return {
        "run": np.full(rows, 4235, np.int32),
        "event": 2**60 + np.arange(rows),
        "met": (np.arange(rows) * 0.5).astype(np.float32),
        "good": np.arange(rows) % 3 == 0,
        "word": ak.Array([f"w{n % 5}é" for n in range(rows)] or ak.Array([""])[:0]),
        "pt": ak.unflatten(np.arange(many.sum(), dtype=np.float64), many),
        "hits": ak.unflatten(np.arange(many[::-1].sum(), dtype=np.int64), many[::-1]),
    }


def _steps(rows: int, step: int) -> list[slice]:
    return [slice(first, first + step) for first in range(0, rows, step)]


def tree(path: Path, data: Columns, step: int, compression: object = None) -> str:
    with uproot.recreate(path, compression=compression) as file:
        file.mktree("Events", {name: _branch(array) for name, array in data.items()})
        for part in _steps(len(data["run"]), step):
            file["Events"].extend({name: array[part] for name, array in data.items()})
    return str(path)


def _branch(array: Any) -> Any:
    if isinstance(array, np.ndarray):
        return array.dtype
    kind = array.type.content
    return str if str(kind) == "string" else str(kind)


def ntuple(path: Path, data: Columns, step: int, compression: object = None) -> str:
    with uproot.recreate(path, compression=compression) as file:
        file.mkrntuple("Events", {name: array[:0] for name, array in data.items()})
        for part in _steps(len(data["run"]), step):
            file["Events"].extend({name: array[part] for name, array in data.items()})
    return str(path)


def table(data: Columns) -> Any:
    return pa.table({name: _arrow(array) for name, array in data.items()})


def _arrow(array: Any) -> Any:
    return ak.to_arrow(array, extensionarray=False) if isinstance(array, ak.Array) else pa.array(array)


def parquet(path: Path, data: Columns, step: int) -> str:
    pq.write_table(table(data), path, row_group_size=step)
    return str(path)


def arrow(path: Path, data: Columns, step: int, compression: str | None = None) -> str:
    whole = table(data)
    options = pa_ipc.IpcWriteOptions(compression=compression)
    with pa_ipc.new_file(path, whole.schema, options=options) as file:
        file.write_table(whole, max_chunksize=step)
    return str(path)


def compressed_arrow(path: Path, data: Columns, step: int) -> str:
    return arrow(path, data, step, "zstd")


WRITERS: tuple[Writer, ...] = (tree, ntuple, parquet, arrow, compressed_arrow)


def as_lists(data: Columns) -> dict[str, list[Any]]:
    """Return what can be compared with ==."""
    return {name: array.tolist() for name, array in data.items()}
