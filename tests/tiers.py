"""Which tier a test belongs to: `--tier quick`, `--tier test`, `--tier full`. Without the option everything runs, as in full.

    quick   after every save: one case of each test; no processes, browsers, crowds, simulated histories or planted mistakes
    test    before every push: both databases, one kind of everything, few of what repeats itself
    full    everything there is

The assertions are the same in each. What is not for every tier stands here: by its file, by its mark, by how many.
"""

import os
from collections.abc import Sequence
from typing import Any, TypeVar

import pytest
from django.db import connection

from tests.tables import inside, is_in

TIERS = ("quick", "test", "full")
T = TypeVar("T")

NOT_IN_QUICK = (
    "api/records/test_writing.py",
    "api/test_bad_input.py",
    "api/test_bodies_over_sockets.py",
    "api/test_hot_reads.py",
    "api/test_list_plans.py",
    "api/test_memory_over_sockets.py",
    "api/test_month_end.py",
    "api/test_nasty_texts.py",
    "api/test_openapi_fuzz.py",
    "api/test_over_sockets.py",
    "api/test_sent_back_over_sockets.py",
    "benchmarks",
    "certificates/test_crowds.py",
    "clients",
    "config/test_cef.py",
    "config/test_fair_sqlite3.py",
    "config/test_serve.py",
    "config/test_settings.py",
    "config/test_spelling.py",
    "config/test_split.py",
    "config/test_unsafe_settings.py",
    "console/test_distribute.py",
    "console/test_goal_and_backup.py",
    "console/test_readiness_over_sockets.py",
    "console/test_stopped_commands.py",
    "contributions/test_another_checkout.py",
    "contributions/test_crowds.py",
    "contributions/test_database_trouble.py",
    "contributions/test_matching_crowds.py",
    "contributions/test_migration.py",
    "contributions/test_the_long_way.py",
    "crashes",
    "crowds",
    "demo",
    "deploy",
    "docs/test_claims.py",
    "docs/test_examples.py",
    "docs/test_partners_guide.py",
    "docs/test_samples.py",
    "docs/test_samples_on_bad_days.py",
    "docs/test_site.py",
    "fuzz",
    "notifications/test_75_hours.py",
    "notifications/test_killed_workers.py",
    "notifications/test_outbox.py",
    "plans/test_plans.py",
    "pledges/test_crowds.py",
    "providers/amazon/test_official_client.py",
    "providers/amazon/test_permission_gifts.py",
    "providers/paypal/proof",
    "providers/paypal/test_permission_gifts.py",
    "providers/stripe/proof",
    "providers/stripe/test_permission_gifts.py",
    "rehearsals",
    "simulation",
    "test_on_both_databases.py",
    "web/test_holding.py",
    "web/test_limits_across_processes.py",
    "web/test_waiting.py",
)
"""What starts processes, plays histories, comes in crowds or takes seconds. So does what is marked `browser`."""

CASES_OF = {
    "api/test_hot_reads.py": 1,
    "api/test_matrix.py": 12,
    "api/test_scopes.py": 12,
    "api/test_signed_requests.py": 8,
    "clients": 1,
    "contributions/test_the_long_way.py": 3,
    "crowds": 1,
    "demo/test_run_demo.py": 2,
    "deploy/test_old_processes.py": 2,
    "docs/test_samples_on_bad_days.py": 1,
    "docs/test_site.py": 1,
    "fuzz": 4,
    "providers/amazon/test_permissions.py": 8,
    "providers/paypal/test_permissions.py": 8,
    "providers/stripe/test_permissions.py": 8,
    "providers/test_scenarios.py": 12,
    "simulation/test_adapters.py": 2,
    "simulation/test_cells.py": 20,
    "simulation/test_permissions.py": 1,
    "simulation/test_planted_bugs.py::test_the_simulation_finds": 20,
    "test_prepared.py": 12,
}
"""Of a test here, or in a file or folder that is here, so many of its cases are played before a push; all in full.

They are as far apart as can be, and the seed says which: as many seeds as there are cases have played each. Here stand the
tables that take seconds. All others are played whole, since that costs next to nothing: leaving out all but two cases of
each saved 30 seconds of processor time and lost the half of all cases.
"""

CASES_IN_QUICK = 1
"""Of every test with cases, in whichever file."""

SEED = int(os.environ.get("WHIPROUND_SEED", "1"))

