"""The pages of the documentation, and what stands in them to be tried."""

import re
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks(page: str) -> list[tuple[str, str]]:
    """Return the kind and text of each block of a page."""
    return BLOCK.findall((DOCS / page).read_text())
