"""Starting: the files that `runfolio init` writes for a user to go on from."""

from importlib.resources import files
from pathlib import Path

from runfolio.errors import InputError

TEMPLATES = ("my_plots.py", "runfolio.toml")


def write_templates(directory: Path) -> tuple[Path, ...]:
    """Write a plots file and a settings file into a directory, which is made if need be; return their paths.

    Raises:
        InputError: one of them is there already, or they cannot be written. Nothing is left then.

    """
    paths = tuple(directory / name for name in TEMPLATES)
    written: list[Path] = []
    try:
        if directory.exists() and not directory.is_dir():
            raise InputError(f"{directory} is no directory; nothing was written")
        for path in paths:
            if path.exists() or path.is_symlink():
                raise InputError(f"{path} is there already, and left as it is; nothing was written")
        directory.mkdir(parents=True, exist_ok=True)
        for path in paths:
            text = files("runfolio").joinpath("templates", path.name).read_bytes()
            with path.open("xb") as file:
                written.append(path)
                file.write(text)
    except (OSError, ValueError) as error:
        for path in written:
            path.unlink(missing_ok=True)
        reason = error.strerror if isinstance(error, OSError) else error
        where = getattr(error, "filename", None) or directory
        raise InputError(f"{where} cannot be written: {reason}") from None
    return paths
