from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfolio.errors import CheckpointError, DocumentError, FolderError, SettingsError
from runfolio.folder.durable import temporary_name
from runfolio.folder.metadata import arrange
from runfolio.folder.names import (
    MAX_PREFIX_LENGTH,
    MAX_RUN_NUMBER,
    Claim,
    Names,
    Renamed,
    check_job,
    check_prefix,
    check_run_number,
    folder_name,
    is_file_name,
    is_reserved,
    new_staged_name,
    read_folder_name,
    read_staged_name,
)
from runfolio.images import MAX_TAG_LENGTH, Image

TAGS = st.sampled_from(
    ["x", "x_2", "x_2_2", "X", "x.png", "x.json", "run", "un", "live", "manifest-sha256", "sha256"]
)
TYPES = st.sampled_from(["png", "pdf", "root", "txt", "jsonl", "PNG"])
PREFIXES = st.sampled_from(["", "image", "r", "x", "x.", "manifest-", "Li", "+"])
IMAGES = st.builds(
    Image,
    tag=st.one_of(TAGS, st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.+=@-]{0,5}", fullmatch=True)),
    image_type=TYPES,
    producer=st.sampled_from(["", "stream", "TOF"]),
    data_file=st.booleans(),
    data=st.binary(max_size=4),
)


def test_tag_belongs_to_its_first_producer() -> None:
    names = Names("image")
    assert [names.name("x", producer) for producer in ("TOF", "stream", "Ckov", "stream", "TOF")] == [
        "x",
        "x_2",
        "x_3",
        "x_2",
        "x",
    ]
    assert names.renamed == (
        Renamed(tag="x", producer="stream", name="x_2"),
        Renamed(tag="x", producer="Ckov", name="x_3"),
    )


def test_second_name_does_not_take_a_tag_that_is_there() -> None:
    names = Names("image")
    names.name("x", "TOF")
    names.name("x_2", "TOF")
    assert names.name("x", "stream") == "x_3"
    assert names.name("x_2", "stream") == "x_2_2"


def test_same_producer_keeps_its_tag() -> None:
    names = Names("image")
    assert names.name("x", "TOF") == names.name("x", "TOF") == "x"
    assert names.renamed == ()


@pytest.mark.parametrize("prefix", ["image", "cal", ""])
def test_a_file_of_data_has_no_prefix_and_no_other_has_its_name(prefix: str) -> None:
    names = Names(prefix)
    assert names.name("calib_7", "Tof", data_file=True) == "calib_7"
    assert names.stem("calib_7", data_file=True) == "calib_7"
    sent = [names.name(tag, "stream") for tag in ("calib_7", "ib_7", "calib_7_2")]
    stems = [names.stem(name) for name in sent]
    assert len({"calib_7", *stems}) == 4
    assert names.name("calib_7", "Tof", data_file=True) == "calib_7"


def test_a_file_of_data_whose_name_is_taken_gets_another() -> None:
    names = Names("cal")
    names.name("ib_7", "stream")
    assert names.name("calib_7", "Tof", data_file=True) == "calib_7_2"
    assert names.name("run", "Tof", data_file=True) == "run_2"


@pytest.mark.parametrize(
    ("prefix", "tag"),
    [
        ("", "run"),
        ("r", "un"),
        ("", "RUN"),
        ("manifest-", "sha256"),
        ("", "live"),
        ("", "rejected"),
        ("", "late"),
    ],
)
def test_names_of_the_folders_own_files_are_never_given(prefix: str, tag: str) -> None:
    assert Names(prefix).name(tag, "TOF") == f"{tag}_2"


def test_tag_that_only_contains_a_reserved_word_is_kept() -> None:
    assert Names("").name("run.summary", "TOF") == "run.summary"
    assert Names("image").name("run", "TOF") == "run"


@pytest.mark.parametrize(
    "tag", ["../x", "/abs", "", ".x", "-x", "a/b", "a\\b", "a\nb", "a b", "ä", "x" * 161, "a\0"]
)
def test_tag_is_checked_again(tag: str) -> None:
    with pytest.raises(DocumentError, match="bad_tag"):
        Names("image").name(tag, "stream")


@given(PREFIXES, st.lists(IMAGES, max_size=20))
def test_no_two_images_share_a_file(prefix: str, images: list[Image]) -> None:
    arranged = arrange(images, Names(prefix))
    assert not arranged.failed
    pictures = [f"{tag.stem}.{image.image_type}" for tag in arranged.tags for image in tag.images]
    files = [*pictures, *(f"{tag.stem}.json" for tag in arranged.tags)]
    assert len(files) == len(set(files))
    assert all(is_file_name(file) and not is_reserved(file) and Path(file).name == file for file in files)
    kept = {(each.tag, each.image_type, each.producer, each.data_file): each.data for each in images}
    assert len(pictures) == len(kept)
    for tag in arranged.tags:
        for image in tag.images:
            assert image.data == kept[image.tag, image.image_type, image.producer, image.data_file]


