"""Refreshing the pictures of a growing run."""

from collections.abc import Iterator
from contextlib import ExitStack
from tempfile import TemporaryDirectory

from benchmarks.asking import Answer, Contender
from benchmarks.inputs import SPILLS, spills
from benchmarks.rows import Bench, Row, at_least

SIZE = "0.15 MB"
FASTER = 4.0
CHECKS = 10
"""How often the pictures are compared with those that a new process draws."""


def measure(bench: Bench) -> Iterator[Row]:
    """Give the rows of drawing."""
    path, refreshes = spills(bench.inputs, SIZE), bench.refreshes
    each = SPILLS[SIZE] // refreshes
    ours: list[Answer] = []
    theirs: list[Answer] = []
    with ExitStack() as stack:
        directories = [stack.enter_context(TemporaryDirectory(prefix="bench.")) for _ in range(2)]
        maus = stack.enter_context(Contender("maus_pictures", path, directories[0]))
        runfolio = stack.enter_context(Contender("runfolio_pictures", path, directories[1]))
        for number in range(refreshes):
            grown = {"first": number * each, "last": (number + 1) * each}
            compare = number % max(refreshes // CHECKS, 1) == 0
            ours.append(runfolio.ask("refresh", **grown, compare=compare))
            theirs.append(maus.ask("refresh", **grown))
    pictures = ours[0]["pictures"]
    ratio = _mean(theirs, "cpu") / _mean(ours, "cpu")
    yield at_least(
        f"refreshing the {pictures} PNGs of an open run, mean of {refreshes} refreshes, against SaveAs",
        ratio,
        FASTER,
        [
            f"{name}: {1e3 * _mean(answers, 'cpu') / pictures:.2f} ms of CPU a picture,"
            f" {1e3 * _mean(answers, 'wall') / pictures:.2f} ms of wall time"
            for name, answers in (("MAUS's way", theirs), ("runfolio", ours))
        ],
    )
    compared = [each["wrong"] for each in ours if "wrong" in each]
    wrong = [tag for each in compared for tag in each]
    yield Row(
        what=f"the pictures of {len(compared)} of these refreshes beside a full redraw",
        target="equal, pixel by pixel",
        reached=f"{len(wrong)} differ" if wrong else "equal",
        met=not wrong,
        figures=[", ".join(sorted(set(wrong)))] if wrong else [],
    )


def _mean(answers: list[Answer], figure: str) -> float:
    return sum(float(each[figure]) for each in answers) / len(answers)
