"""The trackers' plots: the binnings of the specification, and what gaps and wrong numbers do to counts."""

from collections.abc import Mapping
from itertools import product
from typing import Any

import msgspec
import numpy as np
import pytest

from plain import counts_of, declared, spill_of
from runfolio.mice.scifi import scifi
from runfolio.plots import Counts, Filling

Json = dict[str, Any]

SIDES, KINDS, STATIONS = ("US", "DS"), ("triplet", "duplet"), range(1, 6)
CHANNEL, STATION, PLACE = (215, 0.0, 215.0), (5, 0.5, 5.5), (50, -200.0, 200.0)


def expected() -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = [
        (f"digits_{t}_s{s}p{p}", f"{t} station {s}, plane {p}", ("Channel",), (CHANNEL,))
        for t, s, p in product(SIDES, STATIONS, range(3))
    ]
    for t in SIDES:
        label = ("Planes (2: duplet, 3: triplet)",)
        found.append((f"spacepoints_{t}_type", f"{t} space points by type", label, ((2, 1.5, 3.5),)))
        found += [(f"spacepoints_{t}_{k}s", f"{t} {k}s by station", ("Station",), (STATION,)) for k in KINDS]
    places = [*((f"s{s}", f"station {s}") for s in STATIONS), ("all", "all stations")]
    found += [
        (f"spacepoints_{t}_{k}s_xy_{where}", f"{t} {k}s, {words}", ("x (mm)", "y (mm)"), (PLACE, PLACE))
        for t, k, (where, words) in product(SIDES, KINDS, places)
    ]
    label = ("Sum of the three planes' channels",)
    return found + [
        (f"channel_sum_{t}", f"{t} Kuno plot, all stations", label, ((670, -5.0, 642.0),)) for t in SIDES
    ]


def test_histograms_are_those_of_the_specification_in_its_order() -> None:
    found = declared(scifi)
    assert found == expected()
    assert len(found) == 62


def test_figures_have_the_tags_of_the_specification_and_their_grids() -> None:
    assert scifi.name == "ReducePySciFiPlot"
    grids = {f.tag: (len(f.rows[0]), len(f.rows)) for f in scifi.figures.values()}
    assert grids == {
        "SciFi_DigitUS": (3, 5),
        "SciFi_DigitDS": (3, 5),
        "SciFi_Spacepoints": (3, 2),
        "SciFi_Spacepoints_2D_US_trip": (3, 2),
        "SciFi_Spacepoints_2D_US_doub": (3, 2),
        "SciFi_Spacepoints_2D_DS_Trip": (3, 2),
        "SciFi_Spacepoints_2D_DS_Doub": (3, 2),
        "KunoCanv": (2, 1),
    }


def test_every_histogram_is_shown_once() -> None:
    shown = [name for figure in scifi.figures.values() for name in figure.histograms]
    assert sorted(shown) == sorted(scifi.histograms)


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("US_trip", "US_triplets"),
        ("US_doub", "US_duplets"),
        ("DS_Trip", "DS_triplets"),
        ("DS_Doub", "DS_duplets"),
    ],
)
def test_each_map_shows_what_its_tag_says(tag: str, name: str) -> None:
    shown = scifi.figures[f"SciFi_Spacepoints_2D_{tag}"].histograms
    assert shown == tuple(f"spacepoints_{name}_xy_{w}" for w in ("s1", "s2", "s3", "s4", "s5", "all"))


def test_a_row_of_digits_is_a_station() -> None:
    rows = scifi.figures["SciFi_DigitDS"].rows
    assert [panel.series[0].histogram for panel in rows[3]] == [f"digits_DS_s4p{p}" for p in range(3)]


def filled(counts: Mapping[str, Counts]) -> dict[str, int]:
    return {name: each.entries for name, each in counts.items() if each.entries}


def places(counts: Counts) -> list[Any]:
    """Return the bins that were hit, in range."""
    return np.argwhere(counts.inside).tolist()


def digits(*each: Any) -> Json:
    return {"sci_fi_event": {"digits": list(each)}}


def points(*each: Any) -> Json:
    return {"sci_fi_event": {"spacepoints": list(each)}}


def digit(tracker: Any = 0, station: Any = 1, plane: Any = 0, channel: Any = 107) -> Json:
    return {"tracker": tracker, "station": station, "plane": plane, "channel": channel}


def point(**changed: Any) -> Json:
    whole = {"tracker": 1, "station": 4, "type": "triplet", "position": {"x": 10.0, "y": -30.5}}
    return whole | changed


@pytest.mark.parametrize(
    "event",
    [
        None,
        {},
        {"sci_fi_event": None},
        {"sci_fi_event": {}},
        {"sci_fi_event": {"digits": None, "spacepoints": None}},
        digits(),
        points(),
        digits(None, {}, digit(tracker=None), digit(station=None), digit(plane=None), digit(channel=None)),
        digits(digit(tracker=2), digit(tracker=-1), digit(station=0), digit(station=6), digit(plane=3)),
        digits(digit(tracker=0.5), digit(station=1.5), digit(plane=10**30), digit(plane=-1)),
        points(None, {}, {"tracker": 0}, point(tracker=None), point(type=None), point(tracker=2)),
        points(point(type="singlet"), point(type=""), point(tracker=0.5)),
    ],
)
def test_what_is_not_there_is_passed_over(event: Json | None) -> None:
    assert filled(counts_of(scifi, event)) == {}
    assert filled(counts_of(scifi, event, digits(digit()))) == {"digits_US_s1p0": 1}


