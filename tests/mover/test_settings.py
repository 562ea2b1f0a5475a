"""What the mover's tables of the settings file may say, and what is said of them where they don't fit."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runfolio.errors import SettingsError
from runfolio.mover.destination_tables import KINDS
from runfolio.mover.settings import (
    CleanSettings,
    CommandDestination,
    DavDestination,
    DestinationSettings,
    FileDestination,
    MoverSettings,
    MoveTable,
    S3Destination,
    SftpDestination,
    XRootDDestination,
    read_mover_settings,
)

COMMANDS = """
put = ["cp", "{source}", "{target}"]
rename = ["mv", "{source}", "{target}"]
remove = ["rm", "-r", "{target}"]
exists = ["test", "-e", "{target}"]
"""
CHECKSUM = 'checksum = ["sha256sum", "{target}"]\n'


def read(tmp_path: Path, text: str) -> MoverSettings:
    path = tmp_path / "runfolio.toml"
    path.write_text(text)
    return read_mover_settings(path)


def table(url: str = "file:///archive", more: str = "", name: str = "tape") -> str:
    return f"[[destination]]\nname = {json.dumps(name)}\nurl = {json.dumps(url)}\n{more}\n"


def one(tmp_path: Path, url: str = "file:///archive", more: str = "") -> DestinationSettings:
    (found,) = read(tmp_path, table(url, more)).destinations
    return found


def refused(tmp_path: Path, text: str) -> str:
    """Return what is said of a file, without where it is."""
    with pytest.raises(SettingsError) as error:
        read(tmp_path, text)
    path, words = str(error.value).split("runfolio.toml", 1)
    assert Path(path) == tmp_path
    return words


# URLs


@pytest.mark.parametrize(
    ("url", "kind", "path"),
    [
        ("file:///archive/mice/", FileDestination, "/archive/mice"),
        ("file:/archive", FileDestination, "/archive"),
        ("FILE:///archive%20of%20mice", FileDestination, "/archive of mice"),
        ("sftp://host/a", SftpDestination, "/a"),
        ("sftp://user@host:2222/a/b", SftpDestination, "/a/b"),
        ("sftp://[::1]:22/", SftpDestination, "/"),
        ("root://host//eos/mice", XRootDDestination, "/eos/mice"),
        ("roots://host:1094//", XRootDDestination, "/"),
        ("xroot://host//a", XRootDDestination, "/a"),
        ("s3://bucket", S3Destination, "/"),
        ("s3://my.bucket-1/a/b", S3Destination, "/a/b"),
        ("davs://host:8443/a", DavDestination, "/a"),
        ("dav://host/", DavDestination, "/"),
    ],
)
def test_the_scheme_of_a_url_says_what_kind_it_is(
    tmp_path: Path, url: str, kind: type[DestinationSettings], path: str
) -> None:
    found = one(tmp_path, url)
    assert (type(found), found.url, found.path) == (kind, url, path)


@pytest.mark.parametrize("path", ["/hpss/mice", "hpss/mice"])
def test_the_path_of_a_command_is_whatever_it_takes(tmp_path: Path, path: str) -> None:
    found = one(tmp_path, f"command:{path}", COMMANDS + CHECKSUM)
    assert isinstance(found, CommandDestination)
    assert found.path == path


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("file://host/a", "file:///absolute/path"),
        ("file:a", "file:///absolute/path"),
        ("file:///", "file:///absolute/path"),
        ("sftp://host", "sftp://user@host/path"),
        ("sftp:///a", "sftp://user@host/path"),
        ("sftp://host:x/a", "sftp://user@host/path"),
        ("sftp://host:0/a", "sftp://user@host/path"),
        ("sftp://host:99999/a", "sftp://user@host/path"),
        ("root://host", "root://host//path"),
        ("root://host/a", "root://host//path (two slashes)"),
        ("s3://", "s3://bucket/prefix"),
        ("s3://b!/a", "s3://bucket/prefix"),
        ("davs://host", "davs://host/path"),
        ("dav:a", "davs://host/path"),
    ],
)
def test_a_url_of_another_form_is_refused(tmp_path: Path, url: str, form: str) -> None:
    assert refused(tmp_path, table(url)) == f", destination 'tape': url '{url}' is not of the form {form}"


@pytest.mark.parametrize("url", ["command:", "command://host/a", "command:/a?b"])
def test_a_command_has_a_path_alone(tmp_path: Path, url: str) -> None:
    assert refused(tmp_path, table(url, COMMANDS + CHECKSUM)).endswith("is not of the form command:/path")


@pytest.mark.parametrize("url", ["", ":", "/archive", "ftp://host/a", "https://host/a", "1:2"])
def test_other_schemes_are_refused(tmp_path: Path, url: str) -> None:
    words = refused(tmp_path, table(url))
    assert words == f", destination 'tape': url '{url}' begins with none of {', '.join(KINDS)}"


@pytest.mark.parametrize("url", ["file:///a b", "file:///é", "file:///a\n", "davs://host/\x7f"])
def test_blanks_and_such_are_to_be_escaped(tmp_path: Path, url: str) -> None:
    assert "characters such as blanks are written as %20" in refused(tmp_path, table(url))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("davs://host/a?token=b", "url 'davs://host/a?...' is not of the form davs://host/path"),
        ("s3://bucket?versions", "url 's3://bucket?...' is not of the form s3://bucket/prefix"),
    ],
)
def test_a_query_is_refused_and_not_repeated(tmp_path: Path, url: str, words: str) -> None:
    assert refused(tmp_path, table(url)).endswith(words)


@pytest.mark.parametrize("scheme", ["sftp", "root", "s3", "davs", "ftp", "file"])
@pytest.mark.parametrize("password", ["hunter2", "a:hunter2", "a@hunter2", "a/hunter2", "a hunter2"])
def test_a_password_in_a_url_is_refused_and_not_repeated(tmp_path: Path, scheme: str, password: str) -> None:
    words = refused(tmp_path, table(f"{scheme}://user:{password}@host//a"))
    assert "hunter2" not in words
    assert f"{scheme}://user:...@host//a" in words


# Settings


def test_what_is_not_given_is_as_documented(tmp_path: Path) -> None:
    found = one(tmp_path)
    assert (found.packaging, found.required, found.parallel, found.rate) == ("folder", True, 2, None)
    assert (found.timeout, found.verify) == (60.0, "destination")
    assert read(tmp_path, "").table == MoveTable()
    assert MoveTable() == MoveTable(
        directory=None, scan_seconds=5.0, first_pause=10.0, longest_pause=3600.0, clean=None
    )


def test_all_of_it_may_be_given(tmp_path: Path) -> None:
    text = """
    [move]
    directory = "/var/lib/mover"
    scan_seconds = 1
    [move.clean]
    older_than_days = 0.5
    keep_newest = 0
    leave_behind = []
    """
    more = (
        'packaging = "bagit"\nrequired = false\nparallel = 64\nrate = 1\ntimeout = 0.5\nverify = "read-back"'
    )
    found = read(tmp_path, text + table(more=more) + table("file:///disk", name="disk"))
    assert found.table.clean == CleanSettings(older_than_days=0.5, keep_newest=0, leave_behind=())
    assert found.table.scan_seconds == 1
    assert found.directory(Path("end_of_run")) == Path("/var/lib/mover")
    tape, disk = found.destinations
    assert (tape.packaging, tape.required, tape.parallel, tape.rate) == ("bagit", False, 64, 1)
    assert found.destination("disk") is disk


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("packging = 1", "packging is not a setting; did you mean packaging?"),
        ('user = "me"', "user is not a setting"),
        ("zzz = 1", "zzz is not a setting"),
        ('packaging = "zip"', "packaging 'zip': accepted are folder, tar, bagit"),
        ('verify = "no"', "verify 'no': accepted are destination, read-back"),
        ('parallel = "2"', "Expected `int`, got `str` - at `parallel`"),
        ("parallel = 65", "Expected `int` <= 64 - at `parallel`"),
        ("rate = 0", "Expected `int` >= 1 - at `rate`"),
        ("timeout = nan", "Expected `float` > 0.0 - at `timeout`"),
        ("timeout = inf", "Expected `float` <= 86400.0 - at `timeout`"),
        ("timeout = 1979-05-27", "Expected `float`, got `date` - at `timeout`"),
        ("required = 1", "Expected `bool`, got `int` - at `required`"),
    ],
)
def test_what_does_not_fit_is_said_with_the_name_of_the_destination(
    tmp_path: Path, more: str, words: str
) -> None:
    assert refused(tmp_path, table(more=more)) == f", destination 'tape': {words}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("move = 1", ", [move]: Expected a table, got `int`"),
        ("[move]\nscan_secs = 1", ", [move]: scan_secs is not a setting; did you mean scan_seconds?"),
        ("[move]\nfirst_pause = 0", ", [move]: Expected `float` > 0.0 - at `first_pause`"),
        ('[move]\ndirectory = ""', ", [move]: directory '' can't be that of a directory"),
        ('[move]\ndirectory = "\\u0000"', ", [move]: directory '\\x00' can't be that of a directory"),
        ("[move]\nclean = 1", ", [move]: Expected a table, got `int` - at `clean`"),
        ("[move.clean]\nkeep_newest = 1", ", [move]: it needs `older_than_days` - at `clean`"),
        ("[move.clean]\nkeep_newst = 1", ", [move]: keep_newst is not a setting; did you mean keep_newest?"),
        ("destination = 1", ", line 1: destinations are written as [[destination]]"),
        ('destination = ""', ", line 1: destinations are written as [[destination]]"),
        ("\n[destination]\nname = 'a'", ", line 2: destinations are written as [[destination]]"),
        ("[[destination]]\nurl = 'file:///a'", ", destination number 1: it needs `name`"),
        ("[[destination]]\nname = 'a'", ", destination 'a': it needs a url, as url = \"file:///archive\""),
        (table() + table(), ": two destinations are called tape"),
    ],
)
def test_what_does_not_fit_is_said_with_its_table(tmp_path: Path, text: str, words: str) -> None:
    assert refused(tmp_path, text) == words


@pytest.mark.parametrize("name", ["", "a b", "../a", ".a", "a/b", "-a", "a" * 41, "é"])
def test_names_become_those_of_folders(tmp_path: Path, name: str) -> None:
    assert "1 to 40 letters, digits and _ . - are accepted" in refused(tmp_path, table(name=name))


def test_a_file_that_is_not_there_is_said_where_it_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_mover_settings() == MoverSettings(table=MoveTable(), destinations=())
    with pytest.raises(SettingsError, match="nowhere"):
        read_mover_settings(tmp_path / "nowhere")


def test_a_user_who_is_not_known_has_no_directory(tmp_path: Path) -> None:
    found = read(tmp_path, '[move]\ndirectory = "~nobody_at_all/mover"')
    with pytest.raises(SettingsError, match="nobody_at_all"):
        found.directory(tmp_path)


@pytest.mark.parametrize(("name", "advice"), [("tap", "did you mean tape?"), ("zzz", "there are tape, disk")])
def test_a_destination_that_is_not_known_is_said_with_those_there_are(
    tmp_path: Path, name: str, advice: str
) -> None:
    found = read(tmp_path, table() + table("file:///disk", name="disk"))
    with pytest.raises(SettingsError, match=re.escape(f"no destination is called {name}; {advice}")):
        found.destination(name)
    with pytest.raises(SettingsError, match="there is none"):
        read(tmp_path, "").destination(name)


# Commands


@pytest.mark.parametrize("name", ["put", "rename", "remove", "exists"])
def test_a_command_that_has_to_be_there_is_said(tmp_path: Path, name: str) -> None:
    commands = re.sub(rf"{name} = .*\n", "", COMMANDS) + CHECKSUM
    assert refused(tmp_path, table("command:/a", commands)).endswith(f"it needs `{name}`")


@pytest.mark.parametrize(
    ("commands", "words"),
    [
        (COMMANDS, "without a checksum command nobody knows what arrived: give one, or get and verify ="),
        (COMMANDS + 'get = ["cat", "{target}"]', "without a checksum command nobody knows what arrived"),
        (COMMANDS + CHECKSUM + 'verify = "read-back"', 'verify = "read-back" needs get'),
        (COMMANDS + 'checksum = ["sum"]', "checksum has to be a program and its arguments, {target} among"),
        (COMMANDS + CHECKSUM + 'names = ["{target}"]', "names has to be a program and its arguments"),
        (COMMANDS.replace("{source}", "x") + CHECKSUM, "put has to be a program and its arguments, {source}"),
        (COMMANDS + 'checksum = "sum {target}"', "Expected `array`, got `str` - at `checksum`"),
        (COMMANDS + CHECKSUM + 'algorithm = "crc"', "algorithm 'crc': accepted are sha256, adler32, md5"),
    ],
)
def test_commands_that_do_not_fit_are_refused(tmp_path: Path, commands: str, words: str) -> None:
    assert words in refused(tmp_path, table("command:/a", commands))


def test_bytes_that_are_read_back_need_no_checksum(tmp_path: Path) -> None:
    found = one(tmp_path, "command:/a", COMMANDS + 'get = ["cat", "{target}"]\nverify = "read-back"')
    assert found.verify == "read-back"


# Whatever is written there


@given(st.dictionaries(st.sampled_from(["move", "destination", "name"]), st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists
), max_size=3))  # fmt: skip
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_values_of_any_type_are_refused_or_taken(tmp_path: Path, found: dict[str, Any]) -> None:
    text = "\n".join(f"{name} = {json.dumps(value)}" for name, value in found.items())
    tried(tmp_path, text)


@given(
    key=st.sampled_from(["name", "url", "packaging", "verify", "key", "endpoint", "put", "x", "directory"]),
    begin=st.sampled_from(["", "file:///", "sftp://", "root://", "s3://", "davs://", "command:"]),
    text=st.text() | st.from_regex(r"[a-z:@/\[\]%?#0-9.]*", fullmatch=True),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_does_worse_than_being_refused(tmp_path: Path, key: str, begin: str, text: str) -> None:
    fields = {"name": "tape", "url": "file:///archive", key: begin + text}
    lines = [f"{name} = {json.dumps(value)}" for name, value in fields.items()]
    tried(tmp_path, "\n".join(["[[destination]]", *lines]))
    tried(tmp_path, "\n".join(["[[destination]]", *lines, 'endpoint = "x"']))
    tried(tmp_path, f"[move]\n{key} = {json.dumps(begin + text)}")


def tried(tmp_path: Path, text: str) -> None:
    """Use all that a file says, where it is taken."""
    path = tmp_path / "runfolio.toml"
    path.write_text(text, errors="surrogatepass")
    try:
        found = read_mover_settings(path)
        found.directory(tmp_path)
    except SettingsError:
        return
    for each in found.destinations:
        assert each.path
        assert "\0" not in each.path
        assert each.parts.password is None
