"""Inputs: what reads them and follows their runs, from what the reducers read."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from runfolio.clock import Clock
from runfolio.errors import InputError
from runfolio.plots import (
    Columns,
    FileName,
    Records,
    Reducer,
    Spills,
    check_functions,
    check_together,
    keys_of,
)
from runfolio.runs import Tracker
from runfolio.stream import (
    STRETCH,
    Batching,
    ColumnReader,
    Decoder,
    DocumentReader,
    Keys,
    Reader,
    RecordDecoder,
    Stop,
    expanded,
    open_sources,
    record_reader,
)

MEMORY_OF_RUNS = 256 << 20
"""Bytes for the plots of all runs that are open."""
BESIDE_BINS = 4096
"""Bytes that a histogram takes beside its bins, and about what a table or tree does beside its values."""
ROWS_OF_TREE = 10_000
"""That a tree is likely to hold in each of many runs."""
MOST_OPEN = (100, 10_000)
"""Runs that may be open in any case, and at most."""


def reader_for(
    reducers: Sequence[Reducer],
    limit: int,
    stop: Stop,
    problem: Callable[[str], None],
    *,
    stretch: int = STRETCH,
) -> Reader:
    """Return what reads inputs for these reducers.

    Args:
        reducers: what is to be filled.
        limit: bytes of a line or document; longer ones are refused.
        stop: asked whether the reading shall end.
        problem: is told what ends the reading of a source early.
        stretch: bytes of a source of documents at whose multiples batches end.

    Raises:
        DeclarationError: they do not read the same kind of data.

    """
    check_together(reducers)
    reads = [reducer.reads for reducer in reducers]
    spills = [each.spill for each in reads if isinstance(each, Spills)]
    records = [each.record for each in reads if isinstance(each, Records)]
    columns = [each for each in reads if isinstance(each, Columns)]
    if columns:
        together = replace(columns[0], **keys_of(reducers))
        return ColumnReader(together, together.tree, limit, stop, problem)
    if records:
        keys = next(each for each in reads if isinstance(each, Keys))
        decoder = RecordDecoder(replace(keys, **keys_of(reducers)), records)
        return record_reader(decoder, limit, stop, problem, stretch=stretch)
    return DocumentReader(Decoder(spills), limit, stop, problem, Batching(stretch=stretch))


def check_data(paths: Sequence[str], reducers: Sequence[Reducer], limit: int) -> None:
    """Find out whether data can be what reducers read, without reading more than names and types.

    Raises:
        InputError: a file can't be opened, or can't be what is read.
        DeclarationError: a plot asks for what is not there.

    """
    paths = expanded(paths)
    open_sources(paths, follow=False, stop=never)
    unread: list[str] = []
    check_inputs(reader_for(reducers, limit, never, unread.append), reducers, paths)


def never() -> bool:
    """Tell that reading goes on to its end."""
    return False


def check_inputs(reader: Reader, reducers: Sequence[Reducer], paths: Sequence[str]) -> None:
    """Find what can be found before anything begins.

    Raises:
        InputError: an input can't be what is read.
        DeclarationError: a plot asks for what is not there.

    """
    for reducer in reducers:
        if isinstance(reducer.reads, Keys) and isinstance(reducer.reads.run, FileName):
            _check_names(reducer.reads.run, paths)
    if isinstance(reader, ColumnReader):
        with reader.first_rows(paths) as rows:  # checks them, too; each is opened once for both
            reader.asked_all = check_functions(reducers, rows)
    else:
        reader.check(paths)
        check_functions(reducers)


def _check_names(pattern: FileName, paths: Sequence[str]) -> None:
    for path in paths:
        if path == "-":
            raise InputError(f"standard input has no name, and {pattern.pattern} is to hold the run number")
        if pattern.run_number(path) is None:
            raise InputError(f"{path}: its name holds no run number as in {pattern.pattern}")


def tracker_for(reducers: Sequence[Reducer], clock: Clock, idle_timeout: float | None = None) -> Tracker:
    """Return what follows the runs of these reducers' data; `idle_timeout` is as the tracker's."""
    own = [reducer.reads for reducer in reducers if isinstance(reducer.reads, Keys)]
    says_end = any(each.end is not None for each in own) or not own
    most_open = _most_open(reducers) if own else 1
    return Tracker(clock, says_end=says_end, most_open=most_open, idle_timeout=idle_timeout)


def _most_open(reducers: Sequence[Reducer]) -> int:
    """Return how many runs may be open at a time, by the memory that the plots of one are likely to take.

    Hardly a run of many that are open side by side has as many rows as a tree may hold. Reckoned with that
    limit, a million, one tree would end runs whose rows are still to come.
    """
    memory = 0
    for reducer in reducers:
        memory += sum(each.memory + BESIDE_BINS for each in reducer.histograms.values())
        memory += sum(each.memory + BESIDE_BINS for each in reducer.tables.values())
        trees = reducer.trees.values()
        memory += sum(min(each.limit, ROWS_OF_TREE) * each.row_bytes + BESIDE_BINS for each in trees)
    least, most = MOST_OPEN
    return min(max(MEMORY_OF_RUNS // max(memory, 1), least), most)
