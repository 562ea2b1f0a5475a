"""Every document of a tidy stream against the specification: keys, types, ranges, and sums within."""

import json
import math
from functools import cache
from typing import Annotated, Literal

import msgspec
import pytest
from msgspec import UNSET, Meta, UnsetType

from runfolio.mice.simulation import Simulation, lines

Natural = Annotated[int, Meta(ge=0)]
Slab = Annotated[int, Meta(ge=0, le=9)]
Bit = Annotated[int, Meta(ge=0, le=1)]


class Strict(msgspec.Struct, forbid_unknown_fields=True):
    pass


class Pmt(Strict):
    raw_time: float
    charge: Natural
    leading_time: int
    tof_key: str
    trigger_request_leading_time: int
    time: float | UnsetType = UNSET


class SlabHit(Strict):
    slab: Slab
    plane: Bit
    station: Annotated[int, Meta(ge=0, le=2)]
    detector: Literal["tof0", "tof1", "tof2"]
    charge: Natural
    charge_product: Natural
    raw_time: float
    part_event_number: Natural
    phys_event_number: Natural
    time: float | UnsetType = UNSET
    pmt0: Pmt | UnsetType = UNSET
    pmt1: Pmt | UnsetType = UNSET


class SpacePoint(Strict):
    slabX: Slab  # noqa: N815  (the stream's name)
    slabY: Slab  # noqa: N815  (as above)
    time: float
    dt: float
    charge: Natural
    charge_product: Natural
    station: Annotated[int, Meta(ge=0, le=2)]
    detector: Literal["tof0", "tof1", "tof2"]
    pixel_key: str
    part_event_number: Natural
    phys_event_number: Natural


class SlabHitStations(Strict):
    tof0: list[SlabHit]
    tof1: list[SlabHit]
    tof2: list[SlabHit]


class SpacePointStations(Strict):
    tof0: list[SpacePoint]
    tof1: list[SpacePoint]
    tof2: list[SpacePoint]


class TofEvent(Strict):
    tof_slab_hits: SlabHitStations
    tof_space_points: SpacePointStations


class CkovEvent(Strict):
    ckov_digits: Annotated[
        list[dict[Literal["A", "B"], dict[str, int | float]]], Meta(min_length=1, max_length=1)
    ]


class Nothing(Strict):
    pass


class KlDigit(Strict):
    cell: Annotated[int, Meta(ge=0, le=20)]
    charge_pm: Natural
    kl_key: str
    part_event_number: Natural
    phys_event_number: Natural
    pmt: Bit
    position_max: Natural
    charge_mm: Natural | UnsetType = UNSET


class KlCellHit(Strict):
    cell: Annotated[int, Meta(ge=0, le=20)]
    charge: Natural
    charge_product: Natural
    detector: Literal["kl"]
    part_event_number: Natural
    phys_event_number: Natural


class KlEvent(Strict):
    kl_digits: dict[Literal["kl"], list[KlDigit]]
    kl_cell_hits: dict[Literal["kl"], list[KlCellHit]]


class BarHit(Strict):
    ch: Annotated[int, Meta(ge=0, lt=48 * 60)]
    deltat: int
    time: int
    tot: Natural


class PlaneHit(Strict):
    bar_hits: Annotated[list[BarHit], Meta(min_length=1)]
    charge: Annotated[float, Meta(ge=0)]
    deltat: int
    orientation: Bit
    plane: Annotated[int, Meta(ge=0, le=47)]
    time: int


class Vector(Strict):
    x: float
    y: float
    z: float


class Track(Strict):
    chi2: Annotated[float, Meta(ge=-1)]
    origin: Vector
    range: Annotated[float, Meta(ge=-1, le=1000)]


class EventTrack(Strict):
    charge_ratio_ma: float
    charge_ratio_sa: float
    id: Bit
    plane_density_ma: Annotated[float, Meta(gt=0, le=1)]
    plane_density_sa: Annotated[float, Meta(gt=0, le=1)]
    plane_hits: Annotated[list[PlaneHit], Meta(min_length=1)]
    total_charge_ma: float
    total_charge_sa: float
    track: Track
    type: Literal["mother", "daughter"]


