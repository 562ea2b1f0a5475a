"""`live.json`: which files of the live directory are runfolio's, and which run they show."""

import os
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from runfolio.folder import _json, durable
from runfolio.folder.metadata import State
from runfolio.folder.names import LIVE_INDEX, is_file_name, is_reserved
from runfolio.folder.record import Count, RunNumber, Time, read_json

LIVE_SCHEMA = "runfolio.live/1"
INDEX_LIMIT = 256 * 1024 * 1024


class LiveIndex(Struct, frozen=True, kw_only=True, tag_field="schema", tag=LIVE_SCHEMA):
    """What the live directory shows: its `live.json`."""

    run_number: Annotated[RunNumber, Meta(description="The run that the pictures show")]
    state: Annotated[State, Meta(description="`open` while the run lasts")]
    spills: Annotated[Count, Meta(description="Physics spills filled so far, or what `unit` says")]
    unit: Annotated[str, Meta(description="`spill`, or what one row of one's own data is")]
    last_spill_time: Annotated[Time | None, Meta(description="Of the last spill that has one, UTC")]
    updated_at: Annotated[Time, Meta(description="When the files were last replaced, UTC")]
    files: Annotated[tuple[str, ...], Meta(description="runfolio's own files, pictures and metadata")]


def read_live_index(directory: Path) -> LiveIndex | None:
    """Return a live directory's index, None where it has none.

    It is data from outside: `files` are only those that could be an image's or its metadata's.

    Raises:
        FolderError: it is there and cannot be read.

    """
    path = directory / LIVE_INDEX
    if not os.path.lexists(path):
        return None
    index = read_json(path, LiveIndex, LIVE_SCHEMA, limit=INDEX_LIMIT)
    files = tuple(name for name in index.files if is_file_name(name) and not is_reserved(name))
    return msgspec.structs.replace(index, files=files)


def write_live_index(directory: Path, index: LiveIndex) -> None:
    """Replace a live directory's index whole.

    Raises:
        FolderError: the system refuses.

    """
    durable.replace_file(directory / LIVE_INDEX, _json.pretty(index), lasting=False)
