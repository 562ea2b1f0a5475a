"""Settings: their defaults, the order of their places, and what each error says."""

import contextlib
import copy
import dataclasses
import logging
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfolio.errors import SettingsError
from runfolio.folder import check_prefix
from runfolio.plots import DEFAULT
from runfolio.settings import TOLD_TO_HOOKS, Settings, declared, load_settings, names

DOCS = Path(__file__).resolve().parents[1] / "docs" / "settings.md"


@pytest.fixture(autouse=True)
def _empty_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for variable in ("MAUS_WEB_MEDIA_RAW", *(f"RUNFOLIO_{name.upper()}" for name in names())):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    """Load the settings from what each place gives for one name, as text of that place."""

    def load(
        name: str = "image_file_prefix",
        *,
        option: str | bool | None = None,
        variable: str | None = None,
        card: str | None = None,
        file: str | None = None,
    ) -> Settings:
        if variable is not None:
            monkeypatch.setenv(f"RUNFOLIO_{name.upper()}", variable)
        if card is not None:
            Path("cards.py").write_text(f"# cards\n{name} = {card}\n")
        if file is not None:
            Path("runfolio.toml").write_text(f"\n\n{name} = {file}\n")
        return load_settings({name: option}, configuration_file=None if card is None else Path("cards.py"))

    return load


def refusal(load: Callable[[], object]) -> str:
    with pytest.raises(SettingsError) as caught:
        load()
    assert "\n" not in str(caught.value)
    return str(caught.value)


# --- defaults ------------------------------------------------------------------------------------


def test_defaults_are_those_of_the_specification() -> None:
    assert load_settings() == Settings()
    assert dataclasses.asdict(Settings()) == {
        "plots": ("default",),
        "image_directory": Path("live"),
        "end_of_run_image_directory": Path("end_of_run"),
        "image_file_prefix": "image",
        "histogram_image_type": ("png",),
        "histogram_auto_number": False,
        "refresh_rate": None,
        "refresh_seconds": 1.0,
        "header_and_footer_mode": "append",
        "grace": None,
        "idle_timeout": None,
        "line_limit": 67_108_864,
        "image_limit": 33_554_432,
        "checkpoint_seconds": 10.0,
        "workers": 1,
        "on_disk_trouble": "wait",
        "on_sealed": None,
        "documents": None,
    }


@pytest.mark.parametrize(
    ("media", "image_directory", "end_of_run", "expected"),
    [
        (None, None, None, ("live", "end_of_run")),
        (None, "plots", None, ("plots", "plots/end_of_run")),
        (None, "live", None, ("live", "live/end_of_run")),
        (None, ".", None, (".", "end_of_run")),
        (None, None, "sealed", ("live", "sealed")),
        (None, "plots", "sealed", ("plots", "sealed")),
        ("/media", None, None, ("/media", "/media/end_of_run")),
        ("/media", "plots", None, ("plots", "/media/end_of_run")),
        ("/media", None, "sealed", ("/media", "sealed")),
        ("/media", "plots", "sealed", ("plots", "sealed")),
        ("", None, None, ("live", "end_of_run")),
    ],
)
def test_directories_follow_their_rules(
    monkeypatch: pytest.MonkeyPatch,
    media: str | None,
    image_directory: str | None,
    end_of_run: str | None,
    expected: tuple[str, str],
) -> None:
    if media is not None:
        monkeypatch.setenv("MAUS_WEB_MEDIA_RAW", media)
    given = {"image_directory": image_directory, "end_of_run_image_directory": end_of_run}
    loaded = load_settings(given)
    kept: Any = {name: Path(value) for name, value in given.items() if value is not None}
    made = Settings(**kept)
    assert (str(loaded.image_directory), str(loaded.end_of_run_image_directory)) == expected
    assert made == loaded


def test_a_directory_given_in_the_file_counts_as_given() -> None:
    Path("runfolio.toml").write_text("image_directory = 'plots'")
    assert load_settings().end_of_run_image_directory == Path("plots/end_of_run")


