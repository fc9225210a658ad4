"""A copied database is the one that the migrations make."""

import os
import sqlite3
from contextlib import closing

import pytest
from django.conf import settings
from django.db import ConnectionHandler, connection
from django.db.migrations.executor import MigrationExecutor

from config.env import database_at
from contributions import append_only
from tests import migrated
from tests.on_both_databases import TEST_DATABASES

pytestmark = pytest.mark.django_db


def test_a_copy_lacks_no_migration_and_no_trigger(tmp_path):
    """A new one: from that of the tests the triggers are taken where a test commits."""
    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []
    name = f"{TEST_DATABASES}copied_{os.getpid()}"
    with migrated.new_database(settings.DATABASE_URL, name, tmp_path) as url:
        copied = ConnectionHandler({"default": database_at(url)})["default"]
        try:
            assert append_only.missing(copied) == []
        finally:
            copied.close()


@pytest.mark.full
@pytest.mark.skipif(connection.vendor != "sqlite", reason="what PostgreSQL copies is PostgreSQL's own affair")
def test_who_is_in_no_run_gets_the_same_by_migrating(tmp_path, monkeypatch):
    tables = "SELECT type, name, sql FROM {}sqlite_master ORDER BY type, name"
    with connection.cursor() as cursor:
        copied = cursor.execute(tables.format("")).fetchall()
    monkeypatch.delenv(migrated.ORIGINALS)
    with (
        migrated.new_database(settings.DATABASE_URL, "alone", tmp_path) as url,
        closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database,
    ):
        assert database.execute(tables.format("")).fetchall() == copied
