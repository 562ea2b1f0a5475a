"""Large files, which go to S3 in parts, as if 300 kB were large."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from runfolio.errors import NotVerified, SourceDamaged
from runfolio.mover.destination import Taken
from runfolio.mover.destinations import s3, s3_parts
from runfolio.mover.destinations.s3 import Bucket
from runfolio.mover.digests import item_of
from runfolio.mover.package import Algorithm, Item
from servers.moto import Moto
from servers.sending import nothing


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send what is larger than 1 kB in parts, of at most 300 kB."""
    monkeypatch.setattr(s3, "LARGEST_WHOLE", 1000)
    monkeypatch.setattr(s3_parts, "PART", 300_000)
    monkeypatch.setattr(s3_parts, "BLOCK", 100_000)


def late(do: Callable[[], object], size: int = 1_000_000) -> Callable[[int], None]:
    """Return what does something once, after so many bytes were sent."""
    left = [size]

    def sent(count: int) -> None:
        before, left[0] = left[0], left[0] - count
        if left[0] <= 0 < before:
            do()

    return sent


def test_a_large_file_arrives_whole(bucket: Bucket, moto: Moto, item: Item) -> None:
    sent: list[int] = []
    digest = bucket.put(item, "a", sent.append)
    assert digest is not None
    assert item.is_as_sent(digest)
    assert sum(sent) == item.size
    assert moto.files() == {"a": item.source.read_bytes()}
    assert moto.ask("uploads") == []


def test_it_is_read_back_for_its_digest(bucket: Bucket, moto: Moto, item: Item) -> None:
    bucket.put(item, "a", nothing)
    assert item.is_as_sent(bucket.digest("a"))
    moto.damage("a", 70_000)
    assert not item.is_as_sent(bucket.digest("a"))


def test_parts_grow_where_there_would_be_too_many(
    bucket: Bucket, moto: Moto, item: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_parts, "MOST_PARTS", 2)
    bucket.put(item, "a", nothing)
    head = bucket._client.head_object(Bucket="archive", Key=moto.key("a"))
    assert head["ETag"].endswith('-2"')
    assert moto.files() == {"a": item.source.read_bytes()}


def test_a_name_that_is_taken_meanwhile_is_left_as_it_is(
    bucket: Bucket, moto: Moto, item: Item, tmp_path: Path
) -> None:
    (tmp_path / "small").write_bytes(b"small")

    def be_faster() -> None:
        with s3.open_destination(moto.settings) as other:
            other.put(item_of(tmp_path / "small"), "a", nothing)

    with pytest.raises(Taken):
        bucket.put(item, "a", late(be_faster))
    assert moto.files() == {"a": b"small"}
    assert moto.ask("uploads") == []


def test_whoever_gives_up_leaves_nothing(bucket: Bucket, moto: Moto, item: Item) -> None:
    class GivenUpError(OSError):
        pass

    def give_up() -> None:
        assert moto.ask("uploads") == [moto.key("a")]
        raise GivenUpError

    with pytest.raises(GivenUpError):
        bucket.put(item, "a", late(give_up))
    assert moto.files() == {}
    assert moto.ask("uploads") == []


def test_a_file_that_has_changed_is_not_completed(bucket: Bucket, moto: Moto, item: Item) -> None:
    with pytest.raises(SourceDamaged, match="is not what it was"):
        bucket.put(replace(item, digests={Algorithm.SHA256: 64 * "a"}), "a", nothing)
    assert moto.files() == {}
    assert moto.ask("uploads") == []


def test_a_part_that_is_not_as_sent_is_noticed(bucket: Bucket, moto: Moto, item: Item) -> None:
    with pytest.raises(NotVerified, match="did not get the parts"):
        bucket.put(item, "a", late(lambda: moto.ask("damage_part")))
    assert moto.files() == {}


@pytest.fixture
def left(bucket: Bucket, moto: Moto) -> str:
    """Have parts left of `a/b` by a killed process, and of another file; return the key of that."""
    for path in ("a/b", "ab"):
        bucket._client.create_multipart_upload(Bucket="archive", Key=moto.key(path))
    assert len(moto.ask("uploads")) == 2
    return moto.key("ab")


def test_parts_that_were_left_are_forgotten_with_the_next_ones(
    bucket: Bucket, moto: Moto, item: Item, left: str
) -> None:
    bucket.put(item, "a/b", nothing)
    assert moto.ask("uploads") == [left]


def test_parts_that_were_left_are_removed_with_their_folder(bucket: Bucket, moto: Moto, left: str) -> None:
    bucket.remove("a")
    assert moto.ask("uploads") == [left]


def test_who_may_not_list_uploads_still_sends(bucket: Bucket, moto: Moto, item: Item, left: str) -> None:
    moto.ask("refuse", 403, "AccessDenied", "prefix=")
    bucket.put(item, "a/b", nothing)
    assert moto.files() == {"a/b": item.source.read_bytes()}
    assert len(moto.ask("uploads")) == 2
    assert left in moto.ask("uploads")
