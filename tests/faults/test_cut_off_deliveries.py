"""The network drops, stalls or damages a delivery at any byte, either way; servers are killed in the midst.

Whatever happens, what has a final name is verified; and once there are no more faults, all is delivered.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec
import pytest

from passing import LARGE, LARGE_BYTES, Passes, Stop, assert_all_there, assert_only_verified
from runfolio.folder import MANIFEST
from runfolio.mover.entries import Delivery, State
from runfolio.watching import Operation
from servers.kinds import KINDS
from servers.place import Place
from servers.proxy import Fault, Proxy, Way, behind, port_of

SERVERS = sorted(KINDS.keys() - {"command", "file"})
ENCRYPTED = {"nginx", "sftp"}
READ_BACK = {"apache", "nginx", "sftp"}
"""Those that make no digests themselves: all bytes come back."""

DIES = {"xrootd-http"}
"""By HTTP, XRootD's own server (5.5.3) hangs or dies now and then, also without a fault of ours."""

SHORT, LONG = 1.0, 30.0
"""Seconds of `timeout`, where a connection stalls and elsewhere."""

WITHIN = (0.05, 0.3, 0.55, 0.8)
"""Of all bytes of a delivery: mostly of its one large file."""

JUST_AFTER = (0, 100, 300, 900)
"""Bytes from where a delivery gets its final name: requests and answers of its renaming and its receipt."""

Record = Callable[[str, object], None]


@dataclass
class Naming:
    """Has a fault happen as a run gets its final name; where there is no renaming, its manifest."""

    proxy: Proxy
    run: int
    fault: Fault
    begun: bool = False

    def before(self, operation: Operation, path: Path) -> None:
        named = operation == "move" or (operation == "put" and path.parts[1:] == (str(self.run), MANIFEST))
        if named and not self.begun:
            self.begun = True
            self.proxy.set_up(self.fault)

    def after(self, operation: Operation, path: Path) -> None: ...


@dataclass
class Line:
    """Deliveries by a proxy, and how many bytes one is if nothing happens."""

    place: Place
    proxy: Proxy
    passes: Passes
    bytes: dict[Way, int]
    dies: bool
    """Whether its server may be at fault, too, and is started anew."""

    def go(self, run: int, fault: Fault, *, named: bool = False) -> Delivery:
        """Deliver a run with a fault, then without; return what the journal had of it in between.

        Args:
            run: its number.
            fault: what happens.
            named: whether its bytes count from where the run gets its final name.

        """
        self.passes.seal(run)
        naming = Naming(self.proxy, run, fault, begun=not named)
        if not named:
            self.proxy.set_up(fault)
        self._wait_for_at_most(SHORT if fault.kind == "stall" else LONG)
        self.passes.make(naming)
        assert_only_verified(self.place, self.passes.sealed())
        assert fault.struck or self.dies or (named and fault.at), fault
        (delivery,) = self.passes.deliveries(run)
        self.proxy.mend()
        self._wait_for_at_most(LONG)
        self.recover()
        return delivery

    def recover(self) -> None:
        """Deliver without faults."""
        if self.dies:
            revive(self.place)
        self.passes.make_until_delivered(partial(revive, self.place) if self.dies else list)
        assert_all_there(self.place, self.passes.sealed())

    def _wait_for_at_most(self, timeout: float) -> None:
        (settings,) = self.passes.destinations
        self.passes.destinations = (msgspec.structs.replace(settings, timeout=timeout),)


def revive(place: Place) -> None:
    """Start a server anew, whatever it does."""
    place.stop()
    place.start()


@pytest.fixture(params=SERVERS)
def kind(request: pytest.FixtureRequest) -> str:
    """Return the name of a kind of server."""
    return str(request.param)


