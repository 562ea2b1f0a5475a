"""Fault tests tell at the end how much was tried, also where they ran in several processes."""

from collections import Counter

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    tried: Counter[str] = Counter()
    for report in terminalreporter.getreports("passed"):
        tried.update({str(name): int(str(count)) for name, count in report.user_properties})
    for name, count in sorted(tried.items()):
        terminalreporter.write_line(f"{name}: {count}")
