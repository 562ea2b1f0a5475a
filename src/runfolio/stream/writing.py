"""The stream written on: what `--documents` gives to a program further down."""

import base64
import logging
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import msgspec

from runfolio.errors import InputError
from runfolio.images import Image
from runfolio.stream.documents import Kind

log = logging.getLogger(__name__)

STANDARD_OUTPUT = Path("-")


@dataclass(eq=False)
class _Held:
    """An open run, and what waits to be written of it."""

    number: int
    lines: list[bytes] = field(default_factory=list)


class WriterState(msgspec.Struct, frozen=True):
    """Shim."""


class StreamWriter:
    """Writes headers, image documents and footers, one a line; `-` is standard output.

    Run after run, since to a reader the next run's header is the end of the one before: while a run
    still waits for its last pictures, headers of the next are held back, and its live images left out.

    Args:
        path: the file, replaced if it is there; None to write nothing.
        headers_and_footers: whether they are written, or image documents alone.

    Raises:
        InputError: the file cannot be opened.

    """

    def __init__(
        self, path: Path | None, *, headers_and_footers: bool, resume: WriterState | None = None
    ) -> None:
        self._headers_and_footers = headers_and_footers and path is not None
        self._file: IO[bytes] | None = None
        self._runs: list[_Held] = []
        """The open runs; the first one's turn it is. One that was opened anew may be there twice."""
        self.problem = ""
        """Why writing had to be given up."""
        if path is not None:
            self._file = _standard_output() if path == STANDARD_OUTPUT else _opened(path)
        self._owned = path != STANDARD_OUTPUT

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._file is not None and self._owned:
            try:
                self._file.close()
            except OSError as problem:
                self._give_up(problem)

    def state(self) -> WriterState:
        return WriterState()

    def job_mark(self, data: bytes) -> None:
        """Write the header or footer of a job as it came, on one line."""
        if self._headers_and_footers:
            self._write(_on_one_line(data))

    def open_run(self, run_number: int) -> None:
        """Begin a run, after those that are open."""
        self._runs.append(_Held(run_number))

    def run_header(self, run_number: int, data: bytes) -> None:
        """Write a run's header as it came, on one line, once it is the run's turn."""
        if self._headers_and_footers:
            newest = [run for run in self._runs if run.number == run_number][-1]
            newest.lines.append(_on_one_line(data))
            self._go_on()

    def live_images(self, run_number: int, images: Iterable[tuple[str, Image]]) -> None:
        """Write one image document, unless another run comes first: the run's next one will show more."""
        if self._runs and self._runs[0].number == run_number:
            self._images(run_number, images)

    def close_run(self, run_number: int, images: Iterable[tuple[str, Image]], *, footer: bool) -> None:
        """Write a run's last images and its footer; what the next run has held follows."""
        oldest = next(run for run in self._runs if run.number == run_number)
        self._runs.remove(oldest)
        for line in oldest.lines:
            self._write(line)
        self._images(run_number, images)
        if footer and self._headers_and_footers:
            self._write(msgspec.json.encode({"maus_event_type": Kind.RUN_FOOTER, "run_number": run_number}))
        self._go_on()

    def _go_on(self) -> None:
        """Write what the run whose turn it is has held."""
        for run in self._runs[:1]:
            for line in run.lines:
                self._write(line)
            run.lines.clear()

    def _images(self, run_number: int, images: Iterable[tuple[str, Image]]) -> None:
        """Write one image document: each image under the tag that it is filed under here."""
        if self._file is None:
            return
        entries = [
            {
                "keywords": image.keywords,
                "description": image.description,
                "tag": tag,
                "image_type": image.image_type,
                "data": base64.b64encode(image.data).decode("ascii"),
            }
            for tag, image in images
        ]
        if entries:
            self._write(
                msgspec.json.encode(
                    {"maus_event_type": Kind.IMAGE, "run_number": run_number, "image_list": entries}
                )
            )

    def _write(self, line: bytes) -> None:
        """Write a line; a full disk ends the writing, and nothing else."""
        if self._file is None or self.problem:
            return
        try:
            self._file.write(line + b"\n")
            self._file.flush()
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        if self._file is not None and not self.problem:
            self.problem = f"{self._file.name}: cannot be written on: {error.strerror}"
            log.warning("%s", self.problem)


def _standard_output() -> IO[bytes]:
    if sys.stdout is None:
        raise InputError("standard output is closed; name a file for the stream")
    return sys.stdout.buffer


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("wb")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"{path}: cannot be written: {reason}") from error


def _on_one_line(data: bytes) -> bytes:
    """Return a JSON text on one line: no string of it holds a raw line break."""
    return data.replace(b"\r", b"").replace(b"\n", b"")