class EmrEvent(Strict):
    event_tracks: list[EventTrack]


class SciFiDigit(Strict):
    adc: Annotated[int, Meta(ge=0, le=255)]
    channel: Annotated[int, Meta(ge=0, le=214)]
    event: Natural
    npe: Annotated[float, Meta(gt=0)]
    plane: Annotated[int, Meta(ge=0, le=2)]
    spill: Annotated[int, Meta(ge=1)]
    station: Annotated[int, Meta(ge=1, le=5)]
    time: float
    tracker: Bit
    used: bool


class SciFiSpacePoint(Strict):
    event: Natural
    npe: Annotated[float, Meta(gt=0)]
    position: Vector
    spill: Annotated[int, Meta(ge=1)]
    station: Annotated[int, Meta(ge=1, le=5)]
    time: float
    tracker: Bit
    type: Literal["triplet", "duplet"]


class SciFiEvent(Strict):
    digits: list[SciFiDigit]
    spacepoints: list[SciFiSpacePoint]


class Event(Strict):
    part_event_number: Natural
    tof_event: TofEvent
    ckov_event: CkovEvent
    sci_fi_event: SciFiEvent
    trigger_event: Nothing
    kl_event: KlEvent
    emr_event: EmrEvent
    global_event: Nothing


class Tagged(Strict, tag_field="maus_event_type"):
    mc_events: list[Nothing]


class Scaler(Strict):
    channels: dict[str, Natural]
    time_stamp: Natural
    phys_event_number: Natural


class DaqData(Strict):
    V830: Scaler


class Spill(Tagged, tag="Spill"):
    run_number: Natural
    spill_number: int
    daq_event_type: Literal["start_of_run", "end_of_run", "start_of_burst", "end_of_burst", "physics_event"]
    event_id: Natural
    time_stamp: Natural
    errors: Nothing
    daq_data: DaqData | UnsetType = UNSET
    recon_events: list[Event] | UnsetType = UNSET


class Moment(Strict):
    date_time: Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$")]


class JobHeader(Tagged, tag="JobHeader"):
    start_of_job: Moment
    maus_version: str
    bzr_configuration: str
    bzr_revision: str
    bzr_status: str
    json_configuration: str


class RunHeader(Tagged, tag="RunHeader"):
    run_number: Natural


class RunFooter(Tagged, tag="RunFooter"):
    run_number: Natural


class JobFooter(Tagged, tag="JobFooter"):
    end_of_job: Moment


Document = JobHeader | RunHeader | Spill | RunFooter | JobFooter


@cache
def stream() -> list[bytes]:
    return list(lines(Simulation(run_number=4235, spills=40)))


@cache
def physics() -> list[Spill]:
    documents = [msgspec.json.decode(line, type=Document) for line in stream()]
    return [d for d in documents if isinstance(d, Spill) and d.daq_event_type == "physics_event"]


@cache
def events() -> list[Event]:
    return [event for spill in physics() for event in spill.recon_events or []]


def hits() -> list[SlabHit]:
    stations = [event.tof_event.tof_slab_hits for event in events()]
    return [hit for event in stations for hit in [*event.tof0, *event.tof1, *event.tof2]]


def points() -> list[SpacePoint]:
    stations = [event.tof_event.tof_space_points for event in events()]
    return [point for event in stations for point in [*event.tof0, *event.tof1, *event.tof2]]


def digits() -> list[tuple[int, dict[str, int | float]]]:
    """Return each detector of each event with the number of its first photomultiplier."""
    both = [event.ckov_event.ckov_digits[0] for event in events()]
    return [(4 * (side == "B"), digit[side]) for digit in both for side in digit]


def test_every_document_is_as_specified() -> None:
    for line in lines(Simulation(run_number=4235, runs=2, spills=40)):
        msgspec.json.decode(line, type=Document)


def test_cherenkov_digits_have_all_keys_with_the_right_types() -> None:
    own = {"number_of_pes": float, "total_charge": int, "coincidences": int, "part_event_number": int}
    for first, digit in digits():
        pmts = {
            f"{k}_{i}": int
            for i in range(first, first + 4)
            for k in ("pulse", "arrival_time", "position_min")
        }
        assert {key: type(value) for key, value in digit.items()} == own | pmts


