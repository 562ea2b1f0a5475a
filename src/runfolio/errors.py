"""Every error that runfolio raises on purpose.

RunfolioError
├── InputError          a source that cannot be opened or read on
│   └── UnknownColumn   a column that a plot asks for and the data don't have
├── DocumentError       one document, or one entry of it, that has to be set aside
├── SettingsError       a name or value of the settings, and the place it came from
│   └── SettingsChanged what a mover at work was started with is no longer so
├── DeclarationError    a plot declared wrongly
├── FolderError         a run folder that cannot be written or read
│   └── NameTaken       the name that a run folder was to get is another's by now
├── CheckpointError     a checkpoint that nothing can go on from
├── JournalError        the mover's journal cannot be opened, read or written
│   ├── JournalUnavailable  only at the moment: the disk is full, or somebody else keeps it locked
│   └── TakenOver       a delivery is another mover's by now
└── DeliveryError       a run folder that did not reach a destination
    ├── Unavailable     the destination can't be reached, or has no room: all of it waits
    ├── Interrupted     one transfer was cut off: it alone is tried again
    ├── Refused         credentials or settings do not fit: the destination pauses
    ├── NotVerified     what arrived is not what was sent
    ├── Conflict        at the final name there is something else
    └── SourceDamaged   the run folder here is not what was sealed

Each message says what was wrong, where, and what to do; the command line shows it as it is.
"""

from traceback import TracebackException

LONGEST_WORDS = 300
"""Characters of another's error that are shown."""


class RunfolioError(Exception):
    """What went wrong, in one line that a user can act on."""


class InputError(RunfolioError):
    """A source that cannot be opened, or not be read on."""


class UnknownColumn(InputError, AttributeError):  # noqa: N818 - what is raised is the unknown column
    """A column that a plot asks for and the data don't have; `getattr(rows, "energy", None)` gives None."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


class DocumentError(RunfolioError):
    """A document or an image entry that is set aside; `reason` is the short word it is counted by."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class SettingsError(RunfolioError):
    """A setting that is not known or does not fit."""


class SettingsChanged(SettingsError):  # noqa: N818 - what is raised is that they were changed
    """Another process has noted other settings than a mover at work was started with."""


class DeclarationError(RunfolioError):
    """A histogram, figure or reducer that cannot be what it was declared to be."""


class FolderError(RunfolioError):
    """A run folder that cannot be written, or one that cannot be read."""


class NameTaken(FolderError):  # noqa: N818 - what is raised is that the name is taken
    """A run folder cannot get the name that it was to get: there is something of that name."""


class CheckpointError(RunfolioError):
    """A checkpoint does not fit what is to go on from it, or is damaged."""


class JournalError(RunfolioError):
    """The mover's journal cannot be opened, read or written, or is none."""


class JournalUnavailable(JournalError):  # noqa: N818 - what is raised is that it is not available
    """The mover's journal cannot be read or written at the moment, which may pass by itself."""


class TakenOver(JournalError):  # noqa: N818 - what is raised is that it was taken over
    """A delivery that a mover had is no longer its own."""


class DeliveryError(RunfolioError):
    """A run folder, or one file of it, did not reach a destination."""


class Unavailable(DeliveryError):  # noqa: N818 - what is raised is that it is not available
    """A destination can't be reached, does not answer, or has no room: every delivery to it waits."""


class Interrupted(DeliveryError):  # noqa: N818 - what is raised is that it was interrupted
    """One transfer was cut off, or made no progress for too long; others to the destination may be well."""


class Refused(DeliveryError):  # noqa: N818 - what is raised is that it was refused
    """A destination refuses the credentials, the path, or what the settings ask: people have to look."""


class NotVerified(DeliveryError):  # noqa: N818 - what is raised is that it was not verified
    """What arrived at a destination is not what was sent."""


class Conflict(DeliveryError):  # noqa: N818 - what is raised is that there is a conflict
    """At the final name there is something else, which is never overwritten."""


class SourceDamaged(DeliveryError):  # noqa: N818 - what is raised is that it is damaged
    """A run folder is not, or no longer, what was sealed."""


def in_one_line(error: BaseException) -> str:
    """Return the type and words of an error that somebody else's code raised; the words alone of our own.

    A name that is nearly right is proposed where Python does so. The words may quote anything of the data:
    control characters are shown as question marks.
    """
    try:
        words = _words(error)
    except Exception:  # noqa: BLE001 - the error's class may be a user's, too
        words = f"{type(error).__name__}: (it can't say what)"
    return printable(words)


def printable(words: str) -> str:
    """Return somebody else's words in one line of a bearable length, control characters as question marks."""
    line = " ".join(words.split())[:LONGEST_WORDS]
    return "".join(letter if letter.isprintable() else "?" for letter in line)


def _words(error: BaseException) -> str:
    match error:
        case RunfolioError():
            return str(error)
        case SyntaxError():  # of text that was executed
            return f"{type(error).__name__}: {error}"
        case _:
            return " ".join(TracebackException(type(error), error, None).format_exception_only())
