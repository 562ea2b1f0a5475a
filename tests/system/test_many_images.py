"""A million image documents in one run: all are counted, the newest are kept, memory stays where it is."""

import base64
import json
import os
from pathlib import Path

from processes import Process, running
from support import PNG, contents, mark, record, stream

TAGS = 1000
MEGABYTES = 1 << 10  # of getrusage's kilobytes


def documents_of_a_round(number: int) -> bytes:
    """Return an image document for each tag; what they show is the number of the round."""
    return ROUND.replace(base64.b64encode(bytes(3)), base64.b64encode(number.to_bytes(3)))


def picture(number: int) -> bytes:
    return PNG + b"-" + number.to_bytes(3)


ROUND = b"".join(
    b'{"maus_event_type": "Image", "run_number": 1, "image_list": '
    b'[{"tag": "t%d", "image_type": "png", "data": "%b"}]}\n' % (tag, base64.b64encode(picture(0)))
    for tag in range(TAGS)
)


def send(process: Process, rounds: int) -> None:
    assert process.stdin
    process.stdin.write(stream(mark("RunHeader", 1)))
    for number in range(rounds):
        process.stdin.write(documents_of_a_round(number))
    process.stdin.write(stream(mark("RunFooter", 1)))
    process.stdin.close()
    process.stdin = None  # Popen would flush it once more


def most_memory(directory: Path, rounds: int) -> int:
    """Send so many rounds to the program, and return the most kilobytes of memory that it had."""
    directory.mkdir()
    with running(directory, "-", "--refresh-seconds", "3600") as process:
        send(process, rounds)
        _, process.returncode, usage = os.wait4(process.pid, 0)
        assert process.returncode == 0, process.communicate()
    return usage.ru_maxrss


def test_a_million_image_documents_leave_the_newest_of_each_tag(tmp_path: Path) -> None:
    few, many = most_memory(tmp_path / "few", 10), most_memory(tmp_path / "many", 1000)
    assert many < few + 30 * MEGABYTES
    folder = tmp_path / "many" / "end_of_run" / "1"
    said = record(folder)
    assert said["documents"]["images"] == 1_000_000
    assert said["documents"]["received"] == 1_000_002
    assert (said["image_entries_rejected"], len(said["images"])) == ({}, TAGS)
    found = contents(folder)
    assert [found[f"imaget{tag}.png"] for tag in range(TAGS)] == [picture(999)] * TAGS
    assert json.loads((tmp_path / "many" / "live" / "live.json").read_text())["state"] == "final"
