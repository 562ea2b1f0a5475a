"""The 52 histograms of MICE's time of flight and Cherenkov counters, of events as columns.

They have the names and bins of `ReducePyTOFPlot` and `ReducePyCkovPlot`, which read MICE's stream, and are
written as one would for columns of one's own.
"""
# ruff: noqa: ANN001, ANN201, ANN202 - as a user would write them
# mypy: allow-untyped-defs, allow-untyped-calls

from itertools import product

from runfolio import Columns, Integer, Reducer, Regular

EVENTS = Columns("events", run="run", number="spill", time="time")
GARBAGE_CHARGE = -1000
NO_PULSE = 255

tof = Reducer("ReducePyTOFPlot", reads=EVENTS)
ckov = Reducer("ReducePyCkovPlot", reads=EVENTS)


def time_of_flight(start, stop):
    """Fill with the time between two stations, of events with one space point in each."""

    def values(e):
        single = (e[f"n_tof{start}_points"] == 1) & (e[f"n_tof{stop}_points"] == 1)
        return flight(e[single], start, stop)

    return values


def flight(e, start, stop):
    return e[f"tof{stop}_point_time"][:, 0] - e[f"tof{start}_point_time"][:, 0]


def slab_hits(station, plane):
    return lambda e: e[f"tof{station}_hit_slab"][e[f"tof{station}_hit_plane"] == plane]


def pmt_hits(station, plane, pmt):
    def slabs(e):
        seen = (e[f"tof{station}_hit_plane"] == plane) & e[f"tof{station}_hit_pmt{pmt}"]
        return e[f"tof{station}_hit_slab"][seen]

    return slabs


def charges(pmt):
    def values(e):
        charge = e[f"ckov_pulse_{pmt}"]
        return charge[charge > GARBAGE_CHARGE]

    return values


def arrival_times(pmt):
    def values(e):
        time = e[f"ckov_arrival_time_{pmt}"]
        return time[time < NO_PULSE]

    return values


def light_and_flight(detector):
    """Fill with photo-electrons, where there are any, against the time of flight of the same event."""

    def values(e):
        light = e[f"ckov_pes_{detector}"]
        seen = e[(light > 0) & (e.n_tof0_points == 1) & (e.n_tof1_points == 1)]
        return seen[f"ckov_pes_{detector}"], flight(seen, 0, 1)

    return values


for (start, stop), axis in {
    (0, 1): Regular(200, 20, 40, "Time (ns)"),
    (0, 2): Regular(300, 50, 80, "Time (ns)"),
    (1, 2): Regular(200, 25, 45, "Time (ns)"),
}.items():
    tof.hist(f"ht{start}{stop}", axis, values=time_of_flight(start, stop))

for station, slabs in enumerate((10, 7, 10)):
    x, y, count = f"tof{station}_point_x", f"tof{station}_point_y", f"n_tof{station}_points"
    tof.hist(f"spx{station}", Integer(0, 10, "SlabX"), values=x)
    tof.hist(f"spy{station}", Integer(0, 10, "SlabY"), values=y)
    tof.hist(f"hnsp_{station}", Integer(0, 4, "#space points in event"), values=count)
    tof.hist(f"hspxy_{station}", Integer(0, slabs, "SlabY"), Integer(0, slabs, "SlabX"), values=[y, x])

for station, plane in product(range(3), range(2)):
    label = f"Slab{'XY'[plane]}"
    tof.hist(f"hslabhits{station}{plane}", Integer(0, 10, label), values=slab_hits(station, plane))

for station, plane, pmt in product(range(3), range(2), range(2)):
    name = f"hpmthits{station}{plane}{pmt}"
    tof.hist(name, Integer(0, 10, "Slab"), values=pmt_hits(station, plane, pmt))

ckov.hist("htof", Regular(100, 10, 40, "TOF(ns)"), values=time_of_flight(0, 1))

for detector in "AB":
    ckov.hist(
        f"tof_{detector}",
        Regular(100, 0, 50, f"Ckov{detector} PE"),
        Regular(200, 15, 35, "t(TOF0 to TOF1) (ns)"),
        values=light_and_flight(detector.lower()),
    )

for pmt in range(8):
    charge = Regular(500, -50, 500, "Charge", integers=True)
    time = Regular(200, 0, 200, "Uncalibrated Time (ns)", integers=True)
    ckov.hist(f"hPMT{pmt + 1}", charge, values=charges(pmt))
    ckov.hist(f"harr_time{pmt + 1}", time, values=arrival_times(pmt))
