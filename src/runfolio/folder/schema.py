"""The JSON Schemas of what this package writes, as published in docs/."""

from pathlib import Path
from typing import Any

import msgspec

from runfolio.folder.durable import replace_file
from runfolio.folder.metadata import Metadata
from runfolio.folder.record import RunRecord

PUBLISHED: dict[str, type] = {"run.schema.json": RunRecord, "image.schema.json": Metadata}


def schema(kind: type) -> bytes:
    """Return the JSON Schema of a struct, as a file."""
    made: dict[str, Any] = msgspec.json.schema(kind)
    for definition in made["$defs"].values():
        # Defaults are a convenience of the writer's; in a file every field stands.
        definition["required"] = list(definition["properties"])
        for each in definition["properties"].values():
            each.pop("default", None)
    return (
        msgspec.json.format(
            msgspec.json.encode({"$schema": "https://json-schema.org/draft/2020-12/schema", **made}), indent=2
        )
        + b"\n"
    )


def publish(directory: Path) -> None:
    """Write all schemas anew, after a change of the structs."""
    for name, kind in PUBLISHED.items():
        replace_file(directory / name, schema(kind))
