"""Loading: reducers by the names under which installed packages offer them, or from a user's own files.

A package offers a reducer, or several, as an entry point of the group `runfolio.plots`; MICE's own
are offered in the same way. Nothing is imported but what is asked for.
"""

import os
from collections.abc import Iterable, Sequence
from importlib.metadata import EntryPoint
from pathlib import Path

from runfolio.errors import DeclarationError, SettingsError
from runfolio.nearest import advice
from runfolio.plots.checks import check_reducer, check_together
from runfolio.plots.offers import offered
from runfolio.plots.plots_file import is_path, load_file
from runfolio.plots.reducer import Reducer

DEFAULT = "default"
"""The name of what is plotted where nothing else is asked for."""


def load_reducers(names: Sequence[str]) -> tuple[Reducer, ...]:
    """Return the reducers of these names in their order, each once; what ends in .py or holds a / is a file.

    Raises:
        SettingsError: a name that nothing installed offers, or a file that cannot be read.
        DeclarationError: what is offered or stands in a file cannot be loaded, is no reducer, is declared
            wrongly, or does not go together.

    """
    known = {} if all(map(is_path, names)) else offered()
    once: dict[str, str] = {}
    for name in names:
        once.setdefault(_file_of(name) if is_path(name) else name, name)
    found = dict.fromkeys(
        reducer
        for name in once.values()
        for reducer in (load_file(name) if is_path(name) else _load(name, known))
    )
    return checked(found)


def checked(reducers: Iterable[Reducer]) -> tuple[Reducer, ...]:
    """Return reducers each once, after all checks that need no data.

    Raises:
        DeclarationError: one is declared wrongly, or they do not go together.

    """
    found = tuple(dict.fromkeys(reducers))
    for reducer in found:
        check_reducer(reducer)
    check_together(found)
    return found


def _file_of(path: str) -> str:
    """Return the one name of a file that may have several; a path that none can have as it is."""
    try:
        return os.path.realpath(path)
    except ValueError:  # a null byte
        return path


def _load(name: str, known: dict[str, EntryPoint]) -> Iterable[Reducer]:
    if name not in known:
        raise SettingsError(f"no plots are called {name[:80]!a}; {_advice(name, known)}")
    entry = known[name]
    try:
        loaded = entry.load()
    except Exception as error:  # a package's own code: whatever it raises is shown in one line
        raise DeclarationError(
            f"plots {name} ({entry.value}) cannot be loaded: {type(error).__name__}: {error}"
        ) from error
    reducers = (loaded,) if isinstance(loaded, Reducer) else loaded
    if not isinstance(reducers, Sequence) or not all(isinstance(each, Reducer) for each in reducers):
        raise DeclarationError(f"plots {name} ({entry.value}) are no Reducer, and no sequence of them")
    return reducers


def _advice(name: str, known: Iterable[str]) -> str:
    if _is_file(f"{name}.py"):
        return f"did you mean {name}.py?"
    if _is_file(name):
        return f"a file's name ends in .py or has a / in it, as ./{name}"
    return advice(name, known)


def _is_file(name: str) -> bool:
    try:
        return Path(name).is_file()
    except (OSError, ValueError):  # too long, or a null byte
        return False
