"""The EMR plots: the binnings of the specification, and what gaps and wrong numbers do to the counts."""

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
import pytest

from plain import counts_of, declared, spill_of
from runfolio.mice.emr import emr
from runfolio.plots import Counts, Filling

Json = dict[str, Any]

PLANE, BAR, WIDE = (48, -0.5, 47.5), (60, -0.5, 59.5), (59, -500.0, 500.0)
RANGE, CHARGE, RATIO = (48, 0.0, 840.0), (100, 0.0, 10000.0), (40, 0.0, 2.0)
HISTOGRAMS: list[tuple[Any, ...]] = [
    ("emr_occupancy_x", "EMR occupancy, x planes", ("Plane", "Bar"), (PLANE, BAR)),
    ("emr_occupancy_y", "EMR occupancy, y planes", ("Plane", "Bar"), (PLANE, BAR)),
    ("emr_beam_profile", "EMR beam profile", ("x in plane 0 (mm)", "y in plane 1 (mm)"), (WIDE, WIDE)),
    ("emr_depth_profile", "EMR depth profile", ("Plane",), ((48, 0.0, 48.0),)),
    ("emr_range_primary", "EMR range, primary tracks", ("Range (mm)",), (RANGE,)),
    ("emr_range_secondary", "EMR range, secondary tracks", ("Range (mm)",), (RANGE,)),
    ("emr_total_charge_ma", "EMR total charge, MA", ("Total charge (ADC counts)",), (CHARGE,)),
    ("emr_total_charge_sa", "EMR total charge, SA", ("Total charge (ADC counts)",), (CHARGE,)),
    ("emr_charge_ratio_ma", "EMR charge ratio, MA", ("Charge ratio",), (RATIO,)),
    ("emr_charge_ratio_sa", "EMR charge ratio, SA", ("Charge ratio",), (RATIO,)),
    (
        "emr_spread_density",
        "EMR spread against density",
        ("Plane density (MA)", "log10(1 + chi2)"),
        ((20, 0.0, 1.0), (30, 0.0, 3.0)),
    ),
]


def test_histograms_are_those_of_the_specification_in_its_order() -> None:
    assert declared(emr) == HISTOGRAMS
    assert list(emr.histograms) == [name for name, *_ in HISTOGRAMS]


def test_figures_are_those_of_the_specification_in_its_order() -> None:
    assert emr.name == "ReducePyEMRPlot"
    assert [(f.tag, f.keywords, f.size) for f in emr.figures.values()] == [
        ("EMR_occupancy", ("EMR", "Occupancy"), (1000, 1000)),
        ("EMR_recon", ("EMR", "Reconstructed"), (1200, 900)),
    ]
    assert {(len(figure.rows), len(figure.rows[0])) for figure in emr.figures.values()} == {(2, 2)}
    shown = [name for figure in emr.figures.values() for name in figure.histograms]
    assert shown == list(emr.histograms)


def test_overlays_have_colours_and_names_and_the_map_logarithmic_colours() -> None:
    panels = [panel for row in emr.figures["EMR_recon"].rows for panel in row]
    legends = [[(series.label, series.color) for series in panel.series] for panel in panels]
    both = [("MA", "black"), ("SA", "red")]
    assert legends == [[("primary", "black"), ("secondary", "red")], both, both, [("", "black")]]
    assert [panel.log_y for panel in panels] == [False, False, False, True]


def filled(counts: Mapping[str, Counts]) -> dict[str, int]:
    return {name.removeprefix("emr_"): each.entries for name, each in counts.items() if each.entries}


def tracks(*each: Any) -> Json:
    return {"emr_event": {"event_tracks": list(each)}}


def bars(plane: Any, *channels: Any, tot: Any = 10) -> Json:
    return {"plane": plane, "bar_hits": [{"ch": channel, "tot": tot} for channel in channels]}


def hits(*planes: Any) -> Json:
    return tracks({"plane_hits": list(planes)})


def places(counts: Counts) -> list[Any]:
    """Return the bins that were hit, in range."""
    return np.argwhere(counts.inside).tolist()


