"""Which names a folder's files have, so that no two images ever share one.

Everything that becomes part of a path is checked here again, wherever it was checked before.
"""

import re
import secrets
from collections.abc import Iterable
from itertools import chain, count
from typing import Annotated

from msgspec import Meta, Struct

from runfolio.errors import CheckpointError, DocumentError, FolderError, SettingsError
from runfolio.images import check_tag

RUN_RECORD = "run.json"
MANIFEST = "manifest-sha256.txt"
LIVE_INDEX = "live.json"
REJECTED = "rejected.jsonl"
LATE = "late.jsonl"
STAGING = ".staging"
CARRIED = ".carried"
LOCK = "lock"
SET_ASIDE = "set-aside"
"""In the staging: where folders go that were never finished."""

KEPT = "kept"
"""In the staging: where the states of sealed runs are kept."""

UNTOLD = "on-sealed"
"""In the staging: where the folders are noted down that `--on-sealed` is still to be called for."""

NO_JOB = "0" * 16
"""Stands for the job where it does not say which it is."""

RESERVED_STEMS = {"run", "manifest-sha256", "live", "rejected", "late"}
"""Stems of runfolio's own files, in both kinds of folder: an image is called the same in both."""

MAX_PREFIX_LENGTH = 40
"""With the longest tag, number and image type, and what a temporary name adds, still under 255 bytes."""

MAX_RUN_NUMBER = 2**63 - 1

_PREFIX = re.compile(r"(?![.-])[A-Za-z0-9_.+=@-]*", re.ASCII)
_FILE_NAME = re.compile(r"[A-Za-z0-9_+=@][A-Za-z0-9_.+=@-]{0,254}", re.ASCII)
_FOLDER_NAME = re.compile(r"(0|[1-9][0-9]{0,18})(?:\.r([1-9][0-9]{0,8}))?", re.ASCII)
_JOB = re.compile(r"[0-9a-f]{16}", re.ASCII)
_CHECKPOINT = "checkpoint."
_STAGED_NAME = re.compile(r"(0|[1-9][0-9]{0,18})\.([0-9a-f]{16})\.[0-9a-f]{8}", re.ASCII)


class Renamed(Struct, frozen=True, kw_only=True):
    """An image that got a second name, since another producer had the first."""

    tag: Annotated[str, Meta(description="The tag that its producer gave it")]
    producer: Annotated[str, Meta(description="The reducer that made it, or `stream`")]
    name: Annotated[str, Meta(description="The tag that it is filed under instead")]


class Claim(Struct, frozen=True):
    """A tag that a producer has asked a name for: from the claims before it follows which one it got."""

    tag: str
    producer: str
    data_file: bool


class Names:
    """The names of one run's images: the first producer of a tag has it, others get `<tag>_2`, `<tag>_3`, ….

    Whoever wants its images to keep their tags whatever the stream sends claims them first, with `name`.
    """

    def __init__(self, prefix: str) -> None:
        self.prefix = check_prefix(prefix)
        self._taken: set[str] = set()
        self._stems: set[str] = set()
        self._names: dict[tuple[str, str, bool], str] = {}

    def name(self, tag: str, producer: str, *, data_file: bool = False) -> str:
        """Return the tag that a producer's images of this tag are filed under, always the same one.

        Raises:
            DocumentError: the tag is no file name.

        """
        known = self._names.get((tag, producer, data_file))
        if known is not None:
            return known
        check_tag(tag)
        names = chain([tag], (f"{tag}_{n}" for n in count(2)))
        name = next(each for each in names if self._free(each, self.stem(each, data_file=data_file)))
        self._taken.add(name)
        self._stems.add(self.stem(name, data_file=data_file))
        self._names[tag, producer, data_file] = name
        return name

    def stem(self, name: str, *, data_file: bool = False) -> str:
        """Return what the files begin with whose tag this is; files of data have no prefix."""
        return name if data_file else self.prefix + name

    def _free(self, name: str, stem: str) -> bool:
        return name not in self._taken and stem not in self._stems and stem.lower() not in RESERVED_STEMS

    @property
    def renamed(self) -> tuple[Renamed, ...]:
        """The images that did not get their own tag, in the order in which they came."""
        return tuple(
            Renamed(tag=tag, producer=producer, name=name)
            for (tag, producer, _), name in self._names.items()
            if name != tag
        )

    def state(self) -> tuple[Claim, ...]:
        """Return the claims so far, in their order, as plain data."""
        return tuple(Claim(*asked) for asked in self._names)

    def restore(self, claims: Iterable[Claim]) -> None:
        """Give the names once more that others gave for these claims, before any was asked for.

        Raises:
            CheckpointError: a tag is no file name.

        """
        try:
            for claim in claims:
                self.name(claim.tag, claim.producer, data_file=claim.data_file)
        except DocumentError as error:
            raise CheckpointError(str(error)) from error


