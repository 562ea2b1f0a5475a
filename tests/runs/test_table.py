"""The tables of docs/runs.md: each cell is what a tracker does."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from following import GARBAGE, Followed, end, footer, header, images, marker
from runfolio.runs import (
    Data,
    EndedBy,
    Event,
    Images,
    Opened,
    Over,
    Passed,
    Rejected,
    Run,
    Status,
    Tracker,
    TrackerState,
)
from runfolio.stream import BrokenOff
from support import spill

DOCS = Path(__file__).resolve().parents[2] / "docs"
RUN, OTHER, THIRD = 1, 2, 3
GRACE, IDLE_TIMEOUT = 10.0, 5.0
CANNOT_BE = "–"  # noqa: RUF001 - a dash, as tables have it
OF_THE_OTHER = " of the other"


def tables() -> Mapping[str, list[list[str]]]:
    """Return the tables of the page by their first heading: the cells of each row, headings first."""
    found = re.findall(r"(?:^\|.*\|\n)+", (DOCS / "runs.md").read_text(), re.MULTILINE)
    rows = [
        [[cell.strip() for cell in line[1:-1].split(" | ")] for line in each.splitlines()] for each in found
    ]
    return {table[0][0]: [table[0], *table[2:]] for table in rows}


# --- how a run ended -----------------------------------------------------------------------------

ENDINGS = [[cell.strip("`") for cell in row] for row in tables()["how it ended"][1:]]


def test_every_reason_has_its_row() -> None:
    assert sorted(row[1] for row in ENDINGS) == sorted(EndedBy)


def test_every_reason_is_named_where_run_json_is_described() -> None:
    [row] = re.findall(r"^\| `ended_by` \|.*", (DOCS / "run-folder.md").read_text(), re.MULTILINE)
    assert [reason for reason in EndedBy if f"`{reason}`" not in row] == []


@pytest.mark.parametrize("says_end", [True, False])
@pytest.mark.parametrize("row", ENDINGS, ids=[row[1] for row in ENDINGS])
def test_a_reason_gives_the_status(row: list[str], says_end: bool) -> None:
    _, reason, with_end, without_end = row
    told = with_end if says_end else without_end
    if told == CANNOT_BE:
        assert reason in (EndedBy.RUN_FOOTER, EndedBy.END_OF_RUN_SPILL)  # which is how data say it
        return
    run = Run(RUN, 0.0, says_end=says_end)
    run.end(EndedBy(reason), 0.0, 0.0)
    assert run.status is Status(told)


# --- all cases -----------------------------------------------------------------------------------


def stream() -> Followed:
    return Followed(GRACE, live=True)


def stream_with_timeout() -> Followed:
    return Followed(GRACE, live=True, idle_timeout=IDLE_TIMEOUT)


def file_of_two_runs() -> Followed:
    return Followed(GRACE, most_open=2)


def wait(found: Followed, seconds: float) -> Sequence[Event]:
    found.clock.seconds += seconds
    return found.send(None)


def restart(found: Followed) -> None:
    data = msgspec.msgpack.encode(found.tracker.state())
    found.tracker = Tracker(found.clock, GRACE)
    found.tracker.restore(msgspec.msgpack.decode(data, type=TrackerState))


def restart_without_input(found: Followed) -> None:
    restart(found)
    found.close(EndedBy.CRASHED)


def others_open(found: Followed) -> None:
    found.send(spill(OTHER, 1), spill(THIRD, 1))


STATES: Mapping[str, Callable[[Followed], object]] = {
    "unknown": lambda found: found.send(),
    "only images": lambda found: found.send(images(RUN)),
    "open": lambda found: found.send(spill(RUN, 1)),
    "ended": lambda found: found.send(spill(RUN, 1), footer(RUN)),
    "sealed": lambda found: (found.send(spill(RUN, 1), footer(RUN)), wait(found, GRACE)),
    "again": lambda found: (STATES["sealed"](found), found.send(header(RUN))),
}


@dataclass(frozen=True)
class Comes:
    """What comes, in which kind of input, and beside what else."""

    take: Callable[[Followed], object]
    input: Callable[[], Followed] = stream
    beside: Callable[[Followed], object] = lambda found: found.send()


COMES = {
    "its header": Comes(lambda found: found.send(header(RUN))),
    "its physics spill": Comes(lambda found: found.send(spill(RUN, 2))),
    "its spill of another type": Comes(lambda found: found.send(marker(RUN, "calibration_event"))),
    "its marker": Comes(lambda found: found.send(marker(RUN))),
    "its `end_of_run` spill": Comes(lambda found: found.send(end(RUN))),
    "its footer": Comes(lambda found: found.send(footer(RUN))),
    "an image with its number": Comes(lambda found: found.send(images(RUN))),
    "an image without a number": Comes(lambda found: found.send(images())),
    "an image without a number, another run being open": Comes(
        lambda found: found.send(images()), beside=lambda found: found.send(images(OTHER))
    ),
    "a bad document that names it": Comes(lambda found: found.send(spill(RUN, 2, time_stamp="bad"))),
    "a line that cannot be read": Comes(lambda found: found.send(GARBAGE)),
    "the header of another run": Comes(lambda found: found.send(header(OTHER))),
    "the first spill of another run": Comes(lambda found: found.send(spill(OTHER, 1))),
    "an image of another run": Comes(lambda found: found.send(images(OTHER))),
    "nothing for the grace": Comes(lambda found: wait(found, GRACE)),
    "nothing for the idle timeout": Comes(lambda found: wait(found, IDLE_TIMEOUT), stream_with_timeout),
    "the input breaks off": Comes(lambda found: found.take(BrokenOff())),
    "the end of the input": Comes(lambda found: found.close(EndedBy.END_OF_INPUT)),
    "SIGINT or SIGTERM": Comes(lambda found: found.close(EndedBy.INTERRUPTED)),
    "killed, and started again with its file": Comes(restart),
    "killed, and started again with a pipe": Comes(restart_without_input),
    "too many runs side by side": Comes(others_open, file_of_two_runs),
}

HEADINGS, *ROWS = tables()["what comes"]
CELLS = [
    pytest.param(row[0], state.strip("`"), cell, id=f"{row[0]}, {state}")
    for row in ROWS
    for state, cell in zip(HEADINGS[1:], row[1:], strict=True)
]


@dataclass(frozen=True)
class Claim:
    """What a cell says: the next state, what ended the run, whether it is torn, what is counted."""

    state: str
    ended_by: str | None
    torn: bool
    counted: Counter[str]

    @classmethod
    def read(cls, cell: str) -> "Claim":
        found = re.fullmatch(r"([a-z ]+?)(?: by `(\w+)`)?(, torn)?(?:: (.+))?", cell)
        assert found, f"a cell is not understood: {cell}"
        state, ended_by, torn, counted = found.groups()
        words = [word.replace("`", "") for word in counted.split(", ")] if counted else []
        return cls(state, ended_by, torn is not None, Counter(words))


def known(found: Followed) -> Run | None:
    """Return the run in question, open or over, None where nothing has come of it."""
    runs = [run for run in (*found.over, *found.tracker.open_runs) if run.number == RUN]
    return runs[-1] if runs else None


def is_open(found: Followed) -> bool:
    return known(found) in found.tracker.open_runs


def state_of(found: Followed) -> str:
    run, state = known(found), found.tracker.state()
    if is_open(found):
        assert run is not None
        return "ended" if run.ended_by else "open" if run.begun else "only images"
    if RUN in state.anew:
        return "again"
    return "sealed" if RUN in state.sealed else "unknown"


def counted(found: Followed) -> Counter[str]:
    """Return what all documents were counted as."""
    total = Counter({f"stray {kind}": count for kind, count in found.tracker.stray.items()})
    for run in (*found.over, *found.tracker.open_runs):
        of_the_run = dict(vars(run.tally))
        del of_the_run["rejected"]  # told of by events, with and without a run
        whose = "" if run.number == RUN else OF_THE_OTHER
        total.update({f"{name}{whose}": count for name, count in of_the_run.items()})
    total.update(f"rejected {reason}" for _, reason in found.rejected)
    return total


@dataclass(frozen=True)
class Before:
    """What was, before it came."""

    counted: Counter[str]
    is_open: bool
    ended_by: str | None

    @classmethod
    def of(cls, found: Followed) -> "Before":
        run = known(found)
        return cls(counted(found), is_open(found), run.ended_by if run else None)


def test_the_table_has_every_state_and_all_that_comes() -> None:
    assert [heading.strip("`") for heading in HEADINGS[1:]] == list(STATES)
    assert [row[0].strip("`") for row in tables()["state"][1:]] == list(STATES)
    assert [row[0] for row in ROWS] == list(COMES)


@pytest.mark.parametrize("state", STATES)
def test_a_run_can_be_brought_into_each_state(state: str) -> None:
    found = stream()
    STATES[state](found)
    assert state_of(found) == state


def test_only_what_is_not_in_such_files_cannot_be() -> None:
    cannot_be = [
        (row[0], state)
        for row in ROWS
        for state, cell in zip(STATES, row[1:], strict=True)
        if cell == CANNOT_BE
    ]
    assert cannot_be == [("too many runs side by side", state) for state in ("only images", "again")]


@pytest.mark.parametrize(("comes", "state", "cell"), CELLS)
def test_a_cell_is_what_a_tracker_does(comes: str, state: str, cell: str) -> None:
    if cell == CANNOT_BE:
        return
    claim, case = Claim.read(cell), COMES[comes]
    found = case.input()
    STATES[state](found)
    case.beside(found)
    before, seen = Before.of(found), len(found.events)
    case.take(found)
    assert state_of(found) == claim.state
    check_end(claim, before, found)
    check_counts(claim, before, found)
    check_events(claim, before, found, found.events[seen:])


def check_end(claim: Claim, before: Before, found: Followed) -> None:
    run = known(found)
    goes_on = claim.state in ("unknown", "only images", "open")
    assert (run.ended_by if run else None) == (claim.ended_by or (None if goes_on else before.ended_by))
    assert (run.torn if run else False) == claim.torn


def check_counts(claim: Claim, before: Before, found: Followed) -> None:
    changed = counted(found) - before.counted
    if not any(name.endswith(OF_THE_OTHER) for name in claim.counted):
        changed = Counter({name: n for name, n in changed.items() if not name.endswith(OF_THE_OTHER)})
    assert changed == claim.counted


def check_events(claim: Claim, before: Before, found: Followed, events: Sequence[Event]) -> None:
    of_the_run = [type(each) for each in events if not isinstance(each, Passed) and each.run is known(found)]
    assert of_the_run.count(Opened) == (is_open(found) and not before.is_open)
    assert of_the_run.count(Over) == (before.is_open and not is_open(found))
    assert of_the_run.count(Data) == claim.counted["filled"]
    assert of_the_run.count(Images) == claim.counted["images"]
    passed = [each for each in events if isinstance(each, Passed) and each.document.run_number == RUN]
    assert len(passed) == claim.counted["run_headers"]
    alone = is_open(found) and len(found.tracker.open_runs) == 1
    refused = [each for each in events if isinstance(each, Rejected)]
    assert all(each.run is (known(found) if alone else None) for each in refused)
