"""DATABASE_POOLER and DATABASE_REPLICA_URL: what Django is told, and what is refused."""

import re

import pytest

from tests.config.starting import sentence, settings_with
from tests.product import PRODUCT

pytestmark = pytest.mark.no_database

PRIMARY = {"DATABASE_URL": "postgres://u:p@db1.example/give"}
REPLICA = {"DATABASE_REPLICA_URL": "postgres://u:p@db2.example/give"}


def test_without_either_there_is_one_database():
    settings = settings_with(**PRIMARY)
    assert (list(settings["DATABASES"]), settings["DATABASE_ROUTERS"]) == (["default"], [])
    assert settings["DATABASES"]["default"]["OPTIONS"]["prepare_threshold"] == 1


@pytest.mark.parametrize("word", ["transaction", "TRANSACTION"])
def test_behind_a_pooler_nothing_is_left_in_a_session(word):
    """The replica is asked directly, so its statements are prepared all the same."""
    databases = settings_with(**PRIMARY, **REPLICA, DATABASE_POOLER=word)["DATABASES"]
    primary = databases["default"]
    assert (primary["OPTIONS"]["prepare_threshold"], primary["DISABLE_SERVER_SIDE_CURSORS"]) == (None, True)
    assert databases["replica"]["OPTIONS"]["prepare_threshold"] == 1


def test_a_replica_is_read_by_the_same_engine_and_given_up_soon():
    settings = settings_with(**PRIMARY, **REPLICA)
    primary, replica = settings["DATABASES"]["default"], settings["DATABASES"]["replica"]
    assert (replica["HOST"], replica["ENGINE"]) == ("db2.example", primary["ENGINE"])
    assert (replica["OPTIONS"]["connect_timeout"], primary["OPTIONS"]["connect_timeout"]) == (2, 10)
    assert settings["DATABASE_ROUTERS"] == ["replica.Router"]


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        (REPLICA, "DATABASE_REPLICA_URL is set, so DATABASE_URL must be a PostgreSQL server"),
        ({"DATABASE_POOLER": "transaction"}, "DATABASE_POOLER is set, so DATABASE_URL must be a PostgreSQL server"),
        (PRIMARY | {"DATABASE_POOLER": "session"}, "DATABASE_POOLER must be one of NONE, TRANSACTION"),
        (PRIMARY | {"DATABASE_REPLICA_URL": "sqlite:////tmp/x"}, "DATABASE_REPLICA_URL must be a PostgreSQL server"),
        (PRIMARY | {"DATABASE_REPLICA_URL": "mysql://u:canary@h/x"}, "DATABASE_REPLICA_URL must be such as"),
    ],
)
def test_what_does_not_go_together_does_not_start(environment, told):
    assert sentence(**environment).startswith(told)
    assert "canary" not in sentence(**environment)


SESSION = re.compile(
    r"\bLISTEN [a-z]|pg_(try_)?advisory_lock|\bSET SESSION\b|\bset_config\(|CREATE TEMP|\bPREPARE [a-z]|\bDECLARE .* CURSOR"
)
"""What PostgreSQL keeps for a connection beyond a transaction: behind a pooler the next statement may be on another one."""


def test_the_service_keeps_nothing_in_a_session():
    assert SESSION.search("SELECT pg_advisory_lock(1)")
    assert SESSION.search("LISTEN news")
    assert [path.name for path in PRODUCT if SESSION.search(path.read_text())] == []
