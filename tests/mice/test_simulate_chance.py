"""Random numbers: known values, keys of their own, and tables that have the shape they are named for."""

import numpy as np
import pytest

from runfolio.mice.simulation.chance import Chance, Quantiles, moyal, normal, poisson

EVENLY = (np.arange(100_000) + 0.5) / 100_000


def test_first_numbers_are_known() -> None:
    assert Chance(1, 2, 3).uniform(3).tolist() == [
        0.08951714423608426,
        0.22866869020296077,
        0.946810828367106,
    ]


@pytest.mark.parametrize("key", [(), (0,), (0, 0), (1,), (0, 1)])
def test_other_keys_give_other_numbers(key: tuple[int, ...]) -> None:
    others = [k for k in [(), (0,), (0, 0), (1,), (0, 1)] if k != key]
    assert Chance(7, *key).uniform(1) not in [Chance(7, *other).uniform(1) for other in others]


def test_uniform_numbers_fill_zero_to_one_evenly() -> None:
    counts = np.histogram(Chance(5).uniform(100, 1000), bins=10, range=(0, 1))[0]
    assert counts.sum() == 100_000
    assert np.abs(counts - 10_000).max() < 400


def test_rates_and_limits_are_kept() -> None:
    assert abs(Chance(5).occurs(0.1, 100_000).mean() - 0.1) < 0.004
    assert np.unique(Chance(5).below(7, 1000)).tolist() == list(range(7))


def test_no_numbers_can_be_asked_for() -> None:
    assert Chance(5).uniform(0, 8).shape == (0, 8)


def test_normal_has_its_mean_and_width_and_stays_inside() -> None:
    values = normal(10, 2, 2, 18).of(EVENLY)
    assert values.mean() == pytest.approx(10, abs=1e-3)
    assert values.std() == pytest.approx(2, rel=2e-3)
    assert values.min() >= 2
    assert values.max() <= 18


def test_moyal_peaks_where_it_says() -> None:
    counts, edges = np.histogram(moyal(1000, 100).of(EVENLY), bins=40, range=(600, 2600))
    assert edges[counts.argmax()] <= 1000 < edges[counts.argmax() + 2]


def test_moyal_has_its_known_mean_and_median() -> None:
    values = moyal(0, 1).of(EVENLY)
    assert values.mean() == pytest.approx(1.2704, abs=0.01)  # Euler's constant + ln 2
    assert np.median(values) == pytest.approx(0.7876, abs=1e-3)


@pytest.mark.parametrize("mean", [0.08, 1.0, 6.5])
def test_poisson_has_its_mean_and_variance(mean: float) -> None:
    counts = poisson([mean])[0]
    assert counts.mean() == pytest.approx(mean, rel=0.01)
    assert counts.var() == pytest.approx(mean, rel=0.02)


def test_quantiles_are_joined_by_straight_lines() -> None:
    table = Quantiles(np.array([0.0, 10.0]), np.array([10.0, 30.0]))
    assert table.of(np.array([0.0, 0.25, 0.5, 0.75])).tolist() == [0.0, 5.0, 10.0, 25.0]
