"""A stream under a tracker: documents to send, and what the tracker says of them."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from hypothesis import strategies as st

from runfolio.runs import EndedBy, Event, Over, Rejected, Run, Tally, Tracker
from runfolio.stream import Batch, Decoder, Line, Read, Refused, in_batches, read_documents, split_lines
from support import FakeClock, mark, spill, stream

LIMIT = 1 << 20


def items_of(*documents: Any) -> list[Read]:
    """Return what is read of documents, None being a moment at which nothing has come."""
    chunks = [None if each is None else stream(each) for each in documents]
    return list(in_batches(read_documents(split_lines("spills.json", chunks, LIMIT), Decoder(), LIMIT)))


class Followed:
    """A stream under a tracker, fed in pieces, and all that the tracker has said of it."""

    def __init__(self, grace: float = 0.0, *, live: bool = False, **tracker: Any) -> None:
        self.clock = FakeClock()
        self.tracker = Tracker(self.clock, grace, **tracker)
        self.tracker.live = live
        self.events: list[Event] = []

    def send(self, *documents: Any) -> Sequence[Event]:
        """Take documents, None being a moment at which nothing has come, and return what they meant."""
        return self.take(*items_of(*documents))

    def take(self, *items: Read) -> Sequence[Event]:
        """Take what a reader gives, and return what it meant."""
        before = len(self.events)
        for item in items:
            self.events.extend(self.tracker.take(item))
        return self.events[before:]

    def close(self, reason: EndedBy = EndedBy.END_OF_INPUT) -> "Followed":
        self.events.extend(self.tracker.close(reason))
        return self

    @property
    def over(self) -> list[Run]:
        return [event.run for event in self.events if isinstance(event, Over)]

    @property
    def rejected(self) -> list[tuple[int | None, str]]:
        """The run that each refusal is counted with, and its reason."""
        return [
            (event.run.number if event.run else None, event.refused.reason)
            for event in self.events
            if isinstance(event, Rejected)
        ]


def followed(*documents: Any, grace: float = 0.0, reason: EndedBy = EndedBy.END_OF_INPUT) -> Followed:
    stream = Followed(grace)
    stream.send(*documents)
    return stream.close(reason)


def names(events: Iterable[Event]) -> list[str]:
    return [type(event).__name__ for event in events]


def counts(tally: Tally) -> dict[str, Any]:
    """Return what is not zero."""
    return {name: value for name, value in vars(tally).items() if value}


def header(run_number: int) -> dict[str, Any]:
    return mark("RunHeader", run_number)


def footer(run_number: int) -> dict[str, Any]:
    return mark("RunFooter", run_number)


def marker(run_number: int, event_type: str = "start_of_burst") -> dict[str, Any]:
    return spill(run_number, 0, daq_event_type=event_type)


def end(run_number: int) -> dict[str, Any]:
    return marker(run_number, "end_of_run")


def images(run_number: int | None = None) -> dict[str, Any]:
    own = {} if run_number is None else {"run_number": run_number}
    return {"maus_event_type": "Image", "image_list": [], **own}


JOB_HEADER = {"maus_event_type": "JobHeader", "start_of_job": {"date_time": ""}}
JOB_FOOTER = {"maus_event_type": "JobFooter", "end_of_job": {"date_time": ""}}
GARBAGE = b"garbage"

KINDS: list[Callable[[int], Any]] = [
    header,
    footer,
    end,
    marker,
    images,
    lambda run_number: spill(run_number, 1),
    lambda run_number: spill(run_number, 2, daq_event_type="calibration_event"),
    lambda run_number: spill(run_number, 3, time_stamp="bad"),
    lambda _: images(),
    lambda _: JOB_HEADER,
    lambda _: JOB_FOOTER,
    lambda _: GARBAGE,
    lambda _: None,
]
anything = st.builds(lambda kind, number: kind(number), st.sampled_from(KINDS), st.integers(1, 3))

SOURCE_LINE = Line("events", 1, 0, b"", 0)


def rows(run_number: int, count: int = 1, *, over: bool = False, ends: int = 0) -> Batch:
    """Return a batch of rows of one's own."""
    lines = [SOURCE_LINE] if count else []
    over = over or ends > 0
    return Batch(run_number=run_number, source="events", data=range(count), lines=lines, ends=ends, over=over)


def bad_rows(count: int) -> Refused:
    return Refused(SOURCE_LINE, "no_run_number", "", None, count)


own_items = (
    st.builds(
        lambda number, count, over, ends: rows(number, count or 1 - ends, over=over, ends=ends),
        st.integers(1, 4),
        st.integers(0, 3),
        st.booleans(),
        st.integers(0, 1),
    )
    | st.builds(bad_rows, st.integers(1, 3))
    | st.none()
)
