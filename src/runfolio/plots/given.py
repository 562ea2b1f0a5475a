"""What is given to declarations: names, texts, sizes and colours; what is something else is refused.

Each check begins its message with `what` it is given to, such as "figure 'muons'".
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from runfolio.errors import DeclarationError, DocumentError
from runfolio.images import check_tag

LONGEST_SIDE = 10_000
"""Of a picture, in pixels."""
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_COLOR = re.compile(r"#([0-9a-fA-F]{3,4}){1,2}|[bgrcmykw]|C[0-9]|black|white|red|green|blue|orange", re.ASCII)
"""Of the commonest colours; of others, matplotlib knows."""


def check_name(what: str, name: Any) -> None:
    """Refuse what is no name of a histogram, table, tree or branch."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise DeclarationError(f"{what} {name!r:.80}: letters, digits and _ are accepted")


def check_file_name(what: str, name: Any) -> None:
    """Refuse a name that cannot begin those of files."""
    try:
        check_tag(name)
    except (DocumentError, TypeError) as error:  # the latter: it is no text at all
        detail = error.detail if isinstance(error, DocumentError) else "text is accepted"
        raise DeclarationError(f"{what} {name!r:.80}: {detail}") from None


def check_text(what: str, key: str, text: Any) -> None:
    """Refuse what is no text."""
    if not isinstance(text, str):
        raise DeclarationError(f"{what}: {key}={text!r:.80}: text is accepted")


def texts(what: str, key: str, given: Any) -> tuple[str, ...]:
    """Return several texts; a single one is refused, as it would be taken letter by letter."""
    if isinstance(given, str):
        raise DeclarationError(f"{what}: {key} are a list: [{given!r:.80}]")
    several = tuple(given) if isinstance(given, Iterable) and not isinstance(given, Mapping) else (None,)
    if not all(isinstance(each, str) for each in several):
        raise DeclarationError(f"{what}: {key}={given!r:.80}: a list of texts is accepted")
    return several


def size_of(what: str, size: Any) -> tuple[int, int]:
    """Return width and height in pixels."""
    sides = tuple(size) if isinstance(size, Sequence) else ()
    if len(sides) != len(("width", "height")) or not all(map(_is_side, sides)):
        raise DeclarationError(
            f"{what}: a size of {size!r:.80}: width and height are accepted, each of"
            f" 1 to {LONGEST_SIDE} pixels"
        )
    return sides


def _is_side(length: Any) -> bool:
    return isinstance(length, int) and not isinstance(length, bool) and 1 <= length <= LONGEST_SIDE


def check_color(what: str, color: Any) -> None:
    """Refuse what matplotlib knows no colour by; an empty text stands for a panel's own choice."""
    check_text(what, "color", color)
    if color and not _is_color(color):
        raise DeclarationError(
            f"{what}: color={color!r:.80}: matplotlib knows no such colour; 'tab:blue', 'darkred' and"
            " '#0072B2' are some"
        )


@cache
def _is_color(color: str) -> bool:
    """Ask matplotlib about names only: its colours take a tenth of a second to import."""
    if _COLOR.fullmatch(color):
        return True
    from matplotlib.colors import is_color_like  # noqa: PLC0415

    return bool(is_color_like(color))
