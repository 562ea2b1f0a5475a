"""Places: begun anew at any that was told of, reading gives what was left and nothing else."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odd_streams import CUT_OFF, cuts, documents_in, pretty, rows_in
from resuming import Given, Pieces, assert_goes_on, columns, cut, documents, records
from runfolio.stream import (
    BEGINNING,
    Place,
    Reader,
)
from runfolio.stream.lines import BYTE_ORDER_MARK
from runfolio.stream.places import Cursor
from support import spill, stream


def in_pieces(
    make: Callable[..., Reader], data: bytes, cuts: Sequence[int], most: int, *, live: bool
) -> Given:
    pieces = cut(data, cuts, pauses=live)
    return assert_goes_on(partial(make, most=most), lambda: Pieces(pieces, live))


@given(documents_in, cuts, st.integers(1, 4), st.booleans())
def test_documents_go_on(data: bytes, cuts: Sequence[int], most: int, live: bool) -> None:
    in_pieces(documents, data, cuts, most, live=live)


@given(rows_in, cuts, st.integers(1, 5), st.booleans())
def test_records_go_on(data: bytes, cuts: Sequence[int], most: int, live: bool) -> None:
    in_pieces(records, data, cuts, most, live=live)


@given(rows_in, cuts, st.integers(1, 5), st.booleans())
def test_columns_of_lines_go_on(data: bytes, cuts: Sequence[int], most: int, live: bool) -> None:
    in_pieces(columns, data, cuts, most, live=live)


def places(
    make: Callable[..., Reader], *chunks: bytes | None, most: int = 2, live: bool = False
) -> list[Any]:
    """Return the offset after each item, None where there is no place."""
    found = assert_goes_on(partial(make, most=most), lambda: Pieces(chunks, live)).places
    return [place and place.offset for place in found]


def offsets(*lines: bytes) -> list[int]:
    """Return where each line ends."""
    return list(accumulate(map(len, lines)))


def lines_of(*runs: int) -> list[bytes]:
    return [stream(spill(run, number)) for number, run in enumerate(runs)]


def test_behind_each_batch_of_a_clean_stream_is_a_place() -> None:
    lines = lines_of(1, 1, 1, 1, 1)
    assert places(documents, b"".join(lines)) == offsets(*lines)[1::2] + offsets(*lines)[-1:]


@pytest.mark.parametrize(("last", "line"), [(b"", 3), (b"\n", 4), (b"garbage", 3)])
def test_behind_all_lines_is_the_place_of_the_one_to_come(last: bytes, line: int) -> None:
    data = b"".join(lines_of(1, 1)) + last
    [*_, (_, _, place, _)] = assert_goes_on(documents, lambda: Pieces([data])).moments
    assert place == Place(len(data), line)


def test_where_runs_take_turns_there_is_a_place_before_what_ended_a_batch() -> None:
    lines = lines_of(1, 2, 1, 2)
    assert places(documents, b"".join(lines)) == offsets(*lines)


def test_batches_that_were_put_together_have_a_place_behind_the_last_of_them() -> None:
    lines = [stream({"run": run}) for run in (1, 2, 1, 3)]
    assert places(records, b"".join(lines), most=4) == [None, None, offsets(*lines)[-1]]


def test_lines_that_make_no_document_together_have_a_place_behind_the_last_of_them() -> None:
    lines = [b'{"a": [\n', b"garbage\n", *lines_of(1)]
    assert places(documents, b"".join(lines)) == [None, *offsets(*lines)[1:]]


def test_within_lines_that_make_no_document_together_is_no_place() -> None:
    indented = [b"  " + stream(spill(1, 6)), b'  {"b": [\n 1]}\n']  # begun with the last, they would make one
    lines = [CUT_OFF, *indented, *lines_of(2)]
    assert places(documents, b"".join(lines)) == [None, None, *offsets(*lines)[2:]]


def test_each_line_that_was_cut_off_has_a_place_behind_it() -> None:
    assert places(documents, CUT_OFF * 3) == offsets(CUT_OFF, CUT_OFF, CUT_OFF)


def test_while_nothing_more_comes_there_is_a_place_before_what_is_unfinished() -> None:
    one, other = lines_of(1, 1)
    begun = pretty(spill(1, 3))[:30]
    made = assert_goes_on(
        documents, lambda: Pieces([one + other[:5], None, other[5:] + begun, None], live=True)
    )
    pauses = [place for _, _, place, _ in made.moments]
    assert Place(len(one), 2) in pauses
    assert Place(len(one + other), 3) in pauses


def test_a_second_byte_order_mark_belongs_to_its_line_also_where_that_is_begun_anew() -> None:
    lines = [BYTE_ORDER_MARK + b"\n", BYTE_ORDER_MARK + b"\n", *lines_of(1)]
    assert places(documents, b"".join(lines)) == offsets(*lines)[1:]


def test_what_was_decoded_before_all_names_were_asked_for_is_no_place_to_begin_with() -> None:
    strange = stream({"run": 2, "x": 1}).replace(b"1}", b"1e999}")  # read for x it is refused
    lines = [stream({"run": 1, "x": 3}), strange, stream({"run": 1, "x": 4})]
    assert places(columns, b"".join(lines), most=4, live=True) == [None, *offsets(*lines)[1:]]


def test_there_is_no_place_before_the_last_of_some_pieces() -> None:
    cursor = Cursor()
    pieces = cursor.batches.pieces("ab")
    assert [(piece, cursor.place) for piece in pieces] == [("a", None), ("b", BEGINNING)]


def test_before_anything_is_read_the_place_is_the_beginning() -> None:
    assert documents(print).place == columns(print).place == BEGINNING


@pytest.mark.parametrize(
    "state",
    [
        {"more": 1},
        {"asked": [], "shapes": [], "seen": [], "missing": [], "more": 1},
        {"asked": "x", "shapes": [], "seen": [], "missing": []},
        {"asked": [b"\xff"], "shapes": [], "seen": [], "missing": []},
        {"asked": [], "shapes": [[b"x", "no form"]], "seen": [], "missing": []},
    ],
)
def test_what_is_no_state_is_not_restored(state: dict[str, Any]) -> None:
    for reader in (documents(print), columns(print)):
        with pytest.raises(ValueError, match=r"restored|has no|no form|invalid start byte"):
            reader.restore(state)
        assert reader.state() in ({}, columns(print).state())
