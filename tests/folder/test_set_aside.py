import errno
import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfolio.folder import SetAside
from runfolio.folder.faults import Fail, Recorder
from runfolio.folder.names import LATE
from runfolio.watching import watched


class FixedClock:
    def now(self) -> float:
        return 1385632449.0

    def monotonic(self) -> float:
        return 0.0


def put(aside: SetAside, raw: bytes = b"{", **changes: Any) -> bool:
    fields = {
        "source": "spills.json",
        "line": 7,
        "offset": 600,
        "reason": "not_json",
        "detail": "cut off",
        **changes,
    }
    return aside.append(raw=raw, **fields)


def raws(aside: SetAside) -> list[str]:
    """Return the documents that the file has whole."""
    whole = aside.path.read_text().splitlines()
    return [json.loads(line)["raw"] for line in whole if line.startswith("{") and line.endswith("}")]


def lines(aside: SetAside) -> list[dict[str, Any]]:
    return [json.loads(line) for line in aside.path.read_bytes().splitlines()]


def test_document_is_kept_with_place_and_reason(tmp_path: Path) -> None:
    aside = SetAside(tmp_path, clock=FixedClock())
    assert put(aside, '{"ä": '.encode(), run_number=4235)
    assert aside.path.name == "rejected.jsonl"
    assert lines(aside) == [
        {
            "at": "2013-11-28T09:54:09Z",
            "source": "spills.json",
            "line": 7,
            "offset": 600,
            "reason": "not_json",
            "detail": "cut off",
            "run_number": 4235,
            "bytes": 7,
            "raw": '{"ä": ',
        }
    ]


def test_documents_follow_one_another(tmp_path: Path) -> None:
    put(SetAside(tmp_path), b"1")
    put(SetAside(tmp_path), b"2")
    assert [line["raw"] for line in lines(SetAside(tmp_path))] == ["1", "2"]


def test_document_that_is_not_utf_8_is_kept_as_base64(tmp_path: Path) -> None:
    put(aside := SetAside(tmp_path), b"\xff\x00")
    assert lines(aside)[0]["raw_base64"] == "/wA="
    assert "raw" not in lines(aside)[0]


def test_control_characters_and_newlines_stay_on_one_line(tmp_path: Path) -> None:
    put(aside := SetAside(tmp_path), b"\x1b[2J\r\n\x00")
    assert aside.path.read_bytes().count(b"\n") == 1
    assert b"\x1b" not in aside.path.read_bytes()
    assert lines(aside)[0]["raw"] == "\x1b[2J\r\n\x00"


def test_long_document_is_cut_and_says_so(tmp_path: Path) -> None:
    put(aside := SetAside(tmp_path, raw_limit=4), b"123456")
    put(aside, b"123", size=200_000_000)
    cut, cut_before = lines(aside)
    assert (cut["raw"], cut["bytes"], cut["truncated"]) == ("1234", 6, True)
    assert (cut_before["raw"], cut_before["bytes"], cut_before["truncated"]) == ("123", 200_000_000, True)


def test_character_cut_in_two_is_left_out(tmp_path: Path) -> None:
    put(aside := SetAside(tmp_path, raw_limit=4), "aaa€".encode())
    assert lines(aside)[0]["raw"] == "aaa"


def test_document_of_exactly_the_limit_is_whole(tmp_path: Path) -> None:
    put(aside := SetAside(tmp_path, raw_limit=4), b"1234")
    assert "truncated" not in lines(aside)[0]


@given(raw=st.binary(max_size=50), detail=st.text(), limit=st.integers(1, 50))
def test_any_document_is_kept_on_one_line(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes, detail: str, limit: int
) -> None:
    aside = SetAside(tmp_path_factory.mktemp("live"), raw_limit=limit)
    assert put(aside, raw, detail=detail)
    assert lines(aside)[0]["bytes"] == len(raw)


def test_source_whose_name_is_not_utf_8_is_kept(tmp_path: Path) -> None:
    put(aside := SetAside(tmp_path), source=os.fsdecode(b"\xff"), detail="\ud800")
    assert lines(aside)[0]["source"] == r"\udcff"


def test_directory_is_made_where_it_is_missing(tmp_path: Path) -> None:
    assert put(SetAside(tmp_path / "live"))


