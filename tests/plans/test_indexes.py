"""No index is kept that another one makes superfluous: each is paid for with every row that is written."""

import sqlite3
from contextlib import closing

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from tests import migrated
from tests.config.starting import run

LIKE = {
    "partners_auditentry": "the console looks for how `about` begins",
    "partners_apikey": "a key is found by how it begins",
    "contributions_workerheartbeat": "a row for each worker",
    "contributions_dailywork": "a row for each kind",
    "console_operator": "a row for each operator",
}
"""Tables with an index for LIKE on PostgreSQL, as Django makes one beside each index of a text."""


def tables():
    return [one._meta.db_table for one in apps.get_models() if not one._meta.db_table.startswith("sandbox_")]


def indexes_of(table):
    """(name, columns, whether it is no constraint, whether it has all rows), but for those for LIKE."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, table)
        if connection.vendor == "postgresql":
            cursor.execute("SELECT indexrelid::regclass::text FROM pg_index WHERE indpred IS NOT NULL")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '%% WHERE %%'")
        partial = {name for (name,) in cursor.fetchall()}
    return [
        (name, one["columns"], not one["unique"], name not in partial)
        for name, one in found.items()
        if one["columns"] and (one["index"] or one["unique"] or one["primary_key"]) and not name.endswith("_like")
    ]


@pytest.mark.django_db
def test_no_index_is_the_beginning_of_another():
    superfluous = []
    for table in tables():
        every = indexes_of(table)
        for name, columns, may_go, _ in every:
            longer = [
                other for other, others, _, whole in every if other != name and whole and others[: len(columns)] == columns
            ]
            if may_go and longer and columns != ["id"]:  # an index of some keys alone is for these rows
                superfluous.append(f"{table}: {name} beside {longer[0]}")
    assert superfluous == []


@pytest.mark.django_db
def test_no_index_for_like_that_nobody_asks():
    if connection.vendor != "postgresql":
        pytest.skip("PostgreSQL's alone")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_indexes WHERE indexname LIKE '%%\\_like' AND tablename NOT LIKE 'sandbox\\_%%'"
        )
        assert {name for (name,) in cursor.fetchall()} == LIKE.keys()


def schema_of(url):
    """Every index, as the database would make it."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
            return set(database.execute("SELECT name, sql FROM sqlite_master WHERE type IN ('index', 'trigger')"))
    with psycopg.connect(url) as database:
        return set(database.execute("SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"))


BEFORE = {"contributions": "0023", "goals": "0005", "notifications": "0008", "api": "0003", "partners": "0009"}


@pytest.mark.full
def test_the_indexes_are_changed_back_and_again(tmp_path, django_db_setup):
    """As an operator does who steps back; and what was broken off is run again from the beginning."""
    with migrated.new_database(settings.DATABASE_URL, "test_whipround_indexes", tmp_path) as url:
        if migrated.partitions():
            pytest.skip("a database in partitions is not migrated backwards")
        after = schema_of(url)
        for app, number in BEFORE.items():
            done = run("manage.py", "migrate", app, number, DATABASE_URL=url)
            assert done.returncode == 0, done.stderr
        before = schema_of(url)
        assert any(name == "contribution_by_goal" for name, _ in before), before
        done = run("manage.py", "migrate", DATABASE_URL=url)
        assert done.returncode == 0, done.stderr
        assert schema_of(url) == after != before