@pytest.mark.parametrize("spill", [{}, {"recon_events": None}, {"recon_events": []}])
def test_a_spill_without_events_is_passed_over(spill: Json) -> None:
    filling = Filling(scifi, 1)
    filling.fill([msgspec.convert(spill, spill_of(scifi))])
    assert filled(filling.snapshot()) == {}


@pytest.mark.parametrize(("tracker", "station", "plane"), list(product((0, 1), STATIONS, range(3))))
def test_each_plane_has_its_own_channels(tracker: int, station: int, plane: int) -> None:
    counts = counts_of(scifi, digits(digit(tracker, station, plane, 42)))
    name = f"digits_{SIDES[tracker]}_s{station}p{plane}"
    assert filled(counts) == {name: 1}
    assert places(counts[name]) == [[42]]


@pytest.mark.parametrize(
    ("channel", "place"),
    [(-1, -1), (0, 0), (29, 29), (57, 57), (214, 214), (215, 215), (10**30, 215), (7.0, 7)],
)
def test_wrong_channels_are_counted_outside(channel: float, place: int) -> None:
    found = counts_of(scifi, digits(digit(channel=channel)))["digits_US_s1p0"]
    assert np.flatnonzero(found.values).tolist() == [place + 1]


def test_a_space_point_is_counted_by_type_by_station_and_by_place() -> None:
    counts = counts_of(scifi, points(point()))
    assert filled(counts) == {
        "spacepoints_DS_type": 1,
        "spacepoints_DS_triplets": 1,
        "spacepoints_DS_triplets_xy_s4": 1,
        "spacepoints_DS_triplets_xy_all": 1,
    }
    assert places(counts["spacepoints_DS_type"]) == [[1]]
    assert places(counts["spacepoints_DS_triplets"]) == [[3]]
    assert places(counts["spacepoints_DS_triplets_xy_s4"]) == [[26, 21]]


def test_duplets_of_the_upstream_tracker_are_not_crossed_with_others() -> None:
    counts = counts_of(scifi, points(point(tracker=0, type="duplet", station=2)))
    names = ("type", "duplets", "duplets_xy_s2", "duplets_xy_all")
    assert filled(counts) == {f"spacepoints_US_{name}": 1 for name in names}
    assert places(counts["spacepoints_US_type"]) == [[0]]


@pytest.mark.parametrize("position", [None, {}, {"x": 1.0}, {"x": None, "y": 1.0}])
def test_a_space_point_without_a_place_still_counts_by_station(position: Json | None) -> None:
    counts = filled(counts_of(scifi, points(point(position=position))))
    assert counts == {"spacepoints_DS_type": 1, "spacepoints_DS_triplets": 1}


@pytest.mark.parametrize(
    ("station", "expected"),
    [
        (None, {"spacepoints_DS_type": 1}),
        (6, {"spacepoints_DS_type": 1, "spacepoints_DS_triplets": 1}),
    ],
)
def test_a_space_point_without_a_station_still_counts_by_type(station: Any, expected: Json) -> None:
    assert filled(counts_of(scifi, points(point(station=station)))) == expected


def station(*channels: Any, tracker: int = 0, number: int = 1) -> list[Json]:
    return [digit(tracker, number, plane, channel) for plane, channel in enumerate(channels)]


def sums(counts: Mapping[str, Counts], side: str) -> dict[int, int]:
    found = counts[f"channel_sum_{side}"]
    return {int(place): int(found.inside[place]) for place in np.flatnonzero(found.inside)}


def bin_of_sum(total: int) -> int:
    return (total + 5) * 670 // 647


def test_three_channels_of_a_station_are_added() -> None:
    first = station(100, 110, 108) + station(90, 120, 109, tracker=1, number=5)
    counts = counts_of(scifi, digits(*first), digits(*station(1, 2, 3)), digits(*station(1, 2, 3, number=4)))
    assert sums(counts, "US") == {bin_of_sum(318): 1, bin_of_sum(6): 2}
    assert sums(counts, "DS") == {bin_of_sum(319): 1}


@pytest.mark.parametrize(
    "listed",
    [
        [*station(100, 110, 108), digit(plane=2, channel=109)],
        station(100, 110),
        [*station(100, 110), digit(station=2, plane=2)],
        [*station(100, 110), digit(tracker=1, plane=2)],
        [*station(100, 110), digit(plane=2, channel=None)],
        [*station(100, 110), digit(plane=3)],
    ],
)
def test_a_station_without_exactly_one_digit_a_plane_has_no_sum(listed: list[Json]) -> None:
    counts = counts_of(scifi, digits(*listed))
    assert counts["channel_sum_US"].entries == counts["channel_sum_DS"].entries == 0
    assert counts["digits_US_s1p0"].entries == 1


def test_channels_of_two_events_are_not_added() -> None:
    counts = counts_of(scifi, digits(digit(plane=0), digit(plane=1)), digits(digit(plane=2)))
    assert counts["channel_sum_US"].entries == 0
    assert filled(counts) == {f"digits_US_s1p{plane}": 1 for plane in range(3)}


def test_a_null_among_the_digits_changes_no_sum() -> None:
    assert sums(counts_of(scifi, digits(None, *station(0, 0, 0), None, {})), "US") == {bin_of_sum(0): 1}
