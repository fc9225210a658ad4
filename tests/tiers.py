"""Which tier a test belongs to: `--tier quick`, `--tier test`, `--tier full`. Without the option everything runs, as in full.

    quick   after every save, under a minute: no processes, browsers, crowds, simulated histories or planted mistakes
    test    before every push, under five minutes: both databases, one kind of everything, few of what repeats itself
    full    everything there is

The assertions are the same in each. What is not for every tier stands here: by its file, by its mark, by how many.
"""

import os
from collections import Counter
from pathlib import Path

import pytest

TIERS = ("quick", "test", "full")

NOT_IN_QUICK = (
    "api/test_bad_input.py",
    "api/test_nasty_texts.py",
    "api/records/test_writing.py",
    "api/test_bodies_over_sockets.py",
    "api/test_over_sockets.py",
    "clients",
    "config/test_fair_sqlite3.py",
    "config/test_settings.py",
    "contributions/test_crowds.py",
    "contributions/test_database_trouble.py",
    "crashes",
    "crowds",
    "demo",
    "docs/test_claims.py",
    "docs/test_examples.py",
    "docs/test_samples.py",
    "notifications/test_75_hours.py",
    "notifications/test_killed_workers.py",
    "notifications/test_outbox.py",
    "providers/paypal/proof",
    "providers/stripe/proof",
    "providers/amazon/test_official_client.py",
    "simulation",
    "test_on_both_databases.py",
    "web/test_holding.py",
    "web/test_waiting.py",
)
"""Files and folders of tests/ that start processes, play histories or come in crowds. So does what is marked `browser`."""

EVERY_NTH_IN_QUICK = {
    "api/test_matrix.py": 4,
    "providers/amazon/test_fault_table.py": 4,
    "providers/google/test_fault_table.py": 4,
    "providers/paypal/test_fault_table.py": 4,
    "providers/stripe/test_fault_table.py": 4,
    "providers/test_scenarios.py": 4,
    "test_money.py": 4,
}
"""Tables whose rows are much alike: quick takes the first of their tests, and then every so many."""

AMOUNTS = {
    "histories": {"quick": 0, "test": 60, "full": 500},
    "adapter_histories": {"quick": 0, "test": 10, "full": 80},
}
"""How many of what is repeated with another seed; WHIPROUND_HISTORIES overrides both."""

TESTS = Path(__file__).resolve().parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--tier", choices=TIERS, default="full", help="how much of the suite: see tests/tiers.py")


def _inside(item: pytest.Item) -> str:
    """The test's file, as it is named in the tables."""
    return item.path.relative_to(TESTS).as_posix() if item.path.is_relative_to(TESTS) else ""


def tier_of(item: pytest.Item) -> str:
    """The first tier that the test runs in."""
    if item.get_closest_marker("full"):
        return "full"
    inside = _inside(item)
    slow = item.get_closest_marker("browser") or any(inside == one or inside.startswith(f"{one}/") for one in NOT_IN_QUICK)
    return "test" if slow else "quick"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    asked = TIERS.index(config.getoption("tier"))
    chosen = [item for item in items if TIERS.index(tier_of(item)) <= asked]
    if asked == 0:
        chosen = _thinned(chosen)
    if len(chosen) < len(items):
        kept = set(chosen)
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = chosen


def _thinned(items: list[pytest.Item]) -> list[pytest.Item]:
    seen: Counter[str] = Counter()
    kept = []
    for item in items:
        inside = _inside(item)
        if seen[inside] % EVERY_NTH_IN_QUICK.get(inside, 1) == 0:
            kept.append(item)
        seen[inside] += 1
    return kept


def amount(config: pytest.Config, name: str) -> int:
    """How many of something this run makes: a name of AMOUNTS."""
    return int(os.environ.get("WHIPROUND_HISTORIES") or AMOUNTS[name][config.getoption("tier")])
