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
from runfolio.mover.package import Item
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
            yield from _Examination(settings, place, clock).checks(Path(work))
    except DeliveryError as error:
        yield Check(destination=settings.name, what="reachable", well=False, words=str(error))


def _well(settings: DestinationSettings, what: str, words: str) -> Check:
    return Check(destination=settings.name, what=what, well=True, words=words)


class _Examination:
    def __init__(self, settings: DestinationSettings, place: Destination, clock: Clock) -> None:
        self._settings = settings
        self._place = place
        self._clock = clock
        self._probe = f".runfolio-doctor.{secrets.token_hex(4)}"

    def checks(self, work: Path) -> Iterator[Check]:
        source = work / self._probe
        source.write_bytes(os.urandom(PROBE_BYTES))
        item = item_of(source)
        place = self._place
        one, other = f"{self._probe}/one", f"{self._probe}/other"

        def writes() -> str:
            place.make_folder(self._probe)
            place.put(item, one, lambda _: None)
            return f"{size_text(PROBE_BYTES)} written"

        def verifies() -> str:
            digest = place.digest(one)
            if not item.is_as_sent(digest):
                raise DeliveryError(f"its {digest.algorithm} of the probe is {digest.value}, and wrong")
            return f"by {digest.algorithm}"

        def renames() -> str:
            if not place.renames:
                return _refuses_a_second(place, item, one)
            place.put(item, other, lambda _: None)
            if place.rename(other, one):
                raise DeliveryError("a rename overwrites what is there: it is not safe to deliver to")
            if not place.rename(other, f"{other}2"):
                raise DeliveryError("a free name counts as taken")
            return "without overwriting"

        try:
            for what, act in (
                ("writable", writes),
                ("verifies", verifies),
                ("renames", renames),
                ("clock", lambda: self._clocks(one)),
            ):
                yield (check := self._try(what, act))
                if not check.well and what == "writable":
                    break
            yield self._try("removes", self._remove)
        finally:
            with suppress(DeliveryError):
                place.remove(self._probe)
        yield self._try("space", self._space)
        yield self._try("credentials", self._credentials)

    def _try(self, what: str, act: Callable[[], str]) -> Check:
        try:
            return _well(self._settings, what, act())
        except DeliveryError as error:
            return Check(destination=self._settings.name, what=what, well=False, words=str(error))

    def _remove(self) -> str:
        self._place.remove(self._probe)
        if self._place.look(f"{self._probe}/one") is not None:
            raise DeliveryError("what was removed is still there")
        return "the probe is gone"

    def _clocks(self, path: str) -> str:
        found = self._place.look(path)
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


def _refuses_a_second(place: Destination, item: Item, path: str) -> str:
    try:
        place.put(item, path, lambda _: None)
    except Taken:
        return "not, but never overwrites"
    raise DeliveryError("it overwrites what is there: it is not safe to deliver to")
