"""Documents of every kind that may be sent, each with what it is."""

import base64
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from odd_streams import pretty
from reckoning import BINS, Sent
from support import mark, spill, stream

RUNS = (1, 1, 1, 2, 2, 3)
"""Few, and some of them often, so that they come again."""
LINE_LIMIT, IMAGE_LIMIT = 4096, 1024

numbers = st.sampled_from(RUNS)
spill_numbers = st.integers(0, 9)


def laid_out(document: Any, *, over_lines: bool) -> bytes:
    return pretty(document) if over_lines else stream(document)


def physics(run: int, number: int, hits: Sequence[int], *, over_lines: bool) -> Sent:
    document = spill(run, number, at=number, hits=hits)
    return Sent(laid_out(document, over_lines=over_lines), "physics", run, number, tuple(hits))


def without_data(kind: str, run: int) -> Sent:
    word = {"other": "calibration_event", "marker": "start_of_burst", "end": "end_of_run"}[kind]
    return Sent(stream(spill(run, 0, daq_event_type=word)), kind, run)


def edge(kind: str, run: int) -> Sent:
    return Sent(stream(mark({"header": "RunHeader", "footer": "RunFooter"}[kind], run)), kind, run)


def image(tag: str, image_type: str, data: bytes) -> dict[str, str]:
    return {"tag": tag, "image_type": image_type, "data": base64.b64encode(data).decode()}


IMAGES = (
    (image("sent", "txt", b"sent"), ()),
    (image("sent", "txt", b"again"), ()),
    (image("another", "txt", b"sent"), ()),
    (image("../sent", "txt", b"sent"), ("bad_tag",)),
    (image("sent", "png", b"sent"), ("wrong_content",)),
    (image("large", "txt", bytes(IMAGE_LIMIT + 1)), ("image_too_large",)),
)
"""Images, and why they are refused."""


def images(run: int | None, chosen: Sequence[Any], *, over_lines: bool) -> Sent:
    named = {} if run is None else {"run_number": run}
    document = {"maus_event_type": "Image", "image_list": [entry for entry, _ in chosen], **named}
    bad = tuple(reason for _, reasons in chosen for reason in reasons)
    return Sent(laid_out(document, over_lines=over_lines), "images", run, bad=bad)


def bad(reason: str, run: int) -> Sent:
    """Return what is refused; some of it can be told to be of a run."""
    cut_off = stream(spill(run, 0))[:40] + b"\n"
    data, of_run = {
        "not_json": (b"garbage\n", None),
        "cut_off": (cut_off, None),
        "too_long": (b"{" + b" " * LINE_LIMIT + b"}\n", None),
        "wrong_type": (stream(spill(run, 0, hits="none")), run),
        "unknown_kind": (stream(mark("Nonsense", run)), run),
        "no_run_number": (stream({"maus_event_type": "RunFooter"}), None),
    }[reason]
    return Sent(data, "bad", of_run, bad=(reason,))


JOB_MARKS = [
    {"maus_event_type": "JobHeader", "start_of_job": {"date_time": ""}},
    {"maus_event_type": "JobFooter", "end_of_job": {"date_time": ""}},
]
lines = st.booleans()
spills = st.builds(
    physics, numbers, spill_numbers, st.lists(st.integers(-1, BINS), max_size=3), over_lines=lines
)
documents = st.one_of(
    spills,
    spills,
    st.builds(edge, st.sampled_from(["header", "footer"]), numbers),
    st.builds(edge, st.sampled_from(["header", "footer"]), numbers),
    st.builds(without_data, st.sampled_from(["other", "marker", "end"]), numbers),
    st.builds(
        images,
        st.none() | numbers,
        st.lists(st.sampled_from(IMAGES), min_size=1, max_size=2),
        over_lines=lines,
    ),
    st.builds(
        bad,
        st.sampled_from(["not_json", "cut_off", "too_long", "wrong_type", "unknown_kind", "no_run_number"]),
        numbers,
    ),
    st.sampled_from([Sent(stream(each), "job") for each in JOB_MARKS]),
)
several = st.lists(documents, min_size=1, max_size=6)
