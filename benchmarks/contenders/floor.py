"""The floor: what nobody gets below with these means."""

import os
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from PIL import Image

from benchmarks.answering import answer, timed
from runfolio.mice.reducers import BEAM_LINE
from runfolio.plots import Spills
from runfolio.stream.documents import Spill
from runfolio.stream.merging import merge_structs


def decode(path: str) -> dict[str, float]:
    """Decode the lines of a file, which are in memory, into the structs that runfolio decodes them into."""
    structs = [each.reads.spill for each in BEAM_LINE if isinstance(each.reads, Spills)]
    decoder = msgspec.json.Decoder(merge_structs("Spill", [Spill, *structs]))
    lines = Path(path).read_bytes().splitlines()

    def decode_each() -> None:
        for line in lines:
            decoder.decode(line)

    return timed(decode_each)


def copy(path: str) -> dict[str, float]:
    """Copy a file's bytes in memory."""
    data = Path(path).read_bytes()
    return timed(lambda: bytearray(data))


def encode(path: str) -> dict[str, float]:
    """Encode the pixels of a picture as PNG, fast rather than small, and without what is told beside them."""
    with Image.open(path) as picture:
        pixels = picture.convert("RGB")
    return timed(lambda: pixels.save(BytesIO(), "png", compress_level=1))


def write(path: str) -> dict[str, float]:
    """Write the bytes of a file to another one, and force it to the disk."""
    data = Path(path).read_bytes()
    with TemporaryDirectory(prefix="bench.", dir=Path(path).parent) as directory:
        target = Path(directory, "copy")

        def write_all() -> None:
            with target.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())

        return timed(write_all)


if __name__ == "__main__":
    answer({"decode": decode, "copy": copy, "encode": encode, "write": write})
