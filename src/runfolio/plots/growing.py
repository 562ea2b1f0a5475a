"""Axes at run time: which bin a value falls into, also on axes that grow while the run goes on."""

from collections.abc import Callable
from fractions import Fraction
from functools import cached_property
from math import inf, isfinite
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from runfolio.errors import CheckpointError
from runfolio.plots.axes import (
    FARTHEST,
    Axis,
    Category,
    DeclaredAxis,
    Integer,
    Labels,
    Regular,
    Strip,
    Variable,
)
from runfolio.plots.even import EvenAxes, EvenAxis, is_even

Array = npt.NDArray[Any]
Numbers = npt.NDArray[np.int64]

LONGEST_WORD = 80
_MOST_STEPS = 2**50
"""Up to here, steps are several times as wide as floating point is fine."""
_MOST_DOUBLINGS = 50
"""After these, two bins hold all there is."""
_FARTHEST_NUMBER = 1e300


class WordsState(Struct, frozen=True, tag="words"):
    """The words along an axis, in the order of their bins."""

    words: tuple[str, ...]


class StripState(Struct, frozen=True, tag="strip"):
    """Where the bins of a strip are, and how wide: counted in steps, and how often these were doubled."""

    low: int = 0
    high: int = 0
    doublings: int = 0
    empty: bool = True


AxisState = WordsState | StripState | None
"""What an axis has come to; None for one that does not grow."""


class RunningAxis(Protocol):
    """One axis of one histogram in one run; bins are numbered from 0, -1 being below and `bins` above."""

    bins: int

    def make_room(self, values: Array) -> Callable[[Array], Array] | None:
        """Prepare for values; return what moves contents to new bins along the first axis, if any do."""
        ...

    def bin_numbers(self, values: Array) -> Numbers: ...

    def now(self) -> tuple[Axis, Numbers]:
        """Return the axis as it has come to be, and which of the bins it shows, in its order."""
        ...

    def state(self) -> AxisState:
        """Return what the axis has come to, as plain data."""
        ...

    def restore(self, state: AxisState) -> None:
        """Take an axis at its beginning to where another one of its declaration was.

        Raises:
            CheckpointError: it was one of another kind or size.

        """
        ...


def running(axis: DeclaredAxis) -> RunningAxis:
    """Return a declared axis at the beginning of a run."""
    match axis:
        case Category():
            return _Words(axis)
        case Strip():
            return _Following(axis)
        case Regular() | Integer() if is_even(axis):
            return _Even(axis)
        case _:
            return _Fixed(axis)


class _Fixed:
    def __init__(self, axis: Regular | Integer | Variable) -> None:
        self._axis = axis
        self.bins = axis.bins

    def make_room(self, _values: Array) -> None:
        return None

    def bin_numbers(self, values: Array) -> Numbers:
        return self._axis.bin_numbers(values)

    def now(self) -> tuple[Axis, Numbers]:
        return self._axis, np.arange(self.bins)

    def state(self) -> None:
        return None

    def restore(self, state: AxisState) -> None:
        if state is not None:
            raise _other_axis(self._axis)


class _Even(_Fixed):
    def __init__(self, axis: EvenAxis) -> None:
        super().__init__(axis)
        self._even = axis

    @cached_property
    def _found(self) -> EvenAxes:
        return EvenAxes([self._even])

    def bin_numbers(self, values: Array) -> Numbers:
        return self._found.bins(0, values) - 1


class _Words:
    """Gives each new word the next bin; shown in the order of the words, so that arrival does not matter."""

    def __init__(self, axis: Category) -> None:
        self._axis = axis
        self.bins = axis.limit
        self._numbers: dict[str, int] = {}

    def make_room(self, _values: Array) -> None:
        return None

    def bin_numbers(self, values: Array) -> Numbers:
        if values.dtype.kind == "O":  # of values that can't be sorted among each other
            values = np.array([_word(value) for value in values.tolist()], np.str_)
        found, places = np.unique(values, return_inverse=True)
        numbers = np.array([self._number(value) for value in found.tolist()], np.int64)
        return numbers[places.ravel()]

    def _number(self, value: Any) -> int:
        word = _word(value)
        if word not in self._numbers:
            if len(self._numbers) == self.bins:
                return self.bins
            self._numbers[word] = len(self._numbers)
        return self._numbers[word]

    def now(self) -> tuple[Axis, Numbers]:
        if not self._numbers:
            return Labels(("",), self._axis.label), np.zeros(1, np.int64)
        words = sorted(self._numbers, key=in_order)
        return Labels(tuple(words), self._axis.label), np.array([self._numbers[word] for word in words])

    def state(self) -> WordsState:
        return WordsState(tuple(self._numbers))

    def restore(self, state: AxisState) -> None:
        if not isinstance(state, WordsState) or len(state.words) > self.bins:
            raise _other_axis(self._axis)
        self._numbers = {word: number for number, word in enumerate(state.words)}
        if len(self._numbers) < len(state.words):
            raise CheckpointError("a word that has two bins")


