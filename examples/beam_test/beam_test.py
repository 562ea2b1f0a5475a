"""A beam test: each line of the input is one trigger, with a list of hits.

{"run": 12, "spill": 3, "time": 1760000000.5, "trigger": "beam", "hits": [{"channel": 7, "adc": 812.0}, ...]}

runfolio run --plots beam_test.py events.jsonl
"""

import msgspec

from runfolio import Category, Integer, Records, Reducer, Regular, Series, Strip, overlay


class Hit(msgspec.Struct):
    channel: int
    adc: float


class Trigger(msgspec.Struct):
    """What is read of a line: a line in which it is missing or of another type is set aside."""

    run: int
    spill: int
    time: float
    trigger: str = "none"
    hits: list[Hit] = []


beam = Reducer(
    "BeamTest",
    reads=Records(Trigger, run="run", end=("trigger", "end_of_run"), number="spill", time="time"),
    keywords=["beam test"],
)

beam.hist("triggers", Category(label="trigger"), title="Triggers", values="trigger")
beam.hist("rate", Strip(label="time", step=1, time=True), title="Triggers against time", values="time")


@beam.hist("channels", Integer(0, 32, label="channel"), title="Hits")
def channels(e):
    return e.hits.channel


def adc_of(trigger):
    """Fill with the charges of hits under one kind of trigger."""
    return lambda e: e.hits.adc[e.trigger == trigger]


for trigger in ("beam", "pedestal"):
    beam.hist(f"adc_{trigger}", Regular(100, 0, 2000, label="charge (ADC counts)"), values=adc_of(trigger))


@beam.hist("map", Integer(0, 32, label="channel"), Regular(50, 0, 2000, label="charge (ADC counts)"))
def charge_map(e):
    return e.hits.channel, e.hits.adc


@beam.profile("charge_by_channel", Integer(0, 32, label="channel"), label="mean charge (ADC counts)")
def charge_by_channel(e):
    return e.hits.channel, e.hits.adc


@beam.profile("pedestal", Strip(label="spill"), label="mean pedestal (ADC counts)", title="Pedestal")
def pedestal(e):
    chosen = e.trigger == "pedestal"
    return e.spill[chosen], e.hits.adc[chosen]


beam.figure(
    "charge",
    "Charge",
    panels=[
        [overlay(Series("adc_beam", "beam"), Series("adc_pedestal", "pedestal"), title="Charge", log_y=True)]
    ],
    size=(700, 500),
)
