"""A run as Python sees it: its record, its histograms as `hist.Hist`, its images shown inline in notebooks.

`open_run` reads it from a run folder; `process` makes it of data, without writing anything.
"""

import base64
import html
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from runfolio.errors import FolderError, RunfolioError, in_one_line
from runfolio.folder import RunRecord, Verification, is_file_name, read_metadata, read_record, verify
from runfolio.nearest import advice

if TYPE_CHECKING:  # hist is an extra, and takes a second to import
    import hist

__all__ = ["Picture", "PlottedRun", "open_run"]

T = TypeVar("T")

ROOT = "root"
SHOWN = ("png", "svg")
"""Image types that a notebook can show, the first first."""
_MEDIA = {"png": "image/png", "svg": "image/svg+xml"}


class ByName(Mapping[str, T]):
    """Things by name, each made when it is first asked for, and the list of names when that is."""

    def __init__(self, what: str, makers: Callable[[], Mapping[str, Callable[[], T]]]) -> None:
        self._what = what
        self._makers = makers
        self._made: dict[str, T] = {}

    @cached_property
    def _make(self) -> Mapping[str, Callable[[], T]]:
        return self._makers()

    def __getitem__(self, name: str) -> T:
        if name not in self._make:
            raise KeyError(f"no {self._what} is called {name!r}; {advice(str(name), list(self._make))}")
        if name not in self._made:
            self._made[name] = self._make[name]()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._make)

    def __len__(self) -> int:
        return len(self._make)

    def __repr__(self) -> str:
        return f"<{len(self)} {self._what}s: {', '.join(self)}>"


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One image of a run; the last line of a notebook's cell shows it."""

    tag: str
    image_type: str
    """The extension of its file: `png`, `svg`, `root`, ...."""
    data: bytes = field(repr=False)
    description: str = ""
    keywords: tuple[str, ...] = ()

    def save(self, path: str | Path) -> Path:
        """Write it to a file, in place of one that is there.

        Raises:
            OSError: it can't be written.

        """
        Path(path).write_bytes(self.data)
        return Path(path)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Return what a notebook shows."""
        if self.image_type not in _MEDIA:
            return {"text/plain": repr(self)}
        text = self.data.decode() if self.image_type == "svg" else base64.b64encode(self.data).decode()
        return {"text/plain": repr(self), _MEDIA[self.image_type]: text}


@dataclass(frozen=True, kw_only=True)
class PlottedRun:
    """One run: `run.record`, `run.histograms["MET_pt"].plot()`, `run.images["dimuon"]`.

    Two reducers may have histograms of one name; those are called `reducer/name`.
    """

    record: RunRecord
    """What is known of the run: the run.json of its folder."""
    histograms: "Mapping[str, hist.Hist[Any]]"
    images: Mapping[str, Picture]
    """By tag; of several image types the one that a notebook shows."""
    path: Path | None = None
    """Its folder; None where it was not read from one."""

    @property
    def number(self) -> int:
        return self.record.run_number

    def verify(self) -> Verification:
        """Compare each file of its folder with its digest.

        Raises:
            FolderError: it has no folder, or that is not sealed.

        """
        if self.path is None:
            raise FolderError(f"run {self.number} was not read from a folder: there is nothing to verify")
        return verify(self.path)

    def __repr__(self) -> str:
        counts = self.record.documents
        return (
            f"<run {self.number}: {self.record.status}, {counts.filled} {self.record.unit}s,"
            f" {len(self.histograms)} histograms, {len(self.images)} images>"
        )

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the run in one line, and its pictures small."""
        pictures = "".join(map(self._thumbnail, self.images))
        return f"<p>{html.escape(repr(self)[1:-1])}</p><div>{pictures}</div>"

    def _thumbnail(self, tag: str) -> str:
        try:
            picture = self.images[tag]
        except FolderError as error:
            return f"<p>{html.escape(str(error))}</p>"
        if picture.image_type not in _MEDIA:
            return ""
        data = base64.b64encode(picture.data).decode()
        return (
            f'<img title="{html.escape(tag)}" width="220" style="margin: 4px"'
            f' src="data:{_MEDIA[picture.image_type]};base64,{data}">'
        )


