"""Functions: from columns to the values that a histogram is filled with."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from runfolio.errors import DeclarationError
from runfolio.plots.places import Place, place_of
from runfolio.plots.values import each_of

Function = Callable[[Any], Any]
"""From columns to an array, or to a tuple of arrays of one length."""

Names = str | Sequence[str]
"""The name of a column, or several."""


@dataclass(frozen=True)
class Named:
    """Gives the columns of these names."""

    names: tuple[str, ...]

    def __call__(self, columns: Any) -> Any:
        if len(self.names) == 1:
            return getattr(columns, self.names[0])
        return tuple(getattr(columns, name) for name in self.names)


@dataclass(frozen=True)
class Weighted:
    """Gives, after the values of one function, their weights by another."""

    values: Function
    weights: Function
    axes: int = 1
    """How many arrays the first one gives, by itself one or in a tuple or list."""

    def __call__(self, columns: Any) -> tuple[Any, ...]:
        return (*each_of(self.values(columns), self.axes), self.weights(columns))


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


def with_weights(function: Function, weights: Function | str, axes: int = 1) -> Weighted:
    """Return a function that gives, after the values of another one along some axes, their weights."""
    return Weighted(function, Named((weights,)) if isinstance(weights, str) else weights, axes)


def columns_of(function: Function) -> tuple[str, ...] | None:
    """Return the columns that a function gives as they are, None where it is not known what it gives."""
    match function:
        case Named(names):
            return names
        case Weighted(Named(names), Named(weights)):
            return (*names, *weights)
        case _:
            return None


def arrays_of(function: Function) -> int | None:
    """Return how many arrays a function gives, None where only calling it would tell."""
    match function:
        case Named(names):
            return len(names)
        case Weighted(values, _):
            arrays = arrays_of(values)
            return None if arrays is None else arrays + 1
        case _:
            return None


def place_in(function: Function) -> Place | None:
    """Return where to look when a function raises; None where none of it is a user's own."""
    return next(iter(places_in(function)), None)


def places_in(function: Function) -> tuple[Place, ...]:
    """Return where each of a user's own functions begins that a function consists of."""
    match function:
        case Named():
            return ()
        case Weighted(values, weights):
            return (*places_in(values), *places_in(weights))
        case _:
            place = place_of(function)
            return (place,) if place else ()


def name_of(function: Function) -> str:
    """Return what a function is called in its file."""
    if isinstance(function, Weighted):
        return name_of(function.values if columns_of(function.values) is None else function.weights)
    function = getattr(function, "func", function)  # a functools.partial
    return str(getattr(function, "__name__", type(function).__name__))


def check_callable(function: Function) -> None:
    """Check that a function can be called with columns.

    Raises:
        DeclarationError: it takes no argument, or more than that one.

    """
    if isinstance(function, Weighted):
        check_callable(function.values)
        check_callable(function.weights)
        return
    try:
        inspect.signature(function).bind(None)
    except TypeError as error:
        where = f"{place_in(function)}: " if place_in(function) else ""
        raise DeclarationError(
            f"{where}function {name_of(function)} is called with the columns as its only argument: {error}"
        ) from None
    except ValueError:  # written in C, and it does not say
        return
