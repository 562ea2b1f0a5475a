"""The floor: what nobody gets below with these means."""

from pathlib import Path

import msgspec

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


if __name__ == "__main__":
    answer({"decode": decode, "copy": copy})
