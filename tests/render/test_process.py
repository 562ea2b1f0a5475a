"""The drawing process works apart from its parent, costs one image at most when lost, and leaves with it."""

import contextlib
import dataclasses
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from deeds import Deed, acting, exits, hangs, has_no_memory, is_killed, noted, stands_still
from processes import children, is_alive, until, what_is_there
from runfolio.children import Child, started_ahead
from runfolio.render import Rendered, Renderer, RenderJob, process, render
from runfolio.render.job import TOLD_TO_STOP
from runfolio.render.process import MODULE

IMPORTS = """
import sys
import runfolio.render
print(sorted({"matplotlib", "uproot", "PIL"} & set(sys.modules)))
"""
PARENT = """
import pickle, sys, time
from pathlib import Path
from runfolio.render import Renderer
with Renderer() as renderer:
    job = pickle.loads(Path(sys.argv[1]).read_bytes())
    renderer.submit(job).result()
    try:
        print("drawn", flush=True)
        time.sleep(60)
    except KeyboardInterrupt:
        print(len(renderer.submit(job).result().images), flush=True)
"""
SOON = 2.0
"""Seconds after which a process counts as hung where it is to hang."""


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    """Whatever happens to a process, nothing of it is left."""
    before = what_is_there()
    yield
    assert what_is_there() == before


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """Where figures note that they are drawn."""
    return tmp_path / "notes"


@pytest.fixture
def make_job(job: RenderJob, notes: Path) -> Callable[..., RenderJob]:
    """Make jobs of four figures, some of which do something when they are drawn."""

    def make(deed: Deed = int, *, at: Sequence[int] = (), times: int = 99) -> RenderJob:
        figures = (acting(f"f{i}", notes, deed, times if i in at else 0) for i in range(4))
        [view] = job.reducers
        return dataclasses.replace(job, reducers=(dataclasses.replace(view, figures=tuple(figures)),))

    return make


@pytest.fixture
def parent(job: RenderJob, tmp_path: Path) -> Any:
    """A program of its own that has a renderer, in a process group of its own."""
    (tmp_path / "job").write_bytes(pickle.dumps(job))
    (tmp_path / "parent.py").write_text(PARENT)
    command = [sys.executable, str(tmp_path / "parent.py"), str(tmp_path / "job")]
    program = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert program.stdout
    assert program.stdout.readline() == "drawn\n"
    yield program
    program.kill()
    program.communicate()


def is_noted(notes: Path, *tags: str) -> bool:
    return noted(notes) == [*tags]


def without(rendered: Rendered, *tags: str) -> Rendered:
    """Return what is rendered where these figures fail alone."""
    return Rendered(images=tuple(each for each in rendered.images if each.tag not in tags))


def reasons(rendered: Rendered) -> dict[str, str]:
    return {each.tag: each.reason for each in rendered.failures}


