"""ROOT files: trees and RNTuples as uproot writes them, and a real one of an experiment."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import awkward as ak  # type: ignore[import-untyped]  # it has no types
import numpy as np
import pytest
import uproot  # type: ignore[import-untyped]  # as above

from columnar import NAMES, as_lists, columns, ntuple, tree
from runfolio.errors import InputError, UnknownColumn
from runfolio.stream.column_files import ColumnFile
from runfolio.stream.root_files import open_root

Opened = Callable[..., ColumnFile]


@pytest.fixture
def opened() -> Iterator[Opened]:
    """Opens files, and closes them in the end."""
    with ExitStack() as files:
        yield lambda path, name=None: files.enter_context(closing(open_root(str(path), name)))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data.root"


def with_trees(path: Path, *names: str) -> Path:
    """Write trees of one column that holds the place of each in the file."""
    with uproot.recreate(path) as file:
        for place, name in enumerate(names):
            file.mktree(name, {"x": np.int32})
            file[name].extend({"x": np.array([place], np.int32)})
    return path


def written(path: Path, name: str, **data: Any) -> Path:
    """Write a tree of the columns given."""
    with uproot.recreate(path, compression=None) as file:
        file.mktree(name, data)
    return path


COMPRESSIONS = (uproot.ZLIB(4), uproot.LZMA(1), uproot.LZ4(4), uproot.ZSTD(1), None)


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("write", [tree, ntuple])
def test_every_compression_is_read(
    opened: Opened, path: Path, write: Callable[..., str], compression: object
) -> None:
    data = columns(500)
    file = opened(write(path, data, 200, compression))
    assert as_lists(file.read(NAMES, 0, 500)) == as_lists(data)


def test_the_only_tree_is_taken_and_named_in_words(opened: Opened, path: Path) -> None:
    file = opened(with_trees(path, "Events"))
    assert (file.kind, file.name) == (f"the tree Events of {path}", str(path))
    assert opened(ntuple(path, columns(2), 2)).kind == f"the ntuple Events of {path}"


def test_of_several_trees_one_must_be_named(opened: Opened, path: Path) -> None:
    with pytest.raises(InputError, match=r"data\.root: has 2 trees: Events, Runs; name the one to read"):
        opened(with_trees(path, "Events", "Runs"))
    assert opened(path, "Runs").read(["x"], 0, 1)["x"].tolist() == [1]


def test_of_many_trees_ten_are_listed(opened: Opened, path: Path) -> None:
    with pytest.raises(InputError, match=r"has 12 trees: t0, .*, t9 and 2 more; name"):
        opened(with_trees(path, *(f"t{n}" for n in range(12))))


def test_a_tree_in_a_directory_has_its_path_for_a_name(opened: Opened, path: Path) -> None:
    with_trees(path, "Events", "good/Events", "good/deep/Events")
    for place, name in enumerate(["Events", "good/Events", "/good/deep/Events"]):
        assert opened(path, name).read(["x"], 0, 1)["x"].tolist() == [place]


def test_of_several_cycles_the_newest_is_read_unless_one_is_named(opened: Opened, path: Path) -> None:
    with_trees(path, "Events", "Events")
    assert [
        opened(path, name).read(["x"], 0, 1)["x"].tolist()
        for name in (None, "Events", "Events;2", "Events;1")
    ] == [[1], [1], [1], [0]]


def test_a_wrong_name_is_told_with_the_nearest_ones(opened: Opened, path: Path) -> None:
    with_trees(path, "Events", "Runs", "good/Events")
    with pytest.raises(InputError, match=r"data\.root: has no tree 'event'; did you mean Events"):
        opened(path, "event")
    with pytest.raises(InputError, match="has no tree 'xyz'; it has Events, Runs, good/Events"):
        opened(path, "xyz")
    with pytest.raises(InputError, match="has no tree 'Events;7'"):
        opened(path, "Events;7")


def test_a_file_without_trees_says_so(opened: Opened, path: Path) -> None:
    with uproot.recreate(path) as file:
        file["h"] = np.histogram([1.0, 2.0])
    with pytest.raises(InputError, match=r"data\.root: has no tree and no RNTuple"):
        opened(path)
    with pytest.raises(InputError, match=r"data\.root: has no tree 'Events'; it has none at all"):
        opened(path, "Events")
    with pytest.raises(InputError, match=r"data\.root: h is a TH1D, and no tree"):
        opened(path, "h")


def test_a_file_cut_off_behind_its_tree_is_refused(opened: Opened, path: Path) -> None:
    with_trees(path, "Events", "Runs")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(InputError, match=r"data\.root: cut off, it has \d+ of \d+ bytes"):
        opened(path, "Events")


def test_names_of_files_and_columns_are_no_expressions(opened: Opened, path: Path) -> None:
    names = ["a-b", "class", "x.y", "1st", "a b", "sqrt(x)", "x"]
    data = {name: np.array([place, place]) for place, name in enumerate(names)}
    file = opened(written(path, "Events", **data).rename(path.with_name("a:b*::c.root")))
    assert as_lists(file.read(names, 0, 2)) == as_lists(data)
    assert [as_lists(batch) for _, batch in file.batches(names, 0, 9)] == [as_lists(data)]


def test_lists_of_fixed_length_meet_a_flat_column_row_by_row(opened: Opened, path: Path) -> None:
    data = {"w": np.arange(3.0), "x": np.ones((3, 3)), "m": np.ones((3, 2, 2), np.float32)}
    read = opened(written(path, "Events", **data)).read(["w", "x", "m"], 0, 3)
    assert [str(read[name].type) for name in "xm"] == ["3 * var * float64", "3 * var * var * float32"]
    assert (read["w"] * read["x"]).tolist() == [[0, 0, 0], [1, 1, 1], [2, 2, 2]]


def test_bytes_that_are_no_utf8_are_replaced(opened: Opened, path: Path) -> None:
    written(path, "Events", word=ak.Array(["good", "odd!"]))
    path.write_bytes(path.read_bytes().replace(b"odd!", b"odd\xff"))
    assert opened(path).read(["word"], 0, 2)["word"].tolist() == ["good", "odd�"]


def test_a_column_of_an_unknown_type_is_listed_and_refused_when_asked_for(
    opened: Opened, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(path, "Events", x=np.arange(3), odd=np.arange(3))
    known = uproot.interpretation.identify.interpretation_of

    def unknown(branch: Any, context: Any) -> Any:
        if branch.name == "odd":
            raise uproot.interpretation.identify.UnknownInterpretation("odd streamer", "f", "o")
        return known(branch, context)

    monkeypatch.setattr(uproot.interpretation.identify, "interpretation_of", unknown)
    file = opened(path)
    assert list(file.columns) == ["x", "odd"]
    assert file.read(["x"], 0, 3)["x"].tolist() == [0, 1, 2]
    for ask in (
        lambda: file.read(["odd"], 0, 1),
        lambda: file.batches(["x", "odd"], 0, 1),
        lambda: file.step(["odd"]),
    ):
        with pytest.raises(InputError, match="'odd' is of a type that cannot be read: odd streamer"):
            ask()


def test_a_damaged_basket_ends_the_batches_at_its_row(opened: Opened, path: Path) -> None:
    tree(path, columns(40), 10, uproot.ZLIB(1))
    with uproot.open(path) as file:
        seek = file["Events"]["event"].basket_key(2).fSeekKey
    damaged = bytearray(path.read_bytes())
    damaged[seek + 90 : seek + 110] = bytes(20)
    path.write_bytes(damaged)
    batches = opened(path).batches(["run", "event"], 0, 10)
    assert [next(batches)[0], next(batches)[0]] == [0, 10]
    with pytest.raises(InputError, match=r"data\.root: cannot be read on at row 20: "):
        next(batches)


@pytest.mark.parametrize("write", [tree, ntuple])
def test_rows_that_are_not_there_end_the_batches(
    opened: Opened, path: Path, write: Callable[..., str]
) -> None:
    file = opened(write(path, columns(40), 10))
    file.rows = 50  # what a damaged header may say
    batches = file.batches(["run"], 0, 30)
    assert next(batches)[0] == 0
    with pytest.raises(InputError, match="cannot be read on at row 30: damaged: 'run' has 10 of 20 rows"):
        next(batches)


@pytest.mark.parametrize("write", [tree, ntuple])
def test_a_file_that_was_replaced_is_read_anew(opened: Opened, path: Path, write: Callable[..., str]) -> None:
    write(path, {"run": np.array([0x01234567], np.int32), "x": np.zeros(1)}, 1)
    assert opened(path).read(["run"], 0, 1)["run"] == 0x01234567
    changed = path.read_bytes()
    for old in (b"\x01\x23\x45\x67", b"\x67\x45\x23\x01"):  # trees have the one, ntuples the other order
        changed = changed.replace(old, b"\x02" * 4)
    path.unlink()
    path.write_bytes(changed)
    assert opened(path).read(["run"], 0, 1)["run"] == 0x02020202


def test_fields_of_an_ntuple_within_others_are_named_with_dots(opened: Opened, path: Path) -> None:
    muons = ak.Array([[{"pt": 1.5, "n": 1}], [], [{"pt": 2.5, "n": 2}, {"pt": 3.5, "n": 3}]])
    with uproot.recreate(path) as root:
        root.mkrntuple("Events", {"muon": muons, "vertex": ak.Array([{"x": 1.0}, {"x": 2.0}, {"x": 3.0}])})
    file = opened(path)
    assert sorted(file.columns) == ["muon", "muon.n", "muon.pt", "vertex", "vertex.x"]
    read = file.read(file.columns, 1, 3)
    assert read["muon.pt"].tolist() == [[], [2.5, 3.5]]
    assert read["muon"].n.tolist() == [[], [2, 3]]
    assert isinstance(read["vertex.x"], np.ndarray)
    with pytest.raises(UnknownColumn, match=r"did you mean muon\.pt"):
        file.read(["muon.ptt"], 0, 1)


def test_optional_numbers_of_an_ntuple_are_nan_where_they_are_missing(opened: Opened, path: Path) -> None:
    with uproot.recreate(path) as root:
        root.mkrntuple("Events", {"n": ak.Array([1, None, 3]), "word": ak.Array(["a", None, "b"])})
    file = opened(path)
    assert np.array_equal(file.read(["n"], 0, 3)["n"], [1.0, np.nan, 3.0], equal_nan=True)
    assert file.read(["n"], 2, 3)["n"].dtype == np.float64
    assert file.read(["word"], 0, 3)["word"].tolist() == ["a", None, "b"]


@pytest.mark.shared_data
def test_real_events_are_read(opened: Opened, shared_data: Path) -> None:
    path = shared_data / "cms-run315267-nano.root"
    with pytest.raises(InputError, match="has 2 trees: Events, Runs"):
        opened(path)
    file = opened(path, "Events")
    names = ["run", "event", "nMuon", "Muon_pt", "Muon_eta", "MET_pt"]
    assert (file.rows, len(file.columns), set(names) - set(file.columns)) == (40, 1601, set())
    whole = file.read(names, 0, 40)
    assert set(whole["run"].tolist()) == {315267}
    assert ak.num(whole["Muon_pt"]).to_list() == whole["nMuon"].tolist()
    parts = [batch for _, batch in file.batches(names, 0, 7)]
    joined = {name: ak.concatenate([part[name] for part in parts]).to_list() for name in names}
    assert joined == as_lists(whole)


@pytest.mark.shared_data
def test_every_column_of_real_events_can_be_read(opened: Opened, shared_data: Path) -> None:
    file = opened(shared_data / "cms-run315267-nano.root", "Events")
    assert {len(array) for array in file.read(file.columns, 3, 40).values()} == {37}
    with pytest.raises(UnknownColumn, match="has no 'Muon_ptt'; did you mean Muon_pt or Muon_ptErr or"):
        file.step(["Muon_ptt"])
