"""Trees: rows that are written out one by one at the end of a run, as a TTree in a file of its own.

Rows are kept sorted by declared branches, and those that are equal there by all others. So which rows
there are, and their order, depend neither on the order of the spills nor on how they were batched,
and that holds for the rows beyond the limit, which are lost: they are the last ones of the order.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from runfolio.errors import CheckpointError, DeclarationError
from runfolio.plots.declared import Declared, function_or_columns
from runfolio.plots.functions import Function
from runfolio.plots.given import check_file_name, check_name, texts
from runfolio.plots.packed import Packed, check_counts, other_declaration, pack, unpack_flat
from runfolio.plots.places import declared_here
from runfolio.plots.values import Array

TYPES = (
    *("int8", "int16", "int32", "int64"),
    *("uint8", "uint16", "uint32", "uint64"),
    *("float32", "float64", "bool"),
)
"""What a branch may hold."""
LIMIT = 1_000_000
MAX_BRANCHES = 1000
_RUN = "{run}"
_MOST_CHUNKS = 256


@dataclass(frozen=True, kw_only=True)
class TreeRows:
    """A tree's rows at one moment, in their order."""

    name: str
    title: str
    branches: dict[str, Array]
    """Arrays of one length, in the order of declaration."""
    lost_rows: int = 0
    """Rows beyond the limit, or with a value that its branch does not hold: in none of the arrays."""
    lost_spills: int = 0
    """Spills or rows of data that were lost, since the tree's function raised."""

    @property
    def rows(self) -> int:
        return len(next(iter(self.branches.values())))


