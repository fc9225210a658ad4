"""A kept connection that PostgreSQL has ended is opened anew, and one that is there is used without asking first."""

import pytest
from django.db import OperationalError, connection

from config.quick_postgresql import base

pytestmark = [
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's connections do not end"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def looks(monkeypatch):
    """A request begins; and each time that the server is asked whether it is there."""
    asked = []
    is_usable = base.DatabaseWrapper.is_usable

    def counting(self):
        asked.append(self)
        return is_usable(self)

    monkeypatch.setattr(base.DatabaseWrapper, "is_usable", counting)
    return asked


def _use_in_a_request():
    connection.close_if_unusable_or_obsolete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def _end(pid):
    with connection.copy().temporary_connection() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def test_a_connection_that_the_server_has_ended_is_opened_anew(looks):
    before = _use_in_a_request()
    _end(before)
    assert _use_in_a_request() not in {None, before}
    assert len(looks) == 1


def test_without_the_look_the_request_would_fail(monkeypatch):
    pid = _use_in_a_request()
    monkeypatch.setattr(base.DatabaseWrapper, "_has_been_told", lambda _: False)
    _end(pid)
    with pytest.raises(OperationalError):
        _use_in_a_request()
    connection.close()


def test_a_connection_is_asked_only_where_it_was_idle_for_long(looks, monkeypatch):
    first = _use_in_a_request()
    assert [_use_in_a_request() for _ in range(3)] == [first] * 3
    assert not looks
    later = base.time.monotonic() + base.IDLE_SECONDS + 1
    monkeypatch.setattr(base.time, "monotonic", lambda: later)
    assert (_use_in_a_request(), _use_in_a_request(), len(looks)) == (first, first, 1)
