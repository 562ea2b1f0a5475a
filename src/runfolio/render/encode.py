"""A drawn sheet made into the bytes of a PNG, PDF, SVG or EPS file, the run's data among them.

The same sheet, caption and date give the same bytes: matplotlib would write the present time,
or that of SOURCE_DATE_EPOCH, into all but PNG.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime

from runfolio.clock import utc_text
from runfolio.errors import DeclarationError
from runfolio.images import Caption
from runfolio.plots.figures import Figure
from runfolio.plots.table import TableFigure
from runfolio.render.draw import last_spill_text, last_spill_words, spills_text, state_text
from runfolio.render.png import png
from runfolio.render.raster import pixels
from runfolio.render.sheet import Sheet
from runfolio.render.words import DPI, one_line

Shown = Figure | TableFigure
SOFTWARE = "runfolio"


def encode(sheet: Sheet, image_type: str, figure: Shown, caption: Caption, written_at: float) -> bytes:
    """Return the bytes of a picture.

    Raises:
        DeclarationError: pictures of this type aren't made.

    """
    encoder = _ENCODERS.get(image_type)
    if encoder is None:
        raise DeclarationError(f"image type {image_type!a}: {', '.join(_ENCODERS)} are drawn")
    return encoder(sheet, figure, caption, written_at)


def _png(sheet: Sheet, figure: Shown, caption: Caption, _written_at: float) -> bytes:
    """No date is among the chunks, so that a picture with the same counts and caption stays the same file."""
    chunks = {
        "Software": SOFTWARE,
        "Tag": figure.tag,
        "Description": one_line(figure.description),
        "Keywords": one_line(", ".join(figure.keywords)),
        "Run": str(caption.run_number),
        "Spills": str(caption.spills),
        "Last spill": last_spill_words(caption),
        "State": state_text(caption),
    }
    return png(pixels(sheet), {key: text for key, text in chunks.items() if text}, DPI)


def _pdf(sheet: Sheet, figure: Shown, caption: Caption, written_at: float) -> bytes:
    return _save(
        sheet,
        "pdf",
        {
            "Title": one_line(figure.description) or figure.tag,
            "Subject": _subject(figure, caption),
            "Keywords": one_line(", ".join(figure.keywords)),
            "Creator": SOFTWARE,
            "CreationDate": datetime.fromtimestamp(written_at, UTC),
        },
    )


def _svg(sheet: Sheet, figure: Shown, caption: Caption, written_at: float) -> bytes:
    return _save(
        sheet,
        "svg",
        {
            "Title": one_line(figure.description) or figure.tag,
            "Description": _subject(figure, caption),
            "Keywords": [one_line(keyword) for keyword in figure.keywords],
            "Creator": SOFTWARE,
            "Date": utc_text(written_at),
        },
    )


def _eps(sheet: Sheet, figure: Shown, caption: Caption, written_at: float) -> bytes:
    """EPS has comments only: the run is put in among them, and matplotlib's date replaced."""
    data = _save(sheet, "eps", {"Creator": SOFTWARE})
    title = _subject(figure, caption).encode("ascii", "replace").decode("ascii")
    comments = f"%%Title: {title[:240]}\n%%CreationDate: {utc_text(written_at)}"
    return re.sub(rb"%%CreationDate: [^\n]*", lambda _: comments.encode("ascii"), data, count=1)


def _save(sheet: Sheet, image_type: str, metadata: dict[str, object]) -> bytes:
    from runfolio.render.vector import save  # noqa: PLC0415 - matplotlib's figures take 0.1 s to import

    return save(sheet, image_type, metadata)


def _subject(figure: Shown, caption: Caption) -> str:
    run = (
        f"run {caption.run_number}, {spills_text(caption)}, {last_spill_text(caption)}, {state_text(caption)}"
    )
    return f"{figure.tag}, {run}"


_ENCODERS: dict[str, Callable[[Sheet, Shown, Caption, float], bytes]] = {
    "png": _png,
    "pdf": _pdf,
    "svg": _svg,
    "eps": _eps,
}
