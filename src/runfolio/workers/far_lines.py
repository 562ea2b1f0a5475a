"""Far lines: those of a batch that a worker has read, read again where somebody wants to see them."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import overload

from runfolio.stream import Line, Place


class FarLines(Sequence[Line]):
    """Lines of a file.

    Args:
        length: how many they are.
        path: the file.
        place: where they begin; of what is gone when it is wanted, this is known.
        read: reads them.

    """

    def __init__(self, length: int, path: str, place: Place, read: Callable[[], Sequence[Line]]) -> None:
        self._length = length
        self._gone = Line(path, place.line, place.offset, b"", 0)
        self._read = read

    @cached_property
    def _lines(self) -> Sequence[Line]:
        found = self._read()[: self._length]
        return [*found, *[self._gone] * (self._length - len(found))]

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> Line: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Line]: ...

    def __getitem__(self, index: int | slice) -> Line | Sequence[Line]:
        return self._lines[index]
