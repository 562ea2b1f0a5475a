"""A site's own copy program: each operation is one of its commands, as the settings have them.

How a command ends tells what is wrong, as sysexits.h has it: 75 and 69 that the storage does not answer;
77, 78 and what shells say of missing programs (126, 127) that people have to look; anything else that this
one try failed. `exists` tells neither files from folders nor their size. Folders are made by `put`, when
there is something to be in them.
"""

import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from types import TracebackType
from typing import Self

from runfolio.errors import DeliveryError, Interrupted, Refused, Unavailable, printable
from runfolio.mover.destination import Found, Sent, digest_read_back, unheeded
from runfolio.mover.destinations.program import Program
from runfolio.mover.package import Algorithm, Digest, Item
from runfolio.mover.settings import COMMANDS, CommandDestination

__all__ = ["SiteCommands", "open_destination"]

SLOWEST = 100_000
"""Bytes per second: nobody sees how far a `put` is, so it has the timeout and what its bytes take at this."""
BLOCK = 1024 * 1024
LONGEST_LINE = 64 * 1024
MOST_NAMES = 16 * 1024 * 1024
"""Bytes of names in a folder."""

_ENDED_BY: dict[int | None, type[DeliveryError]] = {
    os.EX_TEMPFAIL: Unavailable,
    os.EX_UNAVAILABLE: Unavailable,
    os.EX_NOPERM: Refused,
    os.EX_CONFIG: Refused,
    126: Refused,
    127: Refused,
    None: Unavailable,  # it can't even be killed
}
ASKED_EVERY = 0.5
"""Seconds after which whoever waits for a copy may give it up."""
_TRANSFERS = {"put", "get", "checksum"}
"""Those that hang alone; where another does not answer, nothing does."""
_DIGITS = {Algorithm.SHA256: 64, Algorithm.MD5: 32, Algorithm.ADLER32: 8}


def open_destination(settings: CommandDestination, lease: int | None) -> "SiteCommands":
    """Return what a site's commands reach as a destination; each inherits the lease."""
    return SiteCommands(settings, lease)