def test_home_directories_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/shifter")
    assert load_settings({"image_directory": "~/plots"}).image_directory == Path("/home/shifter/plots")


# --- places --------------------------------------------------------------------------------------


def test_each_place_wins_over_those_below(place: Callable[..., Settings]) -> None:
    assert place(file="'file'").image_file_prefix == "file"
    assert place(card="'card'").image_file_prefix == "card"
    assert place(card="'card'", variable="variable").image_file_prefix == "variable"
    assert place(card="'card'", option="option").image_file_prefix == "option"


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        ({"card": "'upper'"}, {"file": "'lower'"}),
        ({"variable": "upper"}, {"file": "'lower'"}),
        ({"variable": "upper"}, {"card": "'lower'"}),
        ({"option": "upper"}, {"file": "'lower'"}),
        ({"option": "upper"}, {"card": "'lower'"}),
        ({"option": "upper"}, {"variable": "lower"}),
    ],
)
def test_of_any_two_places_the_upper_wins(
    place: Callable[..., Settings], upper: dict[str, str], lower: dict[str, str]
) -> None:
    assert place(**upper, **lower).image_file_prefix == "upper"


def test_a_default_given_explicitly_wins_over_the_file(place: Callable[..., Settings]) -> None:
    assert place(option="image", file="'other'").image_file_prefix == "image"
    assert place("refresh_rate", option="none", file="5").refresh_rate is None
    assert place("histogram_auto_number", option=False, file="true").histogram_auto_number is False


def test_an_option_not_given_leaves_the_file_its_word(place: Callable[..., Settings]) -> None:
    assert place("histogram_auto_number", option=None, file="true").histogram_auto_number is True


def test_an_alias_above_wins_over_the_name_below(place: Callable[..., Settings]) -> None:
    Path("runfolio.toml").write_text("refresh_rate = 5")
    assert place("reduce_plot_refresh_rate", card="7").refresh_rate == 7
    assert load_settings({"refresh_rate": "9"}, configuration_file=Path("cards.py")).refresh_rate == 9


def test_another_settings_file_stands_in_place_of_the_usual_one() -> None:
    Path("runfolio.toml").write_text("refresh_rate = 5")
    Path("other.toml").write_text("grace = 3")
    loaded = load_settings(settings_file=Path("other.toml"))
    assert (loaded.refresh_rate, loaded.grace) == (None, 3.0)


def test_tables_of_other_commands_are_theirs() -> None:
    Path("runfolio.toml").write_text(
        "refresh_rate = 5\n[[destination]]\nname = 'tape'\n[move]\nrefresh_rate = 'x'\n"
    )
    assert load_settings().refresh_rate == 5


def test_variables_of_the_program_are_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("RUNFOLIO_TRACEBACK", *TOLD_TO_HOOKS):
        monkeypatch.setenv(variable, "1")
    assert load_settings() == Settings()


# --- values --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("histogram_image_type", "png", ("png",)),
        ("histogram_image_type", "pdf,png", ("pdf", "png")),
        ("histogram_image_type", "pdf, png,pdf", ("pdf", "png")),
        ("histogram_image_type", "none", ()),
        ("histogram_auto_number", "true", True),
        ("histogram_auto_number", "1", True),
        ("histogram_auto_number", "On", True),
        ("histogram_auto_number", "no", False),
        ("refresh_rate", "20", 20),
        ("workers", "2", 2),
        ("refresh_rate", "none", None),
        ("refresh_seconds", "0", 0.0),
        ("refresh_seconds", "2.5", 2.5),
        ("grace", "1e1", 10.0),
        ("grace", "none", None),
        ("idle_timeout", "0.1", 0.1),
        ("idle_timeout", "none", None),
        ("line_limit", "1_000_000", 1_000_000),
        ("header_and_footer_mode", "dont_append", "dont_append"),
        ("on_sealed", "carry.sh --to 'the tape'", ("carry.sh", "--to", "the tape")),
        ("on_sealed", "none", None),
        ("documents", "-", Path("-")),
        ("documents", "out.jsonl", Path("out.jsonl")),
        ("image_file_prefix", "mice-", "mice-"),
    ],
)
def test_text_is_read_the_same_from_options_and_variables(
    place: Callable[..., Settings], name: str, text: str, value: object
) -> None:
    assert getattr(place(name, option=text), name) == value
    assert getattr(place(name, variable=text), name) == value


