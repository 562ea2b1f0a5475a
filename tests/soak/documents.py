"""What is sent: an endless stream of short runs with whatever goes wrong in one, and a ledger of it all."""

import base64
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from support import PNG, mark, spill

BAD = "bad"
"""The kind of a document that has to be set aside. All other kinds are fields of `documents` in run.json."""
JOB = "job"
"""The kind of a job's header and footer, which are counted with no run."""

FAR_BACK = 40
"""So many runs ago was the oldest one that anything still comes for; most are sealed by then."""


@dataclass(frozen=True)
class Sent:
    """A document in the ledger; its place there is its serial number, which it carries."""

    kind: str
    run: int = 0
    hits: int = 0
    bad_entry: bool = False
    """Whether it has an image that has to be set aside, beside a good one."""


@dataclass(frozen=True)
class Planned:
    """A document that is not sent yet."""

    sent: Sent
    body: dict[str, Any] = field(default_factory=dict)
    damage: Callable[[bytes], bytes] = bytes


Mishap = tuple[float, Callable[[int], Sequence[Planned]]]
"""How often something comes, and what for a run of this number."""


class Feeder:
    """Makes run after run; the same seed makes the same documents.

    Args:
        seed: of what is sent.
        late: whether anything comes for runs that have ended, or for whichever is open.

    """

    def __init__(self, seed: int, *, late: bool = True) -> None:
        self._late = late
        self.ledger: list[Sent] = []
        self.newest = 0
        self._chance = random.Random(seed)  # noqa: S311 - no secret

    def job_mark(self, kind: str, part: str) -> bytes:
        """Return the header or footer of a job."""
        body = {"maus_event_type": kind, part: {"date_time": ""}}
        return self._sent([Planned(Sent(JOB), body)])

    def next_run(self) -> bytes:
        """Return the lines of one more run, and of what comes for others meanwhile."""
        self.newest += 1
        number = self.newest
        plan = [_header(number), *(self._spill(number) for _ in range(self._chance.randint(2, 5)))]
        for chance, make in self._mishaps():
            if self._chance.random() < chance:
                place = self._chance.randint(1, len(plan))
                plan[place:place] = make(number)
        return self._sent([*plan, *self._chance.choice(self._endings(number))])

    def _mishaps(self) -> Sequence[Mishap]:
        """Return what may come in the middle of a run, and how often it does."""
        return (
            (0.3, lambda number: [_marker(number), _calibration(number)]),
            (0.3, lambda number: [_image(number)]),
            (0.1, lambda number: [_image(number, bad_entry=True)]),
            (0.2, lambda _: [_garbage()]),
            (0.1, lambda number: [_wrong(spill(number, 1, time_stamp="bad"))]),
            (0.1, lambda _: [_wrong({"maus_event_type": "Spill", "spill_number": 1})]),
            (0.1, lambda number: [_cut_off(number)]),
            (0.1, lambda number: [_header(number)]),
            (0.05, lambda number: [_footer(number + 1_000_000)]),
            *(self._latecomers() if self._late else ()),
        )

    def _latecomers(self) -> Sequence[Mishap]:
        """Return what may come for runs that have ended, or for whichever is open."""
        return (
            (0.1, lambda number: [_header(self._older(number))]),
            (0.2, lambda number: [self._spill(self._older(number))]),
            (0.05, lambda number: [_image(self._older(number))]),
            (0.05, lambda _: [_image(None)]),
            (0.05, lambda number: [_marker(self._older(number))]),
            (0.05, lambda number: [_footer(self._older(number))]),
            (0.05, lambda number: self._again(self._older(number))),
        )

    def _endings(self, number: int) -> Sequence[Sequence[Planned]]:
        footer, end = _footer(number), _end(number)
        return (
            [footer],
            [footer],
            [end, footer],
            [footer, footer],
            [end, end, footer],
            [],
            *([[footer, self._spill(number)]] if self._late else ()),
        )

    def _older(self, number: int) -> int:
        return max(1, number - self._chance.randint(1, FAR_BACK))

    def _again(self, number: int) -> Sequence[Planned]:
        """Return a run of a number that was there before."""
        return [_header(number), self._spill(number), self._spill(number), _footer(number)]

    def _spill(self, number: int) -> Planned:
        hits = [self._chance.randint(-2, 25) for _ in range(self._chance.randint(0, 8))]
        at = self._chance.randint(0, 1_000_000)
        return Planned(Sent("filled", number, hits=len(hits)), spill(number, at, at=at, hits=hits))

    def _sent(self, plan: Sequence[Planned]) -> bytes:
        """Enter documents in the ledger, in the order in which they are sent, and return their lines."""
        lines = []
        for each in plan:
            line = json.dumps({"serial": len(self.ledger), **each.body}).encode()
            self.ledger.append(each.sent)
            lines.append(each.damage(line) + b"\n")
        return b"".join(lines)


def _header(number: int) -> Planned:
    return Planned(Sent("run_headers", number), mark("RunHeader", number))


def _footer(number: int) -> Planned:
    return Planned(Sent("run_footers", number), mark("RunFooter", number))


def _marker(number: int) -> Planned:
    return Planned(Sent("markers", number), spill(number, 0, daq_event_type="start_of_burst"))


def _end(number: int) -> Planned:
    return Planned(Sent("end_of_run_spills", number), spill(number, 0, daq_event_type="end_of_run"))


def _calibration(number: int) -> Planned:
    return Planned(Sent("passed_over", number), spill(number, 2, daq_event_type="calibration_event"))


def _image(number: int | None, *, bad_entry: bool = False) -> Planned:
    """Return an image document; of its two images, one may say of itself what it is not."""
    entries = [("sent", "png", PNG), ("sent", "pdf", PNG if bad_entry else b"%PDF-")]
    body = {
        "maus_event_type": "Image",
        **({} if number is None else {"run_number": number}),
        "image_list": [
            {"tag": tag, "image_type": kind, "data": base64.b64encode(data).decode()}
            for tag, kind, data in entries
        ],
    }
    return Planned(Sent("images", number or 0, bad_entry=bad_entry), body)


def _wrong(body: dict[str, Any]) -> Planned:
    return Planned(Sent(BAD), body)


def _garbage() -> Planned:
    return Planned(Sent(BAD), {}, lambda line: line + b" \xff garbage")


def _cut_off(number: int) -> Planned:
    return Planned(Sent(BAD), spill(number, 1, hits=[1, 2, 3]), lambda line: line[:-4])