AMOUNTS = {
    "histories": {"quick": 0, "test": 6, "full": 500},
    "histories on PostgreSQL": {"quick": 0, "test": 3, "full": 500},
    "adapter histories": {"quick": 0, "test": 4, "full": 80},
    "histories with more": {"quick": 0, "test": 5, "full": 200},
    "gifts read in two ways": {"quick": 0, "test": 60, "full": 800},
    "made-up requests": {"quick": 0, "test": 40, "full": 1000},
    "gifts among which is planned": {"quick": 0, "test": 20_000, "full": 100_000},
    "goals among which is planned": {"quick": 0, "test": 1_000, "full": 25_000},
    "kills": {"quick": 0, "test": 5, "full": 10},
    "rounds of rest": {"quick": 0, "test": 3, "full": 6},
}
"""How many of what is repeated with another seed; WHIPROUND_HISTORIES overrides it.

And for how many rounds, of 30 hours each, a short history goes on at its end: after three every checkout has expired.
"""


ONE_IN = {"quick": 24, "test": 24, "full": 1}
"""Of what is much alike, such as bad keys, `sample` takes one in so many. It has no factor in common with shares.SAMPLE."""

EXAMPLES_ONE_IN = {"quick": 4, "test": 4, "full": 1}
"""Of the examples that hypothesis makes up `examples` has one in so many, but at least FEWEST_EXAMPLES."""

FEWEST_EXAMPLES = 20

_asked = "full"
"""The tier of this process: known before the files with tests are read."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--tier", choices=TIERS, default="full", help="how much of the suite: see tests/tiers.py")


def pytest_configure(config: pytest.Config) -> None:
    global _asked
    _asked = config.getoption("tier")


def tier_of(item: pytest.Item) -> str:
    """The first tier that the test runs in."""
    if item.get_closest_marker("full"):
        return "full"
    name = inside(item)
    slow = item.get_closest_marker("browser") or is_in(NOT_IN_QUICK, name)
    return "test" if slow else "quick"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    asked = TIERS.index(config.getoption("tier"))
    chosen = [item for item in items if TIERS.index(tier_of(item)) <= asked]
    if TIERS[asked] != "full":
        chosen = _thinned(chosen, TIERS[asked])
    if len(chosen) < len(items):
        kept = set(chosen)
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = chosen


def _thinned(items: list[pytest.Item], tier: str) -> list[pytest.Item]:
    """Without most cases of the long tables, or of all tables; the rest in the order in which it was."""
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
    kept: set[pytest.Item] = set()
    for of_a_test in cases.values():
        most = CASES_IN_QUICK if tier == "quick" else _most_cases_of(of_a_test)
        kept.update(some_of(of_a_test, most))
    return [item for item in items if item in kept]


def _most_cases_of(a_test: list[pytest.Item]) -> int:
    file = inside(a_test[0])
    this = f"{file}::{a_test[0].nodeid.partition('[')[0].rpartition('::')[2]}"
    return next((most for name, most in CASES_OF.items() if name == this or is_in((name,), file)), len(a_test))


def some_of(cases: Sequence[T], most: int, seed: int = SEED) -> Sequence[T]:
    """At most so many, as far apart as can be; each seed begins with the next one."""
    if len(cases) <= most:
        return cases
    return [cases[(seed - 1 + number * len(cases) // most) % len(cases)] for number in range(most)]


def amount(config: pytest.Config, name: str) -> int:
    """How many of something this run makes: a name of AMOUNTS, which may have another for PostgreSQL."""
    given = os.environ.get("WHIPROUND_HISTORIES") if "histories" in name else None
    here = f"{name} on PostgreSQL" if connection.vendor == "postgresql" else name
    return int(given or AMOUNTS.get(here, AMOUNTS[name])[config.getoption("tier")])


def examples(most: int, tier: str = "") -> int:
    """How many hypothesis makes up in this tier, where `most` are made up in full: for its `max_examples`."""
    return min(most, max(most // EXAMPLES_ONE_IN[tier or _asked], FEWEST_EXAMPLES))


def sample(config: pytest.Config, whole: Sequence[Any], turn: int = 0) -> Sequence[Any]:
    """Some of what is much alike, and in full all of it. Each turn has others, so that a few turns together have all."""
    step = ONE_IN[config.getoption("tier")]
    return whole[turn % min(step, len(whole)) :: step] if whole else whole
