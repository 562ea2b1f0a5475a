"""A child process that says None once it is there, and then answers with what it is sent."""

from runfolio.children.pipe import receive, send
from runfolio.children.serving import serving


def serve(descriptor: int) -> None:
    with serving(descriptor) as pipe:
        send(pipe, None)
        while True:
            send(pipe, receive(pipe))
