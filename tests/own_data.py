"""Words for tests of one's own data: a directory with a plots file and data, and the program run in it."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]  # it has no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # as above
import uproot  # type: ignore[import-untyped]  # as above

from support import Runfolio, record

NO_PICTURES = ("--histogram-image-type", "none")


class Here:
    """A directory with a plots file and data, and the program run in it."""

    def __init__(self, path: Path, runfolio: Runfolio) -> None:
        self.path = path
        self.runfolio = runfolio

    def plots(self, reads: str = 'Columns(run="run")', more: str = "") -> "Here":
        """Write a plots file with a histogram of x."""
        (self.path / "my.py").write_text(
            "from runfolio import Columns, FileName, Reducer, Regular, Spills\n"
            f"events = Reducer('Events', reads={reads})\n"
            "events.hist('x', Regular(10, 0, 10))\n" + more
        )
        return self

    def lines(self, name: str, *records: Any) -> "Here":
        """Write records one a line; bytes go in as they are."""
        data = [each if isinstance(each, bytes) else json.dumps(each).encode() for each in records]
        (self.path / name).write_bytes(b"".join(line + b"\n" for line in data))
        return self

    def parquet(self, name: str, *, rows_in_group: int | None = None, **columns: Any) -> "Here":
        pq.write_table(pa.table(columns), self.path / name, row_group_size=rows_in_group)
        return self

    def run(
        self, *arguments: str, status: int = 0, stdin: bytes = b"", pictures: bool = False
    ) -> subprocess.CompletedProcess[str]:
        options = ("run", "--plots", "my.py", *(() if pictures else NO_PICTURES))
        return self.runfolio(*options, *arguments, status=status, stdin=stdin)

    def refused(self, *arguments: str) -> str:
        """Return the one line that says why it could not start; nothing was written then."""
        before = self._files()
        done = self.run(*arguments, status=2)
        assert self._files() == before
        assert done.stderr.count("\n") == 1
        return done.stderr

    def _files(self) -> set[Path]:
        return {each for each in self.path.rglob("*") if "__pycache__" not in each.parts}

    def sealed(self, run_number: int) -> Path:
        return self.path / "end_of_run" / str(run_number)

    def filled(self) -> dict[int, int]:
        """Return the events of each run's folder."""
        folders = sorted((self.path / "end_of_run").glob("[0-9]*"))
        return {record(each)["run_number"]: record(each)["documents"]["filled"] for each in folders}

    def x(self, run_number: int) -> list[int]:
        """Return the bins of x in range."""
        file = uproot.open(self.sealed(run_number) / "imageEvents.root")
        found: list[int] = file["x"].values().astype(int).tolist()
        return found


def row(run: int, x: Any, **more: Any) -> dict[str, Any]:
    return {"run": run, "x": x, **more}
