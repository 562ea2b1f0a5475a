"""The tables of the settings file that are the mover's: `[move]` and each `[[destination]]`.

    [[destination]]
    name = "tape"
    url = "root://eos.example.org//archive/mice"
    packaging = "tar"

All is checked here, before anything is sent; no client of a protocol is needed for that.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import fields

from runfolio.datacards import Card, read_table
from runfolio.errors import SettingsError
from runfolio.mover.destination_tables import (
    COMMANDS,
    KINDS,
    CommandDestination,
    DavDestination,
    DestinationSettings,
    FileDestination,
    Packaging,
    S3Destination,
    Seconds,
    SftpDestination,
    XRootDDestination,
    is_destination_name,
    shown,
)
from runfolio.nearest import nearest
from runfolio.settings import SETTINGS_FILE

__all__ = [
    "COMMANDS",
    "CleanSettings",
    "CommandDestination",
    "DavDestination",
    "DestinationSettings",
    "FileDestination",
    "MoverSettings",
    "Packaging",
    "S3Destination",
    "SftpDestination",
    "XRootDDestination",
    "is_destination_name",
    "read_mover_settings",
]

HIDDEN = ".mover"
"""In the end-of-run directory, where the settings name no other place."""

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")


class CleanSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which local folders `runfolio move clean` may remove; without this table none."""

    older_than_days: Annotated[float, Meta(ge=0)]
    """Since they were sealed."""
    keep_newest: Annotated[int, Meta(ge=0)]
    """Runs that stay whatever their age."""
    leave_behind: tuple[Literal["record", "thumbnail"], ...] = ("record", "thumbnail")
    """What stays for browsing."""


class MoveTable(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table `[move]`."""

    directory: str | None = None
    """Where journal and receipts are kept; None: .mover in the end-of-run directory."""
    scan_seconds: Seconds = 5.0
    """Seconds between two looks at the end-of-run directory."""
    first_pause: Seconds = 10.0
    """Seconds before what failed is tried again; twice as long each time."""
    longest_pause: Seconds = 3600.0
    clean: CleanSettings | None = None

    def __post_init__(self) -> None:
        if self.directory is not None and ("\0" in self.directory or not self.directory):
            raise ValueError(f"directory {self.directory[:60]!a} can't be that of a directory")


@dataclass(frozen=True, kw_only=True)
class MoverSettings:
    """All of it, checked."""

    table: MoveTable
    destinations: tuple[DestinationSettings, ...]

    def directory(self, end_of_run: Path) -> Path:
        """Return where journal and receipts of an end-of-run directory are kept.

        Raises:
            SettingsError: it is given as that of a user who is not known.

        """
        given = self.table.directory
        if given is None:
            return end_of_run / HIDDEN
        try:
            return Path(given).expanduser()
        except RuntimeError as error:
            raise SettingsError(f"[move] directory {given[:200]!a}: {error}") from None

    def destination(self, name: str) -> DestinationSettings:
        """Return the destination of a name.

        Raises:
            SettingsError: there is none.

        """
        for each in self.destinations:
            if each.name == name:
                return each
        near = nearest(name, [each.name for each in self.destinations], most=1)
        known = ", ".join(each.name for each in self.destinations)
        advice = f"did you mean {near[0]}?" if near else f"there are {known}" if known else "there is none"
        raise SettingsError(f"no destination is called {name}; {advice}")


def read_mover_settings(settings_file: Path | None = None) -> MoverSettings:
    """Return the mover's settings from a settings file, by default `runfolio.toml` where that is there.

    Raises:
        SettingsError: the file cannot be read, or something in its tables does not fit: the message names
            file, line and destination.

    """
    path = settings_file or SETTINGS_FILE
    if settings_file is None and not os.path.lexists(path):
        return MoverSettings(table=MoveTable(), destinations=())
    cards = read_table(path)
    return MoverSettings(table=_move_table(cards.get("move"), path), destinations=_destinations(cards, path))


def _move_table(card: Card | None, path: Path) -> MoveTable:
    return MoveTable() if card is None else _converted(card.value, MoveTable, f"{path}, [move]")


def _destinations(cards: Mapping[str, Card], path: Path) -> tuple[DestinationSettings, ...]:
    card = cards.get("destination")
    if card is None:
        return ()
    tables: object = card.value
    if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
        raise SettingsError(f"{path}, line {card.line}: destinations are written as [[destination]]")
    found = tuple(_destination(each, f"{path}, {_called(each, n)}") for n, each in enumerate(tables, 1))
    names = [each.name for each in found]
    for name in names:
        if names.count(name) > 1:
            raise SettingsError(f"{path}: two destinations are called {name}")
    for each, other in combinations(found, 2):
        if each.lies_at == other.lies_at:
            raise SettingsError(
                f"{path}: destinations {each.name} and {other.name} are one place: what is there is one copy"
            )
    return found


def _called(table: Mapping[str, Any], number: int) -> str:
    name = table.get("name")
    return f"destination {name[:60]!a}" if isinstance(name, str) else f"destination number {number}"


def _destination(table: Mapping[str, Any], where: str) -> DestinationSettings:
    url = table.get("url")
    if not isinstance(url, str):
        near = nearest("url", table, most=1)
        meant = f"; did you mean that by {near[0]}?" if near and near != ["url"] else ""
        raise SettingsError(f'{where}: it needs a url, as url = "file:///archive"{meant}')
    scheme = _SCHEME.match(url)
    kind = KINDS.get(scheme[1].lower()) if scheme else None
    if kind is None:
        raise SettingsError(f"{where}: url {shown(url)} begins with none of {', '.join(KINDS)}")
    made: DestinationSettings = _converted(table, kind, where)
    return made


def _converted(value: object, kind: type[Any], where: str) -> Any:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{where}: {_advice(str(error), kind)}") from None


def _advice(message: str, kind: type[Struct]) -> str:
    """Return an error of msgspec in our words, with the name that an unknown one may stand for."""
    tables = (kind, CleanSettings) if kind is MoveTable else (kind,)
    known = {each.name: each.type for table in tables for each in fields(table)}
    if unknown := re.search(r"unknown field `(.*)`", message.partition(" - at `$")[0], re.DOTALL):
        near = nearest(unknown[1], known, most=1)
        return f"{unknown[1]} is not a setting" + (f"; did you mean {near[0]}?" if near else "")
    if wrong := re.fullmatch(r"Invalid enum value (.*) - at `\$\.(\w+)`", message, re.DOTALL):
        return f"{wrong[2]} {wrong[1]}: accepted are {', '.join(get_args(known[wrong[2]]))}"
    words = message.replace("Object missing required field", "it needs").replace("`$.", "`")
    return words.replace("`object | null`", "a table").replace("`object`", "a table")
