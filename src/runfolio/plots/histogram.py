"""Histograms as they are declared: a name, axes, what the bins show, and a function of columns."""

import re
from dataclasses import dataclass, field
from math import prod
from typing import Any

from runfolio.errors import DeclarationError
from runfolio.plots.axes import MAX_BINS, Category, DeclaredAxis
from runfolio.plots.counts import Kind
from runfolio.plots.functions import Function, place_in
from runfolio.plots.places import Place
from runfolio.plots.values import Array, flat_arrays

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


@dataclass
class Histogram:
    """A histogram's declaration.

    Raises:
        DeclarationError: the name is none, a title or label is no text, there are not one or two axes, or
            too many bins together.

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
        name: object = self.name
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise DeclarationError(f"histogram {name!r:.80}: letters, digits and _ are accepted")
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
        for what, text in (("title", self.title), *(("label", axis.label) for axis in self.axes)):
            if not isinstance(text, str):
                raise DeclarationError(f"histogram {self.name!r}: {what}={text!r:.80}: text is accepted")
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
    def what(self) -> str:
        """Return what is declared, for messages."""
        return "histogram"

    def arrays(self, values: Any) -> tuple[Array, ...]:
        """Return what its function gave as flat arrays of one length: along the axes, then weights or means.

        Raises:
            ValueError: they are other arrays than that, or not of numbers.

        """
        return flat_arrays(values, self.value_names, self.may_be_words)

    @property
    def function_place(self) -> Place | None:
        """Where to look when its function raises."""
        return place_in(self.function) or self.place
