"""Keys: which columns or fields of one's own data say what run a row belongs to, and when the run is over.

What stands under a key is a run number if it is a whole number from 0 to 2^63-1, 5.0 as well as 5.
"""

import re
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from runfolio.errors import DeclarationError
from runfolio.stream.marks import whole_number


@dataclass(frozen=True)
class FileName:
    """The run number stands in the file's name: `FileName("beam_{run}.jsonl")`; `*` stands for anything.

    Raises:
        DeclarationError: the pattern does not hold `{run}` once.

    """

    pattern: str

    def __post_init__(self) -> None:
        given: Any = self.pattern
        if not isinstance(given, str) or given.count("{run}") != 1:
            raise DeclarationError(f"FileName({given!r:.80}): {{run}} has to stand in it once")

    def run_number(self, path: str) -> int | None:
        """Return the number in a file's name, None where the name is not like the pattern."""
        before, after = (".*".join(map(re.escape, part.split("*"))) for part in self.pattern.split("{run}"))
        found = re.fullmatch(
            rf"{before}(?<!\d)(\d{{1,19}})(?!\d){after}", PurePath(path).name, re.ASCII | re.DOTALL
        )
        return whole_number(int(found[1])) if found else None


@dataclass(frozen=True, kw_only=True)
class Keys:
    """Where one's own data say what they belong to. Names may go down into fields: `header.run`.

    Raises:
        DeclarationError: one of them is no name.

    """

    run: str | FileName
    """The column of the run number, or the pattern of it in the file's name."""
    end: str | tuple[str, object] | None = None
    """A column that is true, or a number other than 0, in a run's last row; or a column and the value, a
    word or number, that it has in a row that ends the run and is no data: `("type", "end_of_run")`. None
    where the data do not say. Rows that come for a run after its end are late once another run is open."""
    number: str | None = None
    """The column of the event's or spill's number."""
    time: str | None = None
    """The column of its time in Unix seconds."""
    unit: str = field(default="event")
    """What one row is, for captions; an s makes it several."""

    def __post_init__(self) -> None:
        run: Any = self.run
        if not (isinstance(run, FileName) or _is_name(run)):
            raise DeclarationError(f"run={run!r:.80}: the name of a column or a FileName is accepted")
        if self.end is not None and not (_is_name(self.end) or _is_name_and_value(self.end)):
            raise DeclarationError(
                f"end={self.end!r:.80}: the name of a column is accepted, or a name and a value:"
                ' ("type", "end_of_run")'
            )
        for key, name in (("number", self.number), ("time", self.time)):
            if name is not None and not _is_name(name):
                raise DeclarationError(f"{key}={name!r:.80}: the name of a column is accepted")
        if not (_is_name(self.unit) and self.unit.isprintable()):
            raise DeclarationError(f"unit={self.unit!r:.80}: a word for what one row is is accepted")

    @property
    def needed(self) -> dict[str, str]:
        """What is needed to tell rows apart: the column that each key names."""
        end = self.end[0] if isinstance(self.end, tuple) else self.end
        run = self.run if isinstance(self.run, str) else None
        given = {"run": run, "end": end, "number": self.number, "time": self.time}
        return {key: name for key, name in given.items() if name}


def _is_name(given: Any) -> bool:
    return isinstance(given, str) and bool(given)


def _is_name_and_value(given: Any) -> bool:
    fits = isinstance(given, tuple) and len(given) == 2  # noqa: PLR2004 - the two that its name says
    return fits and _is_name(given[0]) and isinstance(given[1], str | int | float)
