import errno
import json
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runfolio.errors import FolderError, SettingsError
from runfolio.folder import LiveDirectory, Names, durable, read_live_index
from runfolio.folder.faults import Fail, Recorder
from runfolio.images import Caption, Image
from runfolio.watching import Operation, watched

Picture = Callable[..., Image]


class FixedClock:
    def now(self) -> float:
        return 1385632449.0

    def monotonic(self) -> float:
        return 0.0


def after(spills: int, *, run_number: int = 4235, final: bool = False) -> Caption:
    return Caption(run_number=run_number, spills=spills, last_spill_time=1385632440.0, final=final)


@pytest.fixture
def live(tmp_path: Path) -> LiveDirectory:
    directory = LiveDirectory(tmp_path / "live", clock=FixedClock())
    assert directory.open_run(4235) == ()
    return directory


@pytest.fixture
def numbered(tmp_path: Path) -> LiveDirectory:
    directory = LiveDirectory(tmp_path / "live", auto_number=True, clock=FixedClock())
    directory.open_run(4235)
    return directory


def names(live: LiveDirectory) -> set[str]:
    return {path.name for path in live.directory.iterdir()}


def metadata(live: LiveDirectory, name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((live.directory / name).read_bytes())
    return content


def test_images_and_metadata_are_shown(live: LiveDirectory, picture: Picture) -> None:
    refreshed = live.refresh([picture("x", b"1"), picture("y", b"2", image_type="root")], after(3))
    assert (refreshed.written, refreshed.problems) == (2, ())
    assert names(live) == {"imagex.png", "imagex.json", "imagey.root", "imagey.json", "live.json"}
    assert (live.directory / "imagex.png").read_bytes() == b"1"
    assert metadata(live, "imagex.json")["spills"] == 3
    assert metadata(live, "imagex.json")["state"] == "open"


def test_index_says_which_run_is_shown(live: LiveDirectory, picture: Picture) -> None:
    live.refresh([picture("x")], after(3))
    assert metadata(live, "live.json") == {
        "schema": "runfolio.live/1",
        "run_number": 4235,
        "state": "open",
        "spills": 3,
        "unit": "spill",
        "last_spill_time": "2013-11-28T09:54:00Z",
        "updated_at": "2013-11-28T09:54:09Z",
        "files": ["imagex.json", "imagex.png"],
    }


def test_last_refresh_says_that_it_is_final(live: LiveDirectory, picture: Picture) -> None:
    live.refresh([picture("x")], after(3, final=True))
    assert metadata(live, "live.json")["state"] == metadata(live, "imagex.json")["state"] == "final"


def test_open_run_without_images_shows_none(live: LiveDirectory) -> None:
    assert names(live) == {"live.json"}
    assert metadata(live, "live.json")["spills"] == 0


def test_refresh_replaces_images_whole_and_keeps_others(live: LiveDirectory, picture: Picture) -> None:
    live.refresh([picture("x", b"1"), picture("y", b"1")], after(1))
    held = (live.directory / "imagex.png").open("rb")
    live.refresh([picture("x", b"2")], after(2))
    with held:
        assert held.read() == b"1"  # a reader in the middle of it
    assert (live.directory / "imagex.png").read_bytes() == b"2"
    assert (live.directory / "imagey.png").read_bytes() == b"1"


def test_picture_comes_before_its_metadata_and_both_are_announced(
    live: LiveDirectory, picture: Picture
) -> None:
    with watched(recorder := Recorder()):
        live.refresh([picture("x")], after(1))
    renames = [path.name for operation, path in recorder.operations if operation == "rename"]
    assert renames == ["live.json", "imagex.png", "imagex.json", "live.json"]


def test_nothing_is_forced_to_the_disk(live: LiveDirectory, picture: Picture) -> None:
    with watched(recorder := Recorder()):
        live.refresh([picture("x")], after(1))
    assert not {operation for operation, _ in recorder.operations} & {"fsync_file", "fsync_directory"}


def test_type_that_comes_later_joins_the_metadata(live: LiveDirectory, picture: Picture) -> None:
    live.refresh([picture("x")], after(1))
    live.refresh([picture("x", image_type="pdf")], after(2))
    assert [file["file"] for file in metadata(live, "imagex.json")["images"]] == ["imagex.pdf", "imagex.png"]


def test_next_run_starts_without_images(live: LiveDirectory, picture: Picture) -> None:
    live.refresh([picture("x")], after(1))
    assert live.open_run(4236) == ()
    assert names(live) == {"live.json"}
    assert metadata(live, "live.json")["run_number"] == 4236


def test_images_of_a_former_process_are_cleared_and_files_of_others_stay(
    live: LiveDirectory, picture: Picture
) -> None:
    live.refresh([picture("x"), picture("y", image_type="root")], after(1))
    for other in ("notes.txt", "imageother.png", "rejected.jsonl"):
        (live.directory / other).write_bytes(b"")
    LiveDirectory(live.directory).open_run(4236)
    assert names(live) == {"live.json", "notes.txt", "imageother.png", "rejected.jsonl"}


def test_images_of_a_process_killed_in_its_first_refresh_are_cleared(
    live: LiveDirectory, picture: Picture
) -> None:
    class Killed(Recorder):
        def before(self, operation: Operation, path: Path) -> None:
            if operation == "rename" and path.name == "imagex.json":
                raise KeyboardInterrupt

    with watched(Killed()), pytest.raises(KeyboardInterrupt):
        live.refresh([picture("x")], after(1))
    (live.directory / ".imagex.json.0123abcd.new").write_bytes(b"half")
    (live.directory / ".imageother.png.0123abcd.new").write_bytes(b"another program's")
    assert "imagex.png" in names(live)
    LiveDirectory(live.directory).open_run(4235)
    assert names(live) == {"live.json", ".imageother.png.0123abcd.new"}


def test_index_cannot_have_other_files_removed(live: LiveDirectory, tmp_path: Path) -> None:
    (tmp_path / "precious").write_bytes(b"")
    (live.directory / "sub").mkdir()
    (live.directory / "sub" / "precious").write_bytes(b"")
    (live.directory / "rejected.jsonl").write_bytes(b"")
    files = [
        "../precious",
        str(tmp_path / "precious"),
        "sub/precious",
        "..",
        ".",
        "",
        ".hidden",
        "rejected.jsonl",
    ]
    (live.directory / "live.json").write_text(json.dumps({**metadata(live, "live.json"), "files": files}))
    assert LiveDirectory(live.directory).open_run(4236) == ()
    assert (tmp_path / "precious").exists()
    assert (live.directory / "sub" / "precious").exists()
    assert (live.directory / "rejected.jsonl").exists()


def test_link_that_the_index_lists_is_removed_and_not_followed(live: LiveDirectory, tmp_path: Path) -> None:
    (tmp_path / "precious").write_bytes(b"")
    (live.directory / "imagex.png").symlink_to(tmp_path / "precious")
    (live.directory / "live.json").write_text(
        json.dumps({**metadata(live, "live.json"), "files": ["imagex.png"]})
    )
    LiveDirectory(live.directory).open_run(4236)
    assert (tmp_path / "precious").exists()
    assert names(live) == {"live.json"}


def test_directory_that_the_index_lists_is_a_problem(live: LiveDirectory) -> None:
    (live.directory / "imagex.png").mkdir()
    (live.directory / "live.json").write_text(
        json.dumps({**metadata(live, "live.json"), "files": ["imagex.png"]})
    )
    (problem,) = LiveDirectory(live.directory).open_run(4236)
    assert "imagex.png: Is a directory" in problem


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"schema": "runfolio.live/9"}', '{"schema": "runfolio.live/1"}']
)
def test_broken_index_is_a_problem_and_replaced(live: LiveDirectory, picture: Picture, text: str) -> None:
    (live.directory / "live.json").write_text(text)
    (problem,) = live.open_run(4236)
    assert "live.json" in problem
    assert live.refresh([picture("x")], after(1, run_number=4236)).problems == ()
    index = read_live_index(live.directory)
    assert index
    assert index.run_number == 4236