def test_cherenkov_times_are_samples() -> None:
    times = {v for _, digit in digits() for k, v in digit.items() if k.startswith(("arrival", "position"))}
    assert times <= set(range(256))


def test_numbers_are_finite() -> None:
    floats = [f for p in points() for f in (p.time, p.dt)] + [hit.raw_time for hit in hits()]
    assert all(map(math.isfinite, floats))


def test_slabs_exist_in_their_station() -> None:
    assert max(hit.slab for hit in hits() if hit.station == 1) == 6
    assert {hit.slab for hit in hits() if hit.station != 1} == set(range(10))
    assert max(max(p.slabX, p.slabY) for p in points() if p.station == 1) <= 6


def test_station_detector_and_keys_agree() -> None:
    for event in events():
        for station, name in enumerate(("tof0", "tof1", "tof2")):
            for hit in getattr(event.tof_event.tof_slab_hits, name):
                assert (hit.station, hit.detector) == (station, name)
            for p in getattr(event.tof_event.tof_space_points, name):
                assert p.pixel_key == f"TOFPixelKey {station} {p.slabX} {p.slabY} {p.detector}"


def test_photomultipliers_are_keyed_by_their_channel() -> None:
    for hit in hits():
        for number, pmt in enumerate((hit.pmt0, hit.pmt1)):
            channel = f"TOFChannelKey {hit.station} {hit.plane} {hit.slab} {number} {hit.detector}"
            assert pmt is UNSET or pmt.tof_key == channel


def test_events_know_their_number_and_their_spill() -> None:
    for spill in physics():
        for number, event in enumerate(spill.recon_events or []):
            hits = event.tof_event.tof_slab_hits.tof1
            assert {(h.part_event_number, h.phys_event_number) for h in hits} <= {
                (number, spill.spill_number - 1)
            }


def test_slab_hit_is_the_sum_of_its_photomultipliers() -> None:
    whole = [(hit, hit.pmt0, hit.pmt1) for hit in hits()]
    for hit, pmt0, pmt1 in whole:
        if pmt0 is UNSET or pmt1 is UNSET:
            continue
        assert hit.charge == pmt0.charge + pmt1.charge
        assert hit.charge_product == pmt0.charge * pmt1.charge // max(hit.charge, 1)
        assert hit.raw_time == pytest.approx((pmt0.raw_time + pmt1.raw_time) / 2)


def test_lost_photomultiplier_leaves_the_other_ones_values() -> None:
    lone = [(hit, pmt) for hit in hits() for pmt in (hit.pmt0, hit.pmt1) if UNSET in (hit.pmt0, hit.pmt1)]
    values = [(hit, pmt) for hit, pmt in lone if pmt is not UNSET]
    assert values
    assert all((hit.charge, hit.charge_product) == (pmt.charge, 0) for hit, pmt in values)
    assert all(hit.raw_time == pytest.approx(pmt.raw_time) for hit, pmt in values)


def test_leading_time_counts_from_the_trigger_request() -> None:
    pmts = [pmt for hit in hits() for pmt in (hit.pmt0, hit.pmt1) if pmt is not UNSET]
    assert all(p.raw_time == (p.leading_time - p.trigger_request_leading_time) * 0.025 for p in pmts)


def test_space_point_is_made_of_a_horizontal_and_a_vertical_slab_hit() -> None:
    for event in events():
        for station in ("tof0", "tof1", "tof2"):
            listed = getattr(event.tof_event.tof_slab_hits, station)
            horizontal, vertical = ([hit for hit in listed if hit.plane == plane] for plane in (0, 1))
            pairs = {(x.slab, y.slab, x.charge + y.charge) for x in horizontal for y in vertical}
            made = getattr(event.tof_event.tof_space_points, station)
            assert {(p.slabX, p.slabY, p.charge) for p in made} <= pairs


