"""Histograms as they are declared: a name, axes, what the bins show, and a function of columns."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

from runfolio.errors import DeclarationError
from runfolio.plots.axes import MAX_BINS, Category, DeclaredAxis
from runfolio.plots.counts import Kind
from runfolio.plots.places import Place, place_of

Function = Callable[[Any], Any]
"""From columns to an array, or to a tuple of arrays of one length."""

Names = str | Sequence[str]
"""The name of a column, or several."""

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


@dataclass
class Histogram:
    """A histogram's declaration.

    Raises:
        DeclarationError: the name is none, there are not one or two axes, or too many bins together.

    """

    name: str
    axes: tuple[Any, ...]
    """Each a DeclaredAxis."""
    title: str
    function: Function
    kind: Kind = Kind.COUNT
    label: str = ""
    """Of what the bins show; empty for entries."""
    own_figure: bool = True
    """Whether it gets a figure of its own where it is in no other."""
    place: Place | None = field(default=None, compare=False)
    """Where it is declared."""

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise DeclarationError(f"histogram {self.name!r}: letters, digits and _ are accepted")
        wrong = [axis for axis in self.axes if not isinstance(axis, DeclaredAxis)]
        if wrong:
            raise DeclarationError(
                f"histogram {self.name!r}: {wrong[0]!r:.80} is no axis: Regular, Integer, Variable, Category"
                " and Strip are"
            )
        if len(self.axes) not in (1, 2):
            raise DeclarationError(
                f"histogram {self.name!r} has {len(self.axes)} axes: one or two are accepted"
            )
        if self.bins > MAX_BINS:
            raise DeclarationError(
                f"histogram {self.name!r} has {self.bins} bins: up to {MAX_BINS} are accepted"
            )

    @property
    def bins(self) -> int:
        """Bins in range, the most there can be where an axis grows."""
        return prod(int(axis.bins) for axis in self.axes)

    @property
    def memory(self) -> int:
        """Bytes that its bins take in each run."""
        bins: int = prod(axis.bins + 2 for axis in self.axes)
        return bins * (8 if self.kind is Kind.COUNT else 24)

    @property
    def value_names(self) -> tuple[str, ...]:
        """What the arrays of its function stand for, in their order."""
        last = {Kind.COUNT: (), Kind.WEIGHTED: ("the weights",), Kind.PROFILE: ("what the mean is of",)}
        return (*(("x", "y")[: len(self.axes)]), *last[self.kind])

    @property
    def may_be_words(self) -> tuple[bool, ...]:
        """For each of these arrays, whether it may hold words."""
        along = [isinstance(axis, Category) for axis in self.axes]
        return tuple(along + [False] * (len(self.value_names) - len(along)))

    @property
    def function_place(self) -> Place | None:
        """Where to look when its function raises: the function, or the declaration if that names columns."""
        function = self.function.values if isinstance(self.function, Weighted) else self.function
        return place_of(function) or self.place

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it is filled with as they are; none where a function makes its values."""
        function = self.function.values if isinstance(self.function, Weighted) else self.function
        return function.columns if isinstance(function, Named) else ()


def function_of(name: str, values: Any) -> Function:
    """Return what gives a histogram's values: a function as it is, or the columns of these names.

    Raises:
        DeclarationError: it is neither.

    """
    if values is None:
        return Named((name,))
    if callable(values):
        function: Function = values
        return function
    names = (values,) if isinstance(values, str) else values
    if not isinstance(names, Sequence) or not names or not all(isinstance(each, str) for each in names):
        raise DeclarationError(
            f"histogram {name!r}: values={values!r:.80}: a column's name, several, or a function are accepted"
        )
    return Named(tuple(names))


@dataclass(frozen=True)
class Named:
    """Gives the columns of these names as they are."""

    columns: tuple[str, ...]

    def __call__(self, columns: Any) -> Any:
        found = tuple(getattr(columns, name) for name in self.columns)
        return found if len(found) > 1 else found[0]


@dataclass(frozen=True)
class Weighted:
    """Gives, after the values of a function, their weights."""

    values: Function
    weights: Function

    def __call__(self, columns: Any) -> tuple[Any, ...]:
        values = self.values(columns)
        return (*(values if isinstance(values, tuple) else (values,)), self.weights(columns))
