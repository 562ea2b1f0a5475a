"""Fault tests tell how much was tried, also where they ran in several processes; the longest begins first."""

from collections import Counter

import pytest

LONGEST = "test_everything_stays_flat_and_is_accounted_for"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest test: the other processes go on meanwhile, and at the end none waits for it."""
    items.sort(key=lambda item: item.name != LONGEST)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    tried: Counter[str] = Counter()
    for report in terminalreporter.getreports("passed"):
        tried.update({str(name): int(str(count)) for name, count in report.user_properties})
    for name, count in sorted(tried.items()):
        terminalreporter.write_line(f"{name}: {count}")
