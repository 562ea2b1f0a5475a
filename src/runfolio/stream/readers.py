"""Readers: from a source, be it a stream of lines or a file of columns, to what the next stage takes."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from runfolio.errors import InputError
from runfolio.stream.batches import SPILLS, Batch, Batching, Item, Stopped, in_batches
from runfolio.stream.column_files import column_format, format_of, open_column_file
from runfolio.stream.columns import check_keys, file_rows, read_columns
from runfolio.stream.json_columns import ColumnDecoder
from runfolio.stream.json_values import column_of
from runfolio.stream.keys import Keys
from runfolio.stream.lines import split_lines
from runfolio.stream.reading import LineDecoder, read_documents
from runfolio.stream.records import RecordDecoder
from runfolio.stream.rows import Column, Rows
from runfolio.stream.sources import Source, Stop

log = logging.getLogger(__name__)

Problem = Callable[[str], None]
"""Is told of what ends the reading of a source early."""

BATCH_ROWS = 10_000
"""Lines of one's own data are short: more of them make a batch than of spills."""


class Reader(Protocol):
    """Reads sources of one kind of data."""

    def check(self, paths: Sequence[str]) -> None:
        """Look at the inputs before anything begins.

        Raises:
            InputError: one of them can't be what is read here.

        """
        ...

    def items(self, source: Source) -> Iterator[Batch | Item]:
        """Give what a source holds; an error in reading ends it early, after all that came before."""
        ...

    @property
    def missing(self) -> Sequence[str]:
        """What was asked for and never found, a line each."""
        ...


class DocumentReader:
    """Reads documents, one a line.

    Args:
        decoder: makes documents of lines.
        limit: bytes of a line or document; longer ones are refused.
        stop: asked whether the reading shall end.
        problem: is told what ends the reading of a source early.
        batching: how documents are put together; never those of several runs of a live source, where
            the next run is the end of the one before.

    """

    missing: Sequence[str] = ()

    def __init__(
        self,
        decoder: LineDecoder,
        limit: int,
        stop: Stop,
        problem: Problem,
        batching: Batching = SPILLS,
    ) -> None:
        self._decoder = decoder
        self._limit = limit
        self._stop = stop
        self._problem = problem
        self._batching = batching

    def check(self, paths: Sequence[str]) -> None:
        for path in paths:
            found = None if path == "-" else column_format(path)
            if found:
                raise InputError(
                    f"{path}: a file of columns ({found}), and what is plotted reads JSON documents;"
                    " a plots file for it reads Columns: runfolio init writes one to start from"
                )

    def items(self, source: Source) -> Iterator[Batch | Item]:
        lines = split_lines(source.name, self._chunks(source), self._limit)
        how = replace(self._batching, by_run=self._batching.by_run and not source.live)
        return in_batches(read_documents(lines, self._decoder, self._limit), how)

    def _chunks(self, source: Source) -> Iterator[bytes | None]:
        try:
            yield from _no_columns(source)
        except InputError as error:
            _tell(error, self._problem)
        if self._stop():
            raise Stopped


def record_reader(decoder: RecordDecoder, limit: int, stop: Stop, problem: Problem) -> DocumentReader:
    """Return a reader of one's own records, of which several runs may lie in any order in a file."""
    batching = Batching(BATCH_ROWS, marks=decoder.marks, by_run=True)
    return DocumentReader(decoder, limit, stop, problem, batching)


class ColumnReader:
    """Reads columns: of files of columns, or the keys of JSON lines.

    Args:
        keys: which columns say what run a row belongs to.
        tree: the name of the tree in ROOT files, None where they hold only one.
        limit: bytes of a line; longer ones are refused.
        stop: asked whether the reading shall end.
        problem: is told what ends the reading of a source early.

    """

    def __init__(self, keys: Keys, tree: str | None, limit: int, stop: Stop, problem: Problem) -> None:
        self._keys = keys
        self._tree = tree
        self._stop = stop
        self._problem = problem
        self._asked: dict[str, None] = {}
        self._decoder = ColumnDecoder(keys, self._asked)
        batching = Batching(BATCH_ROWS, self._decoder.rows, self._decoder.marks, by_run=True)
        self._documents = DocumentReader(self._decoder, limit, stop, problem, batching)

    @property
    def missing(self) -> Sequence[str]:
        return self._decoder.missing

    def check(self, paths: Sequence[str]) -> None:
        for path in paths:
            if path != "-" and column_format(path):
                with closing(open_column_file(path, self._tree)) as file:
                    check_keys(file, self._keys)

    @contextmanager
    def first_rows(self, paths: Sequence[str]) -> Iterator[Rows]:
        """Give no rows with the columns of the first file that has columns, empty ones where none has."""
        path = next((path for path in paths if path != "-" and column_format(path)), None)
        if path is None:
            yield Rows(0, self._empty)
            return
        with closing(open_column_file(path, self._tree)) as file:
            yield file_rows(file, 0, 0, {}, self._asked)

    def _empty(self, name: str) -> Column:
        self._decoder.ask(name)
        return column_of([])

    def items(self, source: Source) -> Iterator[Batch | Item]:
        if source.live or not column_format(source.name):
            return self._documents.items(source)
        return self._of_columns(source)

    def _of_columns(self, source: Source) -> Iterator[Batch | Item]:
        try:
            file = open_column_file(source.name, self._tree)
        except InputError as error:
            _tell(error, self._problem)
            return
        size = Path(source.name).stat().st_size

        def advance(rows: int) -> None:
            source.position = size * rows // max(file.rows, 1)

        try:
            for item in read_columns(file, self._keys, self._asked, advance):
                yield item
                if self._stop():
                    return
            source.position = size
        except InputError as error:
            _tell(error, self._problem)
        finally:
            file.close()


def _no_columns(source: Source) -> Iterator[bytes | None]:
    """Give a source's chunks; stop at once where they are those of a file of columns, come by a pipe."""
    begun = False
    for chunk in source.chunks():
        if chunk and not begun:
            begun = True
            if found := format_of(chunk):
                raise InputError(f"{source.name}: columns ({found}), which are read of a file only; name it")
        yield chunk


def _tell(error: InputError, problem: Problem) -> None:
    log.warning("%s", error)
    problem(str(error))
