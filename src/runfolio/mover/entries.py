"""What the journal holds, as it is handed out: runs, their deliveries, destinations, and what happened."""

from enum import StrEnum

from msgspec import Struct

__all__ = ["Delivery", "DestinationEntry", "Event", "Intent", "RunEntry", "RunState", "State"]


class RunState(StrEnum):
    """What has become of a run's folder on this machine."""

    SEALED = "sealed"
    QUARANTINED = "quarantined"
    """It is not what was sealed; nothing of it is sent."""
    REMOVED = "removed"
    """By the rules that free local space."""


class State(StrEnum):
    """How far a delivery is."""

    WAITING = "waiting"
    SENDING = "sending"
    """A mover has it, or had it when it was killed."""
    DELIVERED = "delivered"
    """It is at the destination under its final name, verified."""
    QUARANTINED = "quarantined"
    """People have to look; nothing more is tried until they release it."""


class Intent(StrEnum):
    """Which effect at the destination was about to happen, and may have."""

    NONE = "none"
    SEND = "send"
    """Files are written under the temporary name."""
    RENAME = "rename"
    """All is verified, and gets its final name."""
    RECEIPT = "receipt"
    """It has its final name."""


class RunEntry(Struct, frozen=True, kw_only=True):
    """A sealed run folder."""

    name: str
    """Of the folder: `4235`, or `4235.r2` where the run was sealed again."""
    run_number: int
    revision: int
    manifest_sha256: str
    files: int
    bytes: int
    sealed_at: str | None
    """As run.json says it."""
    state: RunState = RunState.SEALED
    reason: str = ""
    """Why it is quarantined."""
    seen_at: float
    """Unix seconds, when a mover first saw it."""


class Delivery(Struct, frozen=True, kw_only=True):
    """One run on its way to one destination."""

    run: str
    destination: str
    state: State = State.WAITING
    attempts: int = 0
    """Begun so far; one that was let go is not counted."""
    not_verified: int = 0
    """Attempts after which the destination did not hold what was sent."""
    bytes: int = 0
    """Of what was delivered."""
    error: str = ""
    """The last one."""
    error_kind: str = ""
    """Its class, as `Unavailable`."""
    next_try: float | None = None
    """Unix seconds; None: at once."""
    intent: Intent = Intent.NONE
    temporary: str = ""
    """The name under which it is being written, or was when the mover was killed."""
    since: float
    """Unix seconds, when it got into its state."""
    delivered_at: float | None = None
    owner: str = ""
    """The token of the mover that has it."""
    claim: int = 0
    """How often movers have taken it up: who has an older number has it no longer."""


class DestinationEntry(Struct, frozen=True, kw_only=True):
    """A destination that deliveries go to, or went to."""

    name: str
    url: str
    in_settings: bool
    """False once the settings no longer name it; what was delivered there stays noted."""
    paused: bool
    reason: str
    """Why it is paused."""
    next_try: float | None
    """Unix seconds, before which nothing is sent there; None: at once."""
    failures: int
    """In a row, of the destination as a whole."""
    error: str
    """The last of these."""


class Event(Struct, frozen=True, kw_only=True):
    """Something that happened to a run, a destination, or one on its way to the other."""

    time: float
    """Unix seconds."""
    run: str
    """Empty where it concerns the destination as a whole."""
    destination: str
    """Empty where it concerns the run as a whole."""
    what: str
