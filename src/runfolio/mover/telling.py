"""A destination whose effects are told to watchers, as those on the disk are."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Self

from runfolio.mover.destination import Destination, Found, Sent, unheeded
from runfolio.mover.package import Digest, Item
from runfolio.watching import Operation, effect

__all__ = ["TellingDestination"]


class TellingDestination:
    """Does what another destination does, and tells of each effect as of one on `<name>/<path>`."""

    def __init__(self, place: Destination, name: str) -> None:
        self._place = place
        self._name = name

    @property
    def renames(self) -> bool:
        return self._place.renames

    def __enter__(self) -> Self:
        self._place.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._place.__exit__(kind, error, trace)

    def look(self, path: str) -> Found | None:
        return self._place.look(path)

    def names(self, path: str) -> frozenset[str]:
        return self._place.names(path)

    def make_folder(self, path: str) -> None:
        with self._effect("make_folder", path):
            self._place.make_folder(path)

    def put(self, item: Item, path: str, sent: Sent) -> Digest | None:
        def told(count: int) -> None:
            if count == 0:  # only asked whether to go on
                sent(0)
                return
            with self._effect("sent", path):
                sent(count)

        with self._effect("put", path):
            return self._place.put(item, path, told)

    def digest(self, path: str, sent: Sent = unheeded) -> Digest:
        return self._place.digest(path, sent)

    def read(self, path: str) -> Iterator[bytes]:
        return self._place.read(path)

    def rename(self, source: str, target: str) -> bool:
        with self._effect("move", target):
            return self._place.rename(source, target)

    def remove(self, path: str) -> None:
        with self._effect("delete", path):
            self._place.remove(path)

    def space(self) -> int | None:
        return self._place.space()

    def credentials_end(self) -> float | None:
        return self._place.credentials_end()

    def _effect(self, operation: Operation, path: str) -> AbstractContextManager[None]:
        return effect(operation, Path(self._name, path))
