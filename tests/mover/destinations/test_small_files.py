"""Keys, passwords and tokens whose file is something else: a device, a FIFO, or far too large."""

import os
from pathlib import Path
from typing import Any

import pytest

from runfolio.errors import Refused
from runfolio.mover.destination_tables import DestinationSettings
from runfolio.mover.destinations import make_destination
from runfolio.mover.destinations.small_files import LARGEST, read_small_file
from runfolio.mover.settings import DavDestination, SftpDestination, XRootDDestination

DAV: dict[str, Any] = {"name": "pool", "url": "dav://mover@127.0.0.1:1/runs"}
SFTP: dict[str, Any] = {"name": "pool", "url": "sftp://127.0.0.1:1/runs"}
ROOT: dict[str, Any] = {"name": "pool", "url": "root://127.0.0.1:1//runs"}


@pytest.fixture
def odd(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the name of what is no file."""
    if request.param == "device":
        return "/dev/zero"
    os.mkfifo(tmp_path / "fifo")
    return str(tmp_path / "fifo")


both = pytest.mark.parametrize("odd", ["device", "fifo"], indirect=True)


def refused(settings: DestinationSettings, odd: str) -> None:
    with pytest.raises(Refused, match=f"{odd}.*no regular file"), make_destination(settings):
        pass


@both
@pytest.mark.parametrize("setting", ["password_file", "token_file", "certificate", "ca"])
def test_webdav_refuses_what_is_no_file(odd: str, setting: str) -> None:
    refused(DavDestination(**{**DAV, setting: odd}), odd)


@both
def test_webdav_refuses_a_key_that_is_no_file(odd: str, tmp_path: Path) -> None:
    (tmp_path / "certificate").touch()
    refused(DavDestination(**DAV, certificate=str(tmp_path / "certificate"), key=odd), odd)


@both
@pytest.mark.parametrize("setting", ["password_file", "key", "known_hosts"])
def test_sftp_refuses_what_is_no_file(odd: str, setting: str, tmp_path: Path) -> None:
    (tmp_path / "known_hosts").touch()
    changed = {**SFTP, "known_hosts": str(tmp_path / "known_hosts"), setting: odd}
    refused(SftpDestination(**changed), odd)


@both
@pytest.mark.parametrize("setting", ["proxy", "token_file"])
def test_xrootd_refuses_what_is_no_file(odd: str, setting: str) -> None:
    refused(XRootDDestination(**{**ROOT, setting: odd}), odd)


def test_a_link_to_a_file_is_followed(tmp_path: Path) -> None:
    (tmp_path / "token").write_bytes(b"secret")
    (tmp_path / "link").symlink_to("token")
    assert read_small_file(tmp_path / "link") == b"secret"


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.truncate(LARGEST + 1)
    with pytest.raises(OSError, match="larger than"):
        read_small_file(tmp_path / "large")
