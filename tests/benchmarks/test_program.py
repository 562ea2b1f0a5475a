"""What the benchmark tells and writes, also of what could not be measured."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import __main__ as program
from benchmarks import report
from benchmarks.rows import Bench, Row, at_least, at_most

REACHED = at_least("one", 21.0, 20.0, ["1.00 s and 21.00 s"])
MISSED = at_most("other", 3.0, 2.0, "s", ["best 2.5 s"])


def succeed(_bench: Bench) -> Iterator[Row]:
    yield REACHED
    yield MISSED


def break_off(_bench: Bench) -> Iterator[Row]:
    yield REACHED
    raise OSError("no room")


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "benchmarks.md"
    path.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
    return path


def test_a_target_that_is_missed_is_told_and_no_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(program, "CASES", {"case": succeed})
    assert program.main([]) == 0
    told = capsys.readouterr().out
    assert "(reached)\n    1.00 s and 21.00 s\n" in told
    assert "other: 3 s; target under 2 s (NOT REACHED)" in told


def test_what_could_not_be_measured_is_told_beside_what_could(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], document: Path
) -> None:
    monkeypatch.setattr(program, "CASES", {"breaks": break_off, "works": succeed})
    assert program.main(["--write", str(document)]) == 1
    told = capsys.readouterr().out
    assert "OSError: no room" in told
    assert "other" in told
    assert "OSError: no room" in document.read_text()


def test_figures_replace_those_before(monkeypatch: pytest.MonkeyPatch, document: Path) -> None:
    monkeypatch.setattr(program, "CASES", {"case": succeed})
    program.main(["--write", str(document), "--runs", "7"])
    text = document.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    assert '`make bench OPTIONS="--runs 7"`' in text
    assert "1 of 2 targets are reached" in text
    assert "| other | under 2 s | 3 s | NO | best 2.5 s |" in text


def test_a_part_of_the_benchmark_leaves_the_document_as_it_is(
    monkeypatch: pytest.MonkeyPatch, document: Path
) -> None:
    monkeypatch.setattr(program, "CASES", {"case": succeed, "another": succeed})
    before = document.read_text()
    program.main(["--only", "case", "--write", str(document)])
    assert document.read_text() == before
