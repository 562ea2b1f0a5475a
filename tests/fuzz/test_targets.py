"""The targets of fuzzing, on the seeds and on some bytes, so that they hold where no fuzzer is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz import targets
from fuzz.campaign import Figures, figures
from fuzz.seeds import SEEDS, seeds
from fuzz.targets import TARGETS
from runfolio.stream import Line

names = pytest.mark.parametrize("name", TARGETS)


def test_each_target_has_seeds() -> None:
    assert set(SEEDS) == set(TARGETS)
    assert all(len(seeds(name)) >= 30 for name in TARGETS)


@names
def test_what_is_promised_holds_for_every_seed(name: str) -> None:
    for seed in seeds(name):
        TARGETS[name](seed)


@names
@given(st.binary() | st.text().map(str.encode))
def test_what_is_promised_holds_for_any_bytes(name: str, data: bytes) -> None:
    TARGETS[name](data)


@given(
    st.lists(
        st.sampled_from([b"{", b"}", b"[", b"]", b'"', b"\n", b"\r", b"\xef\xbb\xbf", b"1", b":", b",", b" "])
    )
)
def test_lines_and_documents_are_accounted_for_whatever_is_open(parts: list[bytes]) -> None:
    targets.stream(b"\xff\xff" + b"".join(parts))


def test_a_line_at_another_place_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "split_lines", lambda *_: [Line("fuzz", 1, 1, b"a", 1)])
    with pytest.raises(AssertionError):
        targets.stream(b"\xff\xffa\n")


def test_figures_are_the_last_of_the_report() -> None:
    report = "#2 INITED cov: 10 ft: 12\n#90 NEW    cov: 25 ft: 30\nstat::number_of_executed_units: 1234\n"
    assert figures(report) == Figures(executions=1234, coverage=25)
    assert figures("") == Figures(executions=0, coverage=0)
