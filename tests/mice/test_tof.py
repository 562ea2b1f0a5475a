"""The time-of-flight plots: the table of the specification, and what a spill's gaps do to the counts."""

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
import pytest

from plain import spill_of
from runfolio.mice.tof import tof
from runfolio.plots import Counts, Filling, Integer, Regular

Json = dict[str, Any]

SLABS = ("SlabX", "SlabY")
TIMES = [
    ("ht01", "TOF0->1", ("Time (ns)",), ((200, 20.0, 40.0),)),
    ("ht02", "TOF0->2", ("Time (ns)",), ((300, 50.0, 80.0),)),
    ("ht12", "TOF1->2", ("Time (ns)",), ((200, 25.0, 45.0),)),
]
SLAB = ((10, -0.5, 9.5),)
MAP, SMALL_MAP = ((10, -0.5, 9.5), (10, -0.5, 9.5)), ((7, -0.5, 6.5), (7, -0.5, 6.5))
HISTOGRAMS = [
    *TIMES,
    ("spx0", "SpacePoints X-plane", ("SlabX",), SLAB),
    ("spx1", "SpacePoints X-plane", ("SlabX",), SLAB),
    ("spx2", "SpacePoints X-plane", ("SlabX",), SLAB),
    ("spy0", "SpacePoints Y-plane", ("SlabY",), SLAB),
    ("spy1", "SpacePoints Y-plane", ("SlabY",), SLAB),
    ("spy2", "SpacePoints Y-plane", ("SlabY",), SLAB),
    ("hnsp_0", "#Space Points", ("#space points in event",), ((4, -0.5, 3.5),)),
    ("hnsp_1", "#Space Points", ("#space points in event",), ((4, -0.5, 3.5),)),
    ("hnsp_2", "#Space Points", ("#space points in event",), ((4, -0.5, 3.5),)),
    ("hpmthits000", "plane 0, pmt 0", ("Slab",), SLAB),
    ("hpmthits001", "plane 0, pmt 1", ("Slab",), SLAB),
    ("hpmthits010", "plane 1, pmt 0", ("Slab",), SLAB),
    ("hpmthits011", "plane 1, pmt 1", ("Slab",), SLAB),
    ("hpmthits100", "plane 0, pmt 0", ("Slab",), SLAB),
    ("hpmthits101", "plane 0, pmt 1", ("Slab",), SLAB),
    ("hpmthits110", "plane 1, pmt 0", ("Slab",), SLAB),
    ("hpmthits111", "plane 1, pmt 1", ("Slab",), SLAB),
    ("hpmthits200", "plane 0, pmt 0", ("Slab",), SLAB),
    ("hpmthits201", "plane 0, pmt 1", ("Slab",), SLAB),
    ("hpmthits210", "plane 1, pmt 0", ("Slab",), SLAB),
    ("hpmthits211", "plane 1, pmt 1", ("Slab",), SLAB),
    ("hslabhits00", "Slab Hits X-plane", ("SlabX",), SLAB),
    ("hslabhits01", "Slab Hits Y-plane", ("SlabY",), SLAB),
    ("hslabhits10", "Slab Hits X-plane", ("SlabX",), SLAB),
    ("hslabhits11", "Slab Hits Y-plane", ("SlabY",), SLAB),
    ("hslabhits20", "Slab Hits X-plane", ("SlabX",), SLAB),
    ("hslabhits21", "Slab Hits Y-plane", ("SlabY",), SLAB),
    ("hspxy_0", "tof0: space points", ("SlabY", "SlabX"), MAP),
    ("hspxy_1", "tof1: space points", ("SlabY", "SlabX"), SMALL_MAP),
    ("hspxy_2", "tof2: space points", ("SlabY", "SlabX"), MAP),
]

