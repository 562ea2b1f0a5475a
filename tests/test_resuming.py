"""Where a job begins: every way in which its inputs may be found again, and what is said of it."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checkpointed import IDENTITY, checkpoints_in, job_state, with_open_runs
from runfolio.checkpoints import Checkpoints, absolute
from runfolio.errors import FolderError
from runfolio.resuming import Start, find_start
from runfolio.runs import EndedBy
from runfolio.stream import BEGINNING, Place, fingerprint

PLACE = Place(offset=12, line=4)
SINCE = "this job was killed: going on from its checkpoint of 2013-11-28T09:55:00Z"

Found = Callable[..., Start]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in "abc":
        (tmp_path / name).write_bytes(b"one\ntwo\n3 4\nfive\n")
    os.mkfifo("pipe")


@pytest.fixture
def checkpoints(tmp_path: Path) -> Checkpoints:
    return checkpoints_in(tmp_path / "end_of_run")


@pytest.fixture
def start(checkpoints: Checkpoints) -> Found:
    """Return where a job begins of which there is a checkpoint, in the middle of its first input."""

    def found(*paths: str, follow: bool = False, identity: str = IDENTITY, **state: Any) -> Start:
        inputs = [absolute(each) for each in state.pop("inputs", ("a",))]
        place = state.setdefault("place", PLACE)
        present = inputs[state.setdefault("source", 0)]
        if Path(present).is_file():
            state.setdefault("fingerprint", fingerprint(present, place.offset))
        written = job_state(inputs=tuple(inputs), written_at=1385632500.0, **state)
        assert checkpoints.write(lambda: written, last=False)
        return find_start(checkpoints, paths, identity, follow=follow)

    return found


def test_without_a_checkpoint_it_begins_at_the_beginning(
    checkpoints: Checkpoints, caplog: pytest.LogCaptureFixture
) -> None:
    assert find_start(checkpoints, ["a", "b"], IDENTITY, follow=False) == Start(paths=["a", "b"])
    assert caplog.messages == []


def test_a_file_is_read_on(start: Found, caplog: pytest.LogCaptureFixture) -> None:
    found = start("a", "b", inputs=("a", "b"))
    assert (found.paths, found.source, found.place) == (["a", "b"], 0, PLACE)
    assert (found.torn, found.over, found.closing, found.problem) == (False, None, None, "")
    assert found.state is not None
    assert caplog.messages == [f"{SINCE}, after line 3 of a"]


def test_rows_are_called_rows(start: Found, caplog: pytest.LogCaptureFixture) -> None:
    start("a", place=Place(offset=12_000, line=12_001))
    assert caplog.messages == [f"{SINCE}, after row 12,000 of a"]


def test_a_file_that_was_not_begun_may_have_changed(start: Found, caplog: pytest.LogCaptureFixture) -> None:
    found = start("a", "b", inputs=("a", "b"), source=1, place=BEGINNING, fingerprint="another")
    assert (found.source, found.place, found.problem) == (1, BEGINNING, "")
    assert caplog.messages == [f"{SINCE}, after the beginning of b"]


def test_a_file_may_be_named_otherwise(start: Found, tmp_path: Path) -> None:
    found = start(str(tmp_path / "a"), inputs=("a",))
    assert (found.paths, found.source, found.place) == ([str(tmp_path / "a")], 0, PLACE)


def test_files_that_are_found_now_come_after_the_others(start: Found, tmp_path: Path) -> None:
    found = start("a", "b", "c", inputs=("b", "c"), source=1)
    assert found.paths == [str(tmp_path / "b"), "c", "a"]
    assert found.source == 1


def test_a_file_that_is_no_input_any_more_is_lost(start: Found, tmp_path: Path) -> None:
    found = start("b", inputs=("a", "b"))
    assert found.paths[found.source :] == ["b"]
    assert (found.place, found.torn, found.over) == (BEGINNING, True, None)
    a = tmp_path / "a"
    assert found.problem == f"{a} is no longer an input: what it held after line 3 of {a} is lost"


@pytest.mark.parametrize(("path", "name"), [("-", "stdin"), ("pipe", "pipe")])
@pytest.mark.parametrize(
    ("runs", "said"),
    [((), ""), ((7,), "; run 7 is sealed without it"), ((7, 8), "; runs 7, 8 are sealed without it")],
)
def test_what_a_pipe_gave_is_lost(
    start: Found, path: str, name: str, runs: tuple[int, ...], said: str
) -> None:
    found = start(path, inputs=(path,), **with_open_runs(*runs))
    assert (found.paths, found.source, found.place) == ([path], 0, BEGINNING)
    assert (found.torn, found.over, found.closing) == (True, EndedBy.CRASHED, None)
    assert found.problem == (
        f"this job was killed, and {name} cannot be read again:"
        f" what came after line 3 of {name} is lost{said}"
    )


def test_a_followed_file_that_is_another_one_is_read_from_its_beginning(start: Found) -> None:
    found = start("a", follow=True, fingerprint="another")
    assert (found.paths, found.source, found.place, found.torn) == (["a"], 0, BEGINNING, True)
    assert found.over is None
    assert found.problem == "a is another file now: what the former one held after line 3 of a is lost"


def test_what_is_left_to_be_sealed_is_sealed(start: Found, caplog: pytest.LogCaptureFixture) -> None:
    found = start("a", closing=EndedBy.END_OF_INPUT, fingerprint="another")
    assert found.closing is EndedBy.END_OF_INPUT
    assert found.paths[found.source :] == ()
    assert caplog.messages == [f"{SINCE}: all was read, and what was not sealed by then is sealed now"]


def test_what_was_interrupted_is_sealed_so(start: Found, caplog: pytest.LogCaptureFixture) -> None:
    assert start("a", closing=EndedBy.INTERRUPTED).closing is EndedBy.INTERRUPTED
    assert caplog.messages == [f"{SINCE}: it was told to stop, and what was not sealed by then is sealed now"]


def test_what_a_pipe_gives_then_is_read(start: Found) -> None:
    found = start("a", "-", inputs=("a", "-"), closing=EndedBy.END_OF_INPUT)
    assert (found.paths, found.source, found.place) == (["-"], 0, BEGINNING)
    assert (found.over, found.closing, found.torn) == (EndedBy.END_OF_INPUT, None, False)


ANEW = "all is read from the beginning, and a run that is sealed already gets another folder"


def kept(checkpoints: Checkpoints) -> Path:
    """Return where a checkpoint is that was set aside."""
    assert not checkpoints.path.exists()
    return checkpoints.path.parent / "set-aside" / f"{checkpoints.path.name}.1"


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        (
            {"identity": "other plots"},
            "this job was killed, and since then its plots, settings or runfolio have changed",
        ),
        ({"fingerprint": "another"}, "this job was killed after line 3 of a, which has changed since"),
    ],
)
def test_what_has_changed_is_read_anew(
    start: Found,
    checkpoints: Checkpoints,
    caplog: pytest.LogCaptureFixture,
    changed: dict[str, str],
    why: str,
) -> None:
    assert start("a", **changed) == Start(paths=("a",))
    assert caplog.messages == [f"{why}: {ANEW}; the checkpoint is kept as {kept(checkpoints)}"]


def test_what_is_damaged_is_lost_where_it_cannot_be_read_anew(checkpoints: Checkpoints) -> None:
    checkpoints.path.write_bytes(b"")
    found = find_start(checkpoints, ["a", "-", "pipe"], IDENTITY, follow=False)
    assert (found.paths, found.state) == (["a", "-", "pipe"], None)
    assert found.problem == (
        f"{checkpoints.path} is damaged, or of another version of runfolio: the runs that were open are lost,"
        f" since stdin and pipe cannot be read again; the checkpoint is kept as {kept(checkpoints)}"
    )


def test_one_that_the_system_does_not_let_be_read_stays(
    start: Found, checkpoints: Checkpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: Checkpoints) -> None:
        raise FolderError("cannot read it: Input/output error")

    monkeypatch.setattr(Checkpoints, "read", refused)
    with pytest.raises(FolderError, match="Input/output error; to read all from the beginning, move it away"):
        start("a")
    assert checkpoints.path.exists()
