"""Live plots: when they are drawn anew, one drawing at a time, and what is shown of it."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import pytest

from runfolio.folder import LiveDirectory, LiveIndex, Refreshed, read_live_index
from runfolio.images import Caption, Image
from runfolio.live_plots import LivePlots
from runfolio.plots import Integer, Reducer, Spills
from runfolio.render import Failure, Rendered, Renderer, RenderJob
from runfolio.render.job import TOLD_TO_STOP
from runfolio.run_plots import RunPlots
from runfolio.runs import Run
from runfolio.settings import Settings
from runfolio.stream import StreamWriter
from support import FakeClock


class Drawing(Future[Rendered]):
    """A drawing that nobody may wait for."""

    def result(self, timeout: float | None = None) -> Rendered:
        assert self.done(), "filling was held up"
        return super().result(timeout)


class HeldRenderer(Renderer):
    """Draws when it is told, and no pictures but what they are to say."""

    def __init__(self) -> None:
        self.jobs: list[RenderJob] = []
        self._futures: list[Drawing] = []

    def submit(self, job: RenderJob, *, live: bool = False) -> Future[Rendered]:
        assert live, "nothing else is dropped when time is short"
        self.jobs.append(job)
        self._futures.append(Drawing())
        return self._futures[-1]

    def draw(self, *failures: Failure) -> None:
        """Be done with the newest job."""
        job = self.jobs[-1]
        self._futures[-1].set_result(Rendered(images=(own(job.caption.spills),), failures=failures))


class Hits(msgspec.Struct):
    hits: int = 1


def columns(spills: Sequence[Any]) -> Any:
    return SimpleNamespace(hits=np.array([spill.hits for spill in spills], np.int64))


def make_reducer() -> Reducer:
    reducer = Reducer("Mine", reads=Spills(Hits, columns))
    reducer.hist("hits", Integer(0, 3))
    reducer.figure("picture", panels=[["hits"]], size=(200, 200))
    return reducer


def own(spills: int) -> Image:
    """Return our picture of so many spills."""
    return Image(tag="picture", image_type="png", data=b"own %d" % spills, producer="Mine")


def sent(tag: str, data: bytes = b"sent") -> Image:
    return Image(tag=tag, image_type="png", data=data, producer="stream")


BROKEN = Failure("picture", "pdf", "ValueError: no ink")


class Shown:
    """Live plots, and all that they work with."""

    def __init__(self, directory: Path, **settings: Any) -> None:
        self.settings = Settings(**settings)
        self.clock = FakeClock()
        self.renderer = HeldRenderer()
        self.directory = directory / "live"
        self.written_on = directory / "out.jsonl"
        self.writer = StreamWriter(self.written_on, headers_and_footers=True)
        live = LiveDirectory(self.directory, clock=self.clock)
        self.live = LivePlots(self.settings, self.renderer, live, self.writer, self.clock)

    def open(self, run_number: int = 7) -> RunPlots:
        plots = RunPlots(Run(run_number, opened_at=0.0), [make_reducer()], self.settings)
        self.live.open(plots)
        self.writer.open_run(run_number)
        return plots

    def fill(self, plots: RunPlots, spills: int = 1) -> None:
        """Fill a batch of spills, and do what is done after each."""
        plots.fill([Hits()] * spills)
        plots.run.tally.filled += spills
        self.live.keep_up()

    def take(self, plots: RunPlots, image: Image) -> None:
        plots.take(image)
        self.live.keep_up()

    def draw(self, *failures: Failure) -> None:
        """Let the drawing be done, and be seen to be."""
        self.renderer.draw(*failures)
        self.live.keep_up()

    def pass_time(self, seconds: float) -> None:
        self.clock.seconds += seconds
        self.live.keep_up()

    @property
    def drawings(self) -> int:
        return len(self.renderer.jobs)

    @property
    def pictures(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.directory.glob("*.png")}

    @property
    def index(self) -> LiveIndex:
        index = read_live_index(self.directory)
        assert index is not None
        return index

    @property
    def documents(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.written_on.read_text().splitlines()]


@pytest.fixture
def make_shown(tmp_path: Path) -> Iterator[Callable[..., Shown]]:
    with ExitStack() as stack:

        def make(**settings: Any) -> Shown:
            shown = Shown(tmp_path, **settings)
            stack.enter_context(shown.writer)
            return shown

        yield make


@pytest.fixture
def shown(make_shown: Callable[..., Shown]) -> Shown:
    """Live plots that are due with every change."""
    return make_shown(refresh_seconds=0)


def test_nothing_is_due_before_anything_has_come(shown: Shown) -> None:
    shown.live.keep_up()
    shown.open()
    shown.pass_time(1000)
    assert (shown.drawings, shown.documents) == (0, [])


def test_nothing_is_due_where_nothing_has_changed_since_the_last_drawing(shown: Shown) -> None:
    shown.fill(shown.open())
    shown.draw()
    shown.pass_time(1000)
    assert shown.drawings == 1
    assert len(shown.documents) == 1


def test_plots_are_due_when_the_refresh_seconds_have_passed(make_shown: Callable[..., Shown]) -> None:
    shown = make_shown(refresh_seconds=5)
    shown.fill(shown.open(), 1000)
    shown.pass_time(4.75)
    assert shown.drawings == 0
    shown.pass_time(0.25)
    assert shown.drawings == 1


def test_the_seconds_are_counted_from_the_last_refresh(make_shown: Callable[..., Shown]) -> None:
    shown = make_shown(refresh_seconds=5)
    shown.fill(plots := shown.open())
    shown.pass_time(8)
    shown.draw()
    shown.fill(plots)
    shown.pass_time(4.75)
    assert shown.drawings == 1
    shown.pass_time(0.25)
    assert shown.drawings == 2


def test_the_seconds_begin_with_the_run(make_shown: Callable[..., Shown]) -> None:
    shown = make_shown(refresh_seconds=5)
    shown.pass_time(100)
    shown.fill(plots := shown.open())
    assert shown.drawings == 0
    shown.clock.seconds += 5
    shown.fill(plots)
    assert shown.drawings == 1


def test_plots_are_due_after_so_many_spills_as_the_refresh_rate(make_shown: Callable[..., Shown]) -> None:
    shown = make_shown(refresh_rate=3, refresh_seconds=1000)
    plots = shown.open()
    for drawings in (1, 2):
        shown.fill(plots, 2)
        assert shown.drawings == drawings - 1
        shown.fill(plots)
        assert shown.drawings == drawings
        shown.draw()


def test_a_new_run_counts_its_own_spills(make_shown: Callable[..., Shown]) -> None:
    shown = make_shown(refresh_rate=3, refresh_seconds=1000)
    shown.fill(shown.open(7), 10)
    shown.draw()
    shown.fill(plots := shown.open(8), 2)
    assert shown.drawings == 1
    shown.fill(plots)
    assert shown.drawings == 2


def test_there_is_one_drawing_at_a_time(shown: Shown) -> None:
    plots = shown.open()
    for _ in range(3):
        shown.fill(plots)
    assert [job.caption.spills for job in shown.renderer.jobs] == [1]
    shown.draw()
    assert [job.caption.spills for job in shown.renderer.jobs] == [1, 3]


def test_what_is_shown_says_what_was_drawn_and_not_what_came_since(shown: Shown) -> None:
    shown.fill(plots := shown.open(), 2)
    shown.fill(plots, 5)
    assert shown.pictures == {}
    shown.draw()
    assert shown.pictures == {"imagepicture.png": b"own 2"}
    assert (shown.index.spills, shown.index.state) == (2, "open")


def test_images_of_the_stream_are_shown_without_a_drawing(shown: Shown) -> None:
    shown.take(shown.open(), sent("x"))
    assert shown.drawings == 0
    assert shown.pictures == {"imagex.png": b"sent"}


def test_images_of_the_stream_are_shown_along_with_what_is_drawn(shown: Shown) -> None:
    shown.fill(plots := shown.open())
    shown.draw()
    shown.take(plots, sent("x"))
    shown.draw()
    assert shown.pictures == {"imagepicture.png": b"own 1", "imagex.png": b"sent"}


def test_a_drawing_of_a_run_that_was_closed_meanwhile_is_not_shown(shown: Shown) -> None:
    shown.fill(plots := shown.open())
    plots.run.tally.filled = 9
    shown.live.close(plots, (own(9),))
    shown.draw()
    assert shown.pictures == {"imagepicture.png": b"own 9"}
    assert shown.index.spills == 9


def test_a_drawing_of_a_run_that_another_has_followed_is_not_shown(shown: Shown) -> None:
    shown.fill(shown.open(7))
    shown.open(8)
    shown.draw()
    assert shown.pictures == {}
    assert shown.index.run_number == 8


def test_a_drawing_of_a_closed_run_does_not_hold_up_the_next(shown: Shown) -> None:
    shown.fill(plots := shown.open(7))
    shown.live.close(plots, ())
    shown.fill(shown.open(8))
    assert [job.caption.run_number for job in shown.renderer.jobs] == [7, 8]


def test_a_tag_that_the_stream_had_is_ours_from_the_first_spill_on(shown: Shown) -> None:
    shown.take(plots := shown.open(), sent("picture"))
    assert shown.pictures == {"imagepicture.png": b"sent"}
    shown.fill(plots)
    shown.draw()
    assert shown.pictures == {"imagepicture.png": b"own 1", "imagepicture_2.png": b"sent"}


def test_a_tag_of_ours_is_ours_also_where_only_the_last_images_are_shown(shown: Shown) -> None:
    shown.take(plots := shown.open(), sent("picture"))
    shown.fill(plots)
    shown.live.close(plots, (own(1), sent("picture")))
    assert shown.pictures == {"imagepicture.png": b"own 1", "imagepicture_2.png": b"sent"}


def test_a_tag_of_ours_is_ours_also_where_our_own_picture_is_missing(shown: Shown) -> None:
    shown.fill(plots := shown.open())
    shown.live.close(plots, (sent("picture"),))
    assert shown.pictures == {"imagepicture_2.png": b"sent"}


def test_an_image_that_fails_is_logged_once_in_a_run(shown: Shown, caplog: pytest.LogCaptureFixture) -> None:
    other = Failure("picture", "svg", "no ink")
    shown.fill(plots := shown.open(7))
    shown.draw(BROKEN)
    shown.fill(plots)
    shown.draw(BROKEN, other)
    assert caplog.messages == [
        "run 7: picture.pdf not drawn: ValueError: no ink",
        "run 7: picture.svg not drawn: no ink",
    ]
    caplog.clear()
    shown.fill(shown.open(8))
    shown.draw(BROKEN)
    assert caplog.messages == ["run 8: picture.pdf not drawn: ValueError: no ink"]


def test_an_image_that_fails_each_time_for_another_reason_is_logged_once(
    shown: Shown, caplog: pytest.LogCaptureFixture
) -> None:
    plots = shown.open()
    for reason in ("at 0x1", "at 0x2"):
        shown.fill(plots)
        shown.draw(Failure("picture", "png", reason))
    assert sum("picture.png not drawn" in message for message in caplog.messages) == 1


def test_an_image_that_fails_costs_only_itself(shown: Shown) -> None:
    shown.fill(shown.open())
    shown.draw(BROKEN)
    assert shown.pictures == {"imagepicture.png": b"own 1"}


def test_a_drawing_that_was_cut_short_is_neither_shown_nor_told_of(
    shown: Shown, caplog: pytest.LogCaptureFixture
) -> None:
    shown.fill(plots := shown.open())
    shown.draw()
    shown.fill(plots)
    shown.draw(Failure("other", "png", TOLD_TO_STOP))
    assert shown.pictures == {"imagepicture.png": b"own 1"}
    assert caplog.messages == []


def test_the_last_images_are_shown_as_the_last(shown: Shown) -> None:
    shown.fill(plots := shown.open())
    shown.draw()
    plots.run.tally.filled = 3
    shown.live.close(plots, (own(3), sent("x")))
    assert shown.pictures == {"imagepicture.png": b"own 3", "imagex.png": b"sent"}
    assert (shown.index.state, shown.index.spills) == ("final", 3)
    assert json.loads((shown.directory / "imagepicture.json").read_text())["state"] == "final"


def test_nothing_is_drawn_of_a_run_that_was_closed(shown: Shown) -> None:
    shown.fill(plots := shown.open())
    shown.live.close(plots, ())
    shown.fill(plots)
    assert shown.drawings == 1


def test_the_last_images_of_a_run_that_another_has_followed_are_not_shown(shown: Shown) -> None:
    earlier = shown.open(7)
    shown.fill(later := shown.open(8))
    shown.draw()
    shown.live.close(earlier, (own(99),))
    assert shown.pictures == {"imagepicture.png": b"own 1"}
    shown.fill(later)
    assert shown.drawings == 2


def test_what_is_shown_is_written_on_under_the_same_names(shown: Shown) -> None:
    shown.take(plots := shown.open(), sent("picture"))
    shown.fill(plots)
    shown.draw()
    tags = [[entry["tag"] for entry in each["image_list"]] for each in shown.documents]
    assert tags == [["picture"], ["picture", "picture_2"]]
    assert {each["run_number"] for each in shown.documents} == {7}


class SlowDirectory(LiveDirectory):
    """Takes seconds of a clock to write, and notes when it began."""

    def __init__(self, directory: Path, clock: FakeClock, seconds: float) -> None:
        super().__init__(directory, clock=clock)
        self.began: list[float] = []
        self._passing, self._seconds = clock, seconds

    def refresh(self, images: Iterable[Image], caption: Caption) -> Refreshed:
        self.began.append(self._passing.seconds)
        self._passing.seconds += self._seconds
        return super().refresh(images, caption)


@pytest.mark.parametrize(("takes", "refresh_seconds", "apart"), [(4, 1, 8), (0.25, 1, 1), (4, 0, 4.25)])
def test_writing_takes_half_of_the_time_at_most_unless_every_change_is_to_be_shown(
    make_shown: Callable[..., Shown], takes: float, refresh_seconds: float, apart: float
) -> None:
    shown = make_shown(refresh_seconds=refresh_seconds)
    directory = SlowDirectory(shown.directory, shown.clock, takes)
    shown.live = LivePlots(shown.settings, shown.renderer, directory, shown.writer, shown.clock)
    plots = shown.open()
    while len(directory.began) < 4:
        plots.take(sent("x"))
        shown.pass_time(0.25)
    assert [after - before for before, after in pairwise(directory.began)] == [apart] * 3
