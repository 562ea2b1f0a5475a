"""Datacard files: what is taken from them, what is refused, and that nothing of them is executed."""

import re
import warnings
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from runfolio.datacards import MAX_BYTES, MAX_TABLE_BYTES, Card, parse_cards, read_cards, read_table
from runfolio.errors import SettingsError


def values(text: str) -> dict[str, object]:
    return {name: card.value for name, card in parse_cards(text, "cards.py").items()}


def refusal(text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        parse_cards(text, "cards.py")
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ("5", 5),
        ("-5", -5),
        ("+1.5e3", 1500.0),
        ("'plots'", "plots"),
        ("'plots' 'more'", "plotsmore"),
        ("'''two\nlines'''", "two\nlines"),
        ("True", True),
        ("None", None),
        ("[1, -2, 'x']", [1, -2, "x"]),
        ("(1, (2, None))", (1, (2, None))),
        ("{'a': [1, {'b': False}]}", {"a": [1, {"b": False}]}),
        ("{1, 2}", {1, 2}),
        (r"'\d'", r"\d"),
    ],
)
def test_literals_are_read(literal: str, value: object) -> None:
    assert values(f"card = {literal}") == {"card": value}


def test_comments_docstrings_and_empty_lines_are_passed_over() -> None:
    assert values('"""Cards of a job."""\n\n# a comment\nrefresh_rate = 5  # spills\n"another string"\n') == {
        "refresh_rate": 5
    }


def test_an_empty_file_has_no_cards() -> None:
    assert values("") == {}


def test_the_last_of_two_assignments_counts_and_gives_the_line() -> None:
    assert parse_cards("a = 1\n\na = 2\n", "cards.py") == {"a": Card(2, 3)}


def test_one_value_for_two_names_and_annotated_names_are_assignments() -> None:
    assert values("a = b = 3\nc: int = 4") == {"a": 3, "b": 3, "c": 4}


@pytest.mark.parametrize(
    "line",
    [
        "import os",
        "from os import environ",
        "card = open('x')",
        "card = __import__('os').system('true')",
        "card = set()",
        "card = other",
        "card = other.name",
        "card = 1 + 1",
        "card = 1+2j",
        "card = f'{x}'",
        "card = f'x'",
        "card = lambda: 0",
        "card = [x for x in (1, 2)]",
        "card = (other := 1)",
        "card = 1 if True else 2",
        "card = -'x'",
        "card = ~1 or 2",
        "card = not 1",
        "card = {[]: 1}",
        "card = {**{}}",
        "card = [*()]",
        "card += 1",
        "card: int",
        "first, second = 1, 2",
        "*rest, = [1]",
        "card.attribute = 1",
        "card[0] = 1",
        "del card",
        "pass",
        "5",
        "...",
        "print('x')",
        "if True: card = 1",
        "for card in (1, 2): pass",
        "def card(): pass",
        "class card: pass",
        "with card: pass",
        "try: card = 1\nexcept: pass",
        "assert False",
        "raise SystemExit",
        "global card",
    ],
)
def test_anything_else_is_an_error_naming_the_line(line: str) -> None:
    message = refusal(f"fine = 1\n\n{line}\n")
    assert message.startswith("cards.py, line 3: not an assignment of a literal; ")
    assert "not executed" in message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = 1\nb = [", "cards.py, line 2: not Python: '[' was never closed"),
        ("a = 1\n  b = 2", "cards.py, line 2: not Python: unexpected indent"),
        ("a = 1\nprint 'x'", "cards.py, line 2: not Python: Missing parentheses"),
        ("a = 1\nb = 0777", "cards.py, line 2: not Python: leading zeros"),
        ("a = 1\nb = 2\0", "cards.py, line 2: holds a null byte"),
        ("a = 1\nb = " + "9" * 5000, "cards.py, line 2: not Python: Exceeds the limit"),
        ("a = 1\nb = " + "(" * 1000, "cards.py, line 2: not Python: too many nested parentheses"),
        ("a = 1\nb = " + "[" * 100_000, "cards.py, line 2: not Python: too many nested parentheses"),
        # where nesting ends depends on the version of Python, and so does how it says so
        ("a = 1\nb = " + "-" * 100_000 + "1", "cards.py, line 2: "),
        ("a = 1\nb = " + "not " * 5_000 + "1", "cards.py, line 2: "),
        ("a = 1\nb = x" + ".y" * 50_000, "cards.py, line 2: "),
        ("a = 1\nb = 1" + "+1" * 50_000, "cards.py, line 2: "),
        ("a = '\ud800'", "cards.py, line 1: not Python: "),
    ],
)
def test_what_python_cannot_parse_is_an_error_naming_the_line(text: str, message: str) -> None:
    assert refusal(text).startswith(message)


