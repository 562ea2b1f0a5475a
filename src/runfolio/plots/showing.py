"""How a reducer's histograms come to be shown: declared figures checked, and a histogram's own figure."""

from collections.abc import Mapping, Sequence
from typing import Any

from runfolio.errors import DeclarationError
from runfolio.nearest import advice
from runfolio.plots.axes import Category
from runfolio.plots.figures import Figure, Panel, cannot_share
from runfolio.plots.given import texts
from runfolio.plots.histogram import Histogram
from runfolio.plots.places import declared_here

OWN_SIZE = (700, 500)
"""Pixels of a histogram's own figure."""


def checked_figure(
    reducer: str,
    tag: str,
    panels: Sequence[Sequence[str | Panel]],
    *,
    description: str,
    keywords: Sequence[str],
    size: tuple[int, int],
    histograms: Mapping[str, Histogram],
) -> Figure:
    """Return the figure of these panels.

    Raises:
        DeclarationError: the tag is no file name, or the panels are no rows of these histograms that can
            be shown together.

    """
    if not _are_rows(panels):
        raise DeclarationError(f"figure {tag!r:.80}: panels are a list of rows: [[...], [...]]")
    rows = tuple(tuple(Panel.of(panel) for panel in row) for row in panels)
    figure = Figure(
        tag=tag,
        description=description or tag,
        keywords=texts(f"figure {tag!r:.80}", "keywords", keywords),
        rows=rows,
        size=size,
        place=declared_here(),
    )
    for row in rows:
        for panel in row:
            _check_panel(reducer, tag, panel, histograms)
    return figure


def _are_rows(panels: Any) -> bool:
    return _is_list(panels) and all(map(_is_list, panels))


def _is_list(panels: Any) -> bool:
    return isinstance(panels, Sequence) and not isinstance(panels, str)


def _check_panel(reducer: str, tag: str, panel: Panel, histograms: Mapping[str, Histogram]) -> None:
    for series in panel.series:
        if series.histogram not in histograms:
            raise DeclarationError(
                f"figure {tag!r} shows {series.histogram!r}, which is not declared in {reducer};"
                f" {advice(str(series.histogram), histograms)}"
            )
    shown = [histograms[series.histogram] for series in panel.series]
    wrong = cannot_share(
        [len(each.axes) for each in shown],
        [each.kind for each in shown],
        [isinstance(each.axes[0], Category) for each in shown],
    )
    if wrong:
        raise DeclarationError(f"figure {tag!r}: {wrong}")


def own_figure(histogram: Histogram, keywords: tuple[str, ...]) -> Figure:
    """Return the figure of one histogram that is in no other."""
    return Figure(
        tag=histogram.name,
        description=histogram.title,
        keywords=keywords,
        rows=((Panel.of(histogram.name),),),
        size=OWN_SIZE,
        place=histogram.place,
    )