@given(st.text(max_size=8), st.text(max_size=20))
def test_any_text_gives_a_safe_name_or_none(prefix: str, tag: str) -> None:
    said, name = "", "refused"
    try:
        name = prefix + Names(prefix).name(tag, "stream")
    except (DocumentError, SettingsError) as error:
        said = str(error)
    assert is_file_name(name)
    assert said.isprintable()
    assert said.isascii()


def test_longest_names_fit_into_255_bytes() -> None:
    longest = "p" * MAX_PREFIX_LENGTH + "t" * MAX_TAG_LENGTH + "_9999" + "9" * 10 + "." + "e" * 16
    assert len(temporary_name(longest)) <= 255


@pytest.mark.parametrize("prefix", ["", "image", "run_", "a.b", "+x", "=", "@", "_", "p" * MAX_PREFIX_LENGTH])
def test_prefix_is_accepted(prefix: str) -> None:
    assert check_prefix(prefix) == prefix


@pytest.mark.parametrize(
    "prefix", [".x", "-x", "a/", "../", "a b", "ä", "a\n", "\x1b", "p" * (MAX_PREFIX_LENGTH + 1)]
)
def test_prefix_is_refused(prefix: str) -> None:
    with pytest.raises(SettingsError, match=r"image_file_prefix .* cannot begin a file name"):
        check_prefix(prefix)


@pytest.mark.parametrize("number", [0, 4235, MAX_RUN_NUMBER])
def test_run_number_is_accepted(number: int) -> None:
    assert check_run_number(number) == number


@pytest.mark.parametrize("number", [-1, MAX_RUN_NUMBER + 1, 10**400, 1.0, "1", "../1", True, None])
def test_run_number_is_refused(number: object) -> None:
    with pytest.raises(FolderError, match=r"run number .*: whole numbers"):
        check_run_number(number)


@given(st.integers(0, MAX_RUN_NUMBER), st.integers(1, 10**9 - 1))
def test_folder_names_are_read_back(run_number: int, revision: int) -> None:
    assert read_folder_name(folder_name(run_number, revision)) == (run_number, revision)


def test_first_folder_of_a_run_is_its_plain_number() -> None:
    assert [folder_name(4235, revision) for revision in (1, 2, 3)] == ["4235", "4235.r2", "4235.r3"]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "04235",
        "4235.r1",
        "4235.r02",
        "4235.r",
        "4235.R2",
        "-1",
        "run",
        ".staging",
        "4235\n",
        "٣",
        "9" * 19,
    ],
)
def test_other_names_are_no_folder_of_a_run(name: str) -> None:
    assert read_folder_name(name) is None


@given(st.integers(0, MAX_RUN_NUMBER), st.text("0123456789abcdef", min_size=16, max_size=16))
def test_names_of_folders_being_built_are_read_back_and_are_no_runs(run_number: int, job: str) -> None:
    name = new_staged_name(run_number, job)
    assert read_staged_name(name) == (run_number, job)
    assert read_folder_name(name) is None
    assert new_staged_name(run_number, job) != name


@pytest.mark.parametrize(
    "name",
    [
        "4235",
        "4235.0123456789abcdef",
        "04235.0123456789abcdef.01234567",
        "4235.0123456789ABCDEF.01234567",
        "4235.0123456789abcdef.0123456",
        "9223372036854775808.0123456789abcdef.01234567",
        "4235.0123456789abcdef.01234567\n",
        "checkpoint.0123456789abcdef",
    ],
)
def test_other_names_are_no_folder_being_built(name: str) -> None:
    assert read_staged_name(name) is None


@pytest.mark.parametrize(
    "job", ["0123456789abcde", "0123456789ABCDEF", "../456789abcdef0", "0123456789abcdef\n"]
)
def test_job_that_is_no_part_of_a_name_is_refused(job: str) -> None:
    with pytest.raises(FolderError, match="16 hexadecimal digits"):
        check_job(job)


@given(PREFIXES, st.lists(IMAGES), st.lists(IMAGES))
def test_names_that_are_restored_are_the_same(prefix: str, before: list[Image], after: list[Image]) -> None:
    names, again = Names(prefix), Names(prefix)
    for image in before:
        names.name(image.tag, image.producer, data_file=image.data_file)
    again.restore(names.state())
    for image in (*after, *before):
        given_names = [
            each.name(image.tag, image.producer, data_file=image.data_file) for each in (again, names)
        ]
        assert given_names[0] == given_names[1]
    assert (again.state(), again.renamed) == (names.state(), names.renamed)


@pytest.mark.parametrize("tag", ["../x", "", ".x", "x" * (MAX_TAG_LENGTH + 1)])
def test_a_claim_of_what_is_no_file_name_is_refused(tag: str) -> None:
    with pytest.raises(CheckpointError, match="bad_tag"):
        Names("image").restore([Claim(tag, "TOF", data_file=False)])
