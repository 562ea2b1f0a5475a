"""Arrow arrays as column files give them: which types can be read, and what becomes of them."""

from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # it has no types
import pyarrow.compute as pc  # type: ignore[import-untyped]  # as above

from runfolio.stream.numbers_read import as_read

_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_SECONDS_PER_DAY = 86400
_TEXTS = ("string", "string_view", "binary", "binary_view")


def stored(kind: Any) -> Any:
    """Return the type under extension types, dictionaries and run-length encoding."""
    while True:
        if isinstance(kind, pa.BaseExtensionType):
            kind = kind.storage_type
        elif pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
            kind = kind.value_type
        else:
            return kind


def is_readable(kind: Any, *, nested: bool = False) -> bool:
    """Whether a column can be read: not intervals, unions, maps and list views, nor nested decimals."""
    kind = stored(kind)
    if pa.types.is_struct(kind) or _is_list(kind):
        return all(is_readable(field.type, nested=True) for field in _fields(kind))
    return is_flat(kind) and not (nested and pa.types.is_decimal(kind))


def is_flat(kind: Any) -> bool:
    """Whether a row has one value: a number, a boolean, a time, a string or bytes."""
    kind = stored(kind)
    return bool(
        pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_boolean(kind)
        or pa.types.is_null(kind)
        or pa.types.is_decimal(kind)
        or is_text(kind)
        or _is_seconds(kind)
    )


def is_text(kind: Any) -> bool:
    """Whether it is a flat column of strings or bytes."""
    kind = stored(kind)
    return str(kind).removeprefix("large_") in _TEXTS or bool(pa.types.is_fixed_size_binary(kind))


def is_whole(kind: Any) -> bool:
    """Whether it is a flat column of whole numbers or booleans, which have no value that says "missing"."""
    kind = stored(kind)
    return bool(pa.types.is_integer(kind) or pa.types.is_boolean(kind))


def has_missing(array: Any) -> bool:
    """Whether a flat array misses values."""
    return bool(_decoded(array).null_count)


def values(column: Any, *, as_float: bool) -> Any:
    """Return a chunked array of a readable type as numpy or awkward.

    `as_float` makes float64 of whole numbers and booleans, whether or not one is missing here; they give
    the words of what they were.

    Raises:
        ValueError: it is damaged, or missing values where there should be none.

    """
    array = _decoded(column.combine_chunks())
    kind = array.type
    if pa.types.is_dictionary(kind):
        return _from_dictionary(array)
    if not is_flat(kind):
        return _nested(array)
    if is_text(kind):
        return array.to_numpy(zero_copy_only=False)
    if _is_seconds(kind):
        return _seconds(array)
    if as_float:
        return _floats(array)
    if pa.types.is_decimal(kind) or pa.types.is_null(kind):
        array = array.cast(pa.float64(), safe=False)
    return array.to_numpy(zero_copy_only=False)


def _decoded(array: Any) -> Any:
    """Return it as it is stored, a dictionary only where it is one of strings."""
    while stored(array.type) != array.type:
        if isinstance(array.type, pa.BaseExtensionType):
            array = array.storage
        elif pa.types.is_run_end_encoded(array.type):
            array = pc.run_end_decode(array)
        elif is_text(array.type.value_type):
            return array
        else:
            array = array.dictionary_decode()
    return array


def _from_dictionary(array: Any) -> Any:
    """Return strings of which equal ones are the same object."""
    words = np.append(array.dictionary.to_numpy(zero_copy_only=False), [None])
    return words[array.indices.cast(pa.int64()).fill_null(len(words) - 1).to_numpy(zero_copy_only=False)]


def _floats(array: Any) -> Any:
    """Return whole numbers or booleans as float64 that gives the words of what they were."""
    floats = array.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    nothing = False if pa.types.is_boolean(array.type) else 0
    return as_read(floats, array.fill_null(nothing).to_numpy(zero_copy_only=False))


def _seconds(array: Any) -> Any:
    kind = array.type
    bits = pa.int32() if kind.bit_width == 32 else pa.int64()  # noqa: PLR2004 - bits
    counts = array.cast(bits).cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    if pa.types.is_date32(kind):
        return counts * _SECONDS_PER_DAY
    return counts / _PER_SECOND["ms" if pa.types.is_date64(kind) else kind.unit]


def _nested(array: Any) -> Any:
    import awkward as ak  # type: ignore[import-untyped]  # noqa: PLC0415 - flat files do without it

    from runfolio.stream.awkward_values import plain  # noqa: PLC0415 - as above
    from runfolio.stream.quick_arrays import lists_of  # noqa: PLC0415 - as above

    if _holds_numbers(array):
        return lists_of(array.values.to_numpy(zero_copy_only=False), array.offsets.to_numpy())
    return plain(ak.from_arrow(array))


def _holds_numbers(array: Any) -> bool:
    """Whether these are lists of numbers of which none is missing."""
    if not (pa.types.is_list(array.type) or pa.types.is_large_list(array.type)) or array.null_count:
        return False
    kind = array.type.value_type
    numbers = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)
    return bool(numbers and not array.values.null_count)


def _is_seconds(kind: Any) -> bool:
    return bool(
        pa.types.is_timestamp(kind)
        or pa.types.is_date(kind)
        or pa.types.is_time(kind)
        or pa.types.is_duration(kind)
    )


def _is_list(kind: Any) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))


def _fields(kind: Any) -> list[Any]:
    """Return the fields of a record, or the only one of a list."""
    return list(kind) if pa.types.is_struct(kind) else [kind.value_field]
