"""A user's own plots file: executed once, as a module, for the reducers that stand in it.

What is wrong with it is told in one line with the line of the file. Of an error that a library raised, that
is the line that called it.
"""

import importlib
import logging
import os
import sys
import warnings
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout, suppress
from pathlib import Path
from traceback import walk_tb
from types import CodeType, ModuleType, TracebackType
from typing import Any

from runfolio.errors import DeclarationError, SettingsError, in_one_line
from runfolio.plots.places import Place
from runfolio.plots.reducer import Reducer

log = logging.getLogger(__name__)

MAX_BYTES = 4 << 20
"""Beyond this it is another kind of file, given by mistake."""


def is_path(name: str) -> bool:
    """Tell whether a name is that of a file, and not one under which an installed package offers plots."""
    return name.endswith(".py") or "/" in name


def load_file(path: str) -> tuple[Reducer, ...]:
    """Execute a file; return the reducers at its top level, and in lists and tuples there, as they come.

    One that it imports from elsewhere counts too. While it is executed, modules beside it can be imported.

    Raises:
        SettingsError: it cannot be read.
        DeclarationError: it is not Python, raises an error, declares wrongly, or declares no Reducer.

    """
    code = _compiled(_read(path), path)
    reducers = _reducers(_executed(code, path))
    if not reducers:
        raise DeclarationError(f"{path} declares no Reducer; runfolio init writes one to start from")
    return reducers


def _read(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise SettingsError(f"{path} cannot be read: {reason}") from None
    if len(data) > MAX_BYTES:
        raise SettingsError(f"{path} is no plots file: it is larger than {MAX_BYTES >> 20} MiB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}, line {_line(data, error.start)}: not UTF-8 text") from None
    if "\0" in text:
        raise SettingsError(f"{path}, line {_line(data, data.index(0))}: holds a null byte")
    return text


def _line(data: bytes, position: int) -> int:
    return data.count(b"\n", 0, position) + 1


def _compiled(source: str, path: str) -> CodeType:
    """Compile a file's text; what Python only warns of, such as a backslash in a label, is logged."""
    with warnings.catch_warnings(record=True) as doubts:
        warnings.simplefilter("always")
        try:
            code = compile(source, path, "exec", dont_inherit=True)
        except SyntaxError as error:
            raise DeclarationError(f"{Place(path, error.lineno or 1)}: {error.msg}") from error
        except (RecursionError, MemoryError):
            raise DeclarationError(f"{path}: nested too deeply") from None
    for doubt in doubts:
        log.warning("%s: %s", Place(path, doubt.lineno), doubt.message)
    return code


def _executed(code: CodeType, path: str) -> Mapping[str, Any]:
    """Return what a file's code leaves at its top level."""
    real = os.path.realpath(path)
    # Known by a name, since msgspec looks up there what a struct's annotations stand for.
    module = ModuleType(f"{Path(path).stem.replace('.', '_')}_{zlib.crc32(os.fsencode(real)):08x}")
    module.__file__ = real
    sys.modules[module.__name__] = module
    directory = str(Path(real).parent)
    try:
        with _importable(directory), redirect_stdout(sys.stderr):  # what it prints is no output of runfolio's
            exec(code, module.__dict__)  # noqa: S102 - the user's own code, and the only one that is executed
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # also sys.exit(): a file that says so is no plots file
        sys.modules.pop(module.__name__, None)
        raise _mistake(error, path, directory) from error
    return module.__dict__


_neighbours: dict[str, tuple[str, float]] = {}
"""The modules that were imported from beside a plots file: their directory, and their file's date."""


@contextmanager
def _importable(directory: str) -> Iterator[None]:
    """Let modules of a directory be imported for a while, leaving nothing there.

    Those of another directory, or that have changed since, are forgotten: they may bear the same names.
    """
    for name, (where, date) in list(_neighbours.items()):
        if where != directory or date != _date_of(sys.modules.get(name)):
            sys.modules.pop(name, None)
            del _neighbours[name]
    importlib.invalidate_caches()
    known = set(sys.modules)
    before = sys.dont_write_bytecode
    sys.path.insert(0, directory)
    sys.dont_write_bytecode = True
    try:
        yield
    finally:
        for name in set(sys.modules) - known:
            file = getattr(sys.modules[name], "__file__", None) or ""
            if file.startswith(directory + os.sep):
                _neighbours[name] = directory, _date_of(sys.modules[name])
        sys.dont_write_bytecode = before
        with suppress(ValueError):  # the file has taken it out itself
            sys.path.remove(directory)


def _date_of(module: ModuleType | None) -> float:
    """Return when a module's file was last changed, -1 where that can't be told."""
    try:
        return Path(getattr(module, "__file__", None) or "").stat().st_mtime_ns
    except OSError:
        return -1


def _mistake(error: BaseException, path: str, directory: str) -> DeclarationError:
    """Return an error in one line; its traceback is cut to begin at the file's own first line."""

    def is_own(file: str) -> bool:
        return file == path or os.path.dirname(file) == directory  # noqa: PTH120 - as the file was compiled

    def place(file: str, line: int) -> Place:
        beside = Path(path).with_name(Path(file).name)  # shorter; not there if the path is a symbolic link
        return Place(path if file == path else str(beside if beside.exists() else file), line)

    own: list[tuple[Place, TracebackType]] = []
    step = error.__traceback__
    for frame, line in walk_tb(step):
        assert step is not None
        if is_own(frame.f_code.co_filename):
            own.append((place(frame.f_code.co_filename, line), step))
        step = step.tb_next
    if own:
        error.__traceback__ = own[0][1]
    if isinstance(error, SyntaxError) and error.filename and is_own(error.filename):  # of a module beside it
        return DeclarationError(f"{place(error.filename, error.lineno or 1)}: {error.msg}")
    where = own[-1][0] if own else path
    return DeclarationError(f"{where}: {in_one_line(error)}")


def _reducers(namespace: Mapping[str, Any]) -> tuple[Reducer, ...]:
    found: list[Reducer] = []
    for value in namespace.values():
        among = value if isinstance(value, list | tuple) else (value,)
        found += (each for each in among if isinstance(each, Reducer))
    return tuple(dict.fromkeys(found))
