"""Who is told of effects, and when."""

import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from runfolio.watching import Operation, effect, watched

PATH = Path("somewhere")


@dataclass
class Diary:
    told: list[str] = field(default_factory=list)
    error: OSError | None = None

    def before(self, operation: Operation, path: Path) -> None:
        self.told.append(f"before {operation} {path}")
        if self.error:
            raise self.error

    def after(self, operation: Operation, path: Path) -> None:
        self.told.append(f"after {operation} {path}")


WHOLE = ["before put somewhere", "after put somewhere"]


def test_a_watcher_is_told_before_and_after() -> None:
    diary = Diary()
    with watched(diary), effect("put", PATH):
        assert diary.told == WHOLE[:1]
    assert diary.told == WHOLE


def test_nobody_is_told_once_it_is_over() -> None:
    diary = Diary()
    with pytest.raises(ZeroDivisionError), watched(diary):
        raise ZeroDivisionError
    with effect("put", PATH):
        pass
    assert diary.told == []


def test_an_effect_with_an_error_has_not_happened() -> None:
    diary = Diary()
    with pytest.raises(OSError, match="full"), watched(diary), effect("put", PATH):
        raise OSError("full")
    assert diary.told == WHOLE[:1]


def test_a_watcher_may_fail_an_effect() -> None:
    diary, done = Diary(error=OSError("no room")), list[str]()
    with watched(diary), pytest.raises(OSError, match="no room"), effect("put", PATH):
        done.append("put")
    assert done == []


def test_each_watcher_is_told() -> None:
    one, other = Diary(), Diary()
    with watched(one), watched(other), effect("put", PATH):
        pass
    assert one.told == other.told == WHOLE


def test_effects_of_other_threads_are_told() -> None:
    diary = Diary()

    def put() -> None:
        with effect("put", PATH):
            pass

    with watched(diary):
        thread = threading.Thread(target=put)
        thread.start()
        thread.join()
    assert diary.told == WHOLE
