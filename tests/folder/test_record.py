import json
import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfolio.errors import FolderError
from runfolio.folder import RunRecord, _json, histogram_record, read_record, time_seconds, time_text
from runfolio.folder.names import RUN_RECORD
from runfolio.plots.axes import Regular
from runfolio.plots.counts import Counts
from runfolio.readings import Readings

MakeRecord = Callable[..., RunRecord]


def test_record_is_read_back(tmp_path: Path, make_record: MakeRecord) -> None:
    (tmp_path / RUN_RECORD).write_bytes(_json.pretty(make_record()))
    assert read_record(tmp_path) == make_record()


def test_tables_are_read_back(tmp_path: Path, make_record: MakeRecord, readings: Readings) -> None:
    record = make_record(tables={"ReducePyScalersTable": (readings,)})
    (tmp_path / RUN_RECORD).write_bytes(_json.pretty(record))
    assert read_record(tmp_path) == record


def test_a_record_without_tables_and_trees_is_read(tmp_path: Path, make_record: MakeRecord) -> None:
    written = json.loads(_json.pretty(make_record()))
    del written["tables"], written["trees"]
    (tmp_path / RUN_RECORD).write_text(json.dumps(written))
    assert read_record(tmp_path) == make_record()


def test_record_is_made_to_be_read_by_people(make_record: MakeRecord) -> None:
    lines = _json.pretty(make_record(sources=("Spüle.json",))).decode().splitlines(keepends=True)
    assert lines[:3] == ["{\n", '  "schema": "runfolio.run/1",\n', '  "run_number": 4235,\n']
    assert lines[-1] == "}\n"
    assert any("Spüle.json" in line for line in lines)


def test_order_of_counting_does_not_show(make_record: MakeRecord) -> None:
    one = make_record(image_entries_rejected={"bad_tag": 1, "bad_base64": 2})
    other = make_record(image_entries_rejected={"bad_base64": 2, "bad_tag": 1})
    assert _json.pretty(one) == _json.pretty(other)


def test_source_whose_name_is_not_utf_8_is_written(make_record: MakeRecord) -> None:
    record = make_record(sources=(os.fsdecode(b"spills\xff.json"),), settings={"\udcff": ("\ud800", 1)})
    written = json.loads(_json.pretty(record))
    assert written["sources"] == [r"spills\udcff.json"]
    assert written["settings"] == {r"\udcff": [r"\ud800", 1]}


def test_histogram_is_recorded_in_figures() -> None:
    counts = Counts(
        name="h", title="", axes=(Regular(2, 0, 2),), values=np.array([1, 2, 0, 4]), not_a_number=5
    )
    record = histogram_record(counts)
    assert (record.entries, record.in_range, record.underflow, record.overflow) == (7, 2, 1, 4)
    assert (record.not_a_number, record.lost_spills, record.mean) == (5, 0, 0.5)


def test_histogram_without_entries_has_no_mean() -> None:
    record = histogram_record(
        Counts(name="h", title="", axes=(Regular(1, 0, 1),), values=np.zeros(3, np.int64))
    )
    assert (record.entries, record.mean) == (0, None)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, None),
        (0, "1970-01-01T00:00:00Z"),
        (1385632449.9, "2013-11-28T09:54:09Z"),
        (4294967296, "2106-02-07T06:28:16Z"),
        (253402300799.9, "9999-12-31T23:59:59Z"),
        (253402300800, None),
        (-1, None),
        (1e300, None),
        (float("nan"), None),
        (float("inf"), None),
    ],
)
def test_time_is_text_where_it_is_a_time(seconds: float | None, text: str | None) -> None:
    assert time_text(seconds) == text


@given(st.integers(0, 253_402_300_799))
def test_a_time_is_read_as_it_was_written(seconds: int) -> None:
    assert time_seconds(time_text(seconds) or "") == seconds


@pytest.mark.parametrize("text", ["", "2013-11-28", "2013-13-28T09:54:09Z", "2013-11-28T09:54:09", "\x1b[2J"])
def test_what_is_no_time_is_told(text: str) -> None:
    with pytest.raises(FolderError, match="is no time as 2013"):
        time_seconds(text)


def changed(record: RunRecord, **changes: object) -> bytes:
    return msgspec.json.encode({**msgspec.to_builtins(record), **changes})


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        (
            {"schema": "runfolio.run/2"},
            r"run\.json: its schema is 'runfolio.run/2', and this runfolio reads runfolio.run/1",
        ),
        ({"schema": 1}, "damaged: Expected `str`, got `int`"),
        ({"run_number": -1}, r"damaged: Expected `int` >= 0 - at `\$\.run_number`"),
        ({"run_number": "4235"}, r"\$\.run_number"),
        ({"run_number": 2**63}, r"\$\.run_number"),
        ({"status": "done"}, r"\$\.status"),
        ({"sealed_at": "yesterday"}, r"\$\.sealed_at"),
        ({"documents": {}}, r"\$\.documents"),
        ({"images": [{}]}, r"\$\.images"),
    ],
)
def test_record_of_another_kind_is_refused(
    tmp_path: Path, make_record: MakeRecord, changes: dict[str, object], complaint: str
) -> None:
    (tmp_path / RUN_RECORD).write_bytes(changed(make_record(), **changes))
    with pytest.raises(FolderError, match=complaint):
        read_record(tmp_path)


def test_fields_of_a_later_version_are_passed_over(tmp_path: Path, make_record: MakeRecord) -> None:
    (tmp_path / RUN_RECORD).write_bytes(changed(make_record(), weather="fair"))
    assert read_record(tmp_path) == make_record()


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"{}", b"null", b"\xff", b'{"schema": "\\ud800"}', b"[" * 100_000]
)
def test_what_is_no_record_is_refused_in_one_line(tmp_path: Path, data: bytes) -> None:
    (tmp_path / RUN_RECORD).write_bytes(data)
    with pytest.raises(FolderError, match=RUN_RECORD) as caught:
        read_record(tmp_path)
    assert "\n" not in str(caught.value)


@given(data=st.binary(max_size=100))
def test_any_bytes_give_a_folder_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    folder = tmp_path_factory.mktemp("folder")
    (folder / RUN_RECORD).write_bytes(data)
    with pytest.raises(FolderError):
        read_record(folder)


def test_missing_record_is_told(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match=r"cannot read .*/run\.json: No such file"):
        read_record(tmp_path)


def test_record_that_is_a_fifo_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / RUN_RECORD)
    with pytest.raises(FolderError, match="it is no regular file"):
        read_record(tmp_path)
