"""All images of a job: each reducer's .root file, then its figures and tables in each image type, and trees.

An image that can't be made costs itself alone, and is told of. matplotlib and uproot take half a second
to import and are imported where they are used: a process that only sends jobs never needs them.
"""

# ruff: noqa: PLC0415

from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from typing import Any, NamedTuple

from runfolio.images import Image
from runfolio.plots.figures import Figure
from runfolio.plots.table import TableFigure
from runfolio.render.job import ROOT, Failure, ReducerView, Rendered, RenderJob, TableView, TreeView


class Recipe(NamedTuple):
    """An image to be made."""

    tag: str
    image_type: str
    make: Callable[[], Image]

    def made(self) -> Image | Failure:
        """Make it; pictures are made within `style.fixed_style`."""
        try:
            return self.make()
        except Exception as error:  # noqa: BLE001 - whatever it is, the other images are still made
            return Failure.of(self.tag, self.image_type, f"{type(error).__name__}: {error}")


def render(job: RenderJob) -> Rendered:
    """Make all images of a job, here and now."""
    if not job.image_types:
        return rendered(recipe.made() for recipe in recipes(job))
    from runfolio.render.style import fixed_style

    with fixed_style():
        return rendered(recipe.made() for recipe in recipes(job))


def rendered(results: Iterable[Image | Failure]) -> Rendered:
    """Return images and failures apart, in their order."""
    made = tuple(results)
    return Rendered(
        images=tuple(each for each in made if isinstance(each, Image)),
        failures=tuple(each for each in made if isinstance(each, Failure)),
    )


def recipes(job: RenderJob) -> Iterator[Recipe]:
    """Give what makes each image of a job, in the order of declaration.

    A figure is drawn once for all its image types, and its sheet kept as long as one of their recipes.
    """
    for view in job.reducers:
        if view.counts:
            yield Recipe(view.name, ROOT, partial(_root_image, view, job))
        for figure in view.figures:
            yield from _pictures(figure, job, partial(_sheet, view, figure, job), producer=view.name)
        for table in view.tables:
            make = partial(_table_sheet, table, job)
            yield from _pictures(table.figure, job, make, producer=view.name, table=table.readings)
        for tree in view.trees:
            yield Recipe(tree.tag, ROOT, partial(_tree_image, view, tree, job))


def _pictures(
    figure: Figure | TableFigure, job: RenderJob, make: Callable[[], Any], **about: Any
) -> Iterator[Recipe]:
    sheet = cache(make)
    for image_type in job.image_types:
        yield Recipe(figure.tag, image_type, partial(_picture, figure, job, image_type, sheet, **about))


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
