"""One delivery: a package is put under a temporary name, verified there, and renamed; or found there already.

Nothing is remembered here: what is at the destination is looked at, so that a delivery that was killed at
any point goes on as one that begins. What is about to be done is told to `intend` first.
"""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from runfolio.errors import Conflict, NotVerified
from runfolio.mover.destination import Destination, Sent, Taken
from runfolio.mover.entries import Intent
from runfolio.mover.package import Digest, Item, Package

__all__ = ["Arrived", "Comparison", "compared", "deliver", "temporary_name"]

MOST_NAMED = 3
"""Names of files that one message lists."""


class Intend(Protocol):
    """Notes down what is about to be done."""

    def __call__(self, intent: Intent, /) -> object: ...


@dataclass(frozen=True, kw_only=True)
class Arrived:
    """A package that is at a destination, whole and verified."""

    digests: dict[str, Digest]
    """Of each item by path, as the destination gives them."""
    was_there: bool
    """Whether nothing had to be renamed."""


@dataclass(kw_only=True)
class Comparison:
    """What has a package's name at a destination, beside the package."""

    digests: dict[str, Digest] = field(default_factory=dict)
    """Of what is as it was sent."""
    missing: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    no_folder: list[str] = field(default_factory=list)
    """Names of folders that a file has, or a link; then nothing within was looked at."""

    @property
    def same(self) -> bool:
        return not (self.missing or self.changed or self.extra or self.no_folder)

    @property
    def words(self) -> str:
        """What is not the same, in a few words."""
        lists = (
            ("missing", self.missing),
            ("changed", self.changed),
            ("extra", self.extra),
            ("no folder", self.no_folder),
        )
        return "; ".join(f"{word}: {_listed(names)}" for word, names in lists if names)


def temporary_name(name: str) -> str:
    """Return a name, hidden and unlike any other, for what is to be called `name`."""
    return f".{name}.{secrets.token_hex(4)}.part"


def deliver(
    package: Package, place: Destination, called: str, temporary: str, *, intend: Intend, sent: Sent
) -> Arrived:
    """Bring a package to a destination, and return what is known of it there.

    Args:
        package: what is to be there.
        place: the destination, connected.
        called: what the destination is called.
        temporary: the name there that nobody else uses; what a former try has left under it is used.
        intend: told before each kind of effect.
        sent: told of bytes.

    Raises:
        Conflict: at the final name there is something else.
        NotVerified: what arrived is not what was sent; it is removed.
        Unavailable, Interrupted, Refused: see there.

    """
    work = _Work(package, place, called, temporary, sent)
    if place.look(package.name) is not None and (found := work.found()):
        return found
    intend(Intent.SEND)
    if not place.renames:
        return work.put_in_place()
    work.put_aside()
    digests = work.verify()
    intend(Intent.RENAME)
    if place.rename(temporary, package.name):
        return Arrived(digests=digests, was_there=False)
    if found := work.found():
        return found
    raise Conflict(f"{package.name} was there for a moment at {called}")


