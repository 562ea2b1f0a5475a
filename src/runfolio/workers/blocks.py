"""Blocks: the parts of the inputs that are read side by side, each to be begun without what is before it."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from io import FileIO
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from runfolio.stream import BEGINNING, ColumnReader, Place, Reader, Source
from runfolio.stream.compression import MAGIC
from runfolio.stream.readers import has_columns

BLOCK = 32 << 20
"""Bytes of a block; a multiple of the stretch at whose ends batches end."""
LOOK = 1 << 16
"""Bytes at a time in which the beginning of a document is looked for."""
BEGINS = b"\n{"
"""How a document begins in its file; in one over several lines that are not indented, this may stand too."""


class Block(NamedTuple):
    """A part of an input."""

    number: int
    """Which of the inputs."""
    path: str
    start: Place
    """Where it begins; only the first of an input knows the number of its line."""
    end: int | None = None
    """The byte where the next one begins; None for the last one of an input."""


def blocks_of(reader: Reader, paths: Sequence[str], start: Place, size: int) -> Iterator[Block]:
    """Give the blocks of inputs in their order, of the first one from a place on.

    An input that only one process can read has none. A compressed file, or one of columns, is one block.
    """
    for number, path in enumerate(paths):
        if may_be_shared(reader, path):
            yield from _blocks(reader, number, path, BEGINNING if number else start, size)


def may_be_shared(reader: Reader, path: str) -> bool:
    """Tell whether an input can be read by several processes, or by another one than before."""
    if path == "-" or not Path(path).is_file():
        return False
    return has_columns(path) if isinstance(reader, ColumnReader) else True


def is_whole(reader: Reader, path: str) -> bool:
    """Tell whether an input can't be read from its middle on without reading all that comes before."""
    if isinstance(reader, ColumnReader):
        return True
    with suppress(OSError), Path(path).open("rb") as file:
        return file.read(max(map(len, MAGIC))).startswith(MAGIC)
    return True  # it has vanished meanwhile: who reads it tells of that


def _blocks(reader: Reader, number: int, path: str, start: Place, size: int) -> Iterator[Block]:
    ends = iter(()) if is_whole(reader, path) else _beginnings(path, start.offset, size)
    for end in chain(ends, [None]):
        yield Block(number, path, start, end)
        if end is not None:
            start = Place(end, 1)


def _beginnings(path: str, start: int, size: int) -> Iterator[int]:
    """Give where, behind each multiple of `size`, the next document seems to begin."""
    with Path(path).open("rb", buffering=0) as file:
        multiple = start - start % size + size
        while multiple < os.fstat(file.fileno()).st_size:
            found = _find(file, max(multiple, start + 1) - 1, multiple + size - 1)
            if found is not None:
                yield found + 1
            multiple += size


def _find(file: FileIO, start: int, stop: int) -> int | None:
    """Return the first byte from `start` on, and before `stop`, behind which a document's line begins."""
    data = bytearray(LOOK)
    while start < stop:
        file.seek(start)
        count = file.readinto(data)
        within = min(count, stop - start + 1)
        found = data.find(b"\n", 0, within)  # ten times as fast, and mostly a document begins there
        if data[found : found + 2] != BEGINS or found + 1 == within:
            found = data.find(BEGINS, max(found, 0), within)
        if found >= 0:
            return start + found
        if count < LOOK:
            return None
        start += count - 1  # what is looked for may lie half in either
    return None


class BlockSource:
    """A block as a source; a document that begins in it is read to its end.

    Args:
        source: all of the input.
        end: where the next block begins.
        unfinished: tells whether only some lines of a document have come so far.

    """

    live = False

    def __init__(self, source: Source, end: int, unfinished: Callable[[], bool]) -> None:
        self.name = source.name
        self.size = source.size
        self.position = 0
        self._source = source
        self._end = end
        self._unfinished = unfinished

    def chunks(self, start: int = 0) -> Iterator[bytes | None]:
        """As of any source."""
        for chunk in self._source.chunks(start):
            assert chunk is not None  # of a file
            self.position = min(self._source.position, self._end)
            inside = max(self._end - start, 0)
            if inside:
                yield chunk[:inside]
            for line in chunk[inside:].splitlines(keepends=True):
                if not self._unfinished():
                    return
                yield line
            start += len(chunk)
            if start >= self._end and not self._unfinished():
                return
