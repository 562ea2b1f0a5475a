"""A line to a document: decoded once, into just the fields that the loaded reducers need."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET, DecodeError, Struct, ValidationError

from runfolio.errors import DocumentError
from runfolio.stream.documents import (
    PARTS,
    Document,
    ImageList,
    JobFooter,
    JobHeader,
    Kind,
    OldImage,
    Part,
    RunMark,
    Spill,
    SpillMark,
)
from runfolio.stream.lines import Line
from runfolio.stream.merging import merge_structs

CUT_OFF = "cut_off"
"""The reason of a line that ends before its document does."""


def decode_line(decoder: msgspec.json.Decoder[Any], line: Line) -> Any:
    """Return what a decoder makes of a line.

    Raises:
        DocumentError: the line is too long, not UTF-8, or no JSON.
        msgspec.ValidationError: it is JSON, but not what the decoder takes.

    """
    if not line.complete:
        raise DocumentError("too_long", f"a line of {line.length} bytes")
    _check_utf8(line.data)
    try:
        return decoder.decode(line.data)
    except ValidationError:
        raise
    except (DecodeError, RecursionError) as error:
        raise not_json(error, line) from error


class Decoder:
    """Decodes lines for a set of reducers' structs.

    Spills, nearly all of a stream, are decoded once, into one struct that holds what every reducer
    reads. The few other documents are recognised by that and decoded again as their own kind.

    Raises:
        DeclarationError: the reducers' structs do not go together.

    """

    def __init__(self, structs: Sequence[type[Struct]] = ()) -> None:
        self._spill: msgspec.json.Decoder[Any] = msgspec.json.Decoder(
            merge_structs("Spill", [Spill, *structs])
        )
        self._own: dict[Kind, msgspec.json.Decoder[Any]] = {
            Kind.JOB_HEADER: msgspec.json.Decoder(JobHeader),
            Kind.JOB_FOOTER: msgspec.json.Decoder(JobFooter),
            Kind.RUN_HEADER: msgspec.json.Decoder(RunMark),
            Kind.RUN_FOOTER: msgspec.json.Decoder(RunMark),
            Kind.IMAGE: msgspec.json.Decoder(ImageList),
        }
        self._mark = msgspec.json.Decoder(RunMark)
        self._old_image = msgspec.json.Decoder(OldImage)

    def decode(self, line: Line) -> Document:
        """Return the document of a line.

        Raises:
            DocumentError: it is none, and has to be set aside.

        """
        try:
            spill = decode_line(self._spill, line)
        except ValidationError as error:
            return self._other_kind(line, error)
        if spill.maus_event_type is UNSET and spill.spill_number is UNSET and spill.spill_num is UNSET:
            if image := self._image_of_old_form(line):
                return image
            raise DocumentError("unknown_kind", "no maus_event_type, and no spill or image of the old forms")
        if spill.maus_event_type is UNSET or spill.maus_event_type == Kind.SPILL:
            number = _check_spill(spill)
            part = PARTS.get(spill.daq_event_type, Part.OTHER)
            mark = SpillMark(spill.spill_number, spill.time_stamp or None)  # simulations write 0
            return Document(Kind.SPILL, number, spill, line, part, mark)
        return self._own_kind(line, spill.maus_event_type)

    def run_number(self, line: Line) -> int | None:
        """Return the run that a line which could not be decoded speaks of, None where it can't be told."""
        try:
            mark = self._mark.decode(line.data)
        except (DecodeError, RecursionError):
            return None
        return next((n for n in (mark.run_number, mark.run_num) if n is not UNSET), None)

    def _other_kind(self, line: Line, error: ValidationError) -> Document:
        """Decode what is no spill for these reducers: perhaps another kind with keys of the same names."""
        try:
            kind = msgspec.json.decode(line.data, type=_KindOnly).maus_event_type
        except ValidationError:
            raise wrong(error) from error
        except (DecodeError, RecursionError) as too_deep:
            raise not_json(too_deep, line) from error
        if kind is UNSET and (image := self._image_of_old_form(line)):
            return image
        if kind is UNSET or kind == Kind.SPILL:
            raise wrong(error) from error
        return self._own_kind(line, kind)

    def _own_kind(self, line: Line, name: str) -> Document:
        try:
            kind = Kind(name)
        except ValueError:
            raise DocumentError("unknown_kind", f"maus_event_type is {name[:80]!a}") from None
        try:
            body = self._own[kind].decode(line.data)
        except ValidationError as error:
            raise wrong(error) from error
        except (DecodeError, RecursionError) as error:  # what was passed over before is built here
            raise not_json(error, line) from error
        return Document(kind, _run_of(kind, body), body, line)

    def _image_of_old_form(self, line: Line) -> Document | None:
        """Decode an image in one of the forms that had no `maus_event_type`; None where it is none."""
        try:
            old = self._old_image.decode(line.data)
        except ValidationError as error:
            raise wrong(error) from error
        except (DecodeError, RecursionError) as error:
            raise not_json(error, line) from error
        if old.image is UNSET and (old.tag is UNSET or old.data is UNSET):
            return None
        entry = msgspec.Raw(line.data) if old.image is UNSET else old.image
        return Document(Kind.IMAGE, old.run_number, ImageList([entry], old.run_number), line)


