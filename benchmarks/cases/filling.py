"""JSON spills into filled histograms, on one core."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from benchmarks.asking import Answer, Contender, in_turn, median
from benchmarks.comparing import at_edges
from benchmarks.contents import read_contents
from benchmarks.inputs import EVENTS, compressed, spills
from benchmarks.rows import Bench, Row, at_least

IN_BATCHES, ONE_BY_ONE, FLOOR_SHARE = 20.0, 14.0, 65.0

NAMES = {
    "maus": "MAUS's way, each document decoded once",
    "maus apart": "MAUS's way, decoded by each reducer",
    "plain": "plain Python",
    "batches": "runfolio in batches",
    "one": "runfolio one spill at a time",
    "program": "runfolio run without pictures",
    "floor": "floor: decoding alone",
}

Figures = dict[str, list[Answer]]

WAYS = {
    "maus": ("maus_filling", "together"),
    "batches": ("runfolio_filling", "batches"),
    "one": ("runfolio_filling", "one"),
    "floor": ("floor", "decode"),
    "program": ("runfolio_filling", "program"),
    "plain": ("plain_filling", "fill"),
    "maus apart": ("maus_filling", "apart"),
}
"""What is measured in turn: a contender, and what it is asked for."""
PACKED = ("maus", "batches", "plain")
"""Those of them that read packed spills."""


def measure(bench: Bench) -> Iterator[Row]:
    """Give the rows of filling."""
    plain = {size: spills(bench.inputs, size) for size in EVENTS}
    with ExitStack() as stack:
        found = {size: _ask(stack, bench.runs, path) for size, path in plain.items()}
        packed = compressed(plain["1 MB"])
        of_packed = _ask(stack, bench.runs, packed, PACKED)
        yield _compared(bench, plain)
    yield _against(
        found, "batches", "JSON spills into histograms, in batches, against MAUS's way", IN_BATCHES
    )
    yield _against(found, "one", "the same with one spill at a time", ONE_BY_ONE)
    yield _floor_share(found)
    for size, path in plain.items():
        yield Row(
            what=f"all of {size} a spill, {path.stat().st_size / 1e6:.0f} MB of JSON",
            reached=_ratios(found[size]),
            figures=_seconds(found[size]),
        )
    yield Row(
        what=f"1 MB a spill as .zst, {packed.stat().st_size / 1e6:.0f} MB",
        reached=_ratios(of_packed),
        figures=_seconds(of_packed),
    )


def _ask(stack: ExitStack, runs: int, path: Path, ways: Iterable[str] = WAYS) -> Figures:
    asked = {name: WAYS[name] for name in ways}
    contenders = {
        module: stack.enter_context(Contender(module))
        for module in dict.fromkeys(module for module, _ in asked.values())
    }
    return in_turn(
        runs,
        {name: partial(contenders[module].ask, way, path=str(path)) for name, (module, way) in asked.items()},
    )


def _compared(bench: Bench, paths: dict[str, Path]) -> Row:
    """Return what differs between our counts and MAUS's way's.

    Raises:
        CountsDiffer: more than values exactly at edges.

    """
    found: list[str] = []
    with Contender("maus_filling") as maus, Contender("runfolio_filling") as ours:
        for size, path in paths.items():
            files = [bench.directory / f"{name}.npz" for name in ("ours", "theirs")]
            ours.ask("batches", path=str(path), contents=str(files[0]))
            maus.ask("together", path=str(path), contents=str(files[1]))
            charges = maus.ask("charges", path=str(path))
            our_bins, their_bins = map(read_contents, files)
            found += _told(size, at_edges(our_bins, their_bins, charges))
    return Row(
        what="counts of the 52 histograms, bin by bin, against MAUS's way",
        target="equal but for values at an edge",
        reached="equal but for these" if found else "equal",
        met=True,
        figures=found,
    )


def _told(size: str, lower: Mapping[int, int]) -> Iterator[str]:
    """Give what is told of the charges that ROOT puts one bin lower."""
    if lower:
        charges = ", ".join(f"{charge} ({number:,})" for charge, number in lower.items())
        yield f"{size} a spill, one bin lower in ROOT, charges of exactly: {charges}"


def _against(found: dict[str, Figures], ours: str, what: str, target: float) -> Row:
    ratios = {
        size: median(figures["maus"], "cpu") / median(figures[ours], "cpu") for size, figures in found.items()
    }
    lines = [f"{size} a spill: {ratio:.1f}×" for size, ratio in ratios.items()]
    return at_least(what, min(ratios.values()), target, lines)


def _floor_share(found: dict[str, Figures]) -> Row:
    shares = {
        size: 100 * median(figures["floor"], "cpu") / median(figures["batches"], "cpu")
        for size, figures in found.items()
    }
    lines = [f"{size} a spill: {share:.0f}%" for size, share in shares.items()]
    what = "share of the decoding floor's rate that the whole chain keeps"
    return at_least(what, min(shares.values()), FLOOR_SHARE, lines, unit="%")


def _ratios(figures: Figures) -> str:
    """Return how much faster than each of the others filling in batches is."""
    ours = median(figures["batches"], "cpu")
    maus, plain = (median(figures[name], "cpu") / ours for name in ("maus", "plain"))
    return f"{maus:.1f}× MAUS's way, {plain:.1f}× plain Python"


def _seconds(figures: Figures) -> Sequence[str]:
    return [f"{NAMES[name]}: {median(answers, 'cpu'):.3f} s of CPU" for name, answers in figures.items()]
