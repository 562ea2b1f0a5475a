"""A directory as a place: what stops is its mount."""

from dataclasses import dataclass
from pathlib import Path

from runfolio.mover.settings import FileDestination
from servers.place import files_below, flip


@dataclass(frozen=True)
class FilePlace:
    """A directory below a mount point."""

    directory: Path
    settings: FileDestination

    @property
    def archive(self) -> Path:
        return self.directory / "mount" / "archive"

    def files(self) -> dict[str, bytes]:
        return files_below(self.archive)

    def damage(self, path: str, at: int = 0) -> None:
        flip(self.archive / path, at)

    def stop(self) -> None:
        """Leave the mount point as it is without its mount: an empty directory."""
        if self.archive.exists():
            self.archive.rename(self.directory / "unmounted")

    def start(self) -> None:
        (self.directory / "unmounted").rename(self.archive)


def make_place(directory: Path) -> FilePlace:
    """Return an archive that is mounted."""
    place = FilePlace(
        directory, FileDestination(name="archive", url=(directory / "mount" / "archive").as_uri())
    )
    place.archive.mkdir(parents=True)
    return place