RAW, PMT, POINTS, TIME = (
    ("TOF", "raw", "hits"),
    ("TOF", "PMT", "plane"),
    ("TOF", "space", "points"),
    ("TOF", "time", "flight"),
)
SQUARE = (800, 800)
FIGURES = [
    ("tof_SlabHits_X", "TOF Slab Hits X", RAW, SQUARE, ("hslabhits00", "hslabhits10", "hslabhits20")),
    ("tof_SlabHits_Y", "TOF Slab Hits Y", RAW, SQUARE, ("hslabhits01", "hslabhits11", "hslabhits21")),
    (
        "tof_pmtHits_Plane0PMT0",
        "TOF PMT Plane0 PMT0",
        PMT,
        SQUARE,
        ("hpmthits000", "hpmthits100", "hpmthits200"),
    ),
    (
        "tof_pmtHits_Plane0PMT1",
        "TOF PMT Plane0 PMT1",
        PMT,
        SQUARE,
        ("hpmthits001", "hpmthits101", "hpmthits201"),
    ),
    (
        "tof_pmtHits_Plane1PMT0",
        "TOF PMT Plane1 PMT0",
        PMT,
        SQUARE,
        ("hpmthits010", "hpmthits110", "hpmthits210"),
    ),
    (
        "tof_pmtHits_Plane1PMT1",
        "TOF PMT Plane1 PMT1",
        PMT,
        SQUARE,
        ("hpmthits011", "hpmthits111", "hpmthits211"),
    ),
    ("tof_nSpacePoints", "TOF Number of Space Points", POINTS, SQUARE, ("hnsp_0", "hnsp_1", "hnsp_2")),
    ("tof_SpacePoints_X", "TOF Space Points X", POINTS, SQUARE, ("spx0", "spx1", "spx2")),
    ("tof_SpacePoints_Y", "TOF Space Points Y", POINTS, SQUARE, ("spy0", "spy1", "spy2")),
    ("tof_SpacePoints_XY_tof0", "TOF0 Space Points 2d", POINTS, SQUARE, ("hspxy_0",)),
    ("tof_SpacePoints_XY_tof1", "TOF1 Space Points 2d", POINTS, SQUARE, ("hspxy_1",)),
    ("tof_SpacePoints_XY_tof2", "TOF2 Space Points 2d", POINTS, SQUARE, ("hspxy_2",)),
    ("tof_time_tof0-tof1", "TOF0->TOF1 Time", TIME, (700, 500), ("ht01",)),
    ("tof_time_tof1-tof2", "TOF1->TOF2 Time", TIME, (700, 500), ("ht12",)),
    ("tof_time_tof0-tof2", "TOF0->TOF2 Time", TIME, (700, 500), ("ht02",)),
]


def described() -> list[tuple[Any, ...]]:
    return [
        (
            histogram.name,
            histogram.title,
            tuple(axis.label for axis in histogram.axes),
            tuple((axis.bins, axis.edges[0], axis.edges[-1]) for axis in histogram.axes),
        )
        for histogram in tof.histograms.values()
    ]


def test_histograms_are_those_of_the_specification_in_its_order() -> None:
    assert described() == HISTOGRAMS
    assert list(tof.histograms) == [name for name, *_ in HISTOGRAMS]
    assert len(HISTOGRAMS) == 33


def test_figures_are_those_of_the_specification_in_its_order() -> None:
    assert [(f.tag, f.description, f.keywords, f.size, f.histograms) for f in tof.figures.values()] == FIGURES
    assert list(tof.figures) == [tag for tag, *_ in FIGURES]


def test_the_root_file_is_named_for_the_reducer_and_has_no_keywords() -> None:
    assert (tof.name, tof.keywords) == ("ReducePyTOFPlot", ())


def test_each_figure_is_one_panel() -> None:
    assert {(len(figure.rows), len(figure.rows[0])) for figure in tof.figures.values()} == {(1, 1)}


def test_stations_have_their_colours_and_names_in_every_overlay() -> None:
    overlays = [f.rows[0][0].series for f in tof.figures.values() if len(f.histograms) > 1]
    assert len(overlays) == 9
    for series in overlays:
        assert [(each.color, each.label) for each in series] == [
            ("black", "TOF0"),
            ("red", "TOF1"),
            ("blue", "TOF2"),
        ]


def test_numbers_are_written_into_the_maps_alone_and_no_axis_is_logarithmic() -> None:
    panels = {tag: figure.rows[0][0] for tag, figure in tof.figures.items()}
    assert {tag for tag, panel in panels.items() if panel.numbers} == {
        f"tof_SpacePoints_XY_tof{station}" for station in range(3)
    }
    assert not any(panel.log_y for panel in panels.values())


def test_whole_numbers_are_on_integer_axes() -> None:
    kinds = {name: {type(axis) for axis in each.axes} for name, each in tof.histograms.items()}
    assert kinds == {name: {Regular} if name.startswith("ht") else {Integer} for name in kinds}


def counts_of(*spills: Any) -> Mapping[str, Counts]:
    filling = Filling(tof, 1)
    filling.fill([msgspec.convert(spill, spill_of(tof)) for spill in spills])
    return filling.snapshot()


def counts_of_event(event: Any) -> Mapping[str, Counts]:
    return counts_of({"recon_events": [event]})


def points(**stations: Any) -> Json:
    return {"tof_event": {"tof_space_points": stations}}


def hits(**stations: Any) -> Json:
    return {"tof_event": {"tof_slab_hits": stations}}


def point(time: float | None = 0.0, x: int | None = 2, y: int | None = 3) -> Json:
    return {"slabX": x, "slabY": y, "time": time}


def filled(counts: Mapping[str, Counts]) -> dict[str, int]:
    return {name: each.entries for name, each in counts.items() if each.entries}


@pytest.mark.parametrize(
    "spill",
    [
        {},
        {"recon_events": None},
        {"recon_events": []},
        {"recon_events": [None]},
        {"recon_events": [{}]},
        {"recon_events": [{"tof_event": None}, {"tof_event": {}}]},
        {"recon_events": [{"tof_event": {"tof_space_points": None, "tof_slab_hits": None}}]},
        {"recon_events": [hits(), hits(tof0=None, tof1=[], tof2=[None])]},
    ],
)
def test_what_is_not_there_is_passed_over(spill: Json) -> None:
    assert filled(counts_of(spill)) == {}


