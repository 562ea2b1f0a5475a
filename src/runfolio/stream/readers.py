"""Readers: from a source, be it a stream of lines or a file of columns, to what the next stage takes."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol

from runfolio.errors import InputError
from runfolio.stream.batches import Batch, Item, Stopped, in_batches
from runfolio.stream.column_files import column_format, open_column_file
from runfolio.stream.columns import file_rows, read_columns
from runfolio.stream.keys import FileName, Keys
from runfolio.stream.lines import split_lines
from runfolio.stream.reading import LineDecoder, read_documents
from runfolio.stream.records import ColumnDecoder
from runfolio.stream.rows import Column, Rows, column_of
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


class DocumentReader:
    """Reads documents, one a line.

    Args:
        decoder: makes documents of lines.
        limit: bytes of a line or document; longer ones are refused.
        stop: asked whether the reading shall end.
        problem: is told what ends the reading of a source early.
        batches: puts documents together.

    """

    def __init__(
        self,
        decoder: LineDecoder,
        limit: int,
        stop: Stop,
        problem: Problem,
        batches: Callable[[Iterator[Item]], Iterator[Batch | Item]] = in_batches,
    ) -> None:
        self._decoder = decoder
        self._limit = limit
        self._stop = stop
        self._problem = problem
        self._batches = batches

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
        return self._batches(read_documents(lines, self._decoder, self._limit))

    def _chunks(self, source: Source) -> Iterator[bytes | None]:
        try:
            yield from source.chunks()
        except InputError as error:
            _tell(error, self._problem)
        if self._stop():
            raise Stopped


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
        decoder = ColumnDecoder(keys, self._asked)
        self._documents = DocumentReader(
            decoder, limit, stop, problem, lambda items: in_batches(items, most=BATCH_ROWS, data=decoder.rows)
        )

    def check(self, paths: Sequence[str]) -> None:
        pattern = self._keys.run
        for path in paths:
            if isinstance(pattern, FileName) and pattern.run_number(path) is None:
                raise InputError(f"{path}: its name holds no run number as in {pattern.pattern}")
            if path != "-" and column_format(path):
                open_column_file(path, self._tree).close()

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
        self._asked[name] = None
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


def _tell(error: InputError, problem: Problem) -> None:
    log.warning("%s", error)
    problem(str(error))
