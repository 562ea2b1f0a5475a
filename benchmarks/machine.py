"""The machine and the versions that figures are of."""

import os
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = (
    "runfolio",
    "msgspec",
    "numpy",
    "boost-histogram",
    "matplotlib",
    "pillow",
    "zlib-ng",
    "pyarrow",
    "uproot",
)
OTHERS = ("root", "orjson", "mplhep", "hist")


def machine() -> str:
    """Return what the machine is, in one line."""
    return (
        f"{_processor()}, {len(os.sched_getaffinity(0))} cores, {_memory():.0f} GB;"
        f" {platform.system()} {platform.release().split('-')[0]}, Python {platform.python_version()}"
    )


def versions() -> Sequence[str]:
    """Return the names and versions of what takes part."""
    found = []
    for name in (*PACKAGES, *OTHERS):
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} not installed")
    return found


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith(("model name", "Model")):
            return line.partition(":")[2].strip()
    return platform.machine()


def _memory() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
