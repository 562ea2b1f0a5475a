"""Whether an image's data are of the type that it is said to be: by how files of that type begin.

Not whether a picture is whole: only whoever shows it knows. Types that are not named here pass as they are.
"""

import re
from collections.abc import Callable

from runfolio.errors import DocumentError

HEAD = 1 << 16
"""Bytes in which the first element of an SVG must come, after comments and the like."""

# Each part is taken once and never again in another way, so that the time is linear in hostile data.
_SVG = re.compile(
    rb"(?:\xef\xbb\xbf)?"
    rb"(?>\s++|<\?(?>.*?\?>)|<!--(?>.*?-->)|<!DOCTYPE[^\[>]*+(?>\[.*?\]\s*+)?>)*+"
    rb"<(?:[\w.-]++:)?svg[\s/>]",
    re.DOTALL,
)


def _begins(*signatures: bytes) -> Callable[[bytes], bool]:
    return lambda data: data.startswith(signatures)


def _is_webp(data: bytes) -> bool:
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def _is_svg(data: bytes) -> bool:
    return _SVG.match(data[:HEAD]) is not None


_KINDS: dict[str, Callable[[bytes], bool]] = {
    "PNG": _begins(b"\x89PNG\r\n\x1a\n"),
    "JPEG": _begins(b"\xff\xd8\xff"),
    "GIF": _begins(b"GIF87a", b"GIF89a"),
    "PDF": _begins(b"%PDF-"),
    "PostScript": _begins(b"%!", b"\x04%!", b"\xc5\xd0\xd3\xc6"),
    "SVG": _is_svg,
    "ROOT": _begins(b"root"),
    "WebP": _is_webp,
    "TIFF": _begins(b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
    "BMP": _begins(b"BM"),
}
"""How files of each kind begin."""

_KIND_OF = {
    "png": "PNG", "jpg": "JPEG", "jpeg": "JPEG", "gif": "GIF", "webp": "WebP", "tif": "TIFF", "tiff": "TIFF",
    "bmp": "BMP", "svg": "SVG", "pdf": "PDF", "eps": "PostScript", "ps": "PostScript", "root": "ROOT",
}  # fmt: skip


def check_content(tag: str, image_type: str, data: bytes) -> bytes:
    """Return data that fit their image type.

    Raises:
        DocumentError: a file of that type begins in another way.

    """
    kind = _KIND_OF.get(image_type.lower())
    if kind is None or _KINDS[kind](data):
        return data
    found = next((f"look like {name}" for name, fits in _KINDS.items() if fits(data)), f"are no {kind}")
    raise DocumentError("wrong_content", f"tag {tag}: said to be {image_type}, but its data {found}")
