"""Settings: their names, types, defaults and help, declared once, and the five places they come from.

The command line wins over the environment, the environment over a datacard file, that over the
settings file, and that over the defaults. Every value given is checked, also one that loses.
"""

import logging
import os
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_type_hints

from runfolio.datacards import read_cards, read_table
from runfolio.errors import SettingsError
from runfolio.nearest import nearest

__all__ = ["Kind", "Setting", "Settings", "declared", "load_settings", "names"]

IMAGE_TYPES = ("png", "pdf", "svg", "eps")
SETTINGS_FILE = Path("runfolio.toml")
OTHER_TABLES = frozenset({"destination", "move", "serve"})
"""Tables of the settings file that belong to other commands, which check them."""
TOLD_TO_HOOKS = ("RUNFOLIO_RUN", "RUNFOLIO_FOLDER", "RUNFOLIO_MANIFEST_SHA256")
"""Variables that the command of `on_sealed` gets; it may call runfolio again."""
OTHER_VARIABLES = frozenset({"RUNFOLIO_TRACEBACK", *TOLD_TO_HOOKS})
PREFIX_OF_VARIABLES = "RUNFOLIO_"
STANDARD_OUTPUT = Path("-")
SHOWN = 60
"""Characters of a wrong value or name that an error shows."""
MOST_NAMED = 200
"""Names that one message lists; the complete MAUS defaults have about so many."""
BY_RULE: Final = Path()
"""Stands for a directory that was not given, by identity: any path, also this one's equal, can be given."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Kind:
    """What a setting accepts; whatever of this raises ValueError says that a value does not fit."""

    word: str
    """Stands for the value in help, as in `--grace SECONDS`."""
    accepted: str
    fits: Callable[[Any], bool]
    keep: Callable[[Any], Any] = lambda value: value
    """From a value that fits to the one kept."""
    parse: Callable[[str], Any] = str
    """From the text of an option or variable to the value it stands for."""
    repeated: bool = False
    """Whether the option is given once for each of several values."""


@dataclass(frozen=True)
class Setting:
    """One setting's declaration; it stands in the annotation of its field."""

    kind: Kind
    help: str
    alias: str | None = None
    shapes_folder: bool = False
    """Whether the bytes of a run folder depend on it."""


def _is_number(value: Any, types: Any, least: float, most: float) -> bool:
    return isinstance(value, types) and not isinstance(value, bool) and bool(least <= value <= most)


def _whole(of: str, least: int, most: int) -> Kind:
    accepted = f"a whole number of {of} from {least} to {most}"
    return Kind(of.upper(), accepted, lambda value: _is_number(value, int, least, most), parse=int)


def _seconds(least: float, most: int) -> Kind:
    accepted = f"a number of seconds from {least} to {most}"
    return Kind(
        "SECONDS",
        accepted,
        lambda value: _is_number(value, int | float, least, most),
        keep=float,
        parse=float,
    )


def _or_none(kind: Kind) -> Kind:
    """Return the kind that accepts None too, and the word for it: TOML and the shell have no None."""
    return Kind(
        kind.word,
        f"{kind.accepted}, or none",
        lambda value: value is None or value == "none" or kind.fits(value),
        keep=lambda value: None if value is None or value == "none" else kind.keep(value),
        parse=lambda text: text if text == "none" else kind.parse(text),
    )


def _split(value: Any) -> list[Any]:
    """Return the image types in `png,pdf` or `["png", "pdf"]`; the word none stands for no type."""
    words = [word.strip() for word in value.split(",")] if isinstance(value, str) else list(value)
    return [] if words == ["none"] else words


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _words(value: Any) -> list[Any]:
    """Return the words of a command, as a shell splits them."""
    return shlex.split(value) if isinstance(value, str) else list(value)


