"""Records: lines of JSON of one's own, with any keys, to documents.

Only the keys that are asked for are decoded. What a record belongs to, and whether it ends its run,
is found by `Keys`.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET, Struct, ValidationError
from msgspec.structs import fields

from runfolio.errors import DocumentError
from runfolio.stream.decoding import decode_line, wrong
from runfolio.stream.documents import Document, Kind, Part, SpillMark
from runfolio.stream.keys import FileName, Keys
from runfolio.stream.lines import Line
from runfolio.stream.merging import merge_structs
from runfolio.stream.rows import Column, Rows, column_of, unknown_column

LARGEST = 2**63 - 1


def whole_number(value: Any) -> int | None:
    """Return a value as the whole number from 0 to 2^63-1 that it stands for, None where it is none."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST
    return value if fits else None


class _Lookup:
    """Finds what keys name in a decoded record; a name may go down into fields: `header.run`."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def document(self, record: Any, line: Line) -> Document:
        """Return the document of a record.

        Raises:
            DocumentError: it has no run number, or one that is none.

        """
        part = self.part(record)
        mark = self._mark(record, line) if part in (Part.DATA, Part.LAST) else None
        return Document(Kind.SPILL, self.run_number(record, line), record, line, part, mark)

    def run_number(self, record: Any, line: Line) -> int:
        if isinstance(self._keys.run, FileName):
            found = self._keys.run.run_number(line.source)
            if found is None:
                detail = f"the name of {line.source} is not like {self._keys.run.pattern}"
                raise DocumentError("no_run_number", detail)
            return found
        value = _follow(record, self._keys.run)
        if value is None:
            raise DocumentError("no_run_number", f"a record without {self._keys.run}")
        number = whole_number(value)
        if number is None:
            raise DocumentError("bad_run_number", f"{self._keys.run} is {value!r:.80}, no run number")
        return number

    def part(self, record: Any) -> Part:
        if isinstance(self._keys.end, tuple):
            name, value = self._keys.end
            return Part.END if _follow(record, name) == value else Part.DATA
        return Part.LAST if self._keys.end and _follow(record, self._keys.end) else Part.DATA

    def _mark(self, record: Any, line: Line) -> SpillMark | None:
        """Return a record's number and time; its line stands for a number where there is only a time."""
        keys = self._keys
        number = _follow(record, keys.number) if keys.number else line.number if keys.time else None
        time = _follow(record, keys.time) if keys.time else None
        if not isinstance(number, int) or not -LARGEST <= number <= LARGEST:
            return None
        return SpillMark(number, float(time) if isinstance(time, int | float) else None)


class RecordDecoder:
    """Decodes lines into the fields of declared structs.

    Raises:
        DeclarationError: the structs do not go together.

    """

    def __init__(self, keys: Keys, structs: Sequence[type[Struct]]) -> None:
        self._lookup = _Lookup(keys)
        declared = {field.encode_name for struct in structs for field in fields(struct)}
        tops = dict.fromkeys(name.partition(".")[0] for name in keys.needed)
        more = [top for top in tops if top not in declared]
        keys_only = _struct_of(tops)
        self._keys_only: msgspec.json.Decoder[Any] = msgspec.json.Decoder(keys_only)
        self._decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(
            merge_structs("Record", [*structs, _struct_of(more)])
        )

    def decode(self, line: Line) -> Document:
        """Return the document of a line.

        Raises:
            DocumentError: it is none, and has to be set aside.

        """
        try:
            return self._lookup.document(decode_line(self._decoder, line), line)
        except ValidationError as error:
            record = self._only_keys(line.data)
            if record is not None and self._lookup.part(record) is Part.END:  # it need not look like data
                return self._lookup.document(record, line)
            raise wrong(error) from error

    def run_number(self, data: bytes) -> int | None:
        """Return the run that a line which could not be decoded speaks of, None where it can't be told."""
        record = self._only_keys(data)
        try:
            return None if record is None else self._lookup.run_number(record, _NOWHERE)
        except DocumentError:
            return None

    def _only_keys(self, data: bytes) -> Any:
        try:
            return self._keys_only.decode(data)
        except (msgspec.DecodeError, RecursionError):
            return None


class ColumnDecoder:
    """Decodes of each line the keys that were asked for so far, and makes rows of a batch of lines."""

    def __init__(self, keys: Keys, asked: dict[str, None]) -> None:
        self._keys = keys
        self._asked = asked
        """The names of columns that were ever asked for; more come up while the job goes on."""
        self._seen: set[str] = set()
        self._decoded: tuple[str, ...] = ()
        self._of_asked = RecordDecoder(keys, [])

    def decode(self, line: Line) -> Document:
        """Return the document of a line, as `RecordDecoder.decode` does."""
        if len(self._asked) > len(self._decoded):
            self._decoded = tuple(self._asked)
            self._of_asked = RecordDecoder(self._keys, [_struct_of(self._tops(self._decoded))])
        return self._of_asked.decode(line)

    def run_number(self, data: bytes) -> int | None:
        return self._of_asked.run_number(data)

    def rows(self, documents: Sequence[Document]) -> Rows:
        """Return documents' records as rows."""
        decoded = self._decoded

        def load(name: str) -> Column:
            self._asked[name] = None
            if name in decoded:
                return self._column(name, [document.body for document in documents], documents)
            decoder = msgspec.json.Decoder(_struct_of(self._tops((name,))))
            return self._column(name, [decoder.decode(each.line.data) for each in documents], documents)

        return Rows(len(documents), load)

    def _column(self, name: str, records: Sequence[Any], documents: Sequence[Document]) -> Column:
        values = [_follow(record, name, missing=UNSET) for record in records]
        if name not in self._seen:
            if documents and all(value is UNSET for value in values):
                keys = msgspec.json.decode(documents[0].line.data)
                raise unknown_column(name, f"{documents[0].line.source}", keys)
            self._seen.add(name)
        return column_of([None if value is UNSET else value for value in values])

    @staticmethod
    def _tops(names: Sequence[str]) -> list[str]:
        return list(dict.fromkeys(name.partition(".")[0] for name in names))


_NOWHERE = Line("", 0, 0, b"", 0)


def _struct_of(keys: Any) -> type[Struct]:
    """Return a struct with these keys of an object, of any type; UNSET where they are missing."""
    names = {_field_of(key): key for key in keys}
    return msgspec.defstruct("Keys", [(name, Any, UNSET) for name in names], gc=False, rename=names)


def _field_of(key: str) -> str:
    """Return the attribute that holds a key: the key itself where it is a Python name."""
    return key if key.isidentifier() and not key.startswith("__") else f"key_{key.encode().hex()}"


def _follow(record: Any, name: str, missing: Any = None) -> Any:
    """Return what stands under a name, `missing` where nothing does."""
    found = record
    for part in name.split("."):
        by_key = isinstance(found, dict)
        found = found.get(part, UNSET) if by_key else getattr(found, _field_of(part), UNSET)
    return missing if found is UNSET else found
