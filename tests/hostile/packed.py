"""Compressed files that stand for far more than they are, that are cut or damaged, or packed twice."""

import gzip
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import zstandard

from support import spill, stream

BLOCK = 1 << 20
ONE, TWO = stream(spill(1, 1)), stream(spill(1, 2))


@dataclass(frozen=True, kw_only=True)
class Packed:
    """A compressed file, and what has to come of it."""

    name: str
    file: str
    made: Callable[[], bytes]
    filled: int = 2
    rejected: dict[str, int] = field(default_factory=dict)
    says: str = ""
    """What is said of a file that cannot be read to its end."""


def gzipped(parts: Iterable[bytes]) -> bytes:
    """Return one member of gzip."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(map(packer.compress, parts)) + packer.flush()


def zstandard_frame(parts: Iterable[bytes]) -> bytes:
    """Return one frame of Zstandard."""
    packer = zstandard.ZstdCompressor().compressobj()
    return b"".join(map(packer.compress, parts)) + packer.flush()


def _around(unit: bytes, blocks: int) -> Iterable[bytes]:
    """Give two spills, and between them blocks of a megabyte of these bytes."""
    yield ONE
    for _ in range(blocks):
        yield unit * BLOCK
    yield b"\n" + TWO


def _bombs(blocks: int) -> tuple[Packed, ...]:
    return (
        Packed(
            name="zeros in gzip",
            file="bomb.gz",
            made=lambda: gzipped(_around(b"\0", blocks)),
            rejected={"too_long": 1},
        ),
        Packed(
            name="zeros in Zstandard",
            file="bomb.zst",
            made=lambda: zstandard_frame(_around(b"\0", blocks)),
            rejected={"too_long": 1},
        ),
        Packed(name="newlines in gzip", file="bomb.gz", made=lambda: gzipped(_around(b"\n", blocks))),
        Packed(
            name="newlines in Zstandard",
            file="bomb.zst",
            made=lambda: zstandard_frame(_around(b"\n", blocks)),
        ),
    )


BOMBS = _bombs(1000)
"""A thousand megabytes each."""

WHOLE = gzip.compress(ONE + TWO, mtime=0)

CASES = (
    *_bombs(100),
    Packed(
        name="10,000 members without a byte",
        file="members.gz",
        made=lambda: gzip.compress(ONE) + gzip.compress(b"") * 10_000 + gzip.compress(TWO),
    ),
    Packed(
        name="10,000 frames without a byte",
        file="frames.zst",
        made=lambda: zstandard_frame([ONE]) + zstandard_frame([]) * 10_000 + zstandard_frame([TWO]),
    ),
    Packed(name="a name that is wrong", file="spills.json", made=lambda: WHOLE),
    Packed(name="plain, and called compressed", file="spills.gz", made=lambda: ONE + TWO),
    Packed(
        name="cut within a member",
        file="cut.gz",
        made=lambda: gzip.compress(ONE) + gzip.compress(TWO)[:-12],
        filled=1,
        rejected={"cut_off": 1},
        says="cannot be read on at byte",
    ),
    Packed(
        name="cut within a frame",
        file="cut.zst",
        made=lambda: zstandard_frame([ONE]) + zstandard_frame([TWO])[:-8],
        filled=1,
        says="cannot be read on at byte",
    ),
    Packed(
        name="a wrong checksum",
        file="checksum.gz",
        made=lambda: gzip.compress(ONE + TWO)[:-8] + b"\0" * 8,
        says="cannot be read on at byte",
    ),
    Packed(
        name="rubbish behind a member",
        file="rubbish.gz",
        made=lambda: WHOLE + b"rubbish",
        says="cannot be read on at byte",
    ),
    Packed(
        name="gzip within gzip",
        file="twice.gz",
        made=lambda: gzip.compress(WHOLE),
        filled=0,
        says="compressed by gzip twice",
    ),
    Packed(
        name="a skipped frame of Zstandard",
        file="skipped.zst",
        made=lambda: zstandard_frame([ONE]) + b"\x50\x2a\x4d\x18\x04\0\0\0rubb" + zstandard_frame([TWO]),
    ),
    Packed(
        name="the beginning of gzip alone", file="begun.gz", made=lambda: b"\x1f\x8b", filled=0, says="ended"
    ),
)
