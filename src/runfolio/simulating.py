"""Simulating: a stream that looks like MICE data, written to a file or to standard output."""

import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import BinaryIO

from runfolio.errors import InputError
from runfolio.mice.simulation import Simulation, lines
from runfolio.summary import Progress


def write_simulated(simulation: Simulation, output: str, progress: Progress) -> None:
    """Write the lines of a simulation to a file, or to standard output where `output` is `-`.

    Raises:
        InputError: the file cannot be opened.
        OSError: it cannot be written on.

    """
    opened = _opened(output)
    written, expected = 0, simulation.documents
    try:
        with opened as stream:
            for number, line in enumerate(lines(simulation), start=1):
                stream.write(line)
                written += len(line)
                spills = number * simulation.runs * simulation.spills // expected
                progress.update(written, written * max(expected, number) // number, spills, None)
            stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise OSError(error.errno, f"{reason}; what is there is incomplete", output) from None


def _opened(output: str) -> AbstractContextManager[BinaryIO]:
    if output == "-":
        return nullcontext(sys.stdout.buffer)
    try:
        return Path(output).open("wb")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"{output} cannot be written: {reason}") from None
