"""What a delivery asks of a destination, whatever its protocol: a few operations on names below its URL.

Paths are relative, their parts joined by `/`; the empty one is the URL itself. What an operation has done
lasts when it returns, as far as the protocol lets one ask for that. A destination is used by one thread.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from runfolio.mover.package import Algorithm, Digest, Item

__all__ = ["Destination", "Found", "Sent", "Taken", "digest_read_back", "unheeded"]

Sent = Callable[[int], None]
"""Told of bytes as they go out, also of none; it may sleep to keep to a rate, or raise to give up."""


def unheeded(_bytes: int) -> None:
    """Heed no bytes."""


class Taken(Exception):  # noqa: N818 - what is raised is that the name is taken
    """Something has the name already, and was left as it is."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """What has a name at a destination."""

    is_folder: bool | None
    """None where the destination does not tell."""
    size: int | None = None
    """Bytes of a file; None for folders, and where the destination does not tell."""
    modified: float | None = None
    """Unix seconds by the destination's clock."""


def digest_read_back(blocks: Iterable[bytes], sent: Sent) -> Digest:
    """Return the digest of bytes that are read back, as long as `sent` lets it go on."""
    made = hashlib.sha256()
    for block in blocks:
        sent(0)
        made.update(block)
    return Digest(Algorithm.SHA256, made.hexdigest())


class Destination(Protocol):
    """A place that deliveries go to.

    Every operation raises `Unavailable`, `Interrupted` or `Refused`, and no other error of the protocol.
    """

    @property
    def renames(self) -> bool:
        """Whether packages are written under a temporary name and renamed.

        Where there is no renaming (S3), a file appears whole, verified, and only if nothing has its name.
        """
        ...

    def __enter__(self) -> Self:
        """Connect.

        Raises:
            Unavailable: it can't be reached.
            Refused: it does not let us in.

        """
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def look(self, path: str) -> Found | None:
        """Return what has a name; None where nothing has it."""
        ...

    def names(self, path: str) -> frozenset[str]:
        """Return the names directly within a folder, none where it is not there."""
        ...

    def make_folder(self, path: str) -> None:
        """Make a folder and those it is in, where they are missing."""
        ...

    def put(self, item: Item, path: str, sent: Sent) -> Digest | None:
        """Write a file; return its digest where the destination computes one from what arrives.

        Where it renames, what has the (temporary) name is replaced.

        Raises:
            Taken: it does not rename, and something has the name.
            NotVerified: the destination says itself that what arrived is not what was sent.

        """
        ...

    def digest(self, path: str, sent: Sent = unheeded) -> Digest:
        """Return the digest of a file as the destination computes it, else of its bytes read back.

        Never what was only noted down when it was sent. As nothing is sent here, `sent` is told of no bytes.
        """
        ...

    def read(self, path: str) -> Iterator[bytes]:
        """Give the bytes of a file."""
        ...

    def rename(self, source: str, target: str) -> bool:
        """Give a file or folder a name that nothing has; return False, with nothing done, where one has."""
        ...

    def remove(self, path: str) -> None:
        """Remove a file, or a folder with all it holds; what is not there is no error."""
        ...

    def space(self) -> int | None:
        """Return the free bytes, None where the protocol does not tell."""
        ...

    def credentials_end(self) -> float | None:
        """Return when the credentials end, in Unix seconds; None where they don't, or nobody can tell."""
        ...
