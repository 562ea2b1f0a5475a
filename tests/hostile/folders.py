"""`run.json` and `live.json` as whoever carried them may have left them."""

import json
import os
from collections.abc import Callable
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any

from hostile.texts import TEXTS

KEPT = (
    "schema",
    "status",
    "sha256",
    "time",
    "started_at",
    "ended_at",
    "sealed_at",
    "kind",
    "number",
    "last_number",
)
"""Keys whose texts are of one form; with another, the record is damaged."""


def with_text(found: Any, text: str, key: str = "") -> Any:
    """Return a record with a text in place of all others, and in the names of what it counts."""
    match found:
        case dict():
            own = {name: with_text(value, text, name) for name, value in found.items()}
            return own | ({text: 1} if key in ("rejected", "image_entries_rejected") else {})
        case list():
            return [with_text(each, text, key) for each in found]
        case str() if key not in KEPT:
            return text
        case _:
            return found


def changed(record: Any, path: str, value: Any) -> Any:
    """Return a record with another value at a path of keys."""
    record = deepcopy(record)
    *way, last = path.split(".")
    place = record
    for key in way:
        place = place[key]
    place[last] = value
    return record


def _text(found: Any) -> bytes:
    return json.dumps(found, ensure_ascii=False).encode()


SOUND_RECORDS: dict[str, Callable[[Any], Any]] = {
    **{f"{name} in every text": partial(with_text, text=text) for name, text in TEXTS.items()},
    "counts of 2^64": lambda record: changed(record, "documents.filled", 2**64),
    "100,000 reasons": lambda record: changed(
        record, "documents.rejected", {f"reason{number}": number for number in range(100_000)}
    ),
    "no histograms": lambda record: changed(record, "histograms", {}),
    "keys nobody knows": lambda record: record | {"__class__": 1, "": [], "\x1b[31m": "\x07"},
    "the last second of 9999": lambda record: changed(record, "sealed_at", "9999-12-31T23:59:59Z"),
}
"""Their records can be shown."""

DAMAGED_RECORDS: dict[str, Callable[[Any], bytes]] = {
    "nothing": lambda _: b"",
    "null": lambda _: b"null",
    "a list": lambda _: b"[]",
    "a number of 5,000 digits": lambda _: b"1" * 5_000,
    "nulls": lambda _: b"\0" * 1_000,
    "a raw escape": lambda record: _text(record)[:-1] + b', "a": "\x1b]0;owned\x07"}',
    "UTF-16": lambda record: _text(record).decode().encode("utf-16"),
    "not UTF-8": lambda record: _text(changed(record, "unit", "?")).replace(b'"?"', b'"\xff"'),
    "half a surrogate pair": lambda record: _text(changed(record, "unit", "?")).replace(b'"?"', rb'"\ud800"'),
    "a half": lambda record: _text(record)[: len(_text(record)) // 2],
    "lists in lists": lambda _: b"[" * 100_000 + b"]" * 100_000,
    "objects in objects": lambda _: b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "objects in objects of a record": lambda record: _text(record)[:-1] + b', "a": ' + b'{"a":' * 100_000,
    "another schema": lambda record: _text(changed(record, "schema", "\x1b]0;owned\x07" * 10_000)),
    "no schema": lambda record: _text({key: value for key, value in record.items() if key != "schema"}),
    "a schema that is a list": lambda record: _text(changed(record, "schema", [])),
    "a negative run number": lambda record: _text(changed(record, "run_number", -1)),
    "the run number 2^63": lambda record: _text(changed(record, "run_number", 2**63)),
    "a run number of 4,000 digits": lambda record: _text(changed(record, "run_number", 10**4_000)),
    "a run number with a point": lambda record: _text(changed(record, "run_number", 1.0)),
    "a negative count": lambda record: _text(changed(record, "documents.filled", -1)),
    "a count that is true": lambda record: _text(changed(record, "documents.filled", True)),
    "NaN": lambda record: _text(changed(record, "documents.filled", float("nan"))),
    "a time that is none": lambda record: _text(changed(record, "sealed_at", "\x1b[31m")),
    "a status that is none": lambda record: _text(changed(record, "status", "\x1b[31m")),
    "histograms in a list": lambda record: _text(changed(record, "histograms", [])),
    "a histogram that is a word": lambda record: _text(changed(record, "histograms", {"a": ["b"]})),
    "sources that are null": lambda record: _text(changed(record, "sources", None)),
}
"""They are refused in one line."""

NO_RECORDS: dict[str, Callable[[Path], object]] = {
    "nothing there": lambda _: None,
    "a directory": Path.mkdir,
    "a pipe": os.mkfifo,
    "a link to another file": lambda path: path.symlink_to("/etc/passwd"),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a device without end": lambda path: path.symlink_to("/dev/zero"),
}
"""What stands in the place of a file."""
