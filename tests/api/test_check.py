"""POST /api/Contribution/{id}/Check: the provider is asked now, for one gift not more than once in ten seconds."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

import leases
from contributions.audit import faults_in_the_books
from contributions.models import Contribution
from providers.base import PaymentState
from tests.conftest import Giver, PartnerClient
from tests.contributions.conftest import Gift, provider

pytestmark = pytest.mark.django_db

__all__ = ["provider"]


@pytest.fixture
def gift(provider, shop, giver):
    yield Gift(shop, giver)
    assert list(faults_in_the_books()) == []


def check(gift: Gift, by: PartnerClient | None = None, verb: str = "POST", **headers: str):
    return (by or gift.shop).call(verb, f"/api/Contribution/{gift.id}/Check", **headers)


def test_what_nobody_came_back_from_is_learnt_at_once(gift):
    """The giver approved and closed the browser; no webhook has come, and the worker has not been there."""
    gift.giver.choose(gift.provider_url, "approve")
    answer = check(gift)
    assert (answer.status, answer.value("Status"), answer.value("RecordVersionNumber")) == (200, "Settled", "2")
    seen = gift.shop.get(f"/api/Contribution/{gift.id}")
    assert (seen.body, seen.headers["ETag"]) == (answer.body, answer.headers["ETag"])
    assert gift.totals() == ("20.00", "0.00")


def test_it_changes_nothing_where_there_is_no_news(gift, provider):
    before = gift.shop.get(f"/api/Contribution/{gift.id}")
    answer = check(gift)
    assert (answer.status, answer.body, provider.calls["find"]) == (200, before.body, 1)
    as_json = gift.shop.get(f"/api/Contribution/{gift.id}", Accept="application/json")
    assert as_json.json["Status"] == "Submitted"


@pytest.mark.parametrize(("seconds", "status"), [(0, 429), (9, 429), (10, 200), (3600, 200)])
def test_the_same_gift_is_asked_about_every_ten_seconds(gift, shop, provider, moved_clock, seconds, status):
    now = timezone.now()
    moved_clock(now)
    assert check(gift).status == 200
    moved_clock(now + timedelta(seconds=seconds))
    again = check(gift)
    assert (again.status, provider.calls["find"]) == (status, 1 if status == 429 else 2)
    if status == 429:
        assert again.headers["Retry-After"] == str(10 - seconds)
        assert (again.value("code"), "ask again in" in again.value("detail")) == ("checked_just_now", True)
    other = Gift(shop, gift.giver)
    assert check(other).status == 200, "another gift has turns of its own"


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_has_the_turn(gift, provider):
    """Each in a thread with a connection of its own, as in other processes: the turn is a row's column."""

    def one(number: int) -> int:
        try:
            return check(gift, PartnerClient(gift.shop.key)).status
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(one, range(6)))
    assert (sorted(answers), provider.calls["find"]) == ([200, 429, 429, 429, 429, 429], 1)


def test_where_the_provider_is_silent_it_is_503(gift, provider, moved_clock):
    gift.giver.choose(gift.provider_url, "approve")
    provider.drops_the_call("find")
    silent = check(gift)
    assert (silent.status, silent.headers["Retry-After"], silent.value("code")) == (503, "10", "provider_silent")
    assert "PayPal does not answer at this moment" in silent.value("detail")
    assert (gift.status, check(gift).status) == ("Submitted", 429)
    moved_clock(timezone.now() + timedelta(seconds=11))
    assert check(gift).value("Status") == "Settled"


def test_an_order_without_an_answer_is_503_and_pending(gift, provider):
    """The money may be taken: nobody says that it is not."""
    gift.giver.choose(gift.provider_url, "approve")
    provider.drops_the_answer("capture")
    assert check(gift).status == 503
    assert (gift.status, gift.reason) == ("Pending", "provider_unreachable")


def test_while_somebody_else_asks_it_waits_and_asks_after_them(gift, provider, monkeypatch):
    """They may have been answered before the giver approved."""
    checkout = leases.take(gift.checkout)
    gift.giver.choose(gift.provider_url, "approve")
    monkeypatch.setattr("contributions.checks.sleep", lambda seconds: leases.give_back(checkout))
    assert check(gift).value("Status") == "Settled"


def test_who_is_at_it_for_too_long_is_503(gift, provider, monkeypatch):
    leases.take(gift.checkout)
    monkeypatch.setattr("contributions.checks.PATIENCE_SECONDS", 0)
    assert (check(gift).status, provider.calls["find"]) == (503, 0)


def test_a_refund_without_an_outcome_is_asked_about_as_well(gift, shop, moved_clock):
    made = shop.post(f"/api/SavingGoal/{gift.goal_id}/Contributions", _BODY, Sandbox_Scenario="refund_pending")
    Giver().pay(made.value("ProviderURL"))
    path = f"/api/Contribution/{made.value('Id')}"
    assert shop.post(f"{path}/Refunds", "<Refund/>").value("Status") == "Pending"
    answer = shop.post(f"{path}/Check")
    assert (answer.value("Status"), answer.value("RefundedAmount")) == ("Refunded", "5.00")


_BODY = "<Contribution><Amount>5.00</Amount><Contributor>Eve</Contributor></Contribution>"


def test_what_the_provider_took_back_is_learnt(gift, provider, moved_clock):
    gift.pay()
    provider.lies("find", 1, state=PaymentState.REVERSED, reason="chargeback")
    assert check(gift).value("Status") == "Reversed"
    assert gift.totals() == ("0.00", "0.00")


def test_before_a_provider_is_picked_there_is_nobody_to_ask(shop, giver, provider):
    from tests.picking import OpenGift

    open_gift = OpenGift(shop, giver)
    answer = shop.post(f"/api/Contribution/{open_gift.id}/Check")
    assert (answer.status, answer.value("Status"), provider.calls["find"]) == (200, "Submitted", 0)


def test_whose_it_is_and_what_it_takes(gift, rival, stranger, provider):
    assert check(gift, rival).status == 403
    assert check(gift, stranger).status == 401
    assert gift.shop.post("/api/Contribution/2222222222222222222222/Check").status == 404
    for verb in ("GET", "HEAD", "PUT", "PATCH", "DELETE"):
        refused = check(gift, verb=verb)
        assert (refused.status, refused.headers["Allow"]) == (405, "POST")
    assert gift.shop.post(f"/api/Contribution/{gift.id}/Check", "<Check/>").status == 400
    assert gift.shop.post(f"/api/Contribution/{gift.id}/Check?wait=3").status == 400
    assert (provider.calls["find"], Contribution.objects.get(public_id=gift.id).check_asked_at) == (0, None)
    assert gift.shop.post(f"/api/Contribution/{gift.id}/Check/").status == 200
    assert gift.shop.delete(f"/api/Contribution/{gift.id}").status == 204
    assert check(gift).status == 404


def test_the_same_key_has_the_same_answer(gift, provider):
    first, again = check(gift, Idempotency_Key="k1"), check(gift, Idempotency_Key="k1")
    assert (again.status, again.body, again.headers["Idempotent-Replayed"]) == (200, first.body, "true")
    assert provider.calls["find"] == 1
