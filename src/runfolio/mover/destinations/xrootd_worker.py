"""What runs in the process that speaks to an XRootD server, and what the two processes tell each other.

The client is imported here only, once its environment is set: it reads that as it is loaded.
"""

# ruff: noqa: PLC0415

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runfolio.children.pipe import receive, send
from runfolio.children.serving import serving
from runfolio.errors import DeliveryError, Interrupted, in_one_line

if TYPE_CHECKING:
    from runfolio.mover.destinations.xrootd_client import Client


@dataclass(frozen=True, kw_only=True)
class Start:
    """The first that the process is sent."""

    where: str
    """How errors name the destination."""
    host: str
    """`root://user@host:1094`"""
    seconds: float
    """Without any sign of the server, after which it counts as dead."""
    environment: Mapping[str, str | None]
    """Variables of the client and the security protocols; None: not to be there."""


@dataclass(frozen=True)
class Asked:
    """An operation of the client."""

    operation: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True)
class Outgoing:
    """So many bytes go out as soon as this is answered, with None."""

    bytes: int


@dataclass(frozen=True)
class Answer:
    """What an operation has returned; if it has raised, its error is sent in place of this."""

    value: Any


ALIVE = None
"""The server has answered something meanwhile."""


def serve(descriptor: int) -> None:
    """Do for the parent what it asks for, until it is gone; say with ALIVE that it may ask."""
    with serving(descriptor) as pipe:
        client = _made(receive(pipe), pipe)
        send(pipe, ALIVE)
        while True:
            send(pipe, _answer(client, receive(pipe)))


def _made(start: Start, pipe: socket.socket) -> "Client":
    for name, value in start.environment.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    from runfolio.mover.destinations.xrootd_client import Client

    def going_out(count: int) -> None:
        send(pipe, Outgoing(count))
        receive(pipe)

    return Client(start.where, start.host, start.seconds, lambda: send(pipe, ALIVE), going_out)


def _answer(client: "Client", asked: Asked) -> Answer | DeliveryError:
    """Return what is answered; of an error, what it refers to stays until it is sent.

    Blocks of a transfer that was given up are among that, and the client's threads may still send them.
    """
    try:
        return Answer(getattr(client, asked.operation)(*asked.arguments))
    except DeliveryError as error:
        return error
    except (EOFError, ConnectionError):  # the parent is gone
        raise
    except Exception as error:  # noqa: BLE001 - whatever else the client's library raises
        return Interrupted(f"{client.where}: {in_one_line(error)}")
