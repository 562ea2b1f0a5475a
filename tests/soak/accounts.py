"""What has become of the documents of a job, against the ledger of what was sent: to the last one."""

import base64
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from runfolio.folder import RunRecord, read_record, verify
from soak.documents import BAD, JOB, Sent

STRAY = {"run_headers": "RunHeader", "run_footers": "RunFooter"}
"""How the last lines call what belongs to no open run; the rest are markers."""
SHOWN = 5
"""Of many differences, so many are told one by one."""
GIVEN_UP = re.compile(r"died \(signal 9\) in each of")
"""Why there is no picture where the drawing process was killed as often as it is tried."""
OF_A_DOCUMENT = re.compile(r'^\{"serial": (\d+)')

_Key = TypeVar("_Key")


class Accounts:
    """Is told what a job leaves behind, piece by piece.

    Args:
        ledger: what is sent to the job, and goes on growing.

    """

    def __init__(self, ledger: Sequence[Sent]) -> None:
        self.folders = 0
        self.runs: set[int] = set()
        self.problems: list[str] = []
        """What is wrong in itself, whatever was sent."""
        self.documents = 0
        self.set_aside: Counter[str] = Counter()
        """Documents that were set aside, by reason."""
        self.ended_by: Counter[str] = Counter()
        self.complete = 0
        self._ledger = ledger
        self._counted: Counter[str] = Counter()
        self._filled: Counter[int] = Counter()
        self._hits: Counter[int] = Counter()
        self._entries = 0
        self._serials: Counter[int] = Counter()
        self._aside_entries = 0
        self._stray: Counter[str] = Counter()

    def add_folder(self, folder: Path) -> None:
        """Check a run's folder, and count what it says that it holds."""
        self.problems += verify(folder).problems
        self._add_record(read_record(folder))

    def _add_record(self, record: RunRecord) -> None:
        counts, number = record.documents, record.run_number
        self.folders += 1
        self.runs.add(number)
        self.ended_by[record.ended_by] += 1
        self.complete += record.status == "complete"
        for kind in ("run_headers", "run_footers", "end_of_run_spills", "markers", "passed_over", "images"):
            self._counted[kind] += getattr(counts, kind)
        self._counted["filled"] += counts.filled
        self._filled[number] += counts.filled
        self._hits[number] += sum(each.entries for each in record.histograms.get("Soaked", ()))
        self._entries += sum(record.image_entries_rejected.values())
        self.problems += [
            f"run {number}: {each.tag}: {each.reason}"
            for each in record.images_failed
            if record.status != "interrupted" and not GIVEN_UP.search(each.reason)
        ]

    def add_set_aside(self, path: Path) -> None:
        """Count what `rejected.jsonl` or `late.jsonl` holds."""
        for line in _lines_of(path):
            if found := OF_A_DOCUMENT.match(_raw(line)):
                self._serials[int(found.group(1))] += 1
                self.set_aside[line["reason"]] += 1
            else:
                self._aside_entries += 1

    def add_summary(self, text: str) -> None:
        """Count what the last lines of a job's output say; those of a later one stand for the whole job."""
        documents = re.search(r"^([\d,]+) documents?,", text, re.MULTILINE)
        if documents is None:
            self.problems.append(f"no last lines: {text[-200:]!r}")
            return
        self.documents = _number(documents.group(1))
        strays = re.search(r"^of no open run, and passed over: (.*)$", text, re.MULTILINE)
        named = re.findall(r"(\w+) ([\d,]+)", strays.group(1)) if strays else []
        self._stray = Counter({kind: _number(count) for kind, count in named})
        if lost := re.search(r"^.*could not be kept.*$", text, re.MULTILINE):
            self.problems.append(lost.group())

    def add_written_on(self, path: Path) -> None:
        """Compare the headers and footers of the stream written on with those of the folders."""
        kinds = Counter(json.loads(line)["maus_event_type"] for line in path.read_bytes().splitlines())
        for kind, count in (("RunHeader", self._counted["run_headers"]), ("RunFooter", self.complete)):
            if kinds[kind] != count:
                self.problems.append(f"{kind} written on {kinds[kind]} times, and not {count}")

    def differences(self) -> Iterator[str]:
        """Give a line for each thing that is not as it was sent; what was not read is not looked for."""
        yield from self.problems
        sent = self._ledger[: self.documents]
        if len(sent) < self.documents:
            yield f"{self.documents} documents were read, and {len(sent)} sent"
        yield from self._differing_kinds(sent)
        yield from self._differing_runs(sent)
        yield from self._differing_set_aside(sent)

    def _differing_kinds(self, sent: Sequence[Sent]) -> Iterator[str]:
        by_kind = Counter(_balanced(each.kind) for each in sent)
        found = Counter(self._aside_by_kind(sent))
        for kind, count in self._counted.items():
            found[_balanced(kind)] += count
        found["markers"] += self._stray["marker"]
        for kind, name in STRAY.items():
            found[kind] += self._stray[name]
        found[JOB] = by_kind[JOB]
        yield from _unlike("documents of kind", by_kind, found)

    def _aside_by_kind(self, sent: Sequence[Sent]) -> Counter[str]:
        return Counter(_balanced(sent[serial].kind) for serial in self._serials if serial < len(sent))

    def _differing_runs(self, sent: Sequence[Sent]) -> Iterator[str]:
        spills, hits = Counter[int](), Counter[int]()
        for serial, each in enumerate(sent):
            if each.kind == "filled" and serial not in self._serials:
                spills[each.run] += 1
                hits[each.run] += each.hits
        yield from _unlike("spills of run", spills, self._filled)
        yield from _unlike("entries of run", hits, self._hits)

    def _differing_set_aside(self, sent: Sequence[Sent]) -> Iterator[str]:
        twice = [serial for serial, count in self._serials.items() if count > 1]
        if twice:
            yield f"set aside more than once: documents {_few(twice)}"
        unknown = [serial for serial in self._serials if serial >= len(sent)]
        if unknown:
            yield f"set aside, and not read: documents {_few(unknown)}"
        kept = [
            serial for serial, each in enumerate(sent) if each.kind == BAD and serial not in self._serials
        ]
        if kept:
            yield f"bad, and not set aside: documents {_few(kept)}"
        bad = sum(each.bad_entry and serial not in self._serials for serial, each in enumerate(sent))
        if not bad == self._entries == self._aside_entries:
            yield (
                f"bad images: {bad} sent, {self._entries} counted with a run, {self._aside_entries} set aside"
            )

    def account(self) -> dict[str, int]:
        """Return how many documents became what, in few words."""
        aside = sum(self._serials.values())
        stray, jobs = self._stray.total(), sum(each.kind == JOB for each in self._ledger[: self.documents])
        return {"of runs": self._counted.total(), "set aside": aside, "stray": stray, "of jobs": jobs}


