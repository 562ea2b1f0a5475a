"""Keeping: a run's state comes back as it was; what goes wrong stops nothing."""

import errno
import logging
from pathlib import Path

import msgspec
import pytest

from runfolio.errors import CheckpointError
from runfolio.folder import write_checkpoint
from runfolio.folder.faults import Fail
from runfolio.keeping import Kept
from runfolio.run_plots import RunPlots
from runfolio.runs import EndedBy, Run
from runfolio.settings import Settings
from runfolio.watching import watched
from support import FakeClock
from trials import Hits, reducer

LEARNED = {"asked": [b"x"]}


def plots(number: int = 7) -> RunPlots:
    """Return the plots of a run that has ended."""
    made = RunPlots(Run(number, opened_at=1.0), [reducer()], Settings())
    made.fill([Hits(1, (1.0, 2.5))])
    made.run.end(EndedBy.RUN_FOOTER, 3.0, 3.0)
    return made


def kept(directory: Path, origin: int | None = None) -> Kept:
    return Kept(directory, "plots and settings", FakeClock(5), origin)


def test_a_state_comes_back(tmp_path: Path) -> None:
    run = plots()
    kept(tmp_path).keep(run, LEARNED, 2)
    found = kept(tmp_path).read(7)
    assert found is not None
    assert (found.run, found.reader) == (run.run.state(5.0), LEARNED)
    assert msgspec.msgpack.encode(found.plots) == msgspec.msgpack.encode(run.state())
    assert (found.identity, found.revision, found.origin) == ("plots and settings", 2, 2)


def test_a_further_revision_is_of_the_origin_of_the_first(tmp_path: Path) -> None:
    kept(tmp_path, origin=2).keep(plots(), {}, 3)
    found = kept(tmp_path).read(7)
    assert found is not None
    assert (found.revision, found.origin) == (3, 2)


def test_there_is_none_of_another_run(tmp_path: Path) -> None:
    kept(tmp_path).keep(plots(7), {}, 1)
    assert kept(tmp_path).read(8) is None


def test_what_goes_wrong_is_logged_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    states = kept(tmp_path)
    with caplog.at_level(logging.WARNING), watched(Fail(0, errno.ENOSPC, through=True)):
        states.keep(plots(7), {}, 1)
        states.keep(plots(8), {}, 1)
    [message] = caplog.messages
    assert "cannot be put in any more" in message
    assert "No space left on device" in message


def test_a_state_of_another_version(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "kept" / "7", msgspec.msgpack.encode({"of": "another"}))
    with pytest.raises(CheckpointError, match="another version"):
        kept(tmp_path).read(7)
