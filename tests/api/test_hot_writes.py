"""How often the database is asked, and made to wait for its disk, by what givers and partners do most.

The numbers are those of docs/architecture.md, "What each commit is for". What the simulator does as a payment company is not
among them. A number may fall; one that rises needs a reason there.
"""

import pytest

from tests.conftest import contribution_xml, goal_xml
from tests.statement_log import statement_log

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def goal(shop):
    """A goal that has a gift already: the rows that all its gifts share are there."""
    goal = shop.new_goal()
    shop.new_contribution(goal)
    return goal


@pytest.fixture
def paid(shop, giver, goal):
    """The Id of a gift that is Settled."""
    made = shop.new_contribution(goal)
    giver.pay(made.value("ProviderURL"))
    return made.value("Id")


@pytest.mark.parametrize(("headers", "expected"), [({}, (13, 2, 0)), ({"Idempotency_Key": "k-1"}, (15, 4, 0))])
def test_the_statements_of_a_new_gift(shop, goal, monkeypatch, headers, expected):
    """The gift with its first checkout; the provider is asked; where its giver pays. A key: claimed before, answered after."""
    with statement_log(monkeypatch) as log:
        made = shop.post(f"/api/SavingGoal/{goal}/Contributions", contribution_xml(), **headers)
    assert made.status == 201
    assert log.counts == expected, log


def test_the_statements_of_a_return(shop, giver, goal, monkeypatch):
    """The lease; the order; what came of it, with the lease given back."""
    made = shop.new_contribution(goal)
    back = giver.choose(made.value("ProviderURL"), "approve")
    with statement_log(monkeypatch) as log:
        assert giver.visit(back).status in {200, 303}
    assert shop.get(f"/api/Contribution/{made.value('Id')}").value("Status") == "Settled"
    assert log.counts == (16, 3, 0), log


def test_the_statements_of_a_reload_after_a_return(shop, giver, goal, monkeypatch):
    """Nothing is written, and nobody is asked."""
    made = shop.new_contribution(goal)
    back = giver.choose(made.value("ProviderURL"), "approve")
    giver.visit(back)
    with statement_log(monkeypatch) as log:
        giver.visit(back)
    assert log.counts == (1, 0, 0), log


def test_the_statements_of_an_edit_of_a_goal(shop, goal, monkeypatch):
    changed = goal_xml(Name="A better bicycle", RecordVersionNumber="1")
    with statement_log(monkeypatch) as log:
        assert shop.put(f"/api/SavingGoal/{goal}", changed).status == 200
    assert log.counts == (8, 1, 1), log


def test_the_statements_of_a_refund(shop, paid, monkeypatch):
    with statement_log(monkeypatch) as log:
        assert shop.post(f"/api/Contribution/{paid}/Refunds", "<Refund/>").status == 201
    assert log.counts == (25, 8, 2), log
