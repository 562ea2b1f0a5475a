"""Whole runs of the program on little data: the cold start, and a thousand plots."""

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.asking import Answer, in_turn, median
from benchmarks.inputs import rows, simulated
from benchmarks.programs import COMMAND, seconds_of
from benchmarks.rows import Bench, Row, at_most

SPILLS, EVENTS = 30, 2
"""Of the small file; two events are about 20 kB."""
WITH_PICTURES, WITHOUT, HELP, THOUSAND = 2.0, 0.8, 0.15, 15.0
PLOTS, ROWS = 1000, 200
PLOTS_FILE = f"""
from runfolio import Columns, Reducer, Regular

many = Reducer("Many", reads=Columns(run="run"))
for number in range({PLOTS}):
    many.hist(f"x{{number}}", Regular(100, 0, 100))
"""


def measure(bench: Bench) -> Iterator[Row]:
    """Give the rows of starting."""
    small = simulated(bench.inputs, spills=SPILLS, events=EVENTS)
    found = in_turn(
        bench.runs,
        {
            "pictures": partial(_run, small),
            "none": partial(_run, small, "--histogram-image-type=none"),
            "help": lambda: {"wall": seconds_of([*COMMAND, "--help"])},
            "python": lambda: {"wall": seconds_of([sys.executable, "-c", "pass"])},
        },
    )
    took = {name: median(answers, "wall") for name, answers in found.items()}
    of_data = f"{SPILLS} spills, {small.stat().st_size / 1e6:.1f} MB; best {{:.2f}} s"
    beside = f"an interpreter that does nothing: {took['python']:.3f} s"
    best = {name: min(each["wall"] for each in answers) for name, answers in found.items()}
    yield at_most(
        "a whole runfolio run on a small file, cold start to sealed folder",
        took["pictures"],
        WITH_PICTURES,
        "s",
        [of_data.format(best["pictures"]), beside],
    )
    yield at_most("the same without pictures", took["none"], WITHOUT, "s", [of_data.format(best["none"])])
    yield at_most("runfolio --help", took["help"], HELP, "s", [f"best {best['help']:.3f} s", beside])
    yield _thousand(bench)


def _thousand(bench: Bench) -> Row:
    data = rows(bench.inputs, columns=PLOTS, rows=ROWS)
    plots = bench.directory / "thousand_plots.py"
    plots.write_text(PLOTS_FILE)
    answers = [_run(data, f"--plots={plots}") for _ in range(bench.runs)]
    best = min(each["wall"] for each in answers)
    return at_most(
        f"a run of {PLOTS:,} plots, cold start to sealed folder",
        median(answers, "wall"),
        THOUSAND,
        "s",
        [f"{ROWS} rows with {PLOTS:,} numbers; best {best:.2f} s"],
    )


def _run(path: Path, *options: str) -> Answer:
    with TemporaryDirectory(prefix="bench.") as directory:
        places = [f"--image-directory={directory}/live", f"--end-of-run-image-directory={directory}/sealed"]
        return {"wall": seconds_of([*COMMAND, "run", "--quiet", *places, *options, path])}
