"""What of the mover's progress is told, and that nothing depends on who reads it."""

import io
import logging
from collections.abc import Callable

import pytest
from rich.console import Console

from runfolio.move_progress import MoveProgress
from runfolio.mover.entries import Delivery

DELIVERY = Delivery(run="4235", destination="tape", since=0.0)


class Refusing(io.StringIO):
    """An output that is refused; how often it is tried is counted."""

    def __init__(self, error: OSError) -> None:
        super().__init__()
        self.error = error
        self.tries = 0

    def write(self, _text: str, /) -> int:
        self.tries += 1
        raise self.error


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: OSError(28, "No space left on device"), "cannot write the output: No space left on device"),
        (lambda: BrokenPipeError(32, "Broken pipe"), "the output"),
    ],
)
def test_deliveries_go_on_where_the_output_is_refused(
    make: Callable[[], OSError], words: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.dup2", lambda *_: 0)
    output = Refusing(make())
    with caplog.at_level(logging.WARNING), MoveProgress(Console(file=output)) as progress:
        for _ in range(3):
            progress(DELIVERY, 1000, lambda: 1)
        tries = output.tries
    assert output.tries == tries
    assert len(caplog.messages) == 1
    assert words in caplog.messages[0]
