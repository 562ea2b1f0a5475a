"""Names that are nearly right: what to say to whoever gave one."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

SHOWN = 10
"""Names that are listed where none is near."""
NEAR = 0.7
"""Of difflib's measure: beam.toff is nearly beam.tof, and not beam.ckov."""


def advice(name: str, known: Iterable[str], beginning: str = "there are") -> str:
    """Return `did you mean x?` with the nearest names, or else list what there is after `beginning`."""
    names = list(known)
    if near := nearest(name, names):
        return f"did you mean {' or '.join(map(_printable, near))}?"
    return f"{beginning} {listed(names) if names else 'none'}"


def nearest(name: str, known: Iterable[str], most: int = 3) -> list[str]:
    """Return the nearest names, first those that differ in upper and lower case alone."""
    folded: dict[str, list[str]] = {}
    for each in known:
        folded.setdefault(each.casefold(), []).append(each)
    close = [name.casefold(), *get_close_matches(name.casefold(), folded, cutoff=NEAR)]
    return list(dict.fromkeys(found for key in close for found in folded.get(key, ())))[:most]


def listed(names: Sequence[str]) -> str:
    """Return names for a message, the first ten of many."""
    shown = ", ".join(map(_printable, names[:SHOWN]))
    return shown if len(names) <= SHOWN else f"{shown} and {len(names) - SHOWN} more"


def _printable(name: str) -> str:
    return name if name.isprintable() else ascii(name)
