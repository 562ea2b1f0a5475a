"""Images: a figure, or a file of histograms, made into bytes for one run.

The same for what is drawn here and for what other programs send in the stream. A tag and an
image type become part of a file name, so nothing but the names checked here may do so.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from runfolio.errors import DocumentError
from runfolio.readings import Readings

MAX_TAG_LENGTH = 160
TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+=@-]*", re.ASCII)
IMAGE_TYPE = re.compile(r"[A-Za-z0-9]{1,16}", re.ASCII)

MOST_IMAGES = 10_000
"""Images of one run, each of another tag or type, that are taken from other programs."""

MOST_IMAGE_BYTES = 512 << 20
"""Bytes of them together; with the number of images, a bound on the memory and on the run folder."""


@dataclass(frozen=True, kw_only=True)
class Image:
    """One image of one run: `data` are the bytes of a file of type `image_type`."""

    tag: str
    image_type: str
    data: bytes = field(repr=False)
    description: str = ""
    keywords: tuple[str, ...] = ()
    producer: str = ""
    """The reducer that made it, or `stream` for one that another program sent."""
    table: Readings | None = None
    """What it shows, where that is a table."""
    data_file: bool = False
    """Whether it is for the run folder alone: not shown live, not sent on, its name without a prefix."""


class SentImages:
    """The images of one run that other programs sent: of each tag and type the newest, and boundedly many."""

    def __init__(self, *, most: int = MOST_IMAGES, most_bytes: int = MOST_IMAGE_BYTES) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._bytes = 0
        self._images: dict[tuple[str, str], Image] = {}

    def __iter__(self) -> Iterator[Image]:
        return iter(self._images.values())

    def put(self, image: Image) -> None:
        """Keep an image in place of an older one of its tag and type.

        Raises:
            DocumentError: it would be one too many, or too much together; an older one stays.

        """
        key = image.tag, image.image_type
        older = self._images.get(key)
        if older is None and len(self._images) >= self._most:
            raise DocumentError(
                "too_many_images",
                f"tag {image.tag}: the run has {self._most:,} images, the most that are taken",
            )
        size = self._bytes + len(image.data) - (len(older.data) if older else 0)
        if size > self._most_bytes:
            raise DocumentError(
                "too_many_images",
                f"tag {image.tag}: the run's images would be {size:,} bytes; at most {self._most_bytes:,}",
            )
        self._images[key] = image
        self._bytes = size


@dataclass(frozen=True, kw_only=True)
class Caption:
    """What every picture says of the run it shows."""

    run_number: int
    spills: int
    """Physics spills filled so far; of one's own data, what `unit` says."""
    last_spill_time: float | None
    """Unix seconds of the last spill, by number, that has a time; None where none has."""
    final: bool
    unit: str = "spill"
    """What one of `spills` is."""


def check_tag(tag: str) -> str:
    """Return a tag that may begin a file name.

    Raises:
        DocumentError: it holds anything but letters, digits and `_ . + = @ -`, or begins with
            something else than a letter, digit or `_`, or is too long.

    """
    if len(tag) > MAX_TAG_LENGTH:
        raise DocumentError(
            "bad_tag", f"a tag of {len(tag)} characters; at most {MAX_TAG_LENGTH} are accepted"
        )
    if not TAG.fullmatch(tag):
        raise DocumentError(
            "bad_tag", f"tag {tag!a} is no file name: letters, digits and _ . + = @ - are accepted"
        )
    return tag


def check_image_type(image_type: str) -> str:
    """Return an image type that may end a file name, without a leading dot.

    Raises:
        DocumentError: it is not 1 to 16 letters and digits, or it is `json`, the metadata's own.

    """
    if not IMAGE_TYPE.fullmatch(image_type):
        raise DocumentError(
            "bad_image_type",
            f"image type {image_type[:40]!a} is no file extension: 1 to 16 letters and digits",
        )
    if image_type.lower() == "json":
        raise DocumentError("bad_image_type", "image type json is kept for the metadata beside each image")
    return image_type
