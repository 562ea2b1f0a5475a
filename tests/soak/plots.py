"""What the soak plots: cheap to draw, and a file of rows."""

from collections.abc import Sequence
from types import SimpleNamespace

import msgspec
import numpy as np

from runfolio.plots import Integer, Reducer, Spills


class Hits(msgspec.Struct):
    """What is plotted of a spill."""

    at: int = 0
    hits: tuple[int, ...] = ()


def columns(spills: Sequence[Hits]) -> SimpleNamespace:
    """Return all hits, and the numbers of their spills."""
    hits = np.array([hit for each in spills for hit in each.hits], np.int64)
    return SimpleNamespace(
        hits=hits, at=np.repeat([each.at for each in spills], [len(each.hits) for each in spills])
    )


soaked = Reducer("Soaked", reads=Spills(Hits, columns))
soaked.hist("hits", Integer(0, 20))
soaked.figure("hits", "All hits", panels=[["hits"]], size=(300, 200))
soaked.tree("rows", {"at": "int32", "hits": "int32"}, file="rows_{run}", by=["at"])
