"""All images of a job: each reducer's .root file, then its figures and tables in each image type, and trees.

An image that can't be made costs itself alone, and is told of. matplotlib and uproot take a second
to import and are imported where they are used: a process that only sends jobs never needs them.
"""

# ruff: noqa: PLC0415

from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

from runfolio.images import Image
from runfolio.plots.figures import Figure
from runfolio.plots.table import TableFigure
from runfolio.render.job import Failure, ReducerView, Rendered, RenderJob, TableView, TreeView

ROOT = "root"
_LONGEST_REASON = 300


def render(job: RenderJob) -> Rendered:
    """Make all images of a job, here and now."""
    from runfolio.render.sheet import fixed_style

    with fixed_style():
        made = [_try(*each) for view in job.reducers for each in _to_make(view, job)]
    images = tuple(each for each in made if isinstance(each, Image))
    return Rendered(images=images, failures=tuple(each for each in made if isinstance(each, Failure)))


def all_failed(job: RenderJob, reason: str) -> Rendered:
    """Return what `render` does when none of the images comes about."""
    wanted = [each for view in job.reducers for each in _to_make(view, job)]
    return Rendered(images=(), failures=tuple(Failure(tag, kind, _short(reason)) for tag, kind, _ in wanted))


_Recipe = tuple[str, str, Callable[[], Image]]
"""Tag, image type, and what makes the image."""


def _to_make(view: ReducerView, job: RenderJob) -> Iterator[_Recipe]:
    if view.counts:
        yield view.name, ROOT, partial(_root_image, view, job)
    for figure in view.figures:
        yield from _pictures(figure, job, partial(_sheet, view, figure, job), producer=view.name)
    for table in view.tables:
        make = partial(_table_sheet, table, job)
        yield from _pictures(table.figure, job, make, producer=view.name, table=table.readings)
    for tree in view.trees:
        yield tree.tag, ROOT, partial(_tree_image, view, tree, job)


def _pictures(
    figure: Figure | TableFigure, job: RenderJob, make: Callable[[], Any], **about: Any
) -> Iterator[_Recipe]:
    sheet = cache(make)  # drawn once for all image types
    for image_type in job.image_types:
        yield figure.tag, image_type, partial(_picture, figure, job, image_type, sheet, **about)


def _try(tag: str, image_type: str, make: Callable[[], Image]) -> Image | Failure:
    try:
        return make()
    except Exception as error:  # noqa: BLE001 - whatever it is, the other images are still made
        return Failure(tag, image_type, _short(f"{type(error).__name__}: {error}"))


def _short(reason: str) -> str:
    return " ".join(reason.split())[:_LONGEST_REASON]


def _root_image(view: ReducerView, job: RenderJob) -> Image:
    from runfolio.render.rootfile import root_file

    data = root_file(view, job.written_at)
    return Image(
        tag=view.name,
        image_type=ROOT,
        data=data,
        description=view.name,
        keywords=view.keywords,
        producer=view.name,
    )


def _tree_image(view: ReducerView, tree: TreeView, job: RenderJob) -> Image:
    from runfolio.render.treefile import tree_file

    return Image(
        tag=tree.tag,
        image_type=ROOT,
        data=tree_file(f"{view.name}/{tree.tag}", tree.rows, job.written_at),
        description=tree.rows.title,
        keywords=tree.keywords,
        producer=view.name,
        data_file=True,
    )


def _sheet(view: ReducerView, figure: Figure, job: RenderJob) -> Any:
    from runfolio.render.draw import draw

    return draw(figure, view.counts, job.caption)


def _table_sheet(table: TableView, job: RenderJob) -> Any:
    from runfolio.render.table import draw_table

    return draw_table(table.figure, table.readings, job.caption)


def _picture(
    figure: Figure | TableFigure, job: RenderJob, image_type: str, sheet: Callable[[], Any], **about: Any
) -> Image:
    from runfolio.render.encode import encode

    return Image(
        tag=figure.tag,
        image_type=image_type,
        data=encode(sheet(), image_type, figure, job.caption, job.written_at),
        description=figure.description,
        keywords=figure.keywords,
        **about,
    )
