"""Settings are read and never executed; what is none is refused in one line, before anything is written."""

from pathlib import Path

import pytest

from hostile.processing import elsewhere
from hostile.settings_files import CARDS, CASES, SettingsCase
from runfolio import cli
from support import spill, stream


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_hostile_settings_file_is_refused_in_a_line(
    place: Path, capsys: pytest.CaptureFixture[str], case: SettingsCase
) -> None:
    (place / "spills.json").write_bytes(stream(spill(1, 1)))
    path = place / case.file
    path.write_bytes(case.made) if isinstance(case.made, bytes) else case.made(path)
    before = set(elsewhere(place))
    cards = ["--configuration-file", CARDS] if case.file == CARDS else []
    status = cli.main(["run", "spills.json", "--quiet", "--histogram-image-type", "none", *cards])
    said = capsys.readouterr()
    assert (status, said.out) == (2 if case.says else 0, "")
    assert all(line.isprintable() and len(line) < 20_000 for line in said.err.splitlines())
    if case.says:
        assert len(said.err.splitlines()) == 1
        assert case.says in said.err
        assert not (place / "live").exists()
    assert set(elsewhere(place)) == before
