"""A picture drawn in the course of a run is the one that is drawn from scratch: nothing stale is in it.

What the drawing process remembers (ticks, outlines of words) is of values alone, and bounded.
"""

import dataclasses
import importlib
import pkgutil
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import runfolio.render
from runfolio.images import Caption
from runfolio.plots.axes import Axis, Integer, Labels, Regular
from runfolio.plots.counts import Counts, Kind
from runfolio.plots.figures import Figure, Panel, Series
from runfolio.render.draw import draw
from runfolio.render.encode import encode

SIZE = (400, 300)
CAPTION = Caption(run_number=4235, spills=1, last_spill_time=1385632449.0, final=False)
Part = tuple[Panel, list[Counts]]


def remembering() -> dict[str, Any]:
    """Return every function of the drawing process that remembers what it returned."""
    found = {}
    for module in pkgutil.iter_modules(runfolio.render.__path__, "runfolio.render."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if hasattr(value, "cache_info"):
                found[f"{module.name}.{name}"] = value
    return found


def picture(panel: Panel, counts: list[Counts], caption: Caption, size: tuple[int, int] = SIZE) -> bytes:
    figure = Figure(tag="t", description="d", rows=((panel,),), size=size)
    sheet = draw(figure, {each.name: each for each in counts}, caption)
    return encode(sheet, "png", figure, caption, 0.0)


def from_scratch(panel: Panel, counts: list[Counts], caption: Caption, size: tuple[int, int] = SIZE) -> bytes:
    for function in remembering().values():
        function.cache_clear()
    return picture(panel, counts, caption, size)


def a_part(kind: str, random: np.random.Generator, events: int, word: str) -> Part:
    """Return a panel and its counts after so many events."""
    series = Series("h", word, "red")
    if kind == "map":
        axes: tuple[Axis, ...] = (Integer(0, 5, word), Regular(4, 0, 1, "y"))
        values = random.poisson(events / 10, (7, 6))
        return Panel(series=(series,), numbers=True), [Counts(name="h", title=word, axes=axes, values=values)]
    axis: Axis = Labels((word, "b", "c")) if kind == "words" else Regular(20, 0, 1, word, time=kind == "time")
    values = random.poisson(events / 10, axis.bins + 2)
    counts = Counts(name="h", title=word, axes=(axis,), values=values)
    if kind == "profile":
        sums = values * random.normal(events, 1, axis.bins + 2)
        squares = sums**2 / np.maximum(values, 1) + 1.0
        counts = dataclasses.replace(counts, kind=Kind.PROFILE, sums=sums, squares=squares, label=word)
    return Panel(series=(series,), log_y=kind == "log"), [counts]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["counts", "log", "map", "profile", "words", "time"]),
    st.lists(
        st.tuples(st.integers(0, 10**6), st.sampled_from(["TOF0", "µ (ns)", "مرحبا"])), min_size=2, max_size=4
    ),
    st.integers(0, 2**32 - 1),
)
def test_a_refresh_has_the_pixels_of_a_drawing_from_scratch(
    kind: str, steps: list[tuple[int, str]], seed: int
) -> None:
    """Counts grow, and with them axes; words and captions change."""
    random, events, parts = np.random.default_rng(seed), 0, []
    for more, word in steps:
        events += more
        parts.append((a_part(kind, random, events, word), dataclasses.replace(CAPTION, spills=events)))
    refreshed = [picture(*part, caption) for part, caption in parts]
    assert [from_scratch(*part, caption) for part, caption in parts] == refreshed


def test_a_picture_does_not_depend_on_others_of_other_sizes() -> None:
    part = a_part("counts", np.random.default_rng(1), 1000, "TOF0")
    sizes = [(400, 300), (401, 300), (200, 150), (400, 300)]
    drawn = [picture(*part, CAPTION, size) for size in sizes]
    assert drawn[0] == drawn[3]
    assert [from_scratch(*part, CAPTION, size) for size in sizes] == drawn


def test_what_changes_is_in_the_picture() -> None:
    panel, counts = a_part("counts", np.random.default_rng(1), 1000, "TOF0")
    changed = [dataclasses.replace(counts[0], title="another")]
    later = dataclasses.replace(CAPTION, spills=2)
    other = dataclasses.replace(panel, series=(Series("h", "TOF0", "blue"),))
    drawn = {
        picture(panel, counts, CAPTION),
        picture(panel, changed, CAPTION),
        picture(panel, counts, later),
        picture(other, counts, CAPTION),
    }
    assert len(drawn) == 4


@pytest.mark.parametrize("name", list(remembering()))
def test_what_is_remembered_is_bounded(name: str) -> None:
    function = remembering()[name]
    if function.cache_info().maxsize is None:  # then of what it can be asked for there's little
        assert name.rpartition(".")[2] in {"_settings", "fix_style", "_palette", "_font", "known"}
