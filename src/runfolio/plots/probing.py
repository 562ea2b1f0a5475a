"""Probing: each function is called with empty columns, so that mistakes are found before a run begins."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from runfolio.errors import DeclarationError, UnknownColumn
from runfolio.plots.histogram import Histogram
from runfolio.plots.reducer import Reducer
from runfolio.plots.values import flat_arrays


def check_columns(reducer: Reducer, columns: Any) -> None:
    """Call each of a reducer's functions with columns of no rows.

    A function may well raise for lack of data; that is no mistake here.

    Raises:
        DeclarationError: one asks for a column that is not there, uses a name that is not defined, or
            gives another number of arrays, or arrays of something else, than its histogram needs.

    """
    for histogram in reducer.histograms.values():
        try:
            with np.errstate(all="ignore"):
                values = histogram.function(columns)
        except (UnknownColumn, NameError) as error:
            raise _mistake(reducer, histogram, error) from error
        except Exception:  # noqa: BLE001, S112  (a user's code: with data it may do better)
            continue
        try:
            flat_arrays(values, histogram.value_names, histogram.may_be_words)
        except ValueError as error:
            raise _mistake(reducer, histogram, error) from error


def check_functions(reducers: Sequence[Reducer], columns: Any) -> None:
    """Do so for all reducers; `columns` is what is read, of no rows."""
    for reducer in reducers:
        try:
            made = reducer.reads.columns(columns)
        except Exception:  # noqa: BLE001, S112  (as above)
            continue
        check_columns(reducer, made)


def _mistake(reducer: Reducer, histogram: Histogram, error: Exception) -> DeclarationError:
    where = f"{histogram.function_place}: " if histogram.function_place else ""
    return DeclarationError(f"{where}histogram {histogram.name!r} of {reducer.name}: {error}")