def _balanced(kind: str) -> str:
    """Return a kind as it is counted where it belongs to no open run."""
    return "markers" if kind == "end_of_run_spills" else kind


def _unlike(what: str, sent: Mapping[_Key, int], found: Mapping[_Key, int]) -> Iterator[str]:
    both = [(key, sent.get(key, 0), found.get(key, 0)) for key in dict.fromkeys((*sent, *found))]
    unlike = [each for each in both if each[1] != each[2]]
    for key, as_sent, as_found in unlike[:SHOWN]:
        yield f"{what} {key}: {as_sent} sent, {as_found} found"
    if unlike[SHOWN:]:
        yield f"{what}: {len(unlike) - SHOWN} more differ"


def _few(serials: Sequence[int]) -> str:
    more = f" and {len(serials) - SHOWN} more" if serials[SHOWN:] else ""
    return ", ".join(map(str, serials[:SHOWN])) + more


def _lines_of(path: Path) -> Iterator[dict[str, str]]:
    if path.exists():
        with path.open() as file:
            yield from map(json.loads, file)


def _raw(line: dict[str, str]) -> str:
    """Return a document as it is kept, whatever was no UTF-8 replaced."""
    return line["raw"] if "raw" in line else base64.b64decode(line["raw_base64"]).decode(errors="replace")


def _number(text: str) -> int:
    return int(text.replace(",", ""))
