"""A destination in memory, which can be told to misbehave."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from runfolio.errors import Interrupted
from runfolio.mover.destination import Found, Sent, Taken, unheeded
from runfolio.mover.package import Algorithm, Digest, Item

BLOCK = 1000


@dataclass
class MemoryPlace:
    """Holds files by path; `happening` is called with each operation and path before it is done."""

    renames: bool = True
    files: dict[str, bytes] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    done: list[str] = field(default_factory=list)
    happening: Callable[[str, str], object] = lambda _operation, _path: None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def look(self, path: str) -> Found | None:
        if path in self.files:
            return Found(is_folder=False, size=len(self.files[path]))
        within = any(each.startswith(f"{path}/") for each in (*self.files, *self.folders))
        return Found(is_folder=True) if path in self.folders or within else None

    def names(self, path: str) -> frozenset[str]:
        prefix = f"{path}/" if path else ""
        return frozenset(
            each.removeprefix(prefix).partition("/")[0]
            for each in (*self.files, *self.folders)
            if each.startswith(prefix)
        )

    def make_folder(self, path: str) -> None:
        self._tell("make_folder", path)
        self.folders.add(path)

    def put(self, item: Item, path: str, sent: Sent) -> Digest | None:
        self._tell("put", path)
        if not self.renames and path in self.files:
            raise Taken
        data = item.source.read_bytes()
        for start in range(0, len(data), BLOCK):
            block = data[start : start + BLOCK]
            if self.renames:
                self.files[path] = data[: start + len(block)]
            sent(len(block))
        self.files[path] = data
        return None

    def digest(self, path: str, sent: Sent = unheeded) -> Digest:
        self._tell("digest", path)
        sent(0)
        return Digest(Algorithm.SHA256, hashlib.sha256(b"".join(self.read(path))).hexdigest())

    def read(self, path: str) -> Iterator[bytes]:
        if path not in self.files:
            raise Interrupted(f"{path} is not there")
        yield self.files[path]

    def rename(self, source: str, target: str) -> bool:
        self._tell("rename", target)
        if self.look(target):
            return False
        moved = {path: path.replace(source, target, 1) for path in self.files if _is_below(path, source)}
        self.files = {moved.get(path, path): data for path, data in self.files.items()}
        self.folders = {path for path in self.folders if not _is_below(path, source)}
        return True

    def remove(self, path: str) -> None:
        self._tell("remove", path)
        self.files = {each: data for each, data in self.files.items() if not _is_below(each, path)}
        self.folders = {each for each in self.folders if not _is_below(each, path)}

    def space(self) -> int | None:
        return None

    def credentials_end(self) -> float | None:
        return None

    def _tell(self, operation: str, path: str) -> None:
        self.happening(operation, path)
        self.done.append(f"{operation} {path}")


def _is_below(path: str, top: str) -> bool:
    return path == top or path.startswith(f"{top}/")
