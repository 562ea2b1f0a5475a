"""`runfolio run --profile`: where the time of a run went."""

from pathlib import Path

from runfolio.profiling import Stage
from support import Runfolio, mark, spill, stream


def test_a_profile_has_every_stage_and_all_of_the_time(runfolio: Runfolio, tmp_path: Path) -> None:
    (tmp_path / "spills.json").write_bytes(stream(mark("RunHeader", 7), spill(7, 1), mark("RunFooter", 7)))
    told = runfolio("run", "spills.json", "--profile", "--quiet", "--histogram-image-type", "none")
    head, *rows, together, beside = told.stderr.splitlines()
    assert head.split() == ["stage", "seconds", "share"]
    seconds = {name: float(spent) for name, spent, _ in map(str.split, rows)}
    assert list(seconds) == [stage.value for stage in Stage]
    # What is left of each stage is there: nothing takes less than half a millisecond but what it does not do.
    assert min(seconds[stage] for stage in ("starting", "writing", "waiting")) > 0
    assert together.split()[0] == "together"
    assert abs(sum(seconds.values()) - float(together.split()[1])) < 0.01
    assert beside.startswith("beside it, the drawing process was at work for ")


def test_with_workers_most_is_waiting_for_them(runfolio: Runfolio, tmp_path: Path) -> None:
    for number in (7, 8):
        content = stream(mark("RunHeader", number), spill(number, 1), mark("RunFooter", number))
        (tmp_path / f"{number}.json").write_bytes(content)
    files = ("7.json", "8.json")
    told = runfolio("run", *files, "--workers", "2", "--profile", "--quiet", "--histogram-image-type", "none")
    seconds = {row[0]: float(row[1]) for row in map(str.split, told.stderr.splitlines()[1:-2])}
    assert seconds["workers"] > seconds["reading"] + seconds["decoding"] + seconds["filling"]


def test_a_profile_does_not_spoil_the_stream_that_is_written_on(runfolio: Runfolio) -> None:
    given = stream(mark("RunHeader", 7), spill(7, 1), mark("RunFooter", 7))
    told = runfolio("run", "-", "--profile", "--documents", "-", stdin=given)
    assert all(line.startswith("{") for line in told.stdout.splitlines())
    assert "together" in told.stderr
