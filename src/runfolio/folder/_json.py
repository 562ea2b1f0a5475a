"""JSON as this package writes it: UTF-8, the same bytes for the same content."""

from typing import Any

import msgspec


def pretty(content: object) -> bytes:
    """Return JSON to be read by people too: indented, a newline at its end.

    Fields of a struct keep their order; keys of a mapping are sorted, so that the order in which
    things were counted does not show.
    """
    return msgspec.json.format(_encode(content), indent=2) + b"\n"


def line(content: object) -> bytes:
    """Return JSON on one line, a newline at its end."""
    return _encode(content) + b"\n"


def _encode(content: object) -> bytes:
    try:
        return msgspec.json.encode(content, order="deterministic")
    except UnicodeEncodeError:
        # Half a surrogate pair, from a file name that is not UTF-8: no reason to lose a run's record.
        return msgspec.json.encode(_without_surrogates(msgspec.to_builtins(content)), order="deterministic")


def _without_surrogates(content: Any) -> Any:
    r"""Return builtin types with each lone surrogate written as `\udc..`."""
    match content:
        case str():
            return content.encode("utf-8", "backslashreplace").decode()
        case dict():
            return {_without_surrogates(key): _without_surrogates(value) for key, value in content.items()}
        case list() | tuple():
            return [_without_surrogates(value) for value in content]
        case _:
            return content
