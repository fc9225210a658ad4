"""How the databases read a partner's lists: by an index, however many gifts there are."""

import re

import pytest
from django.db import connection
from django.db.models import QuerySet

from api import csv_files
from goals.models import SavingGoal
from partners import keys
from partners.models import Partner
from tests import migrated
from tests.api.many_gifts import fill
from tests.conftest import PartnerClient, register

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def many(module_db):
    """A partner with 600 gifts to 60 goals, one a minute; everybody else has ten times as many, and an old goal had 2,000."""
    with module_db():
        fill(register("Old Shop").partner, 2000, goals=1)
        made = register("Anna's Shop")
        fill(made.partner, 600, goals=60)
        fill(register("Rival Shop").partner, 6000, goals=60)
        return PartnerClient(made.api_key)


@pytest.fixture
def plans(monkeypatch):
    """The plan of each query that a list makes while the test runs."""
    asked = []
    fetch = QuerySet._fetch_all

    def explaining(self):
        if self._result_cache is None and self.query.is_sliced and self.model.__name__ in {"Contribution", "Refund"}:
            asked.append(self._chain().explain())
        fetch(self)

    monkeypatch.setattr(QuerySet, "_fetch_all", explaining)
    return asked


WHOLE_TABLE = re.compile(r"(?:Seq Scan on|SCAN) contributions_contribution\b(?! USING INDEX)")
LISTED = {
    "": "",
    "ExternalItemId=item-7": "",
    "Reference=order-7": "contribution_by_reference",
    "Status=Pending": "",
}
"""And the index by which they must be read; where several will do, the database may choose."""


def test_a_page_is_read_by_an_index(many, plans):
    for query, index in LISTED.items():
        assert many.get(f"/api/Contributions?{query}").status == 200
        assert index in plans[-1], plans[-1]
        assert not WHOLE_TABLE.search(plans[-1]), plans[-1]


@pytest.fixture
def explained():
    """The plan of each statement about contributions that is sent while the test runs, whoever has written it."""
    asked = []

    def explain(execute, sql, values, is_many, context):
        if "contributions_contribution" in sql and sql.lstrip().startswith("SELECT"):
            how = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
            execute(f"{how} {sql}", values, is_many, context)
            asked.append("\n".join(str(row[-1]) for row in context["cursor"].fetchall()))
        return execute(sql, values, is_many, context)

    with connection.execute_wrapper(explain):
        yield asked


def test_an_old_goals_newest_gifts_are_read_by_its_index(many, explained):
    """Not backwards through everybody's, as PostgreSQL would do it for a goal that has many, none of them new."""
    partner = Partner.objects.get(name="Old Shop")
    SavingGoal.objects.filter(partner=partner).update(activity=1)
    goal, old = SavingGoal.objects.get(partner=partner), PartnerClient(keys.issue(partner))
    for path in (f"/api/SavingGoal/{goal.public_id}", f"/api/SavingGoal/{goal.public_id}/Contributions", "/api/savings"):
        explained.clear()
        answer = old.get(path)
        assert (answer.status, len(answer.xml.findall(".//Contribution")) >= 50) == (200, True)
        assert "contribution_by_goal" in explained[-1], explained[-1]
        assert not WHOLE_TABLE.search(explained[-1]), explained[-1]
        assert "Backward" not in explained[-1], explained[-1]


FILED = LISTED | {"From=2000-01-01": "contribution_by_date", "SettledFrom=2000-01-01": "contribution_by_settling"}


def test_each_piece_of_a_file_is_read_by_an_index(many, plans, monkeypatch):
    """From the piece before on: nothing is read twice, and what has an order of its own in an index is not sorted."""
    monkeypatch.setattr(csv_files, "ROWS_AT_ONCE", 5)
    for query, index in FILED.items():
        response = many.client.get(f"/api/Contributions?format=csv&{query}", HTTP_AUTHORIZATION=f"Bearer {many.key}")
        pieces = iter(response.streaming_content)
        assert sum(len(next(pieces, b"")) for _ in range(4)) > 0
        assert index in plans[-1], plans[-1]
        assert not WHOLE_TABLE.search(plans[-1]), plans[-1]
        if query.endswith("2000-01-01"):
            assert "TEMP B-TREE" not in plans[-1], plans[-1]
            assert "Sort" not in plans[-1], plans[-1]


@pytest.mark.skipif(migrated.partitions() > 0, reason="a partition may hold one partner alone, and is then rightly read whole")
def test_a_days_file_is_read_by_its_dates(many, plans):
    day = many.get("/api/Contributions?limit=1").xml.findtext("Contribution/SettledDate")[:10]
    for name, index in (("", "_by_date"), ("Settled", "_by_settling")):
        for path, table in (("Contributions", "contribution"), ("Refunds", "refund")):
            assert many.get(f"/api/{path}?format=csv&{name}From={day}&{name}To={day}").status == 200
            assert table + index in plans[-1], plans[-1]