FLAG_WORDS = dict.fromkeys(("true", "1", "yes", "on"), True) | dict.fromkeys(
    ("false", "0", "no", "off"), False
)
FLAG = Kind(
    "", "true or false", lambda value: isinstance(value, bool), parse=lambda text: FLAG_WORDS[text.lower()]
)
PATH = Kind(
    "PATH",
    "a path",
    lambda value: isinstance(value, str | Path) and str(value) != "" and b"\0" not in os.fsencode(value),
    keep=lambda value: Path(value).expanduser(),
)
PREFIX = Kind(
    "TEXT",
    "1 to 40 letters, digits and _ . + = @ -, beginning with a letter, digit or _",
    lambda value: (
        isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.+=@-]{0,39}", value) is not None
    ),
)
PICTURES = Kind(
    "TYPES",
    f"one or several of {', '.join(IMAGE_TYPES)}, or none",
    lambda value: (
        isinstance(value, str | list | tuple) and all(word in IMAGE_TYPES for word in _split(value))
    ),
    keep=lambda value: tuple(dict.fromkeys(_split(value))),
)
PLOTS = Kind(
    "NAME",
    "names and files of plots, as my_plots.py",
    lambda value: (
        isinstance(value, str | list | tuple)
        and len(value) > 0
        and all(isinstance(name, str) and name for name in _listed(value))
    ),
    keep=lambda value: tuple(
        str(Path(name).expanduser()) if name[0] == "~" else name for name in _listed(value)
    ),
    parse=lambda text: [name.strip() for name in text.split(",")],
    repeated=True,
)
MODE = Kind(
    "MODE",
    "append or dont_append",
    lambda value: isinstance(value, str) and value in {"append", "dont_append"},
)
TROUBLE = Kind(
    "ACTION",
    "wait or stop",
    lambda value: isinstance(value, str) and value in {"wait", "stop"},
)
COMMAND = Kind(
    "COMMAND",
    "a command, such as 'carry.sh --to tape'",
    lambda value: (
        isinstance(value, str | list | tuple)
        and len(words := _words(value)) > 0
        and all(isinstance(word, str) and b"\0" not in os.fsencode(word) for word in words)
        and words[0] != ""
    ),
    keep=lambda value: tuple(_words(value)),
)
SPILLS = _or_none(_whole("spills", 1, 10**9))
WORKERS = _whole("processes", 1, 64)
BYTES = _whole("bytes", 1024, 1 << 32)
SECONDS = _seconds(0, 86_400)
TIMEOUT = _seconds(0.1, 86_400)

