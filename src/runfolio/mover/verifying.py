"""Looking once more at what was delivered: is it still there, and still what the receipt says?"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from runfolio.errors import DeliveryError, Refused
from runfolio.mover.delivery import compared
from runfolio.mover.destination import Destination, digest_read_back, unheeded
from runfolio.mover.destinations import make_destination
from runfolio.mover.package import Digest
from runfolio.mover.receipts import Receipt, Receipts
from runfolio.mover.settings import MoverSettings

__all__ = ["Verified", "still_there", "verify_deliveries"]

_NO_LONGER = "not looked at: it is no longer in the settings"


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What a look at one delivery has found."""

    run: str
    destination: str
    problem: str = ""
    """Empty where all is as it was delivered."""
    files: int = 0
    bytes: int = 0


def verify_deliveries(
    deliveries: list[tuple[str, str]], settings: MoverSettings, receipts: Receipts, *, deep: bool
) -> Iterator[Verified]:
    """Look at deliveries, given by run and destination.

    Args:
        deliveries: delivered, each; those to one destination after the other share a connection.
        settings: the destinations.
        receipts: say what is to be there.
        deep: read all bytes back, also where the destination can make digests itself.

    """
    known = {each.name: each for each in settings.destinations}
    for name, each in groupby(sorted(deliveries, key=lambda pair: pair[1]), key=lambda pair: pair[1]):
        runs = [run for run, _ in each]
        try:
            if name not in known:
                raise Refused(_NO_LONGER)
            with make_destination(known[name]) as place:
                for run in runs:
                    yield _verified(run, name, receipts.find(run, name), place, deep=deep)
        except DeliveryError as error:  # in connecting: nothing was looked at
            for run in runs:
                yield Verified(run=run, destination=name, problem=str(error))


def _verified(run: str, name: str, receipt: Receipt | None, place: Destination, *, deep: bool) -> Verified:
    if receipt is None:
        problem = "there is no receipt that says what is to be there; runfolio move reconcile makes one"
        return Verified(run=run, destination=name, problem=problem)
    try:
        problem = still_there(receipt, place, deep=deep)
    except DeliveryError as error:
        problem = str(error)
    return Verified(
        run=run, destination=name, problem=problem, files=len(receipt.files), bytes=receipt.size()
    )


def still_there(receipt: Receipt, place: Destination, *, deep: bool) -> str:
    """Return what is not as it was delivered; empty where all is.

    Raises:
        Unavailable, Interrupted, Refused: see there.

    """

    def read_back(path: str) -> Digest:
        return digest_read_back(place.read(path), unheeded)

    return compared(receipt.package(), place, receipt.name, digest=read_back if deep else place.digest).words
