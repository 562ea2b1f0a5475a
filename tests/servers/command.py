"""A site's own copy program as a place: cp and others, by a wrapper that knows whether the storage is up."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runfolio.mover.settings import CommandDestination
from servers.place import files_below, flip

WRAPPER = """#!/bin/sh
if ! test -e "${0%/*}/up"; then
    echo "connecting" >&2
    echo "the storage does not answer" >&2
    exit 69
fi
exec "$@"
"""

PUT = 'mkdir -p "${1%/*}" && cp "$0" "$1"'


@dataclass(frozen=True)
class CommandPlace:
    """A directory that is reached by commands."""

    directory: Path
    settings: CommandDestination

    @property
    def storage(self) -> Path:
        return self.directory / "storage"

    def files(self) -> dict[str, bytes]:
        return files_below(self.storage)

    def damage(self, path: str, at: int = 0) -> None:
        flip(self.storage / path, at)

    def stop(self) -> None:
        (self.directory / "up").unlink(missing_ok=True)

    def start(self) -> None:
        (self.directory / "up").touch()


def make_place(directory: Path, **settings: Any) -> CommandPlace:
    """Return a storage that is up; settings may be others than those of cp and its like."""
    wrapper = directory / "site"
    wrapper.write_text(WRAPPER)
    wrapper.chmod(0o755)
    commands: dict[str, tuple[str, ...]] = {
        "put": ("sh", "-c", PUT, "{source}", "{target}"),
        "rename": ("mv", "-nT", "{source}", "{target}"),
        "remove": ("rm", "-rf", "{target}"),
        "exists": ("test", "-e", "{target}"),
        "checksum": ("sha256sum", "{target}"),
        "get": ("cat", "{target}"),
        "names": ("ls", "-A", "{target}"),
    }
    called = {name: (str(wrapper), *words) for name, words in commands.items()}
    url = "command:" + (directory / "storage").as_uri().removeprefix("file://")
    place = CommandPlace(
        directory,
        CommandDestination(**{"name": "site", "url": url, **called, **settings}),
    )
    place.storage.mkdir()
    place.start()
    return place
