"""Which tier a test belongs to: `--tier quick`, `--tier test`, `--tier full`. Without the option everything runs, as in full.

    quick   after every save, under a minute: no processes, browsers, crowds, simulated histories or planted mistakes
    test    before every push, under five minutes: both databases, one kind of everything, few of what repeats itself
    full    everything there is

The assertions are the same in each. What is not for every tier stands here: by its file, by its mark, by how many.
"""

import os
from pathlib import Path

import pytest

TIERS = ("quick", "test", "full")

NOT_IN_QUICK = (
    "api/test_over_sockets.py",
    "config/test_fair_sqlite3.py",
    "contributions/test_crowds.py",
    "crashes/test_storm.py",
    "crowds",
    "demo/test_run_demo.py",
    "docs/test_samples.py",
    "notifications/test_killed_workers.py",
    "notifications/test_outbox.py",
    "providers/paypal/proof/test_official_client.py",
    "providers/stripe/proof/test_official_node_client.py",
    "providers/amazon/test_official_client.py",
    "simulation",
    "test_on_both_databases.py",
)
"""Files and folders of tests/ that start processes, play histories or come in crowds. So does what is marked `browser`."""

AMOUNTS = {
    "histories": {"quick": 0, "test": 150, "full": 500},
    "adapter_histories": {"quick": 0, "test": 25, "full": 80},
}
"""How many of what is repeated with another seed; WHIPROUND_HISTORIES overrides both."""

TESTS = Path(__file__).resolve().parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--tier", choices=TIERS, default="full", help="how much of the suite: see tests/tiers.py")


def tier_of(item: pytest.Item) -> str:
    """The first tier that the test runs in."""
    if item.get_closest_marker("full"):
        return "full"
    inside = item.path.relative_to(TESTS).as_posix() if item.path.is_relative_to(TESTS) else ""
    slow = item.get_closest_marker("browser") or any(inside == one or inside.startswith(f"{one}/") for one in NOT_IN_QUICK)
    return "test" if slow else "quick"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    asked = TIERS.index(config.getoption("tier"))
    left_out = [item for item in items if TIERS.index(tier_of(item)) > asked]
    if left_out:
        out = set(left_out)
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in out]


def amount(config: pytest.Config, name: str) -> int:
    """How many of something this run makes: a name of AMOUNTS."""
    return int(os.environ.get("WHIPROUND_HISTORIES") or AMOUNTS[name][config.getoption("tier")])
