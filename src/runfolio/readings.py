"""Readings: what the rows of a table say at one moment.

They are drawn, and written as JSON as they stand here: in `run.json`, and beside the table's picture.
"""

from math import floor, log10
from typing import Annotated

from msgspec import Meta, Struct

_DIGITS = 4
"""Significant digits of what is no whole number."""
_LARGEST, _SMALLEST = 1e15, 1e-4
"""Numbers beyond these are written with a power of ten."""
_NONE = "-"

_Count = Annotated[int, Meta(ge=0)]


class Reading(Struct, frozen=True, kw_only=True):
    """One row of a table."""

    row: Annotated[str, Meta(description="The quantity, with its unit")]
    last: Annotated[
        float | None, Meta(description="The value of the highest number; null where there is none")
    ]
    last_number: Annotated[int | None, Meta(description="That number")]
    mean_of_last: Annotated[float | None, Meta(description="Over the `averaged` highest numbers")]
    mean: Annotated[float | None, Meta(description="Over the run: every value that came")]
    values: Annotated[_Count, Meta(description="How many that were")]
    not_a_number: Annotated[_Count, Meta(description="Values that were missing or are no numbers")]


class Readings(Struct, frozen=True, kw_only=True):
    """A table at one moment."""

    name: str
    title: str
    by: Annotated[
        str, Meta(description="What the numbers count: each value has one, as that of its spill or event")
    ]
    averaged: Annotated[int, Meta(ge=1, description="Of how many values `mean_of_last` is, at most")]
    rows: Annotated[tuple[Reading, ...], Meta(description="In the order of declaration")]
    without_number: Annotated[
        _Count, Meta(description="Entries, each a value a row, passed over for lack of a number")
    ]
    lost_spills: Annotated[
        _Count,
        Meta(description="Spills or rows of data whose values were lost to an error in the table's code"),
    ]


def number_text(value: float | None) -> str:
    """Return a number with thousands separators: whole ones as they are, others with four digits or more."""
    if value is None:
        return _NONE
    if value and not _SMALLEST <= abs(value) < _LARGEST:
        return f"{value:.{_DIGITS - 1}e}"
    if value == int(value):
        return f"{int(value):,}"
    decimals = _DIGITS - 1 - floor(log10(abs(value)))
    return f"{value:,.{max(decimals, 0)}f}"
