"""Where one's own data say what run a row belongs to."""

from typing import Any

import pytest

from runfolio.errors import DeclarationError
from runfolio.stream import FileName, Keys


@pytest.mark.parametrize(
    ("pattern", "path", "number"),
    [
        ("beam_{run}.jsonl", "beam_4235.jsonl", 4235),
        ("beam_{run}.jsonl", "/data/7/beam_0042.jsonl", 42),
        ("*{run}*", "run0007.root", 7),
        ("beam_{run}_*.root", "beam_12_part3.root", 12),
        ("*_{run}.root", "beam_12_13.root", 13),
        ("beam.{run}.root", "beam.12.root", 12),
        ("{run}", "9223372036854775807", 2**63 - 1),
        ("beam_{run}.jsonl", "beam_.jsonl", None),
        ("beam_{run}.jsonl", "beam_12.jsonl.gz", None),
        ("beam_{run}.jsonl", "xbeam_12.jsonl", None),
        ("beam.{run}.root", "beam_12_root", None),
        ("beam_{run}.jsonl", "beam_-12.jsonl", None),
        ("beam_{run}.jsonl", "beam_١٢.jsonl", None),
        ("{run}", "9223372036854775808", None),
        ("{run}", "1" * 200, None),
        ("beam_{run}", "-", None),
        ("beam_{run}", "", None),
    ],
)
def test_the_run_number_in_a_files_name(pattern: str, path: str, number: int | None) -> None:
    assert FileName(pattern).run_number(path) == number


def test_a_number_in_a_files_name_is_taken_whole() -> None:
    assert FileName("*{run}").run_number("beam_123") == 123


@pytest.mark.parametrize("pattern", ["beam", "{run}_{run}", "", 5, None])
def test_a_pattern_holds_the_run_number_once(pattern: Any) -> None:
    with pytest.raises(DeclarationError, match="has to stand in it once"):
        FileName(pattern)


@pytest.mark.parametrize(
    ("key", "given"),
    [
        *[("run", each) for each in (None, "", 5, ["run"])],
        *[("end", each) for each in ("", 5, True, ("type",), ("type", "a", "b"), ("", "a"), ("type", None))],
        *[("end", each) for each in (["type", "end"], (5, "end"), ("type", ["end"]))],
        *[(key, each) for key in ("number", "time") for each in ("", 5, ("a", "b"))],
        *[("unit", each) for each in ("", None, "a\nb")],
    ],
)
def test_what_is_no_key_is_refused_by_its_name(key: str, given: Any) -> None:
    with pytest.raises(DeclarationError, match=f"^{key}=") as caught:
        Keys(**{"run": "run", key: given})
    assert "\n" not in str(caught.value)


def test_what_is_needed_is_named_by_key() -> None:
    assert Keys(run="run").needed == {"run": "run"}
    keys = Keys(run="n", end=("type", "end"), number="n", time="t")
    assert keys.needed == {"run": "n", "end": "type", "number": "n", "time": "t"}
    assert Keys(run=FileName("{run}"), end="last").needed == {"end": "last"}
