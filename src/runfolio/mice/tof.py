"""The plots of the time-of-flight counters: `ReducePyTOFPlot`, 33 histograms and 15 figures.

Names, titles, binnings and tags are those of MICE's control room (MAUS, ReducePyTOFPlot).
"""

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy.typing as npt

from runfolio.mice.columns import present
from runfolio.mice.tof_events import STATIONS, Station, TofSpill, tof_columns
from runfolio.plots import Integer, Panel, Reducer, Regular, Series, Spills

COLORS = ("black", "red", "blue")
PLANES = ("X", "Y")

Stations = tuple[Station, ...]
Array = npt.NDArray[Any]


def time_of_flight(start: int, stop: int) -> Callable[[Stations], Array]:
    """Fill with t(stop) - t(start) in ns, of events with one space point in each of the two stations."""
    return lambda stations: present(stations[stop].single_time - stations[start].single_time)


def column(station: int, name: str) -> Callable[[Stations], Array]:
    """Fill with one of a station's columns as it is."""

    def values(stations: Stations) -> Array:
        found: Array = getattr(stations[station], name)
        return found

    return values


def pmt_hits(station: int, plane: int, pmt: int) -> Callable[[Stations], Array]:
    """Fill with the slab of each hit of a plane that the photomultiplier has seen."""

    def slabs(stations: Stations) -> Array:
        hits = stations[station]
        seen: Array = hits.hit_slab[(hits.hit_plane == plane) & hits.hit_pmts[pmt]]
        return seen

    return slabs


def slab_hits(station: int, plane: int) -> Callable[[Stations], Array]:
    """Fill with the slab of each hit of a plane."""
    return lambda stations: stations[station].hit_slab[stations[station].hit_plane == plane]


def pixels(station: int) -> Callable[[Stations], tuple[Array, Array]]:
    """Fill with slabY along x and slabX along y."""
    return lambda stations: (stations[station].pixel_y, stations[station].pixel_x)


def overlay(names: str) -> list[list[Panel]]:
    """Return one panel of three stations' histograms; `{s}` in `names` stands for the station."""
    return [[Panel(series=tuple(Series(names.format(s=s), f"TOF{s}", COLORS[s]) for s in range(3)))]]


tof = Reducer("ReducePyTOFPlot", reads=Spills(TofSpill, tof_columns))

# The histograms, in the order of the original's file.
for (a, b), axis in {
    (0, 1): Regular(200, 20, 40, "Time (ns)"),
    (0, 2): Regular(300, 50, 80, "Time (ns)"),
    (1, 2): Regular(200, 25, 45, "Time (ns)"),
}.items():
    tof.hist(f"ht{a}{b}", axis, title=f"TOF{a}->{b}", values=time_of_flight(a, b))

for plane, s in product(PLANES, range(3)):
    tof.hist(
        f"sp{plane.lower()}{s}",
        Integer(0, 10, f"Slab{plane}"),
        title=f"SpacePoints {plane}-plane",
        values=column(s, f"slab_{plane.lower()}"),
    )

for s in range(3):
    tof.hist(
        f"hnsp_{s}",
        Integer(0, 4, "#space points in event"),
        title="#Space Points",
        values=column(s, "space_points"),
    )

for s, p, k in product(range(3), range(2), range(2)):
    tof.hist(
        f"hpmthits{s}{p}{k}", Integer(0, 10, "Slab"), title=f"plane {p}, pmt {k}", values=pmt_hits(s, p, k)
    )

for s, p in product(range(3), range(2)):
    tof.hist(
        f"hslabhits{s}{p}",
        Integer(0, 10, f"Slab{PLANES[p]}"),
        title=f"Slab Hits {PLANES[p]}-plane",
        values=slab_hits(s, p),
    )

for s, slabs in enumerate((10, 7, 10)):
    tof.hist(
        f"hspxy_{s}",
        Integer(0, slabs, "SlabY"),
        Integer(0, slabs, "SlabX"),
        title=f"{STATIONS[s]}: space points",
        values=pixels(s),
    )

# The figures.
for p, plane in enumerate(PLANES):
    tof.figure(
        f"tof_SlabHits_{plane}",
        f"TOF Slab Hits {plane}",
        panels=overlay(f"hslabhits{{s}}{p}"),
        keywords=("TOF", "raw", "hits"),
    )

for p, k in product(range(2), range(2)):
    tof.figure(
        f"tof_pmtHits_Plane{p}PMT{k}",
        f"TOF PMT Plane{p} PMT{k}",
        panels=overlay(f"hpmthits{{s}}{p}{k}"),
        keywords=("TOF", "PMT", "plane"),
    )

tof.figure(
    "tof_nSpacePoints",
    "TOF Number of Space Points",
    panels=overlay("hnsp_{s}"),
    keywords=("TOF", "space", "points"),
)

for plane in PLANES:
    tof.figure(
        f"tof_SpacePoints_{plane}",
        f"TOF Space Points {plane}",
        panels=overlay(f"sp{plane.lower()}{{s}}"),
        keywords=("TOF", "space", "points"),
    )

for s in range(3):
    tof.figure(
        f"tof_SpacePoints_XY_tof{s}",
        f"TOF{s} Space Points 2d",
        panels=[[Panel(series=(Series(f"hspxy_{s}"),), numbers=True)]],
        keywords=("TOF", "space", "points"),
    )

for a, b in ((0, 1), (1, 2), (0, 2)):
    tof.figure(
        f"tof_time_tof{a}-tof{b}",
        f"TOF{a}->TOF{b} Time",
        panels=[[Panel(series=(Series(f"ht{a}{b}", color=COLORS[0]),))]],
        keywords=("TOF", "time", "flight"),
        size=(700, 500),
    )
