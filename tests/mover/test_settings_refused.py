"""Settings of the mover that are refused, and what is said of them."""

from pathlib import Path

import pytest

from runfolio.errors import SettingsError
from runfolio.mover.places import Places
from runfolio.mover.settings import MoverSettings, read_mover_settings

COMMANDS = """
put = ["cp", "{source}", "{target}"]
rename = ["mv", "{source}", "{target}"]
remove = ["rm", "{target}"]
exists = ["test", "-e", "{target}"]
checksum = ["sha256sum", "{target}"]
"""


def destination(url: str, name: str = "tape", more: str = "") -> str:
    return f'[[destination]]\nname = "{name}"\nurl = "{url}"\n{more}\n'


def read(directory: Path, text: str) -> MoverSettings:
    (directory / "mover.toml").write_text(text)
    return read_mover_settings(directory / "mover.toml")


@pytest.mark.parametrize(
    "url",
    [
        "sftp://user:hunter2@host/path",
        "sftp://user:hun/ter2@host/path",
        "root://user:hunter2@host//path",
        "root://host//path?authz=Bearer%20hunter2",
        "s3://key:hunter2@bucket/path",
        "davs://user:hunter2@host/path",
        "davs://user:hunter2@host:port/path",
        "https://user:hunter2@host/path",
        "davs://user:hunter2@host/a/../b",
        "davs://user:hunter2@host/%00",
    ],
)
def test_secrets_in_a_url_are_refused_and_not_repeated(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError, match="destination 'tape': ") as raised:
        read(tmp_path, destination(url))
    assert "ter2" not in str(raised.value)


def test_secrets_in_an_endpoint_are_refused_and_not_repeated(tmp_path: Path) -> None:
    endpoint = 'endpoint = "https://key:hunter2@host"'
    with pytest.raises(SettingsError, match=r"endpoint 'https://key:\.\.\.@host' is not of the form"):
        read(tmp_path, destination("s3://bucket/path", more=endpoint))


@pytest.mark.parametrize("url", ["file:///archive%00", "sftp://user%0a@host/path", "dav://host/a%7fb"])
def test_characters_that_no_name_has_are_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError, match="stands for characters that are in no name"):
        read(tmp_path, destination(url))


@pytest.mark.parametrize("url", ["file:///..", "file:///%2e%2e/x", "dav://host/a/../b", "root://h//a/.."])
def test_paths_that_go_up_are_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError, match="goes up by"):
        read(tmp_path, destination(url))


@pytest.mark.parametrize("url", ["file:///archive?x", "file:///archive#x"])
def test_what_would_be_left_out_of_a_path_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError, match=r"url 'file:///archive.* with \? or #"):
        read(tmp_path, destination(url))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (destination("file:///archive", "a"), destination("file:///./archive/", "b")),
        (destination("file:///archive", "a"), destination("file:///archive", "b", 'packaging = "bagit"')),
        (destination("root://Host//a", "a"), destination("xroot://host//a", "b")),
        (destination("s3://bucket/a", "a"), destination("s3://bucket/a", "b")),
    ],
)
def test_one_place_is_no_two_destinations(tmp_path: Path, one: str, other: str) -> None:
    with pytest.raises(SettingsError, match="destinations a and b are one place"):
        read(tmp_path, one + other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (destination("file:///archive", "a"), destination("file:///archive", "b", 'packaging = "tar"')),
        (
            destination("s3://bucket/a", "a", 'endpoint = "https://one"'),
            destination("s3://bucket/a", "b", 'endpoint = "https://two"'),
        ),
        (
            destination("command:/a", "a", COMMANDS),
            destination("command:/a", "b", COMMANDS.replace('"cp"', '"scp"')),
        ),
    ],
)
def test_places_may_have_one_url(tmp_path: Path, one: str, other: str) -> None:
    assert [each.name for each in read(tmp_path, one + other).destinations] == ["a", "b"]


@pytest.mark.parametrize("below", ["", "/", "/.mover", "/4235"])
def test_a_destination_in_the_end_of_run_directory_is_refused(tmp_path: Path, below: str) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "end_of_run")
    (tmp_path / "end_of_run").mkdir()
    settings = read(tmp_path, destination((tmp_path / "end_of_run").as_uri() + below))
    for end_of_run in (tmp_path / "end_of_run", tmp_path / "link"):
        with pytest.raises(SettingsError, match=r"destination tape: .* is within the end-of-run directory"):
            Places(end_of_run=end_of_run, settings=settings)
