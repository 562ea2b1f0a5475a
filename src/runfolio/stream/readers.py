"""Readers: from a source, be it a stream of lines or a file of columns, to what the next stage takes."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from runfolio.errors import InputError
from runfolio.profiling import Stage, timed
from runfolio.stream.batches import SPILLS, STRETCH, Batching, Read, Stopped, in_batches
from runfolio.stream.column_files import ColumnFile, column_format, format_of, open_column_file
from runfolio.stream.columns import check_keys, file_rows, read_columns
from runfolio.stream.documents import BrokenOff
from runfolio.stream.json_columns import ColumnDecoder
from runfolio.stream.json_values import column_of
from runfolio.stream.keys import Keys
from runfolio.stream.lines import Line, split_lines
from runfolio.stream.looked_at import LookedAt, stamp_of
from runfolio.stream.places import BEGINNING, Cursor, Place
from runfolio.stream.reading import LineDecoder, decoded, read_documents
from runfolio.stream.records import RecordDecoder
from runfolio.stream.rows import Column, Rows
from runfolio.stream.sources import Source, Stop

log = logging.getLogger(__name__)

Problem = Callable[[str], None]
"""Is told of what ends the reading of a source early, and of what was not found in it."""

COLUMN_FILES = {".root", ".parquet", ".feather", ".arrow"}
PACKERS = {
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x1f\x8b": "gzip twice",
    b"\x28\xb5\x2f\xfd": "Zstandard twice",
}

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

    def items(self, source: Source, start: Place = BEGINNING) -> Iterator[Read]:
        """Give what a source holds from a place on.

        After an error in reading come all that was before it, and that it broke off. Read anew from a place
        that was told of, with the state of that moment, a source gives what it gave after that.
        """
        ...

    def items_of(self, lines: Iterable[Line]) -> Iterator[Read]:
        """Give what documents hold that were read before, each as one line, all of one source.

        Places have no meaning then.
        """
        ...

    @property
    def place(self) -> Place | None:
        """Where reading could go on after all that was given; None where a part of it is still held back.

        That is so too behind what broke off, which nobody could begin with.
        """
        ...

    def state(self) -> dict[str, Any]:
        """Return what was learned on the way and shapes what is given later, of plain types."""
        ...

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what another reader has learned.

        Raises:
            ValueError: that is none of its states.

        """
        ...


class DocumentReader:
    """Reads documents, one a line.

    Args:
        decoder: makes documents of lines.
        limit: bytes of a line or document; longer ones are refused.
        stop: asked whether the reading shall end.
        problem: is told what ends the reading of a source early, or was not found in it.
        batching: how documents are put together; never those of several runs of a live source, where
            the next run is the end of the one before.

    """

    def __init__(
        self,
        decoder: LineDecoder,
        limit: int,
        stop: Stop,
        problem: Problem,
        batching: Batching = SPILLS,
    ) -> None:
        self._decoder = _Timed(decoder)
        self._limit = limit
        self._stop = stop
        self._problem = problem
        self._batching = batching
        self._cursor = Cursor()

    def check(self, paths: Sequence[str]) -> None:
        for path in paths:
            found = None if path == "-" else column_format(path)
            if found:
                raise InputError(
                    f"{path}: a file of columns ({found}), and what is plotted reads JSON documents;"
                    " a plots file for it reads Columns: runfolio init writes one to start from"
                )

    def items(self, source: Source, start: Place = BEGINNING) -> Iterator[Read]:
        self._cursor = Cursor(start)
        yield from self.follow(source, self._cursor)

    def follow(self, source: Source, cursor: Cursor) -> Iterator[Read]:
        """Give what a source holds, from where a cursor starts and followed by it."""
        broken: list[InputError] = []
        lines = split_lines(source.name, self._chunks(source, cursor, broken), self._limit, cursor)
        how = replace(self._batching, by_run=self._batching.by_run and not source.live)
        yield from in_batches(read_documents(lines, self._decoder, self._limit, cursor), how, cursor)
        for error in broken:
            _tell(error, self._problem)
            yield BrokenOff()

    def items_of(self, lines: Iterable[Line]) -> Iterator[Read]:
        return in_batches((decoded(line, self._decoder) for line in lines), self._batching)

    @property
    def place(self) -> Place | None:
        return self._cursor.place

    @property
    def within_document(self) -> bool:
        """Whether only some lines of a document have come."""
        return self._cursor.unfinished() is not None

    def state(self) -> dict[str, Any]:
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        if state:
            raise ValueError(f"a reader of documents has no {', '.join(map(ascii, state))}")

    def _chunks(self, source: Source, cursor: Cursor, broken: list[InputError]) -> Iterator[bytes | None]:
        try:
            yield from _no_columns(source, cursor.start.offset)
        except InputError as error:
            cursor.broken_off = True
            broken.append(error)
        if self._stop():
            raise Stopped


class _Timed:
    """A decoder whose time is counted, where anybody asks for it."""

    def __init__(self, decoder: LineDecoder) -> None:
        self.decode = timed(Stage.DECODING, decoder.decode)
        self.run_number = decoder.run_number


