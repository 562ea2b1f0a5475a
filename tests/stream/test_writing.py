"""The stream written on, and read back by the same program."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from runfolio.errors import InputError
from runfolio.images import Image
from runfolio.stream import (
    Decoder,
    Document,
    Kind,
    StreamWriter,
    WriterState,
    open_sources,
    read_documents,
    read_images,
    split_lines,
)
from support import PNG, mark, stream

LIMIT = 64 << 20


def image(tag: str, data: bytes = PNG, **fields: Any) -> Image:
    return Image(tag=tag, image_type="png", data=data, **fields)


def named(*images: Image) -> Sequence[tuple[str, Image]]:
    return [(each.tag, each) for each in images]


def read_back(path: Path) -> list[Document]:
    [source] = open_sources([str(path)], follow=False, stop=bool)
    items = list(read_documents(split_lines(source.name, source.chunks(), LIMIT), Decoder(), LIMIT))
    assert path.read_bytes().count(b"\n") == len(items)
    documents = [item for item in items if isinstance(item, Document)]
    assert len(documents) == len(items)
    return documents


def told(path: Path) -> list[tuple[str, Any]]:
    """Return the kind of each document with its run, or the tags of its images."""
    return [
        (each.kind, [entry.tag for entry in read_images(each.body) if isinstance(entry, Image)])
        if each.kind is Kind.IMAGE
        else (each.kind, each.run_number)
        for each in read_back(path)
    ]


JOB = {"maus_event_type": "JobHeader", "start_of_job": {"date_time": "2013-11-28 09:54:09.600122"}}


def header(run_number: int) -> bytes:
    return stream(mark("RunHeader", run_number)).strip()


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    with StreamWriter(tmp_path / "out", headers_and_footers=True) as writer:
        writer.job_mark(stream(JOB).strip())
        writer.open_run(7)
        writer.run_header(7, header(7))
        writer.live_images(7, named(image("a")))
        writer.close_run(7, named(image("a"), image("b")), footer=True)
    assert writer.problem == ""
    assert told(tmp_path / "out") == [
        (Kind.JOB_HEADER, None),
        (Kind.RUN_HEADER, 7),
        (Kind.IMAGE, ["a"]),
        (Kind.IMAGE, ["a", "b"]),
        (Kind.RUN_FOOTER, 7),
    ]
    assert [each.run_number for each in read_back(tmp_path / "out")[2:]] == [7, 7, 7]


def test_images_keep_all_that_they_had_and_get_the_tag_they_are_filed_under(tmp_path: Path) -> None:
    sent = image("a", PNG + bytes(range(256)), description='"é"\n', keywords=("tof", ""), producer="stream")
    with StreamWriter(tmp_path / "out", headers_and_footers=True) as writer:
        writer.open_run(7)
        writer.close_run(7, [("a_2", sent)], footer=False)
    [document] = read_back(tmp_path / "out")
    [received] = read_images(document.body)
    assert isinstance(received, Image)
    assert received.tag == "a_2"
    assert (received.data, received.description, received.keywords) == (
        sent.data,
        sent.description,
        sent.keywords,
    )


def test_no_image_document_is_written_without_images(tmp_path: Path) -> None:
    with StreamWriter(tmp_path / "out", headers_and_footers=True) as writer:
        writer.open_run(7)
        writer.live_images(7, [])
        writer.close_run(7, [], footer=False)
    assert (tmp_path / "out").read_bytes() == b""


def test_headers_and_footers_may_be_left_out(tmp_path: Path) -> None:
    with StreamWriter(tmp_path / "out", headers_and_footers=False) as writer:
        writer.job_mark(stream(JOB).strip())
        writer.open_run(7)
        writer.run_header(7, header(7))
        writer.close_run(7, named(image("a")), footer=True)
    assert told(tmp_path / "out") == [(Kind.IMAGE, ["a"])]


def test_run_follows_run_although_the_first_waits_for_its_pictures(tmp_path: Path) -> None:
    with StreamWriter(tmp_path / "out", headers_and_footers=True) as writer:
        for run_number in (1, 2, 3):
            writer.open_run(run_number)
            writer.run_header(run_number, header(run_number))
        writer.live_images(2, named(image("left_out")))
        writer.live_images(1, named(image("a")))
        writer.close_run(1, named(image("b")), footer=True)
        writer.live_images(2, named(image("c")))
        writer.close_run(3, named(image("d")), footer=True)
        writer.close_run(2, [], footer=False)
    words = [each for each in told(tmp_path / "out") if each[1] not in (["d"], 3)]
    assert words == [
        (Kind.RUN_HEADER, 1),
        (Kind.IMAGE, ["a"]),
        (Kind.IMAGE, ["b"]),
        (Kind.RUN_FOOTER, 1),
        (Kind.RUN_HEADER, 2),
        (Kind.IMAGE, ["c"]),
    ]


def test_a_run_opened_anew_before_it_was_sealed_is_written_twice(tmp_path: Path) -> None:
    with StreamWriter(tmp_path / "out", headers_and_footers=True) as writer:
        for _ in range(2):
            writer.open_run(1)
            writer.run_header(1, header(1))
        for _ in range(2):
            writer.close_run(1, [], footer=True)
    assert [kind for kind, _ in told(tmp_path / "out")] == [Kind.RUN_HEADER, Kind.RUN_FOOTER] * 2


def test_a_pretty_printed_header_is_written_on_one_line(tmp_path: Path) -> None:
    pretty = b'{\r\n  "maus_event_type": "RunHeader",\n\t"run_number": 7,\n "a": "\\n{"\n}'
    with StreamWriter(tmp_path / "out", headers_and_footers=True) as writer:
        writer.open_run(7)
        writer.run_header(7, pretty)
        writer.close_run(7, [], footer=False)
    assert told(tmp_path / "out") == [(Kind.RUN_HEADER, 7)]


@pytest.mark.parametrize("depth", [500, 5000])
def test_a_deeply_nested_header_does_no_harm(tmp_path: Path, depth: int) -> None:
    deep = stream(JOB).strip()[:-1] + b', "x": ' + b"[" * depth + b"]" * depth + b"}"
    with StreamWriter(tmp_path / "out", headers_and_footers=True) as writer:
        writer.job_mark(deep)
    assert (tmp_path / "out").read_bytes() == deep + b"\n"


def test_without_a_path_nothing_is_written_and_everything_goes() -> None:
    with StreamWriter(None, headers_and_footers=True) as writer:
        writer.job_mark(b"{}")
        writer.open_run(7)
        writer.run_header(7, b"{}")
        writer.live_images(7, named(image("a")))
        writer.close_run(7, named(image("a")), footer=True)
    assert writer.problem == ""


def test_a_full_disk_is_said_once_and_ends_the_writing_alone(caplog: pytest.LogCaptureFixture) -> None:
    with StreamWriter(Path("/dev/full"), headers_and_footers=True) as writer:
        for run_number in (1, 2):
            writer.open_run(run_number)
            writer.close_run(run_number, named(image("a", bytes(100_000))), footer=True)
    assert writer.problem == "/dev/full: cannot be written on: No space left on device"
    assert caplog.messages == [writer.problem]


@pytest.mark.parametrize("name", [".", "no/such/place", "null\0byte"])
def test_a_path_that_cannot_be_opened_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        StreamWriter(tmp_path / name, headers_and_footers=True)


TO_STDOUT = """
import sys
from pathlib import Path
from runfolio.errors import InputError
from runfolio.stream import StreamWriter
try:
    with StreamWriter(Path("-"), headers_and_footers=True) as writer:
        writer.job_mark(b"{}")
    print("still open", writer.problem)
