"""Inputs: what reads them and follows their runs, from what the reducers read."""

from collections.abc import Callable, Sequence

import msgspec

from runfolio.clock import Clock
from runfolio.plots import Columns, Records, Reducer, Spills, check_functions, check_together
from runfolio.runs import Tracker
from runfolio.stream import ColumnReader, Decoder, DocumentReader, Keys, Reader, RecordDecoder, Stop

NOTHING: Sequence[msgspec.Struct] = ()


def reader_for(reducers: Sequence[Reducer], limit: int, stop: Stop, problem: Callable[[str], None]) -> Reader:
    """Return what reads inputs for these reducers.

    Args:
        reducers: what is to be filled.
        limit: bytes of a line or document; longer ones are refused.
        stop: asked whether the reading shall end.
        problem: is told what ends the reading of a source early.

    Raises:
        DeclarationError: they do not read the same kind of data.

    """
    check_together(reducers)
    reads = [reducer.reads for reducer in reducers]
    spills = [each.spill for each in reads if isinstance(each, Spills)]
    records = [each.record for each in reads if isinstance(each, Records)]
    columns = [each for each in reads if isinstance(each, Columns)]
    if columns:
        return ColumnReader(columns[0], columns[0].tree, limit, stop, problem)
    if records:
        keys = next(each for each in reads if isinstance(each, Keys))
        return DocumentReader(RecordDecoder(keys, records), limit, stop, problem)
    return DocumentReader(Decoder(spills), limit, stop, problem)


def check_inputs(reader: Reader, reducers: Sequence[Reducer], paths: Sequence[str]) -> None:
    """Find what can be found before anything begins.

    Raises:
        InputError: an input can't be what is read.
        DeclarationError: a plot asks for what is not there.

    """
    reader.check(paths)
    if isinstance(reader, ColumnReader):
        with reader.first_rows(paths) as rows:
            check_functions(reducers, rows)
    else:
        check_functions(reducers, NOTHING)


def tracker_for(reducers: Sequence[Reducer], clock: Clock) -> Tracker:
    """Return what follows the runs of these reducers' data."""
    own = [reducer.reads for reducer in reducers if isinstance(reducer.reads, Keys)]
    return Tracker(clock, says_end=all(each.end is not None for each in own), any_order=bool(own))
