"""Starting a process ahead: it imports what it needs while the program still does so itself."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from runfolio.children.child import Child, Lost
from runfolio.children.serving import LEFT_TO_PARENT


@contextmanager
def started_ahead(module: str) -> Iterator[Child | None]:
    """Give a process that is there until the `with` ends; None where it can't be started.

    Args:
        module: as for `Child`.

    """
    child = _shielded(module)
    try:
        yield child
    finally:
        if child is not None:
            child.close()


def _shielded(module: str) -> Child | None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, LEFT_TO_PARENT)
    try:
        return Child(module)
    except Lost:  # whoever needs it tries again, and tells of it
        return None
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
