"""Shares of data add up to what all of them together fill, to the last bit."""

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import plots_of_all_kinds as plots
from runfolio.plots import Filling, Histogram, Reducer, Regular, Strip
from runfolio.plots.counts import Kind
from runfolio.plots.shares import Share, Sharing

REDUCERS = (plots.kinds, plots.counts)
spills_in = st.lists(
    st.builds(
        plots.Read,
        st.integers(-20, 20),
        st.lists(st.sampled_from([0.1, 0.7, 2.5, 3, 7, 1e300, float("nan"), float("inf")]), max_size=4),
        st.sampled_from("abcde"),
    ),
    min_size=1,
    max_size=9,
)


def filled(*batches: Any) -> Sequence[Any]:
    """Return the states of fillings with batches, or with shares of them."""
    fillings = [Filling(reducer, 1) for reducer in REDUCERS]
    for batch in batches:
        for place, filling in enumerate(fillings):
            if isinstance(batch, Share):
                filling.add(batch.reducers[place])
            else:
                filling.fill(batch)
    return [filling.state() for filling in fillings]


@given(st.lists(st.lists(spills_in, min_size=1, max_size=3), max_size=3))
def test_they_add_up_to_what_is_filled(groups: list[list[list[Any]]]) -> None:
    sharing, shares = Sharing(REDUCERS), []
    for group in groups:
        for batch in group:
            sharing.fill(batch)
        shares.append(sharing.share())
        assert len(shares[-1]) == sum(map(len, group))
    assert filled(*shares) == filled(*(batch for group in groups for batch in group))


def test_a_function_that_raises_is_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    sharing = Sharing([plots.kinds])
    filling = Filling(plots.kinds, 4235)
    for _ in range(3):
        sharing.fill([plots.Read(1, [7.0])])
        with caplog.at_level(logging.WARNING):
            filling.add(sharing.share().reducers[0])
    [told] = caplog.messages
    assert told.startswith("run 4235: picky of Kinds (")
    assert told.endswith("lost spills: ValueError: no sevens")
    assert filling.lost_spills()["picky"] == 3


def test_a_function_may_use_its_array_again() -> None:
    numbers, buffer = Reducer("Numbers", reads=plots.counts.reads), np.zeros(1)

    @numbers.hist("sum", Regular(4, 0, 4), weights=True)
    def summed(columns: Any) -> Any:
        buffer[0] = columns.spills[0]
        return buffer, buffer

    alone, sharing, adding = Filling(numbers, 1), Sharing([numbers]), Filling(numbers, 1)
    for n in (1, 2, 3):
        alone.fill([plots.Read(n)])
        sharing.fill([plots.Read(n)])
    adding.add(sharing.share().reducers[0])
    assert adding.state() == alone.state()


class Unspeakable:
    def __str__(self) -> str:
        raise RuntimeError("no word for it")


def test_an_array_that_cannot_be_filled_loses_the_data_that_it_was_made_of(
    caplog: pytest.LogCaptureFixture,
) -> None:
    filling, sharing = Filling(plots.kinds, 1), Sharing([plots.kinds])
    words = list(plots.kinds.histograms).index("words")
    unspeakable = np.array([Unspeakable()], np.object_)
    filling.add(sharing.share().reducers[0]._replace(given=[(words, 2, (unspeakable,))]))
    assert filling.lost_spills()["words"] == 2
    assert "words of Kinds" in caplog.text
    assert "no word for it" in caplog.text


def test_what_adds_up_is_counts_in_bins_that_stay() -> None:
    axis = Regular(2, 0, 2)
    assert Histogram("h", (axis, axis), "", lambda columns: columns).adds_up
    assert not Histogram("h", (axis, Strip()), "", lambda columns: columns).adds_up
    assert not Histogram("h", (axis,), "", lambda columns: columns, Kind.WEIGHTED).adds_up


def test_much_that_is_to_be_filled_in_order_is_seen() -> None:
    sharing = Sharing(REDUCERS)
    sharing.fill([plots.Read(1, [1.0] * 1000)])
    assert sharing.bytes_given > 8 * 1000 * 4
    sharing.share()
    assert sharing.bytes_given == 0
