"""Column files: what all formats have in common, on real files of each."""

import gc
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from itertools import product
from pathlib import Path
from typing import Any

import awkward as ak  # type: ignore[import-untyped]  # it has no types
import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # as above
import pyarrow.ipc as pa_ipc  # type: ignore[import-untyped]  # as above
import pytest

from columnar import NAMES, WRITERS, Writer, arrow, as_lists, columns, ntuple, parquet, tree
from runfolio.errors import InputError, UnknownColumn
from runfolio.stream.column_files import (
    BATCH_BYTES,
    MOST_ROWS,
    ColumnFile,
    column_format,
    open_column_file,
    unknown_column,
)
from runfolio.stream.quick_arrays import QuickArray

ROWS = 103
AT_ONCE = 10
"""Rows of a basket, cluster, row group or record batch."""

formats = pytest.mark.parametrize("write", WRITERS)


Opened = Callable[..., ColumnFile]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    """Writes columns in a format and opens them, and closes them in the end."""
    with ExitStack() as files:

        def opened(write: Writer, data: dict[str, Any] | None = None, at_once: int = AT_ONCE) -> ColumnFile:
            path = write(tmp_path / "data.bin", columns(ROWS) if data is None else data, at_once)
            return files.enter_context(closing(open_column_file(path, None)))

        yield opened


def joined(file: ColumnFile, start: int, step: int) -> dict[str, list[Any]]:
    """Return all batches one after the other, each of which stands where it says."""
    whole: dict[str, list[Any]] = {name: [] for name in NAMES}
    for first, batch in file.batches(NAMES, start, step):
        assert first == start + len(whole["run"])
        assert {len(array) for array in batch.values()} == {min(step, file.rows - first)}
        for name, array in as_lists(batch).items():
            whole[name] += array
    return whole


def refused(path: Path | str, tree: str | None = None) -> str:
    """Return the one line that says why a file cannot be opened, or not be read."""
    with pytest.raises(InputError) as caught:
        read_all(path, tree)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def read_all(path: Path | str, tree: str | None = None) -> int:
    file = open_column_file(str(path), tree)
    try:
        return sum(len(batch[file.columns[0]]) for _, batch in file.batches(file.columns, 0, 7))
    finally:
        file.close()


@formats
def test_every_format_gives_the_same_arrays(opened: Opened, write: Writer) -> None:
    file = opened(write)
    read = file.read(NAMES, 0, ROWS)
    assert (file.rows, as_lists(read)) == (ROWS, as_lists(columns(ROWS)))
    kinds = {name: read[name].dtype for name in NAMES[:5]}
    assert kinds == {"run": np.int32, "event": np.int64, "met": np.float32, "good": np.bool_, "word": object}
    assert isinstance(read["pt"], ak.Array)


@formats
def test_batches_from_any_row_join_to_the_rest(opened: Opened, write: Writer) -> None:
    file, whole = opened(write), as_lists(columns(ROWS))
    for start, step in product([0, 1, 9, 10, 57, 102, 103], [1, 7, 10, 64, 1000]):
        assert joined(file, start, step) == {name: array[start:] for name, array in whole.items()}


@formats
def test_rows_are_read_as_a_slice_takes_them(opened: Opened, write: Writer) -> None:
    file, whole = opened(write), as_lists(columns(ROWS))
    for start, stop in [(0, 0), (0, 1), (5, 33), (99, 103), (103, 103), (90, 999), (200, 300), (7, 3)]:
        assert as_lists(file.read(NAMES, start, stop)) == {n: array[start:stop] for n, array in whole.items()}


@formats
def test_no_rows_have_the_types_of_all(opened: Opened, write: Writer) -> None:
    file = opened(write)
    none, some = file.read(NAMES, 4, 4), file.read(NAMES, 0, ROWS)
    assert [none[name].dtype for name in NAMES[:5]] == [some[name].dtype for name in NAMES[:5]]
    assert [str(none[name].type) for name in ("pt", "hits")] == ["0 * var * float64", "0 * var * int64"]


