"""Memory: what is there stays out of the garbage collector's way, and only as long as it is asked for."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from runfolio.memory import steady_memory


class Node:
    """Refers to itself, so that nothing but the garbage collector frees it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _nothing_is_frozen() -> Iterator[None]:
    gc.unfreeze()
    yield
    gc.unfreeze()


def test_what_was_there_is_collected_only_afterwards() -> None:
    node = Node()
    alive = weakref.ref(node)
    with steady_memory():
        del node
        gc.collect()
        assert alive() is not None
    gc.collect()
    assert alive() is None


def test_what_comes_within_is_collected_as_ever() -> None:
    with steady_memory():
        alive = weakref.ref(Node())
        gc.collect()
        assert alive() is None


def test_after_an_error_nothing_stays_frozen() -> None:
    with pytest.raises(KeyError), steady_memory():
        raise KeyError
    assert gc.get_freeze_count() == 0


def test_what_somebody_else_has_frozen_stays_so() -> None:
    gc.freeze()
    with steady_memory():
        pass
    assert gc.get_freeze_count() > 0
