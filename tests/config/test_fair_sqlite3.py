"""Who waits for SQLite's one writer gets a turn, however many wait and however long."""

import sqlite3
import threading

import pytest
from django.conf import settings
from django.db import OperationalError, connection, transaction

from config.fair_sqlite3 import base
from ids import new_id
from partners.models import Partner
from tests.eventually import join

pytestmark = [
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has its own queues"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def another_writer():
    """Somebody else with an open transaction of their own, until commit()."""
    writer = sqlite3.connect(settings.DATABASES["default"]["NAME"], isolation_level=None, check_same_thread=False)
    writer.execute("BEGIN IMMEDIATE")
    yield writer
    writer.close()


@pytest.fixture
def waits(monkeypatch, another_writer):
    """Every wait of ours, in seconds; after the fiftieth the other writer is done."""
    seconds = []

    def wait(how_long):
        seconds.append(how_long)
        if len(seconds) == 50:
            another_writer.commit()

    monkeypatch.setattr(base.time, "sleep", wait)
    return seconds


def in_a_transaction():
    with transaction.atomic():
        Partner.objects.create(name=new_id())


def in_one_statement():
    Partner.objects.filter(name="Nobody").update(name="Somebody")


@pytest.mark.parametrize("write", [in_a_transaction, in_one_statement])
def test_a_writers_waits_do_not_grow(waits, write):
    """A writer waits for its turn and the last wait is no longer than the first."""
    write()
    assert len(waits) == 50
    assert max(waits) < 0.005


@pytest.mark.usefixtures("another_writer")
def test_patience_ends(monkeypatch):
    monkeypatch.setattr(base, "PATIENCE_SECONDS", 0)
    with pytest.raises(OperationalError, match="database is locked"):
        in_a_transaction()
    with pytest.raises(OperationalError, match="database is locked"):
        in_one_statement()


@pytest.mark.usefixtures("another_writer")
def test_readers_do_not_wait_for_a_writer(monkeypatch):
    monkeypatch.setattr(base.time, "sleep", lambda seconds: pytest.fail("a reader waited"))
    assert Partner.objects.count() == 0


def test_what_is_wrong_with_a_statement_is_said_at_once():
    with connection.cursor() as cursor, pytest.raises(OperationalError, match="no such table"):
        cursor.execute("SELECT * FROM nowhere")


def test_nobody_of_a_crowd_of_writers_is_refused():
    gate = threading.Barrier(16)

    def write():
        try:
            gate.wait(30)
            for _ in range(10):
                in_a_transaction()
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(16)]
    for thread in threads:
        thread.start()
    join(*threads)
    assert Partner.objects.count() == 160