@pytest.mark.parametrize(
    ("name", "toml", "value"),
    [
        ("histogram_image_type", '["png", "pdf"]', ("png", "pdf")),
        ("histogram_image_type", '"png,pdf"', ("png", "pdf")),
        ("histogram_image_type", "[]", ()),
        ("histogram_image_type", '"none"', ()),
        ("histogram_auto_number", "true", True),
        ("refresh_rate", "5", 5),
        ("refresh_rate", '"none"', None),
        ("refresh_seconds", "2", 2.0),
        ("line_limit", "67_108_864", 67_108_864),
        ("on_sealed", '"carry.sh tape"', ("carry.sh", "tape")),
        ("on_sealed", '["carry.sh", "the tape"]', ("carry.sh", "the tape")),
    ],
)
def test_files_give_values_of_their_types(
    place: Callable[..., Settings], name: str, toml: str, value: object
) -> None:
    read = getattr(place(name, file=toml), name)
    assert read == value
    assert type(read) is type(value)


def test_none_is_a_value_of_a_card(place: Callable[..., Settings]) -> None:
    assert place("refresh_rate", card="None", file="5").refresh_rate is None


@pytest.mark.parametrize(
    ("name", "text", "accepted"),
    [
        ("plots", "", "names and files of plots, as my_plots.py"),
        ("plots", "mice,,kl", "names and files of plots"),
        ("image_directory", "", "a path"),
        ("image_directory", "~no-such-user-here/x", "a path"),
        ("image_file_prefix", "", "1 to 40 letters, digits"),
        ("image_file_prefix", "../x", "1 to 40 letters, digits"),
        ("image_file_prefix", ".hidden", "beginning with a letter, digit or _"),
        ("image_file_prefix", "x" * 41, "1 to 40 letters, digits"),
        ("image_file_prefix", "image\n", "1 to 40 letters, digits"),
        ("histogram_image_type", "gif", "one or several of png, pdf, svg, eps, or none"),
        ("histogram_image_type", "", "one or several of png"),
        ("histogram_image_type", "png,none", "one or several of png"),
        ("histogram_auto_number", "maybe", "true or false"),
        ("refresh_rate", "0", "a whole number of spills from 1 to 1000000000, or none"),
        ("workers", "0", "a whole number of processes from 1 to 64"),
        ("refresh_rate", "-5", "a whole number of spills from 1"),
        ("refresh_rate", "5.0", "a whole number of spills from 1"),
        ("refresh_rate", "9" * 5000, "a whole number of spills from 1"),
        ("refresh_seconds", "nan", "a number of seconds from 0 to 86400"),
        ("refresh_seconds", "inf", "a number of seconds from 0 to 86400"),
        ("refresh_seconds", "-0.1", "a number of seconds from 0 to 86400"),
        ("refresh_seconds", "none", "a number of seconds from 0 to 86400"),
        ("grace", "soon", "a number of seconds from 0 to 86400, or none"),
        ("idle_timeout", "0", "a number of seconds from 0.1 to 86400, or none"),
        ("header_and_footer_mode", "Append", "append or dont_append"),
        ("line_limit", "64 MB", "a whole number of bytes from 1024"),
        ("line_limit", "0", "a whole number of bytes from 1024"),
        ("image_limit", "none", "a whole number of bytes from 1024"),
        ("on_sealed", "", "a command, such as 'carry.sh --to tape', or none"),
        ("on_sealed", 'carry.sh "tape', "a command, such as"),
        ("on_sealed", '"" tape', "a command, such as"),
        ("documents", "", "a path, or none"),
    ],
)
def test_text_that_does_not_fit_names_setting_place_and_what_is_accepted(
    place: Callable[..., Settings], name: str, text: str, accepted: str
) -> None:
    option = refusal(lambda: place(name, option=text))
    assert option.startswith(f"{name} (--{name.replace('_', '-')} on the command line) is '")
    assert accepted in option
    variable = refusal(lambda: place(name, variable=text))
    assert variable.startswith(f"{name} (RUNFOLIO_{name.upper()} in the environment) is '")
    assert accepted in variable


