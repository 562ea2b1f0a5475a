"""The plots of the scintillating-fibre trackers: `ReducePySciFiPlot`, 62 histograms and 8 figures.

Binnings and tags are those of MICE's control room (MAUS, ReducePySciFiPlot). What was crossed there is not
here: each title says what is shown.
"""

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from runfolio.mice.columns import present
from runfolio.mice.scifi_events import (
    CHANNELS,
    CLUSTERS,
    PLANES,
    STATIONS,
    TRACKERS,
    SciFiColumns,
    SciFiSpill,
    SpacePoints,
    scifi_columns,
)
from runfolio.plots import Integer, Reducer, Regular, Spills, grid

Array = npt.NDArray[Any]

TAGS = {
    ("US", "triplet"): "trip",
    ("US", "duplet"): "doub",
    ("DS", "triplet"): "Trip",
    ("DS", "duplet"): "Doub",
}
"""How the tags of the maps end, as the control room has them."""


def channels(tracker: int, station: int, plane: int) -> Callable[[SciFiColumns], Array]:
    """Fill with the channel of each digit of a plane."""

    def values(columns: SciFiColumns) -> Array:
        digits = columns.digits
        wanted = (digits.tracker == tracker) & (digits.station == station) & (digits.plane == plane)
        found: Array = digits.channel[wanted]
        return found

    return values


def clusters(tracker: int) -> Callable[[SciFiColumns], Array]:
    """Fill with 3 for each triplet and 2 for each duplet of a tracker."""

    def values(columns: SciFiColumns) -> Array:
        points = columns.space_points
        return present(points.clusters[points.tracker == tracker])

    return values


def stations(tracker: int, kind: str) -> Callable[[SciFiColumns], Array]:
    """Fill with the station of each space point of a kind."""

    def values(columns: SciFiColumns) -> Array:
        points = columns.space_points
        return present(points.station[of_kind(points, tracker, kind)])

    return values


def places(tracker: int, kind: str, wanted: tuple[int, ...]) -> Callable[[SciFiColumns], tuple[Array, Array]]:
    """Fill with x and y in mm of each space point of a kind in any of the wanted stations."""

    def values(columns: SciFiColumns) -> tuple[Array, Array]:
        points = columns.space_points
        found = of_kind(points, tracker, kind) & np.isin(points.station, wanted)
        found &= ~np.isnan(points.x + points.y)
        return points.x[found], points.y[found]

    return values


def of_kind(points: SpacePoints, tracker: int, kind: str) -> npt.NDArray[np.bool_]:
    """Tell which space points are a tracker's triplets or duplets."""
    wanted: npt.NDArray[np.bool_] = (points.tracker == tracker) & (points.clusters == CLUSTERS[kind])
    return wanted


def channel_sums(tracker: int) -> Callable[[SciFiColumns], Array]:
    """Fill with the sum of a station's three channels, where each plane has one."""
    return lambda columns: columns.channel_sums[tracker]


scifi = Reducer("ReducePySciFiPlot", reads=Spills(SciFiSpill, scifi_columns))

# The histograms.
for (tracker, name), station, plane in product(enumerate(TRACKERS), STATIONS, range(PLANES)):
    scifi.hist(
        f"digits_{name}_s{station}p{plane}",
        Regular(CHANNELS, 0, CHANNELS, "Channel", integers=True),
        title=f"{name} station {station}, plane {plane}",
        values=channels(tracker, station, plane),
    )

for tracker, name in enumerate(TRACKERS):
    scifi.hist(
        f"spacepoints_{name}_type",
        Integer(2, 4, "Planes (2: duplet, 3: triplet)"),
        title=f"{name} space points by type",
        values=clusters(tracker),
    )
    for kind in CLUSTERS:
        scifi.hist(
            f"spacepoints_{name}_{kind}s",
            Integer(STATIONS[0], STATIONS[-1] + 1, "Station"),
            title=f"{name} {kind}s by station",
            values=stations(tracker, kind),
        )

for (tracker, name), kind in product(enumerate(TRACKERS), CLUSTERS):
    for where, label, wanted in (
        *((f"s{station}", f"station {station}", (station,)) for station in STATIONS),
        ("all", "all stations", STATIONS),
    ):
        scifi.hist(
            f"spacepoints_{name}_{kind}s_xy_{where}",
            Regular(50, -200, 200, "x (mm)"),
            Regular(50, -200, 200, "y (mm)"),
            title=f"{name} {kind}s, {label}",
            values=places(tracker, kind, wanted),
        )

for tracker, name in enumerate(TRACKERS):
    scifi.hist(
        f"channel_sum_{name}",
        Regular(670, -5, 642, "Sum of the three planes' channels", integers=True),
        title=f"{name} Kuno plot, all stations",
        values=channel_sums(tracker),
    )

# The figures.
for name in TRACKERS:
    scifi.figure(
        f"SciFi_Digit{name}",
        f"SciFi {name} digits",
        panels=grid([f"digits_{name}_s{s}p{p}" for s in STATIONS for p in range(PLANES)], columns=PLANES),
        keywords=("SciFi", "digits", name),
        size=(1200, 1500),
    )

scifi.figure(
    "SciFi_Spacepoints",
    "SciFi space points",
    panels=grid(
        [f"spacepoints_{name}_{of}" for name in TRACKERS for of in ("type", *(f"{k}s" for k in CLUSTERS))],
        columns=3,
    ),
    keywords=("SciFi", "space", "points"),
    size=(1200, 800),
)

for (name, kind), ending in TAGS.items():
    wheres = (*(f"s{station}" for station in STATIONS), "all")
    scifi.figure(
        f"SciFi_Spacepoints_2D_{name}_{ending}",
        f"SciFi {name} {kind}s",
        panels=grid([f"spacepoints_{name}_{kind}s_xy_{where}" for where in wheres], columns=3),
        keywords=("SciFi", "space", "points", name, kind),
        size=(1200, 700),
    )

scifi.figure(
    "KunoCanv",
    "SciFi sums of three channels",
    panels=grid([f"channel_sum_{name}" for name in TRACKERS], columns=len(TRACKERS)),
    keywords=("SciFi", "digits", "Kuno"),
    size=(1200, 600),
)
