"""The stream written on: what `--documents` gives to a program further down."""

import base64
import logging
import sys
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import msgspec

from runfolio.errors import InputError
from runfolio.images import Image
from runfolio.stream.documents import Kind

log = logging.getLogger(__name__)

STANDARD_OUTPUT = Path("-")


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

    def __init__(self, path: Path | None, *, headers_and_footers: bool) -> None:
        self._headers_and_footers = headers_and_footers and path is not None
        self._file: IO[bytes] | None = None
        self._held: dict[int, list[bytes]] = {}
        """What waits to be written, by run; the first run's turn it is."""
        self.problem = ""
        """Why writing had to be given up."""
        try:
            if path is not None:
                self._file = sys.stdout.buffer if path == STANDARD_OUTPUT else path.open("wb")
        except OSError as error:
            raise InputError(f"{path}: cannot be written: {error.strerror}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._file not in (None, sys.stdout.buffer):
            self._file.close()

    def job_mark(self, data: bytes) -> None:
        """Write the header or footer of a job as it came, on one line."""
        if self._headers_and_footers:
            self._write(msgspec.json.format(data, indent=-1))

    def open_run(self, run_number: int) -> None:
        """Begin a run, after those that are open."""
        self._held[run_number] = []

    def run_header(self, run_number: int, data: bytes) -> None:
        """Write a run's header as it came, on one line, once it is the run's turn."""
        if self._headers_and_footers:
            self._held[run_number].append(msgspec.json.format(data, indent=-1))
            self._go_on()

    def live_images(self, run_number: int, images: Iterable[tuple[str, Image]]) -> None:
        """Write one image document, unless another run comes first: the run's next one will show more."""
        if self._turn() == run_number:
            self._images(run_number, images)

    def close_run(self, run_number: int, images: Iterable[tuple[str, Image]], *, footer: bool) -> None:
        """Write a run's last images and its footer; what the next run has held follows."""
        for line in self._held.pop(run_number):
            self._write(line)
        self._images(run_number, images)
        if footer and self._headers_and_footers:
            self._write(msgspec.json.encode({"maus_event_type": Kind.RUN_FOOTER, "run_number": run_number}))
        self._go_on()

    def _turn(self) -> int | None:
        return next(iter(self._held), None)

    def _go_on(self) -> None:
        """Write what the run whose turn it is has held."""
        for held in list(self._held.values())[:1]:
            for line in held:
                self._write(line)
            held.clear()

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
            self.problem = f"{self._file.name}: cannot be written on: {error.strerror}"
            log.warning("%s", self.problem)