@pytest.mark.parametrize(
    ("name", "literal"),
    [
        ("plots", "5"),
        ("plots", "[]"),
        ("plots", "['mice', '']"),
        ("plots", "[['mice']]"),
        ("image_directory", "5"),
        ("image_directory", "'a\\u0000b'"),
        ("image_file_prefix", "[]"),
        ("histogram_image_type", "[1]"),
        ("histogram_image_type", "[['png']]"),
        ("histogram_image_type", "['png', 'none']"),
        ("histogram_image_type", "5"),
        ("histogram_auto_number", "1"),
        ("histogram_auto_number", "'true'"),
        ("refresh_rate", "'5'"),
        ("refresh_rate", "5.0"),
        ("refresh_rate", "[5]"),
        ("refresh_seconds", "'1.0'"),
        ("header_and_footer_mode", "1"),
        ("header_and_footer_mode", "['append']"),
        ("line_limit", "1e6"),
        ("on_sealed", "5"),
        ("on_sealed", "[]"),
        ("on_sealed", "['carry.sh', 5]"),
        ("on_sealed", "'carry\\u0000.sh'"),
        ("documents", "[]"),
    ],
)
def test_a_wrong_type_in_a_file_names_file_line_and_what_is_accepted(
    place: Callable[..., Settings], name: str, literal: str
) -> None:
    card = refusal(lambda: place(name, card=literal))
    assert card.startswith(f"{name} (cards.py, line 2) is ")
    file = refusal(lambda: place(name, file=literal.replace("'", '"')))
    assert file.startswith(f"{name} (runfolio.toml, line 3) is ")
    for message in (card, file):
        assert message.endswith(f"; accepted: {declared()[name].kind.accepted}")


@pytest.mark.parametrize(
    ("name", "literal"), [("refresh_rate", "True"), ("refresh_seconds", "False"), ("grace", "True")]
)
def test_truth_is_no_number(place: Callable[..., Settings], name: str, literal: str) -> None:
    assert f"is {literal}; accepted: a" in refusal(lambda: place(name, card=literal))


def test_a_wrong_value_is_an_error_even_where_it_loses(place: Callable[..., Settings]) -> None:
    assert "runfolio.toml, line 3" in refusal(lambda: place("refresh_rate", option="5", file="'five'"))


def test_a_long_value_is_shown_shortened(place: Callable[..., Settings]) -> None:
    assert len(refusal(lambda: place("refresh_rate", option="9" * 5000))) < 250


def test_a_value_is_shown_without_its_control_characters(place: Callable[..., Settings]) -> None:
    message = refusal(lambda: place("refresh_rate", variable="\x1b[31m5"))
    assert "'\\x1b[31m5'" in message


# --- names ---------------------------------------------------------------------------------------


def test_an_unknown_name_in_the_file_is_an_error_with_the_nearest_names() -> None:
    Path("runfolio.toml").write_text("grace = 1\nimage_directry = 'x'\n")
    assert refusal(load_settings).startswith(
        "image_directry (runfolio.toml, line 2) is not a setting; did you mean image_directory"
    )


def test_an_unknown_table_in_the_file_is_an_error() -> None:
    Path("runfolio.toml").write_text("[run]\nrefresh_rate = 5\n")
    assert refusal(load_settings).startswith("run (runfolio.toml, line 1) is not a setting; ")


def test_another_commands_name_is_one_only_as_a_table() -> None:
    Path("runfolio.toml").write_text("move = 5\n")
    assert "move (runfolio.toml, line 1) is not a setting" in refusal(load_settings)


