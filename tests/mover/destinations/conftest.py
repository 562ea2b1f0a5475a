"""A bucket, and a file to send there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from runfolio.mover.destinations.s3 import Bucket, open_destination
from runfolio.mover.digests import item_of
from runfolio.mover.package import Item
from servers.moto import Moto


@pytest.fixture
def moto(tmp_path: Path) -> Iterator[Moto]:
    """Start a server."""
    made = Moto(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def bucket(moto: Moto) -> Iterator[Bucket]:
    """Connect to it."""
    with open_destination(moto.settings) as connected:
        yield connected


@pytest.fixture
def item(tmp_path: Path) -> Item:
    """Return a file to send, of more than a megabyte."""
    (tmp_path / "file").write_bytes(bytes(range(256)) * 5000)
    return item_of(tmp_path / "file")
