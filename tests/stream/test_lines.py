"""Lines, wherever the chunks were cut."""

import tracemalloc
from collections.abc import Iterator
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from runfolio.stream import Line, split_lines
from runfolio.stream.lines import BYTE_ORDER_MARK, KEPT_OF_LONG_LINE

LIMIT = 1 << 20
RUN = 64


def lines(*chunks: bytes, limit: int = LIMIT) -> list[Line]:
    return [line for line in split_lines("spills.json", chunks, limit) if line is not None]


texts = st.text(alphabet="ab \n\r\ufeff").map(str.encode)
runs = st.lists(st.sampled_from([b"\n" * RUN, b"\n" * (RUN - 1), b"a", b" \n"]), max_size=5).map(b"".join)


@given(st.binary() | texts | runs, st.lists(st.integers(0, 200)))
def test_lines_do_not_depend_on_where_chunks_are_cut(data: bytes, cuts: list[int]) -> None:
    places = sorted({0, len(data), *(cut for cut in cuts if cut <= len(data))})
    chunks = [data[a:b] for a, b in pairwise(places)]
    assert lines(*chunks, limit=20) == lines(data, limit=20)


@given(st.lists(st.binary().filter(lambda data: b"\n" not in data)))
def test_each_line_stands_where_it_says(parts: list[bytes]) -> None:
    data = b"\n".join(parts)
    parts[:1] = [part.removeprefix(BYTE_ORDER_MARK) for part in parts[:1]]
    found = lines(data)
    assert [line.number for line in found] == [n for n, part in enumerate(parts, 1) if part.strip()]
    for line in found:
        assert data[line.offset :].startswith(line.data)
        assert line.data == parts[line.number - 1]


def test_the_last_line_needs_no_newline() -> None:
    assert [line.data for line in lines(b"a\nb")] == [line.data for line in lines(b"a\nb\n")] == [b"a", b"b"]


def test_blank_lines_are_passed_over_and_counted() -> None:
    assert lines(b"\n \t\r\na\n\n\nb\n") == [
        Line("spills.json", 3, 5, b"a", 1),
        Line("spills.json", 6, 9, b"b", 1),
    ]


def test_many_newlines_on_end_are_passed_over_and_counted() -> None:
    assert lines(b"a\n\n", b"\n" * 1_000_000, b"\n" * RUN + b"b", b"\n" * RUN + b"c") == [
        Line("spills.json", 1, 0, b"a", 1),
        Line("spills.json", 1_000_003 + RUN, 1_000_003 + RUN, b"b", 1),
        Line("spills.json", 1_000_003 + 2 * RUN, 1_000_004 + 2 * RUN, b"c", 1),
    ]


def test_a_carriage_return_stays_with_its_line() -> None:
    assert [(line.data, line.offset) for line in lines(b"a\r\nb\r\n")] == [(b"a\r", 0), (b"b\r", 3)]


def test_a_pause_is_handed_on_and_cuts_no_line() -> None:
    given_out = list(split_lines("s", [b"a", None, b"b\n", None], LIMIT))
    assert given_out == [None, Line("s", 1, 0, b"ab", 2), None]


def test_a_byte_order_mark_before_the_first_line_is_no_part_of_it() -> None:
    assert lines(BYTE_ORDER_MARK[:1], BYTE_ORDER_MARK[1:] + b"a\n", BYTE_ORDER_MARK) == [
        Line("spills.json", 1, 3, b"a", 1),
        Line("spills.json", 2, 5, BYTE_ORDER_MARK, 3),
    ]
    assert lines(BYTE_ORDER_MARK) == lines(BYTE_ORDER_MARK + b"\n") == []


def test_a_line_at_the_limit_is_whole_and_one_beyond_is_not() -> None:
    at, beyond = lines(b"x" * 10 + b"\n" + b"x" * 11, limit=10)
    assert at.complete
    assert not beyond.complete
    assert beyond.length == 11


def test_a_long_line_of_blanks_is_not_taken_for_an_empty_one() -> None:
    [line] = lines(b" " * 100, limit=10)
    assert (line.complete, line.length) == (False, 100)


def test_a_line_of_200_mb_keeps_its_beginning_in_little_memory() -> None:
    def chunks() -> Iterator[bytes]:
        yield b"first\nbegin"
        block = b"x" * 1_000_000
        for _ in range(200):
            yield block
        yield b"end\nlast\n"

    tracemalloc.start()
    try:
        first, long, last = split_lines("s", chunks(), 4 * LIMIT)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 20_000_000
    assert first is not None
    assert long is not None
    assert (first.data, last) == (b"first", Line("s", 3, 6 + 200_000_008 + 1, b"last", 4))
    assert (long.number, long.offset, long.length) == (2, 6, 200_000_008)
    assert long.data == (b"begin" + b"x" * KEPT_OF_LONG_LINE)[:KEPT_OF_LONG_LINE]
