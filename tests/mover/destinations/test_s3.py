"""S3 destinations: what has a name there, what it holds, and credentials."""

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from runfolio.errors import Interrupted, NotVerified, Refused, SourceDamaged
from runfolio.mover.destination import Taken
from runfolio.mover.destinations import s3
from runfolio.mover.destinations.s3 import Bucket
from runfolio.mover.digests import item_of
from runfolio.mover.package import Algorithm, Item
from servers.moto import Moto
from servers.sending import nothing


def test_bytes_are_counted_as_they_go_out_in_small_blocks(bucket: Bucket, item: Item) -> None:
    sent: list[int] = []
    digest = bucket.put(item, "a", sent.append)
    assert digest is not None
    assert item.is_as_sent(digest)
    assert sum(sent) == item.size
    assert max(sent) <= 1024**2


def test_other_bytes_than_were_announced_get_no_name(bucket: Bucket, moto: Moto, item: Item) -> None:
    other = replace(item, digests={Algorithm.SHA256: 64 * "a"})
    with pytest.raises(NotVerified, match=r"^s3://archive/mice/end of run/a: .*\(BadDigest\)"):
        bucket.put(other, "a", nothing)
    assert moto.files() == {}


def test_a_name_that_is_taken_meanwhile_is_left_as_it_is(bucket: Bucket, moto: Moto, tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"other")

    def be_overtaken(_: int) -> None:
        with s3.open_destination(moto.settings) as faster:
            faster.put(item_of(tmp_path / "other"), "a", nothing)

    (tmp_path / "small").write_bytes(b"small")
    with pytest.raises(Taken):
        bucket.put(item_of(tmp_path / "small"), "a", be_overtaken)
    assert moto.files() == {"a": b"other"}


def test_a_file_that_has_become_shorter_is_damaged(bucket: Bucket, moto: Moto, item: Item) -> None:
    with pytest.raises(SourceDamaged, match="shorter"):
        bucket.put(replace(item, size=item.size + 1), "a", nothing)
    assert moto.files() == {}


def test_a_file_that_cannot_be_read_is_tried_again(bucket: Bucket, item: Item) -> None:
    with pytest.raises(Interrupted, match="cannot read"):
        bucket.put(replace(item, source=item.source / "nothing"), "a", nothing)


def test_what_is_read_back_is_what_there_is_now(moto: Moto, item: Item) -> None:
    with s3.open_destination(msgspec.structs.replace(moto.settings, verify="read-back")) as bucket:
        assert bucket.put(item, "a", nothing) is None
        assert item.is_as_sent(bucket.digest("a"))
        moto.damage("a", 70_000)
        assert not item.is_as_sent(bucket.digest("a"))


def test_without_a_digest_of_the_server_it_is_read_back(bucket: Bucket, moto: Moto, item: Item) -> None:
    bucket._client.put_object(Bucket="archive", Key=moto.key("a"), Body=item.source.read_bytes())
    assert item.is_as_sent(bucket.digest("a"))
    moto.damage("a", 70_000)
    assert not item.is_as_sent(bucket.digest("a"))


def test_names_and_removals_go_over_many_pages(
    bucket: Bucket, moto: Moto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "PAGE", 2)
    (tmp_path / "x").write_bytes(b"x")
    for name in ("a/1", "a/2", "a/3", "a/b/4", "a/c/5", "ab"):
        bucket.put(item_of(tmp_path / "x"), name, nothing)
    assert bucket.names("a") == {"1", "2", "3", "b", "c"}
    bucket.remove("a")
    assert moto.files() == {"ab": b"x"}


def test_an_object_that_stands_for_a_folder_is_no_name_in_it(bucket: Bucket, moto: Moto) -> None:
    bucket._client.put_object(Bucket="archive", Key=moto.key("a/"))
    found = bucket.look("a")
    assert found is not None
    assert found.is_folder
    assert bucket.names("a") == frozenset()


def test_a_bucket_may_be_all_of_the_url(moto: Moto, item: Item) -> None:
    with s3.open_destination(msgspec.structs.replace(moto.settings, url="s3://archive/")) as whole:
        whole.put(item, "a", nothing)
        assert whole.names("") == {"a"}
        found = whole.look("")
        assert found is not None
        assert found.is_folder


def test_reading_may_end_early(bucket: Bucket, item: Item) -> None:
    bucket.put(item, "a", nothing)
    blocks = bucket.read("a")
    assert next(blocks) == item.source.read_bytes()[: s3.BLOCK]
    del blocks
    assert bucket.names("") == {"a"}


def test_nothing_is_renamed(bucket: Bucket) -> None:
    assert not bucket.renames
    with pytest.raises(Refused):
        bucket.rename("a", "b")


def test_when_credentials_end_is_told_where_boto3_knows(
    moto: Moto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = dt.datetime.now(dt.UTC).replace(microsecond=0) + dt.timedelta(hours=2)
    given = {"Version": 1, "AccessKeyId": "a", "SecretAccessKey": "b", "Expiration": end.isoformat()}
    (tmp_path / "given.json").write_text(json.dumps(given))
    (tmp_path / "config").write_text(f"[profile site]\ncredential_process = cat {tmp_path}/given.json\n")
    with s3.open_destination(moto.settings) as bucket:
        assert bucket.credentials_end() is None
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    with s3.open_destination(msgspec.structs.replace(moto.settings, profile="site")) as bucket:
        assert bucket.credentials_end() == end.timestamp()
