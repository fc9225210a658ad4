"""What of the suite runs in which share: `pytest -p tests.shares --share=...`. Without a share everything runs.

    each    what must hold on every database: once on SQLite, once on PostgreSQL
    once    what touches no database or does not care which (`no_database`, `one_database`): on SQLite alone
    once:1/2, once:2/2    the same in parts, so that two processors have something to do until the end

A test that uses a database is in `each` although its file is marked `no_database`.
"""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--share", type=Share, help="each, once, or a part of once: once:1/2")


class Share:
    """`each`, or one of `parts` equal parts of `once`."""

    def __init__(self, text: str) -> None:
        self.name, _, fraction = text.partition(":")
        part, _, parts = (fraction or "1/1").partition("/")
        self.part, self.parts = int(part), int(parts)
        if self.name not in {"each", "once"} or not 1 <= self.part <= self.parts or (fraction and self.name == "each"):
            raise ValueError(text)

    def of(self, items: list[pytest.Item]) -> list[pytest.Item]:
        once = [item for item in items if runs_once(item)]
        if self.name == "each":
            left_out = set(once)
            return [item for item in items if item not in left_out]
        first, end = (number * len(once) // self.parts for number in (self.part - 1, self.part))
        return once[first:end]


def runs_once(item: pytest.Item) -> bool:
    if item.get_closest_marker("one_database"):
        return True
    uses_one = item.get_closest_marker("django_db") or {"db", "transactional_db", "live_server"} & set(
        getattr(item, "fixturenames", ())
    )
    return bool(item.get_closest_marker("no_database")) and not uses_one


@pytest.hookimpl(trylast=True)  # -k and -m choose first, and the parts are equal in what is left
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    share: Share | None = config.getoption("share")
    if share is None:
        return
    mine = share.of(items)
    chosen = set(mine)
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = mine
