"""The metadata beside each image, and how a list of images falls into files.

One metadata file for each tag: in two image types it is one thing shown twice. It says where the
picture is and what its digest is, and never holds the picture again.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from runfolio.errors import DocumentError
from runfolio.folder.names import Names
from runfolio.folder.record import Count, ImageFailed, RunNumber, Sha256, Time, read_json, time_text
from runfolio.images import Caption, Image, check_image_type
from runfolio.readings import Readings

IMAGE_SCHEMA = "runfolio.image/1"
METADATA_LIMIT = 64 * 1024 * 1024

State = Literal["open", "final"]


class ImageFile(Struct, frozen=True, kw_only=True):
    """One file of a tag."""

    file: Annotated[str, Meta(description="Its name, in the same directory")]
    image_type: Annotated[str, Meta(description="The extension of its name")]
    bytes: Count
    sha256: Sha256


class Metadata(Struct, frozen=True, kw_only=True, tag_field="schema", tag=IMAGE_SCHEMA):
    """What is shown under one tag: the `<prefix><tag>.json` beside the pictures."""

    tag: Annotated[str, Meta(description="The tag that the images are filed under")]
    original_tag: Annotated[
        str | None, Meta(description="The producer's own tag, where another producer had it; else null")
    ]
    description: str
    keywords: tuple[str, ...]
    producer: Annotated[str, Meta(description="The reducer that made it, or `stream`")]
    run_number: RunNumber
    state: Annotated[State, Meta(description="`open` while the run lasts")]
    spills: Annotated[Count, Meta(description="Physics spills filled so far, or what `unit` says")]
    unit: Annotated[str, Meta(description="`spill`, or what one row of one's own data is")]
    last_spill_time: Annotated[Time | None, Meta(description="Of the last spill that has one, UTC")]
    images: Annotated[tuple[ImageFile, ...], Meta(description="The same in each image type")]
    table: Annotated[Readings | None, Meta(description="What a table's picture shows; else null")] = None


@dataclass(frozen=True, kw_only=True)
class TagImages:
    """The images of one tag of one producer, one for each image type; the newest describes all."""

    name: str
    """The tag that they are filed under: their own, or a second name."""
    stem: str
    """What the names of their files begin with."""
    images: tuple[Image, ...]
    newest: Image


@dataclass(frozen=True, kw_only=True)
class Arranged:
    """Images by tag, in the order in which they first came, and those that cannot be filed."""

    tags: tuple[TagImages, ...]
    failed: tuple[ImageFailed, ...]


def arrange(images: Iterable[Image], names: Names) -> Arranged:
    """Sort images into tags; of two with the same tag, type and producer the later one stays."""
    by_name: dict[str, dict[str, Image]] = {}
    newest: dict[str, Image] = {}
    failed = []
    for image in images:
        try:
            check_image_type(image.image_type)
            name = names.name(image.tag, image.producer, data_file=image.data_file)
        except DocumentError as error:
            failed.append(
                ImageFailed(tag=image.tag[:200], image_type=image.image_type[:40], reason=str(error))
            )
            continue
        by_name.setdefault(name, {})[image.image_type] = newest[name] = image
    tags = tuple(
        TagImages(
            name=name,
            stem=names.stem(name, data_file=newest[name].data_file),
            images=tuple(each.values()),
            newest=newest[name],
        )
        for name, each in by_name.items()
    )
    return Arranged(tags=tags, failed=tuple(failed))


def image_file(file: str, image: Image) -> ImageFile:
    """Return what is said of an image in a file of this name."""
    digest = hashlib.sha256(image.data).hexdigest()
    return ImageFile(file=file, image_type=image.image_type, bytes=len(image.data), sha256=digest)


def describe(tag: TagImages, files: Mapping[str, ImageFile], caption: Caption) -> Metadata:
    """Return the metadata of a tag's files, which are given by image type."""
    newest = tag.newest
    return Metadata(
        tag=tag.name,
        original_tag=newest.tag if newest.tag != tag.name else None,
        description=newest.description,
        keywords=newest.keywords,
        producer=newest.producer,
        run_number=caption.run_number,
        state="final" if caption.final else "open",
        spills=caption.spills,
        unit=caption.unit,
        last_spill_time=time_text(caption.last_spill_time),
        images=tuple(files[image_type] for image_type in sorted(files)),
        table=newest.table,
    )


def read_metadata(path: Path) -> Metadata:
    """Return the metadata in a file.

    Raises:
        FolderError: it is missing, no JSON, of another schema, or lacks something.

    """
    return read_json(path, Metadata, IMAGE_SCHEMA, limit=METADATA_LIMIT)
