import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from runfolio.errors import FolderError
from runfolio.folder import Metadata, Names, _json, read_metadata
from runfolio.folder.metadata import arrange, describe, image_file
from runfolio.images import Caption, Image
from runfolio.readings import Readings

Picture = Callable[..., Image]


def metadata_of(images: list[Image], caption: Caption) -> list[Metadata]:
    arranged = arrange(images, Names("image"))
    return [
        describe(
            tag,
            {image.image_type: image_file(f"f.{image.image_type}", image) for image in tag.images},
            caption,
        )
        for tag in arranged.tags
    ]


def test_metadata_say_what_the_picture_is_and_hold_none_of_it(picture: Picture, caption: Caption) -> None:
    data = b"\x89PNG picture"
    image = picture("x", data, description="Time", keywords=("TOF", "Ä"))
    assert json.loads(_json.pretty(metadata_of([image], caption)[0])) == {
        "schema": "runfolio.image/1",
        "tag": "x",
        "original_tag": None,
        "description": "Time",
        "keywords": ["TOF", "Ä"],
        "producer": "ReducePyTOFPlot",
        "run_number": 4235,
        "state": "final",
        "spills": 123,
        "unit": "spill",
        "last_spill_time": "2013-11-28T09:54:09Z",
        "images": [
            {
                "file": "f.png",
                "image_type": "png",
                "bytes": len(data),
                "sha256": hashlib.sha256(data).hexdigest(),
            }
        ],
        "table": None,
    }


def test_metadata_of_a_table_say_what_it_says(picture: Picture, caption: Caption, readings: Readings) -> None:
    (metadata,) = metadata_of([picture("scalers", table=readings)], caption)
    assert json.loads(_json.pretty(metadata))["table"]["rows"][0]["mean_of_last"] == 72.5
    assert metadata.table == readings


def test_one_tag_in_two_types_is_described_once(picture: Picture, caption: Caption) -> None:
    (metadata,) = metadata_of([picture("x"), picture("x", image_type="pdf")], caption)
    assert [file.image_type for file in metadata.images] == ["pdf", "png"]


def test_newer_image_of_a_producer_replaces_the_older(picture: Picture) -> None:
    arranged = arrange(
        [picture("x", b"1", description="old"), picture("x", b"2", description="new")], Names("image")
    )
    (tag,) = arranged.tags
    assert [image.data for image in tag.images] == [b"2"]
    assert tag.newest.description == "new"


def test_second_name_keeps_the_original_tag(picture: Picture, caption: Caption) -> None:
    own, other = metadata_of([picture("x"), picture("x", producer="stream")], caption)
    assert (own.tag, own.original_tag) == ("x", None)
    assert (other.tag, other.original_tag, other.producer) == ("x_2", "x", "stream")


@pytest.mark.parametrize(
    ("tag", "image_type", "reason"),
    [
        ("../x", "png", "bad_tag"),
        ("x", "json", "bad_image_type"),
        ("x", "a/b", "bad_image_type"),
        ("x", "", "bad_image"),
    ],
)
def test_bad_entry_costs_only_itself(picture: Picture, tag: str, image_type: str, reason: str) -> None:
    arranged = arrange([picture("a"), picture(tag, image_type=image_type), picture("b")], Names("image"))
    assert [each.name for each in arranged.tags] == ["a", "b"]
    (failed,) = arranged.failed
    assert (failed.tag, failed.image_type) == (tag, image_type)
    assert failed.reason.startswith(reason)


def test_time_that_cannot_be_meant_is_left_out(picture: Picture) -> None:
    caption = Caption(run_number=1, spills=0, last_spill_time=1e30, final=False)
    (metadata,) = metadata_of([picture("x")], caption)
    assert (metadata.last_spill_time, metadata.state) == (None, "open")


def test_metadata_are_read_back(tmp_path: Path, picture: Picture, caption: Caption) -> None:
    (metadata,) = metadata_of([picture("x")], caption)
    (tmp_path / "x.json").write_bytes(_json.pretty(metadata))
    assert read_metadata(tmp_path / "x.json") == metadata


def test_other_metadata_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"tag": "x", "data": "aGVsbG8="}')
    with pytest.raises(FolderError, match=r"its schema is ''"):
        read_metadata(tmp_path / "x.json")
