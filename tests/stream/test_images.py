"""Images that other programs sent: in three forms, and a bad one costs only itself."""

import base64
import json
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfolio.errors import DocumentError
from runfolio.images import Image
from runfolio.stream import Decoder, Line, read_images
from runfolio.stream.documents import ImageList
from support import PNG

PICTURE = PNG + bytes(range(256))


def entry(**fields: Any) -> dict[str, Any]:
    return {
        "keywords": ["tof", "beam"],
        "description": "Slab hits",
        "tag": "a",
        "image_type": "png",
        "data": base64.b64encode(PICTURE).decode(),
        **fields,
    }


def read(document: Any) -> list[Image | DocumentError]:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    return list(read_images(Decoder().decode(Line("s", 1, 0, data, len(data))).body))


def read_one(**fields: Any) -> Image | DocumentError:
    [image] = read({"maus_event_type": "Image", "image_list": [entry(**fields)]})
    return image


def reason(**fields: Any) -> str:
    error = read_one(**fields)
    assert isinstance(error, DocumentError)
    return error.reason


WANTED = Image(
    tag="a",
    image_type="png",
    data=PICTURE,
    description="Slab hits",
    keywords=("tof", "beam"),
    producer="stream",
)


@pytest.mark.parametrize(
    "document", [{"maus_event_type": "Image", "image_list": [entry()]}, {"image": entry()}, entry()]
)
def test_each_of_the_three_forms_gives_the_image(document: dict[str, Any]) -> None:
    assert read(document) == [WANTED]


def test_an_entry_without_keywords_and_description_is_an_image() -> None:
    bare = {key: value for key, value in entry().items() if key in ("tag", "image_type", "data")}
    [image] = read(bare)
    assert isinstance(image, Image)
    assert (image.keywords, image.description) == ((), "")


def test_an_empty_list_holds_no_image() -> None:
    assert read({"maus_event_type": "Image", "image_list": []}) == []


def test_a_bad_entry_costs_only_itself_and_is_named() -> None:
    entries = [
        entry(tag="a"),
        entry(tag=".."),
        None,
        7,
        entry(data="?"),
        entry(image_type="/"),
        entry(tag="b"),
    ]
    images = read({"maus_event_type": "Image", "image_list": entries})
    assert [image.tag for image in images if isinstance(image, Image)] == ["a", "b"]
    assert [
        (each.reason, each.detail.split(":")[0]) for each in images if isinstance(each, DocumentError)
    ] == [
        ("bad_tag", "image_list[1]"),
        ("wrong_type", "image_list[2]"),
        ("wrong_type", "image_list[3]"),
        ("bad_base64", "image_list[4]"),
        ("bad_image_type", "image_list[5]"),
    ]


@pytest.mark.parametrize("key", ["tag", "image_type", "data"])
@pytest.mark.parametrize("value", [None, 7, [], {}])
def test_a_wrong_type_is_refused(key: str, value: Any) -> None:
    assert reason(**{key: value}) == "wrong_type"


@pytest.mark.parametrize(("key", "value"), [("description", None), ("keywords", "tof"), ("keywords", [7])])
def test_a_wrong_type_of_what_only_describes_is_refused(key: str, value: Any) -> None:
    assert reason(**{key: value}) == "wrong_type"


@pytest.mark.parametrize("key", ["tag", "image_type", "data"])
def test_an_entry_lacking_what_it_must_have_is_refused(key: str) -> None:
    without = {name: value for name, value in entry().items() if name != key}
    [error] = read({"image": without})
    assert isinstance(error, DocumentError)
    assert error.reason == "wrong_type"
    assert key in error.detail


@pytest.mark.parametrize(
    "data",
    [
        "AAAA\n",
        "AA\nAA",
        " AAAA",
        "AA AA",
        "AAA",
        "AA=",
        "A",
        "AA==AA==",
        "====",
        "AA===",
        "_-_-",
        "AA.A",
        "é",
        "",
    ],
)
def test_data_that_is_no_strict_base64_is_refused(data: str) -> None:
    assert reason(data=data) == "bad_base64"


@given(st.binary(min_size=1))
def test_the_bytes_come_out_as_they_were_encoded(data: bytes) -> None:
    image = read_one(data=base64.b64encode(data).decode(), image_type="any")
    assert isinstance(image, Image)
    assert image.data == data


@pytest.mark.parametrize("document", [{"image": None}, {"image": []}, {"image": {}}])
def test_the_old_form_around_nothing_is_a_bad_entry(document: dict[str, Any]) -> None:
    [error] = read(document)
    assert isinstance(error, DocumentError)
    assert error.reason == "wrong_type"


deep: Sequence[bytes] = [b"[" * 900 + b"]" * 900, b'{"a":' * 900 + b"1" + b"}" * 900]


@pytest.mark.parametrize("stray", deep)
def test_a_deeply_nested_stray_key_does_no_harm(stray: bytes) -> None:
    data = json.dumps(entry()).encode()[:-1] + b', "stray": ' + stray + b"}"
    assert read(b'{"maus_event_type": "Image", "image_list": [' + data + b"]}") == [WANTED]


@pytest.mark.parametrize("size", [1000, 1001, 1002])
def test_an_image_of_the_limit_is_accepted_and_one_byte_more_is_not(size: int) -> None:
    data = base64.b64encode(bytes(size)).decode()
    body = ImageList([msgspec.Raw(json.dumps(entry(data=data, image_type="any")).encode())])
    [accepted], [refused] = list(read_images(body, size)), list(read_images(body, size - 1))
    assert isinstance(accepted, Image)
    assert isinstance(refused, DocumentError)
    assert (refused.reason, refused.detail) == (
        "image_too_large",
        f"image_list[0]: tag a: an image of {size:,} bytes; at most {size - 1:,}",
    )


def test_an_image_that_is_too_large_is_not_decoded_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base64, "b64decode", None)
    [refused] = read_images(ImageList([msgspec.Raw(json.dumps(entry()).encode())]), 100)
    assert isinstance(refused, DocumentError)
    assert refused.reason == "image_too_large"


def test_content_of_another_type_costs_only_its_own_entry() -> None:
    pdf = base64.b64encode(b"%PDF-1.7").decode()
    before, bad, after = read({"maus_event_type": "Image", "image_list": [entry(), entry(data=pdf), entry()]})
    assert before == after == WANTED
    assert isinstance(bad, DocumentError)
    assert (bad.reason, bad.detail) == (
        "wrong_content",
        "image_list[1]: tag a: said to be png, but its data look like PDF",
    )