@pytest.mark.parametrize("station", [{}, {"tof0": None}, {"tof0": []}, {"tof0": [None, None]}])
def test_a_station_without_space_points_has_none_of_them_in_the_event(station: Json) -> None:
    counts = counts_of_event(points(**station, tof1=[point()], tof2=[None, point(), point()]))
    assert [counts[f"hnsp_{s}"].inside.tolist() for s in range(3)] == [
        [1, 0, 0, 0],
        [0, 1, 0, 0],
        [0, 0, 1, 0],
    ]


def test_four_space_points_in_an_event_are_overflow() -> None:
    assert counts_of_event(points(tof0=[point()] * 4))["hnsp_0"].overflow == 1


def test_one_space_point_in_each_of_two_stations_gives_a_time_of_flight() -> None:
    counts = counts_of_event(points(tof0=[point(-30.25)], tof1=[point(0.0), None], tof2=[point(31.25)]))
    found = {name: np.flatnonzero(counts[name].inside).tolist() for name in ("ht01", "ht12", "ht02")}
    assert found == {"ht01": [102], "ht12": [62], "ht02": [115]}


@pytest.mark.parametrize(
    "tof1",
    [None, [], [None], [point(), point()], [point(time=None)], [{"slabX": 1, "slabY": 1}]],
)
def test_without_exactly_one_time_in_a_station_its_times_of_flight_are_passed_over(tof1: Any) -> None:
    counts = counts_of_event(points(tof0=[point(-30.0)], tof1=tof1, tof2=[point(31.0)]))
    assert [counts[name].entries for name in ("ht01", "ht12", "ht02")] == [0, 0, 1]


def test_a_space_point_without_one_slab_counts_for_the_other() -> None:
    counts = counts_of_event(points(tof0=[point(x=None), point(y=None), {}, point()]))
    assert [counts[name].entries for name in ("spx0", "spy0", "hspxy_0")] == [2, 2, 1]
    assert counts["hnsp_0"].overflow == 1


def test_the_map_has_slab_y_along_x_and_slab_x_along_y() -> None:
    counts = counts_of_event(points(tof1=[point(x=2, y=5)]))
    assert counts["hspxy_1"].inside[5, 2] == 1
    assert (counts["spx1"].inside[2], counts["spy1"].inside[5]) == (1, 1)


@pytest.mark.parametrize(
    ("hit", "expected"),
    [
        ({"slab": 4, "plane": 0, "pmt0": {}, "pmt1": {}}, {"hslabhits00", "hpmthits000", "hpmthits001"}),
        ({"slab": 4, "plane": 1, "pmt0": {"charge": 5}}, {"hslabhits01", "hpmthits010"}),
        ({"slab": 4, "plane": 1, "pmt0": None, "pmt1": {}}, {"hslabhits01", "hpmthits011"}),
        ({"slab": 4, "plane": 0}, {"hslabhits00"}),
        ({"slab": 4, "plane": 2, "pmt0": {}}, set()),
        ({"slab": 4, "pmt0": {}}, set()),
        ({"slab": None, "plane": 0, "pmt0": {}}, set()),
        ({"plane": 0}, set()),
        ({}, set()),
    ],
)
def test_a_slab_hit_counts_for_its_plane_and_the_photomultipliers_it_has(
    hit: Json, expected: set[str]
) -> None:
    counts = counts_of_event(hits(tof0=[None, hit], tof1=None))
    assert set(filled(counts)) == expected
    assert all(counts[name].inside[4] == 1 for name in expected)


@pytest.mark.parametrize(
    ("slab", "where"), [(10, "overflow"), (10**30, "overflow"), (-1, "underflow"), (-(10**30), "underflow")]
)
def test_a_slab_that_does_not_exist_is_counted_outside(slab: int, where: str) -> None:
    counts = counts_of_event(hits(tof0=[{"slab": slab, "plane": 0}]) | {})
    assert getattr(counts["hslabhits00"], where) == counts["hslabhits00"].entries == 1
    counts = counts_of_event(points(tof0=[point(x=slab)], tof1=[point(y=slab)]))
    assert [getattr(counts[name], where) for name in ("spx0", "hspxy_0", "spy1", "hspxy_1")] == [1, 1, 1, 1]


def test_a_gap_in_one_event_leaves_the_others_alone() -> None:
    good = points(tof0=[point(-30.0)], tof1=[point()], tof2=[point(31.0)])
    spills = [{"recon_events": [good, None, points(tof0=None), {}, good]}, {}, {"recon_events": [good]}]
    counts = counts_of(*spills)
    assert [counts[name].entries for name in ("ht01", "ht12", "ht02", "hnsp_0")] == [3, 3, 3, 4]
