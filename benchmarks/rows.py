"""What a case finds: rows of the benchmark's table."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Row:
    """One thing that was measured."""

    what: str
    reached: str
    figures: Sequence[str]
    """The absolute figures behind it."""
    target: str = ""
    """What is aimed at; empty where it only shows how things are."""
    met: bool | None = None
    """Whether it is reached; None without a target, or where it could not be measured."""


@dataclass(frozen=True, kw_only=True)
class Bench:
    """How to measure."""

    directory: Path
    """For inputs, which are kept, and for what is written meanwhile."""
    runs: int
    """How often each contender is measured; figures are medians."""
    refreshes: int
    """Of the growing run whose pictures are drawn."""

    @property
    def inputs(self) -> Path:
        return self.directory / "inputs"


def at_least(what: str, ratio: float, target: float, figures: Sequence[str], unit: str = "×") -> Row:
    """Return a row whose ratio is to be as large as the target, or larger."""
    return Row(
        what=what,
        target=f"{target:g}{unit}",
        reached=f"{ratio:.2f}{unit}",
        met=ratio >= target,
        figures=figures,
    )


def at_most(what: str, value: float, target: float, unit: str, figures: Sequence[str]) -> Row:
    """Return a row whose value is to be below the target."""
    return Row(
        what=what,
        target=f"under {target:g} {unit}",
        reached=f"{value:.3g} {unit}",
        met=value < target,
        figures=figures,
    )
