"""Where a mover works, and by which settings."""

import os
from dataclasses import dataclass
from pathlib import Path

from runfolio.errors import SettingsError
from runfolio.mover.settings import FileDestination, MoverSettings

__all__ = ["Places"]


@dataclass(frozen=True, kw_only=True)
class Places:
    """The end-of-run directory, the settings, and what follows from both.

    Raises:
        SettingsError: a destination is within the end-of-run directory.

    """

    end_of_run: Path
    settings: MoverSettings

    def __post_init__(self) -> None:
        # By the names alone: to ask a mount that does not answer would hold up all other destinations.
        here = {Path(os.path.abspath(self.end_of_run)), Path(os.path.realpath(self.end_of_run))}  # noqa: PTH100
        for each in self.settings.destinations:
            if not isinstance(each, FileDestination):
                continue
            there = Path(os.path.normpath(each.path))
            if here & {there, *there.parents}:
                raise SettingsError(
                    f"destination {each.name}: {there} is within the end-of-run directory {self.end_of_run}:"
                    " what is there is no second copy"
                )

    @property
    def directory(self) -> Path:
        """Of journal and receipts."""
        return self.settings.directory(self.end_of_run)
