"""A call that is killed before and after each of its durable operations, each time in its own directory."""

import subprocess
import sys
from pathlib import Path

from support import clean_environment

FORKING = """
import os, sys
from runfolio.folder.faults import Kill, Recorder
from runfolio.watching import watched

def killed(work, at, moment):
    child = os.fork()
    if child == 0:
        with watched(Kill(at, moment)):
            call(work)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -9

base = Path(sys.argv[1])
prepare(base / "undisturbed")
with watched(recorder := Recorder()):
    call(base / "undisturbed")
for at, (operation, path) in enumerate(recorder.operations):
    for moment in ("before", "after"):
        work = base / f"{at:02}.{moment}.{operation}"
        prepare(work)
        killed(work, at, moment)
"""


def killed_everywhere(directory: Path, code: str) -> list[Path]:
    """Return the directories of the calls.

    Args:
        directory: takes them, beside `undisturbed`, that of a call to which nothing happened.
        code: defines `prepare` and `call`, which are given such a directory.

    """
    program = f"from pathlib import Path\n{code}{FORKING}"
    path = [str(Path(__file__).parent), *sys.path]
    subprocess.run(
        [sys.executable, "-c", program, directory],
        env=clean_environment(PYTHONPATH=":".join(path)),
        check=True,
    )
    return sorted(each for each in directory.iterdir() if each.name != "undisturbed")
