"""The identity of plots: one word that changes when anything is changed that shapes what is filled and drawn.

It tells whether what was filled before a restart can be gone on with. It does not look into what functions
call in other files.
"""

import os
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

import runfolio
from runfolio.plots.declared import Declared
from runfolio.plots.functions import places_in
from runfolio.plots.histogram import Histogram
from runfolio.plots.listing import list_plots
from runfolio.plots.places import Place
from runfolio.plots.reducer import Reducer

_OWN = Path(os.path.realpath(runfolio.__file__)).parent


def identity(reducers: Sequence[Reducer]) -> str:
    """Return the SHA-256 of what reducers declare and of the files that it stands in, in hexadecimal.

    Of runfolio's own files, its version tells. Files may move; they are read now, so a job asks at its start.
    """
    declared = msgspec.to_builtins(list_plots(reducers).reducers, enc_hook=repr)
    parts = [runfolio.__version__.encode(), ascii(_without_places(declared)).encode()]
    files = dict.fromkeys(os.path.realpath(place.file) for each in reducers for place in _places(each))
    parts += (_digest(file) for file in files if not Path(file).is_relative_to(_OWN))
    return sha256(b"".join(sha256(part).digest() for part in parts)).hexdigest()


def _without_places(plain: Any) -> Any:
    """Return plain data without the places in it: a file may be moved, and its lines are read themselves."""
    match plain:
        case {"file": str(), "line": int()}:
            return None
        case dict():
            return {name: _without_places(value) for name, value in plain.items()}
        case list() | tuple():
            return [_without_places(value) for value in plain]
        case _:
            return plain


def _places(reducer: Reducer) -> Iterator[Place]:
    """Give where a reducer is declared, what is in it, and where the functions begin that fill it."""
    filled: list[Histogram | Declared] = [*reducer.histograms.values()]
    filled += [*reducer.tables.values(), *reducer.trees.values()]
    yield reducer.place
    yield from (each.place for each in (*filled, *reducer.figures.values()) if each.place)
    for function in (reducer.reads.columns, *(each.function for each in filled)):
        yield from places_in(function)


def _digest(file: str) -> bytes:
    """Return the digest of a file's bytes; of one that can't be read, as of what was typed in, its name."""
    try:
        return sha256(Path(file).read_bytes()).digest()
    except (OSError, ValueError):
        return os.fsencode(Path(file).name)