def test_half_a_line_of_a_killed_process_does_not_spoil_the_next(tmp_path: Path) -> None:
    aside = SetAside(tmp_path)
    aside.path.write_bytes(b'{"raw": "ha')
    put(aside, b"whole")
    assert json.loads(aside.path.read_bytes().splitlines()[1])["raw"] == "whole"


def test_line_that_does_not_fit_on_the_disk_is_taken_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    put(aside := SetAside(tmp_path), b"first")
    before = aside.path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 50, hard))
    try:
        kept = [put(aside, b"second"), put(aside, b"third")]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert kept == [False, False]
    assert aside.path.read_bytes() == before
    assert aside.lost == 2
    assert caplog.text.count("a document that was set aside is not kept: cannot append to") == 1
    assert put(aside, b"fourth")


@pytest.mark.parametrize("kind", ["link", "fifo", "directory"])
def test_name_that_is_no_file_is_not_written_to(tmp_path: Path, kind: str) -> None:
    aside = SetAside(tmp_path / "live")
    aside.path.parent.mkdir()
    match kind:
        case "link":
            aside.path.symlink_to(tmp_path / "elsewhere")
        case "fifo":
            os.mkfifo(aside.path)
        case _:
            aside.path.mkdir()
    assert not put(aside)
    assert aside.lost == 1
    assert not (tmp_path / "elsewhere").exists()


