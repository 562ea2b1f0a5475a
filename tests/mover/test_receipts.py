"""Receipts: what they say, what none of them may, and that none is ever written over."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from at_work import destination, failing
from mover.memory import MemoryPlace
from runfolio.errors import FolderError, Interrupted, NotVerified
from runfolio.folder import SealedRun
from runfolio.mover import receipts as module
from runfolio.mover.delivery import Arrived, deliver
from runfolio.mover.package import Algorithm, Digest
from runfolio.mover.packaging import packed
from runfolio.mover.receipts import (
    Receipt,
    Receipts,
    leave_receipt,
    made_receipt,
    parse_receipt,
    receipt_names,
)
from runfolio.mover.scanning import run_entry
from runfolio.mover.settings import Packaging
from sealed_folders import seal_run
from support import FakeClock

PART = ".7.0123abcd.part"
AT = "2026-01-02T03:04:05Z"


def receipt_of(run: SealedRun, directory: Path, packaging: Packaging = "folder") -> Receipt:
    """Deliver a run to a place in memory and return the receipt."""
    package = packed(run, packaging, directory / "work")
    arrived = deliver(package, MemoryPlace(), "tape", PART, intend=lambda _: None, sent=lambda _: None)
    settings = destination("tape", packaging=packaging)
    return made_receipt(run_entry(run, FakeClock()), settings, package, arrived, AT)


@pytest.fixture(scope="module")
def receipt(tmp_path_factory: pytest.TempPathFactory) -> Receipt:
    directory = tmp_path_factory.mktemp("receipts")
    return receipt_of(seal_run(directory / "end_of_run", 7), directory)


def changed(receipt: Receipt, **fields: Any) -> bytes:
    return json.dumps({**json.loads(receipt.written()), **fields}).encode()


def file(receipt: Receipt, **fields: Any) -> dict[str, Any]:
    first: dict[str, Any] = json.loads(receipt.written())["files"][0]
    return {**first, **fields}


# What they say


@pytest.mark.parametrize("packaging", ["folder", "tar", "bagit"])
def test_a_receipt_says_what_is_where(tmp_path: Path, packaging: Packaging) -> None:
    run = seal_run(tmp_path / "end_of_run", 7)
    receipt = receipt_of(run, tmp_path, packaging)
    assert parse_receipt(receipt.written()) == receipt
    assert (receipt.run, receipt.destination, receipt.delivered_at) == ("7", "tape", AT)
    assert receipt.package().items[-1].digests == packed(run, packaging, tmp_path / "work").items[-1].digests
    assert receipt.size() == receipt.package().bytes > 0
    assert all(each.digests[each.verified[0]] == each.verified[1] for each in receipt.files)


def test_a_receipt_is_json_that_people_can_read(receipt: Receipt) -> None:
    text = receipt.written().decode()
    found = json.loads(text)
    assert text.endswith("}\n")
    assert found["verified_by"] == "destination"
    assert found["files"][0]["verified"][0] == "sha256"
    assert found["versions"].keys() == {"runfolio"}


# What none says


HOSTILE: list[Callable[[Receipt], bytes]] = [
    lambda _: b"",
    lambda _: b"no json",
    lambda _: b"\xff\xfe",
    lambda _: b"[]",
    lambda _: b"[" * 100_000,
    lambda each: each.written()[:-10],
    lambda each: changed(each, run="../7"),
    lambda each: changed(each, run="8"),
    lambda each: changed(each, run="7.r2"),
    lambda each: changed(each, run_number=10**30, run=str(10**30)),
    lambda each: changed(each, name="../../etc"),
    lambda each: changed(each, name="8"),
    lambda each: changed(each, name=".hidden"),
    lambda each: changed(each, destination="../../elsewhere"),
    lambda each: changed(each, destination="/etc"),
    lambda each: changed(each, destination=""),
    lambda each: changed(each, manifest_sha256="x"),
    lambda each: changed(each, packaging="zip"),
    lambda each: changed(each, delivered_at="yesterday"),
    lambda each: changed(each, files=[]),
    lambda each: changed(each, files=[file(each, path="../x")]),
    lambda each: changed(each, files=[file(each, path="/x")]),
    lambda each: changed(each, files=[file(each, path="data/../x")]),
    lambda each: changed(each, files=[file(each, path="a/b/c")]),
    lambda each: changed(each, files=[file(each, path="a\x00b")]),
    lambda each: changed(each, files=[file(each, path="")] * 2),
    lambda each: changed(each, files=[file(each, bytes=-1)]),
    lambda each: changed(each, files=[file(each, bytes=2**62)] * 2),
    lambda each: changed(each, files=[file(each, verified=["crc", "0"])]),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_what_no_mover_has_written_is_refused(receipt: Receipt, number: int) -> None:
    with pytest.raises(FolderError):
        parse_receipt(HOSTILE[number](receipt))


def test_what_is_too_large_is_refused_unread(receipt: Receipt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST", len(receipt.written()) - 1)
    with pytest.raises(FolderError, match="larger"):
        parse_receipt(receipt.written())


@given(
    st.binary()
    | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(json.dumps).map(str.encode)
)
def test_no_bytes_do_worse_than_being_refused(data: bytes) -> None:
    with pytest.raises(FolderError):
        parse_receipt(data)


@given(
    field=st.sampled_from(["run", "name", "destination", "url", "sealed_at", "delivered_at", "revision"]),
    value=st.text() | st.integers() | st.none() | st.floats(),
)
def test_a_field_of_any_value_is_refused_or_harmless(receipt: Receipt, field: str, value: object) -> None:
    try:
        found = parse_receipt(changed(receipt, **{field: value}))
    except FolderError:
        return
    assert (found.run, found.name) == ("7", "7")
    assert Path("/kept", found.destination).parent == Path("/kept")


# Beside the journal


def test_a_receipt_that_is_kept_is_found(receipt: Receipt, tmp_path: Path) -> None:
    kept = Receipts(tmp_path)
    assert kept.find("7", "tape") is None
    assert kept.keep(receipt) == receipt
    assert kept.find("7", "tape") == receipt
    assert kept.path("7", "tape").read_bytes() == receipt.written()


def test_the_older_receipt_of_the_same_stays(receipt: Receipt, tmp_path: Path) -> None:
    kept = Receipts(tmp_path)
    kept.keep(receipt)
    later = replace(receipt, delivered_at="2027-01-01T00:00:00Z", was_there=True)
    assert kept.keep(later) == receipt
    assert kept.find("7", "tape") == receipt


@pytest.mark.parametrize(
    "fields", [{"url": "file:///elsewhere"}, {"manifest_sha256": "0" * 64}, {"packaging": "bagit"}]
)
def test_a_receipt_of_another_delivery_takes_its_place(
    receipt: Receipt, tmp_path: Path, fields: dict[str, Any]
) -> None:
    kept = Receipts(tmp_path)
    kept.keep(receipt)
    other = replace(receipt, **fields)
    assert kept.keep(other) == other
    assert kept.find("7", "tape") == other


def test_what_is_no_receipt_is_replaced(receipt: Receipt, tmp_path: Path) -> None:
    kept = Receipts(tmp_path)
    kept.path("7", "tape").parent.mkdir(parents=True)
    kept.path("7", "tape").write_bytes(b"{")
    assert kept.find("7", "tape") is None
    assert kept.keep(receipt) == receipt
    assert kept.find("7", "tape") == receipt


# At the destination


@pytest.fixture
def source(receipt: Receipt, tmp_path: Path) -> Path:
    Receipts(tmp_path).keep(receipt)
    return Receipts(tmp_path).path("7", "tape")


@pytest.mark.parametrize("renames", [True, False])
def test_a_receipt_is_left_under_its_name(receipt: Receipt, source: Path, renames: bool) -> None:
    place = MemoryPlace(renames=renames)
    leave_receipt(place, receipt, source, PART)
    assert place.files == {"receipts/7.json": receipt.written()}


@pytest.mark.parametrize("renames", [True, False])
@pytest.mark.parametrize("fields", [{"delivered_at": "2025-01-01T00:00:00Z"}, {"url": "file:///same"}])
def test_one_of_the_same_that_is_there_stays_alone(
    receipt: Receipt, source: Path, renames: bool, fields: dict[str, Any]
) -> None:
    there = {"receipts/7.json": changed(receipt, **fields)}
    place = MemoryPlace(renames=renames, files=dict(there))
    leave_receipt(place, receipt, source, PART)
    assert place.files == there


@pytest.mark.parametrize("renames", [True, False])
@pytest.mark.parametrize("fields", [{}, {"manifest_sha256": "0" * 64}, {"packaging": "bagit"}])
def test_one_of_something_else_is_never_written_over(
    receipt: Receipt, source: Path, renames: bool, fields: dict[str, Any]
) -> None:
    there = {"receipts/7.json": changed(receipt, **fields) if fields else b"older"}
    place = MemoryPlace(renames=renames, files=dict(there))
    for _ in range(2):
        leave_receipt(place, receipt, source, PART)
        assert place.files == {**there, receipt_names(receipt)[1]: receipt.written()}


def test_a_folder_that_has_its_name_stays(receipt: Receipt, source: Path) -> None:
    place = MemoryPlace(files={"receipts/7.json/a": b""})
    leave_receipt(place, receipt, source, PART)
    assert place.files.keys() == {"receipts/7.json/a", receipt_names(receipt)[1]}


@pytest.mark.parametrize("renames", [True, False])
def test_one_that_comes_from_elsewhere_meanwhile_stays(receipt: Receipt, source: Path, renames: bool) -> None:
    place = MemoryPlace(renames=renames)

    def come(operation: str, _path: str) -> None:
        if operation == ("rename" if renames else "put"):
            place.files["receipts/7.json"] = b"other"

    place.happening = come
    leave_receipt(place, receipt, source, PART)
    assert place.files == {"receipts/7.json": b"other", receipt_names(receipt)[1]: receipt.written()}


@pytest.mark.parametrize("operation", ["make_folder", "put", "digest", "rename"])
def test_one_that_was_begun_is_left_by_the_next_try(receipt: Receipt, source: Path, operation: str) -> None:
    place = failing(Interrupted("killed"), operation, times=1)
    with pytest.raises(Interrupted):
        leave_receipt(place, receipt, source, PART)
    assert "receipts/7.json" not in place.files
    leave_receipt(place, receipt, source, PART)
    assert place.files == {"receipts/7.json": receipt.written()}


def test_one_that_arrives_in_another_form_does_not_get_its_name(receipt: Receipt, source: Path) -> None:
    place = MemoryPlace()

    def damage(operation: str, path: str) -> None:
        if operation == "digest":
            place.files[path] = b"damaged"

    place.happening = damage
    with pytest.raises(NotVerified, match=r"receipts/7\.json"):
        leave_receipt(place, receipt, source, PART)
    assert place.files == {}


def test_a_receipt_names_the_digest_that_was_given(tmp_path: Path) -> None:
    run = seal_run(tmp_path / "end_of_run", 7)
    package = packed(run, "tar", tmp_path)
    adler = Digest(Algorithm.ADLER32, package.items[0].digests[Algorithm.ADLER32])
    arrived = Arrived(digests={"": adler}, was_there=True)
    found = made_receipt(
        run_entry(run, FakeClock()), destination("tape", packaging="tar"), package, arrived, AT
    )
    assert found.files[0].verified == ("adler32", adler.value)
    assert (found.name, found.was_there) == ("7.tar", True)
