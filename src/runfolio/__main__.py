"""`python -m runfolio`."""

import sys

from runfolio.cli import main

if __name__ == "__main__":  # not when a worker process, spawned by a run, imports it
    sys.exit(main())
