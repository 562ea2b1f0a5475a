"""Profiling: each moment counts for one stage, and nothing is counted where nobody asks."""

from collections.abc import Iterator
from contextlib import suppress

import pytest

from runfolio.profiling import Profile, Stage, profiled, stage, timed, timed_steps


class Watch:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def profile(watch: Watch) -> Iterator[Profile]:
    with profiled(Profile(watch)) as found:
        assert found is not None
        yield found


def spent(profile: Profile) -> dict[str, float]:
    return {which.value: seconds for which, seconds in profile.seconds().items() if seconds}


def test_a_moment_counts_for_the_innermost_stage(watch: Watch, profile: Profile) -> None:
    watch.pass_by(1)
    with stage(Stage.FILLING):
        watch.pass_by(2)
        with stage(Stage.COLUMNS):
            watch.pass_by(4)
        watch.pass_by(8)
    watch.pass_by(16)
    assert spent(profile) == {"other": 17, "filling": 10, "columns": 4}


def test_a_stage_that_an_error_leaves_is_over(watch: Watch, profile: Profile) -> None:
    with suppress(ZeroDivisionError), stage(Stage.FILLING):
        watch.pass_by(1)
        watch.pass_by(1 / 0)
    watch.pass_by(2)
    assert spent(profile) == {"filling": 1, "other": 2}


def test_a_timed_function_gives_what_it_gave_and_counts(watch: Watch, profile: Profile) -> None:
    def double(value: int, *, slowly: float) -> int:
        watch.pass_by(slowly)
        if value < 0:
            raise ValueError(value)
        return 2 * value

    counted = timed(Stage.DECODING, double)
    assert counted(3, slowly=1) == 6
    with pytest.raises(ValueError, match="-1"):
        counted(-1, slowly=2)
    watch.pass_by(4)
    assert spent(profile) == {"decoding": 3, "other": 4}


def test_after_nothing_more_is_there_the_next_step_is_waiting(watch: Watch, profile: Profile) -> None:
    def items() -> Iterator[int | None]:
        for item in (1, None, 2):
            watch.pass_by(1)
            yield item
        watch.pass_by(10)

    given = []
    for item in timed_steps(Stage.READING, items()):
        given.append(item)
        watch.pass_by(100)
    assert given == [1, None, 2]
    assert spent(profile) == {"reading": 12, "waiting": 1, "other": 300}


def test_an_error_of_a_step_is_handed_on(watch: Watch, profile: Profile) -> None:
    def items() -> Iterator[int]:
        watch.pass_by(1)
        yield from (int(each) for each in ["one"])

    with pytest.raises(ValueError, match="one"):
        list(timed_steps(Stage.READING, items()))
    watch.pass_by(2)
    assert spent(profile) == {"reading": 1, "other": 2}


def test_seconds_can_be_asked_for_while_a_stage_lasts(watch: Watch, profile: Profile) -> None:
    with stage(Stage.WRITING):
        watch.pass_by(3)
        assert spent(profile) == {"writing": 3}
        watch.pass_by(1)
    assert spent(profile) == {"writing": 4}
    assert list(profile.seconds()) == list(Stage)


def test_what_nobody_asks_for_is_not_in_the_way(watch: Watch) -> None:
    items = [1, 2]
    assert timed(Stage.DECODING, len) is len
    assert list(timed_steps(Stage.READING, items)) == items
    ended = Profile(watch)
    with profiled(None) as found, stage(Stage.FILLING):
        watch.pass_by(1)
    assert found is None
    assert spent(ended) == {"other": 1}


def test_once_over_a_profile_counts_no_stages(watch: Watch) -> None:
    profile = Profile(watch)
    with profiled(profile):
        pass
    with stage(Stage.FILLING):
        watch.pass_by(1)
    assert "filling" not in spent(profile)
