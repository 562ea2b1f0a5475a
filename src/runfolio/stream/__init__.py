"""Documents in: what they are, and where they come from."""

from runfolio.stream.batches import Batch, Item, Stopped, in_batches
from runfolio.stream.decoding import Decoder
from runfolio.stream.documents import Document, Kind, Part, Refused, Spill, SpillMark
from runfolio.stream.images import read_images
from runfolio.stream.keys import FileName, Keys
from runfolio.stream.lines import Line, split_lines
from runfolio.stream.readers import ColumnReader, DocumentReader, Reader
from runfolio.stream.reading import read_documents
from runfolio.stream.records import RecordDecoder
from runfolio.stream.rows import Rows, rows_of
from runfolio.stream.sources import STDIN, Source, Stop, expanded, open_sources, total_size
from runfolio.stream.writing import StreamWriter

__all__ = [
    "STDIN",
    "Batch",
    "ColumnReader",
    "Decoder",
    "Document",
    "DocumentReader",
    "FileName",
    "Item",
    "Keys",
    "Kind",
    "Line",
    "Part",
    "Reader",
    "RecordDecoder",
    "Refused",
    "Rows",
    "Source",
    "Spill",
    "SpillMark",
    "Stop",
    "Stopped",
    "StreamWriter",
    "expanded",
    "in_batches",
    "open_sources",
    "read_documents",
    "read_images",
    "rows_of",
    "split_lines",
    "total_size",
]
