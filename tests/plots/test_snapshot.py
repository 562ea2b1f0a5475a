"""Snapshots: what they hold stays as it was, is the same in another process, and comes in its order."""

import pickle
from typing import Any

import numpy as np
import pytest

from runfolio.plots import Category, Columns, Counts, Filling, Integer, Reducer, Regular, Strip
from runfolio.plots.snapshot import Snapshot

POISON = 13
"""A function below raises for it."""


def careful(rows: Any) -> Any:
    if POISON in rows:
        raise ValueError("poisoned")
    return rows


@pytest.fixture
def filling() -> Filling:
    """Plain histograms and others, all filled with whole numbers."""
    reducer = Reducer("Mine", reads=Columns(run="run"))
    reducer.hist("x", Integer(0, 3), values=lambda rows: rows, title="whole numbers")
    reducer.hist("grows", Strip(bins=4), values=lambda rows: rows)
    reducer.hist("xy", Regular(2, 0, 2), Integer(0, 3, label="y"), values=lambda rows: (rows, rows))
    reducer.hist("word", Category(), values=lambda rows: rows)
    reducer.hist("poisoned", Integer(0, 3), values=careful)
    reducer.profile("mean", Regular(2, 0, 2), values=lambda rows: (rows, rows), label="q")
    object.__setattr__(reducer.reads, "columns", lambda rows: rows)
    return Filling(reducer, 1)


def said(counts: Counts) -> tuple[Any, ...]:
    """Return all that is said of a histogram."""
    sums = [None if each is None else each.tolist() for each in (counts.sums, counts.squares)]
    about = (counts.name, counts.title, counts.axes, counts.kind, counts.label)
    return *about, counts.values.tolist(), sums, counts.not_a_number, counts.lost_spills


def everything(snapshot: Snapshot) -> list[tuple[Any, ...]]:
    return [said(counts) for counts in snapshot.values()]


def test_histograms_come_in_the_order_of_declaration(filling: Filling) -> None:
    snapshot = filling.snapshot()
    assert list(snapshot) == ["x", "grows", "xy", "word", "poisoned", "mean"]
    assert [counts.name for counts in snapshot.values()] == list(snapshot)
    assert len(snapshot) == 6
    assert "other" not in snapshot


def test_each_histogram_says_what_it_would_by_itself(filling: Filling) -> None:
    filling.fill(np.array([0, 1, 1, 7]))
    for contents in filling.histograms:
        assert said(filling.snapshot()[contents.declared.name]) == said(contents.snapshot())


def test_what_is_filled_later_changes_nothing(filling: Filling) -> None:
    filling.fill(np.array([0, 1, 1]))
    looked_at, other = filling.snapshot(), filling.snapshot()
    before = everything(looked_at)
    filling.fill(np.array([POISON, 1, np.nan, 2]))
    assert everything(looked_at) == everything(other) == before
    assert everything(filling.snapshot()) != before


def test_what_was_not_counted_is_told(filling: Filling) -> None:
    filling.fill(np.array([np.nan, POISON, 1.0]))
    counts = filling.snapshot()
    assert (counts["x"].not_a_number, counts["x"].lost_spills) == (1, 0)
    assert (counts["poisoned"].not_a_number, counts["poisoned"].lost_spills) == (1, 1)


def test_it_says_the_same_in_another_process(filling: Filling) -> None:
    filling.fill(np.array([0, 1, np.nan, POISON]))
    snapshot = filling.snapshot()
    unseen, before = pickle.dumps(snapshot), everything(snapshot)
    assert everything(pickle.loads(unseen)) == before  # noqa: S301 - our own
    assert pickle.dumps(snapshot) == unseen


def test_what_never_changes_is_one_object(filling: Filling) -> None:
    assert filling.snapshot().layout is filling.snapshot().layout


def test_counts_are_made_once(filling: Filling) -> None:
    snapshot = filling.snapshot()
    assert snapshot["x"] is snapshot["x"]
