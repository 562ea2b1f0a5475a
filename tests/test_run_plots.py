"""One run: its job for the renderer, its tags, the images of others, its caption, its state."""

import base64
import json
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from runfolio.errors import CheckpointError
from runfolio.images import MOST_IMAGES, Caption, Image
from runfolio.plots import Integer, Reducer, Spills
from runfolio.render import RenderJob
from runfolio.render.make import recipes
from runfolio.run_plots import PlotsState, RunPlots
from runfolio.runs import Run
from runfolio.settings import Settings
from runfolio.stream import Decoder, Document, Line, SpillMark
from support import PNG, through_bytes


class Hits(msgspec.Struct):
    hits: list[int]


SPILLS = (Hits([0, 1]), Hits([1]))


def columns(spills: Sequence[Any]) -> Any:
    return SimpleNamespace(hits=np.array([hit for spill in spills for hit in spill.hits], np.int64))


def declared() -> Reducer:
    """Return what fills one histogram, and draws it as `picture`."""
    reducer = Reducer("Mine", reads=Spills(Hits, columns), keywords=("own",))
    reducer.hist("hits", Integer(0, 3))
    reducer.figure("picture", panels=[["hits"]], size=(200, 200))
    return reducer


@pytest.fixture
def reducer() -> Reducer:
    return declared()


@pytest.fixture
def plots(reducer: Reducer) -> RunPlots:
    return RunPlots(Run(7, opened_at=0.0), [reducer], Settings())


@pytest.fixture
def without_pictures(reducer: Reducer) -> RunPlots:
    return RunPlots(Run(7, opened_at=0.0), [reducer], Settings(histogram_image_type=()))


def sent(tag: str, data: bytes = b"sent", image_type: str = "png") -> Image:
    return Image(tag=tag, image_type=image_type, data=data, producer="stream")


def own(tag: str) -> Image:
    return Image(tag=tag, image_type="png", data=b"own", producer="Mine")


def names(plots: RunPlots, *images: Image) -> list[str]:
    return [name for name, _ in plots.named(images)]


def drawn(plots: RunPlots) -> RenderJob:
    job = plots.job(final=False, now=5.0)
    assert job is not None
    return job


def see(plots: RunPlots, number: int, time: float | None) -> None:
    plots.run.see(SpillMark(number, time))


def test_there_is_nothing_to_draw_before_the_first_spill(plots: RunPlots) -> None:
    plots.take(sent("other"))
    assert plots.job(final=False, now=0.0) is None
    assert plots.job(final=True, now=0.0) is None


def test_from_the_first_spill_on_every_reducer_is_drawn(plots: RunPlots, reducer: Reducer) -> None:
    plots.fill(SPILLS)
    job = drawn(plots)
    [view] = job.reducers
    assert (view.name, view.keywords) == ("Mine", ("own",))
    assert view.figures == tuple(reducer.figures.values())
    assert view.counts["hits"].inside.tolist() == [1, 2, 0]
    assert (job.image_types, job.written_at) == (("png",), 5.0)


def test_tables_are_drawn_and_their_tags_claimed(reducer: Reducer) -> None:
    reducer.table("values", ["hits"], by="n", values=lambda c: (c.hits, c.hits), tag="shown")
    plots = RunPlots(Run(7, opened_at=0.0), [reducer], Settings())
    plots.fill(SPILLS)
    [table] = drawn(plots).reducers[0].tables
    assert (table.figure, table.readings.rows[0].last) == (reducer.tables["values"].figure, 1)
    assert names(plots, sent("shown"), own("shown")) == ["shown_2", "shown"]


def with_a_tree(reducer: Reducer) -> RunPlots:
    reducer.tree("rows", {"n": "int8"}, file="rows_{run}", by="n", values=lambda c: c.hits)
    return RunPlots(Run(7, opened_at=0.0), [reducer], Settings(image_file_prefix="ro"))


def test_trees_are_written_at_the_end_alone(reducer: Reducer) -> None:
    plots = with_a_tree(reducer)
    plots.fill(SPILLS)
    assert drawn(plots).reducers[0].trees == ()
    job = plots.job(final=True, now=0.0)
    assert job
    [tree] = job.reducers[0].trees
    assert (tree.tag, tree.keywords) == ("rows_7", ("own",))
    assert tree.rows.branches["n"].tolist() == [0, 1, 1]


def test_the_file_of_a_tree_is_claimed_before_all_tags(reducer: Reducer) -> None:
    plots = with_a_tree(reducer)
    plots.fill(SPILLS)
    assert plots.names.name("rows_7", "Mine", data_file=True) == "rows_7"
    assert names(plots, sent("ws_7"), sent("rows_7")) == ["ws_7_2", "rows_7_2"]


def test_a_job_says_whether_its_pictures_are_the_last(plots: RunPlots) -> None:
    plots.fill(SPILLS)
    jobs = [plots.job(final=final, now=0.0) for final in (False, True)]
    assert [job.caption.final for job in jobs if job] == [False, True]


