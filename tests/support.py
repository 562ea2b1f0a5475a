"""Words for tests of the whole: documents to send, and what has become of them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec

Runfolio = Callable[..., subprocess.CompletedProcess[str]]

WITHOUT_ROOT_POWERS = (
    ("setpriv", "--bounding-set", "-dac_override,-dac_read_search") if os.geteuid() == 0 else ()
)
"""Put before a command: root may read and write everything, and permissions are to count."""

PNG = b"\x89PNG\r\n\x1a\n"
"""How a PNG begins: nothing that is sent as one may begin otherwise."""

PROGRAM = (sys.executable, "-m", "runfolio")


@dataclass
class FakeClock:
    """Stands still until it is told."""

    seconds: float = 0.0

    def now(self) -> float:
        return 1_000_000 + self.seconds

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        """Go on by so many seconds, at once."""
        self.seconds += seconds


_State = TypeVar("_State", bound=msgspec.Struct)


def through_bytes(state: _State) -> _State:
    """Return a state as it comes back from a file."""
    return msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=type(state))


def clean_environment(**extra: str) -> dict[str, str]:
    """Return the environment without what changes runfolio's ways."""
    foreign = ("RUNFOLIO_", "MAUS_", "SOURCE_DATE_EPOCH", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "MPL")
    return {name: value for name, value in os.environ.items() if not name.startswith(foreign)} | extra


def spill(run_number: int, number: int, **fields: Any) -> dict[str, Any]:
    """Return a physics spill without events."""
    return {
        "maus_event_type": "Spill",
        "run_number": run_number,
        "spill_number": number,
        "daq_event_type": "physics_event",
        **fields,
    }


def mark(kind: str, run_number: int) -> dict[str, Any]:
    """Return a run's header or footer."""
    return {"maus_event_type": kind, "run_number": run_number}


def stream(*documents: Mapping[str, Any] | bytes) -> bytes:
    """Return documents one a line; bytes go in as they are."""
    return b"".join(
        (each if isinstance(each, bytes) else json.dumps(each).encode()) + b"\n" for each in documents
    )


def record(folder: Path) -> dict[str, Any]:
    """Return a run folder's run.json."""
    found: dict[str, Any] = json.loads((folder / "run.json").read_text())
    return found


def entries(folder: Path, reducer: str = "ReducePyTOFPlot") -> dict[str, int]:
    """Return the entries of a reducer's histograms by name."""
    return {each["name"]: each["entries"] for each in record(folder)["histograms"][reducer]}


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def rejected(live: Path, name: str = "rejected.jsonl") -> Sequence[dict[str, Any]]:
    """Return what was set aside, of itself or, in `late.jsonl`, since it came late."""
    return [json.loads(line) for line in (live / name).read_text().splitlines()]


def left_in(staging: Path) -> list[str]:
    """Return what is in a staging but the states of sealed runs, which are kept there for what comes late."""
    return sorted(path.name for path in staging.iterdir() if path.name != "kept")


def open_descriptors() -> int:
    """Return how many descriptors this process has open."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())