NOTHING: Json = {"range": None, "chi2": None}


@pytest.mark.parametrize(
    "event",
    [
        None,
        {},
        {"emr_event": None},
        {"emr_event": {}},
        {"emr_event": {"event_tracks": None}},
        tracks(),
        tracks(None, {}, {"plane_hits": None, "track": None}),
        tracks({"type": "mother", "track": {}}, {"type": None, "track": NOTHING}),
        tracks({"total_charge_ma": None, "charge_ratio_sa": None, "plane_density_ma": None}),
        tracks({"total_charge_ma": -1.0, "charge_ratio_sa": -1, "track": {"range": -1.0, "chi2": -1.0}}),
        hits(),
        hits(None, {}, {"plane": None, "charge": None, "bar_hits": None}),
        hits({"plane": 3, "bar_hits": []}, {"plane": 3, "bar_hits": [None, {}]}),
        hits(bars(3, None), bars(3, 200, tot=None), bars(3, 200, tot=0), bars(3, 200, tot=-4)),
        hits(bars(0, 2880), bars(1, -1), bars(2, 10**30)),
        hits({"plane": 3, "charge": 0}, {"plane": 3, "charge": 0.0}, {"plane": 3, "charge": -1.0}),
        hits({"charge": 5.0}),
    ],
)
def test_what_is_not_there_is_passed_over(event: Json | None) -> None:
    assert filled(counts_of(emr, event)) == {}
    whole = hits({"plane": 3, "charge": 12.5} | bars(3, 200))
    assert filled(counts_of(emr, event, whole)) == {"occupancy_y": 1, "depth_profile": 1}


@pytest.mark.parametrize("spill", [{}, {"recon_events": None}, {"recon_events": []}])
def test_a_spill_without_events_is_passed_over(spill: Json) -> None:
    filling = Filling(emr, 1)
    filling.fill([msgspec.convert(spill, spill_of(emr))])
    assert filled(filling.snapshot()) == {}


def test_even_planes_measure_x_and_odd_ones_y_and_bars_are_counted_within_their_plane() -> None:
    counts = counts_of(emr, hits(bars(4, 264, 263), bars(5, 320), bars(47, 48 * 60 - 1)))
    assert places(counts["emr_occupancy_x"]) == [[4, 23], [4, 24]]
    assert places(counts["emr_occupancy_y"]) == [[5, 20], [47, 59]]


@pytest.mark.parametrize("plane", [2.5, -0.5, None])
def test_a_plane_that_is_none_has_no_orientation(plane: float | None) -> None:
    assert filled(counts_of(emr, hits(bars(plane, 24)))) == {}


def test_planes_beyond_the_last_are_counted_outside() -> None:
    counts = counts_of(emr, hits(bars(48, 24), bars(-1, 24), {"plane": 10**30, "charge": 1}))
    assert (counts["emr_occupancy_x"].overflow, counts["emr_occupancy_y"].underflow) == (1, 1)
    assert counts["emr_depth_profile"].overflow == 1


def test_beam_profile_pairs_the_bars_of_the_first_two_planes_of_one_track() -> None:
    first = {"plane_hits": [bars(0, 30, 31), bars(1, 90)]}
    others = [{"plane_hits": [bars(0, 1)]}, {"plane_hits": [bars(1, 60 + 59), bars(2, 121)]}]
    assert places(counts_of(emr, tracks(first, *others))["emr_beam_profile"]) == [[29, 29], [30, 29]]


@pytest.mark.parametrize(("bar", "place"), [(0, -1), (1, 0), (29, 28), (30, 29), (31, 30), (59, 58)])
def test_each_bar_has_its_bin_in_the_beam_profile_but_for_the_outermost(bar: int, place: int) -> None:
    along_x = counts_of(emr, hits(bars(0, bar), bars(1, 90)))["emr_beam_profile"]
    along_y = counts_of(emr, hits(bars(0, 30), bars(1, 60 + bar)))["emr_beam_profile"]
    assert np.argwhere(along_x.values).tolist() == [[place + 1, 30]]
    assert np.argwhere(along_y.values).tolist() == [[30, place + 1]]


