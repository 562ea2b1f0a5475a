"""MAUS's way of filling."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.answering import answer, timed
from benchmarks.contenders.maus import is_data, lines, reduce_apart, reduce_together
from benchmarks.contents import write_contents

WAYS = {"together": reduce_together, "apart": reduce_apart}


def fill(path: str, way: str, contents: str = "") -> dict[str, Any]:
    """Fill from a file, and write what the bins hold to another, if one is given."""
    found: list[Any] = []
    figures = timed(lambda: found.extend(WAYS[way](Path(path))))
    if contents:
        histograms = [histogram for reducer in found for histogram in reducer.histograms()]
        write_contents(contents, {each.GetName(): bins(each) for each in histograms})
    return figures


def bins(histogram: Any) -> npt.NDArray[np.int64]:
    """Return what a histogram's bins hold, shape (bins + 2,) or (x bins + 2, y bins + 2)."""
    flat = np.frombuffer(histogram.GetArray(), np.float32, histogram.GetNcells()).astype(np.int64)
    if histogram.GetDimension() == 1:
        return flat
    return flat.reshape(histogram.GetNbinsY() + 2, histogram.GetNbinsX() + 2).T


def charges(path: str) -> dict[str, Any]:
    """Return how often each photomultiplier has had each charge: at an edge, ROOT may round either way."""
    found: dict[str, Counter[int]] = {f"hPMT{pmt + 1}": Counter() for pmt in range(8)}
    for line in lines(Path(path)):
        document = json.loads(line)
        if not is_data(document):
            continue
        for event in document["recon_events"]:
            digits = event.get("ckov_event", {}).get("ckov_digits")
            if digits:
                for pmt in range(8):
                    found[f"hPMT{pmt + 1}"][digits[0]["AB"[pmt // 4]][f"pulse_{pmt}"]] += 1
    return {name: dict(counts) for name, counts in found.items()}


if __name__ == "__main__":
    answer(
        {
            "together": lambda **details: fill(way="together", **details),
            "apart": lambda **details: fill(way="apart", **details),
            "charges": charges,
        }
    )
