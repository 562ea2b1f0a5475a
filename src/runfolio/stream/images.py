"""Images in the stream: made by other programs, taken in entry by entry."""

import base64
import binascii
from collections.abc import Iterator

import msgspec
from msgspec import DecodeError, ValidationError

from runfolio.errors import DocumentError
from runfolio.images import Image, check_image_type, check_tag
from runfolio.stream.documents import ImageEntry, ImageList
from runfolio.stream.image_content import check_content

PRODUCER = "stream"
"""Who made the images that came in."""

_ENTRY = msgspec.json.Decoder(ImageEntry)


def read_images(body: ImageList, limit: int | None = None) -> Iterator[Image | DocumentError]:
    """Give each entry as an image or, a bad one, as what is wrong with it, which costs only itself.

    An image of more than `limit` bytes is a bad one.
    """
    for number, raw in enumerate(body.image_list):
        try:
            yield _image(raw, limit)
        except DocumentError as error:
            yield DocumentError(error.reason, f"image_list[{number}]: {error.detail}")


def _image(raw: msgspec.Raw, limit: int | None) -> Image:
    try:
        entry = _ENTRY.decode(raw)
    except ValidationError as error:
        raise DocumentError("wrong_type", str(error)) from error
    except (DecodeError, RecursionError) as error:
        raise DocumentError("not_json", str(error)) from error
    tag, image_type = check_tag(entry.tag), check_image_type(entry.image_type)
    if limit is not None:
        _check_size(tag, entry.data, limit)
    return Image(
        tag=tag,
        image_type=image_type,
        data=check_content(tag, image_type, _decoded(entry.data)),
        description=entry.description,
        keywords=tuple(entry.keywords),
        producer=PRODUCER,
    )


def _check_size(tag: str, data: str, limit: int) -> None:
    """Refuse an image that is too large by the length of its base64, before memory is spent on it."""
    size = len(data) * 3 // 4 - data[-2:].count("=")
    if size > limit:
        raise DocumentError("image_too_large", f"tag {tag}: an image of {size:,} bytes; at most {limit:,}")


def _decoded(data: str) -> bytes:
    """Return the bytes of strict base64: a skipped character would silently damage a picture."""
    try:
        decoded = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise DocumentError("bad_base64", str(error)) from error
    if not decoded:
        raise DocumentError("bad_base64", "no data")
    return decoded
