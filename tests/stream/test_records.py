"""Lines of JSON of one's own to documents."""

import json
from typing import Any

import msgspec
import pytest
from msgspec import Struct

from runfolio.errors import DeclarationError, DocumentError, InputError
from runfolio.stream import Document, FileName, Keys, Line, Part, RecordDecoder, SpillMark


class Header(Struct):
    detector: str = ""


class Event(Struct):
    energy: float
    header: Header | None = None


KEYS = Keys(run="run", end=("type", "end_of_run"), number="event", time="time")


def line(record: Any, source: str = "beam_7.jsonl") -> Line:
    data = record if isinstance(record, bytes) else json.dumps(record).encode()
    return Line(source, 3, 0, data, len(data))


def decode(record: Any, keys: Keys = KEYS, *structs: type[Struct]) -> Document:
    return RecordDecoder(keys, structs or [Event]).decode(line(record))


def refusal(record: Any, keys: Keys = KEYS, *structs: type[Struct]) -> str:
    with pytest.raises(DocumentError) as caught:
        decode(record, keys, *structs)
    return str(caught.value)


def test_a_record_has_the_declared_fields_and_its_run() -> None:
    document = decode({"run": 4235, "energy": 5, "other": [1]})
    assert (document.run_number, document.part, document.body.energy) == (4235, Part.DATA, 5.0)


@pytest.mark.parametrize("run", [0, 5.0, 2**63 - 1])
def test_a_run_number_is_a_whole_number_however_it_is_written(run: float) -> None:
    assert decode({"run": run, "energy": 1}).run_number == run


@pytest.mark.parametrize("record", [{}, {"run": None}])
def test_a_record_without_a_run_number_is_refused(record: dict[str, Any]) -> None:
    assert refusal({**record, "energy": 1}) == "no_run_number: a record without run"


@pytest.mark.parametrize("run", [-1, 5.5, "5", True, [5], {"n": 5}, 2**63, 10**30, 1e300])
def test_what_is_no_run_number_is_refused_and_shown(run: Any) -> None:
    assert refusal({"run": run, "energy": 1}).startswith(f"bad_run_number: run is {run!r}, no")


@pytest.mark.parametrize(
    "declared",
    [Event, msgspec.defstruct("Event", [("run", int)]), msgspec.defstruct("Event", [("run", str)])],
)
def test_a_bad_run_number_is_called_so_whatever_is_declared(declared: type[Struct]) -> None:
    assert refusal({"run": [5]}, Keys(run="run"), declared).startswith("bad_run_number")
    assert refusal({"energy": "x"}, Keys(run="run"), declared).startswith("no_run_number")


@pytest.mark.parametrize("record", [{"energy": "high"}, {"energy": None}, {}])
def test_a_record_of_another_type_is_refused_with_its_path_and_the_run_is_known(record: Any) -> None:
    assert "energy" in refusal({"run": 5, **record})
    assert RecordDecoder(KEYS, [Event]).run_number(line({"run": 5, **record})) == 5


def test_a_record_that_ends_its_run_need_not_look_like_data() -> None:
    assert decode({"run": 5, "type": "end_of_run"}).part is Part.END
    assert decode({"run": 5, "type": "end_of_run", "energy": 1}).part is Part.END
    assert decode({"run": 5, "type": "data", "energy": 1}).part is Part.DATA
    assert refusal({"type": "end_of_run"}).startswith("no_run_number")


def test_a_last_row_is_data_and_has_to_look_like_it() -> None:
    keys = Keys(run="run", end="last")
    assert refusal({"run": 5, "energy": "high", "last": True}, keys).startswith("wrong_type")
    assert decode({"run": 5, "energy": 1, "last": True}, keys).part is Part.LAST


@pytest.mark.parametrize(
    ("last", "part"),
    [
        *[(each, Part.LAST) for each in (True, 1, 0.5, -1)],
        *[(each, Part.DATA) for each in (False, 0, None, "", "false", [], [1])],
    ],
)
def test_a_flag_is_true_or_a_number_other_than_0(last: Any, part: Part) -> None:
    assert decode({"run": 5, "energy": 1, "last": last}, Keys(run="run", end="last")).part is part


