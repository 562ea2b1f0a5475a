import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from runfolio.folder import EndOfRunDirectory, RunRecord, TreeRecord
from runfolio.folder.schema import PUBLISHED, publish, schema
from runfolio.images import Caption, Image
from runfolio.readings import Readings

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture
def run_json(
    tmp_path: Path,
    make_record: Callable[..., RunRecord],
    images: tuple[Image, ...],
    caption: Caption,
    readings: Readings,
) -> dict[str, Any]:
    tree = TreeRecord(name="tofcalib", rows=5, lost_rows=0, lost_spills=0)
    record = make_record(tables={"ReducePyScalersTable": (readings,)}, trees={"ReducePyTofCalib": (tree,)})
    images = (replace(images[0], table=readings), *images[1:])
    sealed = EndOfRunDirectory(tmp_path).seal(record, images, caption)
    content: dict[str, Any] = json.loads((sealed.path / "run.json").read_bytes())
    return content


@pytest.fixture
def run_schema() -> dict[str, Any]:
    content: dict[str, Any] = json.loads((DOCS / "run.schema.json").read_bytes())
    return content


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_schema_is_that_of_the_structs(name: str) -> None:
    publish_anew = (
        "python -c 'from pathlib import Path; from runfolio.folder.schema import *; publish(Path(\"docs\"))'"
    )
    assert (DOCS / name).read_bytes() == schema(PUBLISHED[name]), (
        f"after a change of the structs: {publish_anew}"
    )


@pytest.mark.parametrize("name", PUBLISHED)
def test_schema_is_valid_and_requires_every_field(name: str) -> None:
    content = json.loads(schema(PUBLISHED[name]))
    jsonschema.Draft202012Validator.check_schema(content)
    for definition in content["$defs"].values():
        assert definition["required"] == list(definition["properties"])


def test_sealed_record_fits_the_schema(run_json: dict[str, Any], run_schema: dict[str, Any]) -> None:
    jsonschema.validate(run_json, run_schema)
    assert len(run_json["images"]) == 3


def test_sealed_metadata_fit_the_schema(run_json: dict[str, Any], tmp_path: Path) -> None:
    image_schema = json.loads((DOCS / "image.schema.json").read_bytes())
    for entry in run_json["images"]:
        jsonschema.validate(json.loads((tmp_path / "4235" / entry["metadata"]).read_bytes()), image_schema)


@pytest.mark.parametrize(
    "changes",
    [
        {"schema": "runfolio.run/2"},
        {"run_number": -1},
        {"run_number": "4235"},
        {"status": "done"},
        {"sealed_at": "2013-11-28 10:54:10"},
        {"first_spill": {"number": 1}},
        {"documents": {}},
        {"histograms": {"TOF": [{"name": "ht01"}]}},
        {"tables": {"TOF": [{"name": "scalers"}]}},
        {"trees": {"TOF": [{"rows": -1}]}},
        {"images": [{"file": "a.png"}]},
        {"settings": {"a": {"nested": 1}}},
        {"sources": None},
    ],
)
def test_broken_record_does_not_fit(
    run_json: dict[str, Any], run_schema: dict[str, Any], changes: dict[str, Any]
) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**run_json, **changes}, run_schema)


def test_every_field_is_missed(run_json: dict[str, Any], run_schema: dict[str, Any]) -> None:
    for field in run_json:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({key: value for key, value in run_json.items() if key != field}, run_schema)


def test_schemas_are_published_to_a_directory(tmp_path: Path) -> None:
    publish(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(PUBLISHED)
