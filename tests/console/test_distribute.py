"""`manage.py distribute`: what is true of the tables afterwards, read from PostgreSQL's own catalogue."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from console import distribution
from console.distribution import KEY, ON_EVERY_MACHINE, ON_ONE_MACHINE, spread_tables
from contributions import append_only
from tests import migrated
from tests.on_both_databases import ROOT, TEST_DATABASES

on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="tables are spread on PostgreSQL alone")


def distribute(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "distribute", *arguments]
    environment = os.environ | {"DATABASE_URL": url}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=90)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a database as the migrations make it."""
    with pytest.MonkeyPatch.context() as patch:
        if migrated.partitions():  # then the originals of this run are spread already
            patch.delenv(migrated.PARTITIONS)
            patch.delenv(migrated.ORIGINALS)
        name = f"{TEST_DATABASES}plain_{os.getpid()}"
        with migrated.new_database(settings.DATABASE_URL, name, tmp_path_factory.mktemp("plain")) as url:
            yield url


@pytest.fixture(scope="module")
def spread(plain: str) -> Iterator[Any]:
    """A connection to a copy of it whose tables were spread over three partitions."""
    name = plain.partition("?")[0].rpartition("/")[2]
    copy = plain.replace(f"/{name}", f"/{name}_spread", 1)
    with psycopg.connect(settings.DATABASE_URL, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}_spread TEMPLATE {name}")
        try:
            done = distribute(copy, "--hash", "3")
            assert done.returncode == 0, done.stderr
            with psycopg.connect(copy, autocommit=True) as found:
                yield found
        finally:
            server.execute(f"DROP DATABASE {name}_spread WITH (FORCE)")


CATALOGUE = {
    "keys and unique indexes": (
        "SELECT c.relname, array_agg(a.attname::text) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid "
        "JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) "
        "WHERE i.indisunique AND c.relname = ANY (%s) GROUP BY c.relname, i.indexrelid"
    ),
    "foreign keys among them": (
        "SELECT c.relname, array_agg(a.attname::text) FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid "
        "JOIN pg_class t ON t.oid = f.confrelid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (f.conkey) "
        "WHERE f.contype = 'f' AND c.relname = ANY (%s) AND t.relname = ANY (%s) GROUP BY c.relname, f.oid"
    ),
}


@on_postgresql
def test_every_key_and_unique_index_has_the_partner(spread):
    found = spread.execute(CATALOGUE["keys and unique indexes"], [spread_tables()]).fetchall()
    assert {table for table, _ in found} == {*spread_tables()}
    assert [(table, columns) for table, columns in found if KEY not in columns] == []


@on_postgresql
def test_every_foreign_key_among_them_has_it(spread):
    names = spread_tables()
    found = spread.execute(CATALOGUE["foreign keys among them"], [names, names]).fetchall()
    assert len({table for table, _ in found}) >= 10
    assert [(table, columns) for table, columns in found if KEY not in columns] == []
    others = spread.execute(CATALOGUE["foreign keys among them"], [names, [*ON_ONE_MACHINE]]).fetchall()
    assert others == []
    to_copies = spread.execute(CATALOGUE["foreign keys among them"], [names, [*ON_EVERY_MACHINE]]).fetchall()
    assert {tuple(columns) for _, columns in to_copies} == {(KEY,)}


@on_postgresql
def test_foreign_keys_are_looked_at_when_it_commits(spread, plain):
    """As Django has made them: a gift names its checkout, and the checkout its gift."""
    ask = "SELECT conname, condeferrable, condeferred FROM pg_constraint WHERE contype = 'f' AND conparentid = 0 ORDER BY 1"
    with psycopg.connect(plain) as before:
        assert spread.execute(ask).fetchall() == before.execute(ask).fetchall()


@on_postgresql
def test_every_table_that_grows_is_spread_by_it(spread):
    """And every other table stands in a list, with why."""
    how = spread.execute(
        "SELECT c.relname, array_agg(a.attname::text), bool_and(a.attnotnull), p.partstrat::text FROM pg_partitioned_table p "
        "JOIN pg_class c ON c.oid = p.partrelid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (p.partattrs) "
        "GROUP BY c.relname, p.partstrat"
    ).fetchall()
    assert sorted(how) == [(table, [KEY], True, "h") for table in spread_tables()]
    tables = spread.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND NOT relispartition").fetchall()
    ours = {name for (name,) in tables if not name.startswith(("pg_", "sql_", "django_"))}
    assert ours == {*ON_EVERY_MACHINE, *ON_ONE_MACHINE}


@pytest.mark.django_db
def test_the_lists_name_tables_that_there_are():
    there = {model._meta.db_table for model in apps.get_models()}
    assert {*ON_EVERY_MACHINE, *ON_ONE_MACHINE} <= there
    assert {*spread_tables(), *ON_EVERY_MACHINE, *ON_ONE_MACHINE} >= there
    assert not {*ON_EVERY_MACHINE} & {*ON_ONE_MACHINE}


