"""Where a mover works, and by which settings."""

from dataclasses import dataclass
from pathlib import Path

from runfolio.mover.settings import MoverSettings

__all__ = ["Places"]


@dataclass(frozen=True, kw_only=True)
class Places:
    """The end-of-run directory, the settings, and what follows from both."""

    end_of_run: Path
    settings: MoverSettings

    @property
    def directory(self) -> Path:
        """Of journal and receipts."""
        return self.settings.directory(self.end_of_run)
