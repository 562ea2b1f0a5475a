"""Whatever movers do, one after the other: no delivery is ever owned twice, and none is lost."""

import tempfile
from contextlib import ExitStack
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from journals import DESTINATIONS, LONGEST_PAUSE, Mover, mover
from runfolio.mover.entries import Delivery, Intent, State
from support import FakeClock

MOVERS = st.integers(0, 2)
NAMES = st.sampled_from(list(DESTINATIONS))

Key = tuple[str, str]


class Movers(RuleBasedStateMachine):
    """Three movers with a journal, and what each of them believes to own."""

    def __init__(self) -> None:
        super().__init__()
        self.temporary = tempfile.TemporaryDirectory()
        self.clock = FakeClock()
        self.stacks: list[ExitStack] = []
        self.movers: list[Mover] = []
        self.owned: dict[Key, tuple[int, Delivery]] = {}
        self.known: dict[Key, State] = {}
        """Where nobody has it."""
        for _ in range(3):
            self.stacks.append(ExitStack())
            self.movers.append(self.started(self.stacks[-1]))

    def started(self, stack: ExitStack) -> Mover:
        own = stack.enter_context(mover(Path(self.temporary.name), self.clock))
        own.journal._database.execute("PRAGMA synchronous = OFF")
        return own

    def teardown(self) -> None:
        """All that nobody has quarantined is delivered in the end, by a mover that comes later."""
        with ExitStack() as last, self.temporary:
            for stack in self.stacks:
                stack.close()
            own = self.started(last)
            own.journal.retry()
            for name in DESTINATIONS:
                own.journal.resume(name)
                while claimed := own.claim(name):
                    own.journal.delivered(claimed, 1)
            found = {(each.run, each.destination): each.state for each in own.journal.deliveries()}
            assert found.keys() == self.known.keys() | self.owned.keys()
            kept = {key for key, state in self.known.items() if state is State.QUARANTINED}
            assert {key for key, state in found.items() if state is not State.DELIVERED} == kept

    @rule(number=st.integers(1, 5), to=st.sets(NAMES, min_size=1), who=MOVERS)
    def add(self, number: int, to: set[str], who: int) -> None:
        self.movers[who].add(number, destinations=sorted(to))
        for each in to:
            key = (str(number), each)
            if key not in self.owned:
                self.known.setdefault(key, State.WAITING)

    @rule(who=MOVERS, to=NAMES)
    def claim(self, who: int, to: str) -> None:
        claimed = self.movers[who].claim(to)
        if claimed is not None:
            key = (claimed.run, claimed.destination)
            assert self.known.pop(key) in {State.WAITING, State.SENDING}
            self.owned[key] = (who, claimed)

    @precondition(lambda self: self.owned)
    @rule(data=st.data(), end=st.sampled_from(["delivered", "failed", "quarantine", "let_go", "intend"]))
    def goes_on(self, data: st.DataObject, end: str) -> None:
        key = data.draw(st.sampled_from(sorted(self.owned)))
        who, delivery = self.owned.pop(key)
        journal = self.movers[who].journal
        match end:
            case "delivered":
                ended = journal.delivered(delivery, 1)
            case "failed":
                ended = journal.failed(delivery, "cut off", "Interrupted", self.clock.now() + 50)
            case "quarantine":
                ended = journal.quarantine(delivery, "differs", "Conflict")
            case "let_go":
                ended = journal.let_go(delivery)
            case _:
                self.owned[key] = (who, journal.intend(delivery, Intent.SEND, ".part"))
                return
        self.known[key] = ended.state

    @rule(who=MOVERS)
    def dies(self, who: int) -> None:
        self.stacks[who].close()
        for key in [key for key, (owner, _) in self.owned.items() if owner == who]:
            del self.owned[key]
            self.known[key] = State.SENDING
        self.movers[who] = self.started(self.stacks[who])

    @precondition(lambda self: self.known)
    @rule(data=st.data(), who=MOVERS)
    def release(self, data: st.DataObject, who: int) -> None:
        key = data.draw(st.sampled_from(sorted(self.known)))
        if self.movers[who].journal.release(*key):
            assert self.known[key] is State.QUARANTINED
            self.known[key] = State.WAITING

    @rule(seconds=st.sampled_from([-1e6, -10.0, 10.0, 60.0, 1e6]))
    def clock_jumps(self, seconds: float) -> None:
        self.clock.sleep(seconds)

    @rule(to=NAMES, who=MOVERS, paused=st.booleans())
    def pauses(self, to: str, who: int, paused: bool) -> None:
        if paused:
            self.movers[who].journal.pause(to, "full")
        else:
            self.movers[who].journal.resume(to)

    @invariant()
    def journal_says_what_is_believed(self) -> None:
        own = self.movers[0]
        for each in own.journal.deliveries():
            key = (each.run, each.destination)
            if key in self.owned:
                assert each == self.owned[key][1]
            else:
                assert each.state is self.known[key]

    @invariant()
    def what_is_due_can_be_claimed_or_will_be(self) -> None:
        due = self.movers[0].journal.next_due(LONGEST_PAUSE)
        assert due is None or 0 <= due <= LONGEST_PAUSE


TestMovers = Movers.TestCase
TestMovers.settings = settings(max_examples=30, stateful_step_count=30)
