"""Lines to documents, and every way in which a line can be none."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from runfolio.errors import DocumentError
from runfolio.stream import Decoder, Document, Kind, Line, read_images
from support import mark, spill


class Hit(Struct):
    charge: int | None = None
    time: float | None = None


class Reads(Struct):
    """What reducers read in these tests."""

    hits: list[Hit | None] | None = None
    tag: int = 0
    start_of_job: int | None = None


DECODER = Decoder([Reads])
DEEP = 100_000


def line(document: Any) -> Line:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    return Line("spills.json", 1, 0, data, len(data))


def decode(document: Any, decoder: Decoder = DECODER) -> Document:
    return decoder.decode(line(document))


def refusal(document: Any, decoder: Decoder = DECODER) -> str:
    """Return the reason and detail for which a document is set aside."""
    with pytest.raises(DocumentError) as caught:
        decode(document, decoder)
    return str(caught.value)


def with_text(key: str, text: str, document: Any = None) -> bytes:
    """Return a spill with a value written as it is given, which need be no JSON."""
    return json.dumps(document or spill(3, 1)).encode()[:-1] + f', "{key}": {text}}}'.encode()


@pytest.mark.parametrize(
    ("document", "kind", "run_number"),
    [
        (
            {"maus_event_type": "JobHeader", "start_of_job": {"date_time": "2013-11-28"}},
            Kind.JOB_HEADER,
            None,
        ),
        (mark("RunHeader", 3), Kind.RUN_HEADER, 3),
        (spill(3, 1), Kind.SPILL, 3),
        (spill(0, -1), Kind.SPILL, 0),
        ({"maus_event_type": "Image", "image_list": []}, Kind.IMAGE, None),
        ({"maus_event_type": "Image", "image_list": [], "run_number": 3}, Kind.IMAGE, 3),
        (mark("RunFooter", 2**63 - 1), Kind.RUN_FOOTER, 2**63 - 1),
        ({"maus_event_type": "JobFooter", "end_of_job": {"date_time": ""}}, Kind.JOB_FOOTER, None),
        ({"maus_event_type": "RunHeader", "run_num": 3}, Kind.RUN_HEADER, 3),
        ({"run_num": 3, "spill_num": 1}, Kind.SPILL, 3),
        ({"image": {"tag": "a"}}, Kind.IMAGE, None),
        ({"tag": "a", "image_type": "png", "data": "AAAA", "description": ""}, Kind.IMAGE, None),
        ({"image": {"tag": "a"}, "run_number": 3}, Kind.IMAGE, 3),
    ],
)
def test_every_kind_of_document(document: Any, kind: Kind, run_number: int | None) -> None:
    found = decode(document)
    assert (found.kind, found.run_number) == (kind, run_number)


def test_a_spill_holds_what_reducers_read_and_nothing_else() -> None:
    body = decode(spill(3, 7, hits=[{"charge": 5, "time": 1}, None], stray={"a": [1]}, time_stamp=9)).body
    assert (body.run_number, body.spill_number, body.time_stamp, body.tag) == (3, 7, 9.0, 0)
    assert (body.hits[0].charge, body.hits[0].time, body.hits[1]) == (5, 1.0, None)
    assert not hasattr(body, "stray")


def test_old_names_are_given_the_new_ones() -> None:
    body = decode({"run_num": 3, "spill_num": 7}).body
    assert (body.run_number, body.spill_number, body.daq_event_type) == (3, 7, "")


def test_headers_keep_stray_keys_from_harm() -> None:
    assert decode({**mark("RunHeader", 3), "mc_events": [{}], "spill_number": "none"}).run_number == 3


def test_a_key_that_a_reducer_reads_as_something_else_spoils_no_other_kind() -> None:
    assert decode({"maus_event_type": "JobHeader", "start_of_job": {"date_time": ""}}).kind == Kind.JOB_HEADER
    assert decode({**mark("RunHeader", 3), "hits": "none"}).run_number == 3
    old = decode({"tag": "a", "image_type": "any", "data": "AAAA"})
    [image] = read_images(old.body)
    assert not isinstance(image, DocumentError)
    assert image.tag == "a"


def test_what_a_reducer_requires_of_spills_no_other_kind_needs() -> None:
    class Needs(Struct):
        recon_events: list[Any]

    decoder = Decoder([Needs])
    assert decode(mark("RunFooter", 3), decoder).kind == Kind.RUN_FOOTER
    assert decode({"image": {}}, decoder).kind == Kind.IMAGE
    assert refusal(spill(3, 1), decoder).startswith("wrong_type")


NO_JSON = [b"none", b"{'a': 1}", b"{}{}", b'{"a": 1,}', b'{"a": 01}', b'{"a": \x01}', b"\x00", b"}", b"nul"]


@pytest.mark.parametrize("data", NO_JSON)
def test_what_is_no_json_is_refused(data: bytes) -> None:
    assert refusal(data).split(":")[0] in ("not_json", "cut_off")


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", '"\t"', r'"\x"', r'"\udc00"'])
@pytest.mark.parametrize("key", ["stray", "time_stamp"])
def test_what_json_has_no_word_for_is_refused(key: str, value: str) -> None:
    assert refusal(with_text(key, value)).split(":")[0] in ("not_json", "wrong_type")


@pytest.mark.parametrize("text", [r'"\ud800"', r'["\uD8ff"]', r'"\ud800\u0041"', r'{"\ud800":1}'])
def test_half_a_surrogate_pair_is_refused_and_not_taken_for_a_cut(text: str) -> None:
    assert refusal(with_text("stray", text)).startswith("not_json")


def test_a_whole_surrogate_pair_is_a_character() -> None:
    assert decode(with_text("stray", r'"\ud83d\ude00"')).run_number == 3


@given(st.integers(1, 100))
def test_a_cut_off_line_says_so(kept: int) -> None:
    data = json.dumps(spill(3, 1)).encode()
    assert refusal(data[: min(kept, len(data) - 1)]).startswith("cut_off")


def test_a_cut_off_line_says_so_whatever_else_is_wrong_with_it() -> None:
    assert refusal(b'{"hits": "many", "run_number": 3').startswith("cut_off")


@pytest.mark.parametrize("bad", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80"])
def test_what_is_not_utf8_is_refused_even_where_nobody_reads(bad: bytes) -> None:
    data = json.dumps(spill(3, 1, stray="-")).encode().replace(b'"-"', b'"' + bad + b'"')
    assert refusal(data).startswith("not_utf8")
    assert DECODER.run_number(line(data)) == 3


@pytest.mark.parametrize("end", [b"]" * DEEP + b"}", b""])
@pytest.mark.parametrize("key", [b"stray", b"hits", b"run_number", b"image", b"maus_event_type"])
def test_deep_nesting_is_refused(key: bytes, end: bytes) -> None:
    assert refusal(b'{"' + key + b'": ' + b"[" * DEEP + end).split(":")[0] in ("not_json", "wrong_type")


def test_deep_nesting_in_another_kind_is_refused() -> None:
    deep = b'{"maus_event_type": "RunHeader", "hits": 1, "run_number": 3, "x": ' + b'{"x":' * DEEP
    assert refusal(deep).startswith("not_json")
    assert DECODER.run_number(line(deep)) is None


@pytest.mark.parametrize("document", [[], 1, "text", None, True, [spill(3, 1)]])
def test_what_is_no_object_is_refused(document: Any) -> None:
    assert refusal(document).startswith("wrong_type")


BAD_NUMBERS = ["-1", '"3"', "3.0", "3.5", "1e3", "1e400", str(10**30), "1" * 5000, str(2**63), "null", "true"]


@pytest.mark.parametrize("number", [*BAD_NUMBERS, "[3]", "{}"])
@pytest.mark.parametrize("kind", ["Spill", "RunHeader", "RunFooter", "Image"])
def test_a_run_number_that_is_none_is_refused(kind: str, number: str) -> None:
    document = {**spill(3, 1), "maus_event_type": kind, "image_list": []}
    del document["run_number"]
    if (kind, number) == ("Image", "null"):
        assert decode(with_text("run_number", number, document)).run_number is None
    else:
        assert refusal(with_text("run_number", number, document)).startswith("bad_run_number")


@pytest.mark.parametrize("number", BAD_NUMBERS)
def test_the_old_name_of_a_run_number_is_checked_alike(number: str) -> None:
    assert refusal(with_text("run_num", number, {"spill_num": 1})).startswith("bad_run_number")


@pytest.mark.parametrize("kind", ["Spill", "RunHeader", "RunFooter"])
def test_a_missing_run_number_is_refused(kind: str) -> None:
    document = {"maus_event_type": kind, "spill_number": 1, "daq_event_type": ""}
    assert refusal(document).startswith("no_run_number")


def test_an_old_spill_without_run_number_is_refused() -> None:
    assert refusal({"spill_num": 1, "daq_event_type": ""}).startswith("no_run_number")


@pytest.mark.parametrize(
    "wrong",
    [
        {"spill_number": "1"},
        {"spill_number": 1.5},
        {"spill_number": 2**63},
        {"daq_event_type": None},
        {"daq_event_type": 3},
        {"time_stamp": "now"},
        {"time_stamp": -1},
        {"time_stamp": 1e300},
        {"hits": 7},
        {"hits": [{"charge": "much"}]},
        {"hits": [{"charge": 1.5}]},
        {"maus_event_type": 7},
    ],
)
def test_a_wrong_type_is_refused_with_its_path_and_the_run_is_known(wrong: dict[str, Any]) -> None:
    document = {**spill(3, 1), **wrong}
    assert f"`$.{next(iter(wrong))}" in refusal(document)
    assert refusal(document).startswith("wrong_type")
    assert DECODER.run_number(line(document)) == 3


@pytest.mark.parametrize("key", ["spill_number", "daq_event_type"])
def test_a_spill_lacking_what_it_must_have_is_refused(key: str) -> None:
    document = spill(3, 1)
    del document[key]
    assert refusal(document) == f"wrong_type: a spill without {key}"


@pytest.mark.parametrize("kind", ["JobHeader", "JobFooter", "Image"])
def test_another_kind_lacking_what_it_must_have_is_refused(kind: str) -> None:
    assert refusal({"maus_event_type": kind}).startswith("wrong_type")


@pytest.mark.parametrize("document", [{}, {"run_number": 3}, {"tag": "a"}, {"image_list": []}])
def test_what_is_of_no_kind_is_refused(document: Any) -> None:
    assert refusal(document, Decoder()).startswith("unknown_kind")


def test_an_unknown_kind_is_named_in_printable_characters_and_not_at_length() -> None:
    told = refusal({"maus_event_type": "\x1b[31m\u202e" + "x" * 10_000, "run_number": 3})
    assert told.startswith("unknown_kind")
    assert told.isprintable()
    assert len(told) < 200


def test_an_escaped_key_is_the_same_key() -> None:
    assert decode(b'{"maus_event_type": "RunHeader", "run\\u005fnumber": 3}').run_number == 3


def test_of_a_key_that_is_there_twice_the_last_counts() -> None:
    assert decode(with_text("run_number", "4")).run_number == 4


def test_a_line_beyond_the_limit_is_refused_with_its_length() -> None:
    with pytest.raises(DocumentError, match="too_long: a line of 200000000 bytes"):
        DECODER.decode(Line("s", 1, 0, b"{", 200_000_000))


def test_the_run_of_a_line_that_cannot_be_read_to_its_end_is_not_known() -> None:
    assert DECODER.run_number(line(b'{"run_number": 3, "spill_n')) is None
    assert DECODER.run_number(line(b'{"run_number": 10000000000000000000000000}')) is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
NAMES = ["maus_event_type", "run_number", "run_num", "spill_number", "daq_event_type", "time_stamp"]
KEYS = [*NAMES, "image_list", "image", "tag", "data", "start_of_job", "end_of_job", "hits"]
documents = st.dictionaries(st.sampled_from(KEYS), st.sampled_from([*Kind, 3]) | json_values)


@given(documents.map(lambda document: json.dumps(document).encode()) | st.binary())
def test_any_line_is_a_document_or_refused(data: bytes) -> None:
    with suppress(DocumentError):
        assert decode(data).line.data == data


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_in_json_is_named(word: str) -> None:
    line = b'{"maus_event_type": "Spill", "x": ' + word.encode() + b"}"
    with pytest.raises(DocumentError, match="NaN and Infinity are no JSON"):
        Decoder().decode(Line("x", 1, 0, line, len(line)))


def test_a_word_in_a_string_is_not_blamed() -> None:
    line = b'{"x": "a: NaN", }'
    with pytest.raises(DocumentError) as caught:
        Decoder().decode(Line("x", 1, 0, line, len(line)))
    assert "NaN" not in str(caught.value)
