"""JSON columns: rows of lines of JSON with any keys, of which those are decoded that plots ask for."""

import logging
from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Any

import msgspec
from msgspec import Struct, UnsetType

from runfolio.stream.column_files import unknown_column
from runfolio.stream.documents import Document, SpillMark
from runfolio.stream.json_keys import finder, struct_of, tops
from runfolio.stream.json_values import Shape, column_of, learned, shape_of_text, text_of_shape
from runfolio.stream.keys import Keys
from runfolio.stream.lines import Line
from runfolio.stream.records import RecordDecoder
from runfolio.stream.rows import Column, Rows

log = logging.getLogger(__name__)

NOTHING = -1
"""Names that are decoded before a decoder is made."""


class _State(Struct, forbid_unknown_fields=True):
    """What a decoder has learned. Names and paths are bytes, for what Python makes of them may be no text."""

    asked: list[bytes]
    shapes: list[tuple[bytes, str]]
    seen: list[tuple[bytes, bytes]]
    missing: list[tuple[bytes, bytes, bytes]]


class ColumnDecoder:
    """Decodes of each line the keys that were asked for so far, and makes rows of a batch of lines.

    A key that is missing in a record is as one that is null there. One that is missing in all of a
    source's records is told of.

    Args:
        keys: which of them say what run a record belongs to.
        asked: the names of columns that were ever asked for; more come up while the job goes on.

    """

    def __init__(self, keys: Keys, asked: dict[str, None]) -> None:
        self._keys = keys
        self._asked = asked
        self._seen: set[tuple[str, str]] = set()
        """Sources and the names that were found in them."""
        self._missing: dict[tuple[str, str], str] = {}
        """Those that were not, and what to say of it."""
        self._shapes: dict[str, Shape | None] = {}
        """What columns looked like so far: a batch may hold none of their values, or only empty lists."""
        self._decoded = len(asked)
        self._records = RecordDecoder(keys, names=asked)

    @property
    def behind(self) -> bool:
        """Whether names were asked for since the last line was decoded."""
        return len(self._asked) > self._decoded

    def state(self) -> dict[str, Any]:
        """Return what was asked for and found so far, of plain types."""
        state = _State(
            asked=list(map(_bytes, self._asked)),
            shapes=[
                (_bytes(name), text_of_shape(shape))
                for name, shape in sorted(self._shapes.items(), key=itemgetter(0))
                if shape is not None
            ],
            seen=[(_bytes(source), _bytes(name)) for source, name in sorted(self._seen)],
            missing=[
                (_bytes(source), _bytes(name), _bytes(what)) for (source, name), what in self._missing.items()
            ],
        )
        found: dict[str, Any] = msgspec.to_builtins(state, builtin_types=(bytes,))
        return found

    def restore(self, state: dict[str, Any]) -> None:
        """Go on with what another decoder has learned; names that were asked for of this one are forgotten.

        Raises:
            ValueError: it is no such state.

        """
        try:
            known = msgspec.convert(state, _State)
        except msgspec.ValidationError as error:
            raise ValueError(f"what is known of columns cannot be restored: {error}") from error
        asked = dict.fromkeys(map(_text, known.asked))
        shapes: dict[str, Shape | None] = {_text(name): shape_of_text(shape) for name, shape in known.shapes}
        seen = {(_text(source), _text(name)) for source, name in known.seen}
        missing = {(_text(source), _text(name)): _text(what) for source, name, what in known.missing}
        self._asked.clear()
        self._asked.update(asked)
        self._shapes, self._seen, self._missing = shapes, seen, missing
        self._decoded = NOTHING

    def missing(self) -> list[str]:
        """Return a line for each name that was asked for and not found in a source that has ended since."""
        found = list(self._missing.values())
        self._missing.clear()
        return found

    def ask(self, name: str) -> None:
        """Have a name decoded from now on.

        Raises:
            InputError: it is no key that can be read.

        """
        if name not in self._asked:
            struct_of([name])
            self._asked[name] = None

    def decode(self, line: Line) -> Document:
        """Return the document of a line, as `RecordDecoder.decode` does."""
        if len(self._asked) > self._decoded:  # `behind`, without the call that each line would cost
            self._decoded = len(self._asked)
            self._records = RecordDecoder(self._keys, names=self._asked)
        return self._records.decode(line)

    def run_number(self, line: Line) -> int | None:
        return self._records.run_number(line)

    def marks(self, documents: Sequence[Document]) -> list[SpillMark]:
        return self._records.marks(documents)

    def rows(self, documents: Sequence[Document]) -> Rows:
        """Return documents' records as rows."""
        records = [each.body for each in documents]
        for name in filter(None, (self._keys.number, self._keys.time)):
            self._look_for(name, map(finder(name), records), documents)

        def load(name: str) -> Column:
            self.ask(name)
            find = finder(name)
            try:
                values = list(map(find, records))
            except AttributeError:  # at least one was decoded before this name was asked for
                decoder = msgspec.json.Decoder(struct_of(tops([name])))
                values = [find(decoder.decode(each.line.data)) for each in documents]
            if "." in name and set(map(type, values)) == {UnsetType}:
                column = _of_lists(name, load)
                if column is not None:
                    return column
            self._look_for(name, values, documents)
            column = column_of(values, self._shapes.get(name))
            self._shapes[name] = learned(self._shapes.get(name), column)
            return column

        return Rows(len(documents), load)

    def _look_for(self, name: str, values: Iterable[Any], documents: Sequence[Document]) -> None:
        """Tell of a name that no record has had, until one has it."""
        if not documents:
            return
        source = documents[0].line.source
        if (source, name) in self._seen:
            return
        if set(map(type, values)) != {UnsetType}:
            self._seen.add((source, name))
            self._missing.pop((source, name), None)
        elif (source, name) not in self._missing:
            known = list(msgspec.json.decode(documents[0].line.data, type=dict[str, msgspec.Raw]))
            error = unknown_column(source, name, known)
            log.warning("so far %s", error)
            self._missing[source, name] = str(error)


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")


def _text(data: bytes) -> str:
    return data.decode(errors="surrogatepass")


def _of_lists(name: str, load: Callable[[str], Column]) -> Column | None:
    """Return a field of the objects in lists, such as `hits.energy`; None where there is no such field."""
    top, *way = name.split(".")
    column = load(top)
    for each in way:
        if each not in getattr(column, "fields", ()):
            return None
        column = column[each]
    return column
