"""Tags and image types: what may become part of a file name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfolio.errors import DocumentError
from runfolio.images import MAX_TAG_LENGTH, Image, SentImages, check_image_type, check_tag

GOOD_TAGS = ["a", "tof_SlabHits_X", "_", "7", "a.b", "a..b", "a-b", "x+y=z@4", "A" * MAX_TAG_LENGTH]
BAD_TAGS = [
    "",
    ".",
    "..",
    ".hidden",
    "-rf",
    "+a",
    "a/b",
    "/etc/passwd",
    "../a",
    "a\\b",
    "a b",
    " a",
    "a\n",
    "a\0",
    "a\x1b[31m",
    "a\x7f",
    "~a",
    "a:b",
    "a*",
    "a?",
    "a%2e",
    "é",
    "\u0661",
    "a\u202eb",
    "a\uff0fb",
    "A" * (MAX_TAG_LENGTH + 1),
]


@pytest.mark.parametrize("tag", GOOD_TAGS)
def test_a_tag_of_harmless_characters_is_accepted(tag: str) -> None:
    assert check_tag(tag) == tag


@pytest.mark.parametrize("tag", BAD_TAGS)
def test_a_tag_that_is_no_part_of_a_file_name_is_refused(tag: str) -> None:
    with pytest.raises(DocumentError) as caught:
        check_tag(tag)
    assert caught.value.reason == "bad_tag"
    assert str(caught.value).isprintable()


@given(st.text())
def test_an_accepted_tag_stays_in_its_directory(tag: str) -> None:
    try:
        check_tag(tag)
    except DocumentError:
        return
    assert tag.isascii()
    assert not set(tag) & set("/\\\0 ")
    assert tag[0] not in ".-"


@pytest.mark.parametrize("image_type", ["png", "PDF", "root", "7z", "C", "a" * 16])
def test_an_image_type_is_a_file_extension(image_type: str) -> None:
    assert check_image_type(image_type) == image_type


@pytest.mark.parametrize(
    "image_type",
    ["", ".png", "tar.gz", "a/b", "..", "png\n", "p g", "a" * 17, "a" * 1000, "é", "json", "Json"],
)
def test_what_is_no_file_extension_is_refused(image_type: str) -> None:
    with pytest.raises(DocumentError) as caught:
        check_image_type(image_type)
    assert caught.value.reason == "bad_image_type"
    assert len(str(caught.value)) < 200


def test_an_image_is_shown_without_its_bytes() -> None:
    assert "secret" not in repr(Image(tag="a", image_type="png", data=b"secret"))


def image(tag: str, size: int = 1, image_type: str = "png") -> Image:
    return Image(tag=tag, image_type=image_type, data=bytes(size))


def kept(images: SentImages) -> list[tuple[str, str, int]]:
    return [(each.tag, each.image_type, len(each.data)) for each in images]


def test_the_newest_image_of_each_tag_and_type_is_kept() -> None:
    images = SentImages()
    for each in (image("a"), image("b"), image("a", 2), image("a", 3, "pdf")):
        images.put(each)
    assert kept(images) == [("a", "png", 2), ("b", "png", 1), ("a", "pdf", 3)]


def test_an_image_too_many_is_refused_and_a_newer_one_of_those_is_not() -> None:
    images = SentImages(most=2)
    images.put(image("a"))
    images.put(image("a", image_type="pdf"))
    with pytest.raises(DocumentError, match="tag b: the run has 2 images, the most") as caught:
        images.put(image("b"))
    images.put(image("a", 5))
    assert caught.value.reason == "too_many_images"
    assert kept(images) == [("a", "png", 5), ("a", "pdf", 1)]


def test_images_of_too_many_bytes_together_are_refused_and_the_older_one_stays() -> None:
    images = SentImages(most_bytes=10)
    images.put(image("a", 6))
    images.put(image("b", 4))
    for each in (image("c"), image("b", 5)):
        with pytest.raises(DocumentError, match="images would be 11 bytes; at most 10") as caught:
            images.put(each)
        assert caught.value.reason == "too_many_images"
    images.put(image("a", 2))
    images.put(image("c", 4))
    assert kept(images) == [("a", "png", 2), ("b", "png", 4), ("c", "png", 4)]
