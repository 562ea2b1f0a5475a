"""The benchmark's side: contenders as processes, asked in turn so that what disturbs one disturbs all."""

import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

Answer = dict[str, Any]


class ContenderFailed(Exception):  # noqa: N818 - what has happened, not what was wrong
    """A contender ended in the middle of a measurement; what it had to say is on standard error."""


class Contender:
    """A process that measures what it is asked to.

    Args:
        module: of `benchmarks.contenders`.
        arguments: of its command line.

    """

    def __init__(self, module: str, *arguments: object) -> None:
        self.name = module
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", f"benchmarks.contenders.{module}", *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._process.kill()
        self._process.communicate()

    def ask(self, way: str, **details: object) -> Answer:
        """Have something measured, and return what was found.

        Raises:
            ContenderFailed: it could not be.

        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps({"way": way, **details}) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # it has ended, as the missing answer will tell
        line = self._process.stdout.readline()
        if not line:
            raise ContenderFailed(
                f"{self.name} ended with status {self._process.wait()} while asked for {way}"
            )
        found: Answer = json.loads(line)
        return found


def in_turn(runs: int, ways: Mapping[str, Callable[[], Answer]]) -> dict[str, list[Answer]]:
    """Ask for each measurement once, again and again: A B C A B C; return the answers by name."""
    found: dict[str, list[Answer]] = {name: [] for name in ways}
    for _ in range(runs):
        for name, ask in ways.items():
            found[name].append(ask())
    return found


def median(answers: Sequence[Answer], figure: str) -> float:
    """Return the median of one figure."""
    return float(statistics.median(each[figure] for each in answers))
