"""A contender's side: a process that measures when it is asked to, and says what it found as JSON."""

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

Answers = Mapping[str, Callable[..., Mapping[str, Any]]]
"""What can be asked for by name; what is given with a question are keywords."""


def answer(ways: Answers) -> None:
    """Answer each line of standard input until it ends.

    Answers have standard output for themselves: what libraries print there goes to standard error.
    """
    with os.fdopen(os.dup(1), "w") as answers:
        os.dup2(2, 1)
        for line in sys.stdin:
            question = json.loads(line)
            found = ways[question.pop("way")](**question)
            answers.write(json.dumps(found) + "\n")
            answers.flush()


def timed(action: Callable[[], object]) -> dict[str, float]:
    """Return the seconds that an action takes: `cpu` of this process, and `wall`."""
    wall, cpu = time.perf_counter(), time.process_time()
    action()
    return {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
