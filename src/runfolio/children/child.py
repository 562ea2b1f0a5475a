"""A child process, as the program has it: started, asked, waited for, killed."""

import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from runfolio.children import pipe

_CODE = """
import sys
sys.path[:] = sys.argv[3:]
from importlib import import_module
import_module(sys.argv[2]).serve(int(sys.argv[1]))
"""


class Lost(Exception):  # noqa: N818 - what has happened to the process, not what was wrong
    """The process died or hung; its text goes on after "a worker", or "the drawing process"."""


class Child:
    """A process of our own, from its start to `close`.

    `kill` may be called by any thread: whoever waits for the process then finds it lost.

    Args:
        module: its `serve` is called there with the socket's descriptor.
        heard: whether what it prints is the program's; else nobody sees it.
        inherited: descriptors that it holds, too, as long as it lives.

    Raises:
        Lost: it can't be started.

    """

    def __init__(self, module: str, *, heard: bool = False, inherited: Sequence[int] = ()) -> None:
        self.kept: Sequence[object] = ()
        """What the process has kept of an earlier object: in a later one it is not sent again."""
        try:
            with ExitStack() as unless_started:
                ours, theirs = socket.socketpair()
                self._pipe = unless_started.enter_context(ours)
                with theirs:
                    self._process = _start(theirs, module, inherited, heard=heard)
                unless_started.pop_all()
        except OSError as error:
            raise Lost(f"could not be started ({error.strerror})") from error

    def send(self, message: Any, *, within: float) -> None:
        """Send an object; where it can't be pickled, nothing is sent. What jobs share is sent with the first.

        Raises:
            Lost: the process is gone, or does not take it within so many seconds.

        """
        self._pipe.settimeout(within)
        try:
            pipe.send(self._pipe, message, self.kept)
        except OSError as error:
            raise self._lost(error, within) from error

    def receive(self, *, within: float) -> Any:
        """Return what the process sends next.

        Raises:
            Lost: it is gone, or sends nothing for so many seconds.

        """
        self._pipe.settimeout(within)
        try:
            return pipe.receive(self._pipe)
        except (OSError, EOFError) as error:
            raise self._lost(error, within) from error

    def kill(self) -> None:
        self._process.kill()

    def close(self) -> None:
        """Be rid of the process, whatever it does."""
        self._process.kill()
        self._process.wait()
        self._pipe.close()

    def _lost(self, error: OSError | EOFError, seconds: float) -> Lost:
        if isinstance(error, TimeoutError):
            return Lost(f"hung for {seconds:g} s")
        self._process.kill()  # which changes nothing about how a process ends that is about to
        status = self._process.wait()
        return Lost(f"died (signal {-status})" if status < 0 else f"died (exit status {status})")


def _start(
    pipe: socket.socket, module: str, inherited: Sequence[int], *, heard: bool
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", _CODE, str(pipe.fileno()), module, *sys.path],
        pass_fds=[pipe.fileno(), *inherited],
        stdin=subprocess.DEVNULL,
        stdout=None if heard else subprocess.DEVNULL,
    )