except InputError as error:
    print(error, file=sys.stderr)
with StreamWriter(None, headers_and_footers=True):
    pass
"""


def shell(redirection: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", f'exec "$0" -c "$1" {redirection}', sys.executable, TO_STDOUT],
        capture_output=True,
        text=True,
        check=True,
    )


def test_standard_output_is_written_to_and_left_open() -> None:
    assert shell("").stdout == "{}\nstill open \n"


def test_a_closed_standard_output_is_said() -> None:
    assert shell(">&-").stderr == "standard output is closed; name a file for the stream\n"


def test_a_reader_that_went_away_is_a_problem_and_no_crash(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    with StreamWriter(tmp_path / "pipe", headers_and_footers=True) as writer:
        os.close(reader)
        writer.job_mark(b"{}")
    assert "Broken pipe" in writer.problem


def restored(writer: StreamWriter) -> WriterState:
    """Return the writer's state as it comes back from a checkpoint."""
    return msgspec.msgpack.decode(msgspec.msgpack.encode(writer.state()), type=WriterState)


def steps(writer: StreamWriter) -> list[Callable[[], None]]:
    """Return what writes three runs that overlap, one line or none a step."""
    return [
        lambda: writer.job_mark(stream(JOB).strip()),
        lambda: writer.open_run(1),
        lambda: writer.run_header(1, header(1)),
        lambda: writer.open_run(2),
        lambda: writer.run_header(2, header(2)),
        lambda: writer.open_run(3),
        lambda: writer.live_images(1, named(image("a"))),
        lambda: writer.run_header(3, header(3)),
        lambda: writer.close_run(1, named(image("b")), footer=True),
        lambda: writer.live_images(2, named(image("c"))),
        lambda: writer.close_run(2, [], footer=False),
        lambda: writer.close_run(3, named(image("d")), footer=True),
    ]


