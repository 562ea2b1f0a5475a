"""The renderer's process draws apart from its parent, comes back when it dies, and leaves with it."""

import contextlib
import dataclasses
import importlib
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from runfolio.render import Rendered, Renderer, RenderJob, render

IMPORTS = """
import sys
import runfolio.render
print(sorted({"matplotlib", "uproot", "PIL"} & set(sys.modules)))
"""
DEADLY = """
import os, signal
from dataclasses import dataclass
from pathlib import Path

@dataclass(frozen=True)
class DeadlyCaption:
    lives: str
    caption: object

    def __reduce__(self):
        return unpack, (self.lives, self.caption)

    @property
    def run_number(self):
        return self.caption.run_number

def unpack(lives, caption):
    left = int(Path(lives).read_text())
    if left:
        Path(lives).write_text(str(left - 1))
        os.kill(os.getpid(), signal.SIGKILL)
    return caption
"""
PARENT = """
import multiprocessing, pickle, sys, time
from pathlib import Path
from runfolio.render import Renderer
if __name__ == "__main__":
    job = pickle.loads(Path(sys.argv[1]).read_bytes())
    with Renderer() as renderer:
        renderer.submit(job).result()
        try:
            print(multiprocessing.active_children()[0].pid, flush=True)
            time.sleep(60)
        except KeyboardInterrupt:
            print(len(renderer.submit(job).result().images), flush=True)
"""


@pytest.fixture
def deadly(job: RenderJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], RenderJob]:
    """Return what makes a job that kills the process that unpacks it so many times."""
    (tmp_path / "deadly.py").write_text(DEADLY)
    monkeypatch.syspath_prepend(tmp_path)
    caption = importlib.import_module("deadly").DeadlyCaption

    def make(times: int) -> RenderJob:
        (tmp_path / "lives").write_text(str(times))
        return dataclasses.replace(job, caption=caption(str(tmp_path / "lives"), job.caption))

    return make


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until_gone(pid: int) -> bool:
    end = time.monotonic() + 10
    while is_alive(pid) and time.monotonic() < end:
        time.sleep(0.02)
    return not is_alive(pid)


def children() -> list[int]:
    return [each.pid for each in multiprocessing.active_children() if each.pid]


@pytest.fixture
def parent(job: RenderJob, tmp_path: Path) -> Any:
    """A program of its own that has a renderer, in a process group of its own."""
    (tmp_path / "job").write_bytes(pickle.dumps(job))
    (tmp_path / "parent.py").write_text(PARENT)
    command = [sys.executable, str(tmp_path / "parent.py"), str(tmp_path / "job")]
    program = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    yield program
    program.kill()
    program.communicate()


def test_importing_it_imports_no_drawing_library() -> None:
    done = subprocess.run([sys.executable, "-c", IMPORTS], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_it_draws_what_render_draws_and_leaves_no_process(job: RenderJob) -> None:
    with Renderer() as renderer:
        assert renderer.submit(job).result(60) == render(job)
        assert len(children()) == 1
    assert children() == []


def test_submitting_does_not_wait(job: RenderJob) -> None:
    with Renderer() as renderer:
        begin = time.monotonic()
        waiting = [renderer.submit(job) for _ in range(3)]
        assert time.monotonic() - begin < 0.2
    assert all(each.done() for each in waiting)


def test_a_process_that_was_killed_is_replaced(job: RenderJob) -> None:
    with Renderer() as renderer:
        before = renderer.submit(job).result(60)
        os.kill(children()[0], signal.SIGKILL)
        assert renderer.submit(job).result(60) == before


def test_a_job_whose_process_dies_is_drawn_again(deadly: Callable[[int], RenderJob]) -> None:
    with Renderer() as renderer:
        assert renderer.submit(deadly(2)).result(60).failures == ()


def test_a_job_that_always_kills_is_given_up_and_the_next_is_drawn(
    job: RenderJob, deadly: Callable[[int], RenderJob], tmp_path: Path
) -> None:
    with Renderer() as renderer:
        lost, drawn = renderer.submit(deadly(99)), renderer.submit(job)
        assert {each.reason for each in lost.result(60).failures} == {"the drawing process died 3 times"}
        assert len(drawn.result(60).images) == 3
    assert (tmp_path / "lives").read_text() == "96"


def test_a_job_that_cannot_be_sent_fails_alone(job: RenderJob) -> None:
    nothing_to_send: Any = threading.Lock()
    unsent = dataclasses.replace(job, image_types=("png", nothing_to_send))
    with Renderer() as renderer:
        assert len(renderer.submit(unsent).result(60).failures) == 5
        assert len(renderer.submit(job).result(60).images) == 3


def leave_by_exception(job: RenderJob) -> Future[Rendered]:
    """Leave a renderer in the middle of 50 jobs; return the last."""
    with contextlib.suppress(KeyboardInterrupt), Renderer() as renderer:
        renderer.submit(job).result(60)
        waiting = [renderer.submit(job) for _ in range(50)]
        raise KeyboardInterrupt
    return waiting[-1]


def test_an_exception_drops_what_waits_and_ends_the_process(job: RenderJob) -> None:
    begin = time.monotonic()
    assert leave_by_exception(job).cancelled()
    assert time.monotonic() - begin < 10
    assert children() == []


def test_an_exception_right_at_the_beginning_does_not_hang() -> None:
    with pytest.raises(ValueError, match="early"), Renderer():
        raise ValueError("early")
    assert children() == []


def test_the_process_ends_when_its_parent_is_killed(parent: Any) -> None:
    pid = int(parent.stdout.readline())
    assert is_alive(pid)
    parent.kill()
    assert wait_until_gone(pid)


def test_ctrl_c_reaches_the_parent_only(parent: Any) -> None:
    pid = int(parent.stdout.readline())
    os.killpg(parent.pid, signal.SIGINT)
    assert parent.stdout.readline() == "3\n"
    assert wait_until_gone(pid)
    assert parent.wait(10) == 0