TWO_PARTNERS = """
INSERT INTO partners_partner (id, name, is_test, created_at, redirect_secret_encrypted, redirect_secret_version, providers_off)
SELECT number, 'Shop ' || number, true, now(), '', 0, '' FROM generate_series(1, 2) AS number
"""
A_PAYEE_OF_THE_FIRST = """
INSERT INTO goals_payee (id, public_id, partner_id, provider, credentials_encrypted, lookup, state, state_reason, request_id,
links, version, activity, created_at) VALUES (7, 'p', 1, 'PayPal', '', '', 'Unchecked', '', '', 0, 1, 0, now())
"""
A_GOAL = """
INSERT INTO goals_savinggoal (id, public_id, partner_id, external_item_id, name, currency, starting_minor, goal_minor,
collected_minor, authorized_minor, ends_with_the_day, end_told, capture_policy, confirmation_url, cancel_url, overfunding,
suggested_minor, image_url, metadata, version, activity, created_at)
VALUES (%s, 'g', %s, 'x', 'x', 'USD', 0, 1, 0, 0, false, false, 'Immediate', '', '', 'Allowed', '[]', '', '[]', 1, 0, now())
"""
AN_ACCOUNT = """
INSERT INTO goals_paymentaccount (goal_id, partner_id, payee_id, provider, credentials_encrypted, created_at)
VALUES (%s, %s, 7, 'PayPal', '', now())
"""


@on_postgresql
def test_a_row_cannot_hang_on_another_partners(spread):
    with spread.transaction(force_rollback=True):
        spread.execute(TWO_PARTNERS)
        spread.execute(A_PAYEE_OF_THE_FIRST)
        spread.execute(A_GOAL, [1, 1])
        spread.execute(A_GOAL, [2, 2])
        spread.execute(AN_ACCOUNT, [1, 1])
        spread.execute("SET CONSTRAINTS ALL IMMEDIATE")  # this test does not commit
        for goal, partner in ((1, 2), (2, 1), (2, 2)):
            with pytest.raises(psycopg.errors.ForeignKeyViolation), spread.transaction():
                spread.execute(AN_ACCOUNT, [goal, partner])


@on_postgresql
def test_the_books_are_guarded_in_every_partition(spread):
    ask = (
        "SELECT c.relname FROM pg_class c WHERE c.relispartition AND c.relname ~ '^contributions_ledgerentry_[0-9]+$' AND NOT "
        "EXISTS (SELECT 1 FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = 'contributions_ledgerentry_no_update')"
    )
    assert spread.execute(ask).fetchall() == []
    triggers = {name for (name,) in spread.execute("SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D'").fetchall()}
    assert {f"{table}_no_{deed}" for table in append_only.TABLES for deed in ("update", "delete", "truncate")} <= triggers
    assert not any(name.endswith("_partner") for name in triggers)


@on_postgresql
def test_no_partition_can_be_emptied(spread):
    """PostgreSQL copies a trigger for each row into every partition, and one for the whole statement not."""
    for table in (*append_only.TABLES, *append_only.KEPT):
        for number in range(3):
            with pytest.raises(psycopg.errors.RaiseException, match="is append-only"), spread.transaction():
                spread.execute(f"TRUNCATE {table}_{number} CASCADE")


@on_postgresql
@pytest.mark.skipif(not migrated.partitions(), reason="the connection leads to a database in partitions in that run alone")
@pytest.mark.django_db
def test_a_guard_that_one_partition_lacks_is_told():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE contributions_ledgerentry_1 DISABLE TRIGGER contributions_ledgerentry_no_update")
    assert append_only.missing(connection) == ["contributions_ledgerentry_no_update"]


@on_postgresql
def test_what_is_spread_or_full_is_left_alone(spread, plain):
    again = distribute(plain.replace("?", "_spread?", 1) if "?" in plain else f"{plain}_spread", "--hash", "3")
    assert (again.returncode, again.stderr.strip()) == (2, "CommandError: api_idempotencykey is spread already.")
    with psycopg.connect(plain, autocommit=True) as full:
        full.execute(TWO_PARTNERS)
        full.execute(A_GOAL, [1, 1])
        done = distribute(plain, "--hash", "3")
        full.execute("DELETE FROM goals_savinggoal")
        full.execute("DELETE FROM partners_partner")
    assert done.returncode == 2
    assert done.stderr.startswith("CommandError: goals_savinggoal has rows")


# --- Citus, whose rules a stand-in of its two functions keeps -----------------------------------------------------------

