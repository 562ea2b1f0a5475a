"""Images that other programs made: in by the stream, and out to the next one."""

import base64
import json
from pathlib import Path
from typing import Any

from support import PNG, Runfolio, contents, mark, record, rejected, spill, stream

PICTURE = PNG + bytes(range(256))


def entry(tag: str, data: bytes = PICTURE, image_type: str = "png", **more: Any) -> dict[str, Any]:
    encoded = base64.b64encode(data).decode()
    return {"tag": tag, "description": f"about {tag}", "image_type": image_type, "data": encoded} | more


def image_document(*entries: Any, **more: Any) -> dict[str, Any]:
    return {"maus_event_type": "Image", "image_list": list(entries)} | more


def test_all_three_forms_are_filed_under_the_open_run(runfolio: Runfolio, tmp_path: Path) -> None:
    today = image_document(entry("today", PICTURE + b"1", keywords=["a", "b"]), run_number=4235)
    wrapped, bare = {"image": entry("wrapped", PICTURE + b"2", keywords=["c"])}, entry("bare", PICTURE + b"3")
    lines = stream(
        mark("RunHeader", 4235), today, wrapped, bare, mark("RunFooter", 4235),
        mark("RunHeader", 4236), mark("RunFooter", 4236),
    )  # fmt: skip
    runfolio("run", "-", stdin=lines)
    folder = tmp_path / "end_of_run" / "4235"
    found = contents(folder)
    assert found["imagetoday.png"] == PICTURE + b"1"
    assert found["imagewrapped.png"] == PICTURE + b"2"
    assert found["imagebare.png"] == PICTURE + b"3"
    described = json.loads(found["imagetoday.json"])
    assert (described["tag"], described["description"]) == ("today", "about today")
    assert (described["keywords"], described["run_number"]) == (["a", "b"], 4235)
    assert base64.b64encode(PICTURE + b"1") not in b"".join(
        data for name, data in found.items() if name.endswith(".json")
    )
    assert set(contents(tmp_path / "end_of_run" / "4236")) == {"run.json", "manifest-sha256.txt"}


def test_a_bad_entry_costs_only_itself(runfolio: Runfolio, tmp_path: Path) -> None:
    bad = [
        entry("../up"),
        entry("/abs"),
        entry("x", image_type="p/ng"),
        entry("x", image_type="json"),
        entry("x") | {"data": "no*base64"},
        entry("x") | {"data": 7},
        "no object",
        {"tag": "x"},
    ]
    document = image_document(entry("first"), *bad, entry("last"), run_number=1)
    runfolio("run", "-", stdin=stream(mark("RunHeader", 1), document), status=1)
    folder = tmp_path / "end_of_run" / "1"
    assert {"imagefirst.png", "imagelast.png"} < set(contents(folder))
    assert [each["file"] for each in record(folder)["images"]] == ["imagefirst.png", "imagelast.png"]
    assert (
        sum(record(folder)["image_entries_rejected"].values()) == len(bad) == len(rejected(tmp_path / "live"))
    )


def test_images_of_a_run_that_is_none_or_not_open_are_set_aside(runfolio: Runfolio, tmp_path: Path) -> None:
    lines = stream(
        image_document(entry("early")),
        mark("RunHeader", 1), mark("RunFooter", 1),
        mark("RunHeader", 2), image_document(entry("late"), run_number=1), mark("RunFooter", 2),
    )  # fmt: skip
    runfolio("run", "-", "--grace", "0", stdin=lines, status=1)
    assert [each["reason"] for each in rejected(tmp_path / "live")] == ["no_run"]
    assert [each["reason"] for each in rejected(tmp_path / "live", "late.jsonl")] == ["late"]
    assert record(tmp_path / "end_of_run" / "1")["images"] == []


def test_images_go_to_the_run_that_they_name_while_two_are_open(runfolio: Runfolio, tmp_path: Path) -> None:
    lines = stream(
        mark("RunHeader", 1), mark("RunFooter", 1), mark("RunHeader", 2),
        image_document(entry("x", PICTURE + b"1"), run_number=1), image_document(entry("lost")),
        image_document(entry("x", PICTURE + b"2"), run_number=2), mark("RunFooter", 2),
    )  # fmt: skip
    runfolio("run", "-", "--grace", "1000", stdin=lines, status=1)
    for number in (1, 2):
        folder = tmp_path / "end_of_run" / str(number)
        assert (folder / "imagex.png").read_bytes() == PICTURE + b"%d" % number
        assert record(folder)["documents"]["images"] == 1
    [lost] = rejected(tmp_path / "live")
    assert (lost["reason"], lost["detail"]) == (
        "no_run",
        "images without run_number, and 2 open runs to file them under",
    )


def test_images_after_the_footer_belong_to_the_run_that_waits(runfolio: Runfolio, tmp_path: Path) -> None:
    lines = stream(
        mark("RunHeader", 1), mark("RunFooter", 1), image_document(entry("x")),
        image_document(entry("y"), run_number=1),
    )  # fmt: skip
    runfolio("run", "-", stdin=lines)
    found = record(tmp_path / "end_of_run" / "1")
    assert [each["file"] for each in found["images"]] == ["imagex.png", "imagey.png"]


