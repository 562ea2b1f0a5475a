import json
import os
import resource
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfolio.folder import SetAside


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
    assert caplog.text.count("a rejected document is not kept: cannot append to") == 1
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
