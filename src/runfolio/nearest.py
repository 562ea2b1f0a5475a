"""Names that are nearly right: what to say to whoever gave one."""

import difflib
from collections.abc import Iterable

SHOWN = 10
"""Names that are listed where none is near."""
NEAR = 0.7
"""Of difflib's measure: mice.toff is nearly mice.tof, and not mice.ckov."""


def advice(name: str, known: Iterable[str]) -> str:
    """Return `did you mean x?` with the nearest names, in any case of letters, or else list what there is."""
    names = list(known)
    lower = {each.lower(): each for each in names}
    near = [lower[each] for each in difflib.get_close_matches(name.lower(), lower, n=2, cutoff=NEAR)]
    if near:
        return f"did you mean {' or '.join(near)}?"
    if not names:
        return "there are none"
    return f"there are {', '.join(names[:SHOWN])}{', ...' if len(names) > SHOWN else ''}"
