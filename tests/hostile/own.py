"""One's own data with hostile keys, words, numbers and names of columns."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hostile.texts import TEXTS

SOUND: Mapping[str, Any] = {"run": 1, "n": 1, "t": 1.0, "x": 1, "word": "a", "a": {"b": 1}}
"""A record as the plots expect it."""


@dataclass(frozen=True, kw_only=True)
class OwnCase:
    """A record between two sound ones, and what has to come of it."""

    name: str
    sent: bytes
    rejected: str = ""
    """The reason, of one that is set aside."""
    lost: frozenset[str] = frozenset()
    """The histograms that lost it, of one that is filled."""
    runs: tuple[int, ...] = (1,)


def _with(**values: Any) -> bytes:
    return json.dumps({**SOUND, **values}, ensure_ascii=False).encode()


def _written(key: str, text: bytes) -> bytes:
    return _with(**{key: "?"}).replace(b'"?"', text)


STRANGE: Mapping[str, tuple[Any, frozenset[str]]] = {
    "10^308": (1e308, frozenset()),
    "-10^308": (-1e308, frozenset()),
    "10^-320": (1e-320, frozenset()),
    "2^64": (2**64, frozenset()),
    "10^30": (10**30, frozenset()),
    "null": (None, frozenset()),
    "a word": ("five", frozenset()),
    "a list": ([1, [2]], frozenset()),
    "true": (True, frozenset()),
    "an object": ({"c": 1}, frozenset({"x", "strip"})),
}
"""In place of a number; and the histograms of it that lose the record."""
NO_RUNS: Mapping[str, Any] = {
    "negative": -1,
    "2^63": 2**63,
    "10^30": 10**30,
    "a half": 1.5,
    "10^308": 1e308,
    "a word": "one",
    "a number as a word": "1",
    "true": True,
    "a list": [1],
    "an object": {"run": 1},
    "a path": "../../1",
}

CASES = (
    *(OwnCase(name=f"{name} for a word", sent=_with(word=text)) for name, text in TEXTS.items()),
    *(OwnCase(name=f"{name} as a key", sent=_with(**{text: text})) for name, text in TEXTS.items()),
    *(
        OwnCase(name=f"{name} for a run number", sent=_with(run=text), rejected="bad_run_number")
        for name, text in TEXTS.items()
    ),
    *(
        OwnCase(name=f"run number {name}", sent=_with(run=number), rejected="bad_run_number")
        for name, number in NO_RUNS.items()
    ),
    *(
        OwnCase(name=f"{name} for x", sent=_with(x=value), lost=lost)
        for name, (value, lost) in STRANGE.items()
    ),
    *(
        OwnCase(name=f"{name} for a {what}", sent=_with(**{key: value}))
        for what, key in (("time", "t"), ("number", "n"), ("word", "word"))
        for name, (value, _) in STRANGE.items()
        if (key, name) != ("word", "an object")
    ),
    *(OwnCase(name=f"{name} for an object", sent=_with(a=value)) for name, (value, _) in STRANGE.items()),
    OwnCase(name="run number null", sent=_with(run=None), rejected="no_run_number"),
    OwnCase(name="run number 2^63-1", sent=_with(run=2**63 - 1), runs=(1, 2**63 - 1)),
    OwnCase(name="run number 1.0", sent=_with(run=1.0)),
    OwnCase(name="a word of a megabyte", sent=_with(word="w" * 1_000_000)),
    OwnCase(name="a number of 5,000 digits", sent=_written("x", b"1" * 5_000), rejected="wrong_type"),
    OwnCase(name="a number beyond floats", sent=_written("x", b"1e400"), rejected="wrong_type"),
    *(
        OwnCase(name=f"not UTF-8: {name}", sent=_with(run="?").replace(b'"?"', text), rejected="not_utf8")
        for name, text in {
            "a run number": b'"\xff"',
            "within it": b'{"\xff": 1}',
            "its list": b'["\xff"]',
        }.items()
    ),
    OwnCase(name="not UTF-8: a word", sent=_written("word", b'"\xc0\xaf"'), rejected="not_utf8"),
    OwnCase(name="NaN", sent=_written("x", b"NaN"), rejected="not_json"),
    OwnCase(name="half a surrogate pair", sent=_written("word", rb'"\ud800"'), rejected="not_json"),
    OwnCase(
        name="lists in lists without end",
        sent=_written("x", b"[" * 100_000 + b"]" * 100_000),
        rejected="not_json",
    ),
    OwnCase(
        name="lists in lists",
        sent=_written("x", b"[" * 500 + b"]" * 500),
        lost=frozenset({"x", "strip"}),
    ),
    OwnCase(name="keys of Python's own", sent=_with(__class__=1, __dict__={}, __init__=None)),
    OwnCase(name="an empty key and dots", sent=_with(**{"": 1, ".": 2, "a.b": 3, "a.b.c": 4})),
    OwnCase(name="100,000 keys", sent=_with(**{f"k{number}": number for number in range(100_000)})),
    OwnCase(name="an empty object", sent=b"{}", rejected="no_run_number"),
    OwnCase(name="a list", sent=b"[]", rejected="wrong_type"),
)
