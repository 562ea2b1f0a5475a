"""What a status of the XRootD client stands for, and the words that are shown."""

import pytest

from runfolio.errors import DeliveryError, Interrupted, Refused, Unavailable
from runfolio.mover.destinations.xrootd_errors import Missing, error_of

ANSWER = 400


@pytest.mark.parametrize(
    ("code", "number", "kind"),
    [
        (101, 0, Unavailable),  # the host has no address
        (103, 0, Unavailable),  # the socket is silent
        (108, 0, Unavailable),  # nobody listens
        (206, 0, Unavailable),  # no answer
        (110, 0, Refused),  # the certificate
        (204, 0, Refused),  # who we are
        (2, 0, Interrupted),
        (ANSWER, 3003, Interrupted),  # another has it open
        (ANSWER, 3007, Interrupted),  # the disk
        (ANSWER, 3009, Unavailable),  # no space
        (ANSWER, 3010, Refused),  # what we may
        (ANSWER, 3011, Missing),
        (ANSWER, 3021, Unavailable),  # the quota
        (ANSWER, 3024, Unavailable),  # too much to do
        (ANSWER, 3025, Refused),  # read-only
        (ANSWER, 4711, Interrupted),
    ],
)
def test_each_status_has_its_class(code: int, number: int, kind: type[DeliveryError]) -> None:
    assert type(error_of(code, number, "[ERROR] words", "can't do")) is kind


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Unable to mkdir /a; file path marked read/only", Refused),
        ("Unable to open /a; read-only file system", Refused),
        ("Unable to mkdir /a/b; not a directory", Refused),
        ("Unable to rename /a; directory not empty", Interrupted),
    ],
)
def test_of_a_file_systems_errors_the_words_tell(words: str, kind: type[DeliveryError]) -> None:
    assert type(error_of(ANSWER, 3005, words, "can't do")) is kind


def test_a_connection_lost_on_the_way_cuts_off_one_transfer() -> None:
    assert type(error_of(104, 0, "", "can't write", under_way=True)) is Interrupted
    assert type(error_of(ANSWER, 3009, "", "can't write", under_way=True)) is Unavailable


def test_the_words_are_the_servers_and_what_to_do() -> None:
    words = "[ERROR] Server responded with an error: [3009] Unable to write /a;\n no space left on device\n"
    assert str(error_of(ANSWER, 3009, words, "can't write /a")) == (
        "can't write /a (Unable to write /a; no space left on device): make room there"
    )
    assert str(error_of(103, 0, "[FATAL] Socket timeout", "can't look")) == "can't look (Socket timeout)"
    assert str(error_of(2, 0, "", "can't look")) == "can't look (error 2)"
