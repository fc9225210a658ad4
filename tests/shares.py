"""What of the suite runs on which database: `pytest -p tests.shares --share=each`. Without a share everything runs.

    each    what must hold on every database
    once    what touches no database or does not care which (`no_database`, `one_database`)
    all     everything, beside another run that plays `each`

A test that uses a database is in `each` although its file is marked `no_database`.

`make test` plays of `each` what is about the database itself, and a sample of the rest. Of `all` it plays the rest, and a
sample of what is about the database: whole only where the two databases are used in ways of their own, and nothing of what
starts processes for one of them (ONLY_ON_POSTGRESQL, ONLY_ON_SQLITE). What is left out is always the second time, on the
other database; `make full` leaves out nothing.
"""

from collections import Counter

import pytest

from tests.tables import inside, is_in

ABOUT_THE_DATABASE = (
    "api/test_conditions.py",
    "api/test_hot_writes.py",
    "api/test_idempotency.py",
    "api/test_idempotent_crashes.py",
    "api/test_oddities_of_2011.py",
    "api/test_paging.py",
    "api/resources",
    "console",
    "contributions/test_append_only.py",
    "contributions/test_audit.py",
    "contributions/test_captures.py",
    "contributions/test_choice.py",
    "contributions/test_crowds.py",
    "contributions/test_database_trouble.py",
    "contributions/test_deletion.py",
    "contributions/test_holds.py",
    "contributions/test_large_amounts.py",
    "contributions/test_migration.py",
    "contributions/test_opening.py",
    "contributions/test_parts.py",
    "contributions/test_refunds.py",
    "contributions/test_revoked_and_restored.py",
    "contributions/test_totals.py",
    "contributions/test_transitions.py",
    "crashes",
    "crowds/test_crowds_over_http.py",
    "crowds/test_many_at_one_gift.py",
    "docs/test_operators_guide.py",
    "givers",
    "goals",
    "notifications",
    "partners/test_secrets_at_rest.py",
    "providers/amazon/test_refunds.py",
    "providers/paypal/test_payees.py",
    "providers/stripe/test_payees.py",
    "providers/test_sandbox_contract.py",
    "providers/test_sandbox_deliveries.py",
    "providers/test_sandbox_page.py",
    "test_bigint.py",
)
"""Files and folders of tests/ that write or ask what others do not, count on locks, or commit: whole in `make test`.

Chosen by what is sent: of the 1248 statements, told apart without their values, that the whole suite sent to PostgreSQL these
and the sample sent all but 24, most of which were questions of the tests' own.
"""

WHOLE_ON_BOTH = (
    "console/test_goal_and_backup.py",
    "console/test_readiness.py",
    "contributions/test_append_only.py",
    "contributions/test_crowds.py",
    "contributions/test_database_trouble.py",
    "notifications/test_outbox.py",
    "test_bigint.py",
)
"""Of those, what meets locks, or code that is another one for each database: triggers, backups, the disk."""

ONLY_ON_POSTGRESQL = (
    "contributions/test_migration.py",
    "crashes/test_storm.py",
    "crowds/test_crowds_over_http.py",
    "crowds/test_many_at_one_gift.py",
    "notifications/test_75_hours.py",
    "notifications/test_killed_workers.py",
)
"""What `make test` does not play on SQLite: real deaths and crowds, on the database that is meant for load.

In one process each of these stands on SQLite too: contributions/test_crowds.py, notifications/test_delivery.py. And of what
moves the gifts of the release before SQLite has deploy/test_old_processes.py.
"""

ONLY_ON_SQLITE = (
    "api/records/test_gift_limits.py",
    "api/test_openapi_fuzz.py",
    "crowds/test_at_a_slow_provider.py",
    "crowds/test_at_the_front_door.py",
    "demo",
    "deploy",
    "simulation/test_adapters.py",
    "simulation/test_certificates.py",
    "simulation/test_permissions.py",
    "simulation/test_pledges.py",
    "simulation/test_planted_bugs.py",
    "web",
)
"""What `make test` does not play on PostgreSQL: processes that are started for what they do before they ask a database, and
histories of which simulation/test_simulation.py plays some there.
"""

SAMPLE = 23
"""Of a file's tests `make test` plays the first one on the other database too, and then every so many; none in a browser."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--share", choices=("each", "once", "all"), help="what must hold on each database, or the rest")


def runs_once(item: pytest.Item) -> bool:
    if item.get_closest_marker("one_database"):
        return True
    uses_one = item.get_closest_marker("django_db") or {"db", "module_db", "transactional_db", "live_server"} & set(
        getattr(item, "fixturenames", ())
    )
    return bool(item.get_closest_marker("no_database")) and not uses_one


def chosen_of(items: list[pytest.Item], share: str, tier: str) -> list[pytest.Item]:
    """What of the tests of this tier the share has."""
    mine = items if share == "all" else [item for item in items if runs_once(item) == (share == "once")]
    if tier != "test" or share == "once":
        return mine
    elsewhere = ONLY_ON_SQLITE if share == "each" else ONLY_ON_POSTGRESQL
    here = [item for item in mine if not is_in(elsewhere, inside(item))]
    if share == "each":
        return sampled(here, [item for item in here if is_in(ABOUT_THE_DATABASE, inside(item))])
    return sampled(here, [item for item in here if is_whole_on_sqlite(item)])


def is_whole_on_sqlite(item: pytest.Item) -> bool:
    """Whether PostgreSQL has only a sample of this, or both have all of it."""
    name = inside(item)
    return runs_once(item) or is_in(WHOLE_ON_BOTH, name) or not is_in(ABOUT_THE_DATABASE, name)


def sampled(items: list[pytest.Item], whole: list[pytest.Item]) -> list[pytest.Item]:
    """`whole`, and of each file's other tests some; in the order in which they were."""
    all_of, seen = set(whole), Counter[str]()
    kept = []
    for item in items:
        if item in all_of:
            kept.append(item)
        elif not item.get_closest_marker("browser"):
            if seen[inside(item)] % SAMPLE == 0:
                kept.append(item)
            seen[inside(item)] += 1
    return kept


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    share = config.getoption("share")
    if share is None:
        return
    mine = chosen_of(items, share, config.getoption("tier", "full"))
    chosen = set(mine)
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = mine
