"""Rejecting: what cannot be used is counted and set aside; what came late, apart from the rest."""

import logging
from collections import Counter
from pathlib import Path

from runfolio.clock import Clock
from runfolio.folder import LATE, SetAside
from runfolio.stream import Refused

log = logging.getLogger(__name__)


class Rejections:
    """What a job has set aside.

    Args:
        directory: of the live plots; `rejected.jsonl` and `late.jsonl` lie there.
        clock: dates their lines.

    """

    def __init__(self, directory: Path, clock: Clock) -> None:
        self._rejected = SetAside(directory, clock=clock)
        self._late = SetAside(directory, name=LATE, clock=clock)
        self.by_reason: Counter[str] = Counter()
        """All that was set aside."""
        self.late: Counter[int] = Counter()
        """Of these what came for runs that were sealed, by run number."""

    def take(self, refused: Refused, revision: int | None) -> None:
        """Count one thing, and set it aside.

        Args:
            refused: what it is; the first for a reason is logged.
            revision: of the folder that it came too late for, where it is late.

        """
        self.by_reason[refused.reason] += refused.rows
        if self.by_reason[refused.reason] == refused.rows:
            line = refused.line
            log.warning(
                "%s, line %d: set aside: %s: %s", line.source, line.number, refused.reason, refused.detail
            )
        set_aside = self._rejected
        if refused.reason == "late" and refused.run_number is not None:
            self.late[refused.run_number] += refused.rows
            set_aside = self._late
        set_aside.append(
            source=refused.line.source,
            line=refused.line.number,
            offset=refused.line.offset,
            reason=refused.reason,
            detail=refused.detail,
            raw=refused.line.data,
            size=refused.line.length,
            run_number=refused.run_number,
            revision=revision,
        )

    @property
    def path(self) -> Path | None:
        """Where it is kept; None where nothing is."""
        kept = self._rejected.lost < self.by_reason.total() - self.late.total()
        return self._rejected.path if kept else None

    @property
    def late_path(self) -> Path | None:
        """Where what came late is kept; None where nothing is."""
        return self._late.path if self._late.lost < self.late.total() else None

    @property
    def lost(self) -> int:
        """How many things could not be kept."""
        return self._rejected.lost + self._late.lost

    @property
    def positions(self) -> tuple[int, int]:
        """The bytes of the two files, for a checkpoint."""
        return self._rejected.position, self._late.position

    def resume(self, rejected: int, late: int) -> None:
        """Go on from a checkpoint: what the files have beyond these bytes is not written twice."""
        self._rejected.resume(rejected)
        self._late.resume(late)
