"""Reducers: how plots are declared. A histogram is one declaration and one function of columns.

tof = Reducer("ReducePyTOFPlot", reads=Spills(TofSpill, tof_columns))
tof.hist("spx0", Integer(0, 10, label="SlabX"))          # filled with the column `spx0`

@tof.hist("ht01", Regular(200, 20, 40, label="Time (ns)"))
def ht01(columns):
    return columns.t1 - columns.t0
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import prod
from operator import attrgetter
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from runfolio.errors import DeclarationError, DocumentError
from runfolio.images import check_tag
from runfolio.plots.axes import MAX_BINS, Axis
from runfolio.plots.figures import Figure, Panel

Values = npt.NDArray[Any] | tuple[npt.NDArray[Any], npt.NDArray[Any]]
"""What a histogram is filled with: an array for 1-D, a pair of one shape, x and y, for 2-D."""

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


@dataclass(frozen=True)
class Spills:
    """Reads the fields of `spill`, a msgspec struct, and makes columns of a batch of spills."""

    spill: type[msgspec.Struct]
    columns: Callable[[Sequence[Any]], Any]
    """Takes a batch, returns an object whose attributes are flat arrays."""


@dataclass
class Histogram:
    """A histogram's declaration. Without a function it is filled with the column of its name."""

    name: str
    axes: tuple[Axis, ...]
    title: str
    function: Callable[[Any], Values]


@dataclass(eq=False)
class Reducer:
    """The histograms and figures of one detector.

    Raises:
        DeclarationError: the name is no file name.

    """

    name: str
    reads: Spills = field(kw_only=True)
    keywords: tuple[str, ...] = field(default=(), kw_only=True)
    histograms: dict[str, Histogram] = field(default_factory=dict, init=False)
    figures: dict[str, Figure] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        try:
            check_tag(self.name)
        except DocumentError as error:
            raise DeclarationError(f"reducer {self.name!r}: {error.detail}") from None

    def hist(
        self, name: str, *axes: Axis, title: str = "", values: Callable[[Any], Values] | None = None
    ) -> Callable[[Callable[[Any], Values]], Callable[[Any], Values]]:
        """Declare a histogram of one or two axes.

        It is filled by the function `values`, or the one that this decorates, or else with the
        column of its own name.

        Raises:
            DeclarationError: the name is taken or is none, `values` is no function, there are not
                one or two axes, or they have too many bins together.

        """
        if not NAME.fullmatch(name):
            raise DeclarationError(f"{self.name}: histogram {name!r}: letters, digits and _ are accepted")
        if name in self.histograms:
            raise DeclarationError(f"{self.name}: histogram {name!r} is declared twice")
        if values is not None and not callable(values):
            raise DeclarationError(f"{self.name}: histogram {name!r}: values={values!r} is no function")
        self._check_axes(name, axes)
        histogram = Histogram(name, axes, title or name, values or attrgetter(name))
        self.histograms[name] = histogram

        def filled_by(function: Callable[[Any], Values]) -> Callable[[Any], Values]:
            histogram.function = function
            return function

        return filled_by

    def figure(
        self,
        tag: str,
        description: str = "",
        *,
        panels: Sequence[Sequence[str | Panel]],
        keywords: Sequence[str] = (),
        size: tuple[int, int] = (800, 800),
    ) -> None:
        """Declare a figure: rows of panels, each a histogram's name or a Panel.

        Raises:
            DeclarationError: the tag is taken or is no file name, or the panels are no rows of
                declared histograms that can be shown together.

        """
        if isinstance(panels, str) or any(isinstance(row, (str, Panel)) for row in panels):
            raise DeclarationError(f"{self.name}: figure {tag!r}: panels are a list of rows: [[...], [...]]")
        if isinstance(keywords, str):
            raise DeclarationError(f"{self.name}: figure {tag!r}: keywords are a list: [{keywords!r}]")
        rows = tuple(tuple(Panel.of(panel) for panel in row) for row in panels)
        figure = Figure(
            tag=tag, description=description or tag, keywords=tuple(keywords), rows=rows, size=size
        )
        if tag in self.figures:
            raise DeclarationError(f"{self.name}: figure {tag!r} is declared twice")
        if tag == self.name:
            raise DeclarationError(f"{self.name}: figure {tag!r} has the name of its reducer's own file")
        for row in rows:
            for panel in row:
                self._check_panel(tag, panel)
        self.figures[tag] = figure

    def _check_axes(self, name: str, axes: Sequence[Any]) -> None:
        wrong = [axis for axis in axes if not isinstance(axis, Axis)]
        if wrong:
            raise DeclarationError(
                f"{self.name}: histogram {name!r}: {wrong[0]!r} is no axis: Regular or Integer is"
            )
        if len(axes) not in (1, 2):
            raise DeclarationError(
                f"{self.name}: histogram {name!r} has {len(axes)} axes: one or two are accepted"
            )
        bins = prod(axis.bins for axis in axes)
        if bins > MAX_BINS:
            raise DeclarationError(
                f"{self.name}: histogram {name!r} has {bins} bins: up to {MAX_BINS} are accepted"
            )

    def _check_panel(self, tag: str, panel: Panel) -> None:
        for series in panel.series:
            if series.histogram not in self.histograms:
                raise DeclarationError(
                    f"{self.name}: figure {tag!r} shows {series.histogram!r}, which is not declared"
                )
        axes = [len(self.histograms[series.histogram].axes) for series in panel.series]
        if axes != [2] and set(axes) != {1}:
            raise DeclarationError(
                f"{self.name}: figure {tag!r}: a panel shows 1-D histograms overlaid, or a single 2-D one"
            )


def check_values(histogram: Histogram, values: Any) -> tuple[npt.NDArray[Any], ...]:
    """Return what a histogram's function gave as one flat array an axis.

    Raises:
        ValueError: they are not one numeric array an axis, all of one shape.

    """
    given = values if isinstance(values, tuple) else (values,)
    if len(given) != len(histogram.axes):
        raise ValueError(f"{len(given)} arrays: {len(histogram.axes)} are needed, one an axis")
    if any(isinstance(array, np.ma.MaskedArray) for array in given):
        raise ValueError("a masked array: what is masked must be left out, as by compressed()")
    arrays = tuple(np.asarray(array) for array in given)
    if any(array.ndim == 0 for array in arrays):
        raise ValueError("a single value: an array is needed, whose length is the number of entries")
    if len({array.shape for array in arrays}) > 1:
        raise ValueError(f"arrays of different shapes: {', '.join(str(array.shape) for array in arrays)}")
    if any(array.dtype.kind not in "iufb" for array in arrays):
        raise ValueError(f"arrays of {', '.join(str(array.dtype) for array in arrays)}: numbers are needed")
    return tuple(array.ravel() for array in arrays)