@pytest.fixture
def line(kind: str, tmp_path: Path) -> Iterator[Line]:
    """Deliver a run by a proxy to a server to which nothing happens."""
    (tmp_path / "server").mkdir()
    place = KINDS[kind](tmp_path / "server")
    try:
        with Proxy(port_of(place.settings)) as proxy:
            passes = Passes(tmp_path, (behind(proxy, place.settings),))
            for run in (1, 2):  # not the first one: it needs a folder more
                passes.seal(run)
                before = (proxy.sent, proxy.received)
                passes.make_until_delivered(partial(revive, place) if kind in DIES else list)
            assert_all_there(place, passes.sealed())
            size: dict[Way, int] = {"sent": proxy.sent - before[0], "received": proxy.received - before[1]}
            yield Line(place, proxy, passes, size, dies=kind in DIES)
    finally:
        place.stop()


@pytest.mark.parametrize("way", ["sent", "received"])
def test_a_connection_that_is_dropped_at_any_byte(
    line: Line, kind: str, way: Way, record_property: Record
) -> None:
    within = [Fault("drop", int(line.bytes[way] * part), way, from_now=True) for part in (0, *WITHIN)]
    just_after = [Fault("drop", at, way, from_now=True) for at in JUST_AFTER]
    for run, fault in enumerate(within, 3):
        line.go(run, fault)
    for run, fault in enumerate(just_after, 10):
        line.go(run, fault, named=True)
    struck = sum(fault.struck for fault in (*within, *just_after))
    record_property(f"connections dropped, {kind}", struck)


def test_a_connection_that_stalls_at_any_byte(line: Line, kind: str, record_property: Record) -> None:
    line.go(3, Fault("stall", 20, "sent", from_now=True))
    line.go(4, Fault("stall", line.bytes["sent"] // 2, "sent", from_now=True))
    line.go(5, Fault("stall", 0, "received", from_now=True), named=True)
    record_property(f"connections stalled, {kind}", 3)


def test_a_byte_that_is_damaged_on_its_way_is_never_renamed(
    line: Line, kind: str, record_property: Record
) -> None:
    places: list[tuple[Way, int]] = [("sent", int(line.bytes["sent"] * part)) for part in WITHIN[1:]]
    if kind in READ_BACK:
        places += [("received", int(line.bytes["received"] * part)) for part in WITHIN[1:]]
    wanted = ("Interrupted", 0) if kind in ENCRYPTED else ("NotVerified", 1)
    for run, (way, at) in enumerate(places, 3):
        noted = line.go(run, Fault("damage", at, way, from_now=True))
        assert (noted.error_kind, noted.not_verified) == wanted
    record_property(f"bytes damaged on their way, {kind}", len(places))


def stopped_in_the_midst(place: Place, passes: Passes, run: int, name: str) -> None:
    """Stop a server while it gets a file, and start it again; what had arrived isn't put once more."""
    passes.seal(run)
    passes.make(stop := Stop(place, name))
    assert stop.done
    assert passes.make() == []  # it is still gone
    assert passes.deliveries(run)[0].state is State.WAITING
    place.start()
    assert_only_verified(place, passes.sealed())
    again = passes.make_until_delivered(partial(revive, place))
    assert not set(stop.arrived) & set(again), name
    assert_all_there(place, passes.sealed())


def test_a_server_that_is_killed_in_the_midst_gets_only_what_it_lacks(
    line: Line, kind: str, record_property: Record
) -> None:
    stopped_in_the_midst(line.place, line.passes, 3, LARGE)
    before = line.proxy.sent
    stopped_in_the_midst(line.place, line.passes, 4, "run.json")
    assert LARGE_BYTES < line.proxy.sent - before < 2 * LARGE_BYTES  # once, though there were two tries
    record_property(f"servers killed in the midst, {kind}", 2)


@pytest.mark.parametrize("kind", ["command", "file"])
def test_a_storage_that_is_gone_in_the_midst_gets_only_what_it_lacks(
    kind: str, tmp_path: Path, record_property: Record
) -> None:
    (tmp_path / "server").mkdir()
    place = KINDS[kind](tmp_path / "server")
    passes = Passes(tmp_path, (place.settings,))
    for run, name in enumerate((LARGE, "run.json"), 1):
        stopped_in_the_midst(place, passes, run, name)
    record_property(f"servers killed in the midst, {kind}", 2)
