"""The end-of-run directory: one sealed folder for each run, there once and whole.

A folder is built under `.staging/`, forced to the disk, and appears by one rename. Nothing in its
bytes depends on when it was built or on which name was free.
"""

import hashlib
import logging
import os
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import msgspec

from runfolio.errors import FolderError, NameTaken
from runfolio.folder import _json, durable
from runfolio.folder._files import is_directory, is_refused, names_in, refuse_elsewhere
from runfolio.folder.carried import carried_entry, is_carried, tells_of
from runfolio.folder.manifest import manifest_bytes, verify
from runfolio.folder.metadata import Arranged, ImageFile, arrange, describe, image_file
from runfolio.folder.names import (
    CARRIED,
    MANIFEST,
    NO_JOB,
    RUN_RECORD,
    STAGING,
    Names,
    Renamed,
    check_job,
    check_prefix,
    check_run_number,
    checkpoint_name,
    folder_name,
    is_checkpoint_name,
    new_staged_name,
    read_folder_name,
)
from runfolio.folder.record import ImageEntry, ImageFailed, RunRecord, read_record
from runfolio.images import Caption, Image

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """A run folder that is there."""

    path: Path
    run_number: int
    revision: int
    """1, or more where the run had a folder already."""
    files: int
    bytes: int
    """Of all files, the manifest included."""
    renamed: tuple[Renamed, ...]
    failed: tuple[ImageFailed, ...]
    """Images that could not be filed under the name they came with."""
    warning: str = ""
    """Set where the folder is there and whole, but the system failed to confirm its name on the disk."""

    @property
    def name(self) -> str:
        return self.path.name


@dataclass(frozen=True, kw_only=True)
class Published:
    """Where a folder has become visible; of what the fields say, see `Sealed`."""

    path: Path
    revision: int
    warning: str


class EndOfRunDirectory:
    """The directory of the sealed folders.

    Folders that are being built say in their name which `job` they are of, in 16 hexadecimal digits, so that
    after a crash it is known who will build them anew.

    Raises:
        SettingsError: the prefix cannot begin a file name.
        FolderError: the job is not 16 hexadecimal digits.

    """

    def __init__(self, directory: Path, *, prefix: str = "image", job: str = "") -> None:
        self.directory = directory
        self.prefix = check_prefix(prefix)
        self.job = check_job(job or NO_JOB)
        self.staging = directory / STAGING
        self._left: list[Path] = []
        """What could not be removed from the staging after an error."""

    def prepare(self) -> None:
        """Make the directory and its staging, so that a wrong path is known before the first run ends.

        Raises:
            FolderError: the system refuses, or the staging is no directory of this file system.

        """
        durable.ensure_directory(self.staging)
        refuse_elsewhere(self.staging, self.directory)

    def refuse_within(self, path: Path) -> None:
        """Refuse a path of others that lies where run folders are, or are built.

        Raises:
            FolderError: it does: what is sealed is never written to again.

        """
        directory, path = self.directory.resolve(), path.resolve()
        if path.is_relative_to(directory):
            top = path.relative_to(directory).parts[:1]
            if top in ((STAGING,), (CARRIED,)) or any(map(read_folder_name, top)):
                raise FolderError(
                    f"{path} is, or lies in, a run folder of {self.directory}: choose another place"
                )

    def other_checkpoints(self) -> list[Path]:
        """Return the checkpoints of other jobs: of each one that was killed and not started again.

        Raises:
            FolderError: the staging cannot be read.

        """
        own = checkpoint_name(self.job)
        names = sorted(names_in(self.staging) - {own})
        return [self.staging / name for name in names if is_checkpoint_name(name)]

    def free_revision(self, run_number: int, taken: Container[int | None] = ()) -> int:
        """Return the first revision of a run that has no folder, had none, and is not taken otherwise."""
        check_run_number(run_number)
        free = (revision for revision in count(1) if revision not in taken)
        paths = ((revision, self._path(run_number, revision)) for revision in free)
        return next(n for n, path in paths if not any(map(os.path.lexists, (path, carried_entry(path)))))

    def _path(self, run_number: int, revision: int) -> Path:
        return self.directory / folder_name(run_number, revision)

    def find(self, record: RunRecord, revision: int) -> Sealed | None:
        """Return a run's folder of this revision, if it is there, whole, and tells of the same documents.

        That tells whether a process that was killed had come to seal a run; when, may differ. Of a folder
        that was removed meanwhile, since it is delivered, it is what stays of it, without files.

        Raises:
            FolderError: the system does not let it be read, so nobody knows.

        """
        return self._find_folder(record, revision) or self._find_carried(record, revision)

    def _find_carried(self, record: RunRecord, revision: int) -> Sealed | None:
        entry = carried_entry(self._path(record.run_number, revision))
        if not tells_of(entry, record):
            return None
        return Sealed(
            path=entry,
            run_number=record.run_number,
            revision=revision,
            files=0,
            bytes=0,
            renamed=(),
            failed=(),
            warning=self.confirm(record.run_number),
        )

    def _find_folder(self, record: RunRecord, revision: int) -> Sealed | None:
        path = self._path(record.run_number, revision)
        try:
            found, digests = read_record(path), verify(path)
        except FolderError as error:
            if is_refused(error):
                raise
            return None
        if not digests.whole or found.of_the_run != record.of_the_run:
            return None
        return Sealed(
            path=path,
            run_number=record.run_number,
            revision=revision,
            files=digests.files + 1,
            bytes=digests.bytes + (path / MANIFEST).stat().st_size,
            renamed=found.renamed,
            failed=(),
            warning=self.confirm(record.run_number),
        )

    def seal(
        self,
        record: RunRecord,
        images: Iterable[Image],
        caption: Caption,
        *,
        names: Names | None = None,
        revision: int | None = None,
    ) -> Sealed:
        """Write a run's folder and make it visible.

        The record's `images` and `renamed` are filled in here. Given the `names` of the live directory, the
        images are called as they were there; without, the first producer of a tag has it. Without a
        `revision` it is the first that is free.

        Raises:
            NameTaken: there is a folder of this revision by now.
            FolderError: nothing has become visible; the message says which path, and why.

        """
        run_number = check_run_number(record.run_number)
        if caption.run_number != run_number:
            raise FolderError(f"images of run {caption.run_number} were to be sealed as run {run_number}")
        contents = _Contents(record, images, caption, names or Names(self.prefix))
        self.prepare()
        self._remove_left()
        staged = self.staging / new_staged_name(run_number, self.job)
        try:
            size = _build(staged, contents)
            published = self.publish(staged, run_number, revision)
        except BaseException:
            self._left.append(staged)
            self._remove_left()
            raise
        self._remove_left()
        return Sealed(
            path=published.path,
            run_number=run_number,
            revision=published.revision,
            files=len(contents.digests) + 1,
            bytes=size,
            renamed=contents.record.renamed,
            failed=contents.arranged.failed,
            warning=published.warning,
        )

    def _remove_left(self) -> None:
        """Remove what failed tries have left, now or with the next one, if the disk refuses that, too."""
        for staged in self._left[:]:
            durable.remove_leftover(staged)
            if not os.path.lexists(staged):
                self._left.remove(staged)

    def publish(self, staged: Path, run_number: int, revision: int | None = None) -> Published:
        """Make visible a folder that is whole and on the disk, as this revision or the first that is free.

        Raises:
            NameTaken: there is, or was, something of that name by now.
            FolderError: the system refuses. In any case the folder is still in the staging then.

        """
        for each in count(1) if revision is None else (revision,):
            path = self._path(run_number, each)
            # In this order: what is removed between the two looks has its entry before.
            if os.path.lexists(path) or is_carried(path):
                continue
            if durable.rename_new(staged, path):
                return Published(path=path, revision=each, warning=self.confirm(run_number))
        raise NameTaken(f"{path} is there already, or was carried away")

    def confirm_again(self, folder: Sealed) -> Sealed | None:
        """Return what is known of a folder by now, None where it is gone, as with its whole directory."""
        warning = self.confirm(folder.run_number)
        return replace(folder, warning=warning) if is_directory(folder.path) else None

    def confirm(self, run_number: int) -> str:
        """Force the new name to the disk, and say what went wrong with it.

        No error, since the folder is visible and whole: sealed again, the run would be there twice. A power
        cut may at worst bring it back under its name in the staging, whole; see `leftovers.py`.
        """
        try:
            durable.fsync_directory(self.directory)
        except FolderError as error:
            logger.warning("run %d: sealed, but not confirmed: %s", run_number, error)
            return str(error)
        return ""


