"""Columns of lines of JSON: what is asked for is decoded, what is missing is told of."""

import json
import logging
from typing import Any

import awkward as ak  # type: ignore[import-untyped]  # it has no types
import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfolio.errors import InputError
from runfolio.stream import Document, Keys, Line
from runfolio.stream.json_columns import ColumnDecoder


def lines(*records: Any, source: str = "events.jsonl") -> list[Line]:
    data = [json.dumps({"run": 1, **record}).encode() for record in records]
    return [Line(source, number, 0, each, len(each)) for number, each in enumerate(data, start=1)]


def decoder(*asked: str) -> ColumnDecoder:
    return ColumnDecoder(Keys(run="run"), dict.fromkeys(asked))


def documents(made: ColumnDecoder, *records: Any, source: str = "events.jsonl") -> list[Document]:
    return [made.decode(line) for line in lines(*records, source=source)]


def test_columns_are_had_by_name_whether_or_not_they_were_decoded_along() -> None:
    made = decoder("x")
    rows = made.rows(documents(made, {"x": 1, "y": 2}, {"x": 3, "y": 4}))
    assert (rows.x.tolist(), rows.y.tolist()) == ([1, 3], [2, 4])


def test_a_name_that_was_asked_for_is_decoded_along_from_then_on() -> None:
    made = decoder()
    first, early = documents(made, {"x": 1}, {"x": 2})
    assert not hasattr(first.body, "x")
    assert made.rows([first]).x.tolist() == [1]
    [late] = documents(made, {"x": 3})
    assert late.body.x == 3
    assert made.rows([early, late]).x.tolist() == [2, 3]


def test_a_name_with_dots_leads_down() -> None:
    made = decoder()
    rows = made.rows(documents(made, {"header": {"time": 5}}, {"header": None}, {"header.time": 6}))
    assert np.array_equal(rows["header.time"], [5, np.nan, 6], equal_nan=True)


def test_a_key_that_some_records_lack_is_missing_there() -> None:
    made = decoder("x")
    rows = made.rows(documents(made, {"x": 1}, {}))
    assert np.array_equal(rows.x, [1, np.nan], equal_nan=True)
    assert made.missing() == []


def test_a_key_that_all_records_lack_is_missing_and_told_of(caplog: pytest.LogCaptureFixture) -> None:
    made = decoder("energy")
    for _ in range(2):
        assert np.isnan(made.rows(documents(made, {"enrgy": 1}, {})).energy).all()
    told = "events.jsonl has no 'energy'; did you mean enrgy?"
    assert made.missing() == [told]
    assert [record.message for record in caplog.records] == [f"so far {told}"]
    assert caplog.records[0].levelno == logging.WARNING


def test_a_key_that_comes_late_is_not_missing() -> None:
    made = decoder("energy")
    assert np.isnan(made.rows(documents(made, {})).energy).all()
    assert made.rows(documents(made, {"energy": 1})).energy.tolist() == [1]
    assert made.missing() == []
    made.rows(documents(made, {})).energy  # noqa: B018 - it is looked for
    assert made.missing() == []


def test_a_key_may_be_missing_in_one_source_alone() -> None:
    made = decoder("energy")
    made.rows(documents(made, {"energy": 1})).energy  # noqa: B018 - it is looked for
    made.rows(documents(made, {}, source="second.jsonl")).energy  # noqa: B018 - as above
    assert made.missing() == ["second.jsonl has no 'energy'; it has run"]


def test_no_rows_tell_of_nothing() -> None:
    made = decoder()
    assert len(made.rows([]).energy) == 0
    assert made.missing() == []


def test_a_key_that_cannot_be_read_spoils_nothing() -> None:
    made = decoder()
    with pytest.raises(InputError, match="cannot be read"):
        made.rows(documents(made, {"x": 1}))['a"b']
    assert made.rows(documents(made, {"x": 1})).x.tolist() == [1]


def test_lists_of_which_a_batch_holds_nothing_have_the_fields_that_they_had() -> None:
    made = decoder("hits")
    assert ak.to_list(made.rows(documents(made, {"hits": []})).hits.channel) == [[]]
    assert ak.to_list(made.rows(documents(made, {"hits": [{"channel": 5}]})).hits.channel) == [[5]]
    empties: list[dict[str, Any]] = [{"hits": []}, {"hits": None}, {}]
    for empty in empties:
        hits = made.rows(documents(made, empty, empty)).hits
        assert ak.to_list(hits.channel) in ([[], []], [None, None])
        assert ak.to_list(ak.num(hits.channel)) in ([0, 0], [None, None])
        with pytest.raises(AttributeError, match="chanel"):
            _ = hits.chanel


records_in = st.lists(
    st.fixed_dictionaries({}, optional={"hits": st.none() | st.lists(st.just({"adc": 1.5}), max_size=2)})
)


@given(records_in, st.integers(0, 5))
def test_whatever_way_lines_are_cut_no_hits_are_lost(records: list[Any], cut: int) -> None:
    made = decoder("hits")
    before = [{"hits": [{"adc": 2.5}]}]
    made.rows(documents(made, *before)).hits  # noqa: B018 - that it has been seen
    found: list[Any] = []
    for part in (records[:cut], records[cut:]):
        found += ak.to_list(made.rows(documents(made, *part)).hits.adc)
    assert found == [
        None if record.get("hits") is None else [hit["adc"] for hit in record["hits"]] for record in records
    ]


def test_a_name_with_dots_leads_into_the_objects_of_lists() -> None:
    made = decoder("hits.energy")
    rows = made.rows(documents(made, {"hits": [{"energy": 1.5}, {"energy": 2.5}]}, {"hits": []}))
    assert rows["hits.energy"].to_list() == [[1.5, 2.5], []]
    assert made.missing() == []


@pytest.mark.parametrize("key", ["number", "time"])
def test_a_key_of_the_keys_that_all_records_lack_is_told_of(key: str) -> None:
    keys: dict[str, Any] = {key: "tme"}
    made = ColumnDecoder(Keys(run="run", **keys), {})
    made.rows(documents(made, {"time": 1}))
    assert made.missing() == ["events.jsonl has no 'tme'; did you mean time?"]


def test_what_was_learned_is_taken_over_and_what_was_asked_for_before_is_forgotten() -> None:
    made, other = decoder("x"), decoder("y", "z")
    assert made.rows(documents(made, {"x": [1]})).x.tolist() == [[1]]
    other.restore(msgspec.msgpack.decode(msgspec.msgpack.encode(made.state())))
    assert other.state() == made.state()
    [document] = documents(other, {"y": 1})
    assert (hasattr(document.body, "x"), hasattr(document.body, "y")) == (True, False)
    assert str(ak.type(other.rows([document]).x)) == "1 * option[var * int64]"


def test_a_name_that_is_no_text_is_part_of_what_was_learned() -> None:
    asked: dict[str, None] = {}
    made = ColumnDecoder(Keys(run="run"), asked)
    asked["\udcff"] = None  # as a column of a file may be called
    other = decoder()
    other.restore(msgspec.msgpack.decode(msgspec.msgpack.encode(made.state())))
    assert other.state() == made.state()


def test_a_number_beyond_all_limits_keeps_no_missing_key_from_being_told_of() -> None:
    made = decoder()
    line = b'{"run": 1, "y": 1e999}'
    rows = made.rows([made.decode(Line("events.jsonl", 1, 0, line, len(line)))])
    assert np.isnan(rows.x).all()
    assert made.missing() == ["events.jsonl has no 'x'; it has run, y"]