def test_what_is_filled_later_does_not_change_a_job(plots: RunPlots) -> None:
    plots.fill(SPILLS)
    before = drawn(plots)
    plots.fill(SPILLS)
    entries = [job.reducers[0].counts["hits"].entries for job in (before, drawn(plots))]
    assert entries == [3, 6]


def test_what_lasts_is_the_same_in_each_job(plots: RunPlots, reducer: Reducer) -> None:
    jobs = []
    for _ in range(2):
        plots.fill(SPILLS)
        jobs.append(drawn(plots))
    assert [each.lasting[0] is reducer.shown for each in jobs] == [True, True]
    assert jobs[0].lasting[1] is jobs[1].lasting[1] is plots.fillings[0].snapshot().layout


def test_a_job_knows_its_images_before_any_is_made(reducer: Reducer) -> None:
    reducer.table("values", ["hits"], by="n", values=lambda c: (c.hits, c.hits), tag="shown")
    reducer.tree("rows", {"n": "int8"}, file="rows_{run}", by="n", values=lambda c: c.hits)
    settings = Settings(histogram_image_type=("png", "pdf"))
    plots = RunPlots(Run(7, opened_at=0.0), [reducer], settings)
    plots.fill(SPILLS)
    for final in (False, True):
        job = plots.job(final=final, now=0.0)
        assert job
        assert job.images == [(recipe.tag, recipe.image_type) for recipe in recipes(job)]
        assert (("rows_7", "root") in job.images) == final


def test_image_types_are_those_of_the_settings(without_pictures: RunPlots) -> None:
    without_pictures.fill(SPILLS)
    assert drawn(without_pictures).image_types == ()


def test_an_image_of_the_stream_keeps_its_tag_before_the_first_spill(plots: RunPlots) -> None:
    assert names(plots, sent("picture"), sent("Mine")) == ["picture", "Mine"]
    assert plots.names.renamed == ()


def test_our_own_tags_are_claimed_at_the_first_spill(plots: RunPlots) -> None:
    plots.fill(SPILLS)
    assert names(plots, sent("picture"), sent("Mine"), sent("x")) == ["picture_2", "Mine_2", "x"]
    assert names(plots, own("picture"), own("Mine")) == ["picture", "Mine"]


def test_a_tag_that_the_stream_had_before_the_first_spill_is_ours_from_then_on(plots: RunPlots) -> None:
    assert names(plots, sent("picture")) == ["picture"]
    plots.fill(SPILLS)
    assert names(plots, sent("picture"), own("picture")) == ["picture_2", "picture"]


def test_names_change_at_the_first_spill_alone(plots: RunPlots) -> None:
    before = plots.names
    plots.fill(SPILLS)
    at_first = plots.names
    plots.fill(SPILLS)
    assert at_first is not before
    assert plots.names is at_first


def test_without_pictures_only_the_tag_of_the_root_file_is_claimed(without_pictures: RunPlots) -> None:
    without_pictures.fill(SPILLS)
    assert names(without_pictures, sent("picture"), sent("Mine")) == ["picture", "Mine_2"]


def test_names_have_the_prefix_of_the_settings_before_and_after_the_first_spill(reducer: Reducer) -> None:
    plots = RunPlots(Run(7, opened_at=0.0), [reducer], Settings(image_file_prefix="mine_"))
    before = plots.names.prefix
    plots.fill(SPILLS)
    assert (before, plots.names.prefix) == ("mine_", "mine_")


def test_a_newer_image_of_a_tag_and_type_replaces_the_older(plots: RunPlots) -> None:
    for image in (sent("x", b"old"), sent("y", b"other"), sent("x", b"pdf", "pdf"), sent("x", b"new")):
        plots.take(image)
    assert sorted(image.data for image in plots.images) == [b"new", b"other", b"pdf"]


def document(*tags: str, data: bytes = PNG) -> Document:
    """Return an image document of these tags."""
    entry = {"image_type": "png", "data": base64.b64encode(data).decode()}
    line = json.dumps({"maus_event_type": "Image", "image_list": [{"tag": tag, **entry} for tag in tags]})
    return Decoder().decode(Line("sent.json", 3, 90, line.encode(), len(line)))


def test_images_of_a_document_are_kept_and_what_is_none_is_given_back(plots: RunPlots) -> None:
    [refused] = plots.take_document(document("a", "../b", "c"))
    assert [image.tag for image in plots.images] == ["a", "c"]
    assert (refused.reason, refused.run_number) == ("bad_tag", 7)
    assert (refused.line.number, refused.line.offset) == (3, 90)
    assert json.loads(refused.line.data)["tag"] == "../b"
    assert plots.entries_rejected == {"bad_tag": 1}


def test_an_image_beyond_the_limit_of_the_settings_is_given_back_alone(reducer: Reducer) -> None:
    plots = RunPlots(Run(7, opened_at=0.0), [reducer], Settings(image_limit=1024))
    [] = plots.take_document(document("a", data=PNG + bytes(1016)))
    [refused] = plots.take_document(document("b", data=PNG + bytes(1017)))
    assert refused.reason == "image_too_large"
    assert [image.tag for image in plots.images] == ["a"]