def test_total_charge_and_photoelectrons_count_the_pulses_that_were_found() -> None:
    for first, digit in digits():
        pmts = range(first, first + 4)
        found = [digit[f"pulse_{pmt}"] for pmt in pmts if digit[f"arrival_time_{pmt}"] != 255]
        assert digit["coincidences"] == len(found)
        assert digit["number_of_pes"] == digit["total_charge"] / 23
        garbage = any(not -1000 < digit[f"pulse_{pmt}"] < 10_000 for pmt in pmts)
        assert garbage or digit["total_charge"] == sum(found)


def test_kl_cell_hits_are_made_of_both_digits_of_their_cell() -> None:
    for event in events():
        digits = event.kl_event.kl_digits["kl"]
        pairs = [
            (a.charge_pm, b.charge_pm, a.cell, b.cell) for a, b in zip(digits[::2], digits[1::2], strict=True)
        ]
        made = [(hit.cell, hit.charge, hit.charge_product) for hit in event.kl_event.kl_cell_hits["kl"]]
        assert made == [(a, (p + q) // 2, 2 * p * q // (p + q)) for p, q, a, b in pairs if a == b]


def test_kl_digits_are_keyed_by_their_channel_and_lack_the_optional_charge_at_times() -> None:
    found = [digit for event in events() for digit in event.kl_event.kl_digits["kl"]]
    assert all(digit.kl_key == f"KLChannelKey {digit.cell} {digit.pmt} kl" for digit in found)
    assert {digit.charge_mm == digit.charge_pm for digit in found if digit.charge_mm is not UNSET} == {True}
    assert 0 < sum(digit.charge_mm is UNSET for digit in found) < 0.05 * len(found)


def test_emr_channels_lie_in_their_plane_and_planes_alternate() -> None:
    planes = [hit for event in events() for track in event.emr_event.event_tracks for hit in track.plane_hits]
    assert {bar.ch // 60 - hit.plane for hit in planes for bar in hit.bar_hits} == {0}
    assert {(hit.plane % 2, hit.orientation) for hit in planes} == {(0, 0), (1, 1)}


def test_emr_charge_is_that_of_the_planes() -> None:
    for event in events():
        for track in event.emr_event.event_tracks:
            assert track.total_charge_sa == sum(hit.charge for hit in track.plane_hits)


def test_emr_secondary_comes_after_its_primary() -> None:
    kinds = [[(t.type, t.id) for t in event.emr_event.event_tracks] for event in events()]
    first, second = ("mother", 0), ("daughter", 1)
    assert {tuple(found) for found in kinds} == {(), (first,), (first, second)}


def test_scalers_count_the_triggers_of_physics_spills_and_of_no_others() -> None:
    for number, spill in enumerate(physics()):
        assert isinstance(spill.daq_data, DaqData)
        scaler = spill.daq_data.V830
        counts = list(scaler.channels.values())
        assert list(scaler.channels) == [f"ch{channel}" for channel in range(32)]
        assert counts[0] == len(spill.recon_events or []) <= counts[1]
        assert 32_000 <= counts[12] < 32_064
        assert {channel for channel, count in enumerate(counts) if count} == {0, 1, 2, 3, 4, 9, 10, 11, 12}
        assert (scaler.phys_event_number, scaler.time_stamp) == (number, spill.time_stamp)
    others = [json.loads(line) for line in stream() if b"physics_event" not in line]
    assert not any("daq_data" in each for each in others)


def test_space_points_have_as_many_planes_as_their_type_says() -> None:
    for event in events():
        for point in event.sci_fi_event.spacepoints:
            planes = {
                digit.plane
                for digit in event.sci_fi_event.digits
                if (digit.tracker, digit.station, digit.used) == (point.tracker, point.station, True)
            }
            assert len(planes) == {"triplet": 3, "duplet": 2}[point.type]


def test_trackers_know_their_event_and_their_spill() -> None:
    for spill in physics():
        for number, event in enumerate(spill.recon_events or []):
            found: list[SciFiDigit | SciFiSpacePoint] = [*event.sci_fi_event.digits]
            found += event.sci_fi_event.spacepoints
            known = {(each.event, each.spill) for each in found}
            assert known <= {(number, spill.spill_number)}