def test_index_that_is_a_fifo_is_not_waited_for(live: LiveDirectory) -> None:
    (live.directory / "live.json").unlink()
    os.mkfifo(live.directory / "live.json")
    (problem,) = live.open_run(4236)
    assert "it is no regular file" in problem


def test_directory_without_index_has_none(tmp_path: Path) -> None:
    assert read_live_index(tmp_path) is None


def test_error_on_one_file_does_not_lose_the_rest(live: LiveDirectory, picture: Picture) -> None:
    (live.directory / "imagex.png").mkdir()
    refreshed = live.refresh([picture("x"), picture("y"), picture("../z")], after(1))
    assert refreshed.written == 1
    assert any("imagex.png: Is a directory" in problem for problem in refreshed.problems)
    assert any("bad_tag" in problem for problem in refreshed.problems)
    assert {"imagey.png", "imagey.json"} < names(live)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_failing_any_operation_stops_nothing_and_the_next_refresh_mends_it(
    live: LiveDirectory, picture: Picture, code: int
) -> None:
    images = [picture("x", b"1"), picture("y", b"2", image_type="pdf")]
    for at in range(18):
        live.open_run(4235)
        with watched(fail := Fail(at, code)):
            refreshed = live.refresh(images, after(1))
        assert fail.failed
        assert any(os.strerror(code) in problem for problem in refreshed.problems)
        assert live.refresh(images, after(2)).problems == ()
        assert names(live) == {"imagex.png", "imagex.json", "imagey.pdf", "imagey.json", "live.json"}


