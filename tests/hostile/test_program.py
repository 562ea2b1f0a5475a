"""The worst of the corpus, through the program itself: bounded memory, printable lines, no traceback."""

from pathlib import Path

import pytest

from hostile.cases import Case
from hostile.corpus import CASES
from hostile.packed import BOMBS, Packed
from hostile.processing import elsewhere
from hostile.program import run_bounded
from support import record

WORST = (
    "run number of 4,001 digits",
    "run number 2^63-1",
    "time beyond floats",
    "no JSON: lists in lists",
    "no JSON: objects in objects",
    "no JSON: nulls",
    "no JSON: half a surrogate pair",
    "not UTF-8: an overlong slash",
    "UTF-16 with its mark",
    "carriage returns between documents",
    "100,000 keys",
    "a line of 100 MB",
    "a bracket opened on each of 10,000 lines",
    "tags that are no names of files",
    "10,000 bad entries",
    "an entry nested deeply",
    "10^6 slab hits in an event",
    "10^6 events in a spill",
    "10^8 pairs of bars in a track",
    "10^308 for every value",
)
QUIET = ("--histogram-image-type", "none", "--grace", "60", "--plots", "mice")


def test_the_worst_are_there() -> None:
    assert len({case.name for case in CASES} & set(WORST)) == len(WORST) == 20


@pytest.mark.parametrize("case", [case for case in CASES if case.name in WORST], ids=lambda case: case.name)
def test_the_worst_documents_cost_themselves_alone(place: Path, case: Case) -> None:
    (place / "spills.json").write_bytes(case.stream)
    before = set(elsewhere(place))
    done = run_bounded(place, "run", "spills.json", *QUIET)
    said = (done.stdout + done.stderr).decode()
    assert done.returncode == case.exit_status
    assert all(line.isprintable() for line in said.splitlines())
    assert "Traceback" not in said
    assert "a mistake in runfolio" not in said
    assert set(elsewhere(place)) == before
    counts = record(place / "end_of_run" / "1")["documents"]
    assert counts["filled"] == 2 + case.counted.get("filled", 0)


@pytest.mark.parametrize("case", BOMBS, ids=lambda case: case.name)
def test_a_thousand_megabytes_out_of_a_few_bytes_are_read_in_bounded_memory(
    place: Path, case: Packed
) -> None:
    (place / case.file).write_bytes(case.made())
    done = run_bounded(place, "run", case.file, *QUIET)
    assert done.returncode == (1 if case.rejected else 0), done.stderr
    found = record(place / "end_of_run" / "1")["documents"]
    assert (found["filled"], found["rejected"]) == (case.filled, case.rejected)
