"""The drawing process is ready after its warm-up, and leaves Ctrl-C to its parent."""

import os
import subprocess
import sys

from runfolio.render.worker import warm_up

IMPORTED = """
import sys
from runfolio.render.worker import warm_up
warm_up()
print(sorted({"matplotlib", "uproot", "PIL", "matplotlib.pyplot"} & set(sys.modules)))
"""
IGNORES = """
import os, signal
from runfolio.render.worker import start
start()
os.kill(os.getpid(), signal.SIGINT)
os.kill(os.getpid(), signal.SIGTERM)
print("still here")
"""


def output(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.strip()


def test_warm_up_tells_its_process() -> None:
    assert warm_up() == os.getpid()


def test_warm_up_imports_all_that_jobs_need_and_never_pyplot() -> None:
    assert output(IMPORTED) == "['PIL', 'matplotlib', 'uproot']"


def test_a_process_without_a_parent_of_its_kind_goes_on_and_ignores_signals() -> None:
    assert output(IGNORES) == "still here"
