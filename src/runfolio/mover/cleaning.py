"""Cleaning: which run folders may be removed here, and why the others stay.

By rule alone: delivered at every required destination, and looked at there once more; old enough; and not one
of the newest. Whatever is not certain keeps a folder.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path

from runfolio.errors import DeliveryError, FolderError, Refused, Unavailable
from runfolio.folder import SealedRun, carry_away, finish_carrying, open_folder
from runfolio.mover.settings import CleanSettings

__all__ = ["Cleaned", "LocalRun", "StillThere", "Verdict", "clean", "removable"]

DAY = 86_400

StillThere = Callable[[SealedRun, bool], str | None]
"""Looks at a delivered run at a destination, deep or not; returns why it does not count as there.

May raise `DeliveryError`, which keeps the run, too.
"""


@dataclass(frozen=True, kw_only=True)
class LocalRun:
    """A run folder here, and what the journal knows of it."""

    run: SealedRun
    sealed_at: float
    """Unix seconds; infinite where it is not known."""
    delivered: frozenset[str]
    """Names of the destinations where it was verified."""
    quarantined: bool = False


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether a run folder may be removed."""

    run: SealedRun
    reasons: tuple[str, ...]
    """Why it stays; none where it may go."""


@dataclass(frozen=True, kw_only=True)
class Cleaned:
    """What has become of a run folder."""

    run: SealedRun
    bytes: int = 0
    """That are free now, or would be; 0 where it stays."""
    reason: str = ""
    """Why it stays; empty where it does not."""


def removable(
    runs: Sequence[LocalRun], required: Iterable[str], settings: CleanSettings, now: float
) -> list[Verdict]:
    """Return of each run whether its folder may be removed, as far as is known without a look elsewhere.

    Args:
        runs: all that are here.
        required: names of the destinations where each has to be.
        settings: the rules.
        now: Unix seconds.

    """
    required, newest = sorted(required), _newest(runs, settings.keep_newest)
    return [
        Verdict(run=each.run, reasons=tuple(_reasons(each, required, newest, settings, now))) for each in runs
    ]


def _reasons(
    each: LocalRun, required: Sequence[str], newest: set[int], settings: CleanSettings, now: float
) -> Iterator[str]:
    if each.quarantined:
        yield "quarantined"
    if not required:
        yield "no destination is required"
    missing = [name for name in required if name not in each.delivered]
    if missing:
        yield f"not delivered at {', '.join(missing)}"
    if each.sealed_at == inf:
        yield "not known when it was sealed"
    elif each.sealed_at > now:
        yield "sealed in the future, by this clock"
    elif now - each.sealed_at < settings.older_than_days * DAY:
        yield f"younger than {settings.older_than_days:g} days"
    if each.run.run_number in newest:
        yield "the newest" if settings.keep_newest == 1 else f"one of the {settings.keep_newest:,} newest"


def _newest(runs: Sequence[LocalRun], number: int) -> set[int]:
    """Return the newest runs by their numbers, and by when they were sealed: a clock may have been wrong."""
    sealed: dict[int, float] = {}
    for each in runs:
        run_number = each.run.run_number
        sealed[run_number] = max(each.sealed_at, sealed.get(run_number, each.sealed_at))
    orders = sorted(sealed, reverse=True), sorted(sealed, key=lambda run: (sealed[run], run), reverse=True)
    return {run for order in orders for run in order[:number]}


def clean(
    end_of_run: Path,
    runs: Sequence[LocalRun],
    required: Mapping[str, StillThere],
    settings: CleanSettings,
    now: float,
    *,
    deep: bool = False,
    dry_run: bool = False,
) -> Iterator[Cleaned]:
    """Remove the folders that may go, one after the other, and tell of each run what has become of it.

    By one process at a time. Each is looked at once more at all required destinations; in a dry run, too, in
    which nothing is removed.

    Args:
        end_of_run: the directory of the folders.
        runs: all that are here.
        required: looks at a run, for each destination where it has to be.
        settings: the rules, and what is left behind.
        now: Unix seconds.
        deep: whether bytes are read back there.
        dry_run: whether nothing is removed.

    Raises:
        FolderError: what a former process has left half removed can't be.

    """
    if not dry_run:
        finish_carrying(end_of_run)
    looking = _Looking(required, deep=deep)
    for verdict in removable(runs, required, settings, now):
        reason = ", ".join(verdict.reasons) or looking.reason_against(verdict.run)
        if reason:
            yield Cleaned(run=verdict.run, reason=reason)
        else:
            yield _cleaned(verdict.run, settings, dry_run=dry_run)


def _cleaned(run: SealedRun, settings: CleanSettings, *, dry_run: bool) -> Cleaned:
    try:
        size = open_folder(run.path).bytes
        if not dry_run:
            carry_away(run, settings.leave_behind)
    except FolderError as error:
        return Cleaned(run=run, reason=str(error))
    return Cleaned(run=run, bytes=size)


class _Looking:
    """Looks at runs at the required destinations; at one that can't be reached, only once."""

    def __init__(self, required: Mapping[str, StillThere], *, deep: bool) -> None:
        self._required = required
        self._deep = deep
        self._down: dict[str, str] = {}

    def reason_against(self, run: SealedRun) -> str:
        """Return the first reason that a destination gives why a run has to stay; none: the empty text."""
        reasons = (self._down.get(name) or self._look(name, run) for name in self._required)
        return next(filter(None, reasons), "")

    def _look(self, name: str, run: SealedRun) -> str:
        try:
            reason = self._required[name](run, self._deep)
        except (Unavailable, Refused) as error:
            reason = self._down[name] = f"not seen at {name}: {error}"
        except DeliveryError as error:
            reason = f"not seen at {name}: {error}"
        else:
            reason = f"no longer at {name}: {reason}" if reason else ""
        return reason
