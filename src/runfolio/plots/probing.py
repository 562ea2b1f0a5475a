"""Probing: each function is called with empty columns, so that mistakes are found before a run begins."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from runfolio.errors import DeclarationError, InputError, in_one_line
from runfolio.nearest import advice
from runfolio.plots.declared import Declared
from runfolio.plots.histogram import Histogram
from runfolio.plots.reads import Reads, Records
from runfolio.plots.reducer import Reducer
from runfolio.plots.values import is_awkward
from runfolio.stream import no_rows_of, rows_of

SHARED = "columns are shared by all plots, but a copy may be changed, as of columns.energy.copy()"


def check_functions(reducers: Sequence[Reducer], rows: Any = ()) -> bool:
    """Call each function of each reducer with columns of no rows.

    A function may well raise for lack of data; that is no mistake here.

    Args:
        reducers: whose functions are called.
        rows: what is read, none of it.

    Returns:
        Whether all came to their end, so that the columns they need are those that they asked for.

    Raises:
        DeclarationError: one asks for a column that is not there or cannot be read, changes one, uses a
            name that is not defined, or gives another number of arrays, or arrays of something else, than
            its histogram, table or tree needs.

    """
    to_their_end = True
    for reducer in reducers:
        try:
            columns = _columns(reducer.reads, rows)
        except (Exception, SystemExit):  # noqa: BLE001  (a user's code: with data it may do better)
            to_their_end = False
            continue
        declared: list[Histogram | Declared] = [*reducer.histograms.values(), *reducer.tables.values()]
        for filled in (*declared, *reducer.trees.values()):
            to_their_end &= _check(reducer, filled, columns)
    return to_their_end


def _columns(reads: Reads, rows: Any) -> Any:
    if isinstance(reads, Records) and reads.columns is rows_of:
        return no_rows_of(reads.record)
    return reads.columns(rows)


def _check(reducer: Reducer, filled: Histogram | Declared, columns: Any) -> bool:
    """Tell whether a function came to its end."""
    try:
        with np.errstate(all="ignore"):
            values = filled.function(columns)
    except (InputError, NameError) as error:
        raise _mistake(reducer, filled, str(error)) from error
    except (Exception, SystemExit) as error:
        if what := _certain(error):
            raise _mistake(reducer, filled, what) from error
        return False  # a user's code: with data it may do better
    try:
        filled.arrays(values)
    except Exception as error:  # also what somebody's array raises when it is to be numpy's
        words = str(error) if isinstance(error, ValueError) else in_one_line(error)
        raise _mistake(reducer, filled, words) from error
    return True


def _certain(error: BaseException) -> str:
    """Return what is wrong where data would not help, an empty word where they might."""
    if isinstance(error, ValueError | TypeError) and "read-only" in str(error):  # numpy's words, and ours
        return f"{error}: {SHARED}"
    if isinstance(error, AttributeError) and is_awkward(error.obj):
        fields = getattr(error.obj, "fields", [])  # none, where it is not known what lies in it
        return f"no field {error.name!r}; {advice(str(error.name), fields, 'there are')}" if fields else ""
    return str(error) if type(error).__name__ == "FieldNotFoundError" else ""  # awkward's, of array["name"]


def _mistake(reducer: Reducer, filled: Histogram | Declared, what: str) -> DeclarationError:
    where = f"{filled.function_place}: " if filled.function_place else ""
    return DeclarationError(f"{where}{filled.what} {filled.name!r} of {reducer.name}: {what}")
