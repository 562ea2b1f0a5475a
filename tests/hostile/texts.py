"""Texts that would do harm to a terminal, a page, a database or a shell, in every text of the stream."""

from typing import Any

from hostile.cases import Case, lines
from support import spill

TEXTS = {
    "a title of the window": "\x1b]0;owned\x07",
    "a hyperlink": "\x1b]8;;http://example.org\x1b\\click\x1b]8;;\x1b\\",
    "the clipboard": "\x1b]52;c;b3duZWQ=\x07",
    "colours": "\x1b[31;5mred\x1b[0m",
    "a cleared screen": "\x1b[2J\x1b[H",
    "a question to the terminal": "\x1b[6n\x1b[c\x05",
    "bells": "\x07\x07",
    "8-bit controls": "\x9b2J\x9d0;owned\x9c\x90q\x9c",
    "text from right to left": "\u202egnp.exe\u2066\u200f",
    "a line written over": "good\rbad\x08\x08\x7f",
    "separators of lines": "a\u2028b\u2029c\x85d\x0be\x0cf",
    "nothing to be seen": "\u200b\ufeff\u00ad",
    "tags of Unicode": "\U000e0041\U000e007f",
    "HTML": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "SQL": "'; DROP TABLE runs; --",
    "formats": "%s%n%d{0}{0.__class__}{}$x${HOME}",
    "markup": "[bold red]x[/bold red] :smile: [link=http://example.org]",
    "a shell's words": "$(touch owned) `touch owned`; touch owned | & > owned",
    "mathematics of TeX": r"$\frac{$ x^{",
    "look-alikes": "\u0430\uff0f\u2024\u2024\uff0fpasswd",
}


def entry(**fields: Any) -> dict[str, Any]:
    """Return an entry of an image document."""
    return {"tag": "sent", "image_type": "dat", "data": "c2VudA==", **fields}


def images(*entries: Any, **fields: Any) -> dict[str, Any]:
    """Return an image document of run 1."""
    return {"maus_event_type": "Image", "run_number": 1, "image_list": list(entries), **fields}


def everywhere(text: str) -> bytes:
    """Return documents with a text wherever the stream has one."""
    return lines(
        {"maus_event_type": "JobHeader", "start_of_job": {"date_time": text}, text: text},
        spill(1, 5, daq_event_type=text),
        spill(1, 6, errors={text: [text, {text: text}]}, **{text: text}),
        {"maus_event_type": text, "run_number": 1},
        spill(1, 7) | {"spill_number": text},
        spill(1, 8) | {"run_number": text},
        images(entry(description=text, keywords=[text, text]), errors={text: text}),
        images(entry(tag=text), entry(image_type=text), entry(data=text)),
        b"no JSON " + text.encode(),
    )


SET_ASIDE = dict.fromkeys(
    ("unknown_kind", "wrong_type", "bad_run_number", "bad_tag", "bad_image_type", "bad_base64", "not_json"), 1
)
"""Of the documents and entries of `everywhere`."""

CASES = tuple(
    Case(
        name=f"{name} in every text",
        sent=everywhere(text),
        documents=9,
        job_marks=1,
        counted={"passed_over": 1, "filled": 1, "images": 2},
        rejected=SET_ASIDE,
        images=frozenset({"imagesent.dat"}),
    )
    for name, text in TEXTS.items()
)
