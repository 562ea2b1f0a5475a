"""Documents to batches: of one run each, consecutive or not, and nothing lost."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfolio.stream import (
    Batch,
    Batching,
    Decoder,
    Document,
    Keys,
    Kind,
    Part,
    RecordDecoder,
    Refused,
    Stopped,
    in_batches,
    read_documents,
    split_lines,
)
from runfolio.stream.batches import BATCH_SPILLS, STRETCH, Item
from support import mark, spill, stream

LIMIT = 64 << 20
CUT_OFF = stream(spill(1, 0))[:40] + b"\n"


def read(data: bytes | Iterable[bytes | None]) -> list[Any]:
    chunks = [data] if isinstance(data, bytes) else data
    return list(read_documents(split_lines("spills.json", chunks, LIMIT), Decoder(), LIMIT))


def told(item: Item) -> Any:
    """Return the kind of a document that is no spill, the reason of a refusal."""
    return item.reason if isinstance(item, Refused) else item.kind if item else None


def spills(*numbers: int, run_number: int = 1, **fields: Any) -> list[Any]:
    return read(stream(*(spill(run_number, number, **fields) for number in numbers)))


def batches(items: Iterable[Item]) -> list[Any]:
    """Return the spill numbers of each batch, and what came between them as it is told of."""
    return [
        [mark.number for mark in item.marks] + ["end"] * item.ends if isinstance(item, Batch) else told(item)
        for item in in_batches(items)
    ]


def test_what_came_before_a_stop_is_handed_on_and_an_unfinished_line_is_not() -> None:
    def chunks() -> Iterator[bytes]:
        yield stream(spill(1, 1), spill(1, 2)) + CUT_OFF.strip()
        raise Stopped

    lines = split_lines("spills.json", chunks(), LIMIT)
    assert batches(read_documents(lines, Decoder(), LIMIT)) == [[1, 2]]


def test_spills_of_one_run_go_on_together() -> None:
    [batch] = in_batches(spills(1, 2, 3, run_number=7))
    assert isinstance(batch, Batch)
    assert (batch.run_number, len(batch.data), batch.received) == (7, 3, 3)


def test_a_batch_ends_with_its_run() -> None:
    assert batches([*spills(1, 2), *spills(1, run_number=2), *spills(3)]) == [[1, 2], [1], [3]]


def test_data_do_not_follow_others_in_a_batch() -> None:
    markers = spills(1, daq_event_type="start_of_run")
    assert batches([*markers, *markers, *spills(2), *markers, *spills(3)]) == [[], [2, 3]]


def test_a_batch_ends_with_so_many_spills() -> None:
    assert [len(batch) for batch in batches(spills(*range(2 * BATCH_SPILLS + 1)))] == [
        BATCH_SPILLS,
        BATCH_SPILLS,
        1,
    ]


def test_a_batch_ends_before_each_so_manieth_byte_of_its_source() -> None:
    large = spills(1, 2, 3, 4, stray="x" * (STRETCH // 2))
    assert batches(large) == [[1, 2], [3, 4]]
    assert batches(large[1:]) == [[2], [3, 4]]  # also where what comes before was read by another


def test_a_batch_is_handed_on_when_nothing_more_is_there() -> None:
    assert batches([*spills(1), None, None, *spills(2)]) == [[1], None, None, [2]]


def test_a_batch_ends_with_an_end_of_run_spill() -> None:
    ends = spills(2, 3, daq_event_type="end_of_run")
    assert batches([*spills(1), *ends, *spills(4)]) == [[1, "end"], ["end"], [4]]


@pytest.mark.parametrize(
    ("between", "word"),
    [
        (mark("RunHeader", 1), Kind.RUN_HEADER),
        (mark("RunFooter", 1), Kind.RUN_FOOTER),
        (b"garbage", "not_json"),
    ],
)
def test_a_batch_ends_where_anything_else_comes(between: Any, word: str) -> None:
    assert batches(read(stream(spill(1, 1), between, spill(1, 2)))) == [[1], word, [2]]


items_in = st.lists(
    st.sampled_from(
        [
            *spills(1, 2),
            *spills(1, run_number=2),
            *spills(9, daq_event_type="end_of_run"),
            *read(stream(mark("RunHeader", 1), b"garbage")),
            None,
        ]
    ),
    max_size=100,
)


@given(items_in)
def test_batches_lose_nothing_and_keep_the_order(items: list[Item]) -> None:
    out: list[Any] = []
    for item in in_batches(items, Batching(data=list)):
        out.extend([*item.data, *["end"] * item.ends] if isinstance(item, Batch) else [item])
    ended = ["end" if isinstance(each, Document) and each.part is Part.END else each for each in items]
    assert out == ended


BY_RUN = Batching(data=list, by_run=True)
RECORDS = RecordDecoder(Keys(run="run", end="last"))


def records(*rows: tuple[int, bool]) -> list[Any]:
    """Return records of a run each, and whether they are its last."""
    data = stream(*({"run": run, "last": last} for run, last in rows))
    return list(read_documents(split_lines("s", [data], LIMIT), RECORDS, LIMIT))


def by_run(items: Iterable[Item], how: Batching = BY_RUN) -> list[tuple[int, list[int]]]:
    """Return the run of each batch, and the lines that it holds."""
    return [
        (batch.run_number, [each.line.number for each in batch.data])
        for batch in in_batches(items, how)
        if isinstance(batch, Batch)
    ]


def test_records_of_runs_that_lie_mixed_are_put_together_by_run() -> None:
    mixed = records((2, False), (1, False), (2, False), (3, False), (1, False))
    assert by_run(mixed) == [(2, [1, 3]), (1, [2, 5]), (3, [4])]


def test_what_comes_after_a_runs_end_is_a_batch_of_its_own() -> None:
    ended = records((1, False), (2, False), (1, True), (2, False), (1, False), (2, True))
    assert by_run(ended) == [(1, [1, 3]), (2, [2, 4, 6]), (1, [5])]
    assert [batch.over for batch in in_batches(ended, BY_RUN) if isinstance(batch, Batch)] == [
        True,
        True,
        False,
    ]


def test_so_many_records_are_put_together_at_a_time() -> None:
    how = Batching(most=4, data=list, by_run=True)
    assert by_run(records(*[(1, False), (2, False)] * 3), how) == [
        (1, [1, 3]),
        (2, [2, 4]),
        (1, [5]),
        (2, [6]),
    ]


def test_records_are_handed_on_when_nothing_more_is_there() -> None:
    one, two, three = records((1, False), (2, False), (1, False))
    assert by_run([one, two, None, three]) == [(1, [1]), (2, [2]), (1, [3])]


@given(st.lists(st.tuples(st.integers(1, 3), st.sampled_from([False, False, True]))), st.integers(1, 7))
def test_batches_by_run_lose_nothing_and_keep_each_runs_order(rows: list[Any], most: int) -> None:
    items = records(*rows)
    batches = [
        each for each in in_batches(items, Batching(most, list, by_run=True)) if isinstance(each, Batch)
    ]
    for run in (1, 2, 3):
        mine = [document for batch in batches if batch.run_number == run for document in batch.data]
        assert mine == [document for document in items if document.run_number == run]
    for batch in batches:
        assert {document.run_number for document in batch.data} == {batch.run_number}
        assert Part.LAST not in [document.part for document in batch.data[:-1]]
        assert batch.over == (batch.data[-1].part is Part.LAST)
