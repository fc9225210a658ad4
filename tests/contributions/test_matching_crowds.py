"""Many gifts at once, and many workers at the same matches: a cap is never overstepped and nothing is matched twice."""

import pytest

from contributions import matching
from contributions.audit import faults_in_the_books
from contributions.models import Contribution, MatchDue
from goals.models import Matcher, SavingGoal
from tests.at_once import all_at_once
from tests.conftest import PartnerClient, contribution_xml, register

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("room_for_everybody")]

OFFLINE = "<PaymentProvider><ProviderName>Offline</ProviderName></PaymentProvider>"
CASH = contribution_xml(Amount="10.00", ProviderName="Offline")


@pytest.fixture
def shop():
    return PartnerClient(register("Shop").api_key)


@pytest.fixture
def path(shop):
    goal = f"/api/SavingGoal/{shop.new_goal(PaymentProviders=OFFLINE)}"
    for name, most in (("Acme", "75.00"), ("Brown", "1000.00")):
        body = f"<Matcher><Name>{name}</Name><MaximumTotal>{most}</MaximumTotal></Matcher>"
        assert shop.post(f"{goal}/Matchers", body).status == 201
    return f"{goal}/Contributions"


def totals():
    return sorted(Matcher.objects.values_list("name", "matched_minor"))


def test_a_cap_holds_however_many_gifts_come_at_once(shop, path):
    answers = all_at_once(16, lambda _: shop.post(path, CASH).status)
    assert answers == [201] * 16
    matching.work_off_due()
    assert totals() == [("Acme", 7500), ("Brown", 16000)]
    assert SavingGoal.objects.get().matched_minor == 23500
    assert list(faults_in_the_books()) == []


def test_many_workers_match_once(shop, path, monkeypatch):
    monkeypatch.setattr(matching, "follow", lambda gift: None)
    for _ in range(10):
        assert shop.post(path, CASH).status == 201
    all_at_once(8, lambda _: matching.work_off_due())
    assert not MatchDue.objects.exists()
    assert totals() == [("Acme", 7500), ("Brown", 10000)]
    assert Contribution.objects.exclude(match_of=None).count() == 18
    assert list(faults_in_the_books()) == []


def test_gifts_and_their_refunds_at_once(shop, path):
    gifts = [shop.post(path, CASH).value("Id") for _ in range(8)]

    def deed(number):
        if number % 2:
            return shop.post(f"/api/Contribution/{gifts[number // 2]}/Refunds", "<Refund/>").status
        return shop.post(path, CASH).status

    assert set(all_at_once(16, deed)) == {201}
    matching.work_off_due()
    assert not MatchDue.objects.exists()
    assert dict(totals())["Brown"] == 8000
    assert dict(totals())["Acme"] <= 7500
    assert list(faults_in_the_books()) == []


def test_the_database_lets_no_cap_be_overstepped(path):
    """Beside the lock: whoever has read before it is refused."""
    acme = Matcher.objects.get(name="Acme")
    with pytest.raises(RuntimeError, match="overstepped"):
        matching._count(acme, 7501)
    matching._count(acme, 7500)
    matching._count(acme, -7500)
    assert totals() == [("Acme", 0), ("Brown", 0)]
