"""Write a simulated beam test to stdout: python make_events.py > events.jsonl."""

import json
import random
import sys


def lines(runs=(12, 13), spills=20, triggers=50, seed=1):
    """Give each trigger of each run as a line of JSON, and a last line that ends the run."""
    chance = random.Random(seed)
    for run in runs:
        start = 1_760_000_000 + 3600 * run
        for spill in range(spills):
            for number in range(triggers):
                kind = "pedestal" if number % 10 == 0 else "beam"
                charge = 100 if kind == "pedestal" else 800
                hits = [
                    {
                        "channel": min(max(int(chance.gauss(16, 4)), 0), 31),
                        "adc": round(chance.gauss(charge, 0.15 * charge), 1),
                    }
                    for _ in range(chance.randrange(1, 5))
                ]
                yield {
                    "run": run,
                    "spill": spill,
                    "time": start + 10 * spill + 0.1 * number,
                    "trigger": kind,
                    "hits": hits,
                }
        yield {"run": run, "trigger": "end_of_run"}


if __name__ == "__main__":
    for line in lines():
        sys.stdout.write(json.dumps(line) + "\n")
