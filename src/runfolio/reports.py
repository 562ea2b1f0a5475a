"""What a job, a check or a run folder came to, told to a user."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import msgspec
from rich.console import Console

from runfolio.console import Column, counted, say, size_text, table
from runfolio.profiling import Stage
from runfolio.readings import Readings, number_text
from runfolio.summary import Summary

if TYPE_CHECKING:  # loading them takes longer than all else here
    from runfolio.folder import RunRecord, Verification

__all__ = [
    "show_included",
    "show_json",
    "show_problems",
    "show_profile",
    "show_run",
    "show_summary",
    "show_verification",
]


def show_summary(console: Console, summary: Summary) -> None:
    """Write the runs of a job, and in the last lines whatever was rejected or lost."""
    if summary.runs:
        rows = [
            (r.run_number, r.status, r.ended_by, r.spills, r.rejected, r.images, r.folder or "not sealed")
            for r in summary.runs
        ]
        table(console, _run_columns(summary.runs[0].unit), rows)
    else:
        say(console, "The input held no run.")
    rate = f", {size_text(summary.bytes_read / summary.seconds)}/s" if summary.seconds > 0 else ""
    read = (
        f"{counted(summary.documents, 'document')}, {size_text(summary.bytes_read)} "
        f"in {summary.seconds:.1f} s{rate}"
    )
    say(console, read, "dim")
    for run in summary.runs:
        if run.folder and run.revision > 1:
            say(console, f"run {run.run_number}: had a folder before, which is left alone")
        for renamed in run.renamed:
            say(console, f"run {run.run_number}: {renamed}")
    if summary.stray:
        say(console, f"of no open run, and passed over: {_reasons(summary.stray)}")
    show_problems(console, summary)


def show_included(console: Console, summary: Summary) -> None:
    """Write the runs into which late documents were put, and what was not put in."""
    if summary.runs:
        show_summary(console, summary)
    elif summary.problems:
        show_problems(console, summary)
    else:
        say(console, "Nothing came late.")


def show_profile(console: Console, seconds: Mapping[Stage, float], summary: Summary) -> None:
    """Write where the time went: the stages of a spill's way in this process, and what went on beside it."""
    total = sum(seconds.values())
    rows = [(stage.value, f"{spent:.3f}", f"{spent / total:.1%}") for stage, spent in seconds.items()]
    columns = (Column("stage"), Column("seconds", right=True), Column("share", right=True))
    table(console, columns, [*rows, ("together", f"{total:.3f}", "")])
    say(console, f"beside it, the drawing process was at work for {summary.drawing_seconds:.3f} s", "dim")


def _run_columns(unit: str) -> tuple[Column, ...]:
    return (
        Column("run", right=True),
        Column("status"),
        Column("ended by"),
        Column(f"{unit}s", right=True),
        Column("rejected", right=True),
        Column("images", right=True),
        Column("folder"),
    )


def show_problems(console: Console, summary: Summary) -> None:
    """Write what was rejected or lost, and where it is kept; nothing if nothing was."""
    for run in summary.runs:
        for problem in run.problems:
            say(console, f"run {run.run_number}: {problem}", "yellow")
    for problem in summary.problems:
        say(console, problem, "yellow")
    for run_number, late in summary.late.items():
        say(
            console,
            f"run {run_number}: {counted(late, 'document')} came when it was sealed already",
            "yellow",
        )
    if summary.late:
        say(console, f"kept in {summary.set_aside_late}; runfolio run --include-late puts them in", "yellow")
    if rejected := {reason: count for reason, count in summary.rejected.items() if reason != "late"}:
        kept = f"; kept in {summary.set_aside}" if summary.set_aside else ""
        total = sum(rejected.values())
        say(console, f"rejected: {counted(total, 'document')} ({_reasons(rejected)}){kept}", "yellow")


def show_verification(console: Console, found: "Verification") -> None:
    """Write `ok` and the number of files, or a line for each that is not as it was sealed."""
    if found.whole:
        say(console, f"{found.folder}: ok, {counted(found.files, 'file')}, {size_text(found.bytes)}")
    for problem in found.problems:
        say(console, f"{found.folder}: {problem}", "yellow")