def test_a_file_that_has_all_that_it_may_takes_no_more(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    aside = SetAside(tmp_path, file_limit=600)
    kept = [put(aside, raw * 200) for raw in (b"1", b"2", b"3", b"4")]
    assert kept == [True, True, False, False]
    assert aside.lost == 2
    assert caplog.text.count("has 600 bytes, and takes no more until it is moved away") == 1
    aside.path.unlink()
    assert put(aside)


def test_each_line_is_one_operation_and_one_that_fails_costs_only_itself(tmp_path: Path) -> None:
    aside = SetAside(tmp_path)
    with watched(recorder := Recorder()):
        put(aside, b"first")
    assert recorder.operations == [("append", aside.path)]
    with watched(Fail(0, errno.ENOSPC)):
        kept = [put(aside, b"second"), put(aside, b"third")]
    assert kept == [False, True]
    assert (raws(aside), aside.lost) == (["first", "third"], 1)


def test_what_came_too_late_has_a_file_of_its_own(tmp_path: Path) -> None:
    put(SetAside(tmp_path), b"bad")
    put(late := SetAside(tmp_path, LATE), b"late", reason="late")
    assert late.path == tmp_path / "late.jsonl"
    assert raws(late) == ["late"]


def test_the_position_is_the_size_of_the_file(tmp_path: Path) -> None:
    aside = SetAside(tmp_path / "live")
    assert aside.position == 0
    put(aside)
    assert aside.position == aside.path.stat().st_size


def test_the_position_in_what_is_no_file_is_none(tmp_path: Path) -> None:
    aside = SetAside(tmp_path)
    aside.path.mkdir()
    assert aside.position == 0


def resumed(before: SetAside, position: int) -> SetAside:
    """Return what a process that was started again writes with."""
    aside = SetAside(before.path.parent, clock=FixedClock())
    aside.resume(position)
    return aside


def test_what_was_written_after_the_checkpoint_is_not_written_again(tmp_path: Path) -> None:
    put(before := SetAside(tmp_path), b"a", offset=1)
    position = before.position
    put(before, b"b", offset=2)
    put(before, b"c", offset=3, source=os.fsdecode(b"\xff"), detail="\ud800")
    after = resumed(before, position)
    assert put(after, b"b", offset=2)
    assert put(after, b"c", offset=3, source=os.fsdecode(b"\xff"), detail="\ud800")
    assert put(after, b"d", offset=4)
    assert raws(after) == ["a", "b", "c", "d"]


def test_killed_once_more_before_all_has_come_again_nothing_is_there_twice(tmp_path: Path) -> None:
    before = SetAside(tmp_path)
    for number in (1, 2, 2, 3):
        put(before, b"%d" % number, offset=number)
    put(second := resumed(before, 0), b"1", offset=1)
    put(second, b"2", offset=2)
    third = resumed(second, second.position)
    for number in (2, 3, 4):
        put(third, b"%d" % number, offset=number)
    assert raws(third) == ["1", "2", "2", "3", "4"]
    assert third.position == third.path.stat().st_size


def test_lines_that_are_alike_are_there_as_often_as_they_came(tmp_path: Path) -> None:
    before = SetAside(tmp_path)
    put(before, b"1")
    put(before, b"2")
    after = resumed(before, 0)
    for raw in (b"1", b"2", b"3"):
        put(after, raw)
    assert raws(after) == ["1", "2", "3"]


@pytest.mark.parametrize(
    "other",
    [
        {"source": "other.json"},
        {"line": 8},
        {"line": None},
        {"offset": 601},
        {"reason": "late"},
        {"detail": "x"},
    ],
)
def test_a_line_that_differs_in_place_or_reason_is_written(tmp_path: Path, other: dict[str, Any]) -> None:
    put(before := SetAside(tmp_path), b"1")
    put(after := resumed(before, 0), b"2", **other)
    assert raws(after) == ["1", "2"]


def test_what_was_written_before_the_checkpoint_is_no_reason_to_leave_anything_out(tmp_path: Path) -> None:
    put(before := SetAside(tmp_path), b"1")
    put(after := resumed(before, before.position), b"2")
    assert raws(after) == ["1", "2"]


@pytest.mark.parametrize("half", [b"{", b'{"at":"2013', b'{"detail":"cut off","line":7,"offset":600'])
def test_half_a_line_was_not_written(tmp_path: Path, half: bytes) -> None:
    put(before := SetAside(tmp_path), b"1", offset=1)
    with before.path.open("ab") as file:
        file.write(half)
    put(after := resumed(before, 0), b"1", offset=1)
    put(after, b"2")
    assert raws(after) == ["1", "2"]


@pytest.mark.parametrize(
    "strange",
    [
        b"",
        b"[" * 100_000,
        b"7\n",
        b"{}\n",
        b"\xff\n",
        b'{"source": 7}\n',
        b'{"source": "\xff"}\n',
        b"\0" * 100,
    ],
)
def test_a_file_that_was_shortened_or_replaced_leaves_nothing_out(tmp_path: Path, strange: bytes) -> None:
    put(before := SetAside(tmp_path), b"1")
    position = before.position
    before.path.write_bytes(strange)
    for place in (0, position):
        put(after := resumed(before, place), b"2")
        put(after, b"2")
        assert after.path.read_bytes().count(b'"raw":"2"') == 2
        before.path.write_bytes(strange)


def test_a_file_that_is_gone_or_none_leaves_nothing_out(tmp_path: Path) -> None:
    aside = SetAside(tmp_path / "live")
    put(gone := resumed(aside, 100), b"1")
    assert raws(gone) == ["1"]
    gone.path.unlink()
    os.mkfifo(gone.path)
    assert not put(resumed(gone, 0))


def test_a_line_longer_than_any_of_ours_is_passed_over_in_bounded_memory(tmp_path: Path) -> None:
    aside = SetAside(tmp_path, raw_limit=4)
    put(aside, b"1", offset=1)
    with aside.path.open("ab") as file:
        file.write(b"x" * (3 << 20) + b"\n")
    put(aside, b"2", offset=2)
    after = SetAside(tmp_path, raw_limit=4)
    after.resume(0)
    put(after, b"1", offset=1)
    put(after, b"2", offset=2)
    put(after, b"3", offset=3)
    assert raws(after) == ["1", "2", "3"]


KILLED = """
import sys
from pathlib import Path
from runfolio.folder import SetAside
from runfolio.folder.faults import Kill
from runfolio.watching import watched
with watched(Kill(int(sys.argv[2]), sys.argv[3])):
    aside = SetAside(Path(sys.argv[1]))
    for number in range(6):
        aside.append(
            source="spills.json", line=7, offset=number, reason="not_json", detail="cut off", raw=b"1"
        )
"""


@pytest.mark.parametrize(("at", "moment"), [(0, "before"), (0, "after"), (4, "before"), (5, "after")])
def test_after_a_kill_each_document_is_there_once(tmp_path: Path, at: int, moment: str) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, tmp_path, str(at), moment], check=False)
    assert killed.returncode == -9
    after = resumed(SetAside(tmp_path), 0)
    for number in range(6):
        put(after, b"1", offset=number)
    assert [line["offset"] for line in lines(after)] == list(range(6))


def test_after_a_kill_within_the_write_the_document_is_there_once(tmp_path: Path) -> None:
    put(before := SetAside(tmp_path), b"whole")
    whole = before.path.read_bytes()
    for cut in range(len(whole)):
        before.path.write_bytes(whole[:cut])
        put(after := resumed(before, 0), b"whole")
        assert raws(after) == ["whole"]
