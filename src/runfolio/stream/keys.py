"""Keys: which columns or fields of one's own data say what run a row belongs to, and when the run is over."""

import re
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from runfolio.errors import DeclarationError


@dataclass(frozen=True)
class FileName:
    """The run number stands in the file's name: `FileName("beam_{run}.jsonl")`; `*` stands for anything.

    Raises:
        DeclarationError: the pattern does not hold `{run}` once.

    """

    pattern: str

    def __post_init__(self) -> None:
        if self.pattern.count("{run}") != 1:
            raise DeclarationError(f"FileName({self.pattern!r:.80}): {{run}} has to stand in it once")

    def run_number(self, path: str) -> int | None:
        """Return the number in a file's name, None where the name is not like the pattern."""
        before, after = (".*".join(map(re.escape, part.split("*"))) for part in self.pattern.split("{run}"))
        found = re.fullmatch(
            rf"{before}(?<!\d)(\d{{1,19}})(?!\d){after}", PurePath(path).name, re.ASCII | re.DOTALL
        )
        return int(found[1]) if found else None


@dataclass(frozen=True, kw_only=True)
class Keys:
    """Where one's own data say what they belong to. Names may go down into fields: `header.run`.

    Raises:
        DeclarationError: one of them is no name.

    """

    run: str | FileName
    """The column of the run number, or the pattern of it in the file's name."""
    end: str | tuple[str, object] | None = None
    """A column that is true in a run's last row; or a column and the value that it has in a row that
    ends the run and is no data: `("type", "end_of_run")`. None where the data do not say."""
    number: str | None = None
    """The column of the event's or spill's number."""
    time: str | None = None
    """The column of its time in Unix seconds."""
    unit: str = field(default="event")
    """What one row is, for captions."""

    def __post_init__(self) -> None:
        given: Any = self.run
        if not (isinstance(given, str | FileName) and given):
            raise DeclarationError(f"run={given!r:.80}: the name of a column or a FileName is accepted")

    @property
    def needed(self) -> tuple[str, ...]:
        """The names of all columns that are needed to tell rows apart."""
        end = self.end[0] if isinstance(self.end, tuple) else self.end
        given = (self.run if isinstance(self.run, str) else None, end, self.number, self.time)
        return tuple(dict.fromkeys(name for name in given if name))
