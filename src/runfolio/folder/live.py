"""The live directory: the newest images of the open run, each replaced whole at a refresh.

Nothing here stops a run: what cannot be written or removed is reported and tried again at the next
refresh. Nothing is forced to the disk, since live images need to be whole, not to last.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from runfolio.clock import Clock, SystemClock, utc_text
from runfolio.errors import FolderError
from runfolio.folder import _json, durable
from runfolio.folder._files import names_in
from runfolio.folder.live_index import LiveIndex, read_live_index, write_live_index
from runfolio.folder.metadata import ImageFile, TagImages, arrange, describe, image_file
from runfolio.folder.names import LIVE_INDEX, Names, Renamed, check_prefix, check_run_number, is_reserved
from runfolio.folder.record import time_text
from runfolio.images import Caption, Image

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Refreshed:
    """What became of one refresh."""

    written: int
    """Images whose file was replaced."""
    renamed: tuple[Renamed, ...]
    """All images of the run so far that have a second name."""
    problems: tuple[str, ...]
    """A line for each thing that went wrong. Each kind is logged once in a run."""


class LiveDirectory:
    """The live directory of one process.

    With `auto_number`, the spill count follows the tag, in six digits or more: `imagetof_x000123.png`. The
    numbered files before it are removed once the new ones are there, so that the disk stays bounded.

    Raises:
        SettingsError: the prefix cannot begin a file name.

    """

    def __init__(
        self, directory: Path, *, prefix: str = "image", auto_number: bool = False, clock: Clock | None = None
    ) -> None:
        self.directory = directory
        self.prefix = check_prefix(prefix)
        self._auto_number = auto_number
        self._clock = clock or SystemClock()
        self._names = Names(prefix)
        self._last: Caption | None = None
        self._shown: dict[str, _Shown] = {}
        self._owned: set[str] = set()
        self._logged: set[str] = set()
        self.problems: list[str] = []
        """What went wrong so far, each kind once in a run."""

    def prepare(self) -> None:
        """Make the directory, so that a wrong path is known before the first refresh.

        Raises:
            FolderError: the system refuses.

        """
        durable.ensure_directory(self.directory)

    def refuse_own(self, path: Path) -> None:
        """Refuse a path of others that is one of the directory's own files.

        Raises:
            FolderError: it is.

        """
        if path.resolve().parent == self.directory.resolve() and is_reserved(path.name):
            raise FolderError(f"{path} is a file of the live directory's own: choose another name")

    def open_run(
        self, run_number: int, *, names: Names | None = None, unit: str = "spill"
    ) -> tuple[str, ...]:
        """Clear away the images of earlier runs, this process's or a former one's; return what went wrong.

        Only files that `live.json` lists are removed: the directory may hold files of others. Images are
        called as `names` says; given to `seal` too, they are called the same in the run folder. `unit` is
        what is counted as filled.

        Raises:
            FolderError: it is no run number.

        """
        check_run_number(run_number)
        self._last = Caption(run_number=run_number, spills=0, last_spill_time=None, final=False, unit=unit)
        self._names = names or Names(self.prefix)
        self._shown = {}
        self._logged.clear()
        problems = _Problems(run_number, self._logged, self.problems)
        with problems.noted():
            durable.ensure_directory(self.directory)
            self._clear(problems)
            self._write_index(self._last, problems)
        return tuple(problems.lines)

    def _clear(self, problems: "_Problems") -> None:
        with problems.noted():
            index = read_live_index(self.directory)
            self._owned.update(index.files if index else ())
        self._remove_leftovers(problems)
        self._sweep(problems)

    def refresh(self, images: Iterable[Image], caption: Caption) -> Refreshed:
        """Replace the files of these images, each picture before its metadata; others stay as they are.

        All image types of a tag come together. Images of another run than the open one are refused.
        """
        problems = _Problems(caption.run_number, self._logged, self.problems)
        if self._last is None or caption.run_number != self._last.run_number:
            problems.add(f"images of run {caption.run_number} are not shown: it is not the open run")
            return Refreshed(written=0, renamed=(), problems=tuple(problems.lines))
        written = 0
        with problems.noted():
            durable.ensure_directory(self.directory)
            written = self._replace_all(images, caption, problems)
        return Refreshed(written=written, renamed=self._names.renamed, problems=tuple(problems.lines))

    def _replace_all(self, images: Iterable[Image], caption: Caption, problems: "_Problems") -> int:
        arranged = arrange(images, self._names)
        for failed in arranged.failed:
            problems.add(failed.reason)
        owners = {shown.stem: name for name, shown in self._shown.items()}
        stems = {tag.name: self._stem(tag, caption, owners) for tag in arranged.tags}
        if new := _file_names(arranged.tags, stems) - self._owned:
            # Listed before they are there: after a crash in between, no one would clear them away.
            self._write_index(self._last or caption, problems, new)
        written = sum(self._show(tag, stems[tag.name], caption, problems) for tag in arranged.tags)
        self._sweep(problems)
        self._last = caption
        self._write_index(caption, problems)
        return written

    def _stem(self, tag: TagImages, caption: Caption, owners: Mapping[str, str]) -> str:
        stem = tag.stem
        if not self._auto_number:
            return stem
        stem += f"{caption.spills:06d}"
        # Tag x after 1000000 spills is called like a tag x1 that was last shown before the first.
        return stem if owners.get(stem, tag.name) == tag.name else f"{stem}_{tag.name}"

    def _show(self, tag: TagImages, stem: str, caption: Caption, problems: "_Problems") -> int:
        """Replace the files of one tag; return how many images were."""
        shown = self._shown.get(tag.name)
        if shown is None or shown.stem != stem:
            shown = _Shown(stem)
        written = 0
        for image in tag.images:
            file = image_file(f"{stem}.{image.image_type}", image)
            with problems.noted():
                self._replace(file.file, image.data)
                shown.files[image.image_type] = file
                written += 1
        if written:
            self._shown[tag.name] = shown
            with problems.noted():
                self._replace(f"{stem}.json", _json.pretty(describe(tag, shown.files, caption)))
        return written

    def _replace(self, name: str, data: bytes) -> None:
        durable.replace_file(self.directory / name, data, lasting=False)
        self._owned.add(name)

    def _sweep(self, problems: "_Problems") -> None:
        """Remove the files of ours that no longer show anything."""
        wanted = {name for shown in self._shown.values() for name in shown.names}
        for name in sorted(self._owned - wanted):
            with problems.noted():
                durable.remove_file(self.directory / name)
                self._owned.discard(name)

    def _remove_leftovers(self, problems: "_Problems") -> None:
        with problems.noted():
            for name in names_in(self.directory):
                target = durable.read_temporary_name(name)
                if target == LIVE_INDEX or target in self._owned:
                    durable.remove_leftover(self.directory / name)

    def _write_index(self, caption: Caption, problems: "_Problems", announced: Iterable[str] = ()) -> None:
        index = LiveIndex(
            run_number=caption.run_number,
            state="final" if caption.final else "open",
            spills=caption.spills,
            unit=caption.unit,
            last_spill_time=time_text(caption.last_spill_time),
            updated_at=utc_text(self._clock.now()),
            files=tuple(sorted(self._owned.union(announced))),
        )
        with problems.noted():
            write_live_index(self.directory, index)


def _file_names(tags: Iterable[TagImages], stems: Mapping[str, str]) -> set[str]:
    names = {f"{stem}.json" for stem in stems.values()}
    return names | {f"{stems[tag.name]}.{image.image_type}" for tag in tags for image in tag.images}


@dataclass
class _Shown:
    """The files of one tag, by image type."""

    stem: str
    files: dict[str, ImageFile] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        return (f"{self.stem}.json", *(file.file for file in self.files.values()))


class _Problems:
    """What went wrong, all of it to be returned, and each kind logged and told of once."""

    def __init__(self, run_number: int, logged: set[str], told: list[str]) -> None:
        self.lines: list[str] = []
        self._run_number = run_number
        self._logged = logged
        self._told = told

    def add(self, line: str) -> None:
        self.lines.append(line)
        kind = line.rpartition(": ")[2]  # without the name, which with numbered files is always another
        if kind not in self._logged:
            self._logged.add(kind)
            self._told.append(f"run {self._run_number}: live directory: {line}")
            logger.warning("%s", self._told[-1])

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Note what goes wrong, and go on."""
        try:
            yield
        except FolderError as error:
            self.add(str(error))