HALF_PAIR = re.compile(rb'\\u[dD][89abAB][0-9a-fA-F]{2}"(?:.{0,4}[]}])?\s*\Z')
"""The first half of a surrogate pair just before the end: the decoder misses the second half there."""


STRINGS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?')
"""Strings, the last one closed or not; possessive, so that the time is linear in a line of quotes."""

NO_NUMBER = re.compile(rb"[:,\[]\s*-?(?:NaN|Infinity)\b")


class _KindOnly(Struct):
    maus_event_type: str | msgspec.UnsetType = UNSET


def _check_utf8(data: bytes) -> None:
    """Refuse what is not UTF-8 anywhere: the decoder looks only at the strings that it builds."""
    if data.isascii():
        return
    try:
        data.decode()
    except UnicodeDecodeError as error:
        raise DocumentError("not_utf8", f"{error.reason} at byte {error.start} of the line") from error


def _check_spill(spill: Any) -> int:
    for old, name in (("run_num", "run_number"), ("spill_num", "spill_number")):
        if getattr(spill, name) is UNSET:
            setattr(spill, name, getattr(spill, old))
    if spill.run_number is UNSET:
        raise DocumentError("no_run_number", "a spill without run_number")
    if spill.spill_number is UNSET:
        raise DocumentError("wrong_type", "a spill without spill_number")
    if spill.daq_event_type is UNSET:
        if spill.maus_event_type is not UNSET:
            raise DocumentError("wrong_type", "a spill without daq_event_type")
        spill.daq_event_type = ""
    number: int = spill.run_number
    return number


def _run_of(kind: Kind, body: Any) -> int | None:
    if kind in (Kind.JOB_HEADER, Kind.JOB_FOOTER):
        return None
    if kind is Kind.IMAGE:
        number: int | None = body.run_number
        return number
    for mark in (body.run_number, body.run_num):
        if mark is not UNSET:
            return int(mark)
    raise DocumentError("no_run_number", f"a {kind} without run_number")


def not_json(error: Exception, line: Line) -> DocumentError:
    if isinstance(error, RecursionError):
        return DocumentError("not_json", "nested too deeply")
    if "truncated" in str(error) and not HALF_PAIR.search(line.data[-80:]):
        return DocumentError(CUT_OFF, "the line ends before its document does")
    if NO_NUMBER.search(STRINGS.sub(b'""', line.data)):
        return DocumentError("not_json", f"{error}; NaN and Infinity are no JSON, write null for them")
    return DocumentError("not_json", str(error))


def wrong(error: ValidationError) -> DocumentError:
    about_run = re.search(r"\$\.run_num(ber)?$", str(error).rstrip("`"))
    return DocumentError("bad_run_number" if about_run else "wrong_type", str(error))
