"""Make the API reference from docstrings: python docs/reference.py DIRECTORY."""

import sys
from pathlib import Path

import pdoc
import pdoc.render

import runfolio

MODULES = (
    "runfolio",
    "runfolio.errors",
    "runfolio.plotted",
    "runfolio.processing",
    "runfolio.stream.keys",  # what Columns and Records inherit
)


def make(directory: Path) -> None:
    """Write the pages of the public face, one for each module."""
    for name in runfolio.__all__:  # each is imported when it is first asked for, and pdoc doesn't ask
        setattr(runfolio, name, getattr(runfolio, name))
    pdoc.render.configure(
        docformat="google", show_source=False, footer_text=f"runfolio {runfolio.__version__}"
    )
    pdoc.pdoc(*MODULES, output_directory=directory)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