def record_reader(
    decoder: RecordDecoder, limit: int, stop: Stop, problem: Problem, *, stretch: int = STRETCH
) -> DocumentReader:
    """Return a reader of one's own records, of which several runs may lie in any order in a file."""
    batching = Batching(BATCH_ROWS, marks=decoder.marks, by_run=True, stretch=stretch)
    return DocumentReader(decoder, limit, stop, problem, batching)


class ColumnReader:
    """Reads columns: of files of columns, or the keys of JSON lines.

    Args:
        keys: which columns say what run a row belongs to.
        tree: the name of the tree in ROOT files, None where they hold only one.
        limit: bytes of a line; longer ones are refused.
        stop: asked whether the reading shall end.
        problem: is told what ends the reading of a source early, or was not found in it.

    """

    def __init__(self, keys: Keys, tree: str | None, limit: int, stop: Stop, problem: Problem) -> None:
        self._keys = keys
        self._tree = tree
        self._stop = stop
        self._problem = problem
        self._asked: dict[str, None] = {}
        self.asked_all = False
        """Whether plots have asked of the first rows for all columns that they need."""
        self._looked_at = LookedAt()
        self._decoder = ColumnDecoder(keys, self._asked)
        batching = Batching(BATCH_ROWS, self._decoder.rows, self._decoder.marks, by_run=True)
        self._documents = DocumentReader(self._decoder, limit, stop, problem, batching)
        self._cursor = Cursor()

    def check(self, paths: Sequence[str]) -> None:
        with self.first_rows(paths):
            pass

    @contextmanager
    def first_rows(self, paths: Sequence[str]) -> Iterator[Rows]:
        """Check the inputs, and give no rows with the columns of the first file that has columns.

        Where none has, all columns are empty.

        Raises:
            InputError: one of them can't be what is read here.

        """
        found = list(filter(has_columns, paths))
        if not found:
            yield Rows(0, self._empty)
            return
        stamp = stamp_of(found[0])
        with ExitStack() as on_error:
            file = self._checked(found[0])
            on_error.callback(file.close)
            for path in found[1:]:
                self._checked(path).close()
            yield file_rows(file, 0, 0, {}, self._asked)
            on_error.pop_all()
        self._looked_at.keep(file, stamp)

    def _checked(self, path: str) -> ColumnFile:
        with ExitStack() as on_error:
            file = open_column_file(path, self._tree)
            on_error.callback(file.close)
            check_keys(file, self._keys)
            on_error.pop_all()
        return file

    def _empty(self, name: str) -> Column:
        self._decoder.ask(name)
        return column_of([])

    def items(self, source: Source, start: Place = BEGINNING) -> Iterator[Read]:
        self._cursor = Cursor(start)
        if not source.live and has_columns(source.name):
            yield from self._of_columns(source, self._cursor)
            return
        yield from self._documents.follow(source, self._cursor)
        for missing in self._decoder.missing():
            self._problem(missing)

    def items_of(self, lines: Iterable[Line]) -> Iterator[Read]:
        return self._documents.items_of(lines)

    @property
    def place(self) -> Place | None:
        if self._cursor.ahead and self._decoder.behind:
            return None  # read anew, what is ahead would be decoded with more names, and be refused for one
        return self._cursor.place

    def state(self) -> dict[str, Any]:
        return self._decoder.state()

    def restore(self, state: dict[str, Any]) -> None:
        self._decoder.restore(state)

    def _of_columns(self, source: Source, cursor: Cursor) -> Iterator[Read]:
        try:
            file = self._looked_at.take(source.name) or open_column_file(source.name, self._tree)
        except InputError as error:
            yield self._broken_off(cursor, error)
            return
        size = Path(source.name).stat().st_size

        def advance(rows: int) -> None:
            source.position = size * rows // max(file.rows, 1)

        advance(cursor.start.offset)
        try:
            rows = read_columns(file, self._keys, self._asked, advance, cursor, asked_all=self.asked_all)
            for item in rows:
                yield item
                if self._stop():
                    return
            source.position = size
        except InputError as error:
            yield self._broken_off(cursor, error)
        finally:
            file.close()

    def _broken_off(self, cursor: Cursor, error: InputError) -> BrokenOff:
        cursor.broken_off = True
        _tell(error, self._problem)
        return BrokenOff()


def has_columns(path: str) -> bool:
    """Tell a file of columns by its first bytes, or by its name, where it should have some and has not."""
    named = Path(path).suffix in COLUMN_FILES and Path(path).is_file()
    return path != "-" and (named or column_format(path) is not None)


def _no_columns(source: Source, start: int) -> Iterator[bytes | None]:
    """Give a source's chunks; stop at once where they begin it, and are no text that could be read here."""
    begun = start > 0
    for chunk in source.chunks(start):
        if chunk and not begun:
            begun = True
            _refuse(source, chunk)
        yield chunk


def _refuse(source: Source, chunk: bytes) -> None:
    """Raise an InputError where a source begins like a file of columns, or one that is packed otherwise."""
    if found := format_of(chunk):
        how = "which are read of a file only; name it" if source.live else "compressed; decompress it first"
        raise InputError(f"{source.name}: columns ({found}), {how}")
    if packer := next((name for magic, name in PACKERS.items() if chunk.startswith(magic)), None):
        raise InputError(f"{source.name}: compressed by {packer}; gzip and Zstandard are read")


def _tell(error: InputError, problem: Problem) -> None:
    log.warning("%s", error)
    problem(str(error))
