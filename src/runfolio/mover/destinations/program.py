"""A site's program while it runs: in a process group of its own, which is gone when the `with` ends."""

import os
import selectors
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import suppress
from types import TracebackType
from typing import IO, Self

from runfolio.errors import Refused, Unavailable, printable

__all__ = ["Program"]

BLOCK = 64 * 1024
LAST_WORDS = 4096
"""Bytes of what it says on its standard error that are kept."""
MOMENT = 0.1
"""Seconds after which whoever waits for output is given none, to look at other things."""
SHORT = 0.005
"""Seconds between two looks whether a program that has closed its output has ended."""
ENDS_WITHIN = 10.0
"""Seconds in which a process that was killed ends, unless the kernel holds it."""

_CANNOT_EVER = (FileNotFoundError, PermissionError, NotADirectoryError, IsADirectoryError)
_NO_PROGRAM = 8
"""ENOEXEC: a file that is none."""


class Program:
    """A program without a shell, a terminal or an input.

    What it has started and left behind in its group ends with it.

    Args:
        words: the program and its arguments.
        lease: a descriptor that it inherits, and whatever it starts.

    """

    def __init__(self, words: Sequence[str], lease: int | None) -> None:
        self._words = words
        self._lease = lease
        self._said = b""
        self.status: int | None = None
        """How it ended, after the `with`; a signal's number is negative."""

    def __enter__(self) -> Self:
        """Start it.

        Raises:
            Refused: there is no such program, or it may not be executed.
            Unavailable: the system has no room for another process.

        """
        try:
            self._process = subprocess.Popen(  # noqa: S603 - what the settings name
                self._words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=() if self._lease is None else (self._lease,),
                start_new_session=True,  # and so without a terminal, on which it could ask for a password
            )
        except OSError as error:
            kind = Refused if isinstance(error, _CANNOT_EVER) or error.errno == _NO_PROGRAM else Unavailable
            raise kind(f"{self.name} cannot be started: {error.strerror}") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end_all()
        with suppress(subprocess.TimeoutExpired):  # it hangs in the kernel, and keeps the lease
            self.status = self._process.wait(ENDS_WITHIN)
        for pipe in self._pipes:
            pipe.close()

    @property
    def name(self) -> str:
        return printable(self._words[0])

    @property
    def how_it_ended(self) -> str:
        match self.status:
            case None:
                return "cannot be killed"
            case number if number < 0:
                return f"was killed by signal {-number} ({signal.strsignal(-number)})"
            case number:
                return f"ended with status {number}"

    @property
    def last_words(self) -> str:
        """The last line that it has said on its standard error."""
        lines = self._said.decode(errors="replace").splitlines()
        return next((printable(line) for line in reversed(lines) if line.strip()), "")

    def output(self) -> Iterator[bytes]:
        """Give what it writes to its standard output until it has ended, and b"" every now and then."""
        with selectors.DefaultSelector() as selector:
            for pipe in self._pipes:
                selector.register(pipe, selectors.EVENT_READ)
            ended = False
            while not ended:
                ended = self._has_ended()
                if ended:
                    self._end_all()
                while ready := selector.select(0 if ended else MOMENT if selector.get_map() else SHORT):
                    for key, _ in ready:
                        yield self._read(key.fd, selector)
                yield b""

    @property
    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        return self._process.stdout, self._process.stderr

    def _read(self, descriptor: int, selector: selectors.BaseSelector) -> bytes:
        """Return what is there of the output; of what is said the end is kept."""
        data = os.read(descriptor, BLOCK)
        if not data:
            selector.unregister(descriptor)
        if descriptor == self._pipes[0].fileno():
            return data
        self._said = (self._said + data)[-LAST_WORDS:]
        return b""

    def _has_ended(self) -> bool:
        """Tell without waiting for it: until then its number, which is its group's, is nobody else's."""
        return os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def _end_all(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
