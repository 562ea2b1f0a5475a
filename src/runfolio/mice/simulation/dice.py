"""One random draw at a time, for the faults of an untidy stream."""

from collections.abc import Sequence
from typing import TypeVar

from runfolio.mice.simulation.chance import Chance

T = TypeVar("T")


class Dice:
    """Single draws."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._left: list[float] = []

    def draw(self) -> float:
        """Return a number in [0, 1)."""
        if not self._left:
            self._left = self._chance.uniform(1024).tolist()
        return self._left.pop()

    def occurs(self, rate: float) -> bool:
        """Return True at that rate."""
        return self.draw() < rate

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of them."""
        return choices[int(self.draw() * len(choices))]
