"""An SFTP session as blocking code has it: each wait for an answer ends, and each error is one of ours."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Coroutine, Iterable, Iterator
from typing import Any, TypeVar

import asyncssh

from runfolio.errors import DeliveryError, Interrupted, Refused, Unavailable
from runfolio.mover.destinations import ssh
from runfolio.mover.settings import SftpDestination

__all__ = ["Missing", "Session"]

AT_ONCE = 16
"""Requests under way; of a quarter of a megabyte each, they are twice what OpenSSH's window has room for."""

_Answer = TypeVar("_Answer")


class Missing(Interrupted):
    """A name is not there: mostly no error, else somebody has removed it meanwhile."""


_KINDS: dict[type[Exception], type[DeliveryError]] = {
    asyncssh.SFTPNoSuchFile: Missing,
    asyncssh.SFTPFailure: Unavailable,  # all that OpenSSH says of a disk that is full, read-only or damaged
    asyncssh.SFTPPermissionDenied: Refused,
    asyncssh.SFTPOpUnsupported: Refused,
    asyncssh.SFTPBadMessage: Refused,  # said of names that are too long
    asyncssh.ChannelOpenError: Refused,
}
"""What version 3 of the protocol has, which is the one that is spoken; anything else is a lost connection."""

_ADVICE: dict[type[Exception], str] = {
    asyncssh.SFTPFailure: " (it says no more; its disk may be full or read-only)",
    asyncssh.SFTPPermissionDenied: "; give the user the right to do that",
}


class Session:
    """An SFTP session over a connection of its own.

    The event loop runs only while an answer is waited for. Each wait ends after `timeout`: so a server that
    hangs is noticed, also while its kernel still takes bytes.

    Raises:
        Unavailable: the server can't be reached, or does not answer.
        Refused: it does not let us in, or we don't know it.

    """

    def __init__(self, settings: SftpDestination) -> None:
        self.where = f"destination {settings.name}: {ssh.server(settings)}"
        self._timeout = settings.timeout
        self._connection: asyncssh.SSHClientConnection | None = None
        self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        # Not by the runner's own `run`, which in the main thread takes longer to look after Ctrl-C than a
        # block takes to come.
        self._loop = self._runner.get_loop()
        try:
            self._connection = self._loop.run_until_complete(ssh.connect(settings))
            self.sftp: asyncssh.SFTPClient = self.ask("no SFTP", self._connection.start_sftp_client())
        except Interrupted as error:
            self.close()
            raise Unavailable(str(error)) from error
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the connection, at once: every answer that matters has been waited for."""
        self._cut()
        self._runner.close()

    def _cut(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._loop.run_until_complete(self._connection.wait_closed())

    def ask(self, doing: str, request: Awaitable[_Answer], *, bounded: bool = True) -> _Answer:
        """Return what the server answers.

        Args:
            doing: begins what is said where it answers with an error, or not: "can't read 4235/run.json".
            request: what to wait for.
            bounded: whether the wait ends after `timeout`; else the request sees to that.

        """
        try:
            return self._loop.run_until_complete(_within(self._timeout if bounded else None, request))
        except TimeoutError as error:
            self._cut()  # else whatever is asked next would wait as long
            raise Interrupted(f"{self.where}: {doing}: no answer for {self._timeout:g} s") from error
        except Exception as error:
            words = f"{ssh.words(error)}{_ADVICE.get(type(error), '')}"
            raise _KINDS.get(type(error), Interrupted)(f"{self.where}: {doing}: {words}") from error

    def ask_ahead(self, doing: str, requests: Iterable[Coroutine[Any, Any, _Answer]]) -> Iterator[_Answer]:
        """Have several requests under way, and give the answers in the order of the requests."""
        waiting: deque[asyncio.Task[_Answer]] = deque()
        try:
            for each in requests:
                waiting.append(self._loop.create_task(each))
                waiting[-1].add_done_callback(_forget)
                if len(waiting) == AT_ONCE:
                    yield self.ask(doing, waiting.popleft())
            while waiting:
                yield self.ask(doing, waiting.popleft())
        finally:
            for task in waiting:
                task.cancel()


async def _within(seconds: float | None, request: Awaitable[_Answer]) -> _Answer:
    return await asyncio.wait_for(request, seconds)


def _forget(task: asyncio.Task[Any]) -> None:
    """Take note of an error that nobody waits for any more: otherwise asyncio would log it."""
    if not task.cancelled():
        task.exception()
