"""Image documents of other programs: tags that would be paths, data that are none, and too many."""

import base64
from typing import Any

from hostile.cases import Case, lines
from hostile.texts import entry, images
from runfolio.mice.reducers import EVERY

BAD_TAGS = (
    "", ".", "..", "../x", "../../x", "/etc/passwd", "a/b", "a\\b", "C:\\x", ".hidden", "-rf", "~root", "a b",
    "@a", "+a", "a\0b", "a\nb", "a\x7f", "%2e%2e%2fx", "a:b", "a*", "a?", "a|b", "$HOME",
    "\uff0e\uff0e\uff0fx", "\u0430", "a\u202eb", "x" * 161, "x" * 100_000,
)  # fmt: skip
"""None of them may be part of a file's name."""
GOOD_TAGS = (
    "CON", "NUL", "COM1", "run", "live", "late", "manifest-sha256", "rejected", "a", "A", "a.", "a..b",
    "x.json", "json", "staging", "x" * 160,
)  # fmt: skip
"""They are harmless behind the prefix."""
BAD_TYPES = (
    "",
    ".png",
    "tar.gz",
    "../x",
    "json",
    "JSON",
    "p\0g",
    "p\ng",
    "pn\u0433",
    "x" * 17,
    "x" * 100_000,
)
NO_BASE64 = ("", "?", "AAA", "AA==AA==", "AAAA\n", " AAAA", "_-_-", "\u00e9", "AA.A", "=" * 1000)
NO_ENTRIES: tuple[Any, ...] = (None, 1, "image", [], [[]], {}, {"tag": "a"}, {"image": {}}, True)
WRONG_FIELDS: tuple[dict[str, Any], ...] = (
    {"tag": None}, {"tag": 1}, {"tag": ["a"]}, {"image_type": {}}, {"data": None}, {"data": [1]},
    {"description": None}, {"description": 1}, {"keywords": "a"}, {"keywords": [1]}, {"keywords": {}},
)  # fmt: skip


def _document(name: str, reason: str, entries: list[Any], **more: Any) -> Case:
    """Return the case of one document of entries that are all refused, and one that is filed."""
    return Case(
        name=name,
        sent=lines(images(*entries, entry())),
        counted={"images": 1},
        rejected={reason: len(entries)},
        images=frozenset({"imagesent.dat"}),
        **more,
    )


def _others(*names: str) -> frozenset[str]:
    return frozenset(f"image{name}.dat" for name in names)


OWN = ("ReducePyTOFPlot", "tof_time_tof0-tof1", "ReducePyTofCalib", "tofcalibdata_1")
"""Tags of MICE's reducers; of pictures none is drawn here, so that only files of histograms have theirs."""

CASES = (
    _document("tags that are no names of files", "bad_tag", [entry(tag=tag) for tag in BAD_TAGS]),
    _document("types that are none", "bad_image_type", [entry(image_type=each) for each in BAD_TYPES]),
    _document("data that are not base64", "bad_base64", [entry(data=data) for data in NO_BASE64]),
    _document("entries that are none", "wrong_type", list(NO_ENTRIES)),
    _document("fields of wrong types", "wrong_type", [entry(**fields) for fields in WRONG_FIELDS]),
    Case(
        name="tags that look dangerous and are not",
        sent=lines(images(*(entry(tag=tag) for tag in GOOD_TAGS))),
        counted={"images": 1},
        images=_others(*GOOD_TAGS),
    ),
    Case(
        name="a tag three times in a document",
        sent=lines(images(*(entry(data=base64.b64encode(each).decode()) for each in (b"a", b"b", b"c")))),
        counted={"images": 1},
        images=_others("sent"),
    ),
    Case(
        name="types that differ in case alone",
        sent=lines(images(*(entry(image_type=each) for each in ("dat", "DAT", "Dat")))),
        counted={"images": 1},
        images=frozenset({"imagesent.dat", "imagesent.DAT", "imagesent.Dat"}),
    ),
    Case(
        name="tags of our own, before the first spill",
        first=lines(images(*(entry(tag=tag) for tag in OWN))),
        sent=b"",
        reducers=EVERY,
        counted={"images": 1},
        images=_others("ReducePyTOFPlot_2", "tof_time_tof0-tof1", "ReducePyTofCalib_2", "tofcalibdata_1_2"),
    ),
    Case(
        name="10,000 bad entries",
        sent=lambda: lines(images(*(entry(tag=f"../{number}") for number in range(10_000)))),
        counted={"images": 1},
        rejected={"bad_tag": 10_000},
    ),
    Case(
        name="10,000 entries of one tag",
        sent=lambda: lines(images(*(entry(),) * 10_000)),
        counted={"images": 1},
        images=_others("sent"),
    ),
    Case(name="an empty list of images", sent=lines(images()), counted={"images": 1}),
    Case(
        name="images of the old forms with paths",
        sent=lines(
            {"image": entry(tag="../x"), "run_number": 1},
            entry(tag="/x"),
            {"image": None},
            {"image": [entry()]},
        ),
        documents=4,
        counted={"images": 4},
        rejected={"bad_tag": 2, "wrong_type": 2},
    ),
    Case(
        name="images for a run of their own",
        sent=lines(images(entry(), run_number=2**63 - 1)),
        runs={1: "run_footer", 2**63 - 1: "end_of_input"},
    ),
    Case(
        name="images of no run, with two open",
        sent=lines(images(entry(), run_number=2), images(entry(), run_number=None)),
        documents=2,
        rejected={"no_run": 1},
        runs={1: "run_footer", 2: "end_of_input"},
    ),
    Case(
        name="an entry nested without end",
        sent=b'{"maus_event_type": "Image", "run_number": 1, "image_list": [' + b"[" * 100_000 + b"\n",
        rejected={"not_json": 1},
    ),
    Case(
        name="an entry nested deeply",
        sent=lines(b'{"maus_event_type": "Image", "run_number": 1, "image_list": ['
                   + b"[" * 100_000 + b"]" * 100_001 + b"}"),
        rejected={"not_json": 1},
    ),
    Case(
        name="100,000 keywords and a description of a megabyte",
        sent=lambda: lines(images(entry(keywords=["k" * 9] * 100_000, description="d" * 1_000_000))),
        counted={"images": 1},
        images=_others("sent"),
    ),
    Case(
        name="keys of an entry that nobody reads",
        sent=lines(images(entry(path="/etc/passwd", __class__="x", file="../x", producer="ReducePyTOFPlot"))),
        counted={"images": 1},
        images=_others("sent"),
    ),
)  # fmt: skip
