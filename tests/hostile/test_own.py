"""A hostile record of one's own data costs itself alone; names of columns are told in printable words."""

from pathlib import Path

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # it has no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # as above
import pytest
import uproot  # type: ignore[import-untyped]  # as above

from hostile.own import CASES, SOUND, OwnCase
from hostile.processing import assert_accounted, process
from hostile.texts import TEXTS
from runfolio import cli
from runfolio.plots import Category, Columns, Reducer, Regular, Strip
from support import stream


def reducer() -> Reducer:
    mine = Reducer("Mine", reads=Columns(run="run", number="n", time="t"))
    mine.hist("x", Regular(10, 0, 10))
    mine.hist("strip", Strip(step=10), values="x")
    mine.hist("words", Category(limit=5), values="word")
    mine.hist("fields", Regular(3, 0, 3), values="a.b")
    return mine


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_hostile_record_costs_itself_alone(place: Path, case: OwnCase) -> None:
    outcome = process(place, "events.jsonl", stream(SOUND, case.sent, SOUND), [reducer()])
    assert_accounted(outcome, 3)
    assert dict(outcome.summary.rejected) == ({case.rejected: 1} if case.rejected else {})
    assert tuple(outcome.folders) == case.runs
    assert outcome.counted(1)["filled"] == (2 if case.rejected or len(case.runs) > 1 else 3)
    assert outcome.lost(1) == case.lost
    assert outcome.summary.problems == []


@pytest.mark.parametrize("picture", ["png", "svg", "pdf"])
def test_hostile_words_are_drawn(place: Path, picture: str) -> None:
    mine = Reducer("Mine", reads=Columns(run="run"))
    mine.hist("words", Category(limit=50), values="word")
    words = ["\0", "\ue000", "\U0001f600", "\u6f22", "w" * 100_000, *TEXTS.values()]
    outcome = process(
        place, "events.jsonl", stream(*({"run": 1, "word": word} for word in words)), [mine], picture
    )
    assert (outcome.folders[1] / f"imagewords.{picture}").stat().st_size > 1_000
    assert outcome.summary.exit_status == 0


MINE = """from runfolio import Columns, Reducer, Regular
mine = Reducer("Mine", reads=Columns(run="run"))
mine.hist("x", Regular(10, 0, 10), values="energy")
"""


def written(place: Path, columns: dict[str, list[float]]) -> list[str]:
    """Write columns as Parquet and as a tree, and return the names of the files."""
    pq.write_table(pa.table(columns), place / "data.parquet")
    with uproot.recreate(place / "data.root") as file:
        file["events"] = {name: np.array(values) for name, values in columns.items()}
    return ["data.parquet", "data.root"]


@pytest.mark.parametrize("kind", [".parquet", ".root"])
@pytest.mark.parametrize("command", ["plots", "run"])
def test_names_of_columns_are_told_without_their_control_characters(
    place: Path, capsys: pytest.CaptureFixture[str], command: str, kind: str
) -> None:
    (place / "mine.py").write_text(MINE)
    names = [
        text.replace("[", "(").replace("/", "|") for text in TEXTS.values()
    ]  # uproot reads these its way
    written(place, {"run": [1.0], **{name: [1.0] for name in names}})
    assert cli.main([command, "--plots", "mine.py", f"data{kind}"]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.isprintable()
    assert "energy" in line


def test_keys_of_lines_are_told_without_their_control_characters(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "mine.py").write_text(MINE)
    (place / "data.jsonl").write_bytes(stream({"run": 1, **dict.fromkeys(TEXTS.values(), 1)}))
    assert cli.main(["run", "--plots", "mine.py", "--quiet", "data.jsonl"]) == 1
    said = capsys.readouterr().err
    assert "energy" in said
    assert all(line.isprintable() for line in said.split("\n"))


@pytest.mark.parametrize(
    "numbers", [[-1.0], [1.5], [float("nan")], [float("inf")], [1e300], [2.0**63]], ids=str
)
def test_a_column_of_run_numbers_that_are_none_is_set_aside(place: Path, numbers: list[float]) -> None:
    for file in written(place, {"run": [*numbers, 1.0], "energy": [1.0, 2.0]}):
        mine = Reducer("Mine", reads=Columns(run="run"))
        mine.hist("energy", Regular(10, 0, 10))
        outcome = process(place, f"x{Path(file).suffix}", (place / file).read_bytes(), [mine])
        assert sum(outcome.summary.rejected.values()) == 1
        assert [run.spills for run in outcome.summary.runs] == [1]


@pytest.mark.parametrize("kept", [0, 4, 100, 500])
def test_files_of_columns_that_are_cut_or_full_of_rubbish_are_told_of(
    place: Path, capsys: pytest.CaptureFixture[str], kept: int
) -> None:
    (place / "mine.py").write_text(MINE)
    for file in written(place, {"run": [1.0] * 1000, "energy": [1.0] * 1000}):
        data = (place / file).read_bytes()
        (place / file).write_bytes(data[:kept] + b"\xff\x1b]0;owned\x07" * 100)
        status = cli.main(["run", "--plots", "mine.py", "--quiet", file])
        said = capsys.readouterr()
        assert status in (1, 2)
        assert len(said.err) < 2_000
        assert all(line.isprintable() for line in said.err.splitlines())
