"""Records: lines of JSON of one's own, with any keys, to documents.

Only the keys that are asked for are decoded. What a record belongs to, and whether it ends its run,
is found by `Keys`.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, Struct, ValidationError
from msgspec.structs import fields

from runfolio.errors import DocumentError
from runfolio.stream.decoding import decode_line
from runfolio.stream.documents import Document, Kind, Part, SpillMark
from runfolio.stream.json_keys import field_of, finder, struct_of, tops
from runfolio.stream.json_values import column_of
from runfolio.stream.keys import FileName, Keys
from runfolio.stream.lines import Line
from runfolio.stream.marks import LARGEST, marks_of, whole_number
from runfolio.stream.merging import merge_structs

ARRAY = "a JSON array, where an object a line is read: jq -c '.[]' makes lines of it"


class _Lookup:
    """Finds what keys name in a decoded record."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._run = finder(keys.run) if isinstance(keys.run, str) else None
        self._end = finder(keys.needed["end"]) if keys.end else None
        self._number = finder(keys.number) if keys.number else None
        self._time = finder(keys.time) if keys.time else None
        self._of_source: dict[str, int | None] = {}
        """The run numbers in files' names."""

    def document(self, record: Any, keys: Any, line: Line) -> Document:
        """Return the document of a record; `keys` is what holds the keys, most often the record itself.

        Raises:
            DocumentError: it has no run number, or one that is none.

        """
        return Document(Kind.SPILL, self.run_number(keys, line.source), record, line, self.part(keys))

    def run_number(self, record: Any, source: str) -> int:
        if self._run is None:
            return self._run_of_source(source)
        value = self._run(record)
        if type(value) is int and 0 <= value <= LARGEST:
            return value
        if value is UNSET or value is None:
            raise DocumentError("no_run_number", f"a record without {self._keys.run}")
        number = whole_number(value)
        if number is None:
            raise DocumentError("bad_run_number", f"{self._keys.run} is {value!r:.80}, no run number")
        return number

    def part(self, record: Any) -> Part:
        if self._end is None:
            return Part.DATA
        value = self._end(record)
        if isinstance(self._keys.end, tuple):
            return Part.END if value == self._keys.end[1] else Part.DATA
        return Part.LAST if isinstance(value, int | float) and value else Part.DATA

    def marks(self, records: Sequence[Any]) -> list[SpillMark]:
        """Return marks of records."""
        numbers = _numbers(map(self._number, records)) if self._number else None
        return marks_of(numbers, _numbers(map(self._time, records)) if self._time else None)

    def _run_of_source(self, source: str) -> int:
        pattern = self._keys.run
        assert isinstance(pattern, FileName)
        if source not in self._of_source:
            self._of_source[source] = pattern.run_number(source)
        number = self._of_source[source]
        if number is None:
            raise DocumentError("no_run_number", f"the name of {source} is not like {pattern.pattern}")
        return number


def _numbers(values: Iterable[Any]) -> Any:
    return column_of([value if type(value) in (int, float) else None for value in values])


class RecordDecoder:
    """Decodes of each line the fields of declared structs, or what stands under names.

    Raises:
        DeclarationError: the structs do not go together.

    """

    def __init__(self, keys: Keys, structs: Sequence[type[Struct]] = (), names: Iterable[str] = ()) -> None:
        self._lookup = _Lookup(keys)
        needed = keys.needed.values()
        declared = {field.encode_name: field.name for struct in structs for field in fields(struct)}
        more = [name for name in tops([*needed, *names]) if name not in declared]
        of_keys = struct_of(tops(needed))
        self._no_keys = of_keys()
        self._keys_only = msgspec.json.Decoder(of_keys)
        self._decoder = msgspec.json.Decoder(merge_structs("Record", [*structs, struct_of(more)]))
        self._apart = bool(structs) and any(
            "." in name or declared.get(name, field_of(name)) != field_of(name) for name in needed
        )
        """Whether keys may lie where the structs don't reach, or bear another name there."""

    def decode(self, line: Line) -> Document:
        """Return the document of a line.

        Raises:
            DocumentError: it is none, and has to be set aside.

        """
        try:
            record = decode_line(self._decoder, line)
            keys = decode_line(self._keys_only, line) if self._apart else record
        except ValidationError as error:
            return self._without_data(line, error)
        return self._lookup.document(record, keys, line)

    def run_number(self, line: Line) -> int | None:
        """Return the run that a line which could not be decoded speaks of, None where it can't be told."""
        try:
            return self._lookup.run_number(self._keys(line) or self._no_keys, line.source)
        except DocumentError:
            return None

    def marks(self, documents: Sequence[Document]) -> list[SpillMark]:
        """Return the marks that `marks_of` makes of documents' numbers and times."""
        records = [each.body for each in documents]
        if self._apart:
            records = [self._keys(each.line) or self._no_keys for each in documents]
        return self._lookup.marks(records)

    def _without_data(self, line: Line, error: ValidationError) -> Document:
        """Return the document of a line that ends a run, and need not look like data.

        Raises:
            DocumentError: it is none of them.

        """
        keys = self._keys(line)
        if keys is None:
            raise DocumentError("wrong_type", ARRAY if line.data.lstrip().startswith(b"[") else str(error))
        if self._lookup.part(keys) is Part.END:
            return self._lookup.document(keys, keys, line)
        self._lookup.run_number(keys, line.source)  # what is wrong with that says more
        raise DocumentError("wrong_type", str(error))

    def _keys(self, line: Line) -> Any:
        try:
            return self._keys_only.decode(line.data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
