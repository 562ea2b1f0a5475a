"""Histograms as they are declared: a name, axes, what the bins show, and a function of columns."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from typing import Any

from runfolio.errors import DeclarationError
from runfolio.plots.axes import MAX_BINS, Category, DeclaredAxis, Strip
from runfolio.plots.counts import Kind
from runfolio.plots.functions import Function, Names, function_of, place_in, with_weights
from runfolio.plots.given import check_name, check_text
from runfolio.plots.places import Place, declared_here
from runfolio.plots.values import Array, flat_arrays


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
    weights: Function | str | None = None
    """What gives the weights, where it is not `function` itself."""

    def __post_init__(self) -> None:
        check_name("histogram", self.name)
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
        check_text(f"histogram {self.name!r}", "title", self.title)
        for label in (self.label, *(axis.label for axis in self.axes)):
            check_text(f"histogram {self.name!r}", "label", label)
        if self.bins > MAX_BINS:
            raise DeclarationError(
                f"histogram {self.name!r} has {self.bins} bins: up to {MAX_BINS} are accepted"
            )

        self.fill_with(self.function)

    def fill_with(self, function: Function) -> None:
        """Fill it by a function, and with the declared weights."""
        self.function = with_weights(function, self.weights, len(self.axes)) if self.weights else function

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
    def adds_up(self) -> bool:
        """Whether counts of parts of the data, added up, are those of all: of bins that stay, not rounded."""
        return self.kind is Kind.COUNT and not any(isinstance(axis, Category | Strip) for axis in self.axes)

    @cached_property
    def value_names(self) -> tuple[str, ...]:
        """What the arrays of its function stand for, in their order."""
        last = {Kind.COUNT: (), Kind.WEIGHTED: ("the weights",), Kind.PROFILE: ("what the mean is of",)}
        return (*(("x", "y")[: len(self.axes)]), *last[self.kind])

    @cached_property
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


def declare_histogram(
    name: str,
    axes: Sequence[DeclaredAxis],
    *,
    title: str,
    values: Function | Names | None,
    weights: Function | str | bool = False,
    kind: Kind | None = None,
    label: str = "",
    figure: bool = True,
) -> Histogram:
    """Return a histogram with its arguments as a user gives them.

    Raises:
        DeclarationError: they make none.

    """
    if not (isinstance(weights, str | bool) or callable(weights)):
        raise DeclarationError(
            f"histogram {name!r:.80}: weights={weights!r:.80}: a name or function is accepted"
        )
    return Histogram(
        name,
        tuple(axes),
        title or name,
        function_of(name, values),
        kind or (Kind.WEIGHTED if weights else Kind.COUNT),
        label or ("sum of weights" if weights else ""),
        figure,
        declared_here(),
        None if isinstance(weights, bool) else weights,
    )
