"""Every error that runfolio raises on purpose.

RunfolioError
├── InputError          a source that cannot be opened or read on
├── DocumentError       one document, or one entry of it, that has to be set aside
├── SettingsError       a name or value of the settings, and the place it came from
├── DeclarationError    a plot declared wrongly
├── UnknownColumn       a column that a plot asks for and the data don't have
└── FolderError         a run folder that cannot be written or read

Each message says what was wrong, where, and what to do; the command line shows it as it is.
"""

from traceback import TracebackException

LONGEST_WORDS = 300
"""Characters of another's error that are shown."""


class RunfolioError(Exception):
    """What went wrong, in one line that a user can act on."""


class InputError(RunfolioError):
    """A source that cannot be opened, or not be read on."""


class DocumentError(RunfolioError):
    """A document or an image entry that is set aside; `reason` is the short word it is counted by."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class SettingsError(RunfolioError):
    """A setting that is not known or does not fit."""


class DeclarationError(RunfolioError):
    """A histogram, figure or reducer that cannot be what it was declared to be."""


class UnknownColumn(RunfolioError, AttributeError):  # noqa: N818 - what it is
    """A column that a plot asks for and the data don't have."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


class FolderError(RunfolioError):
    """A run folder that cannot be written, or one that cannot be read."""


def in_one_line(error: BaseException) -> str:
    """Return the type and words of an error that somebody else's code raised; the words alone of our own.

    A name that is nearly right is proposed where Python does so. Control characters are left in, but for
    line breaks.
    """
    match error:
        case RunfolioError():
            lines = [str(error)]
        case SyntaxError():  # of text that was executed
            lines = [f"{type(error).__name__}: {error}"]
        case _:
            lines = list(TracebackException(type(error), error, None).format_exception_only())
    return " ".join(" ".join(lines).split())[:LONGEST_WORDS]
