"""One target under atheris, with libFuzzer's options: `python -m fuzz.under_atheris stream -runs=1000`."""

import sys

import atheris  # type: ignore[import-untyped]  # it has no types, and is there for fuzzing alone

with atheris.instrument_imports(include=["runfolio"]):
    from fuzz.targets import TARGETS


def main() -> None:
    """Fuzz until the time is over, or something is found."""
    name = sys.argv.pop(1)
    atheris.Setup(sys.argv, TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
