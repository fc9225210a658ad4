"""`make live`: what the providers' own test environments prove with an operator's test keys, as a table.

The keys are environment variables (docs/operators.md names them); a provider whose keys are missing is a row that says so.
Ends with status 0 where nothing failed and something was proved.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent / "providers"
FILES = {
    "PayPal": "paypal/test_live_sandbox.py",
    "Stripe": "stripe/test_live_test_mode.py",
    "Google": "google/test_live_test_mode.py",
    "Amazon": "amazon/test_live_sandbox.py",
}
"""By provider: every test in it asks the provider itself."""


class Table:
    """A pytest plugin: what was proved, a row for each test."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        provider = next((name for name, file in FILES.items() if report.nodeid.startswith(f"tests/providers/{file}")), None)
        if provider is None or (report.passed and report.when != "call"):
            return
        row = provider, _sentence(report.nodeid)
        if report.skipped:
            self.rows[provider, "everything"] = f"not asked: {_reason(report)}"
        elif report.failed or self.rows.get(row) is None:
            self.rows[row] = "FAILED" if report.failed else "proved"

    def lines(self) -> Iterator[str]:
        """The table as Markdown."""
        yield "| Provider | What | Result |"
        yield "| --- | --- | --- |"
        for (provider, what), result in self.rows.items():
            yield f"| {provider} | {what} | {result} |"

    @property
    def status(self) -> int:
        """The exit status."""
        results = self.rows.values()
        return 0 if "proved" in results and "FAILED" not in results else 1


def _sentence(nodeid: str) -> str:
    """test_a_session_is_closed[taken] is "a session is closed (taken)"."""
    name, _, case = nodeid.rpartition("::")[2].partition("[")
    return name.removeprefix("test_").replace("_", " ") + (f" ({case.removesuffix(']')})" if case else "")


def _reason(report: pytest.TestReport) -> str:
    told = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return told.removeprefix("Skipped: ")


def main() -> int:
    table = Table()
    pytest.main(["-p", "no:cacheprovider", "-q", "--no-header", *(str(TESTS / file) for file in FILES.values())], [table])
    print("\n".join(table.lines()))
    return table.status


if __name__ == "__main__":
    sys.exit(main())
