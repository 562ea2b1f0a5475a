"""What a test sends to a destination."""

import hashlib
import zlib
from pathlib import Path

from runfolio.mover.package import Algorithm, Item


def item(directory: Path, data: bytes = b"runs", size: int | None = None) -> Item:
    """Write the file `source`, and return it as an item, which may claim to have another size."""
    source = directory / "source"
    source.write_bytes(data)
    digests = {
        Algorithm.SHA256: hashlib.sha256(data).hexdigest(),
        Algorithm.ADLER32: f"{zlib.adler32(data):08x}",
    }
    return Item(path="", source=source, size=len(data) if size is None else size, digests=digests)


def nothing(_: int) -> None:
    """Count no bytes."""
