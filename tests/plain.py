"""Words for tests of MICE's reducers: what they count, beside a plain loop's counts of the same documents."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import floor
from typing import Any

import msgspec

from runfolio.plots import Counts, Filling, Reducer, Spills
from runfolio.stream import Decoder, Document, Kind, read_documents, split_lines

Json = dict[str, Any]
Bins = tuple[int, ...]
Edge = int | Fraction
Plain = dict[str, Counter[Bins]]
"""For each histogram, how often a bin was hit: by axis from 0, -1 is below the range."""

LIMIT = 1 << 30


def declared(reducer: Reducer) -> list[tuple[Any, ...]]:
    """Return name, title, labels and binnings of each histogram."""
    return [
        (
            histogram.name,
            histogram.title,
            tuple(axis.label for axis in histogram.axes),
            tuple((axis.bins, axis.edges[0], axis.edges[-1]) for axis in histogram.axes),
        )
        for histogram in reducer.histograms.values()
    ]


def spill_of(reducer: Reducer) -> type[msgspec.Struct]:
    """Return what a reducer of spills reads of them."""
    assert isinstance(reducer.reads, Spills)
    return reducer.reads.spill


def counts_of(reducer: Reducer, *events: Any) -> Mapping[str, Counts]:
    """Return the counts of a spill of events, written as JSON and read as in a stream."""
    filling = Filling(reducer, 1)
    filling.fill([msgspec.json.decode(json.dumps({"recon_events": events}), type=spill_of(reducer))])
    counts = filling.snapshot()
    assert not any(each.lost_spills or each.not_a_number for each in counts.values())
    return counts


def bin_of(value: float, bins: int, low: Edge, high: Edge) -> int:
    """Return the bin of a number as it is written: a value on an edge belongs to the bin above."""
    number = floor((Fraction(str(value)) - low) * bins / (high - low))
    return min(max(number, -1), bins)


def decoded(reducers: Sequence[Reducer], chunks: Iterable[bytes]) -> list[Any]:
    """Return the spills of a stream as runfolio reads them."""
    decoder = Decoder([spill_of(reducer) for reducer in reducers])
    documents = list(read_documents(split_lines("test", chunks, LIMIT), decoder, LIMIT))
    assert all(isinstance(each, Document) for each in documents)
    return [each.body for each in documents if isinstance(each, Document) and each.kind is Kind.SPILL]


def filled(reducers: Sequence[Reducer], batches: Iterable[Sequence[Any]]) -> dict[str, Counts]:
    fillings = [Filling(reducer, 1) for reducer in reducers]
    for batch in batches:
        for filling in fillings:
            filling.fill(batch)
    return {name: counts for filling in fillings for name, counts in filling.snapshot().items()}


def sparse(counts: Mapping[str, Counts]) -> dict[str, dict[Bins, int]]:
    """Return the bins that were hit, numbered as in the plain loop."""
    return {
        name: {
            tuple(int(number) - 1 for number in place): int(each.values[tuple(place)])
            for place in zip(*each.values.nonzero(), strict=True)
        }
        for name, each in counts.items()
    }


def assert_agree(counts: Mapping[str, Counts], plain: Plain) -> None:
    found = sparse(counts)
    assert set(found) == set(plain)
    assert {name for name in plain if found[name] != dict(plain[name])} == set()
    assert not any(each.not_a_number or each.lost_spills for each in counts.values())


def in_batches(spills: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    return (spills[start : start + size] for start in range(0, len(spills), size))
