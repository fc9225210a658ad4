"""Workers that are killed as they deliver, as a machine kills them: everything arrives, under its own id."""

import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from functools import partial
from random import Random

import pytest
from django.db import connection

from tests import migrated
from tests.docs.examples import ROOT
from tests.eventually import SECONDS, eventually
from tests.notifications.conftest import answers

EVENTS, KILLS = 40, 3

MAKE_EVENTS = """
import django; django.setup()
from django.db import transaction
import clock
from notifications import endpoints, outbox
from partners.registration import register
partner = register("Shop").partner
endpoints.create(partner, "{url}")
for number in range({number}):
    with transaction.atomic():
        print(outbox.announce(partner.pk, "contribution.settled", {{"number": number}}, at=clock.now()).public_id)
"""


@pytest.mark.skipif(connection.vendor != "sqlite", reason="it has a database of its own, a SQLite file, on either run")
def finish_everything(worker, database_file):
    """The last worker delivers what is left, and ends when it is told to."""
    try:
        with closing(sqlite3.connect(database_file)) as database:
            states = "SELECT DISTINCT state FROM notifications_delivery"
            eventually(lambda: database.execute(states).fetchall() == [("Delivered",)], "the last delivery")
    finally:
        worker.terminate()
        assert worker.wait(SECONDS) == 0


def test_workers_are_killed_and_everything_arrives(listener, tmp_path):
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{tmp_path}/shop.sqlite3",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "ALLOW_PRIVATE_WEBHOOKS": "1",
    }

    def python(*arguments):
        wanted = {"cwd": ROOT, "env": environment, "check": True, "capture_output": True, "text": True}
        return subprocess.run([sys.executable, *arguments], timeout=SECONDS, **wanted).stdout

    def worker():
        command = [sys.executable, "-m", "tests.notifications.short_leases", "work"]
        return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)

    ok = answers(200)

    def slowly(request):
        time.sleep(0.05)  # so that nearly every kill comes between a lease and its mark
        ok(request)

    def has_sent_some(working, before):
        ids = {heard.headers["webhook-id"] for heard in listener.heard}
        return len(listener.heard) >= before + 3 or len(ids) == EVENTS or working.poll() is not None

    listener.temper = slowly
    migrated.fill(environment["DATABASE_URL"], environment["DATABASE_URL"])
    ids = python("-c", MAKE_EVENTS.format(url=listener.url, number=EVENTS)).split()
    dice = Random(5)
    for kill in range(KILLS):
        working, before = worker(), len(listener.heard)
        eventually(partial(has_sent_some, working, before), "three deliveries, or the last")
        time.sleep(dice.random() / 20)
        working.kill()
        assert working.wait(SECONDS) == -9, f"kill {kill}: it had ended by itself"
    finish_everything(worker(), tmp_path / "shop.sqlite3")
    heard = [one.headers["webhook-id"] for one in listener.heard]
    assert sorted(set(heard)) == ids
    assert len(heard) > EVENTS, "no kill came between a sending and its mark"
    assert len(heard) <= EVENTS + KILLS