def _word(value: Any) -> str:
    """Return a value as a word; a whole number is the same word whether it comes as 5 or as 5.0."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bytes):
        value = value.decode(errors="replace")
    if isinstance(value, float) and abs(value) < FARTHEST and value.is_integer():
        value = int(value)
    readable = str(value).encode(errors="replace").decode()  # JSON may hold halves of characters
    return readable[:LONGEST_WORD]


def in_order(word: str) -> tuple[bool, float, str]:
    """Sort numbers by value and before all other words."""
    try:
        number = float(word)
    except ValueError:
        number = inf
    return (False, number, word) if isfinite(number) else (True, 0.0, word)


class _Following:
    """Bins of width step x 2^doublings; the first is the one that holds the least value.

    What is farther from 0 than 2^50 steps lies outside: bins are not told apart there.
    """

    def __init__(self, axis: Strip) -> None:
        self._axis = axis
        self.bins = axis.bins
        self._step = Fraction(str(axis.step))
        self._doublings = 0
        self._low = self._high = 0
        self._empty = True

    def make_room(self, values: Array) -> Callable[[Array], Array] | None:
        steps, far = self._steps(values)
        if far.all():
            return None
        near = steps[~far]
        low, high = (int(each) >> self._doublings for each in (near.min(), near.max()))
        if not self._empty:
            low, high = min(low, self._low), max(high, self._high)
        before, doublings = self._low, 0
        while high - low >= self.bins:
            low, high, doublings = low >> 1, high >> 1, doublings + 1
        moved = not self._empty and (doublings > 0 or low != before)
        self._low, self._high, self._empty = low, high, False
        self._doublings += doublings
        return self._mover(before, doublings) if moved else None

    def _mover(self, before: int, doublings: int) -> Callable[[Array], Array]:
        new = ((before + np.arange(self.bins)) >> doublings) - self._low

        def move(contents: Array) -> Array:
            moved = np.zeros_like(contents)
            moved[0], moved[-1] = contents[0], contents[-1]
            reached = (new >= 0) & (new < self.bins)  # beyond these, the old bins were empty
            np.add.at(moved, new[reached] + 1, contents[1:-1][reached])
            return moved

        return move

    def bin_numbers(self, values: Array) -> Numbers:
        steps, far = self._steps(values)
        numbers = (np.where(far, 0, steps).astype(np.int64) >> self._doublings) - self._low
        return np.where(far, np.where(values > 0, self.bins, -1), numbers)

    def _steps(self, values: Array) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
        """Return how many steps each value is from 0, rounded down, and which values are too far.

        Edges are the nearest there are to whole numbers of steps on paper: 0.3 begins the bin of three
        steps of 0.1, though 3 * 0.1 is above 0.3 in floating point.
        """
        numbers = values.astype(np.float64)
        above, below = float(self._step.numerator), float(self._step.denominator)
        with np.errstate(over="ignore", invalid="ignore"):
            steps = np.floor(numbers / (above / below))
            steps += numbers >= (steps + 1) * above / below  # the division has rounded
            steps -= numbers < steps * above / below
        return steps, ~((np.abs(steps) < _MOST_STEPS) & (np.abs(numbers) < _FARTHEST_NUMBER))

    def now(self) -> tuple[Axis, Numbers]:
        shown = self._high - self._low + 1
        width = self._step * 2**self._doublings
        start, stop = float(self._low * width), float((self._high + 1) * width)
        return Regular(shown, start, stop, self._axis.label, time=self._axis.time), np.arange(shown)

    def state(self) -> StripState:
        return StripState(self._low, self._high, self._doublings, self._empty)

    def restore(self, state: AxisState) -> None:
        if not isinstance(state, StripState) or not state.high - state.low < self.bins:
            raise _other_axis(self._axis)
        within = -_MOST_STEPS <= state.low <= state.high <= _MOST_STEPS
        doubled = 0 <= state.doublings <= _MOST_DOUBLINGS
        if not (within and doubled) or (state.empty and state != StripState()):
            raise CheckpointError(f"a strip that cannot be: {state!r:.200}")
        self._low, self._high = state.low, state.high
        self._doublings, self._empty = state.doublings, state.empty


def _other_axis(axis: DeclaredAxis) -> CheckpointError:
    return CheckpointError(f"an axis that is no {type(axis).__name__} of {axis.bins} bins")