def test_a_number_too_long_to_be_written_is_refused_as_any_other() -> None:
    Path("runfolio.toml").write_text("refresh_rate = 0x" + "f" * 5_000)
    assert refusal(load_settings).startswith(
        "refresh_rate (runfolio.toml, line 1) is a number of too many digits; accepted: "
    )


def test_a_path_that_no_file_system_takes_is_refused() -> None:
    for path in ("'\\ud800'", "'a\\0b'"):
        Path("cards.py").write_text(f"image_directory = {path}\n")
        assert "accepted: a path" in refusal(lambda: load_settings(configuration_file=Path("cards.py")))


def test_a_settings_file_that_nobody_asked_for_is_not_waited_for() -> None:
    os.mkfifo("runfolio.toml")
    assert refusal(load_settings).startswith("runfolio.toml: is no regular file")


def test_an_unknown_name_is_shown_without_its_control_characters() -> None:
    Path("runfolio.toml").write_text('"\\u001b[31m" = 5\n')
    assert refusal(load_settings).startswith("'\\x1b[31m' (runfolio.toml, line 1) is not a setting")


@pytest.mark.parametrize(
    ("variable", "advice"),
    [
        ("RUNFOLIO_REFRESHRATE", "did you mean RUNFOLIO_REFRESH_RATE"),
        ("RUNFOLIO_refresh_rate", "did you mean RUNFOLIO_REFRESH_RATE"),
        ("RUNFOLIO_NOTHING_LIKE_IT", "runfolio run --help lists them"),
    ],
)
def test_an_unknown_variable_is_an_error(monkeypatch: pytest.MonkeyPatch, variable: str, advice: str) -> None:
    monkeypatch.setenv(variable, "5")
    assert refusal(load_settings).startswith(f"{variable} in the environment is not a setting; {advice}")


def test_of_very_many_unknown_cards_some_are_named(caplog: pytest.LogCaptureFixture) -> None:
    Path("cards.py").write_text("".join(f"card_{number}{'x' * 100} = 1\n" for number in range(1_201)))
    load_settings(configuration_file=Path("cards.py"))
    [message] = caplog.messages
    assert message.endswith("... and 1,001 more")
    assert message.count("card_") == 200


def test_unknown_cards_are_passed_over_and_reported_once(caplog: pytest.LogCaptureFixture) -> None:
    Path("cards.py").write_text("geometry = 'Test.dat'\nrefresh_rate = 5\nverbose_level = 1\n")
    with caplog.at_level(logging.WARNING, logger="runfolio"):
        assert load_settings(configuration_file=Path("cards.py")).refresh_rate == 5
    assert [record.getMessage() for record in caplog.records] == [
        "cards.py: cards not known here are passed over: geometry, verbose_level"
    ]


def test_two_names_of_one_setting_must_agree() -> None:
    Path("cards.py").write_text("refresh_rate = 5\n\nreduce_plot_refresh_rate = 10\n")
    assert refusal(lambda: load_settings(configuration_file=Path("cards.py"))) == (
        "refresh_rate (cards.py, line 1) and reduce_plot_refresh_rate (cards.py, line 3) differ, "
        "but are two names of one setting; give one of them"
    )
    assert "--refresh-rate on the command line" in refusal(
        lambda: load_settings({"refresh_rate": "5", "reduce_plot_refresh_rate": "none"})
    )


def test_two_names_that_agree_are_one_setting() -> None:
    Path("cards.py").write_text("refresh_rate = 5\nreduce_plot_refresh_rate = 5\n")
    assert load_settings(configuration_file=Path("cards.py")).refresh_rate == 5


# --- files ---------------------------------------------------------------------------------------


def test_a_settings_file_that_was_named_must_exist() -> None:
    message = refusal(lambda: load_settings(settings_file=Path("none.toml")))
    assert message == "none.toml: cannot be read: No such file or directory"


def test_a_dangling_link_of_the_usual_name_is_not_passed_over() -> None:
    Path("runfolio.toml").symlink_to("nowhere.toml")
    assert refusal(load_settings) == "runfolio.toml: cannot be read: No such file or directory"


