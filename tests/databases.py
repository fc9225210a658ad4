"""The databases of the tests: one for each process, copied from one that was migrated, and what is left in it after a test."""

import gc
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from pytest_django.plugin import blocking_manager_key

from config.env import database_at
from contributions import append_only
from tests import migrated
from tests.on_both_databases import RUN, TEST_DATABASES, folder_with_room


def pytest_configure(config: pytest.Config) -> None:
    """The processes of a run share their originals; so does a pytest that a test starts."""
    if migrated.ORIGINALS in os.environ:
        return
    basetemp = config.getoption("basetemp")
    within = str(Path(basetemp).parent) if basetemp else folder_with_room()
    name = f"{TEST_DATABASES}{os.environ.get(RUN) or uuid.uuid4().hex[:12]}_original"
    stack = ExitStack()
    stack.enter_context(migrated.originals(settings.DATABASE_URL, name, within))
    config.add_cleanup(stack.close)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What was loaded stays to the end: the collector need not look through all of it again and again, nor that often."""
    import hypothesis  # noqa: F401 - its plugin does so at the end, and asks the collector who knows trio's dice

    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory, testrun_uid: str
) -> Iterator[None]:
    """A database of this run and this process alone: several runs in one checkout do not meet.

    SQLite on disk, as in production: a database in memory cannot be shared by threads.
    """
    name = f"{TEST_DATABASES}{testrun_uid}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    with migrated.new_database(settings.DATABASE_URL, name, tmp_path_factory.mktemp("database")) as url:
        connection.close()
        connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = database_at(url)["NAME"]
        yield
        with django_db_blocker.unblock():
            connection.close()


@pytest.fixture(autouse=True)
def _books_may_be_emptied_after_a_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test with transactions of its own has its tables emptied afterwards, which the append-only triggers would refuse."""
    if not _commits(request.node):
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    append_only.uninstall(connection)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Once they are empty they are guarded again: with `--dist worksteal` any test may come next in this process."""
    result = yield
    if nextitem is not None and _commits(item):
        with item.config.stash[blocking_manager_key].unblock():
            append_only.install(connection)
    return result


def _commits(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("django_db")
    committing = {"transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
    return bool(committing or (marker and marker.kwargs.get("transaction")))


@pytest.fixture
def books_can_be_forged(db: None) -> None:
    """For a test that shows what happens when somebody gets past the triggers."""
    append_only.uninstall(connection)


@pytest.fixture(scope="module")
def module_db(django_db_setup: None, django_db_blocker: Any) -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """For fixtures of a whole module, which make with `with module_db():` what each of its tests finds untouched.

    It is a transaction round those of the tests: not for tests that commit.
    """
    around = transaction.atomic()
    with django_db_blocker.unblock():
        around.__enter__()
    yield django_db_blocker.unblock
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        around.__exit__(None, None, None)


def texts_of_the_database() -> list[str]:
    """Every value of every row of every table, as text; of bytes what can be read in them."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            found += [_as_text(value) for row in cursor.fetchall() for value in row]
    return found


def _as_text(value: Any) -> str:
    return bytes(value).decode(errors="replace") if isinstance(value, bytes | memoryview) else str(value)


@pytest.fixture(autouse=True)
def _nothing_is_left_to_the_next_test_of_the_module(request: pytest.FixtureRequest) -> None:
    if "module_db" in request.fixturenames:
        request.getfixturevalue("db")
