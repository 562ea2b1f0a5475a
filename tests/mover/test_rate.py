"""Rates: how long who sends has to wait, by a clock that goes on only when somebody waits."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfolio.mover.carrier import Gone
from runfolio.mover.rate import Rate
from support import FakeClock

SIZES = st.lists(st.integers(0, 1 << 20), max_size=30)


def limited(rate: float | None, clock: FakeClock) -> Rate:
    return Rate(rate, now=clock.monotonic, wait=clock.sleep)


@given(SIZES, st.integers(1, 1 << 40))
def test_all_together_takes_as_long_as_the_rate_says(sizes: list[int], rate: int) -> None:
    clock = FakeClock()
    limit = limited(rate, clock)
    for size in sizes:
        limit.sent(size)
    assert clock.seconds == pytest.approx(sum(sizes) / rate)


@given(SIZES)
def test_several_that_send_at_a_time_share_it(sizes: list[int]) -> None:
    pauses: list[float] = []
    limit = Rate(1000, now=lambda: 50.0, wait=pauses.append)  # nobody's pause is over yet
    for size in sizes:
        limit.sent(size)
    assert max(pauses, default=0) == pytest.approx(sum(sizes) / 1000)


def test_what_was_not_sent_earlier_is_not_made_up_for() -> None:
    clock = FakeClock()
    limit = limited(100, clock)
    limit.sent(100)
    clock.sleep(1000)
    before = clock.seconds
    limit.sent(100)
    assert clock.seconds == before + 1


@pytest.mark.parametrize(("rate", "count"), [(None, 10**12), (10, 0)])
def test_without_a_rate_or_bytes_nobody_waits(rate: float | None, count: int) -> None:
    clock = FakeClock()
    limit = limited(rate, clock)
    limit.sent(count)
    assert clock.seconds == 0


def test_who_sends_nothing_does_not_wait_for_the_others() -> None:
    pauses: list[float] = []
    limit = Rate(1, now=lambda: 0.0, wait=pauses.append)
    limit.sent(1000)
    limit.sent(0)
    assert pauses == [1000, 0]


@pytest.mark.parametrize("rate", [None, 1.0])
@pytest.mark.parametrize("count", [0, 1])
def test_who_waits_may_give_up(rate: float | None, count: int) -> None:
    limit = Rate(rate, now=lambda: 0.0, wait=give_up)
    for _ in range(2):  # the second, too: nothing stays locked
        with pytest.raises(Gone):
            limit.sent(count)


def give_up(_seconds: float) -> Callable[[], None]:
    raise Gone
