"""Record types: what the types that a struct declares say of its columns, whatever a batch holds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import Any

import numpy as np
from msgspec import UNSET, Struct, inspect

from runfolio.stream.column_files import unknown_column
from runfolio.stream.json_values import Shape, column_of

_NUMPY: dict[type[inspect.Type], Any] = {
    inspect.BoolType: np.bool_,
    inspect.IntType: np.int64,
    inspect.FloatType: np.float64,
    inspect.StrType: np.object_,
}
_LISTS = inspect.ListType | inspect.VarTupleType | inspect.SetType | inspect.FrozenSetType


@dataclass(frozen=True)
class Field:
    """What a name means in records of one type."""

    find: Callable[[Any], Any]
    within: tuple[str, ...]
    """Fields of what lies in lists."""
    shape: Shape | None
    """None where the type does not tell."""

    def column(self, records: Sequence[Struct]) -> Any:
        """Return its values as a column."""
        column = column_of(list(map(self.find, records)), self.shape)
        for name in self.within:
            column = column[name]
        return column


@lru_cache(maxsize=10_000)
def field_of_type(record: type[Struct], name: str) -> Field:
    """Return what a name, such as `header.run`, means in records of a type.

    Raises:
        UnknownColumn: there is no such field.

    """
    parts = name.split(".")
    kind = _bare(inspect.type_info(record))
    place, outer, outer_kind = 0, len(parts), None
    for place, part in enumerate(parts):
        while isinstance(kind, _LISTS):
            if outer_kind is None:
                outer, outer_kind = place, kind
            kind = _bare(kind.item_type)
        if not isinstance(kind, inspect.StructType):
            if _is_open(kind):
                break
            raise unknown_column(record.__name__, name, record.__struct_fields__)
        kinds = {field.name: field.type for field in kind.fields}
        if part not in kinds:
            before = parts[:place]
            raise unknown_column(record.__name__, name, [".".join([*before, each]) for each in kinds])
        kind = _bare(kinds[part])
    else:
        return Field(_finder(parts[:outer]), tuple(parts[outer:]), _shape(outer_kind or kind))
    return Field(_finder(parts[:outer]), tuple(parts[outer:]), _shape(outer_kind) if outer_kind else None)


def _finder(parts: Sequence[str]) -> Callable[[Any], Any]:
    if len(parts) == 1:
        return attrgetter(parts[0])

    def find(record: Any) -> Any:
        for part in parts:
            record = record.get(part) if isinstance(record, dict) else getattr(record, part, None)
            if record is None or record is UNSET:
                return None
        return record

    return find


def _bare(kind: Any) -> Any:
    """Return a type without what is said of it, and without that it may be missing."""
    while isinstance(kind, inspect.Metadata):
        kind = kind.type
    if isinstance(kind, inspect.UnionType):
        present = [_bare(each) for each in kind.types if not isinstance(each, inspect.NoneType)]
        return present[0] if len(present) == 1 else kind
    return kind


def _is_open(kind: Any) -> bool:
    """Tell whether fields may lie in what is of a type, without it saying which."""
    return isinstance(kind, inspect.AnyType | inspect.DictType | inspect.UnionType | inspect.TypedDictType)


def _shape(kind: Any) -> Shape | None:
    """Return the shape of a column of a type."""
    if type(kind) in _NUMPY:
        return np.empty(0, _NUMPY[type(kind)])
    if isinstance(kind, (*_LISTS.__args__, inspect.TupleType, inspect.StructType, inspect.DictType)):
        return _layout(kind, ())
    return None


def _layout(kind: Any, above: tuple[Any, ...]) -> Any:
    from runfolio.stream import nested_values as nested  # noqa: PLC0415 - awkward takes a while

    kind = _bare(kind)
    if isinstance(kind, _LISTS):
        return nested.list_shape(_layout(kind.item_type, above))
    if isinstance(kind, inspect.TupleType):
        content = nested.unseen()
        for each in kind.item_types:
            content = nested.merged(content, _layout(each, above))
        return nested.list_shape(content)
    if isinstance(kind, inspect.StructType) and nested.is_plain(kind.cls) and kind.cls not in above:
        return nested.record_shape(
            {field.name: _layout(field.type, (*above, kind.cls)) for field in kind.fields}
        )
    if isinstance(kind, inspect.StrType):
        return nested.shape_of(nested.layout_of([""]))
    if type(kind) in _NUMPY:
        return nested.shape_of(nested.layout_of(np.zeros(1, _NUMPY[type(kind)]).tolist()))
    return nested.unseen()
