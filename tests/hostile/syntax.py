"""Bytes that are no JSON, no UTF-8 or no document; nesting, cuts, and ends of lines."""

from dataclasses import replace

from hostile.cases import Case, lines, refused, taken, written
from support import mark, spill, stream

DEEP = 100_000
WHOLE = written()


def _other(text: bytes) -> bytes:
    """Return a spill with a key that nobody reads and this value."""
    return WHOLE[:-1] + b', "other": ' + text + b"}"


def _nested(opening: bytes, closing: bytes, depth: int = DEEP) -> bytes:
    return opening * depth + b"1" + closing * depth


NO_UTF8 = {
    "a byte that begins nothing": b"\xff",
    "an overlong slash": b"\xc0\xaf",
    "an overlong null": b"\xe0\x80\x80",
    "a surrogate": b"\xed\xa0\x80",
    "beyond Unicode": b"\xf4\x90\x80\x80",
    "a cut character": b"\xe2\x82",
    "Latin-1": b"Stra\xdfe",
}
NO_JSON = {
    "words": b"this is no JSON",
    "nulls": b"\0" * 100,
    "a null in a string": _other(b'"a\0b"'),
    "a raw escape in a string": _other(b'"\x1b[2J"'),
    "a null behind the document": WHOLE + b"\0",
    "two documents on a line": WHOLE + WHOLE,
    "a comment": WHOLE + b" // physics",
    "a trailing comma": _other(b"[1, ]"),
    "single quotes": b"{'maus_event_type': 'Spill'}",
    "an unknown escape": _other(rb'"\x41"'),
    "half a surrogate pair": _other(rb'"\ud800"'),
    "the second half of a pair": _other(rb'"\udc00"'),
    "half a pair as a key": WHOLE[:-1] + rb', "\ud800": 1}',
    "a closing bracket": b"}",
    "Python": b"__import__('os').system('touch owned')",
    "XML": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "lists in lists": _other(_nested(b"[", b"]")),
    "objects in objects": _other(_nested(b'{"a":', b"}")),
    "objects in lists in a hit": WHOLE[:-1] + b', "recon_events": ' + _nested(b'[{"a":', b"}]") + b"}",
    "lists that are never closed": _other(b"[" * DEEP),
}
NO_OBJECTS = {
    "a list": b"[]",
    "a list of spills": b"[" + WHOLE + b"]",
    "a number": b"1",
    "a word": b'"Spill"',
    "null": b"null",
    "lists in lists alone": _nested(b"[", b"]"),
}
NO_KINDS = {
    "an empty object": {},
    "a key that is empty": {"": ""},
    "a run number alone": {"run_number": 1},
    "a kind that is not known": {"maus_event_type": "Surprise", "run_number": 1},
    "an empty kind": {"maus_event_type": "", "run_number": 1},
    "a kind in capitals": {"maus_event_type": "SPILL", "run_number": 1},
    "a kind that is code": {"maus_event_type": "__class__", "run_number": 1},
}
WRONG = {
    "a kind that is a number": {"maus_event_type": 1},
    "a kind that is a list": {"maus_event_type": ["Spill"]},
    "a job header without a date": {"maus_event_type": "JobHeader"},
    "a job header with a list": {"maus_event_type": "JobHeader", "start_of_job": []},
    "images without a list": {"maus_event_type": "Image", "run_number": 1},
    "images in an object": {"maus_event_type": "Image", "run_number": 1, "image_list": {}},
    "a spill without a type": {"maus_event_type": "Spill", "run_number": 1, "spill_number": 1},
    "a type that is a number": spill(1, 1, daq_event_type=1),
    "events in an object": spill(1, 1, recon_events={}),
    "events that are words": spill(1, 1, recon_events=["event"]),
}

CASES = (
    *(
        refused(f"not UTF-8: {name}", "not_utf8", _other(b'"' + text + b'"'))
        for name, text in NO_UTF8.items()
    ),
    *(refused(f"no JSON: {name}", "not_json", text) for name, text in NO_JSON.items()),
    *(refused(f"no object: {name}", "wrong_type", text) for name, text in NO_OBJECTS.items()),
    *(refused(f"no kind: {name}", "unknown_kind", document) for name, document in NO_KINDS.items()),
    *(refused(f"wrong type: {name}", "wrong_type", document) for name, document in WRONG.items()),
    refused("cut off in a key", "cut_off", WHOLE[:20]),
    refused("cut off in a string", "cut_off", _other(b'"abc"')[:-2]),
    Case(
        name="UTF-16 with its mark",
        sent=WHOLE.decode().encode("utf-16") + b"\n",
        rejected={"not_utf8": 1},
    ),
    refused("a byte order mark within the stream", "not_json", b"\xef\xbb\xbf" + WHOLE),
    replace(taken("a byte order mark at the beginning", WHOLE), first=b"\xef\xbb\xbf"),
    Case(
        name="carriage returns between documents",
        sent=WHOLE + b"\r" + WHOLE + b"\r" + WHOLE + b"\n",
        rejected={"not_json": 1},
    ),
    taken("carriage returns at the ends of lines", WHOLE + b"\r", WHOLE + b"\r"),
    Case(name="nothing but blanks", sent=b" \t\r\n" * 1000 + b"\n" * 100_000, documents=0),
    Case(
        name="a document over many lines",
        sent=lines(WHOLE.replace(b", ", b",\n  ")),
        counted={"filled": 1},
    ),
    taken("a bracket in a string", _other(b'"}]{["')),
    taken("an escaped kind", WHOLE.replace(b"Spill", rb"\u0053pill")),
    taken("a key 100,000 letters long", WHOLE[:-1] + b', "' + b"k" * 100_000 + b'": 1}'),
    Case(
        name="100,000 keys",
        sent=lambda: WHOLE[:-1] + b"".join(b', "k%d": 1' % key for key in range(100_000)) + b"}\n",
        counted={"filled": 1},
    ),
    Case(
        name="a kind that is there twice",
        sent=lines(WHOLE[:-1] + b', "maus_event_type": "RunFooter"}'),
        counted={"run_footers": 1},
    ),
    Case(
        name="a line of 100 MB",
        sent=lambda: b'{"padding": "' + b"x" * 100_000_000 + b'"}\n',
        rejected={"too_long": 1},
    ),
    Case(
        name="a bracket opened on each of 10,000 lines",
        sent=b'{"a":\n' * 10_000,
        documents=10_000,
        rejected={"cut_off": 10_000},
    ),
    Case(
        name="10,000 lines within a document that is never closed",
        sent=b'{"a": [\n' + b" 1,\n" * 10_000,
        rejected={"cut_off": 1},
    ),
    Case(
        name="a line of 10^6 quotes in a document that is never closed",
        sent=b'{"a":\n' + b'"' * 1_000_000 + b"\n",
        documents=2,
        rejected={"cut_off": 1, "wrong_type": 1},
    ),
    Case(
        name="types of spills that are none",
        sent=stream(
            *(spill(1, 9, daq_event_type=each) for each in ("7unknown", "PHYSICS_EVENT", "\0", "x" * 10_000))
        ),
        documents=4,
        counted={"passed_over": 4},
    ),
    Case(
        name="markers without end",
        sent=stream(*(spill(1, 9, daq_event_type="start_of_burst"),) * 1000),
        documents=1000,
        counted={"markers": 1000},
    ),
    Case(
        name="ten footers and ten headers",
        sent=stream(*(mark("RunFooter", 1), mark("RunHeader", 1)) * 10),
        documents=20,
        counted={"run_footers": 10, "run_headers": 10},
    ),
)
