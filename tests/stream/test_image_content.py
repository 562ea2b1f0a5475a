"""Images are what they are said to be: by how their data begin."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

from runfolio.errors import DocumentError
from runfolio.stream.image_content import check_content
from support import PNG

PILLOWS = ("png", "jpeg", "gif", "webp", "tiff", "bmp", "pdf", "eps")

BEGINNINGS = {
    "png": PNG,
    "jpg": b"\xff\xd8\xff\xe0",
    "gif": b"GIF89a",
    "webp": b"RIFF\x10\0\0\0WEBPVP8 ",
    "tif": b"II*\0",
    "bmp": b"BM\0\0",
    "svg": b"<svg/>",
    "pdf": b"%PDF-1.4\n",
    "ps": b"%!PS-Adobe-3.0",
    "root": b"root\0\0",
}


def wrong(image_type: str, data: bytes) -> str:
    with pytest.raises(DocumentError) as caught:
        check_content("x", image_type, data)
    assert caught.value.reason == "wrong_content"
    return caught.value.detail


@pytest.mark.parametrize("image_type", PILLOWS)
def test_pictures_that_a_library_wrote_are_accepted(image_type: str) -> None:
    Pillow.new("RGB", (3, 2)).save(file := io.BytesIO(), image_type)
    assert check_content("x", image_type, file.getvalue()) == file.getvalue()


@pytest.mark.parametrize("image_type", BEGINNINGS)
@pytest.mark.parametrize("other", BEGINNINGS)
def test_each_type_accepts_its_own_content_alone(image_type: str, other: str) -> None:
    if image_type == other:
        check_content("x", image_type, BEGINNINGS[other])
    else:
        assert "look like" in wrong(image_type, BEGINNINGS[other])


@pytest.mark.parametrize("image_type", BEGINNINGS)
@pytest.mark.parametrize("data", [b"rubbish", b"\0", b"<html><svg></svg></html>", b'{"a": 1}', b" " + PNG])
def test_what_is_of_no_type_is_no_image_of_any(image_type: str, data: bytes) -> None:
    assert "its data are no" in wrong(image_type, data)


def test_the_type_may_be_written_in_capitals() -> None:
    check_content("x", "PNG", PNG)
    assert wrong("JpEg", PNG) == "tag x: said to be JpEg, but its data look like PNG"


@pytest.mark.parametrize("image_type", ["txt", "C", "avif", "7z"])
def test_data_of_a_type_that_is_not_known_pass_as_they_are(image_type: str) -> None:
    assert check_content("x", image_type, b"anything") == b"anything"


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\xef\xbb\xbf\r\n <svg>",
        b'<?xml version="1.0"?>\n<!-- made -->\n<?a b?><!DOCTYPE svg PUBLIC "-//W3C" "svg11.dtd"><svg\n>',
        b'<!DOCTYPE svg [\n<!ENTITY a "<b>">\n]><svg:svg xmlns:svg="">',
    ],
)
def test_what_may_come_before_the_first_element_of_an_svg(data: bytes) -> None:
    check_content("x", "svg", data)


@pytest.mark.parametrize(
    "data", [b"<?xml?><html><svg>", b"<svgs>", b"<!-- <svg> -->", b"<!-- <svg>", b"a<svg>"]
)
def test_other_xml_is_no_svg(data: bytes) -> None:
    wrong("svg", data)


PARTS = [b"<!---->", b"<??>", b"<!DOCTYPE>", b"<!DOCTYPE[]>", b" ", b"<!--", b"<!DOCTYPE["]


@pytest.mark.parametrize("part", PARTS)
def test_hostile_xml_is_refused_in_time_that_is_linear(part: bytes) -> None:
    wrong("svg", part * 100_000)  # would never end otherwise


@given(st.binary(max_size=30), st.sampled_from(sorted(BEGINNINGS)))
def test_only_the_beginning_counts(data: bytes, image_type: str) -> None:
    whole = BEGINNINGS[image_type] + data
    assert check_content("x", image_type, whole) == whole
