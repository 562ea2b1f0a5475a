"""Folders on disk: the live directory, and the sealed folder of each run.

    live = LiveDirectory(Path("live"))
    runs = EndOfRunDirectory(Path("end_of_run"))
    live.open_run(4235)
    live.refresh(images, caption)
    sealed = runs.seal(record, images, caption)
    verify(sealed.path).whole

Readers need only what is on the disk: `list_runs`, `open_folder`, `verify`.
"""

from runfolio.folder.carried import CarriedRun, LeftBehind, carry_away, finish_carrying, list_carried
from runfolio.folder.checkpoint_file import read_checkpoint, set_checkpoint_aside, write_checkpoint
from runfolio.folder.kept_files import KeptFiles
from runfolio.folder.late_lines import LateDocument, LateLine, LateLines
from runfolio.folder.leftovers import Leftovers, settle_leftovers
from runfolio.folder.live import LiveDirectory, Refreshed
from runfolio.folder.live_index import LiveIndex, read_live_index
from runfolio.folder.lock import WriterLock
from runfolio.folder.manifest import FolderReading, Verification, manifest_digest, verify
from runfolio.folder.metadata import ImageFile, Metadata, read_metadata
from runfolio.folder.names import (
    LATE,
    MANIFEST,
    RUN_RECORD,
    Claim,
    Names,
    Renamed,
    check_prefix,
    check_run_number,
    checkpoint_name,
    folder_name,
    is_file_name,
)
from runfolio.folder.read import RunFolder, SealedRun, list_runs, open_folder
from runfolio.folder.record import (
    DocumentCounts,
    HistogramRecord,
    ImageEntry,
    ImageFailed,
    RunRecord,
    SpillMark,
    TreeRecord,
    histogram_record,
    read_record,
    time_seconds,
    time_text,
    tree_record,
)
from runfolio.folder.seal import EndOfRunDirectory, Sealed
from runfolio.folder.set_aside import SetAside
from runfolio.folder.untold import Untold

__all__ = [
    "LATE",
    "MANIFEST",
    "RUN_RECORD",
    "CarriedRun",
    "Claim",
    "DocumentCounts",
    "EndOfRunDirectory",
    "FolderReading",
    "HistogramRecord",
    "ImageEntry",
    "ImageFailed",
    "ImageFile",
    "KeptFiles",
    "LateDocument",
    "LateLine",
    "LateLines",
    "LeftBehind",
    "Leftovers",
    "LiveDirectory",
    "LiveIndex",
    "Metadata",
    "Names",
    "Refreshed",
    "Renamed",
    "RunFolder",
    "RunRecord",
    "Sealed",
    "SealedRun",
    "SetAside",
    "SpillMark",
    "TreeRecord",
    "Untold",
    "Verification",
    "WriterLock",
    "carry_away",
    "check_prefix",
    "check_run_number",
    "checkpoint_name",
    "finish_carrying",
    "folder_name",
    "histogram_record",
    "is_file_name",
    "list_carried",
    "list_runs",
    "manifest_digest",
    "open_folder",
    "read_checkpoint",
    "read_live_index",
    "read_metadata",
    "read_record",
    "set_checkpoint_aside",
    "settle_leftovers",
    "time_seconds",
    "time_text",
    "tree_record",
    "verify",
    "write_checkpoint",
]
