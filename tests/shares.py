"""What of the suite runs on which database: `pytest -p tests.shares --share=each`. Without a share everything runs.

    each    what must hold on every database
    once    what touches no database or does not care which (`no_database`, `one_database`)

A test that uses a database is in `each` although its file is marked `no_database`.
"""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--share", choices=("each", "once"), help="what must hold on each database, or the rest")


def runs_once(item: pytest.Item) -> bool:
    if item.get_closest_marker("one_database"):
        return True
    uses_one = item.get_closest_marker("django_db") or {"db", "transactional_db", "live_server"} & set(
        getattr(item, "fixturenames", ())
    )
    return bool(item.get_closest_marker("no_database")) and not uses_one


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    share = config.getoption("share")
    if share is None:
        return
    mine = [item for item in items if runs_once(item) == (share == "once")]
    chosen = set(mine)
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = mine
