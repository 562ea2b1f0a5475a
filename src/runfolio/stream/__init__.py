"""Documents in: what they are, and where they come from."""

from runfolio.stream.decoding import Decoder
from runfolio.stream.documents import (
    END_OF_RUN,
    MARKERS,
    PHYSICS,
    Document,
    Kind,
    Refused,
    Spill,
)
from runfolio.stream.images import read_images
from runfolio.stream.keys import FileName, Keys
from runfolio.stream.lines import Line, split_lines
from runfolio.stream.reading import SpillBatch, Stopped, in_batches, read_documents
from runfolio.stream.rows import Rows, rows_of
from runfolio.stream.sources import STDIN, Source, Stop, open_sources, total_size
from runfolio.stream.writing import StreamWriter

__all__ = [
    "END_OF_RUN",
    "MARKERS",
    "PHYSICS",
    "STDIN",
    "Decoder",
    "Document",
    "FileName",
    "Keys",
    "Kind",
    "Line",
    "Refused",
    "Rows",
    "Source",
    "Spill",
    "SpillBatch",
    "Stop",
    "Stopped",
    "StreamWriter",
    "in_batches",
    "open_sources",
    "read_documents",
    "read_images",
    "rows_of",
    "split_lines",
    "total_size",
]