def take(writer: StreamWriter, first: int, last: int) -> None:
    for step in steps(writer)[first:last]:
        step()


EVERY = len(steps(StreamWriter(None, headers_and_footers=True)))


@pytest.fixture
def undisturbed(tmp_path: Path) -> bytes:
    with StreamWriter(tmp_path / "undisturbed", headers_and_footers=True) as writer:
        take(writer, 0, EVERY)
    return (tmp_path / "undisturbed").read_bytes()


@pytest.mark.parametrize("checkpoint", range(EVERY + 1))
@pytest.mark.parametrize("further", [0, 1, 3])
@pytest.mark.parametrize("half", [b"", b'{"maus_'])
def test_killed_anywhere_after_a_checkpoint_the_file_becomes_the_undisturbed_one(
    tmp_path: Path, undisturbed: bytes, checkpoint: int, further: int, half: bytes
) -> None:
    with StreamWriter(tmp_path / "out", headers_and_footers=True) as killed:
        take(killed, 0, checkpoint)
        state = restored(killed)
        take(killed, checkpoint, checkpoint + further)
    with (tmp_path / "out").open("ab") as file:
        file.write(half)
    with StreamWriter(tmp_path / "out", headers_and_footers=True, resume=state) as writer:
        take(writer, checkpoint, EVERY)
    assert (tmp_path / "out").read_bytes() == undisturbed
    assert writer.problem == ""


def test_a_state_is_not_changed_by_what_comes_after_it(tmp_path: Path) -> None:
    with StreamWriter(tmp_path / "out", headers_and_footers=True) as writer:
        take(writer, 0, 6)
        state, before = writer.state(), restored(writer)
        with StreamWriter(None, headers_and_footers=True, resume=state) as other:
            take(other, 6, EVERY)
        take(writer, 6, EVERY)
    assert msgspec.msgpack.encode(state) == msgspec.msgpack.encode(before)


@pytest.mark.parametrize("now", [None, b"", b"{}\n", b"x" * 10_000])
def test_a_file_that_is_not_what_was_written_begins_anew_and_that_is_told(
    tmp_path: Path, now: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "out"
    with StreamWriter(path, headers_and_footers=True) as killed:
        take(killed, 0, 4)
        state = restored(killed)
    path.unlink() if now is None else path.write_bytes(now)
    with StreamWriter(path, headers_and_footers=True, resume=state) as writer:
        take(writer, 4, EVERY)
    assert writer.problem == f"{path}: is not what was written before the restart; it begins anew"
    assert caplog.messages == [writer.problem]
    assert told(path)[0] == (Kind.IMAGE, ["a"])


def test_a_file_to_which_nothing_was_written_yet_may_be_gone(tmp_path: Path, undisturbed: bytes) -> None:
    with StreamWriter(tmp_path / "out", headers_and_footers=True) as killed:
        state = restored(killed)
    (tmp_path / "out").unlink()
    with StreamWriter(tmp_path / "out", headers_and_footers=True, resume=state) as writer:
        take(writer, 0, EVERY)
    assert writer.problem == ""
    assert (tmp_path / "out").read_bytes() == undisturbed


def test_writing_that_was_given_up_is_not_taken_up_again(tmp_path: Path) -> None:
    with StreamWriter(Path("/dev/full"), headers_and_footers=True) as full:
        take(full, 0, 1)
        state = restored(full)
    with StreamWriter(tmp_path / "out", headers_and_footers=True, resume=state) as writer:
        take(writer, 1, EVERY)
    assert writer.problem == full.problem != ""
    assert (tmp_path / "out").read_bytes() == b""


def test_a_stream_that_began_anew_says_so_after_the_next_restart_and_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "out"
    with StreamWriter(path, headers_and_footers=True) as first:
        take(first, 0, 4)
    path.unlink()
    with StreamWriter(path, headers_and_footers=True, resume=first.state()) as second:
        take(second, 4, 8)
    with StreamWriter(path, headers_and_footers=True, resume=restored(second)) as third:
        take(third, 8, EVERY)
    assert third.problem == second.problem != ""
    assert told(path)[-1] == (Kind.RUN_FOOTER, 3)


def test_a_pipe_has_no_position_and_goes_on(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    with StreamWriter(tmp_path / "pipe", headers_and_footers=True) as killed:
        take(killed, 0, 5)
        state = restored(killed)
    assert state.position is None
    os.read(reader, 10_000)
    with StreamWriter(tmp_path / "pipe", headers_and_footers=True, resume=state) as writer:
        take(writer, 5, EVERY)
    written = os.read(reader, 10_000)
    os.close(reader)
    assert writer.problem == ""
    assert written.startswith(b'{"maus_event_type":"Image","run_number":1')
    assert header(2) in written
