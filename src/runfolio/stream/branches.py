"""Branches of ROOT trees that hold numbers, or lists of them: read without what all others take."""

from typing import Any

import uproot  # type: ignore[import-untyped]  # it has no types
from uproot.interpretation.jagged import JaggedArray  # type: ignore[import-untyped]  # as above
from uproot.interpretation.library import NumPy  # type: ignore[import-untyped]  # as above

from runfolio.stream.quick_arrays import lists_of

_NUMBERS = "iufb"


class _AsItIs(NumPy):  # type: ignore[misc]  # as above
    """Leaves lists as their numbers and offsets; numpy's own way makes an object of each."""

    def finalize(self, array: Any, *_: Any) -> Any:
        return array


class AsPlain:
    """Makes the array of what was read of all baskets, be it numpy's or a quick one of lists."""

    def final_array(  # the names are uproot's
        self, basket_arrays: Any, entry_start: int, entry_stop: int, entry_offsets: Any, _: Any, *more: Any
    ) -> Any:
        way: Any = super()
        array = way.final_array(basket_arrays, entry_start, entry_stop, entry_offsets, _AS_IT_IS, *more)
        return lists_of(array.content, array.offsets) if isinstance(array, JaggedArray) else array

    def of_no_rows(self) -> Any:
        """Return the array of no rows, for which no basket is looked at."""
        return self.final_array({}, 0, 0, [0], None, None, {})


class _AsNumbers(AsPlain, uproot.AsDtype):  # type: ignore[misc]  # as above
    pass


class _AsLists(AsPlain, uproot.AsJagged):  # type: ignore[misc]  # as above
    pass


_AS_IT_IS = _AsItIs()


def interpretation_of(branch: Any) -> Any:
    """Return how a branch is to be read: in a plain way if it holds numbers, as uproot would else."""
    kind = branch.interpretation
    if _is_of_numbers(kind):
        return _AsNumbers(kind.from_dtype, kind.to_dtype)
    if type(kind) is uproot.AsJagged and _is_of_numbers(kind.content):
        return _AsLists(kind.content, kind.header_bytes, kind.typename, kind.original)
    return kind


def _is_of_numbers(kind: Any) -> bool:
    """Tell of an interpretation whether it gives one number each; there are those of records and matrices."""
    return type(kind) is uproot.AsDtype and kind.to_dtype.shape == () and kind.to_dtype.kind in _NUMBERS
