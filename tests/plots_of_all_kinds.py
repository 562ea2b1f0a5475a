"""A plots file with all that can be filled, some of which depends on the order, and on batches."""

from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np

from runfolio import Reducer, Regular, Spills
from runfolio.plots import Category, Strip


class Read(msgspec.Struct):
    n: int = 0
    x: list[float] = []
    word: str = ""


def columns(spills: Any) -> Any:
    counts = [len(spill.x) for spill in spills]
    return SimpleNamespace(
        x=np.array([x for spill in spills for x in spill.x], np.float64),
        n=np.repeat(np.array([spill.n for spill in spills], np.int64), counts),
        word=np.repeat(np.array([spill.word for spill in spills], np.str_), counts),
        spills=np.array([spill.n for spill in spills], np.int64),
    )


kinds = Reducer("Kinds", reads=Spills(Read, columns))
kinds.hist("x", Regular(10, 0, 10))
kinds.hist("map", Regular(10, 0, 10), Regular(3, 0, 30), values=("x", "n"))
kinds.hist("words", Category(limit=3), values="word")
kinds.hist("weighted", Regular(4, 0, 10), values="n", weights="x")
kinds.profile("mean", Regular(5, 0, 10), label="x", values=("n", "x"))
kinds.profile("strip", Strip(step=1, bins=4), label="x", values=("n", "x"))
kinds.hist("along", Strip(step=0.5, bins=3), values="n")
kinds.table("table", {"x": "x"}, by="n", last=3)
kinds.tree("rows", {"n": "int8", "x": "float32"}, file="rows_{run}", by=["n"], limit=40)


@kinds.hist("picky", Regular(10, 0, 10))
def picky(columns: Any) -> Any:
    if (columns.x == 7).any():
        raise ValueError("no sevens")
    return columns.x


@kinds.tree("picky_rows", {"n": "int64"}, file="picky_{run}", by=["n"])
def picky_rows(columns: Any) -> Any:
    if (columns.x == 3).any():
        raise KeyError("no threes")
    return columns.n


counts = Reducer("Counts", reads=Spills(Read, columns))


@counts.hist("spills", Regular(4, 0, 100))
def spills(columns: Any) -> Any:
    return columns.spills / (columns.spills != 13)
