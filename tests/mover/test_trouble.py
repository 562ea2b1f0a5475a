"""Trouble is said once, until it is over."""

import pytest

from runfolio.mover.trouble import Trouble


def test_trouble_is_said_again_once_it_is_another_or_comes_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    trouble = Trouble()
    for words in ("full", "full", "locked", "locked"):
        trouble.met(OSError(words))
    trouble.over()
    trouble.met(OSError("locked"))
    assert [line.partition(";")[0] for line in caplog.messages] == ["full", "locked", "locked"]
