"""One struct from several: so that a line is decoded once for all reducers that are loaded."""

import types
from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard, Union, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, Struct
from msgspec.structs import FieldInfo, fields

from runfolio.errors import DeclarationError


def merge_structs(name: str, structs: Sequence[type[Struct]]) -> type[Struct]:
    """Return a struct with every field of `structs`; fields of one name are merged all the way down.

    Fields, their types, defaults and names in the stream are merged, and nothing else of a struct.
    Its instances are not tracked by the garbage collector: documents hold no cycles, and tracking
    would cost a good part of the decoding.

    Raises:
        DeclarationError: two of them declare a field differently, and the message gives its path; or
            one is no plain object with any other keys beside its fields.

    """
    return _merge(name, structs, "")


def _merge(name: str, structs: Sequence[type[Struct]], path: str) -> type[Struct]:
    found: dict[str, FieldInfo] = {}
    merged: dict[str, Any] = {}
    for struct in structs:
        _check_plain(struct)
        for field in fields(struct):
            key = field.encode_name
            if key not in found:
                found[key], merged[key] = field, field.type
                continue
            where = f"{path}.{key}"
            _check_alike(found[key], field, where[1:], struct)
            merged[key] = _merge_types(merged[key], field.type, where)
    _check_names(found, path)
    names = {field.name: key for key, field in found.items()}
    required = [(field.name, merged[key]) for key, field in found.items() if _required(field)]
    optional = [
        (field.name, merged[key], _default(field)) for key, field in found.items() if not _required(field)
    ]
    return msgspec.defstruct(name, [*required, *optional], gc=False, rename=names)


def _check_plain(struct: type[Struct]) -> None:
    config = struct.__struct_config__
    if config.array_like or config.forbid_unknown_fields or config.tag is not None:
        raise DeclarationError(
            f"{struct.__qualname__}: array_like, forbid_unknown_fields and tag cannot be merged with what"
            " other reducers read; declare it without"
        )


def _check_alike(one: FieldInfo, other: FieldInfo, where: str, struct: type[Struct]) -> None:
    """Refuse two fields of one key that a single instance could not stand for."""
    if one.name != other.name:
        raise DeclarationError(
            f"the field {where} is named {one.name} and, in {struct.__qualname__}, {other.name};"
            " declare it alike"
        )
    if not _same_default(one, other):
        raise DeclarationError(f"the field {where} has two different defaults, one in {struct.__qualname__}")


def _check_names(found: Mapping[str, FieldInfo], path: str) -> None:
    keys: dict[str, str] = {}
    for key, field in found.items():
        other = keys.setdefault(field.name, key)
        if other != key:
            where = f"{path}.{field.name}"[1:]
            raise DeclarationError(f"the name {where} stands for the keys {other} and {key}; rename one")


def _required(field: FieldInfo) -> bool:
    return field.default is NODEFAULT and field.default_factory is NODEFAULT


def _default(field: FieldInfo) -> Any:
    if field.default_factory is not NODEFAULT:
        return msgspec.field(default_factory=field.default_factory)
    return field.default


def _same_default(one: FieldInfo, other: FieldInfo) -> bool:
    return bool(one.default == other.default and one.default_factory == other.default_factory)


def _merge_types(one: Any, other: Any, path: str) -> Any:
    if one == other:
        return one
    if _is_struct(one) and _is_struct(other):
        return _merge(f"{one.__name__}_{other.__name__}", (one, other), path)
    origin, arguments = get_origin(one), get_args(one)
    if origin in (Union, types.UnionType) and get_origin(other) in (Union, types.UnionType):
        return _merge_unions(arguments, get_args(other), path)
    if (
        origin is get_origin(other)
        and origin in (list, tuple, dict)
        and len(arguments) == len(get_args(other))
    ):
        parts = [_merge_types(a, b, f"{path}[]") for a, b in zip(arguments, get_args(other), strict=True)]
        return origin[*parts]
    raise DeclarationError(f"the field {path[1:]} is declared as {one} and as {other}; declare it alike")


def _merge_unions(one: tuple[Any, ...], other: tuple[Any, ...], path: str) -> Any:
    """Merge `X | None` with `Y | None`; any other union has to be declared alike."""
    left = [part for part in one if part is not type(None)]
    right = [part for part in other if part is not type(None)]
    if len(left) == len(right) == 1 and len(one) == len(other):
        return _merge_types(left[0], right[0], path) | None
    if set(one) == set(other):
        return Union[one]  # noqa: UP007  (the operator takes no tuple)
    raise DeclarationError(f"the field {path[1:]} is declared as {one} and as {other}; declare it alike")


def _is_struct(declared: Any) -> TypeGuard[type[Struct]]:
    return isinstance(declared, type) and issubclass(declared, Struct)
