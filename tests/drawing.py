"""Drawing within the test's own process: it takes no time to start, and what is shown when is certain."""

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from types import TracebackType
from typing import Self

import pytest

from runfolio import including, pipeline
from runfolio.render import Rendered, Renderer, RenderJob, render


class RendererHere(Renderer):
    """Draws at once, in this process."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def submit(self, job: RenderJob, *, live: bool = False) -> Future[Rendered]:  # noqa: ARG002
        future: Future[Rendered] = Future()
        future.set_result(render(job))
        return future

    def hurry(self, seconds: float) -> None:
        """All is drawn as soon as it is asked for."""


@contextmanager
def drawn_here() -> Iterator[None]:
    """Have the pipeline draw in this process."""
    with drawn_by(RendererHere):
        yield


@contextmanager
def drawn_by(renderer: type) -> Iterator[None]:
    """Have jobs use another renderer than the program does."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (pipeline, including):
            patch.setattr(module, "Renderer", renderer)
        yield