LIVE_RULE = "Default: $MAUS_WEB_MEDIA_RAW, else live."
SEALED_RULE = (
    "Default: end_of_run in $MAUS_WEB_MEDIA_RAW; else in the image directory, if that was given; else here."
)
PLOTS_HELP = "What to plot: names and files of your own, as often as needed. Default: default."
PICTURES_HELP = "Pictures as png, pdf, svg, eps; several as png,pdf; or none."
REFRESH_HELP = "Live plots at most this often; 0: after every batch of spills."
MODE_HELP = "dont_append leaves headers and footers out of what --documents writes."
CHECKPOINT_HELP = "Write down the counts of open runs this often, to go on from after a crash."
TROUBLE_HELP = "When the disk refuses: wait keeps ended runs and tries again; stop ends with a checkpoint."
WORKERS_HELP = (
    "Read files with so many processes beside this one, which adds up what they count; 1: with this one."
)
ON_SEALED_HELP = (
    "Call this for each sealed folder, with its run number, path and the SHA-256 of its manifest."
)
GRACE_HELP = "Seconds between a run's end and its seal. Default: 0 for files, 10 for live input."
IDLE_HELP = "A run of live input is over if nothing of it comes for so long. Default: none."


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings of a run, checked. Made directly it takes what a settings file could hold.

    Raises:
        SettingsError: a value does not fit.

    """

    plots: Annotated[tuple[str, ...], Setting(PLOTS, PLOTS_HELP)] = ("default",)
    image_directory: Annotated[Path, Setting(PATH, f"Live plots, replaced at each refresh. {LIVE_RULE}")] = (
        BY_RULE
    )
    end_of_run_image_directory: Annotated[Path, Setting(PATH, f"One sealed folder a run. {SEALED_RULE}")] = (
        BY_RULE
    )
    image_file_prefix: Annotated[str, Setting(PREFIX, "Begins each file's name.", shapes_folder=True)] = (
        "image"
    )
    histogram_image_type: Annotated[tuple[str, ...], Setting(PICTURES, PICTURES_HELP, shapes_folder=True)] = (
        "png",
    )
    histogram_auto_number: Annotated[
        bool, Setting(FLAG, "Live images get the spill count after the tag.")
    ] = False
    refresh_rate: Annotated[
        int | None, Setting(SPILLS, "Live plots every N spills.", alias="reduce_plot_refresh_rate")
    ] = None
    refresh_seconds: Annotated[float, Setting(SECONDS, REFRESH_HELP)] = 1.0
    header_and_footer_mode: Annotated[Literal["append", "dont_append"], Setting(MODE, MODE_HELP)] = "append"
    grace: Annotated[float | None, Setting(_or_none(SECONDS), GRACE_HELP, shapes_folder=True)] = None
    idle_timeout: Annotated[float | None, Setting(_or_none(TIMEOUT), IDLE_HELP, shapes_folder=True)] = None
    line_limit: Annotated[
        int, Setting(BYTES, "Longer lines are set aside, in bytes.", shapes_folder=True)
    ] = 64 << 20
    image_limit: Annotated[
        int, Setting(BYTES, "Larger images of other programs are set aside, in bytes.", shapes_folder=True)
    ] = 32 << 20
    checkpoint_seconds: Annotated[float, Setting(SECONDS, CHECKPOINT_HELP)] = 10.0
    workers: Annotated[int, Setting(WORKERS, WORKERS_HELP)] = 1
    on_disk_trouble: Annotated[Literal["wait", "stop"], Setting(TROUBLE, TROUBLE_HELP)] = "wait"
    on_sealed: Annotated[tuple[str, ...] | None, Setting(_or_none(COMMAND), ON_SEALED_HELP)] = None
    documents: Annotated[
        Path | None, Setting(_or_none(PATH), "Write the stream on: a file, or - (stdout).")
    ] = None

    def __post_init__(self) -> None:
        given = {name: getattr(self, name) for name in declared() if getattr(self, name) is not BY_RULE}
        checked = {name: _check(name, Given(value, "given to Settings")) for name, value in given.items()}
        for name, value in (_directories(checked.get("image_directory")) | checked).items():
            object.__setattr__(self, name, value)

    @property
    def documents_to_stdout(self) -> bool:
        """Whether standard output carries the stream, so that nothing else may go there."""
        return self.documents == STANDARD_OUTPUT

    def folder_settings(self) -> dict[str, Any]:
        """Return the settings that shape a run folder's contents, as JSON has them, for its run.json.

        Directories are left out: the same input gives the same bytes wherever they are written.
        """
        values = {name: getattr(self, name) for name, setting in declared().items() if setting.shapes_folder}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


@dataclass(frozen=True)
class Given:
    """A value as it was given, and where."""

    value: object
    where: str
    text: bool = False
    """Whether it is text that has to be parsed first."""


@cache
def declared() -> Mapping[str, Setting]:
    """Return the declaration of each setting by name, in the order of the fields."""
    hints = get_type_hints(Settings, include_extras=True)
    return {field.name: hints[field.name].__metadata__[0] for field in fields(Settings)}


@cache
def names() -> Mapping[str, str]:
    """Return the setting that each accepted name stands for: its own names, then the aliases."""
    aliases = {setting.alias: name for name, setting in declared().items() if setting.alias}
    return {name: name for name in declared()} | aliases


def load_settings(
    options: Mapping[str, object] | None = None,
    *,
    settings_file: Path | None = None,
    configuration_file: Path | None = None,
) -> Settings:
    """Return the settings from all their places.

    Args:
        options: by name, what the command line gave; None stands for an option that was not given.
        settings_file: in place of runfolio.toml in the current directory; it must exist.
        configuration_file: a datacard file.

    Raises:
        SettingsError: a file cannot be read, a name is not known, or a value does not fit.

    """
    layers = [
        _from_settings_file(settings_file),
        _from_cards(configuration_file) if configuration_file else {},
        _from_environment(),
        _from_options(options or {}),
    ]
    values: dict[str, Any] = {}
    for layer in layers:
        values |= _settle(layer)
    return Settings(**values)


def _from_options(options: Mapping[str, object]) -> dict[str, Given]:
    return {
        name: Given(value, f"--{name.replace('_', '-')} on the command line", text=isinstance(value, str))
        for name, value in options.items()
        if value is not None
    }


def _from_environment() -> dict[str, Given]:
    layer = {}
    for variable, value in os.environ.items():
        name = variable.removeprefix(PREFIX_OF_VARIABLES).lower()
        if not variable.startswith(PREFIX_OF_VARIABLES) or variable in OTHER_VARIABLES:
            continue
        if variable != _variable(name) or name not in names():
            raise _unknown(variable, "in the environment", spelt=_variable)
        layer[name] = Given(value, f"{variable} in the environment", text=True)
    return layer


def _from_cards(path: Path) -> dict[str, Given]:
    cards = read_cards(path)
    unknown = [name for name in cards if name not in names()]
    if unknown:
        named = ", ".join(map(_shown, unknown[:MOST_NAMED]))
        more = f" and {len(unknown) - MOST_NAMED:,} more" if len(unknown) > MOST_NAMED else ""
        _log.warning("%s: cards not known here are passed over: %s%s", path, named, more)
    return {
        name: Given(card.value, f"{path}, line {card.line}")
        for name, card in cards.items()
        if name in names()
    }


def _from_settings_file(path: Path | None) -> dict[str, Given]:
    if path is None and not os.path.lexists(SETTINGS_FILE):
        return {}
    if path is None and SETTINGS_FILE.exists() and not (SETTINGS_FILE.is_file() or SETTINGS_FILE.is_dir()):
        raise SettingsError(f"{SETTINGS_FILE}: is no regular file, and would be waited for; see --settings")
    path = path or SETTINGS_FILE
    layer = {}
    for name, card in read_table(path).items():
        where = f"{path}, line {card.line}"
        if name in names():
            layer[name] = Given(card.value, where)
        elif name not in OTHER_TABLES or not isinstance(card.value, dict | list):
            raise _unknown(name, f"({where})")
    return layer


def _settle(layer: Mapping[str, Given]) -> dict[str, Any]:
    """Return the checked values of one layer by setting; two names of one setting must agree."""
    values: dict[str, Any] = {}
    for name, given in layer.items():
        setting = names()[name]
        value = _check(name, given)
        if setting in values and values[setting] != value:
            both = " and ".join(f"{each} ({layer[each].where})" for each in layer if names()[each] == setting)
            raise SettingsError(f"{both} differ, but are two names of one setting; give one of them")
        values[setting] = value
    return values


def _check(name: str, given: Given) -> Any:
    kind = declared()[names()[name]].kind
    try:
        value = kind.parse(given.value) if given.text and isinstance(given.value, str) else given.value
        if kind.fits(value):
            return kind.keep(value)
    except (ValueError, TypeError, KeyError, RuntimeError):  # the last: ~somebody who is no user here
        pass
    raise SettingsError(f"{name} ({given.where}) is {_in_ascii(given.value)}; accepted: {kind.accepted}")


def _in_ascii(value: object) -> str:
    try:
        return _shown(ascii(value))
    except ValueError:  # Python writes no number of more than 4,300 digits, and reads it where it is in hex
        return "a number of too many digits"


def _shown(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def _variable(name: str) -> str:
    return PREFIX_OF_VARIABLES + name.upper()


def _unknown(name: str, where: str, spelt: Callable[[str], str] = str) -> SettingsError:
    """Return the error for a name that is none; `spelt` writes a setting's name as its place does."""
    known = [*names(), *sorted(OTHER_TABLES)]
    near = nearest(name.removeprefix(PREFIX_OF_VARIABLES), known, most=2)
    advice = f"did you mean {' or '.join(map(spelt, near))}?" if near else "runfolio run --help lists them"
    shown = _shown(name if name.isprintable() and name.isascii() else ascii(name))
    return SettingsError(f"{shown} {where} is not a setting; {advice}")


def _directories(image_directory: Path | None) -> dict[str, Path]:
    """Return the two directories where they are not given; `image_directory` if that one is."""
    media = os.environ.get("MAUS_WEB_MEDIA_RAW")
    if media:
        return {"image_directory": Path(media), "end_of_run_image_directory": Path(media) / "end_of_run"}
    return {
        "image_directory": Path("live"),
        "end_of_run_image_directory": (image_directory or Path()) / "end_of_run",
    }