@formats
def test_a_file_without_rows_is_read_like_any_other(opened: Opened, write: Writer) -> None:
    file = opened(write, columns(0))
    assert (file.rows, list(file.batches(NAMES, 0, file.step(NAMES)))) == (0, [])
    assert as_lists(file.read(NAMES, 0, 5)) == {name: [] for name in NAMES}


@formats
def test_numbers_and_lists_of_them_are_had_without_awkwards_own_ways(opened: Opened, write: Writer) -> None:
    file = opened(write)
    for rows in (file.read(NAMES, 0, 4), file.read(NAMES, 4, 4), next(file.batches(NAMES, 0, 4))[1]):
        kinds = [np.ndarray] * 5 + [QuickArray] * 2
        assert [type(rows[name]) for name in NAMES] == kinds


@formats
def test_readable_columns_are_checked_without_being_read(opened: Opened, write: Writer) -> None:
    file = opened(write)
    file.check(NAMES)
    with pytest.raises(UnknownColumn, match="did you mean met"):
        file.check(["run", "mett"])


@formats
def test_only_the_columns_asked_for_are_given_in_their_order(opened: Opened, write: Writer) -> None:
    file = opened(write)
    assert list(file.read(["pt", "run", "pt"], 0, 2)) == ["pt", "run"]
    assert [list(batch) for _, batch in file.batches(["met"], 100, 2)] == [["met"], ["met"]]
    assert file.read([], 0, 2) == {}
    assert list(file.batches([], 100, 2)) == [(100, {}), (102, {})]


@formats
def test_an_unknown_column_is_told_with_its_neighbours_before_anything_is_read(
    opened: Opened, write: Writer
) -> None:
    file = opened(write)
    for ask in (
        lambda: file.read(["run", "mett"], 0, 1),
        lambda: file.batches(["mett"], 0, 1),
        lambda: file.step(["mett"]),
    ):
        with pytest.raises(UnknownColumn, match=r"data\.bin has no 'mett'; did you mean met") as caught:
            ask()
        assert caught.value.name == "mett"


def test_the_nearest_columns_are_those_that_differ_in_case_first() -> None:
    names = ["muon_pt", "Muon_pt", "Muon_eta", "Muon_phi", "Muon_pt2"]
    assert str(unknown_column("the tree T of a.root", "MUON_PT", names)) == (
        "the tree T of a.root has no 'MUON_PT'; did you mean muon_pt or Muon_pt or Muon_pt2?"
    )


def test_without_any_near_the_first_columns_are_listed() -> None:
    many = [f"column{n}" for n in range(14)]
    assert str(unknown_column("it", "xyz", many)).endswith("column8, column9 and 4 more")
    assert str(unknown_column("it", "xyz", [])) == "it has no 'xyz'; it has none"
    assert "\n" not in str(unknown_column("it", "a\nb", ["q\nr"]))


@formats
def test_what_was_read_outlives_the_file(opened: Opened, write: Writer) -> None:
    file = opened(write)
    read = file.read(NAMES, 0, ROWS)
    file.close()
    Path(file.name).unlink()
    assert as_lists(read) == as_lists(columns(ROWS))


@pytest.mark.parametrize("write", [tree, ntuple, parquet, arrow])
def test_a_step_takes_about_the_memory_it_may(opened: Opened, write: Writer) -> None:
    rows = 40_000
    wide = ak.unflatten(np.arange(100.0 * rows), np.full(rows, 100))
    file = opened(write, {"run": np.zeros(rows, np.int32), "wide": wide}, 10_000)
    step = file.step(["wide"])
    assert 0.8 * BATCH_BYTES < step * 808 < 1.1 * BATCH_BYTES
    assert [first for first, _ in file.batches(["wide"], 0, step)] == list(range(0, rows, step))
    assert file.step(["run", "wide"]) < step < file.step(["run"]) == MOST_ROWS


