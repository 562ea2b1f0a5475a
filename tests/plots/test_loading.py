"""Loading: reducers by name, whoever offers them, and what is said of those that can't be had."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from runfolio.errors import DeclarationError, SettingsError
from runfolio.plots import DEFAULT, Reducer, Spills, load_reducers

Offer = Callable[..., None]


def a_reducer(name: str) -> Reducer:
    return Reducer(name, reads=Spills(msgspec.Struct, lambda spills: spills))


@pytest.fixture
def offer(monkeypatch: pytest.MonkeyPatch) -> Offer:
    """Offers values, as if an installed package did; an exception is raised when it is loaded."""

    class Entry:
        def __init__(self, name: str, value: Any) -> None:
            self.name, self.value, self._loaded = name, f"package:{name}", value

        def load(self) -> Any:
            if isinstance(self._loaded, Exception):
                raise self._loaded
            return self._loaded

    def offer(**values: Any) -> None:
        entries = [Entry(name, value) for name, value in values.items()]
        monkeypatch.setattr("runfolio.plots.offers.entry_points", lambda group: entries if group else [])

    return offer


def names(reducers: Sequence[Reducer]) -> list[str]:
    return [reducer.name for reducer in reducers]


def test_mice_is_offered_as_any_package_is() -> None:
    assert names(load_reducers([DEFAULT])) == ["ReducePyTOFPlot", "ReducePyCkovPlot"]
    assert names(load_reducers(["mice.kl", "mice.emr"])) == ["ReducePyKLPlot", "ReducePyEMRPlot"]


def test_all_of_mice_are_those_that_are_offered_alone() -> None:
    detectors = ["mice.tof", "mice.ckov", "mice.kl", "mice.emr", "mice.scifi"]
    alone = [*detectors, "mice.scalers", "mice.tof_calib"]
    assert load_reducers(["mice"]) == load_reducers(alone)


def test_what_is_named_twice_is_there_once_and_where_it_came_first(offer: Offer) -> None:
    one, other = a_reducer("one"), a_reducer("other")
    offer(one=one, both=[one, other])
    assert load_reducers(["both", "one", "both"]) == (one, other)


def test_a_name_that_is_nearly_right_is_told_of(offer: Offer) -> None:
    offer(beam=a_reducer("beam"), halo=a_reducer("halo"))
    with pytest.raises(SettingsError, match=r"^no plots are called 'baem'; did you mean beam\?$"):
        load_reducers(["baem"])


def test_the_name_of_a_file_without_its_end_is_told_of(
    offer: Offer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(beam=a_reducer("beam"))
    monkeypatch.chdir(tmp_path)
    Path("beams.py").touch()
    Path("beam.txt").touch()
    with pytest.raises(SettingsError, match=r"^no plots are called 'beams'; did you mean beams.py\?$"):
        load_reducers(["beams"])
    with pytest.raises(SettingsError, match=r"a file's name ends in .py or has a / in it, as ./beam.txt$"):
        load_reducers(["beam.txt"])


@pytest.mark.parametrize("name", ["a" * 300, "a\0b", ""])
def test_names_that_no_file_can_have_are_refused(name: str) -> None:
    with pytest.raises(SettingsError, match="no plots are called"):
        load_reducers([name])


def test_a_name_that_is_like_none_gets_the_list(offer: Offer) -> None:
    offer(halo=a_reducer("halo"), beam=a_reducer("beam"))
    with pytest.raises(SettingsError, match=r"there are beam, halo$"):
        load_reducers(["x"])


def test_a_package_that_cannot_be_imported_is_named(offer: Offer) -> None:
    offer(beam=ModuleNotFoundError("No module named 'scanner'"))
    with pytest.raises(
        DeclarationError, match=r"^plots beam \(package:beam\) cannot be loaded: .*'scanner'$"
    ):
        load_reducers(["beam"])


@pytest.mark.parametrize("value", [7, "beam", [7], None, {}])
def test_what_is_no_reducer_is_refused(offer: Offer, value: Any) -> None:
    offer(beam=value)
    with pytest.raises(DeclarationError, match="are no Reducer, and no sequence of them"):
        load_reducers(["beam"])


def test_two_reducers_of_one_name_are_refused(offer: Offer) -> None:
    offer(a=a_reducer("beam"), b=a_reducer("beam"))
    with pytest.raises(DeclarationError, match="reducer 'beam' is declared twice, first on line"):
        load_reducers(["a", "b"])


def test_nothing_is_imported_but_what_is_asked_for(offer: Offer) -> None:
    offer(beam=a_reducer("beam"), broken=ImportError("not asked for"))
    assert names(load_reducers(["beam"])) == ["beam"]
