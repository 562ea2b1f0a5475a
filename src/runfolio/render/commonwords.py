"""Histograms along words brought onto one axis to be overlaid: each may have met other words."""

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from runfolio.plots.axes import Labels
from runfolio.plots.counts import Counts
from runfolio.plots.growing import in_order


def on_common_words(counts: list[Counts]) -> list[Counts]:
    """Return 1-D histograms along words with the words of them all; any others as they are."""
    axes = [each.axes[0] for each in counts if len(each.axes) == 1]
    words = [axis.names for axis in axes if isinstance(axis, Labels)]
    if len(words) < len(counts) or len(set(words)) == 1:
        return counts
    names = tuple(sorted({name for each in words for name in each if name}, key=in_order)) or ("",)
    return [_with_words(each, axis, names) for each, axis in zip(counts, axes, strict=True)]


def _with_words(counts: Counts, axis: Any, names: tuple[str, ...]) -> Counts:
    places = {name: number + 1 for number, name in enumerate(names)}
    kept = [number for number, name in enumerate(axis.names) if name in places]
    where = [places[axis.names[number]] for number in kept]

    def moved(contents: npt.NDArray[Any]) -> npt.NDArray[Any]:
        new = np.zeros(len(names) + 2, contents.dtype)
        new[0], new[-1] = contents[0], contents[-1]
        new[where] = contents[1:-1][kept]
        return new

    return replace(
        counts,
        axes=(Labels(names, axis.label),),
        values=moved(counts.values),
        sums=None if counts.sums is None else moved(counts.sums),
        squares=None if counts.squares is None else moved(counts.squares),
    )
