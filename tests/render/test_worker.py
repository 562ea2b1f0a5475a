"""The drawing process answers what it is asked, leaves Ctrl-C to its parent and ends with it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from runfolio.children.pipe import receive, send
from runfolio.plots import Figure
from runfolio.render import RenderJob, render

IMPORTED = """
import sys
from runfolio.render.worker import warm_up
warm_up(sys.argv[1:])
print(sorted({"matplotlib", "uproot", "matplotlib.figure", "matplotlib.pyplot"} & set(sys.modules)))
"""
SERVES = "import sys; from runfolio.render.worker import serve; serve(int(sys.argv[1]))"


@pytest.fixture
def worker() -> Iterator[tuple[subprocess.Popen[bytes], socket.socket]]:
    """A drawing process that is ready, and its parent's end of the pipe."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            command = [sys.executable, "-W", "error", "-c", SERVES, str(theirs.fileno())]
            process = subprocess.Popen(command, pass_fds=[theirs.fileno()], stderr=subprocess.PIPE)
        with process:
            send(ours, ("png",))
            assert receive(ours) is None
            yield process, ours
            process.kill()


@pytest.mark.parametrize(
    ("image_types", "imported"),
    [
        ([], ["uproot"]),
        (["png"], ["matplotlib", "uproot"]),
        (["png", "pdf"], ["matplotlib", "matplotlib.figure", "uproot"]),
    ],
)
def test_warm_up_imports_all_that_jobs_need_and_never_pyplot(
    image_types: list[str], imported: list[str]
) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", IMPORTED, *image_types],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.strip() == repr(imported)


def test_it_answers_a_job_and_each_image_that_it_is_asked_for(
    worker: tuple[subprocess.Popen[bytes], socket.socket], job: RenderJob
) -> None:
    _, pipe = worker
    expected = render(job).images
    for asked in (job, 2, 0, job, 2):
        send(pipe, asked)
    assert [receive(pipe) for _ in range(5)] == [None, expected[2], expected[0], None, expected[2]]


def test_what_it_has_of_the_job_before_shows_what_is_counted_now(
    worker: tuple[subprocess.Popen[bytes], socket.socket], job: RenderJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, pipe = worker
    [view] = job.reducers
    counts = {name: replace(each, values=each.values + 7) for name, each in view.counts.items()}
    later = replace(job, reducers=(replace(view, counts=counts),))
    sent: list[str] = []

    def state(figure: Figure) -> object:
        sent.append(figure.tag)
        return vars(figure)

    monkeypatch.setattr(Figure, "__getstate__", state)
    send(pipe, job)
    send(pipe, 1)
    send(pipe, later, job.lasting)
    send(pipe, 1)
    answers = [receive(pipe) for _ in range(4)]
    assert answers == [None, render(job).images[1], None, render(later).images[1]]
    assert answers[1] != answers[3]
    assert sent == [figure.tag for figure in view.figures]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_are_left_to_the_parent(
    worker: tuple[subprocess.Popen[bytes], socket.socket], job: RenderJob, number: signal.Signals
) -> None:
    process, pipe = worker
    os.kill(process.pid, number)
    send(pipe, job)
    assert receive(pipe) is None


def test_it_ends_without_a_word_when_the_parent_closes(
    worker: tuple[subprocess.Popen[bytes], socket.socket],
) -> None:
    process, pipe = worker
    pipe.close()
    _, said = process.communicate(timeout=60)
    assert said == b""
