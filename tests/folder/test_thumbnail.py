"""Thumbnails: small pictures, of whatever other programs call a PNG."""

import logging
from io import BytesIO
from pathlib import Path
from struct import pack

import pytest
from PIL import Image as Pictures

from runfolio.errors import FolderError
from runfolio.folder import read_record
from runfolio.folder.thumbnail import make_thumbnail
from runfolio.images import Image
from sealed_folders import png, seal_run


def thumbnail(directory: Path, *data: bytes, image_type: str = "png") -> bytes | None:
    """Return the thumbnail of a run with these pictures."""
    images = [Image(tag=f"tag{number}", image_type=image_type, data=each) for number, each in enumerate(data)]
    folder = seal_run(directory, images=images).path
    return make_thumbnail(folder, read_record(folder))


def size(data: bytes | None) -> tuple[int, int]:
    assert data is not None
    with Pictures.open(BytesIO(data), formats=["PNG"]) as picture:
        picture.load()
        return picture.size


@pytest.mark.parametrize(
    ("was", "becomes"),
    [((800, 600), (320, 240)), ((600, 800), (240, 320)), ((100, 40), (100, 40)), ((4000, 1), (320, 1))],
)
def test_it_is_of_the_first_picture_and_small(
    tmp_path: Path, was: tuple[int, int], becomes: tuple[int, int]
) -> None:
    assert size(thumbnail(tmp_path, png(*was), png(50, 50))) == becomes


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_any_kind_of_png_can_be_made_smaller(tmp_path: Path, mode: str) -> None:
    assert size(thumbnail(tmp_path, png(640, 640, mode))) == (320, 320)


def test_a_run_without_a_png_has_none(tmp_path: Path) -> None:
    assert thumbnail(tmp_path) is None
    assert thumbnail(tmp_path, b"%PDF", image_type="pdf") is None


def test_of_a_file_that_is_too_large_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runfolio.folder.thumbnail.FILE_LIMIT", 100)
    assert thumbnail(tmp_path, png(800, 600)) is None


BROKEN = {
    "cut off": png(800, 600)[:300],
    "cut off in its head": png(800, 600)[:20],
    "empty": b"",
    "of another kind": b"GIF89a" + bytes(100),
    "far too large": png(1, 1)[:16] + pack(">II", 100_000, 100_000) + png(1, 1)[24:],
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_what_cannot_be_shown_costs_the_thumbnail_alone(
    tmp_path: Path, data: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert thumbnail(tmp_path, data) is None
    [said] = caplog.messages
    assert "no thumbnail of imagetag0.png: " in said


def test_a_picture_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    folder = seal_run(tmp_path).path
    record = read_record(folder)
    (folder / "imagetof_time.png").unlink()
    with pytest.raises(FolderError, match="cannot read"):
        make_thumbnail(folder, record)
