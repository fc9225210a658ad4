"""The worker's rounds where one provider hangs: what is due at the others is done meanwhile."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from contributions.audit import faults_in_the_books
from contributions.models import Refund
from contributions.rounds import Rounds, due_by_host
from goals.models import Payee
from providers.sandbox.adapter import SandboxProvider
from tests.conftest import Giver, PartnerClient, register
from tests.contributions.conftest import Gift
from tests.eventually import SECONDS, eventually
from tests.picking import OpenGift, account

pytestmark = pytest.mark.django_db(transaction=True)


class Hanging:
    """PayPal, as the simulator plays it, which answers no question until it is let go."""

    def __init__(self, monkeypatch):
        self.asked, self.goes_on = [], threading.Event()
        find = SandboxProvider.find

        def slow_find(adapter, request):
            if request.provider == "PayPal":
                self.asked.append(threading.current_thread().name)
                assert self.goes_on.wait(SECONDS)
            return find(adapter, request)

        monkeypatch.setattr(SandboxProvider, "find", slow_find)


@pytest.fixture
def hanging(monkeypatch):
    hanging = Hanging(monkeypatch)
    yield hanging
    hanging.goes_on.set()


def approved(shop, provider):
    """A gift at this provider whose giver has agreed, and has closed the browser then."""
    gift = Gift(shop, Giver(), PaymentProviders=account(provider))
    gift.giver.choose(gift.provider_url, "approve")
    return gift


def test_a_provider_that_hangs_holds_up_its_own_alone(hanging, moved_clock):
    """Three gifts due at PayPal, which hangs, and two at others: these are settled meanwhile, in round after round."""
    shop = PartnerClient(register("Shop").api_key)
    at_paypal = [approved(shop, "PayPal") for _ in range(3)]
    others = [approved(shop, "Amazon"), approved(shop, "Stripe")]
    moved_clock(datetime.now(UTC) + timedelta(minutes=1))
    rounds = Rounds(lambda: False)
    try:
        rounds.begin()
        eventually(lambda: {gift.status for gift in others} == {"Settled"}, "the others' gifts")
        late = approved(shop, "Stripe")
        moved_clock(datetime.now(UTC) + timedelta(minutes=2))
        rounds.begin()
        eventually(lambda: late.status == "Settled", "a gift of the next round")
        assert hanging.asked == ["sync sandbox as PayPal"], "and nobody else of this worker waits for PayPal"
        assert {gift.status for gift in at_paypal} == {"Submitted"}
    finally:
        hanging.goes_on.set()
        rounds.join()  # deadline: each thread ends with what it has begun, and the providers are fakes
    assert {gift.status for gift in at_paypal} == {"Settled"}
    assert list(faults_in_the_books()) == []


def test_once_stopped_a_host_begins_nothing_further(hanging, moved_clock):
    shop, stop = PartnerClient(register("Shop").api_key), threading.Event()
    gifts = [approved(shop, "PayPal") for _ in range(2)]
    moved_clock(datetime.now(UTC) + timedelta(minutes=1))
    rounds = Rounds(stop.is_set)
    rounds.begin()
    eventually(lambda: hanging.asked)
    stop.set()
    hanging.goes_on.set()
    rounds.join()  # deadline: each thread ends with what it has begun, and the providers are fakes
    assert sorted(gift.status for gift in gifts) == ["Settled", "Submitted"]


def test_what_breaks_in_a_thread_ends_the_worker(monkeypatch, moved_clock):
    """A fault of ours beside the gifts themselves: it is not lost with its thread."""
    approved(PartnerClient(register("Shop").api_key), "PayPal")
    moved_clock(datetime.now(UTC) + timedelta(minutes=1))
    monkeypatch.setattr("contributions.rounds.sync_each", lambda *_: 1 // 0)
    rounds = Rounds(lambda: False)

    def twice():
        for _ in range(2):
            rounds.begin()
            rounds.join()  # deadline: each thread ends with what it has begun, and the providers are fakes

    with pytest.raises(ZeroDivisionError):
        twice()
    rounds.join()  # deadline: each thread ends with what it has begun, and the providers are fakes


def test_each_kind_of_due_work_is_known_by_its_host(moved_clock, provider):
    """A refund goes by the checkout that it is of, not by the one that the gift has now."""
    shop = PartnerClient(register("Shop").api_key)
    gift = approved(shop, "PayPal")
    gift.report()
    provider.drops_the_call("refund")
    assert gift.refund().status == 201
    approved(shop, "Stripe")
    seen = {"created_at": datetime.now(UTC), "due_at": datetime.now(UTC)}
    Payee.objects.create(partner_id=gift.row.partner_id, provider="Amazon", public_id="p" * 22, **seen)
    moved_clock(datetime.now(UTC) + timedelta(minutes=1))
    found = due_by_host()
    assert Refund.objects.get().status == "Pending"
    kinds = {host: (len(due.payees), len(due.refunds), len(due.checkouts)) for host, due in found.items()}
    assert kinds == {"sandbox as PayPal": (0, 1, 0), "sandbox as Stripe": (0, 0, 1), "sandbox as Amazon": (1, 0, 0)}


def test_a_gift_that_nobody_has_picked_a_provider_for_ends_too(moved_clock):
    """There is no host to ask: it has a thread of its own."""
    gift = OpenGift(PartnerClient(register("Shop").api_key), Giver())
    moved_clock(datetime.now(UTC) + timedelta(days=30))
    assert list(due_by_host()) == [""]
    rounds = Rounds(lambda: False)
    rounds.begin()
    rounds.join()  # deadline: each thread ends with what it has begun, and the providers are fakes
    assert gift.row.status == "Failed"