def test_values_nested_as_deep_as_python_allows_do_no_harm() -> None:
    assert list(values("a = " + "[" * 150 + "]" * 150)) == ["a"]
    assert refusal("a = " + "-" * 900 + "'x'").startswith("cards.py, line 1")


def test_nothing_is_executed(tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    refusal(f"card = open({str(trap)!r}, 'w')")
    values(f"card: open({str(trap)!r}, 'w') = 1")
    assert not trap.exists()


def test_a_file_is_read_with_its_byte_order_mark_and_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "cards.py"
    path.write_bytes(b"\xef\xbb\xbfa = 1\r\nb = '\xc3\xbc'\r\n")
    assert read_cards(path) == {"a": Card(1, 1), "b": Card("ü", 2)}


def test_a_file_that_is_not_utf8_is_an_error_naming_the_line(tmp_path: Path) -> None:
    path = tmp_path / "cards.py"
    path.write_bytes(b"a = 1\nb = '\xff'\n")
    with pytest.raises(SettingsError, match=r"cards.py, line 2: not UTF-8 text$"):
        read_cards(path)


def test_a_missing_file_and_a_directory_are_errors_naming_the_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none.py: cannot be read: No such file or directory$"):
        read_cards(tmp_path / "none.py")
    with pytest.raises(SettingsError, match=r"cannot be read: Is a directory$"):
        read_cards(tmp_path)


def test_a_path_that_is_no_path_is_an_error() -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read_cards(Path("a\0b"))


def test_a_huge_file_is_refused_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "cards.py"
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(SettingsError, match="too large; at most 1048576 bytes"):
        read_cards(path)
    with pytest.raises(SettingsError, match="too large"):
        read_cards(Path("/dev/zero"))


def test_a_table_that_would_take_tomllib_an_hour_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "runfolio.toml"
    path.write_text("a" + ".a" * 500_000 + " = 1")
    with pytest.raises(SettingsError, match=f"too large; at most {MAX_TABLE_BYTES} bytes"):
        read_table(path)


def test_a_table_gives_values_with_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "runfolio.toml"
    path.write_text(
        "# first = 0\nfirst = 1\n\n  'second' = [\n  2 ]\n[third]\nfirst = 3\n[[fourth]]\n[fi.fth]\n"
    )
    assert {name: card.line for name, card in read_table(path).items()} == {
        "first": 2,
        "second": 4,
        "third": 6,
        "fourth": 8,
        "fi": 9,
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = 1\nb = \n", r"not TOML: Invalid value \(at line 2, column 5\)"),
        ("a = 1\na = 2\n", r"not TOML: Cannot overwrite a value \(at line 2"),
        ("a = " + "[" * 10_000, "not TOML: maximum recursion depth"),
        ("a = " + "9" * 5000, "not TOML: Exceeds the limit"),
        ("a = 2026-99-99", "not TOML"),
    ],
)
def test_what_is_not_toml_is_an_error_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "runfolio.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=message) as caught:
        read_table(path)
    assert "\n" not in str(caught.value)


literals = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
    max_leaves=10,
)
words = [
    "lambda",
    "import os",
    "exec('1/0')",
    "exit()",
    "def f():",
    "if",
    "f'{1/0}'",
    "'x'",
    '"""',
    " = ",
    "    ",
]
fragments = st.sampled_from([*words, *"a=1-\n\\()[]{}:,\t#\0\r\ufeffé\ud800"])


@given(st.dictionaries(st.from_regex(r"[a-z]{3,8}_", fullmatch=True), literals, max_size=5))
def test_any_literals_come_back_as_they_are(cards: dict[str, object]) -> None:
    text = "\n".join(f"{name} = {value!r}" for name, value in cards.items())
    assert values(text) == cards


@given(st.lists(fragments, max_size=40).map("".join) | st.text())
@example("a = 1 if exit() else 2")
def test_any_text_gives_cards_or_an_error_in_one_line(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            cards = parse_cards(text, "cards.py")
        except SettingsError as error:
            assert re.fullmatch("cards.py, line [0-9]+: .+", str(error))  # noqa: PT017 - either outcome is right
        else:
            assert all(name.isidentifier() for name in cards)


@given(st.binary())
def test_any_bytes_give_cards_or_an_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.py"
    path.write_bytes(data)
    for read in (read_cards, read_table):
        try:
            read(path)
        except SettingsError as error:
            assert str(error).startswith(str(path))  # noqa: PT017 - either outcome is right
