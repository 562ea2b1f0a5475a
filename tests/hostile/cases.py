"""What a hostile case is: what is sent between two sound spills of run 1, and what has to come of it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from runfolio.mice.reducers import BEAM_LINE
from runfolio.plots import Reducer
from support import mark, spill, stream

ENDED: Mapping[int, str] = {1: "run_footer"}


@dataclass(frozen=True, kw_only=True)
class Case:
    """One stream: a spill of run 1, what is hostile, another spill, and the run's footer."""

    name: str
    sent: bytes | Callable[[], bytes]
    """The hostile lines, or what makes them, where they are many."""
    reducers: tuple[Reducer, ...] = BEAM_LINE
    first: bytes = b""
    """Lines before the first spill."""
    documents: int = 1
    """How many documents were sent beside the spills and the footer."""
    counted: Mapping[str, int] = field(default_factory=dict)
    """What of them is counted with run 1, by the words of run.json, but for what is rejected."""
    rejected: Mapping[str, int] = field(default_factory=dict)
    """By reason, entries of image documents too."""
    runs: Mapping[int, str] = field(default_factory=lambda: ENDED)
    """The runs that are sealed, and why they ended."""
    job_marks: int = 0
    stray: int = 0
    images: frozenset[str] = frozenset()
    """The files of images that others made, in the folder of run 1."""
    lost: frozenset[str] = frozenset()
    """The histograms that lost a spill to it."""

    @property
    def stream(self) -> bytes:
        sent = self.sent if isinstance(self.sent, bytes) else self.sent()
        return self.first + stream(spill(1, 1)) + sent + stream(spill(1, 2), mark("RunFooter", 1))

    @property
    def exit_status(self) -> int:
        return 1 if self.rejected or self.lost else 0


def refused(name: str, reason: str, *documents: Any) -> Case:
    """Return the case of documents that are all set aside, for one reason."""
    count = len(documents)
    return Case(name=name, sent=lines(*documents), documents=count, rejected={reason: count})


def taken(name: str, *documents: Any) -> Case:
    """Return the case of spills that are all filled."""
    count = len(documents)
    return Case(name=name, sent=lines(*documents), documents=count, counted={"filled": count})


def lines(*documents: Any) -> bytes:
    """Return documents one a line, with all characters that JSON lets stand; bytes go in as they are."""
    made = [
        each if isinstance(each, bytes) else json.dumps(each, ensure_ascii=False).encode()
        for each in documents
    ]
    return b"".join(each + b"\n" for each in made)


def written(**values: str) -> bytes:
    """Return a spill of run 1 in which the values of these keys stand as they are written here."""
    text = {key: json.dumps(value) for key, value in spill(1, 9).items()} | values
    return ("{" + ", ".join(f'"{key}": {value}' for key, value in text.items()) + "}").encode()


def event(**detectors: Any) -> dict[str, Any]:
    """Return a spill of run 1 with one event."""
    return spill(1, 9, recon_events=[detectors])
