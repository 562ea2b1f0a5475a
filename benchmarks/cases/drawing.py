"""Refreshing the pictures of a growing run."""

import statistics
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.asking import Answer, Contender, in_turn, median
from benchmarks.inputs import SPILLS, spills
from benchmarks.rows import Bench, Row, at_least

SIZE = "0.15 MB"
FASTER = 4.0
CHECKS = 10
"""How often pictures are compared with those that a new process draws, and plain Python draws its own."""
A_PICTURE = "tof_SpacePoints_X"
"""Whose bytes the floor is measured with."""


def measure(bench: Bench) -> Iterator[Row]:
    """Give the rows of drawing."""
    with ExitStack() as stack:
        directories = [stack.enter_context(TemporaryDirectory(prefix="bench.")) for _ in range(3)]
        ours, theirs, plain = _grow(stack, bench, directories)
        floor = stack.enter_context(Contender("floor"))
        picture = str(Path(directories[0], f"image{A_PICTURE}.png"))
        least = in_turn(
            bench.runs,
            {
                "encode": lambda: floor.ask("encode", path=picture),
                "write": lambda: floor.ask("write", path=picture),
            },
        )
    pictures = ours[0]["pictures"]
    yield at_least(
        f"refreshing the {pictures} PNGs of an open run, mean of {bench.refreshes} refreshes, against SaveAs",
        _mean(theirs, "cpu") / _mean(ours, "cpu"),
        FASTER,
        [
            _each("runfolio", ours, pictures),
            f"not counted: both files of histograms, {1e3 * _mean(ours, 'files'):.1f} ms a refresh",
            _each("MAUS's way", theirs, pictures),
            _each(f"plain Python, {len(plain)} refreshes", plain, pictures),
            f"floor: encoding one PNG {1e3 * median(least['encode'], 'cpu'):.2f} ms of CPU",
            f"floor: writing one and forcing it to the disk {1e3 * median(least['write'], 'wall'):.2f} ms",
        ],
    )
    yield _compared(ours)


def _grow(
    stack: ExitStack, bench: Bench, directories: Sequence[str]
) -> tuple[list[Answer], list[Answer], list[Answer]]:
    """Return what each refresh took runfolio, MAUS's way, and plain Python, which is asked for a few."""
    path, refreshes = spills(bench.inputs, SIZE), bench.refreshes
    contenders = [
        stack.enter_context(Contender(f"{name}_pictures", path, directory))
        for name, directory in zip(("runfolio", "maus", "plain"), directories, strict=True)
    ]
    found: tuple[list[Answer], list[Answer], list[Answer]] = [], [], []
    each, between = SPILLS[SIZE] // refreshes, max(refreshes // CHECKS, 1)
    for number in range(refreshes):
        first, last, check = number * each, (number + 1) * each, number % between == 0
        found[0].append(contenders[0].ask("refresh", first=first, last=last, compare=check))
        found[1].append(contenders[1].ask("refresh", first=first, last=last))
        if check:
            last_of_these = min(number + between, refreshes) * each
            found[2].append(contenders[2].ask("refresh", first=first, last=last_of_these))
    return found


def _compared(answers: Sequence[Answer]) -> Row:
    compared = [each["wrong"] for each in answers if "wrong" in each]
    wrong = sorted({tag for each in compared for tag in each})
    return Row(
        what=f"the pictures of {len(compared)} of these refreshes, beside those that a new process draws",
        target="equal, pixel by pixel",
        reached=f"{len(wrong)} pictures differ" if wrong else "equal",
        met=not wrong,
        figures=wrong,
    )


def _each(name: str, answers: Sequence[Answer], pictures: int) -> str:
    cpu, wall = (1e3 * _mean(answers, figure) / pictures for figure in ("cpu", "wall"))
    return f"{name}: {cpu:.2f} ms of CPU a picture, {wall:.2f} ms of wall time"


def _mean(answers: Sequence[Answer], figure: str) -> float:
    return statistics.fmean(each[figure] for each in answers)
