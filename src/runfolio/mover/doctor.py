"""Examining destinations: whatever a delivery will do there is tried with a probe, which is removed again."""

import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from runfolio.clock import Clock, utc_text
from runfolio.console import size_text
from runfolio.errors import DeliveryError
from runfolio.mover.destination import Destination, Taken
from runfolio.mover.destinations import make_destination
from runfolio.mover.digests import item_of
from runfolio.mover.settings import DestinationSettings

__all__ = ["Check", "examine"]

PROBE_BYTES = 1 << 16
CLOCK_SECONDS = 60.0
"""By so much a destination's clock may differ."""
CREDENTIALS_DAYS = 7
LITTLE_SPACE = 10 << 30
DAY = 86_400.0


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that was tried."""

    destination: str
    what: str
    well: bool
    words: str


def examine(settings: DestinationSettings, clock: Clock) -> Iterator[Check]:
    """Try all that a destination has to do, and give each thing as it was found.

    Args:
        settings: the destination.
        clock: what its clock is compared with.

    """
    begun = time.monotonic()
    try:
        with TemporaryDirectory(prefix="runfolio.") as work, make_destination(settings) as place:
            yield _well(settings, "reachable", f"in {time.monotonic() - begun:.2f} s")
            yield from _Examination(settings, place, clock, Path(work)).checks()
    except DeliveryError as error:
        yield Check(destination=settings.name, what="reachable", well=False, words=str(error))


def _well(settings: DestinationSettings, what: str, words: str) -> Check:
    return Check(destination=settings.name, what=what, well=True, words=words)


class _Examination:
    """What is tried at a destination that one is connected to."""

    def __init__(self, settings: DestinationSettings, place: Destination, clock: Clock, work: Path) -> None:
        self._settings = settings
        self._place = place
        self._clock = clock
        self._probe = f".runfolio-doctor.{secrets.token_hex(4)}"
        self._path = f"{self._probe}/one"
        source = work / self._probe
        source.write_bytes(os.urandom(PROBE_BYTES))
        self._item = item_of(source)

    def checks(self) -> Iterator[Check]:
        try:
            yield (writable := self._try("writable", self._write))
            if writable.well:
                yield self._try("verifies", self._verify)
                yield self._try("renames", self._rename)
                yield self._try("clock", self._compare_clocks)
            yield self._try("removes", self._remove)
        finally:
            with suppress(DeliveryError):
                self._place.remove(self._probe)
        yield self._try("space", self._space)
        yield self._try("credentials", self._credentials)

    def _try(self, what: str, act: Callable[[], str]) -> Check:
        try:
            return _well(self._settings, what, act())
        except DeliveryError as error:
            return Check(destination=self._settings.name, what=what, well=False, words=str(error))

    def _write(self) -> str:
        self._place.make_folder(self._probe)
        self._put(self._path)
        return f"{size_text(PROBE_BYTES)} written"

    def _verify(self) -> str:
        digest = self._place.digest(self._path)
        if not self._item.is_as_sent(digest):
            raise DeliveryError(f"its {digest.algorithm} of the probe is {digest.value}, and wrong")
        return f"by {digest.algorithm}"

    def _rename(self) -> str:
        if not self._place.renames:
            return self._put_twice()
        other = f"{self._probe}/other"
        self._put(other)
        if self._place.rename(other, self._path):
            raise DeliveryError("a rename overwrites what is there: it is not safe to deliver to")
        if not self._place.rename(other, f"{self._probe}/free"):
            raise DeliveryError("a free name counts as taken")
        return "a taken name is refused"

    def _put_twice(self) -> str:
        try:
            self._put(self._path)
        except Taken:
            return "not, and a taken name is refused"
        raise DeliveryError("it overwrites what is there: it is not safe to deliver to")

    def _put(self, path: str) -> None:
        self._place.put(self._item, path, lambda _: None)

    def _remove(self) -> str:
        self._place.remove(self._probe)
        if self._place.look(self._path) is not None:
            raise DeliveryError("what was removed is still there")
        return "the probe is gone"

    def _compare_clocks(self) -> str:
        found = self._place.look(self._path)
        if found is None or found.modified is None:
            return "not told"
        ahead = found.modified - self._clock.now()
        if abs(ahead) > CLOCK_SECONDS:
            raise DeliveryError(f"{abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} this machine's")
        return "as this machine's"

    def _space(self) -> str:
        free = self._place.space()
        if free is None:
            return "not told"
        if free < LITTLE_SPACE:
            raise DeliveryError(f"{size_text(free)} free")
        return f"{size_text(free)} free"

    def _credentials(self) -> str:
        end = self._place.credentials_end()
        if end is None:
            return "no end known"
        words = f"until {utc_text(end)}"
        if end - self._clock.now() < CREDENTIALS_DAYS * DAY:
            raise DeliveryError(f"{words}: renew them")
        return words
