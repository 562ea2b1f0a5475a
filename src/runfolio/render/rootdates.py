"""The dates inside a .root file, set after it was written.

uproot dates each record with the present time and has no option for another. The places of the dates
are part of ROOT's published file format (TFile, TDirectory, TKey, TFree), so they are found by it,
rather than by replacing parts inside uproot. Records that uproot moved leave their old bytes, and
dates, behind: those gaps are blanked as ROOT does it.
"""

import struct
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

_BEGIN = struct.Struct(">4sii")
"""`root`, version of the file, position of the first record."""
_BIG_FILE = 1_000_000
_BIG_RECORD = 1000
"""From these versions on, positions take 8 bytes instead of 4."""
_POINTERS = {False: struct.Struct(">iiiiiBii"), True: struct.Struct(">qqiiiBiq")}
"""End, free list, its size, free segments, size of the name, size of a pointer, compression, streamers."""
_KEY = struct.Struct(">ihiIhh")
"""A record's head: size, version, size unpacked, date, size of the head, cycle; then its own position."""
_KEY_DATE = 10
_DIRECTORY = struct.Struct(">hIIii")
"""Version, dates of creation and change, size of the key list, size of the name; then three positions."""
_LEAST_GAP = 4
_FIRST_YEAR, _LAST_YEAR = 1995, 1995 + 63


def set_dates(data: bytes, seconds: float) -> bytes:
    """Return a .root file of one directory with all its dates set to these Unix seconds, in UTC."""
    file = bytearray(data)
    gaps = dict(_gaps(data))
    for first, stop in gaps.items():
        says_so = struct.pack(">i", first - stop) if stop - first >= _LEAST_GAP else b""
        file[first:stop] = says_so.ljust(stop - first, b"\0")
    code = struct.pack(">I", date_code(seconds))
    for position in _dates(data, gaps):
        file[position : position + 4] = code
    return bytes(file)


def date_code(seconds: float) -> int:
    """Return Unix seconds as ROOT's TDatime, which knows the years from 1995 to 2058."""
    date = datetime.fromtimestamp(seconds, UTC)
    year = min(max(date.year, _FIRST_YEAR), _LAST_YEAR) - _FIRST_YEAR
    return year << 26 | date.month << 22 | date.day << 17 | date.hour << 12 | date.minute << 6 | date.second


def _gaps(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield begin and end of each free segment within the file; the last one listed lies behind it."""
    end, free_list, _, count, *_ = _pointers(data)
    at = free_list + _KEY.unpack_from(data, free_list)[4]
    for _ in range(count):
        big = struct.unpack_from(">h", data, at)[0] > _BIG_RECORD
        first, last = (_position(data, at + 2, number=number, big=big) for number in (0, 1))
        at += 18 if big else 10
        if last < end:
            yield first, last + 1


def _pointers(data: bytes) -> tuple[int, ...]:
    version = _BEGIN.unpack_from(data)[1]
    return _POINTERS[version >= _BIG_FILE].unpack_from(data, _BEGIN.size)


def _dates(data: bytes, gaps: Mapping[int, int]) -> Iterator[int]:
    """Yield the position of each date in the file."""
    begin = _BEGIN.unpack_from(data)[2]
    directory = begin + _pointers(data)[4]
    yield directory + 2
    yield directory + 6
    for key in (*_records(data, begin, gaps), *_listed(data, _seek_keys(data, directory))):
        yield key + _KEY_DATE


def _records(data: bytes, begin: int, gaps: Mapping[int, int]) -> Iterator[int]:
    """Yield where each record begins: one follows the other, with gaps between them.

    Raises:
        ValueError: they do not, and so it is not known where all dates are.

    """
    at, end = begin, _pointers(data)[0]
    while at < end:
        if at in gaps:
            at = gaps[at]
            continue
        size = _KEY.unpack_from(data, at)[0]
        if size < _KEY.size:
            raise ValueError(f"no record at byte {at} of a .root file")
        yield at
        at += size


def _seek_keys(data: bytes, directory: int) -> int:
    """Return where the list of keys is: the last of a directory's three positions."""
    version = _DIRECTORY.unpack_from(data, directory)[0]
    return _position(data, directory + _DIRECTORY.size, number=2, big=version > _BIG_RECORD)


def _listed(data: bytes, keys: int) -> Iterator[int]:
    """Yield the position of each key in the list."""
    at = keys + _KEY.unpack_from(data, keys)[4]
    (count,) = struct.unpack_from(">i", data, at)
    at += 4
    for _ in range(count):
        yield at
        at += _KEY.unpack_from(data, at)[4]


def _position(data: bytes, at: int, *, number: int, big: bool) -> int:
    form = struct.Struct(">q" if big else ">i")
    (position,) = form.unpack_from(data, at + number * form.size)
    return int(position)
