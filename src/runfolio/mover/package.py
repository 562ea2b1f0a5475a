"""What is delivered of a run: files with their names at the destination, and digests known before sending."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

__all__ = ["Algorithm", "Digest", "Item", "Package"]


class Algorithm(StrEnum):
    """A digest that some destination can give of what it holds; each is written in lower-case hex."""

    SHA256 = "sha256"
    ADLER32 = "adler32"
    """Eight digits, zeros in front included, as XRootD has it."""
    MD5 = "md5"


@dataclass(frozen=True)
class Digest:
    """What was made of a file's bytes, and how."""

    algorithm: Algorithm
    value: str


@dataclass(frozen=True, kw_only=True)
class Item:
    """One file of a package."""

    path: str
    """Its name in the package, as `run.json` or `data/run.json`; empty where the package is one file."""
    source: Path
    size: int
    """Bytes."""
    digests: Mapping[Algorithm, str]
    """Of the bytes that were verified against the manifest, by each algorithm there is."""

    def is_as_sent(self, digest: Digest) -> bool:
        """Tell whether a digest that a destination gives is that of this file."""
        return self.digests.get(digest.algorithm) == digest.value


@dataclass(frozen=True, kw_only=True)
class Package:
    """A run folder as it is to be found at a destination."""

    name: str
    """`4235`, or `4235.tar`."""
    items: tuple[Item, ...]
    """In the order in which they are sent: what makes a folder count, its manifest, comes last."""

    @property
    def is_file(self) -> bool:
        return self.items[0].path == ""

    @property
    def bytes(self) -> int:
        return sum(item.size for item in self.items)
