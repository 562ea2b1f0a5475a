"""A tree's rows as a .root file with one TTree, for ROOT and uproot."""

import uuid
from io import BytesIO

import uproot  # type: ignore[import-untyped]  # it has no types

from runfolio.plots.tree import TreeRows
from runfolio.render.rootdates import set_dates

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "runfolio:tree")
_COMPRESSION = 1
ROWS_AT_ONCE = 100_000
"""In each basket of a branch: up to 800 kB that a reader has to unpack at once."""


def tree_file(identity: str, rows: TreeRows, written_at: float) -> bytes:
    """Return the file; a tree without rows has its branches nevertheless.

    The same rows, identity and date give the same bytes: the file's UUID follows from `identity`, and its
    dates, in UTC, are `written_at`.
    """
    unique = uuid.uuid5(_NAMESPACE, identity)
    file = BytesIO()
    with uproot.recreate(file, compression=uproot.ZLIB(_COMPRESSION), uuid_function=lambda: unique) as root:
        types = {name: array.dtype for name, array in rows.branches.items()}
        tree = root.mktree(rows.name, types, title=rows.title)
        for first in range(0, rows.rows, ROWS_AT_ONCE):
            some = slice(first, first + ROWS_AT_ONCE)
            tree.extend({name: array[some] for name, array in rows.branches.items()})
        data = file.getvalue()  # leaving closes it
    return set_dates(data, written_at)
