"""Loading: reducers by the names under which installed packages offer them.

A package offers a reducer, or several, as an entry point of the group `runfolio.plots`; MICE's own
are offered in the same way. Nothing is imported but what is asked for.
"""

import difflib
from collections import Counter
from collections.abc import Iterable, Sequence
from importlib.metadata import EntryPoint, entry_points

from runfolio.errors import DeclarationError, SettingsError
from runfolio.plots.reducer import Reducer

GROUP = "runfolio.plots"
DEFAULT = "default"
"""The name of what is plotted where nothing else is asked for."""


def offered() -> dict[str, EntryPoint]:
    """Return what installed packages offer, by name, in the order of the names."""
    return {entry.name: entry for entry in sorted(entry_points(group=GROUP), key=lambda each: each.name)}


def load_reducers(names: Sequence[str]) -> tuple[Reducer, ...]:
    """Return the reducers of these names in their order, each once.

    Raises:
        SettingsError: a name that nothing installed offers.
        DeclarationError: what is offered cannot be loaded, is no reducer, or two have one name.

    """
    known = offered()
    found = dict.fromkeys(reducer for name in names for reducer in _load(name, known))
    twice = [name for name, count in Counter(reducer.name for reducer in found).items() if count > 1]
    if twice:
        raise DeclarationError(f"two reducers are called {twice[0]!r}: their files would be too")
    return tuple(found)


def _load(name: str, known: dict[str, EntryPoint]) -> Iterable[Reducer]:
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        advice = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
        raise SettingsError(f"no plots are called {name[:80]!a}; {advice}")
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
