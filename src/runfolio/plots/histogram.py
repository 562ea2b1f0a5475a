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
        """Where to look when its function raises."""
        return place_of(self.function) or self.place


def function_of(name: str, values: Any) -> Function:
    """Return what gives a histogram's values: a function as it is, or the columns of these names.

    Raises:
        DeclarationError: it is neither.

    """
    if values is None:
        return columns_named((name,))
    if callable(values):
        function: Function = values
        return function
    names = (values,) if isinstance(values, str) else values
    if not isinstance(names, Sequence) or not names or not all(isinstance(each, str) for each in names):
        raise DeclarationError(
            f"histogram {name!r}: values={values!r:.80}: a column's name, several, or a function are accepted"
        )
    return columns_named(tuple(names))


def columns_named(names: tuple[str, ...]) -> Function:
    """Return the function that gives the columns of these names."""
    if len(names) == 1:
        return lambda columns: getattr(columns, names[0])
    return lambda columns: tuple(getattr(columns, name) for name in names)


def with_weights(function: Function, weights: Function | str) -> Function:
    """Return a function that gives, after the values of another one, their weights."""
    weigh = columns_named((weights,)) if isinstance(weights, str) else weights

    def weighted(columns: Any) -> tuple[Any, ...]:
        values = function(columns)
        return (*(values if isinstance(values, tuple) else (values,)), weigh(columns))

    return weighted
