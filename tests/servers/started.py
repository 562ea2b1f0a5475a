"""A server's process, from when it listens until it is killed."""

import os
import signal
import socket
import subprocess
import weakref
from collections.abc import Sequence
from pathlib import Path

from processes import until

LESS_THAN_ROOT = (
    (
        *("setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups"),
        *("--inh-caps", "+dac_override", "--ambient-caps", "+dac_override"),
    )
    if os.geteuid() == 0
    else ()
)
"""Put before a command that will not run as root; it may still go to where the tests' directories are."""


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def reserved_port(owner: object) -> int:
    """Return a port that nobody else is given while its owner lives: it is bound, and may be so twice."""
    with socket.socket() as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
        weakref.finalize(owner, os.close, bound.detach())
    return port


class Started:
    """The process; it has one group with all that it starts."""

    def __init__(self, command: Sequence[str], port: int, log: Path) -> None:
        self._log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                ["prlimit", "--core=0:0", *LESS_THAN_ROOT, *command],  # xrootd dumps its core where it can
                cwd=log.parent,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        try:
            until(lambda: self._listens(port))
        except BaseException:
            self.kill()
            raise

    def _listens(self, port: int) -> bool:
        assert self._process.poll() is None, self._log.read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    def send(self, number: signal.Signals) -> None:
        """Send a signal to it, and to all that it has started."""
        os.killpg(self._process.pid, number)

    def kill(self) -> None:
        """Kill it, and what it has started; a second time is no error."""
        if self._process.poll() is None:
            self.send(signal.SIGKILL)
            self._process.wait()
