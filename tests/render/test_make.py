"""A job gives all its images in order; one that fails costs itself alone."""

import dataclasses
from typing import Any

import pytest

from runfolio.plots.figures import Figure, grid
from runfolio.render import Failure, ReducerView, RenderJob, draw, render
from runfolio.render.make import recipes


def with_figure(job: RenderJob, figure: Figure) -> RenderJob:
    view = job.reducers[0]
    changed = dataclasses.replace(view, figures=(view.figures[0], figure, view.figures[1]))
    return dataclasses.replace(job, reducers=(changed,))


def colored(color: str) -> Figure:
    figure = Figure(tag="bad", description="", rows=grid(["mass"], 1))
    [series] = figure.rows[0][0].series
    object.__setattr__(series, "color", color)  # past the check where it is declared
    return figure


def test_root_file_first_then_figures_in_each_type(job: RenderJob) -> None:
    made = render(dataclasses.replace(job, image_types=("png", "pdf"))).images
    assert [(each.tag, each.image_type) for each in made] == [
        ("Dimuon", "root"),
        ("both", "png"),
        ("both", "pdf"),
        ("all", "png"),
        ("all", "pdf"),
    ]


def test_images_carry_what_was_declared(job: RenderJob) -> None:
    root, both, _ = render(job).images
    assert (root.description, root.keywords, root.producer) == ("Dimuon", ("muon",), "Dimuon")
    assert (both.description, both.keywords, both.producer) == ("Mass, charge", ("TOF", "raw"), "Dimuon")


def test_without_image_types_only_root_files_are_made(job: RenderJob) -> None:
    assert [each.image_type for each in render(dataclasses.replace(job, image_types=())).images] == ["root"]


def test_a_figure_that_fails_costs_itself_alone(job: RenderJob) -> None:
    done = render(with_figure(job, colored("no colour")))
    assert [each.tag for each in done.images] == ["Dimuon", "both", "all"]
    assert [(each.tag, each.image_type) for each in done.failures] == [("bad", "png")]
    assert "no colour" in done.failures[0].reason


def test_a_missing_histogram_is_told(job: RenderJob) -> None:
    done = render(with_figure(job, Figure(tag="bad", description="", rows=grid(["nowhere"], 1))))
    assert done.failures == (
        Failure("bad", "png", "DeclarationError: a panel shows 'nowhere', no histogram"),
    )


def test_an_unknown_image_type_costs_itself_alone(job: RenderJob) -> None:
    done = render(dataclasses.replace(job, image_types=("gif", "png")))
    assert [each.image_type for each in done.images] == ["root", "png", "png"]
    assert [each.image_type for each in done.failures] == ["gif", "gif"]


def test_reasons_are_one_short_line(job: RenderJob) -> None:
    (failure,) = render(with_figure(job, colored("no\ncolour " * 100))).failures
    assert "\n" not in failure.reason
    assert len(failure.reason) <= 300


def test_recipes_name_every_image_before_any_is_made(job: RenderJob) -> None:
    assert [(each.tag, each.image_type) for each in recipes(job)] == [
        ("Dimuon", "root"),
        ("both", "png"),
        ("all", "png"),
    ]


def test_a_failure_says_why_in_one_line() -> None:
    assert Failure.of("Dimuon", "root", "the disk\nis gone") == Failure("Dimuon", "root", "the disk is gone")


def test_recipes_of_a_figure_s_types_draw_it_once(job: RenderJob, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    real = draw.draw

    def noted(figure: Figure, *rest: Any) -> Any:
        drawn.append(figure.tag)
        return real(figure, *rest)

    monkeypatch.setattr(draw, "draw", noted)
    render(dataclasses.replace(job, image_types=("png", "pdf", "svg")))
    assert drawn == ["both", "all"]


def test_rendering_twice_gives_the_same(job: RenderJob) -> None:
    assert render(job) == render(job)


def test_several_reducers_come_one_after_the_other(job: RenderJob, view: ReducerView) -> None:
    second = dataclasses.replace(view, name="Second", figures=())
    made = render(dataclasses.replace(job, reducers=(view, second))).images
    assert [each.tag for each in made] == ["Dimuon", "both", "all", "Second"]
