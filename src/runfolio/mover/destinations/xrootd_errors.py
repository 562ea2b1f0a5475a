"""What an XRootD client's status stands for: whether to wait, to try again, or to have people look.

The numbers are those of the protocol (XProtocol.hh) and of the client (XrdClStatus.hh).
"""

import re

from runfolio.errors import DeliveryError, Interrupted, Refused, Unavailable

__all__ = ["Missing", "error_of", "is_answer", "is_missing", "is_taken", "is_unsupported"]

ANSWER = 400
"""The client's code for an error that the server has answered with."""

MISSING, UNSUPPORTED, TAKEN = 3011, 3013, 3018

_CLIENT_MISSING = 304
_CLIENT_UNSUPPORTED = {13, 15, 205}

_CONNECTION = {101, 102, 103, 104, 105, 106, 107, 108, 109, 201, 202, 206, 207, 208, 303, 307}
"""No address, no connection, or one that is cut off or silent."""

_CLIENT_REFUSED = {
    6: "configuration",
    9: "arguments",
    13: "not supported",
    15: "not implemented",
    110: "TLS, as of a certificate that is not trusted",
    203: "login",
    204: "authentication",
    302: "redirection",
}

_SERVER_UNAVAILABLE = {
    3008: "out of memory",
    3009: "no space",
    3014: "no server for it",
    3021: "over quota",
    3024: "overloaded",
    3034: "timed out",
    3035: "timer expired",
}

_SERVER_REFUSED = {
    3000: "argument",
    3001: "argument missing",
    3002: "argument too long",
    3006: "request",
    3010: "not authorized",
    3013: "unsupported",
    3015: "not a file",
    3016: "is a directory",
    TAKEN: "exists",
    3022: "signature",
    3023: "decryption",
    3025: "read-only",
    3028: "TLS required",
    3030: "authentication",
    3031: "impossible",
    3032: "conflict",
}

_FILE_SYSTEM = 3005
_REFUSED_BY_FILE_SYSTEM = re.compile(r"read.only|not a directory|too long|not permitted", re.IGNORECASE)
"""Of what has no number of its own, the words tell."""

_ADVICE = {
    101: "check the host in the url, and the name service",
    110: "check X509_CERT_DIR, which holds the certificates that are trusted",
    203: "check the proxy or token",
    204: "check the proxy or token",
    3009: "make room there",
    3010: "check the proxy or token, and who may write there",
    3021: "make room there, or have the quota raised",
    3025: "have it made writable",
    3028: "write the url with roots://",
    3030: "check the proxy or token",
}

_PREFIX = re.compile(r"^\[\w+\] (Server responded with an error: \[\d+\] )?")


class Missing(Interrupted):
    """A name is not there: mostly no error, else somebody has removed it meanwhile."""


def is_answer(code: int) -> bool:
    """Tell whether the server has answered: then it is there, and has done nothing."""
    return code == ANSWER


def is_missing(code: int, number: int) -> bool:
    return code == _CLIENT_MISSING or (code == ANSWER and number == MISSING)


def is_taken(code: int, number: int) -> bool:
    return code == ANSWER and number == TAKEN


def is_unsupported(code: int, number: int) -> bool:
    return code in _CLIENT_UNSUPPORTED or (code == ANSWER and number == UNSUPPORTED)


def error_of(code: int, number: int, words: str, doing: str, *, under_way: bool = False) -> DeliveryError:
    """Return the error that a status stands for.

    Args:
        code: of the client.
        number: of the server's answer, where the code says that there is one.
        words: of either.
        doing: what was tried, and where.
        under_way: whether a transfer had begun: then a lost connection cuts off this one.

    """
    said = _PREFIX.sub("", " ".join(words.split())) or f"error {code}"
    advice = _ADVICE.get(number if is_answer(code) else code)
    kind = _kind(code, number, said, under_way=under_way)
    return kind(f"{doing} ({said})" + (f": {advice}" if advice else ""))


def _kind(code: int, number: int, said: str, *, under_way: bool) -> type[DeliveryError]:
    if is_missing(code, number):
        return Missing
    if not is_answer(code):
        refused, unavailable = code in _CLIENT_REFUSED, code in _CONNECTION and not under_way
    elif number == _FILE_SYSTEM:
        refused, unavailable = bool(_REFUSED_BY_FILE_SYSTEM.search(said)), False
    else:
        refused, unavailable = number in _SERVER_REFUSED, number in _SERVER_UNAVAILABLE
    return Refused if refused else Unavailable if unavailable else Interrupted
