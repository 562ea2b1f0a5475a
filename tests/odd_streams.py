"""Streams with oddities: documents laid out in any way, among what is none."""

import json
from typing import Any

from hypothesis import strategies as st

from runfolio.stream.lines import BYTE_ORDER_MARK
from support import mark, spill, stream

LIMIT = 2000
"""Bytes of a line; one of the oddities is longer."""


def pretty(document: Any, indent: int = 2) -> bytes:
    return json.dumps(document, indent=indent).encode() + b"\n"


NESTED = {"recon_events": [{"a": [1, {"b": '"}]{"'}], "c": {}}, None]}
CUT_OFF = stream(spill(1, 0))[:40] + b"\n"
ODDITIES = (
    CUT_OFF,
    CUT_OFF + b"  " + stream(spill(1, 6)),
    CUT_OFF + b"  " + stream(spill(1, 6)) + b'  {"b": [\n 1]}\n',
    b"\n",
    b" \t\r\n\n",
    BYTE_ORDER_MARK,
    b"\r",
    b"garbage\n",
    b"]]}\n",
    b"7,\n",
    b"{\n",
    b'{"a": [\n',
    b'{"a": [\n{"b": 1},\n',
    b'{"a": "\n',
    b" " * (LIMIT + 1) + b"\n",
    b'{"run": 1, "x": 1e999, "word": 1e999}\n',  # refused for one name, and not for another
    b"\xff\n",
    b"PAR1\n",  # how a file of columns begins, and no line does
    bytes(3) + b"\n",
)
ends_of_runs = st.builds(lambda run: stream(spill(run, 9, daq_event_type="end_of_run")), st.integers(1, 2))
marks = st.builds(
    lambda kind, run: stream(mark(kind, run)), st.sampled_from(["RunHeader", "RunFooter"]), st.integers(1, 2)
)


def laid_out(document: Any, layout: int | str) -> bytes:
    """Return a document on one line, on one with a carriage return, or over several, with blank ones."""
    if layout == "one":
        return stream(document)
    if layout == "return":
        return stream(document)[:-1] + b"\r\n"
    if layout == "blanks":
        return pretty(document).replace(b"\n", b"\r\n\n \n")
    return pretty(document, int(layout))


layouts = st.sampled_from(["one", "one", "return", "blanks", 0, 2])
spills = st.builds(
    lambda run, number, layout, more: laid_out(spill(run, number, **more), layout),
    st.integers(1, 2),
    st.integers(1, 99),
    layouts,
    st.sampled_from([{}, NESTED]),
)
values = st.sampled_from([1, 3, 2.5, None, "word", True, 2**70])
hits = st.sampled_from([[], None, [{"energy": 1.5}], [{"energy": None, "time": 2}], "lost"])
rows = st.builds(
    lambda run, more, layout: laid_out({"run": run, **more}, layout),
    st.integers(1, 3),
    st.fixed_dictionaries(
        {},
        optional={"x": values, "n": st.integers(0, 9), "hits": hits, "word": values, "last": st.booleans()},
    ),
    layouts,
)
oddities = st.sampled_from(ODDITIES)


def data_of(parts: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """Return streams of parts, which may begin with a byte order mark and end within the last one."""
    return st.builds(
        lambda mark, parts, lost: mark + b"".join(parts)[: -lost or None],
        st.sampled_from([b"", BYTE_ORDER_MARK]),
        st.lists(parts, max_size=25),
        st.sampled_from([0, 0, 1, 5]),
    )


cuts = st.lists(st.integers(0, 5000), max_size=8)
documents_in = data_of(spills | spills | spills | ends_of_runs | marks | oddities)
rows_in = data_of(rows | rows | rows | oddities)