def open_run(folder: str | Path) -> PlottedRun:
    """Return a sealed run: `runfolio.open_run("end_of_run/4235")`.

    Its bytes are not compared with their digests; `verify` of what is returned does that.

    Raises:
        FolderError: it is no run folder, or cannot be read.

    """
    path = Path(folder)
    record = read_record(path)
    files = _Files(path, record)
    return PlottedRun(record=record, histograms=files.histograms, images=files.images, path=path)


class _Files:
    """The files of a run folder, read when they are asked for."""

    def __init__(self, path: Path, record: RunRecord) -> None:
        self._path = path
        self._record = record

    @property
    def histograms(self) -> "ByName[hist.Hist[Any]]":
        all_ = self._record.histograms.items()
        names = [(reducer, each.name) for reducer, histograms in all_ for each in histograms]
        return ByName("histogram", lambda: by_shortest_name(names, self._histogram))

    @property
    def images(self) -> ByName[Picture]:
        found = [(image.tag, image.image_type) for image in self._record.images]
        return ByName("image", lambda: each_best(found, self._picture))

    def _picture(self, tag: str, image_type: str) -> Picture:
        entry = next(e for e in self._record.images if (e.tag, e.image_type) == (tag, image_type))
        described = read_metadata(self._file(entry.metadata))
        return Picture(
            tag=tag,
            image_type=image_type,
            data=self._read(entry.file),
            description=described.description,
            keywords=described.keywords,
        )

    def _histogram(self, reducer: str, name: str) -> "hist.Hist[Any]":
        from runfolio.histograms import from_root  # noqa: PLC0415 - hist is an extra

        try:
            return from_root(self._trees[reducer][name])
        except RunfolioError:
            raise
        except Exception as error:  # uproot has many kinds of its own
            raise FolderError(
                f"{self._path}: {name} of {reducer} cannot be read: {in_one_line(error)}"
            ) from error

    @cached_property
    def _trees(self) -> ByName[Any]:
        reducers = self._record.histograms
        return ByName("reducer", lambda: {each: partial(self._root_file, each) for each in reducers})

    def _root_file(self, reducer: str) -> Any:
        import uproot  # type: ignore[import-untyped]  # noqa: PLC0415 - it takes half a second

        renamed = {(each.tag, each.producer): each.name for each in self._record.renamed}
        tag = renamed.get((reducer, reducer), reducer)
        for entry in self._record.images:
            if (entry.tag, entry.image_type) == (tag, ROOT):  # no two producers share a tag
                return uproot.open(BytesIO(self._read(entry.file)))
        raise FolderError(f"{self._path}: no file of the histograms of {reducer}")

    def _file(self, name: str) -> Path:
        if not is_file_name(name):  # run.json may have been tampered with
            raise FolderError(f"{self._path}: its run.json names {name[:80]!a}, which is no file of it")
        return self._path / name

    def _read(self, name: str) -> bytes:
        path = self._file(name)
        try:
            return path.read_bytes()
        except OSError as error:
            raise FolderError(f"{path} cannot be read: {error.strerror}") from error


def by_shortest_name(
    names: "list[tuple[str, str]]", make: Callable[[str, str], T]
) -> dict[str, Callable[[], T]]:
    """Return what makes each thing, by its name where that is the only one, else by `reducer/name`."""
    count: dict[str, int] = {}
    for _, name in names:
        count[name] = count.get(name, 0) + 1
    return {
        name if count[name] == 1 else f"{reducer}/{name}": partial(make, reducer, name)
        for reducer, name in names
    }


def each_best(found: Iterable[tuple[str, str]], make: Callable[[str, str], T]) -> dict[str, Callable[[], T]]:
    """Return what makes the image of each tag, in the type that a notebook can show, if there is one."""
    types: dict[str, list[str]] = {}
    for tag, image_type in found:
        types.setdefault(tag, []).append(image_type)
    return {
        tag: partial(make, tag, next((each for each in SHOWN if each in given), given[0]))
        for tag, given in types.items()
    }
