"""The stream written on: what `--documents` gives to a program further down."""

import base64
import logging
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import msgspec
from msgspec import Struct, field

from runfolio.errors import InputError
from runfolio.images import Image
from runfolio.stream.documents import Kind

log = logging.getLogger(__name__)

STANDARD_OUTPUT = Path("-")


class HeldRun(Struct, eq=False):
    """An open run, and what waits to be written of it."""

    number: int
    lines: list[bytes] = field(default_factory=list)


class WriterState(Struct, frozen=True, kw_only=True):
    """How far the stream has been written on: for a checkpoint."""

    position: int | None
    """Bytes in the file; None where it can't be gone back in, or there is none."""
    runs: list[HeldRun]
    problem: str
    given_up: bool


class StreamWriter:
    """Writes headers, image documents and footers, one a line; `-` is standard output.

    Run after run, since to a reader the next run's header is the end of the one before: while a run
    still waits for its last pictures, headers of the next are held back, and its live images left out.

    Args:
        path: the file, replaced if it is there; None to write nothing.
        headers_and_footers: whether they are written, or image documents alone.
        resume: goes on from there: what the file has beyond it is cut off, since it will come once more. A
            file that does not reach so far is begun anew, which is a problem. What went to standard output
            or into a pipe can't be taken back.

    Raises:
        InputError: the file cannot be opened.

    """

    def __init__(
        self, path: Path | None, *, headers_and_footers: bool, resume: WriterState | None = None
    ) -> None:
        self._headers_and_footers = headers_and_footers and path is not None
        self._file: IO[bytes] | None = None
        self._runs: list[HeldRun] = _copied(resume.runs) if resume else []
        """The open runs; the first one's turn it is. One that was opened anew may be there twice."""
        self.problem = resume.problem if resume else ""
        """What the stream lacks: why writing had to be given up, or what was lost at a restart."""
        self._given_up = resume is not None and resume.given_up
        self._position = 0
        self._owned = path != STANDARD_OUTPUT
        if path == STANDARD_OUTPUT:
            self._file = _standard_output()
        elif path is not None:
            self._file = self._opened(path, resume.position if resume else None)
        self._goes_back = self._owned and self._file is not None and _is_regular(self._file)

    def _opened(self, path: Path, position: int | None) -> IO[bytes]:
        """Open the file, anew or where it had got to."""
        with _told(path):
            if position and (file := _cut(path, position)):
                self._position = position
                return file
            if position and not self.problem:
                self.problem = f"{path}: is not what was written before the restart; it begins anew"
                log.warning("%s", self.problem)
            return path.open("wb")

    def state(self) -> WriterState:
        """Return how far the stream has been written on; what the writer does later does not change it."""
        return WriterState(
            position=self._position if self._goes_back else None,
            runs=_copied(self._runs),
            problem=self.problem,
            given_up=self._given_up,
        )

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

    def job_mark(self, data: bytes) -> None:
        """Write the header or footer of a job as it came, on one line."""
        if self._headers_and_footers:
            self._write(_on_one_line(data))

    def open_run(self, run_number: int) -> None:
        """Begin a run, after those that are open."""
        self._runs.append(HeldRun(run_number))

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
        if self._file is None or self._given_up:
            return
        try:
            self._file.write(line + b"\n")
            self._file.flush()
        except OSError as error:
            self._give_up(error)
        else:
            self._position += len(line) + 1

    def _give_up(self, error: OSError) -> None:
        if self._file is not None and not self._given_up:
            self._given_up = True
            self.problem = f"{self._file.name}: cannot be written on: {error.strerror}"
            log.warning("%s", self.problem)


def _standard_output() -> IO[bytes]:
    if sys.stdout is None:
        raise InputError("standard output is closed; name a file for the stream")
    return sys.stdout.buffer


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"{path}: cannot be written: {reason}") from error


def _cut(path: Path, position: int) -> IO[bytes] | None:
    """Return the file, cut off at a position; None where it does not reach so far, or no line ends there."""
    if not path.is_file():
        return None
    file = path.open("r+b")
    try:
        file.seek(position - 1)
        if file.read(1) != b"\n":
            file.close()
            return None
        file.truncate(position)
        file.seek(position)
    except BaseException:
        file.close()
        raise
    return file


def _is_regular(file: IO[bytes]) -> bool:
    return stat.S_ISREG(os.fstat(file.fileno()).st_mode)


def _copied(runs: Iterable[HeldRun]) -> list[HeldRun]:
    return [HeldRun(run.number, list(run.lines)) for run in runs]


def _on_one_line(data: bytes) -> bytes:
    """Return a JSON text on one line: no string of it holds a raw line break."""
    return data.replace(b"\r", b"").replace(b"\n", b"")