@formats
def test_a_step_has_at_least_one_row_and_never_too_many(opened: Opened, write: Writer) -> None:
    long = {"run": np.arange(3), "long": ak.Array([np.zeros(BATCH_BYTES // 8)] * 3)}
    file = opened(write, long, 2)
    assert file.step(["long"]) == 1
    assert [first for first, _ in file.batches(["long"], 0, 1)] == [0, 1, 2]
    assert file.step([]) == MOST_ROWS


@formats
def test_cut_off_anywhere_it_is_refused_in_one_line(tmp_path: Path, write: Writer) -> None:
    whole = Path(write(tmp_path / "whole.bin", columns(40), AT_ONCE)).read_bytes()
    for size in (*range(12), *range(12, len(whole), len(whole) // 29), len(whole) - 1):
        path = tmp_path / f"cut{size}"
        path.write_bytes(whole[:size])
        refused(path)


@pytest.fixture
def uncollected() -> Iterator[None]:
    """Leave garbage for later: some damage has uproot recurse to the limit, where no finalizer can run."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@formats
@pytest.mark.usefixtures("uncollected")
def test_damaged_anywhere_it_is_read_or_refused_in_one_line(tmp_path: Path, write: Writer) -> None:
    whole = Path(write(tmp_path / "whole.bin", columns(40), AT_ONCE)).read_bytes()
    chance = random.Random(1)  # noqa: S311 - damage needs no secret
    path = tmp_path / "damaged"
    for _ in range(60):
        damaged = bytearray(whole)
        for _ in range(chance.choice([1, 3, 20])):
            damaged[chance.randrange(4, len(whole))] = chance.randrange(256)
        path.write_bytes(damaged)
        try:
            read_all(path)
        except InputError as error:
            assert str(path) in str(error)  # noqa: PT017 - it may be read as well
            assert "\n" not in str(error)  # noqa: PT017


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"root", "ROOT"),
        (b"PAR1", "Parquet"),
        (b"ARROW1\0\0", "Arrow"),
        (b"FEA1", "Feather V1"),
        (b"\xff\xff\xff\xff\x10\0\0\0", "Arrow stream"),
        (b'{"run": 1}', None),
        (b"ARROW", None),
        (b"", None),
    ],
)
def test_the_format_is_told_by_the_first_bytes(tmp_path: Path, head: bytes, kind: str | None) -> None:
    path = tmp_path / "data.root"
    path.write_bytes(head)
    assert column_format(str(path)) == kind
    refused(path)


@formats
def test_real_files_are_told_whatever_their_name(tmp_path: Path, write: Writer) -> None:
    kind = column_format(write(tmp_path / "data.json", columns(3), AT_ONCE))
    named = {"tree": "ROOT", "ntuple": "ROOT", "parquet": "Parquet"}
    assert kind == named.get(write.__name__, "Arrow")


def test_what_is_no_readable_file_has_no_format(tmp_path: Path) -> None:
    assert [column_format(name) for name in (str(tmp_path), str(tmp_path / "none"), "a\0b", "-", "")] == [
        None
    ] * 5
    assert refused(tmp_path / "none").endswith("none: No such file or directory")
    assert refused(tmp_path).endswith(": Is a directory")


def test_what_is_empty_or_no_column_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "text").write_text("hits")
    assert refused(tmp_path / "empty").endswith("empty: is empty")
    assert refused(tmp_path / "text").endswith("text: is no ROOT, Parquet or Arrow file")


def test_an_arrow_stream_is_refused_with_what_to_do(tmp_path: Path) -> None:
    table = pa.table({"x": [1.0]})
    with pa_ipc.new_stream(tmp_path / "s.arrow", table.schema) as stream:
        stream.write_table(table)
    assert "write it as a file" in refused(tmp_path / "s.arrow")


@pytest.mark.parametrize(("write", "kind"), [(parquet, "Parquet"), (arrow, "Arrow")])
def test_without_pyarrow_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Writer, kind: str
) -> None:
    path = write(tmp_path / "hits", columns(1), 1)
    for module in [name for name in sys.modules if name.startswith("runfolio.stream.arrow_")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.delattr("runfolio.stream.arrow_files", raising=False)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert refused(path) == f"{path}: reading {kind} needs pyarrow: pip install 'runfolio[arrow]'"


def test_only_what_is_read_is_imported(tmp_path: Path) -> None:
    """What reads ROOT takes half a second, and pyarrow may not be there."""
    script = (
        "import sys; from runfolio.stream.column_files import column_format;"
        f"column_format({tree(tmp_path / 'a.root', columns(1), 1)!r});"
        "print([name for name in ('uproot', 'awkward', 'pyarrow') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
