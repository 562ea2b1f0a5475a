"""A tree's file holds its rows as they are, and the same rows give the same bytes."""

import dataclasses
import time
from io import BytesIO
from typing import Any

import numpy as np
import pytest
import uproot  # type: ignore[import-untyped]  # it has no types

from runfolio.plots import TreeRows
from runfolio.plots.tree import TYPES
from runfolio.render import RenderJob, TreeView, render, treefile
from runfolio.render.make import recipes
from runfolio.render.treefile import tree_file

SECONDS = 1385632500.0


def make_rows(number: int) -> TreeRows:
    """Return rows with a branch of every type."""
    counted = np.arange(number) % 100
    return TreeRows(name="t", title="A tree", branches={f"b_{each}": counted.astype(each) for each in TYPES})


def read(data: bytes) -> Any:
    return uproot.open(BytesIO(data))["t"]


@pytest.mark.parametrize("number", [0, 1, 3, 1000])
def test_rows_are_read_back(number: int) -> None:
    rows = make_rows(number)
    tree = read(tree_file("Mine/x", rows, SECONDS))
    assert (tree.num_entries, tree.title) == (number, "A tree")
    assert tree.keys() == list(rows.branches)
    for name, array in rows.branches.items():
        assert tree[name].array(library="np").dtype.newbyteorder("=") == array.dtype
        assert np.array_equal(tree[name].array(library="np"), array)


def test_nan_stays() -> None:
    rows = TreeRows(name="t", title="", branches={"x": np.array([np.nan, 1.0])})
    assert np.isnan(read(tree_file("a", rows, SECONDS))["x"].array(library="np")).tolist() == [True, False]


@pytest.mark.parametrize("number", [0, 5, 997])
def test_many_baskets_at_another_time_give_the_same_bytes(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(treefile, "ROWS_AT_ONCE", 7)
    rows = make_rows(number)
    first = tree_file("Mine/x", rows, SECONDS)
    time.sleep(1.1)  # the resolution of ROOT's dates
    assert tree_file("Mine/x", rows, SECONDS) == first
    assert np.array_equal(read(first)["b_int64"].array(library="np"), rows.branches["b_int64"])
    assert tree_file("Mine/y", rows, SECONDS) != first


def test_trees_come_last_whatever_pictures_are_made(job: RenderJob) -> None:
    tree = TreeView(tag="rows_7", rows=make_rows(2), keywords=("calib",))
    view = dataclasses.replace(job.reducers[0], trees=(tree,))
    job = dataclasses.replace(job, reducers=(view,), image_types=())
    _, image = render(job).images
    assert (image.tag, image.image_type, image.data_file) == ("rows_7", "root", True)
    assert (image.description, image.keywords, image.producer) == ("A tree", ("calib",), "Dimuon")
    assert [each.tag for each in recipes(job)] == ["Dimuon", "rows_7"]