class SiteCommands:
    """A destination that is reached by commands."""

    renames = True

    def __init__(self, settings: CommandDestination, lease: int | None) -> None:
        self._settings = settings
        self._lease = lease

    def __enter__(self) -> Self:
        """Look for the programs, and ask whether there is anything at the URL: that it answers will do."""
        for name in COMMANDS:
            words: tuple[str, ...] = getattr(self._settings, name)
            if words and shutil.which(words[0]) is None:
                raise Refused(
                    f"{name}: there is no program {printable(words[0])}: install it, or correct {name}"
                )
        self.look("")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing stays open."""

    def look(self, path: str) -> Found | None:
        _, there = self._run("exists", path, (0, 1))
        return Found(is_folder=None) if there == 0 else None

    def names(self, path: str) -> frozenset[str]:
        """Return the names within a folder; none where there is no command `names`."""
        if not self._settings.names or self.look(path) is None:
            return frozenset()
        printed, _ = self._run("names", path, keep=MOST_NAMES)
        if len(printed) == MOST_NAMES:
            raise Refused(f"names of {self._target(path)}: more than {MOST_NAMES} bytes of them")
        # A listing may have the folder itself and the one above: to remove `..` is to remove the archive.
        return frozenset(PurePosixPath(os.fsdecode(line)).name for line in printed.splitlines()) - {"", ".."}

    def make_folder(self, path: str) -> None:
        """Do nothing: `put` makes the folders that it needs."""

    def put(self, item: Item, path: str, sent: Sent) -> None:
        """Copy a file, and tell of its bytes once they are there; until then, of none."""
        self.remove(path)
        self._run(
            "put",
            path,
            source=str(item.source.absolute()),
            within=self._settings.timeout + item.size / SLOWEST,
            waiting=lambda: sent(0),
        )
        for begin in range(0, item.size, BLOCK):
            sent(min(BLOCK, item.size - begin))

    def digest(self, path: str, sent: Sent = unheeded) -> Digest:
        if self._settings.verify == "read-back":
            return digest_read_back(self.read(path), sent)
        algorithm = Algorithm(self._settings.algorithm)
        printed, _ = self._run("checksum", path, waiting=lambda: sent(0), keep=LONGEST_LINE)
        word = next(iter(printed.decode(errors="replace").split()), "")
        value = word.lower().zfill(8) if algorithm is Algorithm.ADLER32 else word.lower()
        if not re.fullmatch(rf"[0-9a-f]{{{_DIGITS[algorithm]}}}", value):
            raise Refused(
                f"checksum of {self._target(path)}: printed {word[:80]!a}, which is no {algorithm}:"
                " correct checksum, or algorithm"
            )
        return Digest(algorithm, value)

    def read(self, path: str) -> Iterator[bytes]:
        if not self._settings.get:
            raise Refused(
                f"{self._target(path)} cannot be read back: get, a command that prints it, is not set"
            )
        last = time.monotonic()
        with self._program("get", path) as program:
            for block in program.output():
                if block:
                    yield block
                    last = time.monotonic()
                elif time.monotonic() - last > self._settings.timeout:
                    raise self._hung("get", path, program, self._settings.timeout)
        self._check("get", path, program)

    def rename(self, source: str, target: str) -> bool:
        """Rename where nothing has the name yet; that the source stays tells that it was taken in between."""
        if self.look(target) is not None:
            return False
        self._run("rename", target, source=self._target(source))
        if self.look(source) is None:
            return True
        if self.look(target) is None:
            raise Refused(
                f"rename of {self._target(source)}: ended with status 0, and nothing has got the name"
                f" {self._target(target)}: correct rename"
            )
        return False

    def remove(self, path: str) -> None:
        if not path:
            raise ValueError("a whole archive is never removed")
        if self.look(path) is not None:
            self._run("remove", path)

    def space(self) -> None:
        """No command tells."""

    def credentials_end(self) -> None:
        """No command tells."""

    def _target(self, path: str) -> str:
        return str(PurePosixPath(self._settings.path, path))

    def _program(self, name: str, path: str, source: str = "") -> Program:
        values = {"{source}": source, "{target}": self._target(path)}
        template: tuple[str, ...] = getattr(self._settings, name)
        words = [re.sub(r"\{(source|target)\}", lambda found: values[found[0]], word) for word in template]
        return Program(words, self._lease)

    def _run(
        self,
        name: str,
        path: str,
        good: tuple[int, ...] = (0,),
        *,
        source: str = "",
        within: float | None = None,
        waiting: Callable[[], object] = bool,
        keep: int = 0,
    ) -> tuple[bytes, int]:
        """Run a command to its end; return the first bytes that it prints, and its status.

        Args:
            name: of the setting.
            path: becomes the target.
            good: statuses that are no errors.
            source: what it copies or renames.
            within: seconds; None: the timeout.
            waiting: called now and then; it may take its time, or raise to give up.
            keep: how many bytes are wanted.

        """
        within = self._settings.timeout if within is None else within
        printed = bytearray()
        deadline = _Deadline(within, waiting)
        with self._program(name, path, source) as program:
            for block in program.output():
                printed += block[: keep - len(printed)]
                if deadline.passed():
                    raise self._hung(name, path, program, within)
        return bytes(printed), self._check(name, path, program, good)

    def _hung(self, name: str, path: str, program: Program, seconds: float) -> DeliveryError:
        words = f"did not end within {seconds:.0f} s; raise timeout if it needs longer"
        kind = Interrupted if name in _TRANSFERS else Unavailable
        return kind(self._told(name, path, program, words))

    def _check(self, name: str, path: str, program: Program, good: tuple[int, ...] = (0,)) -> int:
        if program.status in good:
            return program.status
        kind = _ENDED_BY.get(program.status, Interrupted)
        raise kind(self._told(name, path, program, program.how_it_ended))

    def _told(self, name: str, path: str, program: Program, words: str) -> str:
        last = program.last_words
        return f"{name} of {self._target(path)}: {program.name} {words}" + (f": {last}" if last else "")


class _Deadline:
    """When a command counts as hung; what its caller sleeps meanwhile, to keep to a rate, does not count."""

    def __init__(self, seconds: float, waiting: Callable[[], object]) -> None:
        self._waiting = waiting
        self._end = time.monotonic() + seconds
        self._asked = time.monotonic()

    def passed(self) -> bool:
        now = time.monotonic()
        if now - self._asked >= ASKED_EVERY:
            self._waiting()
            self._asked = time.monotonic()
            self._end += self._asked - now
        return time.monotonic() > self._end
