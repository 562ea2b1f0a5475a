"""A table's picture says what its readings say, in text that is neither cut off nor overlapping."""

import dataclasses
from typing import Any

import msgspec
import pytest

from pictures import assert_readable, texts, words
from runfolio.images import Caption
from runfolio.plots.table import TableFigure
from runfolio.readings import Readings
from runfolio.render import RenderJob, TableView, render
from runfolio.render.sheet import Sheet
from runfolio.render.table import draw_table


def drawn(readings: Readings, caption: Caption, size: tuple[int, int] | None = None) -> Sheet:
    return draw_table(TableFigure(tag="t", description="d", size=size), readings, caption)


def with_rows(readings: Readings, rows: int, **changes: Any) -> Readings:
    row = readings.rows[0]
    return msgspec.structs.replace(
        readings,
        rows=tuple(msgspec.structs.replace(row, row=f"Row {n}", **changes) for n in range(rows)),
    )


def test_a_table_says_its_readings_and_its_run(readings: Readings, caption: Caption) -> None:
    shown = words(drawn(readings, caption))
    assert {"Scalers", "Triggers", "72", "72.50", "142,857", "199", "GVA", "-"} <= shown
    assert {"mean of the", "last 10", "201 values are missing, 1 spill lost to an error", "live"} <= shown
    assert "run 4235 · 1250 spills · last spill 2013-11-28 09:54:09 UTC" in shown


def test_a_table_without_faults_says_nothing_of_them(readings: Readings, caption: Caption) -> None:
    sound = msgspec.structs.replace(with_rows(readings, 2, not_a_number=0), lost_spills=0)
    assert not any("lost" in each or "missing" in each for each in words(drawn(sound, caption)))


@pytest.mark.parametrize("rows", [1, 6, 30])
@pytest.mark.parametrize("size", [None, (800, 800), (400, 300), (1200, 500)])
def test_any_table_is_readable(
    readings: Readings, caption: Caption, rows: int, size: tuple[int, int] | None
) -> None:
    sheet = drawn(with_rows(readings, rows), caption, size)
    assert (sheet.width, sheet.height) == (size or (800, 170 + 32 * rows))
    assert_readable(sheet)


def test_wide_numbers_and_long_names_have_room(readings: Readings, caption: Caption) -> None:
    long = msgspec.structs.replace(readings.rows[0], row="$x$ \n long " * 30)
    wide = msgspec.structs.replace(
        long, last=-999_999_999_999_999.0, mean=-999_999_999_999_998.5, values=10**12
    )
    sheet = drawn(msgspec.structs.replace(readings, rows=(long, wide)), caption)
    assert_readable(sheet)
    assert "-999,999,999,999,999" in words(sheet)


def test_columns_stay_where_they_are_while_numbers_grow(readings: Readings, caption: Caption) -> None:
    def places(value: float) -> list[Any]:
        sheet = drawn(with_rows(readings, 2, last=value), caption)
        return [text.at[0] for text in texts(sheet)]

    assert places(1.0) == places(1e9)


def test_a_job_gives_a_picture_of_each_table_in_each_type(readings: Readings, job: RenderJob) -> None:
    figure = TableFigure(tag="scalers", description="Scalers", keywords=("daq",))
    view = dataclasses.replace(job.reducers[0], tables=(TableView(figure=figure, readings=readings),))
    images = render(
        dataclasses.replace(job, reducers=(view,), image_types=("png", "pdf", "svg", "eps"))
    ).images
    mine = [each for each in images if each.tag == "scalers"]
    assert [each.image_type for each in mine] == ["png", "pdf", "svg", "eps"]
    assert {(each.description, each.keywords, each.producer) for each in mine} == {
        ("Scalers", ("daq",), "Dimuon")
    }
    assert all(each.table == readings for each in mine)
    assert not any(each.table for each in images if each.tag != "scalers")


def test_a_reducer_without_histograms_has_no_file_of_them(readings: Readings, job: RenderJob) -> None:
    figure = TableFigure(tag="scalers", description="Scalers")
    view = dataclasses.replace(
        job.reducers[0], counts={}, figures=(), tables=(TableView(figure=figure, readings=readings),)
    )
    done = render(dataclasses.replace(job, reducers=(view,)))
    assert [each.tag for each in done.images] == ["scalers"]
    assert done.failures == ()