def test_images_beyond_the_most_that_a_run_takes_are_given_back_and_newer_ones_are_not(
    plots: RunPlots,
) -> None:
    for number in range(MOST_IMAGES):
        plots.take(sent(f"t{number}"))
    changes = plots.changes
    [refused] = plots.take_document(document("new"))
    assert (refused.reason, plots.changes) == ("too_many_images", changes)
    [] = plots.take_document(document("t0", data=PNG + b"newer"))
    assert len(plots.images) == MOST_IMAGES
    assert plots.images[0].data == PNG + b"newer"
    assert plots.entries_rejected == {"too_many_images": 1}


def test_each_batch_and_each_image_is_a_change(plots: RunPlots) -> None:
    seen = [plots.changes]
    plots.fill(SPILLS)
    seen.append(plots.changes)
    plots.take(sent("x"))
    seen.append(plots.changes)
    plots.take(sent("x"))
    seen.append(plots.changes)
    assert len(set(seen)) == 4


def test_the_caption_has_the_time_of_the_last_spill_that_has_one(plots: RunPlots) -> None:
    for number, time in ((2, 20.0), (3, None), (1, 90.0)):
        see(plots, number, time)
    plots.run.tally.filled = 3
    assert plots.caption(final=False) == Caption(run_number=7, spills=3, last_spill_time=20.0, final=False)


def test_the_caption_has_no_time_where_no_spill_has_one(plots: RunPlots) -> None:
    see(plots, 1, None)
    assert plots.caption(final=True) == Caption(run_number=7, spills=0, last_spill_time=None, final=True)


def test_what_is_drawn_has_the_caption_of_its_moment(plots: RunPlots) -> None:
    plots.fill(SPILLS)
    plots.run.tally.filled = 2
    job = drawn(plots)
    plots.run.tally.filled = 9
    assert job.caption.spills == 2


FULL = declared()
FULL.table("values", ["hits"], by="n", values=lambda c: (c.hits, c.hits), tag="shown")
FULL.tree("rows", {"n": "int8"}, file="rows_{run}", by="n", values=lambda c: c.hits)
TAGS = st.sampled_from(["picture", "Mine", "shown", "rows_7", "x"])
IMAGES = st.builds(sent, TAGS, st.binary(), st.sampled_from(["png", "pdf"]))
Step = tuple[Hits, ...] | Image | str
STEPS: st.SearchStrategy[list[Step]] = st.lists(
    st.just(SPILLS) | IMAGES | st.sampled_from(["an entry is refused", "all are named"]), max_size=8
)


def fresh(*reducers: Reducer) -> RunPlots:
    return RunPlots(Run(7, opened_at=0.0), reducers or [FULL], Settings())


def restored(state: PlotsState) -> RunPlots:
    plots = fresh()
    plots.restore(through_bytes(state))
    return plots


def take_all(steps: Sequence[Step], restored_at: int | None = None) -> RunPlots:
    """Return plots after some steps, restored before one of them."""
    plots = fresh()
    for number, step in enumerate(steps):
        if number == restored_at:
            plots = restored(plots.state())
        match step:
            case Image():
                plots.take(step)
            case "an entry is refused":
                plots.entries_rejected["bad_tag"] += 1
            case str():
                plots.named(plots.images)
            case spills:
                plots.fill(spills)
    return plots


def said(plots: RunPlots) -> tuple[Any, ...]:
    """Return all that is drawn, written and counted of a run at its end."""
    job = plots.job(final=True, now=5.0)
    drawn = None
    if job:
        [view] = job.reducers
        rows = {tree.tag: tree.rows.branches["n"].tolist() for tree in view.trees}
        drawn = (job.caption, job.image_types, view.figures, view.tables, rows)
        drawn += tuple(counts.values.tolist() for counts in view.counts.values())
    named = plots.named([*plots.images, own("picture")])
    return drawn, named, plots.names.renamed, plots.images, plots.changes, plots.entries_rejected


@given(STEPS, st.integers(0, 8))
def test_plots_that_are_restored_come_to_the_same(steps: list[Step], cut: int) -> None:
    again, undisturbed = take_all(steps, restored_at=cut), take_all(steps)
    assert said(restored(again.state())) == said(again)
    assert said(again) == said(undisturbed)


def test_a_state_stays_as_it_was() -> None:
    plots = take_all([SPILLS, sent("x")])
    before, state = said(plots), plots.state()
    plots.fill(SPILLS)
    plots.take(sent("x", b"new"))
    assert said(restored(state)) == before != said(plots)


@pytest.mark.parametrize(
    "changes",
    [
        {"fillings": ()},
        {"changes": -1},
        {"entries_rejected": {"bad_tag": -1}},
        {"images": (sent("../x"),)},
        {"images": (sent("x", image_type="../png"),)},
    ],
)
def test_a_damaged_state_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(CheckpointError):
        restored(replace(take_all([SPILLS]).state(), **changes))


def test_the_state_of_other_plots_is_refused(reducer: Reducer) -> None:
    with pytest.raises(CheckpointError, match="another declaration"):
        fresh(reducer).restore(fresh().state())
    with pytest.raises(CheckpointError, match="plots of 1 reducers, and not of 2"):
        fresh(FULL, reducer).restore(fresh().state())
