"""Datacard files: Python that assigns constants, read without being executed; and TOML files.

A datacard file is parsed to a syntax tree and only assignments of literals are taken from it;
whatever else it holds is an error naming the line, since leaving it out would change what the
file means. Which names are known is not decided here.
"""

import ast
import re
import tomllib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from runfolio.errors import SettingsError

__all__ = ["Card", "parse_cards", "read_cards", "read_table"]

MAX_BYTES = 1 << 20
"""The complete MAUS defaults are 60 kB; beyond this it is another kind of file given by mistake."""
MAX_TABLE_BYTES = 1 << 15
"""A key of so many dots takes tomllib 3 s, and one of a megabyte an hour."""

LITERALS = (ast.Constant, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.UnaryOp)


@dataclass(frozen=True)
class Card:
    """The value that a name ends with, and the line that gave it."""

    value: object
    line: int


def read_cards(path: Path) -> dict[str, Card]:
    """Return the cards of a datacard file by name; of a card assigned twice the last, as in Python.

    Raises:
        SettingsError: the file cannot be read, or holds anything but assignments of literals.

    """
    return parse_cards(_read_text(path, MAX_BYTES), str(path))


def parse_cards(text: str, name: str) -> dict[str, Card]:
    """Return the cards in the text of a datacard file; `name` is what errors call it.

    Raises:
        SettingsError: it is not Python, or not only assignments of literals.

    """
    cards: dict[str, Card] = {}
    for statement in _parse(text, name).body:
        if not _is_docstring(statement):
            cards.update(_assigned(statement, name))
    return cards


def read_table(path: Path) -> dict[str, Card]:
    """Return the top level of a TOML file by name.

    Raises:
        SettingsError: the file cannot be read, or is not TOML.

    """
    text = _read_text(path, MAX_TABLE_BYTES)
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{path}: not TOML: {error}") from None
    return {name: Card(value, _line_of(name, text)) for name, value in table.items()}


def _line_of(name: str, text: str) -> int:
    """Return the line where a top-level key is likely to be: tomllib keeps none."""
    found = re.search(rf"""^[ \t]*\[*[ \t]*["']?{re.escape(name)}["']?[ \t]*[].=]""", text, re.MULTILINE)
    return text.count("\n", 0, found.start()) + 1 if found else 1


def _read_text(path: Path, most: int) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"{path}, line {line}: not UTF-8 text") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise SettingsError(f"{path}: cannot be read: {reason}") from None
    if len(data) > most:
        raise SettingsError(f"{path}: too large; at most {most} bytes are read")
    return text


def _parse(text: str, name: str) -> ast.Module:
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise SettingsError(f"{name}, line {line}: holds a null byte")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "\d" in a string; harmless, and no business of the user's
            return ast.parse(text)
    except SyntaxError as error:
        raise SettingsError(f"{name}, line {error.lineno or 1}: not Python: {error.msg}") from None
    except (RecursionError, MemoryError):
        raise SettingsError(f"{name}, line {_longest_line(text)}: nested too deeply") from None
    except ValueError as error:  # lone surrogates, from a caller who did not read the text from a file
        raise SettingsError(f"{name}, line 1: not Python: {error}") from None


def _longest_line(text: str) -> int:
    """Return where nesting is likely to be: here the parser names no line."""
    lengths = [len(line) for line in text.split("\n")]
    return lengths.index(max(lengths)) + 1


def _is_docstring(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _assigned(statement: ast.stmt, name: str) -> Mapping[str, Card]:
    match statement:
        case ast.Assign(targets=targets, value=value):
            pass
        case ast.AnnAssign(target=only, value=ast.expr() as value):
            targets = [only]
        case _:
            raise _refused(statement, name)
    known = [target.id for target in targets if isinstance(target, ast.Name)]
    if len(known) < len(targets):
        raise _refused(statement, name)
    return dict.fromkeys(known, Card(_literal(value, name), statement.lineno))


def _literal(value: ast.expr, name: str) -> object:
    """Return the value of a literal; a call as harmless as `set()` is none."""
    for node in ast.walk(value):
        if isinstance(node, ast.expr) and not isinstance(node, LITERALS):
            raise _refused(node, name)
    try:
        return ast.literal_eval(value)
    except (ValueError, TypeError, RecursionError, MemoryError):  # -"text", {[]: 1}, {**{}}, nesting
        raise _refused(value, name) from None


def _refused(node: ast.stmt | ast.expr, name: str) -> SettingsError:
    return SettingsError(
        f"{name}, line {node.lineno}: not an assignment of a literal; "
        'a datacard file is not executed: only lines such as image_directory = "plots" are accepted'
    )
