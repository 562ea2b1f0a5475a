"""Column files: ROOT, Parquet and Arrow files, of which a few columns and rows are read at a time.

What they hold comes as plain arrays, the same for all formats:

| column | array |
|---|---|
| numbers, booleans | numpy, of the column's own type; it may be read-only |
| strings, bytes | numpy, of Python objects; None where one is missing |
| dates, times of day, timestamps, durations | float64 seconds: Unix time, since midnight, or elapsed |
| decimal numbers | float64 |
| lists, also those of a fixed length, and records | awkward; of its option type what is missing somewhere |

Where a flat column has missing values they are NaN: floating-point numbers keep their width, whole
numbers and booleans become float64 throughout the file, so that whole numbers beyond 2**53 lose their
last digits. Without missing values they are exact. Along a Category they have the words of what was read.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from runfolio.errors import InputError, UnknownColumn
from runfolio.nearest import advice

Array = Any
"""A numpy array where a column is flat, an awkward array where it is nested."""

BATCH_BYTES = 16 << 20
"""About what a step of rows takes in memory."""
MOST_ROWS = 1_000_000
"""The longest step, whatever the rows take."""
OBJECT_BYTES = 64
"""About what a short string takes as a Python object."""

_LONGEST_REASON = 300
_LONGEST_NAME = 80
_MAGIC = {
    b"root": "ROOT",
    b"PAR1": "Parquet",
    b"PARE": "Parquet",  # with an encrypted footer, which pyarrow refuses in its own words
    b"ARROW1": "Arrow",
    b"FEA1": "Feather V1",
    b"\xff\xff\xff\xff": "Arrow stream",
}


class ColumnFile(Protocol):
    """One table of a file: its columns have names and all the same number of rows."""

    name: str
    """The path as it was given."""
    kind: str
    """What messages call it, as in "the tree Events of data.root"."""
    rows: int
    columns: Sequence[str]
    """The names of all columns in the file's order, also of those of a type that cannot be read."""

    def check(self, names: Sequence[str]) -> None:
        """Check that there are such columns, of types that can be read.

        Raises:
            UnknownColumn: there is no such column.
            InputError: a column is of a type that cannot be read.

        """
        ...

    def step(self, names: Sequence[str]) -> int:
        """Return how many rows of these columns take about BATCH_BYTES, from 1 to MOST_ROWS.

        Raises:
            UnknownColumn: there is no such column.
            InputError: a column is of a type that cannot be read.

        """
        ...

    def batches(self, names: Sequence[str], start: int, step: int) -> Iterator[tuple[int, dict[str, Array]]]:
        """Give the columns from row `start` to the last, `step` rows at a time, each with its first row.

        Raises:
            UnknownColumn: there is no such column; at once.
            InputError: a column is of a type that cannot be read; at once. Or, on the way, the file
                cannot be read on, which says at which row.

        """
        ...

    def read(self, names: Sequence[str], start: int, stop: int) -> dict[str, Array]:
        """Return the columns from row `start` up to, without, row `stop`, as a slice does.

        Raises:
            UnknownColumn: there is no such column.
            InputError: a column is of a type that cannot be read, or the file cannot be read there.

        """
        ...

    def close(self) -> None:
        """Close the file; arrays that were read remain."""
        ...


def column_format(path: str) -> str | None:
    """Return the format of a file by its first bytes, None where it is none of columns.

    "ROOT", "Parquet" and "Arrow" can be opened; "Feather V1" and "Arrow stream" are known too, and
    opening them says what to do. What is no regular file, or cannot be read, is none of columns.
    """
    try:
        if not Path(path).is_file():
            return None
        with Path(path).open("rb") as file:
            return format_of(file.read(max(map(len, _MAGIC))))
    except (OSError, ValueError):
        return None


def format_of(head: bytes) -> str | None:
    """Return the format that begins with these bytes, None where it is none of columns."""
    return next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), None)


def open_column_file(path: str, tree: str | None) -> ColumnFile:
    """Open a file by what its first bytes say it is.

    `tree` names the tree or ntuple of a ROOT file, with its directory ("dir/Events") and, where an older
    one is meant, its cycle ("Events;1"); None takes the only one. The other formats hold one table.

    Raises:
        InputError: the file is missing, damaged or of none of these formats, its library is not
            installed, or it has no such tree, or several to choose from.

    """
    kind = column_format(path)
    if kind == "ROOT":
        from runfolio.stream.root_files import open_root  # noqa: PLC0415 - uproot takes half a second

        return open_root(path, tree)
    if kind in ("Parquet", "Arrow"):
        try:
            from runfolio.stream import arrow_files  # noqa: PLC0415 - pyarrow is an extra
        except ImportError as error:
            raise InputError(
                f"{path}: reading {kind} needs pyarrow: pip install 'runfolio[arrow]'"
            ) from error
        return arrow_files.open_parquet(path) if kind == "Parquet" else arrow_files.open_arrow(path)
    raise InputError(f"{path}: {_refusal(path, kind)}")


def _refusal(path: str, kind: str | None) -> str:
    if kind == "Feather V1":
        return "an old Feather file, of version 1; write it anew, as version 2 or as Parquet"
    if kind == "Arrow stream":
        return "an Arrow stream; write it as a file (pyarrow.ipc.new_file) or as Parquet"
    try:
        with Path(path).open("rb") as file:
            empty = not file.read(1)
    except (OSError, ValueError) as error:
        return reason(error)
    return "is empty" if empty else "is no ROOT, Parquet or Arrow file"


def step_of(rows: int, size: int) -> int:
    """Return how many of a file's rows take about BATCH_BYTES, from 1 to MOST_ROWS, where all take `size`."""
    return max(1, min(MOST_ROWS, BATCH_BYTES * rows // max(1, size)))


@contextmanager
def as_input_error(what: str) -> Iterator[None]:
    """Make an InputError of whatever a library raises, for each has many of its own.

    Raises:
        InputError: `what`, and the library's reason.

    """
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"{what}: {reason(error)}") from error


def reason(error: Exception) -> str:
    """Return an error's text in one line of printable characters."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    line = " ".join(text.split())
    shown = line if line.isprintable() else ascii(line)
    return shown if len(shown) <= _LONGEST_REASON else f"{shown[:_LONGEST_REASON]}…"


def unknown_column(where: str, name: str, columns: Sequence[str]) -> UnknownColumn:
    """Return the error for a column that is not there; it offers those with nearly the same name."""
    return UnknownColumn(name, f"{where} has no {name[:_LONGEST_NAME]!r}; {advice(name, columns, 'it has')}")
