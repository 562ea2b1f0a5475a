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

    Args:
        path: the file, replaced if it is there; None to write nothing.
        headers_and_footers: whether they are written, or image documents alone.

    Raises:
        InputError: the file cannot be opened.

    """

    def __init__(self, path: Path | None, *, headers_and_footers: bool) -> None:
        self._headers_and_footers = headers_and_footers and path is not None
        self._file: IO[bytes] | None = None
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

    def mark(self, data: bytes) -> None:
        """Write a header or footer as it came, on one line."""
        if self._headers_and_footers:
            self._write(msgspec.json.format(data, indent=-1))

    def run_footer(self, run_number: int) -> None:
        if self._headers_and_footers:
            self._write(msgspec.json.encode({"maus_event_type": Kind.RUN_FOOTER, "run_number": run_number}))

    def images(self, run_number: int, images: Iterable[tuple[str, Image]]) -> None:
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
