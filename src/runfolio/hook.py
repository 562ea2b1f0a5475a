"""A hook: a site's own command, started beside the program, listened to, and ended if it takes too long.

It gets a session of its own: no signal of a terminal reaches it, it can ask nobody for a password, and what
it has started is ended together with it.
"""

import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

__all__ = ["Dropped", "Failed", "TookTooLong", "call"]

LOOK_SECONDS = 0.05
"""How often it is looked at a command that prints nothing."""
DEATH_SECONDS = 1.0
"""After it was killed, so long is waited for its end: one that waits for a dead file server has none."""
BLOCK = 1 << 16
KEPT = 1 << 12
"""Bytes that are remembered of what it has printed last."""
IN_THE_PIPE = 16
"""Blocks that a pipe holds at most, unless somebody goes on writing to it."""
SHOWN = 200
"""Characters of its last line that are told."""


class Failed(Exception):  # noqa: N818 - what has become of the command, not what was wrong
    """The command did not do it; the text goes on after the command's name."""


class TookTooLong(Failed):
    """It was killed, since it took too long."""


class Dropped(Exception):  # noqa: N818 - as above
    """It was killed, since nobody waits for it any more."""


def call(
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    limit: float,
    wanted: Callable[[], bool],
) -> None:
    """Run a command to its end. What it prints is for nobody, but for its last line where it fails.

    What it leaves running in the background is not waited for.

    Args:
        command: its words.
        environment: what it gets besides the program's own.
        limit: seconds that it may take.
        wanted: asked meanwhile whether to go on.

    Raises:
        Failed: it can't be started, or ends with another exit status than 0.
        TookTooLong: it took longer than that.
        Dropped: it was not wanted any more.

    """
    try:
        process = subprocess.Popen(  # noqa: S603 - the site's own command, and no shell
            command,
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        raise Failed(f"could not be started: {command[0]}: {error.strerror}") from error
    assert process.stdout is not None
    with process.stdout as output:
        ear = _Ear(output.fileno())
        try:
            _wait(process, ear, limit, wanted)
        finally:
            _end(process)
        ear.hear_out()
    if process.returncode:
        raise Failed(f"{_how_it_ended(process.returncode)}{ear.last_line()}")


def _wait(process: subprocess.Popen[bytes], ear: "_Ear", limit: float, wanted: Callable[[], bool]) -> None:
    end = time.monotonic() + limit
    while process.poll() is None:
        if not wanted():
            raise Dropped
        if time.monotonic() > end:
            raise TookTooLong(f"took longer than {limit:g} s, and was killed{ear.last_line()}")
        ear.listen(LOOK_SECONDS)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a command that still runs, with all that it has started."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired):
            process.wait(DEATH_SECONDS)


def _how_it_ended(status: int) -> str:
    return f"was ended by signal {-status}" if status < 0 else f"ended with exit status {status}"


class _Ear:
    """Hears what a command prints, so that it never waits for us, and remembers the last of it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._open = True
        self._last = b""
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLIN)

    def listen(self, seconds: float) -> bool:
        """Wait so long for something, and return whether it was printed."""
        if not self._open:
            time.sleep(seconds)
            return False
        if not self._poll.poll(seconds * 1000):
            return False
        heard = os.read(self._descriptor, BLOCK)
        self._last = (self._last + heard)[-KEPT:]
        self._open = heard != b""
        return self._open

    def hear_out(self) -> None:
        """Take what a command that has ended has left in the pipe, but not what others go on to print."""
        for _ in range(IN_THE_PIPE):
            if not self._open or not self.listen(0):
                return

    def last_line(self) -> str:
        """Return the last line that says anything, as the end of a message."""
        lines = [line for line in self._last.decode(errors="replace").splitlines() if line.strip()]
        return f": {' '.join(lines[-1].split())[:SHOWN]}" if lines else ""
