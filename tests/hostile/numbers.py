"""Run numbers, spill numbers and times that are none, or as large as any."""

from hostile.cases import Case, lines, refused, taken, written
from support import mark, spill

DIGITS = "1" + "0" * 4000

NO_RUN_NUMBERS = {
    "negative": "-1",
    "2^63": str(2**63),
    "2^64": str(2**64),
    "of 4,001 digits": DIGITS,
    "a float": "4235.0",
    "an exponent": "1e3",
    "beyond floats": "1e400",
    "a word": '"4235"',
    "true": "true",
    "null": "null",
    "a list": "[1]",
    "an object": '{"run_number": 1}',
    "a path": '"../../1"',
}
NO_SPILL_NUMBERS = {
    "-2^63-1": str(-(2**63) - 1),
    "2^63": str(2**63),
    "of 4,001 digits": DIGITS,
    "a float": "1.0",
    "minus zero, a float": "-0.0",
    "beyond floats": "1e400",
    "a word": '"1"',
    "false": "false",
    "null": "null",
    "a list": "[]",
}
NO_TIMES = {
    "the year 10000": "253402300800",
    "negative": "-1",
    "1e300": "1e300",
    "beyond floats": "1e400",
    "of 4,001 digits": DIGITS,
    "a word": '"2106-02-07T06:28:16Z"',
    "true": "true",
    "a list": "[0]",
}
TIMES = {
    "the year 2106": "4294967296",
    "the last second of 9999": "253402300799",
    "smaller than any float": "1e-400",
    "minus zero": "-0",
    "null": "null",
}
NO_JSON = {
    "NaN": "NaN",
    "Infinity": "-Infinity",
    "a leading zero": "01",
    "a plus": "+1",
    "hex": "0x10",
    "a dot": "1.",
}


def _another_run(name: str, number: str, run: int) -> Case:
    """Return the case of a spill of another run, which ends run 1."""
    return Case(
        name=f"run number {name}",
        sent=lines(written(run_number=number)),
        runs={1: "next_run", run: "end_of_input"},
    )


CASES = (
    *(
        refused(f"run number {name}", "bad_run_number", written(run_number=number))
        for name, number in NO_RUN_NUMBERS.items()
    ),
    *(
        refused(f"spill number {name}", "wrong_type", written(spill_number=number))
        for name, number in NO_SPILL_NUMBERS.items()
    ),
    *(refused(f"time {name}", "wrong_type", written(time_stamp=time)) for name, time in NO_TIMES.items()),
    *(taken(f"time {name}", written(time_stamp=time)) for name, time in TIMES.items()),
    *(refused(f"{name} for a number", "not_json", written(other=text)) for name, text in NO_JSON.items()),
    _another_run("0", "0", 0),
    _another_run("minus zero", "-0", 0),
    _another_run("2^63-1", str(2**63 - 1), 2**63 - 1),
    refused("no run number", "no_run_number", {k: v for k, v in spill(1, 1).items() if k != "run_number"}),
    refused("no spill number", "wrong_type", {k: v for k, v in spill(1, 1).items() if k != "spill_number"}),
    refused(
        "a footer of a bad run", "bad_run_number", {"maus_event_type": "RunFooter", "run_number": "../1"}
    ),
    refused("a header of no run", "no_run_number", {"maus_event_type": "RunHeader"}),
    Case(name="a footer of a run that never was", sent=lines(mark("RunFooter", 2**63 - 1)), stray=1),
    taken("the least spill number", spill(1, -(2**63))),
    taken("the largest spill number", spill(1, 2**63 - 1)),
    taken("a number of 4,001 digits that nobody reads", written(other=DIGITS)),
    taken("a number beyond floats that nobody reads", written(other="1e400")),
    taken(
        "two run numbers, of which the last counts",
        written(run_number="7").replace(b"}", b', "run_number": 1}'),
    ),
    taken("two names of the run number", written(run_num="7")),
)