AS_CITUS_DOES = """
CREATE TABLE spread_by_citus (name text, how text);
CREATE FUNCTION create_reference_table(named text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_constraint WHERE contype = 'f' AND conrelid = named::regclass
               AND confrelid <> 'partners_partner'::regclass) THEN
        RAISE EXCEPTION '% has a foreign key to a table that is not on every machine', named;
    END IF;
    INSERT INTO spread_by_citus VALUES (named, 'reference');
END $$;
CREATE FUNCTION create_distributed_table(named text, by text, colocate_with text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_index WHERE indrelid = named::regclass AND indisunique AND NOT
               (SELECT attnum FROM pg_attribute WHERE attrelid = named::regclass AND attname = by) = ANY (indkey)) THEN
        RAISE EXCEPTION 'a unique index of % does not have %', named, by;
    END IF;
    IF EXISTS (SELECT 1 FROM pg_trigger WHERE tgrelid = named::regclass AND NOT tgisinternal) THEN
        RAISE EXCEPTION 'triggers are not supported on distributed tables: %', named;
    END IF;
    IF EXISTS (SELECT 1 FROM pg_constraint WHERE contype = 'f' AND named::regclass IN (conrelid, confrelid)) THEN
        RAISE EXCEPTION '% has a foreign key with a table that is not spread yet', named;
    END IF;
    IF colocate_with <> 'default' AND NOT EXISTS (SELECT 1 FROM spread_by_citus WHERE name = colocate_with) THEN
        RAISE EXCEPTION '% is not spread yet', colocate_with;
    END IF;
    INSERT INTO spread_by_citus VALUES (named, by);
END $$;
"""


@on_postgresql
def test_citus_is_asked_for_what_it_takes(plain):
    name = plain.partition("?")[0].rpartition("/")[2]
    role = f"service_{os.getpid()}"
    copy = plain.replace(f"/{name}", f"/{name}_citus", 1)
    with psycopg.connect(settings.DATABASE_URL, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}_citus TEMPLATE {name}")
        server.execute(f"CREATE ROLE {role}")
        try:
            with psycopg.connect(copy, autocommit=True) as citus:
                citus.execute(AS_CITUS_DOES)
                done = distribute(copy, "--citus", "--service-role", role)
                assert (done.returncode, done.stderr) == (0, "")
                how = dict(citus.execute("SELECT name, how FROM spread_by_citus").fetchall())
                assert how == dict.fromkeys(spread_tables(), KEY) | dict.fromkeys(ON_EVERY_MACHINE, "reference")
                found = citus.execute(CATALOGUE["foreign keys among them"], [spread_tables()] * 2).fetchall()
                assert len(found) >= 15
                assert all(KEY in columns for _, columns in found)
                _books_cannot_be_rewritten(citus, role)
        finally:
            server.execute(f"DROP DATABASE {name}_citus WITH (FORCE)")
            server.execute(f"DROP ROLE {role}")


def _books_cannot_be_rewritten(found: Any, role: str) -> None:
    found.execute(f"SET ROLE {role}")
    found.execute("UPDATE contributions_contribution SET version = 2")
    for table in append_only.TABLES:
        for deed in ("UPDATE {} SET id = 1", "DELETE FROM {}", "TRUNCATE {}"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                found.execute(deed.format(table))
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        found.execute("DELETE FROM contributions_contribution")


@on_postgresql
@pytest.mark.django_db
def test_privileges_stand_in_for_triggers():
    """`status` is content where a role cannot do what the triggers would refuse, down to single columns."""
    with connection.cursor() as cursor:
        append_only.uninstall(connection)
        assert len(append_only.missing(connection)) == 3 * len([*append_only.TABLES, *append_only.KEPT])
        cursor.execute("CREATE ROLE whipround_test_service")
        for statement in append_only.privileges(connection, "whipround_test_service"):
            cursor.execute(statement)
        cursor.execute("SET LOCAL ROLE whipround_test_service")
        assert append_only.missing(connection) == []
        cursor.execute("UPDATE contributions_contribution SET status = 'Failed' WHERE false")
        cursor.execute("RESET ROLE")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="asked of a database that is not PostgreSQL")
def test_sqlite_is_not_spread(tmp_path: Path):
    with migrated.new_database(settings.DATABASE_URL, "plain", tmp_path) as url:
        done = distribute(url, "--hash", "3")
    told = "CommandError: Only tables of PostgreSQL can be spread: DATABASE_URL names another database"
    assert (done.returncode, done.stderr.strip()) == (2, told)


def test_a_new_table_must_say_where_it_belongs(monkeypatch):
    spread_tables.cache_clear()
    monkeypatch.setattr(distribution, "ON_ONE_MACHINE", {})
    try:
        with pytest.raises(distribution.CannotBeSpread, match="has no partner_id, and stands in none of the lists"):
            spread_tables()
    finally:
        spread_tables.cache_clear()
