"""Which database is read: what replica.py decides, without servers. With two of them: tests/cluster."""

import threading
from contextlib import contextmanager

import pytest
from django.db import DEFAULT_DB_ALIAS, OperationalError

import replica
from partners.models import Partner
from tests.eventually import eventually, join
from tests.raising import raising

pytestmark = pytest.mark.no_database


class Cursor:
    """Of a server that answers each statement with the next of these."""

    def __init__(self, answers):
        self.answers, self.asked = list(answers), 0

    @contextmanager
    def cursor(self):
        yield self

    def execute(self, statement, parameters=()):
        self.asked += 1

    def fetchone(self):
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return (answer,)

    def close(self):
        pass


@pytest.fixture
def servers(settings, monkeypatch):
    """Says what the primary and the replica answer, and what came of a read: the alias that each try was made with."""
    monkeypatch.setitem(settings.DATABASES, replica.ALIAS, {})
    monkeypatch.setattr(replica, "_left_alone_until", 0.0)

    def ask(primary, at_replica, read=replica.alias):
        connections = {DEFAULT_DB_ALIAS: Cursor(primary), replica.ALIAS: Cursor(at_replica)}
        monkeypatch.setattr(replica, "connections", connections)
        tried = []

        def answer():
            tried.append(replica.alias())
            return read()

        replica.read(answer)
        return tried, connections

    return ask


GONE = OperationalError("gone")


def test_a_replica_that_has_replayed_everything_is_read(servers):
    assert servers(["0/10"], [True])[0] == ["replica"]
    assert replica.alias() == "default"


def test_a_replica_is_waited_for_a_moment(servers):
    assert servers(["0/10"], [False, False, True])[0] == ["replica"]


NO_GOOD = {"behind": (["0/10"], [False] * 99), "gone": (["0/10"], [GONE]), "primary gone": ([GONE], [True])}


@pytest.mark.parametrize(("primary", "at_replica"), NO_GOOD.values(), ids=NO_GOOD)
def test_the_primary_is_read_where_the_replica_is_no_good(servers, primary, at_replica):
    assert servers(primary, at_replica)[0] == ["default"]


def test_who_was_behind_is_left_alone_for_a_while(servers, monkeypatch):
    """Nobody waits in vain with each request; after that it is asked again."""
    servers(["0/10"], [False] * 99)
    tried, connections = servers(["0/10"], [True])
    assert (tried, connections["default"].asked, connections["replica"].asked) == (["default"], 0, 0)
    monkeypatch.setattr(replica, "_left_alone_until", replica.time.monotonic() - 1)
    assert servers(["0/10"], [True])[0] == ["replica"]


def test_a_read_that_the_replica_fails_is_made_again(servers):
    """Only there: what the primary fails is the client's to hear."""

    def fails_at_the_replica():
        if replica.alias() == replica.ALIAS:
            raise GONE

    assert servers(["0/10"], [True], fails_at_the_replica)[0] == ["replica", "default"]
    replica._left_alone_until = 0.0
    with pytest.raises(OperationalError):
        servers(["0/10"], [True], raising(GONE))


def test_without_a_replica_nobody_is_asked(monkeypatch):
    monkeypatch.setattr(replica, "connections", {})
    assert replica.read(replica.alias) == "default"


def test_reads_alone_are_routed_to_the_replica():
    router, token = replica.Router(), replica._alias.set(replica.ALIAS)
    try:
        assert (router.db_for_read(Partner), router.db_for_write(Partner)) == ("replica", "default")
    finally:
        replica._alias.reset(token)
    assert (router.db_for_read(Partner), router.db_for_write(Partner)) == ("default", "default")
    assert [router.allow_migrate(db, "partners") for db in ("default", "replica")] == [True, False]


def test_an_answer_was_asked_for_after_the_call():
    """Those who come while the question is under way share the next one; nobody gets what was asked before they came."""
    gates, begun = [threading.Event(), threading.Event()], []

    def ask():
        begun.append(len(begun))
        number = begun[-1]
        assert gates[number].wait(60)
        return number

    one_for_all, found = replica.OneForAll(ask), {}

    def call(name):
        found[name] = one_for_all()

    threads = [threading.Thread(target=call, args=(name,)) for name in ("first", "second", "third", "fourth")]
    threads[0].start()
    eventually(lambda: begun == [0])
    for thread in threads[1:]:
        thread.start()
    eventually(lambda: len(one_for_all._changed._waiters) == 3)
    gates[0].set()
    eventually(lambda: begun == [0, 1])
    gates[1].set()
    join(*threads)
    assert (found, begun) == ({"first": 0, "second": 1, "third": 1, "fourth": 1}, [0, 1])


def test_who_waits_for_a_question_that_failed_has_no_answer():
    """The error is the one's who asked; the next who comes asks anew."""
    answers = [GONE, "0/10"]
    one_for_all = replica.OneForAll(lambda: Cursor(answers[:1]).fetchone()[0])
    with pytest.raises(OperationalError):
        one_for_all()
    answers.pop(0)
    assert one_for_all() == "0/10"
