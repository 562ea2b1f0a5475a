"""JSON keys: names such as `energy` and `header.run`, and how they are found in a record.

A name with dots may be one key, or lead down into objects: the first is looked for first.
"""

import re
from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any

import msgspec
from msgspec import UNSET, Struct

from runfolio.errors import InputError

STRANGE = re.compile(r'["\\\x00-\x1f\ud800-\udfff]')

Find = Callable[[Any], Any]
"""From a decoded record to what stands under a name, UNSET where nothing does."""


def tops(names: Iterable[str]) -> list[str]:
    """Return the keys of a record that names may mean: `header.run` is one, or `run` within `header`."""
    return list(dict.fromkeys(key for name in names for key in (name, name.partition(".")[0])))


def struct_of(keys: Iterable[str]) -> type[Struct]:
    """Return a struct with these keys of an object, of any type; UNSET where they are missing.

    Raises:
        InputError: one is no key that can be read.

    """
    names = {field_of(key): key for key in keys}
    try:
        return msgspec.defstruct("Keys", [(name, Any, UNSET) for name in names], gc=False, rename=names)
    except ValueError:
        strange = next(key for key in names.values() if STRANGE.search(key))
        raise InputError(
            f"the key {strange!a}: one with quotes, backslashes or control characters cannot be read"
        ) from None


def field_of(key: str) -> str:
    """Return the attribute that holds a key: the key itself where it is a Python name."""
    return (
        key
        if key.isidentifier() and not key.startswith("__")
        else f"key_{key.encode(errors='surrogatepass').hex()}"
    )


def finder(name: str) -> Find:
    """Return what finds a name in records of `struct_of(tops([name]))`."""
    whole: Find = attrgetter(field_of(name))
    if "." not in name:
        return whole
    top, *way = name.split(".")
    of_top = attrgetter(field_of(top))

    def find(record: Any) -> Any:
        if (found := whole(record)) is not UNSET:
            return found
        found = of_top(record)
        for key in way:
            found = found.get(key, UNSET) if isinstance(found, dict) else UNSET
        return found

    return find