class _Work:
    """The steps of one delivery."""

    def __init__(self, package: Package, place: Destination, called: str, temporary: str, sent: Sent) -> None:
        self._package = package
        self._place = place
        self._called = called
        self._temporary = temporary
        self._sent = sent

    def found(self) -> Arrived | None:
        """Return what is at the final name, if it is the package; None where it may become it.

        Raises:
            Conflict: it is something else.

        """
        comparison = compared(self._package, self._place, self._package.name, digest=self._digest)
        if comparison.same:
            self._place.remove(self._temporary)
            return Arrived(digests=comparison.digests, was_there=True)
        if not self._place.renames and not (comparison.changed or comparison.extra):
            return None
        raise Conflict(
            f"{self._package.name} is there already at {self._called}, and differs ({comparison.words})"
        )

    def put_in_place(self) -> Arrived:
        """Put each file under its final name, the last one last."""
        digests = {}
        for item in self._package.items:
            path = _joined(self._package.name, item.path)
            try:
                digest = self._place.put(item, path, self._sent)
            except Taken:
                digest = None
            digests[item.path] = digest = digest or self._digest(path)
            if not item.is_as_sent(digest):
                raise Conflict(f"{path} is there already at {self._called}, and differs")
        return Arrived(digests=digests, was_there=False)

    def put_aside(self) -> None:
        """Put under the temporary name what is not there yet."""
        begun = self._place.look(self._temporary)
        if begun is not None and begun.is_folder is not None and begun.is_folder == self._package.is_file:
            self._place.remove(self._temporary)  # begun before the settings had another packaging
        for folder in _folders(self._package):
            self._place.make_folder(_joined(self._temporary, folder))
        for item in self._package.items:
            path = _joined(self._temporary, item.path)
            if not self._is_there(item, path):
                self._place.put(item, path, self._sent)

    def verify(self) -> dict[str, Digest]:
        """Return the digests of what is under the temporary name; what is not as sent is removed.

        All at the end rather than each after its sending: what is renamed is what was just verified.
        """
        comparison = compared(self._package, self._place, self._temporary, digest=self._digest)
        if comparison.same:
            return comparison.digests
        for path in (*comparison.changed, *comparison.extra):
            self._place.remove(_joined(self._temporary, path))
        raise NotVerified(f"what arrived at {self._called} is not what was sent ({comparison.words})")

    def _is_there(self, item: Item, path: str) -> bool:
        found = self._place.look(path)
        return (
            found is not None
            and not found.is_folder
            and found.size in {None, item.size}
            and item.is_as_sent(self._digest(path))
        )

    def _digest(self, path: str) -> Digest:
        """Return what a destination makes of a file, unless whoever listens gives up."""
        self._sent(0)
        return self._place.digest(path, self._sent)


def compared(
    package: Package, place: Destination, name: str, *, digest: Callable[[str], Digest] | None = None
) -> Comparison:
    """Return how what has a name at a destination compares with a package, bit by bit.

    Args:
        package: what is to be there.
        place: the destination, connected.
        name: of the package there.
        digest: makes the digest of a file there; None: as the destination does.

    Raises:
        Unavailable, Interrupted, Refused: see there.

    """
    made = digest or place.digest
    if no_folder := list(_no_folder(package, place, name)):
        return Comparison(no_folder=no_folder)
    found = Comparison(extra=sorted(_extra(package, place, name)))
    for item in package.items:
        path = _joined(name, item.path)
        there = place.look(path)
        if there is None:
            found.missing.append(item.path)
        elif there.is_folder or (there.size is not None and there.size != item.size):
            found.changed.append(item.path)
        elif item.is_as_sent(given := made(path)):
            found.digests[item.path] = given
        else:
            found.changed.append(item.path)
    return found


def _no_folder(package: Package, place: Destination, name: str) -> Iterator[str]:
    """Give the names of folders of a package that something else has, which is not to be looked into.

    Without renaming (S3) there are no folders: a file may have such a name, too.
    """
    for path in [_joined(name, folder) for folder in _folders(package)] if place.renames else []:
        there = place.look(path)
        if there is not None and there.is_folder is False:
            yield path
            return  # below a link not even a look is allowed


def _extra(package: Package, place: Destination, name: str) -> Iterator[str]:
    """Give the paths in a folder that are not of the package."""
    if package.is_file:
        return
    paths = {item.path for item in package.items} | set(_folders(package))
    for folder in _folders(package):
        for each in place.names(_joined(name, folder)):
            if (path := _joined(folder, each)) not in paths:
                yield path


def _folders(package: Package) -> tuple[str, ...]:
    """Return the folders of a package, that which is the package itself first, as an empty path."""
    if package.is_file:
        return ()
    within = {item.path.rpartition("/")[0] for item in package.items}
    return ("", *sorted(within - {""}))


def _joined(*parts: str) -> str:
    return "/".join(part for part in parts if part)


def _listed(names: list[str]) -> str:
    shown = ", ".join(name or "the file" for name in names[:MOST_NAMED])
    return shown if len(names) <= MOST_NAMED else f"{shown} and {len(names) - MOST_NAMED:,} more"
