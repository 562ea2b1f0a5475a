"""What a reducer reads, and how its functions come to columns.

Spills are documents of MICE's stream; Records are lines of JSON with fields of a declared type;
Columns are the branches of a ROOT tree, the columns of Parquet and Arrow, or the keys of JSON lines.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from runfolio.errors import DeclarationError
from runfolio.stream import FileName, Keys, rows_of

__all__ = ["Columns", "FileName", "Reads", "Records", "Spills"]


@dataclass(frozen=True)
class Spills:
    """Reads the fields of `spill`, a msgspec struct, and makes columns of a batch of spills.

    Raises:
        DeclarationError: these are no struct and no function.

    """

    spill: type[msgspec.Struct]
    columns: Callable[[Sequence[Any]], Any]
    """Takes a batch, returns an object whose attributes are flat arrays."""

    unit = "spill"

    def __post_init__(self) -> None:
        _check("Spills", self.spill, self.columns)


@dataclass(frozen=True)
class Records(Keys):
    """Reads JSON lines, each with the fields of `record`, a msgspec struct; other keys are passed over.

    A line that lacks a field without default, or has another type there, is set aside. Columns are the
    fields, or what the function `columns` makes of a batch of records.

    Raises:
        DeclarationError: these are no struct and no function, or a key is no name.

    """

    record: type[msgspec.Struct]
    columns: Callable[[Sequence[Any]], Any] = rows_of

    def __post_init__(self) -> None:
        super().__post_init__()
        _check("Records", self.record, self.columns)


@dataclass(frozen=True)
class Columns(Keys):
    """Reads the columns that are asked for by name: of a ROOT tree, Parquet, Arrow or JSON lines."""

    tree: str | None = None
    """The TTree's or RNTuple's name in ROOT files; None where they hold only one."""

    @staticmethod
    def columns(rows: Any) -> Any:
        return rows


def _check(what: str, struct: Any, columns: Any) -> None:
    if not (isinstance(struct, type) and issubclass(struct, msgspec.Struct)):
        raise DeclarationError(f"{what}({struct!r:.80}): a class derived from msgspec.Struct is accepted")
    if not callable(columns):
        raise DeclarationError(f"{what}: columns={columns!r:.80}: a function is accepted")


Reads = Spills | Records | Columns
