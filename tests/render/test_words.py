"""Words are made plain, and fit the room they are given."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfolio.render.words import ELLIPSIS, MISSING, fit, one_line, plain, shorten, width, wrap

LONG = "the number of space points in each event of the run, station by station " * 3


def test_plain_text_stays_as_it_is() -> None:
    assert plain("TOF0->1 #Space Points $x_1$ \\alpha ±µ") == "TOF0->1 #Space Points $x_1$ \\alpha ±µ"


def test_characters_without_a_glyph_are_replaced() -> None:
    assert plain("漢a\ud800") == f"{MISSING}a{MISSING}"


def test_marks_of_format_are_shown_as_missing() -> None:
    assert plain("a\u202eb\u200bc\ufeffd\u00ade") == MISSING.join("abcde")


def test_line_breaks_and_control_characters_become_spaces() -> None:
    assert one_line(" a\nb\x00c\t") == "a b c"


def test_one_line_keeps_characters_that_only_the_font_lacks() -> None:
    assert one_line("漢") == "漢"


def test_width_grows_with_size() -> None:
    assert width("entries", 20) > 1.8 * width("entries", 10)


def test_short_words_are_not_cut() -> None:
    assert shorten("entries", 10, 500) == "entries"


def test_cut_words_end_in_an_ellipsis_and_fit() -> None:
    cut = shorten(LONG, 10, 120)
    assert cut.endswith(ELLIPSIS)
    assert width(cut, 10) <= 120


def test_wrapping_keeps_all_words() -> None:
    assert " ".join(wrap(LONG, 10, 150)) == LONG.strip()


def test_a_word_wider_than_the_room_is_broken() -> None:
    lines = wrap("x" * 100, 10, 100)
    assert "".join(lines) == "x" * 100
    assert all(width(line, 10) <= 100 for line in lines)


def test_fit_shrinks_before_it_wraps() -> None:
    room = width("space points", 10) * 0.85
    assert fit("space points", 10, room, 2) == (("space points",), 8.0)


def test_nothing_takes_no_line() -> None:
    assert fit("", 10, 100, 2)[0] == ()


@given(st.text(max_size=200), st.floats(40, 400), st.integers(1, 3))
def test_any_text_fits(text: str, room: float, lines: int) -> None:
    fitted, size = fit(plain(text), 12, room, lines)
    assert len(fitted) <= lines
    assert all(width(line, size) <= room or len(line) <= 2 for line in fitted)


@pytest.mark.parametrize("room", [0.0, -5.0])
def test_no_room_leaves_a_single_character(room: float) -> None:
    assert len(shorten("entries", 10, room)) == 2
