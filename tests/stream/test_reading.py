"""Lines to documents, however they are laid out."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from runfolio.stream import (
    Decoder,
    Document,
    Kind,
    Line,
    Refused,
    read_documents,
    split_lines,
)
from support import mark, spill, stream

LIMIT = 64 << 20

Item = Document | Refused | None


class Reads(Struct):
    recon_events: list[Any] | None = None


def read(data: bytes | Iterable[bytes | None], limit: int = LIMIT) -> list[Item]:
    chunks = [data] if isinstance(data, bytes) else data
    return list(read_documents(split_lines("spills.json", chunks, limit), Decoder([Reads]), limit))


def told(items: Iterable[Item]) -> list[Any]:
    """Return the spill number of each spill, the kind of each other document, the reason of each refusal."""
    return [
        None
        if item is None
        else item.reason
        if isinstance(item, Refused)
        else item.body.spill_number
        if item.kind is Kind.SPILL
        else item.kind
        for item in items
    ]


def pretty(document: Any, indent: int | str = 2) -> bytes:
    return json.dumps(document, indent=indent).encode() + b"\n"


NESTED = {"recon_events": [{"a": [1, {"b": '"}]{"'}], "c": {}}, None]}
CUT_OFF = stream(spill(1, 0))[:40] + b"\n"
CUT_BEFORE_VALUE = b'{"maus_event_type":\n'


def test_a_pretty_printed_file_is_one_document(shared_data: Path) -> None:
    [document] = read((shared_data / "tof-slab-hits-nulls.json").read_bytes())
    assert isinstance(document, Document)
    assert (document.run_number, len(document.body.recon_events)) == (3407, 4)


@pytest.mark.parametrize("indent", [0, 1, 2, 8, "\t"])
def test_pretty_documents_and_lines_may_be_mixed(indent: int | str) -> None:
    data = b"".join(
        [
            pretty(spill(1, 1, **NESTED), indent),
            stream(spill(1, 2)),
            pretty(spill(1, 3, **NESTED), indent),
            pretty(spill(1, 4), indent),
            pretty(mark("RunFooter", 1), indent),
        ]
    )
    assert told(read(data)) == told(read(data.replace(b"\n", b"\r\n"))) == [1, 2, 3, 4, Kind.RUN_FOOTER]


def test_an_entry_a_line_is_one_document() -> None:
    entry = json.dumps({"tag": "a", "image_type": "png", "data": "AA=="}).encode()
    data = (
        b'{"maus_event_type": "Image", "run_number": 1, "image_list": [\n'
        + entry
        + b",\n"
        + entry
        + b"\n]}\n"
    )
    assert told(read(data + stream(spill(1, 1)))) == [Kind.IMAGE, 1]


@pytest.mark.parametrize("indent", [1, 2])
@pytest.mark.parametrize("cut", [b'{"a": [', b'{"a": [1,', b'{"a":'])
def test_a_line_cut_off_where_a_value_follows_costs_only_itself(indent: int, cut: bytes) -> None:
    good = pretty(spill(1, 1, **NESTED), indent) + pretty(spill(1, 2), indent)
    assert told(read(cut + b"\n" + good)) == ["cut_off", 1, 2]


def test_a_pretty_document_stands_where_it_begins() -> None:
    before = stream(spill(1, 1))
    document = read(before + pretty(spill(1, 2)))[1]
    assert isinstance(document, Document)
    assert (document.line.number, document.line.offset) == (2, len(before))
    assert json.loads(document.line.data) == spill(1, 2)


def test_a_pretty_document_may_come_in_pieces_with_pauses() -> None:
    data = pretty(spill(1, 1, **NESTED))
    pieces = [piece for byte in data for piece in (bytes([byte]), None)]
    assert [item for item in told(read(pieces)) if item is not None] == [1]


def test_a_pretty_document_that_is_bad_is_set_aside_whole() -> None:
    data = pretty(spill(-1, 1, **NESTED)) + stream(spill(1, 2))
    bad, good = read(data)
    assert told([bad, good]) == ["bad_run_number", 2]
    assert isinstance(bad, Refused)
    assert json.loads(bad.line.data) == spill(-1, 1, **NESTED)


def test_a_pretty_document_that_is_cut_off_is_set_aside_whole() -> None:
    kept = b"\n".join(pretty(spill(1, 1, **NESTED)).split(b"\n")[:-4])
    cut, good, last = read(kept + b"\n" + stream(spill(1, 2)) + kept)
    assert told([cut, good, last]) == ["cut_off", 2, "cut_off"]
    assert isinstance(cut, Refused)
    assert cut.line.data == kept


def test_a_cut_off_line_costs_only_itself() -> None:
    data = stream(spill(1, 1)) + CUT_OFF + stream(spill(1, 2), spill(1, 3))
    assert told(read(data)) == [1, "cut_off", 2, 3]


def test_a_cut_off_line_before_a_pretty_document_costs_only_itself() -> None:
    assert told(read(CUT_OFF + CUT_OFF + pretty(spill(1, 1)))) == ["cut_off", "cut_off", 1]


def test_a_cut_off_line_keeps_no_indented_document_from_being_read() -> None:
    assert told(read(CUT_OFF + b"  " + stream(spill(1, 1)) + b"\t" + stream(spill(1, 2)))) == [
        "cut_off",
        1,
        2,
    ]


def test_a_cut_off_last_line_is_set_aside() -> None:
    assert told(read(stream(spill(1, 1)) + CUT_OFF.strip())) == [1, "cut_off"]


def test_what_is_refused_is_kept_with_its_place_and_its_run() -> None:
    before, bad = stream(spill(1, 1), b""), stream(spill(7, 1, time_stamp="now"))
    refused = read(before + bad + stream(spill(1, 2)))[1]
    assert isinstance(refused, Refused)
    assert refused.line == Line("spills.json", 3, len(before), bad.strip(), len(bad) - 1)
    assert (refused.reason, refused.run_number) == ("wrong_type", 7)
    assert "time_stamp" in refused.detail


def test_a_byte_order_mark_does_not_spoil_the_first_document() -> None:
    assert told(read(b"\xef\xbb\xbf" + stream(spill(1, 1)))) == [1]
    assert told(read(b"\xef\xbb\xbf" + pretty(spill(1, 1)))) == [1]


def test_a_line_of_zeros_where_a_disk_was_lost_costs_only_itself() -> None:
    data = stream(spill(1, 1)) + bytes(10_000) + b"\n" + stream(spill(1, 2)) + bytes(10_000)
    assert told(read(data)) == [1, "not_json", 2, "not_json"]


def test_garbage_costs_a_line_each() -> None:
    data = b"garbage\n" + stream(spill(1, 1)) + CUT_OFF + b"]]}\ngarbage\n\x00\n" + stream(spill(1, 2))
    assert told(read(data)) == ["not_json", 1, "cut_off", "not_json", "not_json", 2]


def test_a_word_after_a_cut_off_line_costs_a_line_of_its_own() -> None:
    assert told(read(CUT_OFF + b'"word"\n' + stream(spill(1, 2)))) == ["cut_off", "wrong_type", 2]


def test_a_pretty_document_beyond_the_limit_is_refused_and_the_next_is_read() -> None:
    large = pretty(spill(1, 1, stray=list(range(100))))
    items = told(read(large + stream(spill(1, 2)), limit=500))
    assert items[0] == "cut_off"
    assert items[-1] == 2
    assert 1 not in items


def test_a_long_line_within_a_pretty_document_is_too_long() -> None:
    data = b'{\n"a": "' + b"x" * 2000 + b'"\n}\n' + stream(spill(1, 2))
    assert told(read(data, limit=1000)) == ["cut_off", "too_long", "not_json", 2]


def test_a_document_over_50_000_lines_is_read() -> None:
    [document] = read(pretty(spill(1, 1, recon_events=[{"a": n} for n in range(17_000)])))
    assert isinstance(document, Document)
    assert len(document.body.recon_events) == 17_000


@pytest.mark.parametrize(
    "line", [b"{", b" {", b"[", b"}", b'{"', b'{"a":"' + b'\\"' * 40, b"{}{", b'{"a": [']
)
def test_time_grows_with_the_number_of_lines_and_not_with_its_square(line: bytes) -> None:
    items = read((line + b"\n") * 50_000)
    assert all(isinstance(item, Refused) for item in items)
    assert sum(item.line.data.count(b"\n") + 1 for item in items if item is not None) == 50_000


def test_a_cut_off_line_full_of_quotes_is_read_at_once() -> None:
    data = b'{"json_configuration": "' + b'{\\"key\\": ' * 500_000
    assert told(read(data)) == ["cut_off"]


def test_lines_without_end_are_not_gathered_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runfolio.stream.reading.GROUP_LINES", 100)
    lines = iter(split_lines("s", [b"{\n", *[b"1,\n"] * 1000], LIMIT))
    assert next(read_documents(lines, Decoder(), LIMIT)) is not None
    assert len(list(lines)) > 800


good = st.builds(
    lambda number, indent: (
        stream(spill(1, number)) if indent is None else pretty(spill(1, number), indent),
        [number],
    ),
    st.integers(1, 10**6),
    st.sampled_from([None, 0, 2]),
)
bad = st.sampled_from(
    [
        (CUT_OFF, ["cut_off"]),
        (CUT_BEFORE_VALUE, ["cut_off"]),
        (b"garbage\n", ["not_json"]),
        (b"\n", []),
        (b"7\n", ["wrong_type"]),
    ]
)


@given(st.lists(good | bad))
def test_every_document_comes_out_once_and_in_order(parts: Sequence[tuple[bytes, list[Any]]]) -> None:
    data = b"".join(text for text, _ in parts)
    assert told(read(data)) == [item for _, items in parts for item in items]
