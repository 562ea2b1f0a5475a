"""Digests of bytes that pass, beside those that other programs give."""

import subprocess
from pathlib import Path

import pytest

from runfolio.mover.digests import Digester
from runfolio.mover.package import Algorithm


def digested(*blocks: bytes) -> Digester:
    digester = Digester()
    digester.take(blocks)
    return digester


@pytest.mark.parametrize("program", ["sha256sum", "md5sum"])
def test_digests_are_those_of_the_systems_programs(tmp_path: Path, program: str) -> None:
    (tmp_path / "data").write_bytes(b"run 4235" * 999)
    said = subprocess.check_output([program, tmp_path / "data"], text=True).split()[0]
    assert digested(b"run 4235" * 999).values[Algorithm(program.removesuffix("sum"))] == said


def test_adler32_has_eight_digits() -> None:
    assert digested().values[Algorithm.ADLER32] == "00000001"
    assert digested(b"Wikipedia").values[Algorithm.ADLER32] == "11e60398"


def test_blocks_make_no_difference() -> None:
    assert digested(b"ab", b"", b"c").values == digested(b"abc").values
    assert digested(b"ab", b"c").values != digested(b"acb").values


def test_blocks_are_given_on() -> None:
    digester = Digester()
    assert list(digester.passing([b"ab", b"c"])) == [b"ab", b"c"]
    assert (digester.size, digester.values) == (3, digested(b"abc").values)


def test_none_but_those_that_are_wanted_are_made() -> None:
    digester = Digester([Algorithm.MD5])
    digester.update(b"abc")
    assert digester.values == {Algorithm.MD5: digested(b"abc").values[Algorithm.MD5]}
