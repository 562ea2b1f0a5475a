"""Files carry their run, and the same job gives the same bytes whenever and wherever it is drawn."""

import dataclasses
import os
import pickle
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image as Pillow

from runfolio.errors import DeclarationError
from runfolio.images import Caption
from runfolio.plots.figures import Figure
from runfolio.render.draw import draw
from runfolio.render.encode import encode
from runfolio.render.job import ReducerView, RenderJob
from runfolio.render.make import render
from runfolio.render.raster import pixels

TYPES = ("png", "pdf", "svg", "eps")
RENDER = """
import pickle, sys
from pathlib import Path
from runfolio.render import render
job = pickle.loads(Path(sys.argv[1]).read_bytes())
Path(sys.argv[2]).write_bytes(pickle.dumps(render(job)))
"""


def encoded(view: ReducerView, caption: Caption, image_type: str, figure: Figure | None = None) -> bytes:
    figure = figure or view.figures[0]
    return encode(draw(figure, view.counts, caption), image_type, figure, caption, 1385632500.0)


def png(view: ReducerView, caption: Caption) -> Pillow.Image:
    return Pillow.open(BytesIO(encoded(view, caption, "png")))


def test_png_has_the_figure_s_size(view: ReducerView, caption: Caption) -> None:
    assert png(view, caption).size == (400, 300)


def test_png_carries_its_run(view: ReducerView, caption: Caption) -> None:
    info = png(view, caption).info
    assert (info["Run"], info["Spills"], info["State"]) == ("4235", "1250", "live")
    assert info["Last spill"] == "2013-11-28 09:54:09 UTC"
    assert (info["Tag"], info["Description"], info["Keywords"]) == ("both", "Mass, charge", "TOF, raw")
    assert info["Software"] == "runfolio"


def test_png_without_time_stamps_says_so(view: ReducerView, caption: Caption) -> None:
    info = png(view, dataclasses.replace(caption, last_spill_time=None)).info
    assert info["Last spill"] == "no time stamps"


def test_png_shows_the_pixels_drawn(view: ReducerView, caption: Caption) -> None:
    sheet = draw(view.figures[0], view.counts, caption)
    drawn = pixels(sheet)
    assert (drawn[:, :, 3] == 255).all()
    assert np.array_equal(np.asarray(png(view, caption)), drawn)


def test_pdf_carries_its_run(view: ReducerView, caption: Caption) -> None:
    data = encoded(view, caption, "pdf")
    assert data.startswith(b"%PDF")
    assert b"run 4235, 1250 spills, last spill 2013-11-28 09:54:09 UTC, live" in data
    assert b"(D:20131128095500Z)" in data


def test_svg_carries_its_run(view: ReducerView, caption: Caption) -> None:
    root = ET.fromstring(encoded(view, caption, "svg"))  # noqa: S314 - it was made here
    assert any("run 4235, 1250 spills" in (each.text or "") for each in root.iter())
    assert root.get("width") == "225pt"


def test_eps_carries_its_run_and_one_date(view: ReducerView, caption: Caption) -> None:
    data = encoded(view, caption, "eps")
    assert data.startswith(b"%!PS-Adobe-3.0 EPSF-3.0")
    assert b"%%Title: both, run 4235, 1250 spills" in data
    assert data.count(b"%%CreationDate: 2013-11-28T09:55:00Z\n") == data.count(b"CreationDate") == 1


@pytest.mark.parametrize("image_type", TYPES)
def test_hostile_descriptions_stay_text(view: ReducerView, caption: Caption, image_type: str) -> None:
    hostile = "a)\n%%EOF <b>&\x00\ud800 ]]> 漢 \\"
    figure = dataclasses.replace(view.figures[1], description=hostile, keywords=(hostile,))
    data = encoded(view, caption, image_type, figure)
    assert b"\n%%EOF <b>" not in data
    if image_type == "svg":
        ET.fromstring(data)  # noqa: S314 - it was made here


def test_other_types_are_refused(view: ReducerView, caption: Caption) -> None:
    with pytest.raises(DeclarationError, match="png, pdf, svg, eps"):
        encoded(view, caption, "gif")


@pytest.mark.parametrize(
    "environment", [{"PYTHONHASHSEED": "1"}, {"SOURCE_DATE_EPOCH": "86400", "TZ": "Asia/Tokyo"}]
)
def test_another_process_gives_the_same_bytes(
    job: RenderJob, tmp_path: Path, environment: dict[str, str]
) -> None:
    job = dataclasses.replace(job, image_types=TYPES)
    (tmp_path / "matplotlibrc").write_text("figure.facecolor: red\nfont.size: 30\n")
    (tmp_path / "job").write_bytes(pickle.dumps(job))
    there = {**os.environ, "MATPLOTLIBRC": str(tmp_path), **environment}
    command = [sys.executable, "-W", "error", "-c", RENDER, str(tmp_path / "job"), str(tmp_path / "done")]
    subprocess.run(command, env=there, check=True, timeout=60)
    assert pickle.loads((tmp_path / "done").read_bytes()) == render(job)  # noqa: S301 - it was made here


def test_a_png_does_not_depend_on_the_date_of_writing(job: RenderJob) -> None:
    later = dataclasses.replace(job, written_at=job.written_at + 1e6)
    assert render(job).images[1].data == render(later).images[1].data