def test_a_datacard_file_that_was_named_must_exist() -> None:
    message = refusal(lambda: load_settings(configuration_file=Path("none.py")))
    assert message == "none.py: cannot be read: No such file or directory"


# --- from Python ---------------------------------------------------------------------------------


def test_settings_made_in_python_are_checked_and_kept_as_they_are_read() -> None:
    made: Any = {"image_directory": "plots", "histogram_image_type": ["pdf", "png"], "grace": 3}
    settings = Settings(**made)
    assert settings.image_directory == Path("plots")
    assert settings.histogram_image_type == ("pdf", "png")
    assert settings.grace == 3.0


def test_settings_made_wrongly_in_python_are_an_error() -> None:
    assert refusal(lambda: Settings(refresh_rate=0)).startswith(
        "refresh_rate (given to Settings) is 0; accepted: "
    )


def test_settings_survive_copying_and_replacing() -> None:
    settings = Settings(image_directory=Path("plots"))
    assert copy.deepcopy(settings) == settings
    assert dataclasses.replace(settings, grace=2.0).end_of_run_image_directory == Path("plots/end_of_run")


def test_only_a_dash_is_standard_output() -> None:
    assert Settings(documents=Path("-")).documents_to_stdout
    assert not Settings(documents=Path("out.jsonl")).documents_to_stdout
    assert not Settings().documents_to_stdout


def test_what_shapes_a_folder_does_not_depend_on_where_it_is_written() -> None:
    here, there = (
        Settings(image_directory=Path("a")),
        Settings(image_directory=Path("b"), documents=Path("c")),
    )
    assert here.folder_settings() == there.folder_settings()
    assert here.folder_settings() == {
        "image_file_prefix": "image",
        "histogram_image_type": ["png"],
        "grace": None,
        "idle_timeout": None,
        "line_limit": 67_108_864,
        "image_limit": 33_554_432,
    }


@given(st.text("ab.+=@-_0/", max_size=42))
def test_a_prefix_that_is_accepted_can_begin_a_file_name(prefix: str) -> None:
    with contextlib.suppress(SettingsError):
        assert check_prefix(Settings(image_file_prefix=prefix).image_file_prefix) == prefix


def test_the_longest_prefix_can_begin_a_file_name() -> None:
    assert check_prefix(Settings(image_file_prefix="x" * 40).image_file_prefix) == "x" * 40


@given(
    st.sampled_from(sorted(names())),
    st.text() | st.integers() | st.floats() | st.none() | st.lists(st.text()),
)
def test_any_value_is_kept_or_refused_in_one_line(name: str, value: object) -> None:
    try:
        settings = load_settings({name: value})
    except SettingsError as error:
        assert re.fullmatch(f"{name} .* is .*; accepted: .*", str(error))  # noqa: PT017 - either outcome is right
    else:
        assert isinstance(settings, Settings)


# --- plots ---------------------------------------------------------------------------------------


def test_plots_are_one_name_or_several(place: Callable[..., Settings]) -> None:
    assert place("plots", file="'my_plots.py'").plots == ("my_plots.py",)
    assert place("plots", file="['mice.tof', 'a, b.py']").plots == ("mice.tof", "a, b.py")
    assert place("plots", variable="mice.tof, my_plots.py").plots == ("mice.tof", "my_plots.py")


def test_plots_in_the_home_directory_can_be_named(
    place: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    assert place("plots", file="'~/my_plots.py'").plots == ("/home/me/my_plots.py",)


def test_the_default_is_what_packages_call_so() -> None:
    assert Settings().plots == (DEFAULT,)


# --- documentation -------------------------------------------------------------------------------


def test_every_setting_is_in_the_table_of_the_docs() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|", DOCS.read_text(), re.MULTILINE)
    assert [name for name, _ in rows] == list(names())


def test_the_docs_give_the_defaults() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", DOCS.read_text(), re.MULTILINE))
    for name in (
        "image_file_prefix",
        "refresh_seconds",
        "header_and_footer_mode",
        "line_limit",
        "image_limit",
    ):
        assert rows[name] == f"`{getattr(Settings(), name)}`"
