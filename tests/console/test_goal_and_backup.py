"""`manage.py goal` and `manage.py backup`."""

import json
import sqlite3

import pytest
from django.db.models import F

from goals.models import SavingGoal
from tests import migrated
from tests.config.starting import run as process
from tests.console.running import run

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("word", ["Id", "ExternalItemId"])
def test_a_goal_beside_its_ledger(shop, giver, word):
    goal = shop.new_goal(ExternalItemId="bike-42")
    gift = shop.new_contribution(goal)
    giver.pay(gift.value("ProviderURL"))
    told = run("goal", goal if word == "Id" else "bike-42")
    assert told.lines[0] == f"{goal}  'A bicycle for Anna' of Anna's Shop (test)"
    assert told.lines[1] == "settled     20.00 USD, by the ledger 20.00"
    assert f"  {gift.value('Id')}  SIM" in told.lines[-1]
    SavingGoal.objects.update(collected_minor=F("collected_minor") + 500)
    assert run("goal", goal).lines[1].endswith("25.00 USD, by the ledger 20.00  WRONG: rebuild_totals puts it right")
    assert json.loads(run("goal", goal, "--json").text)["goal"]["settled_by_the_ledger"] == "20.00"


@pytest.mark.one_database  # a SQLite file, whatever the tests run on
def test_a_backup_holds_what_is_only_in_the_wal(tmp_path):
    """Of a database that is open, and whose newest commits are not in its file yet."""
    copy = tmp_path / "backup.sqlite3"
    with migrated.new_database(f"sqlite:///{tmp_path / 'x'}", "live", tmp_path) as url:
        live = sqlite3.connect(tmp_path / "live.sqlite3")
        live.execute("PRAGMA journal_mode=WAL")
        live.execute("INSERT INTO contributions_auditresult (at, seconds, faults) VALUES ('2027-01-01 00:00:00', 1, 7)")
        live.commit()
        assert process("manage.py", "backup", str(copy), DATABASE_URL=url).returncode == 0
        live.close()
        opened = sqlite3.connect(copy)
        assert opened.execute("SELECT faults FROM contributions_auditresult").fetchall() == [(7,)]
        opened.close()
        assert process("manage.py", "backup", str(copy), DATABASE_URL=url).returncode == 2


def test_a_backup_needs_its_folder(tmp_path):
    assert run("backup", str(tmp_path / "none" / "x")).status == 2
