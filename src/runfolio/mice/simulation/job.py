"""What is simulated, and the order of a job's documents."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from runfolio.errors import SettingsError
from runfolio.mice.simulation.documents import (
    Channels,
    DaqData,
    DaqEventType,
    Document,
    JobFooter,
    JobHeader,
    Moment,
    RunFooter,
    RunHeader,
    Scaler,
    Spill,
)
from runfolio.mice.simulation.spills import Burst, bursts
from runfolio.mice.simulation.untidy import untidied

LARGEST_RUN_NUMBER = 2**63 - 1
_LARGEST_SEED = 2**63 - 1
_MOST = 10**9
_MOST_EVENTS = 10_000  # in a spill, held in memory at once
DOCUMENTS_A_BURST = 3
MARKS_OF_A_RUN = 5
"""Header, start_of_run, end_of_run twice, footer."""
_START = datetime(2012, 10, 8, 9, 0, tzinfo=UTC)  # not from the clock: the same seed gives the same bytes
_BURST_PERIOD = 2.56  # s
_BETWEEN_RUNS = timedelta(seconds=95)
_NO_SPILL = -1  # the spill number of start_of_run and end_of_run in MAUS's files


@dataclass(frozen=True, kw_only=True)
class Simulation:
    """What to simulate; runs are numbered on from `run_number`.

    `events_per_spill` None means 1 to 150, different from spill to spill. `spills` are bursts in
    each run, of three documents each. `untidy` adds what real files get wrong; all of it can be read.

    Raises:
        SettingsError: a value is not a whole number, or out of its range.

    """

    run_number: int
    runs: int = 1
    spills: int = 200
    events_per_spill: int | None = None
    seed: int = 1
    untidy: bool = False

    @property
    def documents(self) -> int:
        """How many documents there are, untidy ones not counted."""
        return 2 + self.runs * (MARKS_OF_A_RUN + DOCUMENTS_A_BURST * self.spills)

    def __post_init__(self) -> None:
        _check("runs", self.runs, 1, _MOST)
        _check("run_number", self.run_number, 0, LARGEST_RUN_NUMBER)
        _check("spills", self.spills, 0, _MOST)
        _check("seed", self.seed, 0, _LARGEST_SEED)
        if self.events_per_spill is not None:
            _check("events_per_spill", self.events_per_spill, 0, _MOST_EVENTS)
        last = self.run_number + self.runs - 1
        if last > LARGEST_RUN_NUMBER:
            raise SettingsError(
                f"run_number {self.run_number} with {self.runs} runs ends at run {last}: "
                f"run numbers go up to {LARGEST_RUN_NUMBER}"
            )


def _check(name: str, value: object, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise SettingsError(f"{name} is {value!r}: a whole number from {low} to {high} is accepted")


def lines(simulation: Simulation) -> Iterator[bytes]:
    """Yield the documents of a job, one a line with its newline; a few MB are held at a time."""
    encode = msgspec.json.Encoder().encode
    documents = _documents(simulation)
    for document in untidied(documents, simulation.seed) if simulation.untidy else documents:
        yield encode(document) + b"\n"


def _documents(simulation: Simulation) -> Iterator[Document]:
    moment = _START
    yield JobHeader(
        start_of_job=_moment(moment),
        json_configuration=_datacards(simulation),
        maus_version="none: simulated by runfolio",
    )
    for run_number in range(simulation.run_number, simulation.run_number + simulation.runs):
        yield from _run(simulation, run_number, moment)
        moment += timedelta(seconds=(simulation.spills + 1) * _BURST_PERIOD) + _BETWEEN_RUNS
    yield JobFooter(end_of_job=_moment(moment))


def _moment(moment: datetime) -> Moment:
    return Moment(moment.strftime("%Y-%m-%d %H:%M:%S.%f"))


def _datacards(simulation: Simulation) -> str:
    cards = {
        "type_of_dataflow": "many_local_threads",
        "header_and_footer_mode": "append",
        "spill_generator_number_of_spills": simulation.spills,
        "simulated_runs": simulation.runs,
        "simulated_events_per_spill": simulation.events_per_spill,
        "simulation_seed": simulation.seed,
        "simulated_untidy": simulation.untidy,
    }
    return msgspec.json.encode(cards).decode()


def _run(simulation: Simulation, run_number: int, start: datetime) -> Iterator[Document]:
    yield RunHeader(run_number=run_number)
    yield from _spills(simulation, run_number, start.timestamp())
    yield RunFooter(run_number=run_number)


def _spills(simulation: Simulation, run_number: int, start: float) -> Iterator[Spill]:
    written = 0

    def spill(kind: DaqEventType, number: int, place: int, burst: Burst | None = None) -> Spill:
        nonlocal written
        written += 1
        time = int(start + place * _BURST_PERIOD)
        return Spill(
            spill_number=number,
            run_number=run_number,
            daq_event_type=kind,
            event_id=written - 1,
            time_stamp=time,
            daq_data=DaqData(Scaler(Channels(*burst.scaler), time, number - 1)) if burst else msgspec.UNSET,
            recon_events=burst.events if burst else msgspec.UNSET,
        )

    yield spill("start_of_run", _NO_SPILL, 0)
    found = bursts(simulation.seed, run_number, simulation.events_per_spill)
    for number in range(1, simulation.spills + 1):
        yield spill("start_of_burst", number, number)
        yield spill("physics_event", number, number, next(found))
        yield spill("end_of_burst", number, number)
    for _ in range(2):  # as the original hands it on
        yield spill("end_of_run", _NO_SPILL, simulation.spills + 1)
