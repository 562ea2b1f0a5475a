"""Inputs: what reads them, from what the reducers read."""

from collections.abc import Callable, Sequence

from runfolio.errors import DeclarationError, InputError
from runfolio.plots import Columns, FileName, Records, Reducer, Spills, check_functions
from runfolio.stream import (
    ColumnReader,
    Decoder,
    DocumentReader,
    Keys,
    Reader,
    RecordDecoder,
    Stop,
    record_reader,
)


def reader_for(reducers: Sequence[Reducer], limit: int, stop: Stop, problem: Callable[[str], None]) -> Reader:
    """Return what reads inputs for these reducers.

    Args:
        reducers: what is to be filled; all read the same kind of data.
        limit: bytes of a line or document; longer ones are refused.
        stop: asked whether the reading shall end.
        problem: is told what ends the reading of a source early.

    Raises:
        DeclarationError: they read different things.

    """
    reads = [reducer.reads for reducer in reducers]
    spills = [each.spill for each in reads if isinstance(each, Spills)]
    records = [each.record for each in reads if isinstance(each, Records)]
    columns = [each for each in reads if isinstance(each, Columns)]
    if max(len(spills), len(records), len(columns)) < len(reads):
        raise DeclarationError(
            "some reducers read spills, others records or columns of their own: plot them one after the other"
        )
    if columns:
        return ColumnReader(columns[0], columns[0].tree, limit, stop, problem)
    if records:
        keys = next(each for each in reads if isinstance(each, Keys))
        return record_reader(RecordDecoder(keys, records), limit, stop, problem)
    return DocumentReader(Decoder(spills), limit, stop, problem)


def check_inputs(reader: Reader, reducers: Sequence[Reducer], paths: Sequence[str]) -> None:
    """Find what can be found before anything begins.

    Raises:
        InputError: an input can't be what is read.
        DeclarationError: a plot asks for what is not there.

    """
    for reducer in reducers:
        if isinstance(reducer.reads, Keys) and isinstance(reducer.reads.run, FileName):
            _check_names(reducer.reads.run, paths)
    reader.check(paths)
    if isinstance(reader, ColumnReader):
        with reader.first_rows(paths) as rows:
            check_functions(reducers, rows)
    else:
        check_functions(reducers)


def _check_names(pattern: FileName, paths: Sequence[str]) -> None:
    for path in paths:
        if path == "-":
            raise InputError(f"standard input has no name, and {pattern.pattern} is to hold the run number")
        if pattern.run_number(path) is None:
            raise InputError(f"{path}: its name holds no run number as in {pattern.pattern}")
