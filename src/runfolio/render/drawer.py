"""The process that draws, as the program has it: started, asked, waited for, killed.

It's a new interpreter. A fork would inherit the threads and the fonts of the program in any state.
"""

import socket
import subprocess
import sys
from contextlib import ExitStack
from typing import Any

from runfolio.render import pipe
from runfolio.render.job import RenderJob

_CODE = """
import sys
sys.path[:] = sys.argv[2:]
from runfolio.render.worker import serve
serve(int(sys.argv[1]))
"""


class Lost(Exception):  # noqa: N818 - what has happened to the process, not what was wrong
    """The process died or hung; its text goes on after "the drawing process"."""


class Drawer:
    """A process that draws, from its start to `close`.

    `kill` may be called by any thread: whoever waits for the process then finds it lost.

    Raises:
        Lost: it can't be started.

    """

    def __init__(self) -> None:
        self._kept: tuple[object, ...] = ()
        """What the process has from the job before."""
        try:
            with ExitStack() as unless_started:
                ours, theirs = socket.socketpair()
                self._pipe = unless_started.enter_context(ours)
                with theirs:
                    self._process = _start(theirs)
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
            pipe.send(self._pipe, message, self._kept)
        except OSError as error:
            raise self._lost(error, within) from error
        if isinstance(message, RenderJob):
            self._kept = message.lasting

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


def _start(pipe: socket.socket) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", _CODE, str(pipe.fileno()), *sys.path],
        pass_fds=[pipe.fileno()],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # the program's own may be a stream of documents
    )
