"""Random numbers that are the same on every machine and with every version of numpy.

numpy keeps the raw bits of a generator stable, but neither its distributions nor the last digit of
its exp and log, which depends on the processor. So a distribution here is a table of quantiles,
worked out by the standard library and rounded, and a draw is one interpolation: products and sums of
doubles, which every machine rounds alike.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_CELLS = 4096
_DECIMALS = 6  # coarse enough that the last digit of a log or exp has no say


class Chance:
    """A stream of uniform numbers, of its own for each key (`seed`, then any whole numbers)."""

    def __init__(self, seed: int, *key: int) -> None:
        self._bits = np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key))

    def uniform(self, *shape: int) -> Floats:
        """Return numbers in [0, 1), multiples of 2^-53."""
        raw = np.asarray(self._bits.random_raw(math.prod(shape)), dtype=np.uint64)
        numbers: Floats = (raw >> np.uint64(11)).astype(np.float64) * 2.0**-53
        return numbers.reshape(shape)

    def occurs(self, rate: float, *shape: int) -> Bools:
        """Return True at `rate` of the places."""
        return self.uniform(*shape) < rate

    def below(self, limit: int, *shape: int) -> Ints:
        """Return whole numbers from 0 to `limit` - 1."""
        return (self.uniform(*shape) * limit).astype(np.int64)


@dataclass(frozen=True)
class Quantiles:
    """A distribution as its quantiles at equal steps of probability, straight lines between them."""

    start: Floats
    step: Floats

    def of(self, uniform: Floats) -> Floats:
        """Return the values at the probabilities `uniform`, each in [0, 1)."""
        place = uniform * len(self.start)
        cell = place.astype(np.int64)
        values: Floats = self.start[cell] + self.step[cell] * (place - cell)
        return values


def quantiles(inverse: Callable[[float], float]) -> Quantiles:
    """Tabulate `inverse`, from a probability to a value; it is never asked for 0 or 1 itself."""
    edge = 0.25 / _CELLS
    probabilities = [min(max(k / _CELLS, edge), 1 - edge) for k in range(_CELLS + 1)]
    table = np.array([round(inverse(p), _DECIMALS) for p in probabilities])
    return Quantiles(table[:-1], np.diff(table))


def normal(mean: float, sigma: float, low: float, high: float) -> Quantiles:
    """Tabulate a normal distribution that is cut off at `low` and `high`."""
    bell = NormalDist(mean, sigma)
    first, last = bell.cdf(low), bell.cdf(high)
    return quantiles(lambda p: min(max(bell.inv_cdf(first + p * (last - first)), low), high))


def moyal(peak: float, width: float) -> Quantiles:
    """Tabulate Moyal's form of the Landau distribution (J. E. Moyal, Phil. Mag. 46 (1955) 263)."""
    bell = NormalDist()
    return quantiles(lambda p: peak - 2 * width * math.log(bell.inv_cdf(1 - p / 2)))


def poisson(means: list[float]) -> NDArray[np.int64]:
    """Tabulate Poisson counts, one row a mean; each entry of a row is as likely as the next."""
    middles = (np.arange(_CELLS) + 0.5) / _CELLS
    return np.stack([np.searchsorted(_cumulative(mean), middles) for mean in means]).astype(np.int64)


def _cumulative(mean: float) -> list[float]:
    term = total = math.exp(-mean)
    sums = [total]
    while total < 1 - 0.25 / _CELLS:
        term *= mean / len(sums)
        total += term
        sums.append(total)
    return sums