def test_depth_counts_planes_with_charge_whatever_their_bars() -> None:
    charged = {"plane": 7, "charge": 3.0}
    counts = counts_of(
        emr, hits(charged, {"plane": 8, "charge": 0.0} | bars(8, 480), {"plane": 9, "charge": 0.5})
    )
    assert places(counts["emr_depth_profile"]) == [[7], [9]]


def ranged(length: float, **more: Any) -> Json:
    return {"track": {"range": length}, **more}


@pytest.mark.parametrize(
    ("listed", "primary", "secondary"),
    [
        ([ranged(30.0, type="mother"), ranged(50.0, type="daughter")], [[1]], [[2]]),
        ([ranged(50.0, type="daughter"), ranged(30.0, type="mother")], [[1]], [[2]]),
        ([ranged(30.0), ranged(50.0)], [[1]], [[2]]),
        ([ranged(30.0, type=None), None, ranged(50.0, type="")], [[1]], [[2]]),
        ([None, ranged(50.0)], [], [[2]]),
        ([ranged(30.0, type="candidate"), ranged(50.0, type="candidate")], [], []),
    ],
)
def test_mothers_are_primary_and_daughters_secondary_and_else_the_first_is(
    listed: list[Json | None], primary: list[Any], secondary: list[Any]
) -> None:
    counts = counts_of(emr, tracks(*listed))
    assert places(counts["emr_range_primary"]) == primary
    assert places(counts["emr_range_secondary"]) == secondary


@pytest.mark.parametrize("name", ["total_charge_ma", "total_charge_sa", "charge_ratio_ma", "charge_ratio_sa"])
def test_charges_of_every_track_are_counted_by_themselves(name: str) -> None:
    assert filled(counts_of(emr, tracks({name: 1.25}, {name: 0}, {name: -1.0}, {name: None}))) == {name: 2}


@pytest.mark.parametrize(
    ("density", "chi2", "place"),
    [
        (0.5, 0.0, (10, 0)),
        (0.049, 9.0, (0, 10)),
        (1, 99.5, (19, 20)),
        (1.0, 1.26, (19, 3)),
        (1.01, 0.0, (20, 0)),
        (0.0, 999.5, (0, 30)),
    ],
)
def test_spread_against_density(density: float, chi2: float, place: tuple[int, int]) -> None:
    counts = counts_of(emr, tracks({"plane_density_ma": density, "track": {"chi2": chi2}}))
    assert np.argwhere(counts["emr_spread_density"].values).tolist() == [[place[0] + 1, place[1] + 1]]
    assert filled(counts) == {"spread_density": 1}


@pytest.mark.parametrize(
    ("density", "chi2"), [(None, 1.0), (-1.0, 1.0), (0.5, None), (0.5, -1.0), (0.5, -7.0)]
)
def test_spread_and_density_are_counted_together_or_not_at_all(
    density: float | None, chi2: float | None
) -> None:
    assert filled(counts_of(emr, tracks({"plane_density_ma": density, "track": {"chi2": chi2}}))) == {}


def test_more_pairs_of_bars_than_memory_should_hold_cost_the_beam_profile_alone() -> None:
    filling = Filling(emr, 1)
    for each in (2_000, 1_000):
        event = hits(bars(0, *[5] * each), bars(1, *[65] * each))
        filling.fill([msgspec.convert({"recon_events": [event]}, spill_of(emr))])
    counts = filling.snapshot()
    assert {name for name, each in counts.items() if each.lost_spills} == {"emr_beam_profile"}
    assert filled(counts) == {"occupancy_x": 3_000, "occupancy_y": 3_000, "beam_profile": 1_000_000}


def test_hits_that_are_in_no_event_are_not_counted_twice() -> None:
    spill = {"emr_spill_data": {"bar_hits": [{"ch": 24, "tot": 5}], "event_tracks": []}, "recon_events": []}
    filling = Filling(emr, 1)
    filling.fill([msgspec.convert(spill, spill_of(emr))])
    assert filled(filling.snapshot()) == {}
