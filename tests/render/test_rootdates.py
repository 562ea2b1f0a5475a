"""Dates are set, and nothing else in a file that can still be read."""

import struct
from datetime import UTC, datetime
from io import BytesIO

import numpy as np
import pytest
import uproot  # type: ignore[import-untyped]  # it has no types

from runfolio.render.rootdates import date_code, set_dates

SECONDS = datetime(2013, 11, 28, 9, 55, 7, tzinfo=UTC).timestamp()


@pytest.fixture(scope="module")
def plain_file() -> bytes:
    """A file as uproot leaves it, its list of keys moved several times."""
    file = BytesIO()
    with uproot.recreate(file) as root:
        for number in range(40):
            root[f"histogram_{number}"] = np.histogram(np.arange(number + 1))
        return file.getvalue()


def records(data: bytes) -> list[tuple[int, bytes]]:
    """Return size and content of all records, and of gaps, whose size is negative."""
    (end,) = struct.unpack_from(">i", data, 12)
    at, found = 100, []
    while at < end:
        (size,) = struct.unpack_from(">i", data, at)
        assert size
        found.append((size, data[at : at + abs(size)]))
        at += abs(size)
    assert at == end
    return found


def test_code_reads_back() -> None:
    assert uproot._util.code_to_datetime(date_code(SECONDS)).isoformat() == "2013-11-28T09:55:07"


@pytest.mark.parametrize(("year", "kept"), [(1970, 1995), (2013, 2013), (2200, 2058)])
def test_years_that_root_does_not_know(year: int, kept: int) -> None:
    seconds = datetime(year, 2, 3, tzinfo=UTC).timestamp()
    assert uproot._util.code_to_datetime(date_code(seconds)).year == kept


def test_histograms_stay_as_they_were(plain_file: bytes) -> None:
    before, after = uproot.open(BytesIO(plain_file)), uproot.open(BytesIO(set_dates(plain_file, SECONDS)))
    assert after.keys() == before.keys()
    assert all(np.array_equal(after[name].values(), before[name].values()) for name in before.keys())  # noqa: SIM118


def test_records_and_gaps_fill_the_file(plain_file: bytes) -> None:
    sizes = [size for size, _ in records(set_dates(plain_file, SECONDS))]
    assert sum(size > 0 for size in sizes) == 40 + 4
    assert any(size < 0 for size in sizes)


def test_every_record_has_the_date(plain_file: bytes) -> None:
    found = [record for size, record in records(set_dates(plain_file, SECONDS)) if size > 0]
    assert {struct.unpack_from(">I", record, 10)[0] for record in found} == {date_code(SECONDS)}


def test_gaps_are_blank(plain_file: bytes) -> None:
    gaps = [gap for size, gap in records(set_dates(plain_file, SECONDS)) if size < 0]
    assert not any(any(gap[4:]) for gap in gaps)


def test_setting_twice_is_setting_once(plain_file: bytes) -> None:
    once = set_dates(plain_file, SECONDS)
    assert set_dates(once, SECONDS) == once