def test_importing_it_imports_no_drawing_library() -> None:
    done = subprocess.run([sys.executable, "-c", IMPORTS], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_it_draws_what_render_draws_in_one_process(job: RenderJob) -> None:
    job = dataclasses.replace(job, image_types=("png", "pdf", "svg", "eps"))
    with Renderer() as renderer:
        assert renderer.submit(job).result(60) == render(job)
        assert len(children()) == 1


def test_a_process_that_was_started_ahead_is_the_one_that_draws(job: RenderJob) -> None:
    with started_ahead(MODULE) as started, Renderer(started=started) as renderer:
        ahead = children()
        assert renderer.submit(job).result(60) == render(job)
        assert children() == ahead


def test_one_that_was_started_ahead_and_is_lost_is_replaced(job: RenderJob) -> None:
    with started_ahead(MODULE) as started:
        assert started is not None
        started.kill()
        with Renderer(started=started) as renderer:
            assert renderer.submit(job).result(60) == render(job)


def test_a_figure_is_drawn_once_for_all_its_types(make_job: Callable[..., RenderJob], notes: Path) -> None:
    with Renderer() as renderer:
        done = renderer.submit(dataclasses.replace(make_job(), image_types=("png", "pdf"))).result(60)
    assert len(done.images) == 9
    assert noted(notes) == ["f0", "f1", "f2", "f3"]


def test_a_job_without_images_is_done(job: RenderJob) -> None:
    with Renderer() as renderer:
        assert renderer.submit(dataclasses.replace(job, reducers=())).result(60) == Rendered(images=())


def test_submitting_does_not_wait(job: RenderJob) -> None:
    with Renderer() as renderer:
        waiting = [renderer.submit(job) for _ in range(3)]
        assert not any(each.done() for each in waiting)
    assert all(each.done() for each in waiting)


def test_a_job_that_cannot_be_sent_fails_alone(job: RenderJob) -> None:
    nothing_to_send: Any = threading.Lock()
    unsent = dataclasses.replace(job, image_types=("png", nothing_to_send))
    with Renderer() as renderer:
        done = renderer.submit(unsent).result(60)
        assert (len(done.failures), done.images) == (4, render(job).images[:1])
        assert len(renderer.submit(job).result(60).images) == 3


@pytest.mark.parametrize(("deed", "at"), [(exits, [0]), (is_killed, [1]), (exits, [3]), (is_killed, [1, 2])])
def test_an_image_that_always_ends_the_process_costs_itself_alone(
    make_job: Callable[..., RenderJob], notes: Path, deed: Deed, at: Sequence[int]
) -> None:
    how = "signal 9" if deed is is_killed else "exit status 3"
    with Renderer() as renderer:
        done = renderer.submit(make_job(deed, at=at)).result(60)
        assert renderer.submit(make_job()).result(60) == render(make_job())
    assert without(done) == without(render(make_job()), *(f"f{place}" for place in at))
    assert reasons(done) == {
        f"f{place}": f"the drawing process died ({how}) in each of 3 attempts" for place in at
    }
    assert [noted(notes).count(f"f{place}") for place in range(4)] == [
        3 + 1 if place in at else 1 + 1 for place in range(4)
    ]


def test_an_image_that_ends_the_process_twice_is_drawn(
    make_job: Callable[..., RenderJob], notes: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Renderer() as renderer:
        assert renderer.submit(make_job(is_killed, at=[0, 2], times=2)).result(60) == render(make_job())
    assert noted(notes) == ["f0"] * 3 + ["f1"] + ["f2"] * 3 + ["f3"]
    assert caplog.messages == [
        f"run 4235: the drawing process died (signal 9) at {tag}.png, attempt {attempt} of 3"
        for tag in ("f0", "f2")
        for attempt in (1, 2)
    ]


def test_an_interrupt_does_not_reach_a_process_that_starts(job: RenderJob) -> None:
    with Renderer() as renderer:
        until(children)
        [pid] = children()
        os.kill(pid, signal.SIGINT)
        assert renderer.submit(job).result(60) == render(job)
        assert children() == [pid]


def test_an_image_that_always_hangs_costs_itself_alone(
    make_job: Callable[..., RenderJob], notes: Path
) -> None:
    with Renderer(hangs_after=SOON) as renderer:
        done = renderer.submit(make_job(hangs, at=[1])).result(60)
    assert without(done) == without(render(make_job()), "f1")
    assert reasons(done) == {"f1": "the drawing process hung for 2 s in each of 3 attempts"}
    assert noted(notes) == ["f0", "f1", "f1", "f1", "f2", "f3"]


def test_the_first_and_the_last_image_may_hang(make_job: Callable[..., RenderJob]) -> None:
    with Renderer(hangs_after=SOON) as renderer:
        assert renderer.submit(make_job(hangs, at=[0, 3], times=1)).result(60) == render(make_job())


def test_memory_that_is_all_used_costs_an_image(make_job: Callable[..., RenderJob], notes: Path) -> None:
    with Renderer() as renderer:
        done = renderer.submit(make_job(has_no_memory, at=[0, 3])).result(60)
    assert reasons(done) == dict.fromkeys(("f0", "f3"), "MemoryError: all of it is used")
    assert noted(notes) == ["f0", "f1", "f2", "f3"]


def test_a_process_that_is_killed_from_outside_as_it_draws_is_replaced(
    make_job: Callable[..., RenderJob], notes: Path
) -> None:
    with Renderer() as renderer:
        drawing = renderer.submit(make_job(hangs, at=[1], times=2))
        for before in (["f0"], ["f0", "f1"]):
            until(partial(is_noted, notes, *before, "f1"))
            os.kill(children()[0], signal.SIGKILL)
        assert drawing.result(60) == render(make_job())


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_process_that_is_lost_between_two_jobs_is_replaced(job: RenderJob, number: signal.Signals) -> None:
    with Renderer(hangs_after=SOON) as renderer:
        before = renderer.submit(job).result(60)
        os.kill(children()[0], number)
        assert renderer.submit(job).result(60) == before


class KilledAfter(Child):
    """Is killed after each answer once: the first process after its first, the second after its second."""

    started = 0

    def __init__(self, module: str) -> None:
        super().__init__(module)
        KilledAfter.started += 1
        self._left = KilledAfter.started

    def receive(self, *, within: float) -> Any:
        answer = super().receive(within=within)
        self._left -= 1
        if not self._left:
            self.kill()
        return answer


def test_a_process_that_is_killed_between_any_two_images_is_replaced(
    job: RenderJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "Child", KilledAfter)
    monkeypatch.setattr(KilledAfter, "started", 0)
    with Renderer() as renderer:
        assert renderer.submit(job).result(60) == render(job)
        assert renderer.submit(job).result(60) == render(job)
    assert KilledAfter.started > 3


class KilledAtStart(Child):
    """Is killed before it does anything."""

    started = 0

    def __init__(self, module: str) -> None:
        super().__init__(module)
        KilledAtStart.started += 1
        self.kill()


def test_without_a_process_that_starts_every_picture_fails_with_words_and_data_are_made(
    job: RenderJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "Child", KilledAtStart)
    monkeypatch.setattr(KilledAtStart, "started", 0)
    with Renderer() as renderer:
        waiting = [renderer.submit(job) for _ in range(7)]
        why = "the drawing process died (signal 9) in each of 3 attempts"
        done = [each.result(60) for each in waiting]
        assert KilledAtStart.started == 1 + 7 * 3
    assert [reasons(each) for each in done] == [dict.fromkeys(("both", "all"), why)] * 7
    assert [each.images for each in done] == [render(job).images[:1]] * 7


def test_a_process_that_hangs_as_it_starts_counts_as_one_that_dies(job: RenderJob) -> None:
    with Renderer(starts_within=0.01) as renderer:
        done = renderer.submit(job).result(60)
    assert set(reasons(done).values()) == {"the drawing process hung for 0.01 s in each of 3 attempts"}


def test_an_interpreter_that_is_gone_is_told_in_words(
    job: RenderJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with Renderer() as renderer:
        done = renderer.submit(job).result(60)
    why = "the drawing process could not be started (No such file or directory) in each of 3 attempts"
    assert set(reasons(done).values()) == {why}


def test_hurry_keeps_what_is_drawn_in_time_and_all_data(
    make_job: Callable[..., RenderJob], notes: Path
) -> None:
    job = make_job(hangs, at=[1])
    [view] = job.reducers
    job = dataclasses.replace(job, reducers=(view, dataclasses.replace(view, name="Second", figures=())))
    with Renderer() as renderer:
        drawing = renderer.submit(job)
        until(lambda: "f1" in noted(notes))
        renderer.hurry(0.1)
        done = drawing.result(60)
        after = renderer.submit(make_job()).result(60)
        assert children() == []
    assert without(done) == without(render(job), "f1", "f2", "f3")
    assert reasons(done) == dict.fromkeys(("f1", "f2", "f3"), TOLD_TO_STOP)
    assert after.images == render(make_job()).images[:1]
    assert reasons(after) == dict.fromkeys(("f0", "f1", "f2", "f3"), TOLD_TO_STOP)


def test_hurry_with_time_enough_loses_nothing(job: RenderJob) -> None:
    with Renderer() as renderer:
        renderer.hurry(60)
        assert renderer.submit(job).result(60) == render(job)


def test_hurry_before_the_process_has_started_loses_no_data(job: RenderJob) -> None:
    with Renderer() as renderer:
        renderer.hurry(0)
        done = renderer.submit(job).result(60)
    assert done.images == render(job).images[:1]


def test_a_live_job_that_hangs_does_not_hold_up_the_last(
    make_job: Callable[..., RenderJob], notes: Path
) -> None:
    with Renderer() as renderer:
        live = [renderer.submit(make_job(hangs, at=[1], times=1), live=True) for _ in range(2)]
        until(lambda: "f1" in noted(notes))
        renderer.hurry(60)
        assert renderer.submit(make_job()).result(60) == render(make_job())
        first, second = (each.result(60) for each in live)
    assert first.cut_short
    assert reasons(second) == dict.fromkeys(("Dimuon", "f0", "f1", "f2", "f3"), TOLD_TO_STOP)


def test_a_live_job_ends_with_the_image_in_work_and_its_process_goes_on(
    make_job: Callable[..., RenderJob], notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "LIVE_PATIENCE", 60.0)
    with Renderer() as renderer:
        live = renderer.submit(make_job(stands_still, at=[1], times=1), live=True)
        until(lambda: "f1" in noted(notes))
        [pid] = children()
        renderer.hurry(60)
        os.kill(pid, signal.SIGCONT)
        until(live.done)
        assert reasons(live.result()).keys() == {"f3"}
        assert renderer.submit(make_job()).result(60) == render(make_job())
        assert children() == [pid]


def test_a_live_job_is_drawn_whole_where_there_is_no_hurry(job: RenderJob) -> None:
    with Renderer() as renderer:
        assert renderer.submit(job, live=True).result(60) == render(job)


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


def test_an_exception_does_not_wait_for_an_image_that_hangs(
    make_job: Callable[..., RenderJob], notes: Path
) -> None:
    with contextlib.suppress(KeyboardInterrupt), Renderer() as renderer:
        drawing = renderer.submit(make_job(hangs, at=[1]))
        until(lambda: "f1" in noted(notes))
        renderer.hurry(60)
        raise KeyboardInterrupt
    assert set(reasons(drawing.result(0)).values()) == {"the program ended before it was drawn"}


def test_an_exception_right_at_the_beginning_does_not_hang() -> None:
    with pytest.raises(ValueError, match="early"), Renderer():
        raise ValueError("early")


def test_the_process_ends_when_its_parent_is_killed(parent: Any) -> None:
    [pid] = children(parent.pid)
    parent.kill()
    until(lambda: not is_alive(pid))


def test_ctrl_c_reaches_the_parent_only(parent: Any) -> None:
    [pid] = children(parent.pid)
    os.killpg(parent.pid, signal.SIGINT)
    assert parent.stdout.readline() == "3\n"
    assert parent.wait(60) == 0
    assert not is_alive(pid)