@dataclass(kw_only=True)
class Tree(Declared):
    """A tree's declaration.

    Raises:
        DeclarationError: there are no branches or keys that can be, or the file's name is none.

    """

    file: str
    """The file's name without its type; `{run}` at its end stands for the run number."""
    branches: dict[str, str]
    """Their types by name: `int32`, `float64` and so on."""
    by: tuple[str, ...]
    """Branches of whole numbers that the rows are sorted by."""
    limit: int
    keywords: tuple[str, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= len(self.branches) <= MAX_BRANCHES:
            raise DeclarationError(f"tree {self.name!r} has {len(self.branches)} branches")
        for name, kind in self.branches.items():
            self._check_branch(name, kind)
        if not self.by or not set(self.by) <= set(self.branches):
            raise DeclarationError(
                f"tree {self.name!r}: by={self.by!r:.80}: names of its branches are needed"
            )
        if any(np.dtype(self.branches[name]).kind == "f" for name in self.by):
            raise DeclarationError(f"tree {self.name!r}: its rows are sorted by whole numbers only")
        if type(self.limit) is not int or self.limit < 1:
            raise DeclarationError(f"tree {self.name!r}: limit={self.limit!r:.80}: 1 or more is accepted")
        self._check_file()

    def _check_branch(self, name: Any, kind: Any) -> None:
        check_name(f"tree {self.name!r}: branch", name)
        if not isinstance(kind, str) or kind not in TYPES:
            raise DeclarationError(
                f"tree {self.name!r}: branch {name!r} of {kind!r:.80}: {', '.join(TYPES)} are known"
            )

    def _check_file(self) -> None:
        # At the end alone: "1{run}" and "{run}1" would be one file in run 1.
        file: object = self.file
        if not (isinstance(file, str) and re.fullmatch(r"[^{}]*\{run\}", file)):
            raise DeclarationError(f"tree {self.name!r}: file={file!r:.80}: {{run}} has to stand at its end")
        check_file_name(f"tree {self.name!r}: file", self.file_of(2**63 - 1))

    def file_of(self, run_number: int) -> str:
        """Return the name of a run's file, without its type."""
        return self.file.replace(_RUN, str(run_number))

    @property
    def row_bytes(self) -> int:
        """Bytes that a row takes."""
        return sum(np.dtype(kind).itemsize for kind in self.branches.values())

    @property
    def memory(self) -> int:
        """Bytes that its rows take in each run, at most."""
        return self.limit * self.row_bytes

    @property
    def value_names(self) -> tuple[str, ...]:
        return tuple(self.branches)


def declare_tree(
    name: str,
    branches: Mapping[str, str],
    *,
    file: str,
    by: Sequence[str],
    limit: int,
    title: str,
    values: Function | None,
    keywords: Sequence[str],
) -> Tree:
    """Return a tree with its arguments as a user gives them.

    Raises:
        DeclarationError: they make none.

    """
    what = f"tree {name!r:.80}"
    given: object = branches
    if not isinstance(given, Mapping):
        raise DeclarationError(
            f"{what}: branches={given!r:.80}: types by name are accepted, as {{'x': 'int32'}}"
        )
    return Tree(
        name=name,
        title=title or name,
        function=function_or_columns(what, values, tuple(branches)),
        place=declared_here(),
        file=file,
        branches=dict(branches),
        by=(by,) if isinstance(by, str) else texts(what, "by", by),
        limit=limit,
        keywords=texts(what, "keywords", keywords),
    )


class TreeState(Struct, frozen=True, kw_only=True):
    """A tree's rows at one moment, as plain data."""

    name: str
    branches: dict[str, Packed]
    """In the order of declaration; their rows are not sorted yet, and may be more than the limit."""
    lost_rows: int
    """So far: of those that are here, the ones beyond the limit will be lost."""
    lost_spills: int


class TreeContents:
    """The rows of a tree in one run."""

    def __init__(self, declared: Tree) -> None:
        self.declared = declared
        self.lost_spills = 0
        self._lost_rows = 0
        self._types = [np.dtype(kind) for kind in declared.branches.values()]
        self._chunks: list[tuple[Array, ...]] = [tuple(np.empty(0, kind) for kind in self._types)]
        """The first one is sorted."""
        self._rows = 0

    def fill(self, columns: Any) -> None:
        """Take the rows that the tree's function makes of columns.

        Rows with a value that its branch does not hold are lost: 300, 0.5 or a missing one as an int8.

        Raises:
            ValueError: it is not one array of numbers a branch, all of one length; nothing was taken then.
            Exception: whatever the function raises.

        """
        self.take(self.declared.arrays(self.declared.function(columns)))

    def take(self, arrays: tuple[Array, ...]) -> None:
        """Take rows, an array a branch."""
        chunk = tuple(map(_of_type, arrays, self._types))
        held = np.logical_and.reduce(list(map(_is_held, chunk, arrays)))
        if not held.all():
            chunk = tuple(array[held] for array in chunk)
            self._lost_rows += len(held) - len(chunk[0])
        if not len(chunk[0]):
            return
        self._chunks.append(chunk)
        self._rows += len(chunk[0])
        some_more = self.declared.limit // 4 + 1000  # to be sorted at once
        if self._rows > self.declared.limit + some_more or len(self._chunks) > _MOST_CHUNKS:
            self._compact()

    def _compact(self) -> None:
        if len(self._chunks) == 1:
            return
        together = dict(
            zip(self.declared.branches, map(np.concatenate, zip(*self._chunks, strict=True)), strict=True)
        )
        order = self._order(together)[: self.declared.limit]
        self._lost_rows += self._rows - len(order)
        self._rows = len(order)
        self._chunks = [tuple(array[order] for array in together.values())]

    def _order(self, together: dict[str, Array]) -> npt.NDArray[np.intp]:
        keys = [together[name] for name in self.declared.by]
        order = np.lexsort(keys[::-1])
        equal = np.logical_and.reduce([key[order][1:] == key[order][:-1] for key in keys])
        if equal.any():  # rare, and sorting by all branches takes long
            others = [array for name, array in together.items() if name not in self.declared.by]
            order = np.lexsort([*others[::-1], *keys[::-1]])
        return order

    def snapshot(self) -> TreeRows:
        """Return the rows of this moment; what is filled later does not change them."""
        self._compact()
        [arrays] = self._chunks
        return TreeRows(
            name=self.declared.name,
            title=self.declared.title,
            branches=dict(zip(self.declared.branches, arrays, strict=True)),
            lost_rows=self._lost_rows,
            lost_spills=self.lost_spills,
        )

    def state(self) -> TreeState:
        """Return the rows of this moment as plain data, from which `restore` goes on to the same bits."""
        branches = zip(self.declared.branches, zip(*self._chunks, strict=True), strict=True)
        return TreeState(
            name=self.declared.name,
            branches={name: pack(*arrays) for name, arrays in branches},
            lost_rows=self._lost_rows,
            lost_spills=self.lost_spills,
        )

    def restore(self, state: TreeState) -> None:
        """Take a tree that is still empty to where another of its declaration was.

        Which rows there are at the end, and how many are lost, does not depend on when they were sorted.

        Raises:
            CheckpointError: the state is of another declaration, or damaged.

        """
        declared = self.declared
        if (state.name, list(state.branches)) != (declared.name, list(declared.branches)):
            raise other_declaration(declared.what, declared.name)
        check_counts(state.lost_rows, state.lost_spills)
        chunk = tuple(map(unpack_flat, state.branches.values(), self._types))
        if len(set(map(len, chunk))) > 1:
            raise CheckpointError(f"{declared.what} {declared.name!r} with branches of different lengths")
        self._chunks.append(chunk)
        self._rows = len(chunk[0])
        self._lost_rows, self.lost_spills = state.lost_rows, state.lost_spills


def _of_type(array: Array, kind: np.dtype[Any]) -> Array:
    """Return numbers as a branch's type; of what is no number, and of 0, there is one form each."""
    made = array.astype(kind)
    if kind.kind == "f":
        made += kind.type(0)  # -0 becomes 0
        made[np.isnan(made)] = np.nan
    return made


def _is_held(made: Array, array: Array) -> npt.NDArray[np.bool_]:
    """Tell which numbers a branch's type holds: a float takes all, rounded."""
    held: npt.NDArray[np.bool_] = made == array
    return np.ones(len(made), np.bool_) if made.dtype.kind == "f" else held
