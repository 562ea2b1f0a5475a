"""Destinations by protocol; each is imported, and with it its client, when the first one is opened."""

from importlib import import_module

from runfolio.errors import Refused
from runfolio.mover.destination import Destination
from runfolio.mover.settings import (
    CommandDestination,
    DavDestination,
    DestinationSettings,
    FileDestination,
    S3Destination,
    SftpDestination,
    XRootDDestination,
)

__all__ = ["make_destination"]

MODULES: dict[type[DestinationSettings], tuple[str, str]] = {
    FileDestination: ("file", ""),
    SftpDestination: ("sftp", "sftp"),
    XRootDDestination: ("xrootd", "xrootd"),
    S3Destination: ("s3", "s3"),
    DavDestination: ("dav", "dav"),
    CommandDestination: ("command", ""),
}
"""The module here, and the extra of the package that brings its client."""


def make_destination(settings: DestinationSettings, lease: int | None = None) -> Destination:
    """Return a destination, not connected yet.

    Args:
        settings: one table of the settings file.
        lease: a descriptor that processes started for it inherit: as long as one of them lives, nobody else
            takes over its deliveries.

    Raises:
        Refused: the extra that it needs is not installed.

    """
    module, extra = MODULES[type(settings)]
    try:
        made = import_module(f"runfolio.mover.destinations.{module}").open_destination(settings, lease)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("runfolio"):
            raise
        raise Refused(
            f"destination {settings.name} needs {error.name}: pip install 'runfolio[{extra}]'"
        ) from error
    return made  # type: ignore[no-any-return]