def check_prefix(prefix: str) -> str:
    """Return a prefix that may begin a file name.

    Raises:
        SettingsError: it holds anything but letters, digits and `_ . + = @ -`, begins with a dot or dash,
            or is too long.

    """
    if len(prefix) > MAX_PREFIX_LENGTH or not _PREFIX.fullmatch(prefix):
        raise SettingsError(
            f"image_file_prefix {prefix[:80]!a} cannot begin a file name: at most {MAX_PREFIX_LENGTH} "
            "letters, digits and _ . + = @ - are accepted, without a dot or dash in front"
        )
    return prefix


def check_run_number(run_number: object) -> int:
    """Return a run number that may become the name of a folder.

    Raises:
        FolderError: it is no whole number from 0 to 2^63 - 1.

    """
    if type(run_number) is not int or not 0 <= run_number <= MAX_RUN_NUMBER:
        raise FolderError(f"run number {ascii(run_number)[:40]}: whole numbers from 0 to 2^63-1 are accepted")
    return run_number


def check_job(job: str) -> str:
    """Return what identifies a job and may become part of a name.

    Raises:
        FolderError: it is not 16 hexadecimal digits in lower case.

    """
    if not _JOB.fullmatch(job):
        raise FolderError(f"job {job[:40]!a}: 16 hexadecimal digits in lower case are accepted")
    return job


def is_file_name(name: str) -> bool:
    """Say whether a file of a folder may have this name: no path, not hidden, nothing to escape."""
    return _FILE_NAME.fullmatch(name) is not None


def is_reserved(name: str) -> bool:
    """Say whether a file name is one of runfolio's own: `run.json`, `live.json` and the like."""
    return name.rpartition(".")[0].lower() in RESERVED_STEMS


def folder_name(run_number: int, revision: int) -> str:
    """Return `4235` for a run's first folder, `4235.r2` and so on for those that were sealed after it."""
    return str(run_number) if revision == 1 else f"{run_number}.r{revision}"


def read_folder_name(name: str) -> tuple[int, int] | None:
    """Return run number and revision of a folder's name, None where it is no run's."""
    found = _FOLDER_NAME.fullmatch(name)
    if not found:
        return None
    run_number, revision = int(found[1]), int(found[2] or 1)
    named_so = folder_name(run_number, revision) == name and run_number <= MAX_RUN_NUMBER
    return (run_number, revision) if named_so else None


def new_staged_name(run_number: int, job: str) -> str:
    """Return a name, unlike any other, of a folder being built: `<run>.<job>.<8 hex digits>`."""
    return f"{run_number}.{job}.{secrets.token_hex(4)}"


def read_staged_name(name: str) -> tuple[int, str] | None:
    """Return run number and job of a folder being built, None where the name is no such folder's."""
    found = _STAGED_NAME.fullmatch(name)
    if not found or int(found[1]) > MAX_RUN_NUMBER:
        return None
    return int(found[1]), found[2]


def checkpoint_name(job: str) -> str:
    """Return the name, in the staging, of the file that a job is gone on with after a crash."""
    return f"{_CHECKPOINT}{job}"


def is_checkpoint_name(name: str) -> bool:
    """Say whether a name is one that `checkpoint_name` gives to some job."""
    return name.startswith(_CHECKPOINT) and _JOB.fullmatch(name.removeprefix(_CHECKPOINT)) is not None
