"""What tables and trees have in common as they are declared: a function that gives named arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from runfolio.errors import DeclarationError
from runfolio.plots.functions import Function, Named, place_in
from runfolio.plots.given import check_name, check_text
from runfolio.plots.places import Place
from runfolio.plots.values import Array, flat_arrays


@dataclass(kw_only=True)
class Declared:
    """A declaration that is filled with several arrays of one length, each of which has a name.

    Raises:
        DeclarationError: its own name is none, or its title is no text.

    """

    name: str
    title: str
    function: Function
    """Gives the arrays in their order, or a mapping of them by name."""
    place: Place | None = field(default=None, compare=False)
    """Where it is declared."""

    def __post_init__(self) -> None:
        check_name(self.what, self.name)
        check_text(f"{self.what} {self.name!r}", "title", self.title)

    @property
    def what(self) -> str:
        """Return what is declared, for messages."""
        return type(self).__name__.lower()

    def fill_with(self, function: Function) -> None:
        self.function = function

    @property
    def memory(self) -> int:
        """Bytes that it takes in each run, at most."""
        raise NotImplementedError

    @property
    def value_names(self) -> tuple[str, ...]:
        """Return the arrays' names in their order."""
        raise NotImplementedError

    @property
    def function_place(self) -> Place | None:
        """Where to look when its function raises."""
        return place_in(self.function) or self.place

    def arrays(self, values: Any) -> tuple[Array, ...]:
        """Return what its function gave as flat arrays of one length, in the order of their names.

        Raises:
            ValueError: they are other arrays than are named, or not of numbers.

        """
        names = self.value_names
        return flat_arrays(_in_order(values, names), names, [False] * len(names))


def function_or_columns(what: str, values: Any, columns: Sequence[str]) -> Function:
    """Return a function as it is; where there is none, that which gives these columns.

    Raises:
        DeclarationError: it is something else.

    """
    if values is None:
        return Named(tuple(columns))
    if not callable(values):
        raise DeclarationError(f"{what}: values={values!r:.80}: a function is accepted")
    function: Function = values
    return function


def _in_order(values: Any, names: Sequence[str]) -> Any:
    if not isinstance(values, Mapping):
        return values
    if set(values) != set(names):
        missing = [name for name in names if name not in values]
        unknown = [str(name) for name in values if name not in names]
        raise ValueError(f"arrays by name: missing {missing}, unknown {unknown}"[:300])
    return tuple(values[name] for name in names)
