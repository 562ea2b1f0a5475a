"""Bin contents on their way from one process to the other: arrays by name, with the bins below and above."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

Contents = Mapping[str, npt.NDArray[np.int64]]


def write_contents(path: str, contents: Contents) -> None:
    """Write them to a file."""
    np.savez(path, **contents)  # type: ignore[arg-type]  # its keywords are arrays


def read_contents(path: Path) -> Contents:
    """Read them from a file."""
    with np.load(path) as file:
        return {name: file[name] for name in file.files}