def test_a_run_number_in_the_files_name() -> None:
    keys = Keys(run=FileName("beam_{run}.jsonl"))
    assert decode({"energy": 1}, keys).run_number == 7
    decoder = RecordDecoder(keys, [Event])
    assert decoder.run_number(line(b"garbage")) == 7
    with pytest.raises(DocumentError, match="no_run_number: the name of stdin is not like"):
        decoder.decode(line({"energy": 1}, "stdin"))


def test_keys_may_lie_within_fields_that_are_declared_otherwise() -> None:
    keys = Keys(run="header.run", number="header.event", end="header.last")
    document = decode({"energy": 1, "header": {"detector": "tof", "run": 5, "last": True, "event": 9}}, keys)
    assert (document.run_number, document.part, document.body.header) == (5, Part.LAST, Header("tof"))
    assert [mark.number for mark in RecordDecoder(keys, [Event]).marks([document])] == [9]
    assert refusal({"energy": 1}, keys) == "no_run_number: a record without header.run"


def test_keys_may_bear_other_names_in_the_struct() -> None:
    renamed = msgspec.defstruct("Event", [("number", int, msgspec.field(name="run"))])
    assert decode({"run": 5}, Keys(run="run"), renamed).run_number == 5


def test_a_field_of_a_struct_that_has_a_default_is_a_key_like_any_other() -> None:
    flagged = msgspec.defstruct("Event", [("last", bool, False)])
    keys = Keys(run="run", end="last")
    assert decode({"run": 5}, keys, flagged).part is Part.DATA
    assert decode({"run": 5, "last": True}, keys, flagged).part is Part.LAST


def test_several_structs_are_decoded_at_once() -> None:
    document = decode({"run": 5, "energy": 1, "x": 2}, KEYS, Event, msgspec.defstruct("More", [("x", int)]))
    assert (document.body.energy, document.body.x) == (1, 2)
    with pytest.raises(DeclarationError, match="energy"):
        RecordDecoder(KEYS, [Event, msgspec.defstruct("Other", [("energy", str)])])


def test_a_key_that_cannot_be_read_is_told_of_at_once() -> None:
    with pytest.raises(InputError, match="cannot be read"):
        RecordDecoder(Keys(run='the "run"'), [Event])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'[{"run": 5, "energy": 1}]', "wrong_type: a JSON array, where an object a line is read: jq"),
        (b"7", "wrong_type: Expected `object`"),
        (b"null", "wrong_type"),
        (b'{"run": 5, "energy": 1', "cut_off"),
        (b'{"run": 5, "energy": NaN}', "not_json"),
        (b'{"run": 5, "energy": 1e999}', "wrong_type"),
        (b'{"run": 5, "energy": 1} {}', "not_json"),
        (b'{"run": 5, "energy": 1, "a": "\xff"}', "not_utf8"),
        (b'{"header": {"run": "\xff"}}', "not_utf8"),
        (b'{"run": "\xff"}', "not_utf8"),
        (b"{" + b'"a": [' * 100_000, ""),
        (b'{"header": ' * 100_000 + b"}" * 100_000, ""),
    ],
)
def test_what_is_no_record_is_refused(data: bytes, words: str) -> None:
    assert refusal(data).startswith(words)
    RecordDecoder(KEYS, [Event]).run_number(line(data))


def test_records_are_marked_by_number_and_time() -> None:
    decoder = RecordDecoder(KEYS, [Event])
    rows: list[dict[str, Any]] = [
        {"event": 5, "time": 10},
        {"event": 3.0, "time": 8.5},
        {"event": "x"},
        {"event": 7, "time": True},
    ]
    documents = [decoder.decode(line({"run": 1, "energy": 0, **row})) for row in rows]
    assert [(mark.number, mark.time) for mark in decoder.marks(documents)] == [(3, 8.5), (7, None), (5, 10.0)]


def test_records_without_numbers_are_marked_by_their_times() -> None:
    decoder = RecordDecoder(Keys(run="run", time="time"), [Event])
    documents = [decoder.decode(line({"run": 1, "energy": 0, "time": time})) for time in (9, 5, "noon")]
    assert decoder.marks(documents) == [SpillMark(None, 5.0), SpillMark(None, 9.0)]
    assert RecordDecoder(Keys(run="run"), [Event]).marks(documents) == []
