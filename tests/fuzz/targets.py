"""What is fuzzed: functions that take any bytes, and raise only where something promised does not hold.

Errors that are declared are part of what is promised; any other, and any wrong account, is a find.
"""

import atexit
import io
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

from runfolio.console import open_console
from runfolio.datacards import Card, read_cards, read_table
from runfolio.errors import DocumentError, FolderError, SettingsError
from runfolio.folder import read_record
from runfolio.images import IMAGE_TYPE, TAG
from runfolio.mice.reducers import EVERY
from runfolio.plots import Spills
from runfolio.reports import show_json, show_run
from runfolio.stream import Batch, Decoder, Document, Keys, Kind, Line, Refused, read_images, split_lines
from runfolio.stream.batches import SPILLS, Batching, Item, in_batches
from runfolio.stream.json_columns import ColumnDecoder
from runfolio.stream.lines import BYTE_ORDER_MARK
from runfolio.stream.reading import LineDecoder, read_documents

Target = Callable[[bytes], None]

DECODER = Decoder([each.reads.spill for each in EVERY if isinstance(each.reads, Spills)])
KEYS = Keys(run="run", end=("word", "end"), number="n", time="t")
COLUMNS = ("x", "a.b", "word")
SOURCE = "fuzz"
LONGEST = 1 << 20
BLANK = b" \t\n\r\x0b\x0c"


def stream(data: bytes) -> None:
    """Read lines, and documents of MICE's stream."""
    _check_batches(data, DECODER, SPILLS)


def own(data: bytes) -> None:
    """Read lines, and rows of one's own data, with all that is asked of them."""
    decoder = ColumnDecoder(KEYS, dict.fromkeys(COLUMNS))
    how = Batching(data=decoder.rows, marks=decoder.marks, by_run=True)
    for batch in _check_batches(data, decoder, how):
        for name in COLUMNS:
            assert len(getattr(batch.data, name)) == len(batch.data)


def _check_batches(data: bytes, decoder: LineDecoder, how: Batching) -> list[Batch]:
    """Check lines, documents and batches, and return these.

    The first two bytes say how the data are cut, and how long a line may be.
    """
    size, limit, data = data[0] + 1 if data else 1, data[1] * 64 + 1 if data[1:] else LONGEST, data[2:]
    chunks = [data[start : start + size] for start in range(0, len(data), size)]
    lines = [line for line in split_lines(SOURCE, chunks, limit) if line]
    assert lines == list(split_lines(SOURCE, [data], limit))
    _check_places(data, lines)
    items = list(read_documents(lines, decoder, limit))
    assert [part for item in items for part in _parts(item)] == [line.data for line in lines]
    given = list(in_batches(items, how))
    assert sum(each.received if isinstance(each, Batch) else 1 for each in given) == len(items)
    return [each for each in given if isinstance(each, Batch)]


def _check_places(data: bytes, lines: Sequence[Line]) -> None:
    """Check that lines stand where they say, and that nothing but blanks stands between them."""
    end = 0
    for line in lines:
        between = data[end : line.offset]
        assert not between.removeprefix(b"" if end else BYTE_ORDER_MARK).strip(BLANK)
        assert line.number == data.count(b"\n", 0, line.offset) + 1
        assert data[line.offset :].startswith(line.data)
        assert line.complete or line.length > len(line.data)
        end = line.offset + line.length
        assert data[end : end + 1] in (b"\n", b"")
    rest = data[end:]
    assert not rest.removeprefix(b"" if end else BYTE_ORDER_MARK).strip(BLANK)


def _parts(item: Item) -> list[bytes]:
    """Return the lines that a document, or what was refused, was made of."""
    assert item is not None
    if isinstance(item, Refused):
        assert item.reason
        assert item.detail
    return item.line.data.split(b"\n")


def images(data: bytes) -> None:
    """Read an image document, one of the old forms, or the entries of a list."""
    for text in (data, b'{"maus_event_type":"Image","run_number":1,"image_list":[' + data + b"]}"):
        try:
            document = DECODER.decode(Line(SOURCE, 1, 0, text, len(text)))
        except DocumentError as error:
            assert error.reason
            continue
        if document.kind is Kind.IMAGE:
            _check_images(document)


def _check_images(document: Document) -> None:
    found = list(read_images(document.body))
    assert len(found) == len(document.body.image_list)
    for image in found:
        if isinstance(image, DocumentError):
            assert image.reason
            assert image.detail.startswith("image_list[")
        else:
            assert TAG.fullmatch(image.tag)
            assert IMAGE_TYPE.fullmatch(image.image_type)
            assert image.data


def cards(data: bytes) -> None:
    """Read a datacard file, and the same as a settings file."""
    for read, name in ((read_cards, "cards.py"), (read_table, "runfolio.toml")):
        path = _file(name, data)
        try:
            found: Mapping[str, Card] = read(path)
        except SettingsError as error:
            assert str(error).startswith(str(path))
            continue
        lines = data.count(b"\n") + data.count(b"\r") + 1
        assert all(1 <= card.line <= lines for card in found.values())


def _file(name: str, data: bytes) -> Path:
    """Return a file that holds these bytes; it is written anew each time."""
    path = _directory() / name
    path.write_bytes(data)
    return path


@cache
def _directory() -> Path:
    directory = tempfile.TemporaryDirectory(prefix="runfolio-fuzz-")
    atexit.register(directory.cleanup)
    return Path(directory.name)


def run_record(data: bytes) -> None:
    """Read a run.json, and show what it says."""
    path = _file("run.json", data)
    try:
        record = read_record(path.parent)
    except FolderError as error:
        assert str(path) in str(error)
        return
    out, told = io.StringIO(), io.StringIO()
    show_run(open_console(out), Path("4235"), record, every=True)
    assert all(line.isprintable() for line in out.getvalue().split("\n"))
    show_json(told, record)
    json.loads(told.getvalue())


TARGETS: Mapping[str, Target] = {
    "stream": stream,
    "own": own,
    "images": images,
    "cards": cards,
    "run_record": run_record,
}
