"""Digests of bytes that pass, by several algorithms at once."""

import hashlib
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from runfolio.mover.package import Algorithm, Item

__all__ = ["Digester", "item_of"]


class Digester:
    """Is told of all bytes, block after block."""

    def __init__(self, algorithms: Iterable[Algorithm] = Algorithm) -> None:
        self.size = 0
        """Bytes so far."""
        self._algorithms = tuple(algorithms)
        self._adler32 = zlib.adler32(b"")
        self._hashes = {
            each: hashlib.new(each, usedforsecurity=False)
            for each in self._algorithms
            if each is not Algorithm.ADLER32
        }

    def update(self, block: bytes) -> None:
        """Go on with a block."""
        self.size += len(block)
        for each in self._hashes.values():
            each.update(block)
        if Algorithm.ADLER32 in self._algorithms:
            self._adler32 = zlib.adler32(block, self._adler32)

    def passing(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """Give blocks on, and go on with each."""
        for block in blocks:
            self.update(block)
            yield block

    def take(self, blocks: Iterable[bytes]) -> None:
        """Go on with all blocks."""
        for block in blocks:
            self.update(block)

    @property
    def values(self) -> dict[Algorithm, str]:
        """The digests of all bytes so far."""
        found: dict[Algorithm, str] = {name: each.hexdigest() for name, each in self._hashes.items()}
        if Algorithm.ADLER32 in self._algorithms:
            found[Algorithm.ADLER32] = f"{self._adler32:08x}"
        return found


def item_of(source: Path) -> Item:
    """Return a small file as something to send."""
    digester = Digester()
    digester.update(source.read_bytes())
    return Item(path="", source=source, size=digester.size, digests=digester.values)
