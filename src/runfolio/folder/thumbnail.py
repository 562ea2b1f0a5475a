"""A small picture of a run, made of the first one in its folder, to find the run by."""

import logging
from io import BytesIO
from pathlib import Path
from struct import Struct

from runfolio.errors import FolderError, in_one_line
from runfolio.folder._files import read_whole
from runfolio.folder.record import RunRecord

logger = logging.getLogger(__name__)

WIDTH = HEIGHT = 320
"""Pixels, at most."""

FILE_LIMIT = 64 << 20
PIXEL_LIMIT = 25_000_000
"""Of the picture: another program may have sent it, and a few bytes can stand for any number of pixels."""

_PNG_HEAD = Struct(">8s4x4sII")
"""How a PNG begins: its mark, then a chunk with width and height."""


def make_thumbnail(folder: Path, record: RunRecord) -> bytes | None:
    """Return a PNG of the first PNG that a run's record names; None where there is none that can be shown.

    Raises:
        FolderError: that file cannot be read.

    """
    first = next((each for each in record.images if each.image_type.lower() == "png"), None)
    if first is None or first.bytes > FILE_LIMIT:
        return None
    data = read_whole(folder / first.file, limit=FILE_LIMIT)
    try:
        return _smaller(data)
    except Exception as error:  # noqa: BLE001 - of a library, on the bytes of whoever sent the picture
        logger.warning("%s: no thumbnail of %s: %s", folder, first.file, in_one_line(error))
        return None


def _smaller(data: bytes) -> bytes:
    from PIL import Image  # noqa: PLC0415 - needed for few runs, by few commands

    _refuse_huge(data)
    with Image.open(BytesIO(data), formats=["PNG"]) as picture:
        small = picture.convert("RGBA")
    small.thumbnail((WIDTH, HEIGHT))
    small.save(made := BytesIO(), "PNG", optimize=True)
    return made.getvalue()


def _refuse_huge(data: bytes) -> None:
    if len(data) < _PNG_HEAD.size:
        raise FolderError("it is cut off")
    *_, width, height = _PNG_HEAD.unpack_from(data)
    if width * height > PIXEL_LIMIT:
        raise FolderError(f"it has {width:,} x {height:,} pixels")