def test_images_alone_make_a_run_that_no_one_ended(runfolio: Runfolio, tmp_path: Path) -> None:
    runfolio("run", "-", stdin=stream(image_document(entry("x"), run_number=7)))
    found = record(tmp_path / "end_of_run" / "7")
    assert (found["status"], found["ended_by"], len(found["images"])) == ("incomplete", "end_of_input", 1)


def test_what_is_too_large_or_no_such_image_is_set_aside_alone(runfolio: Runfolio, tmp_path: Path) -> None:
    entries = [entry("large", PNG + bytes(2000)), entry("pdf", b"%PDF-1.7"), entry("good")]
    lines = stream(mark("RunHeader", 1), image_document(*entries), mark("RunFooter", 1))
    done = runfolio("run", "-", "--image-limit", "2000", stdin=lines, status=1)
    found = record(tmp_path / "end_of_run" / "1")
    assert found["image_entries_rejected"] == {"image_too_large": 1, "wrong_content": 1}
    assert [each["file"] for each in found["images"]] == ["imagegood.png"]
    assert [each["reason"] for each in rejected(tmp_path / "live")] == ["image_too_large", "wrong_content"]
    assert "image_too_large 1, wrong_content 1" in done.stdout


def test_a_tag_of_ours_stays_ours_and_the_other_gets_a_second_name(
    runfolio: Runfolio, tmp_path: Path
) -> None:
    document = image_document(entry("tof_SlabHits_X"), run_number=1)
    done = runfolio("run", "-", stdin=stream(document, spill(1, 1), mark("RunFooter", 1)))
    found = contents(tmp_path / "end_of_run" / "1")
    assert found["imagetof_SlabHits_X_2.png"] == PICTURE
    assert found["imagetof_SlabHits_X.png"] != PICTURE
    assert json.loads(found["imagetof_SlabHits_X_2.json"])["original_tag"] == "tof_SlabHits_X"
    assert "tof_SlabHits_X_2" in done.stdout
    assert contents(tmp_path / "live")["imagetof_SlabHits_X_2.png"] == PICTURE


def test_one_tag_in_two_types_keeps_both(runfolio: Runfolio, tmp_path: Path) -> None:
    document = image_document(entry("x", PNG, "png"), entry("x", b"root", "root"), run_number=1)
    runfolio("run", "-", stdin=stream(document))
    found = contents(tmp_path / "end_of_run" / "1")
    assert (found["imagex.png"], found["imagex.root"]) == (PNG, b"root")
    assert [each["image_type"] for each in json.loads(found["imagex.json"])["images"]] == ["png", "root"]


def test_the_stream_written_on_gives_the_same_pictures_under_the_same_names(
    runfolio: Runfolio, tmp_path: Path
) -> None:
    runfolio("simulate", "--run-number", "4235", "--spills", "10", "--runs", "2", "--output", "spills.json")
    runfolio("run", "spills.json", "--documents", "out.jsonl", "--end-of-run-image-directory", "one")
    runfolio("run", "out.jsonl", "--end-of-run-image-directory", "two")
    for run_number in ("4235", "4236"):
        one, two = contents(tmp_path / "one" / run_number), contents(tmp_path / "two" / run_number)
        pictures = [name for name in one if name.endswith((".png", ".root"))]
        assert len(pictures) == 21
        assert sorted(one) == sorted(two)
        assert [name for name in pictures if one[name] != two[name]] == []
        assert record(tmp_path / "two" / run_number)["ended_by"] == "run_footer"


def test_the_stream_written_on_has_the_kinds_in_their_order(runfolio: Runfolio) -> None:
    runfolio_input = stream(
        {"maus_event_type": "JobHeader", "start_of_job": {"date_time": "2013-11-28 09:54:09.600122"}},
        mark("RunHeader", 1), spill(1, 1), mark("RunFooter", 1), mark("RunFooter", 1),
        {"maus_event_type": "JobFooter", "end_of_job": {"date_time": "2013-11-28 09:55:09.600122"}},
    )  # fmt: skip
    done = runfolio("run", "-", "--documents", "-", "--refresh-seconds", "3600", stdin=runfolio_input)
    documents = [json.loads(line) for line in done.stdout.splitlines()]
    kinds = [each["maus_event_type"] for each in documents]
    assert kinds == ["JobHeader", "RunHeader", "Image", "RunFooter", "JobFooter"]
    assert documents[2]["run_number"] == 1


def test_headers_and_footers_are_left_out_on_request(runfolio: Runfolio) -> None:
    lines = stream(mark("RunHeader", 1), spill(1, 1), mark("RunFooter", 1))
    arguments = ("--documents", "-", "--header-and-footer-mode", "dont_append")
    done = runfolio("run", "-", *arguments, stdin=lines)
    assert {json.loads(line)["maus_event_type"] for line in done.stdout.splitlines()} == {"Image"}