def show_json(stream: TextIO, found: object) -> None:
    """Write data, such as a run's record, as JSON.

    It is printable ASCII, so that no text in it can be a control character.
    """
    text = json.dumps(msgspec.to_builtins(found, enc_hook=_number), indent=2)
    stream.write(text.replace("\x7f", "\\u007f") + "\n")


def _number(value: Any) -> Any:
    """Return what a number of numpy's stands for."""
    return value.item()


def show_run(console: Console, folder: Path, record: "RunRecord", *, every: bool = False) -> None:
    """Write a run at a glance; with `every` each of its histograms."""
    say(console, f"Run {record.run_number}  {folder}", "bold")
    for name, value in _facts(record):
        say(console, f"  {name:<10} {value}")
    say(console, "")
    _show_histograms(console, record, every=every)
    say(console, "")
    for reducer, tables in record.tables.items():
        for each in tables:
            _show_table(console, reducer, each)
            say(console, "")
    if record.images:
        rows = [(image.file, size_text(image.bytes), image.producer) for image in record.images]
        table(console, (Column("image"), Column("size", right=True), Column("made by")), rows)
    else:
        say(console, "No images.")
    for failed in record.images_failed:
        say(console, f"failed: {failed.tag}.{failed.image_type}: {failed.reason}", "yellow")
    for renamed in record.renamed:
        say(console, f"renamed: {renamed.tag} of {renamed.producer} to {renamed.name}")


def _facts(record: "RunRecord") -> Iterator[tuple[str, str]]:
    counts = record.documents
    marks = [
        (word, mark) for word, mark in (("first", record.first_spill), ("last", record.last_spill)) if mark
    ]
    yield "status", f"{record.status}, ended by {record.ended_by}"
    yield "times", f"started {record.started_at}, ended {record.ended_at}, sealed {record.sealed_at}"
    yield (
        f"{record.unit}s",
        f"{counts.filled:,} filled"
        + "".join(
            f", {word}"
            + (f" {mark.number:,}" if mark.number is not None else "")
            + (f" at {mark.time}" if mark.time else "")
            for word, mark in marks
        ),
    )
    yield (
        "documents",
        (
            f"{counts.received:,} received: {counts.run_headers:,} headers, {counts.run_footers:,} footers, "
            f"{counts.end_of_run_spills:,} end_of_run, {counts.markers:,} markers, "
            f"{counts.images:,} of images, {counts.passed_over:,} passed over"
        ),
    )
    yield "rejected", _rejected(counts.rejected)
    if record.image_entries_rejected:
        yield "", f"image entries: {_rejected(record.image_entries_rejected)}"
    yield "input", ", ".join(record.sources)
    yield "made with", ", ".join(f"{name} {version}" for name, version in record.versions.items())


def _show_histograms(console: Console, record: "RunRecord", *, every: bool) -> None:
    figures = ("entries", "in_range", "underflow", "overflow", "not_a_number", "lost_spills")
    rows: list[tuple[object, ...]] = []
    for reducer, histograms in record.histograms.items():
        sums = (f"{sum(getattr(each, figure) for each in histograms):,}" for figure in figures)
        rows.append((reducer, counted(len(histograms), "histogram"), *sums))
        if every:
            rows.extend(
                ("", each.name, *(f"{getattr(each, figure):,}" for figure in figures)) for each in histograms
            )
    if not rows:
        say(console, "No histograms.")
        return
    headings = ("entries", "in range", "underflow", "overflow", "NaN", f"lost {record.unit}s")
    table(console, (Column("reducer"), Column(""), *(Column(each, right=True) for each in headings)), rows)


def _show_table(console: Console, reducer: str, readings: Readings) -> None:
    heading = readings.title if readings.title == readings.name else f"{readings.name}: {readings.title}"
    rows = [
        (
            row.row,
            *map(number_text, (row.last, row.mean_of_last, row.mean)),
            f"{row.values:,}",
            f"{row.not_a_number:,}",
        )
        for row in readings.rows
    ]
    headings = ("last", f"mean of last {readings.averaged:,}", "mean of run", "values", "NaN")
    columns = (Column(f"{heading} ({reducer})"), *(Column(each, right=True) for each in headings))
    table(console, columns, rows)


def _rejected(reasons: Mapping[str, int]) -> str:
    return f"{sum(reasons.values()):,} ({_reasons(reasons)})" if reasons else "none"


def _reasons(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{reason} {count:,}" for reason, count in sorted(counts.items()))