def test_same_problem_is_logged_once_a_run(
    live: LiveDirectory, picture: Picture, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    (live.directory / "imagex.png").mkdir()
    for spills in range(3):
        assert live.refresh([picture("x")], after(spills)).problems
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert caplog.records[0].getMessage().startswith("run 4235: live directory: cannot rename to")


@pytest.mark.parametrize("at", range(8))
def test_disk_that_stays_full_is_logged_once(
    live: LiveDirectory, picture: Picture, caplog: pytest.LogCaptureFixture, at: int
) -> None:
    numbered = LiveDirectory(live.directory, auto_number=True)
    numbered.open_run(4235)
    for spills in range(20):
        with watched(Fail(at, errno.ENOSPC, through=True)):
            assert numbered.refresh([picture("x"), picture("y")], after(spills)).problems
    assert len([record for record in caplog.records if record.name == "runfolio.folder.live"]) == 1


def test_directory_that_vanished_is_made_again(live: LiveDirectory, picture: Picture) -> None:
    durable.remove_directory(live.directory)
    assert live.refresh([picture("x")], after(1)).problems == ()
    assert names(live) == {"imagex.png", "imagex.json", "live.json"}


def test_images_of_another_run_are_not_shown(live: LiveDirectory, picture: Picture) -> None:
    refreshed = live.refresh([picture("x")], after(1, run_number=4234))
    assert refreshed.written == 0
    assert refreshed.problems == ("images of run 4234 are not shown: it is not the open run",)
    assert names(live) == {"live.json"}


def test_second_name_is_the_one_of_the_run_folder(live: LiveDirectory, picture: Picture) -> None:
    own = Names("image")
    own.name("x", "own")
    live.open_run(4236, names=own)
    refreshed = live.refresh([picture("x", producer="stream")], after(1, run_number=4236))
    assert [renamed.name for renamed in refreshed.renamed] == ["x_2"]
    assert "imagex_2.png" in names(live)


def test_numbered_images_carry_the_spill_count(numbered: LiveDirectory, picture: Picture) -> None:
    numbered.refresh([picture("tof_x", b"1")], after(123))
    assert names(numbered) == {"imagetof_x000123.png", "imagetof_x000123.json", "live.json"}
    assert metadata(numbered, "imagetof_x000123.json")["tag"] == "tof_x"
    assert metadata(numbered, "imagetof_x000123.json")["images"][0]["file"] == "imagetof_x000123.png"


def test_numbered_images_before_are_removed_once_the_new_are_there(
    numbered: LiveDirectory, picture: Picture
) -> None:
    numbered.refresh([picture("x"), picture("y")], after(1))
    with watched(recorder := Recorder()):
        numbered.refresh([picture("x")], after(1_000_000))
    assert names(numbered) == {
        "imagex1000000.png",
        "imagex1000000.json",
        "imagey000001.png",
        "imagey000001.json",
        "live.json",
    }
    operations = [operation for operation, _ in recorder.operations]
    assert operations.index("remove") > operations.index("rename")


def test_numbered_image_that_cannot_be_replaced_stays(numbered: LiveDirectory, picture: Picture) -> None:
    numbered.refresh([picture("x")], after(1))
    (numbered.directory / "imagex000002.png").mkdir()
    assert numbered.refresh([picture("x")], after(2)).written == 0
    assert {"imagex000001.png", "imagex000001.json"} < names(numbered)


def test_same_spill_count_replaces_the_numbered_image(numbered: LiveDirectory, picture: Picture) -> None:
    numbered.refresh([picture("x", b"1")], after(1))
    numbered.refresh([picture("x", b"2")], after(1))
    assert (numbered.directory / "imagex000001.png").read_bytes() == b"2"
    assert len(names(numbered)) == 3


def test_disk_stays_bounded_over_many_refreshes(numbered: LiveDirectory, picture: Picture) -> None:
    for spills in range(50):
        numbered.refresh([picture("x"), picture("x", image_type="pdf")], after(spills))
    assert len(names(numbered)) == 4


def test_numbered_images_of_two_tags_never_share_a_file(numbered: LiveDirectory, picture: Picture) -> None:
    numbered.refresh([picture("x1", b"x1")], after(0))
    numbered.refresh([picture("x", b"x")], after(1_000_000))
    assert (numbered.directory / "imagex1000000.png").read_bytes() == b"x1"
    assert (numbered.directory / "imagex1000000_x.png").read_bytes() == b"x"


def test_index_says_final_only_once_the_pictures_are(live: LiveDirectory, picture: Picture) -> None:
    states: list[str] = []

    class Reader(Recorder):
        def after(self, operation: Operation, path: Path) -> None:
            if operation == "rename" and path.parent == live.directory:
                states.append(metadata(live, "live.json")["state"])

    with watched(Reader()):
        live.refresh([picture("x")], after(1, final=True))
    assert states == ["open", "open", "open", "final"]


def test_run_number_and_prefix_are_checked(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="run number -1"):
        LiveDirectory(tmp_path).open_run(-1)
    with pytest.raises(SettingsError, match="image_file_prefix"):
        LiveDirectory(tmp_path, prefix="a/b")


def test_wrong_directory_is_known_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FolderError, match=r"cannot make the directory .*/file: File exists"):
        LiveDirectory(tmp_path / "file" / "live").prepare()


def test_wrong_directory_does_not_stop_a_run(tmp_path: Path, picture: Picture) -> None:
    (tmp_path / "file").write_bytes(b"")
    live = LiveDirectory(tmp_path / "file" / "live")
    assert len(live.open_run(4235)) == 1
    assert len(live.refresh([picture("x")], after(1)).problems) == 1