class _Contents:
    """The files of a run folder, made one after the other; digests are known of those that were."""

    def __init__(self, record: RunRecord, images: Iterable[Image], caption: Caption, names: Names) -> None:
        self.caption = caption
        self.arranged: Arranged = arrange(images, names)
        self.record = msgspec.structs.replace(
            record,
            images=(),
            images_failed=(*record.images_failed, *self.arranged.failed),
            renamed=names.renamed,
        )
        self.digests: dict[str, str] = {}

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Give name and bytes of each file; the manifest comes last, as the seal of all others."""
        for name, data in self._images_and_record():
            self.digests[name] = hashlib.sha256(data).hexdigest()
            yield name, data
        yield MANIFEST, manifest_bytes(self.digests)

    def _images_and_record(self) -> Iterator[tuple[str, bytes]]:
        entries: list[ImageEntry] = []
        for tag in self.arranged.tags:
            stem = tag.stem
            files: dict[str, ImageFile] = {}
            for image in tag.images:
                file = files[image.image_type] = image_file(f"{stem}.{image.image_type}", image)
                yield file.file, image.data
                entries.append(
                    ImageEntry(
                        file=file.file,
                        metadata=f"{stem}.json",
                        tag=tag.name,
                        image_type=file.image_type,
                        producer=image.producer,
                        bytes=file.bytes,
                        sha256=file.sha256,
                    )
                )
            yield f"{stem}.json", _json.pretty(describe(tag, files, self.caption))
        yield RUN_RECORD, _json.pretty(msgspec.structs.replace(self.record, images=tuple(entries)))


def _build(staged: Path, contents: _Contents) -> int:
    """Write all files, then force the directory to the disk; return the bytes written."""
    size = 0
    durable.make_directory(staged)
    for name, data in contents.files():
        # Read-only, since a sealed folder is never written to again: an editor or a `>>` gone astray is
        # stopped. The directory stays writable for its owner, or a mover could not clear it away.
        durable.write_new(staged / name, data, permissions=durable.READ_ONLY)
        size += len(data)
    durable.fsync_directory(staged)
    return size
