"""Documents in: what they are, and where they come from."""

from runfolio.stream.batches import STRETCH, Batch, Batching, Item, Read, Stopped, in_batches, received
from runfolio.stream.decoding import Decoder
from runfolio.stream.documents import BrokenOff, Document, Kind, Part, Refused, Spill, SpillMark
from runfolio.stream.fingerprints import fingerprint
from runfolio.stream.images import read_images
from runfolio.stream.keys import FileName, Keys
from runfolio.stream.lines import Line, split_lines
from runfolio.stream.numbers_read import what_was_read
from runfolio.stream.places import BEGINNING, Place
from runfolio.stream.readers import ColumnReader, DocumentReader, Reader, record_reader
from runfolio.stream.reading import read_documents
from runfolio.stream.records import RecordDecoder
from runfolio.stream.rows import Rows, no_rows_of, rows_of
from runfolio.stream.sources import STDIN, File, Source, Stop, expanded, file_source, open_sources, total_size
from runfolio.stream.writing import HeldRun, StreamWriter, WriterState

__all__ = [
    "BEGINNING",
    "STDIN",
    "STRETCH",
    "Batch",
    "Batching",
    "BrokenOff",
    "ColumnReader",
    "Decoder",
    "Document",
    "DocumentReader",
    "File",
    "FileName",
    "HeldRun",
    "Item",
    "Keys",
    "Kind",
    "Line",
    "Part",
    "Place",
    "Read",
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
    "WriterState",
    "expanded",
    "file_source",
    "fingerprint",
    "in_batches",
    "no_rows_of",
    "open_sources",
    "read_documents",
    "read_images",
    "received",
    "record_reader",
    "rows_of",
    "split_lines",
    "total_size",
    "what_was_read",
]
