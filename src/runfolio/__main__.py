"""`python -m runfolio`."""

import sys

from runfolio.cli import main

if __name__ == "__main__":
    sys.exit(main())
