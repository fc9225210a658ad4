"""Money back: never more than is left, however many ask at once, whatever the provider answers."""

import pytest

from contributions.audit import faults_in_the_books
from contributions.causes import Cause
from contributions.models import Contribution, Refund, StatusChange
from contributions.refunds import ask, sync_refund
from contributions.reservations import CannotRefund
from contributions.worker import sync_all_due
from ids import new_id
from providers.base import ProviderRefund, RefundState
from providers.sandbox.models import SandboxCheckout, SandboxRefund
from tests.at_once import all_at_once
from tests.conftest import Giver, PartnerClient, register
from tests.contributions.conftest import Gift
from tests.picking import OpenGift

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_are_right", "room_for_everybody")]


@pytest.fixture
def settled(gift):
    gift.pay("approve")
    return gift


def stands_at(gift, status, refunded, collected):
    """Nothing is held."""
    found = gift.row
    assert (found.status, found.refunded_minor / 100, gift.totals()) == (status, refunded, (f"{collected:.2f}", "0.00"))


def test_a_full_refund_gives_everything_back(settled):
    refunds = f"/api/Contribution/{settled.id}/Refunds"
    answer = settled.shop.post(refunds, "<Refund><Reason>The <bike> is sold out</Reason></Refund>")
    assert (answer.status, answer.value("code")) == (400, "invalid_body")
    answer = settled.shop.post(refunds, "<Refund><Reason>The bike is sold out</Reason></Refund>")
    assert answer.status == 201
    told = [(child.tag, child.text) for child in answer.xml][1:4]
    assert told == [("Amount", "20.00"), ("Reason", "The bike is sold out"), ("Status", "Completed")]
    assert (settled.status, settled.reason, settled.value("RefundedAmount")) == ("Refunded", "refunded", "20.00")
    assert settled.totals() == ("0.00", "0.00")
    again = settled.refund().value("detail")
    assert again == "Only a Settled contribution can be refunded; this one is Refunded."


def test_seven_partial_refunds_add_up_to_the_cent(settled):
    for amount in ("2.85", "2.86", "2.86", "2.86", "2.86", "2.86", "2.85"):
        assert settled.status == "Settled"
        assert settled.refund(amount).status == 201
    stands_at(settled, "Refunded", 20, 0)
    versions = list(StatusChange.objects.order_by("version").values_list("version", flat=True))
    assert versions == list(range(1, 10))
    listed = settled.shop.get(f"/api/Contribution/{settled.id}/Refunds?limit=5")
    assert listed.text.count("<Refund>") == 5
    assert settled.shop.get(listed.xml.get("Next")).text.count("<Refund>") == 2


@pytest.mark.parametrize("amount", ["20.01", "999999999999.99"])
def test_more_than_is_left_is_refused_and_changes_nothing(settled, amount, provider):
    answer = settled.refund(amount)
    assert (answer.status, answer.value("code")) == (409, "refund_too_large")
    settled.refund("15.00")
    assert settled.refund("5.01").status == 409
    stands_at(settled, "Settled", 15, 5)
    assert (provider.calls["refund"], settled.value("RefundedAmount")) == (1, "15.00")


@pytest.mark.parametrize("amount", ["0", "-1", "1.005", "abc", "1e1"])
def test_an_amount_that_is_none_is_refused(settled, amount):
    assert (settled.refund(amount).status, Refund.objects.count()) == (400, 0)


@pytest.mark.parametrize("outcome", ["cancel", "decline", "pending", None])
def test_what_was_not_taken_cannot_be_given_back(gift, outcome):
    if outcome:
        gift.pay(outcome)
    answer = gift.refund()
    assert (answer.status, answer.value("code")) == (409, "cannot_refund")


def test_a_refund_waits_while_another_way_to_pay_is_picked(shop, giver):
    """The request has read the gift; before it has the row, the giver picks a provider, which begins another checkout."""
    gift = OpenGift(shop, giver)
    as_it_was_read = gift.row
    gift.picks("PayPal")
    with pytest.raises(CannotRefund, match="begun another try"):
        ask(as_it_was_read, amount_minor=None, reason=None, public_id=new_id())
    assert Refund.objects.count() == 0


def test_a_refund_belongs_to_its_partner(settled, rival, stranger):
    path = f"/api/Contribution/{settled.id}/Refunds"
    assert (rival.post(path, "<Refund/>").status, rival.get(path).status, stranger.get(path).status) == (403, 403, 401)
    assert settled.shop.get(path).text.endswith("<Refunds/>")
    assert settled.shop.delete(path).status == 405


def test_a_refund_repeated_under_its_key_is_made_once(settled, provider):
    first, again = (settled.refund("5.00", Idempotency_Key="back-1") for _ in range(2))
    assert (again.status, again.body, provider.calls["refund"]) == (201, first.body, 1)
    stands_at(settled, "Settled", 5, 15)


@pytest.mark.parametrize("trouble", ["drops_the_call", "drops_the_answer"])
@pytest.mark.parametrize("finds_out", ["the worker alone", "a webhook first"])
def test_a_refund_without_an_answer_counts_and_is_asked_again(settled, provider, trouble, finds_out):
    """Under the same id; and what the provider lists meanwhile is recognised as ours."""
    getattr(provider, trouble)("refund")
    answer = settled.refund("15.00")
    assert (answer.status, answer.value("Status")) == (201, "Pending")
    stands_at(settled, "Settled", 0, 20)
    assert settled.refund("5.01").status == 409, "what is on its way counts"
    if finds_out == "a webhook first":
        settled.report()
    sync_all_due(whether_due_or_not=True)
    stands_at(settled, "Settled", 15, 5)
    assert len(set(provider.request_ids["refund"])) == SandboxRefund.objects.count() == Refund.objects.count() == 1


def test_a_refused_refund_frees_what_it_reserved(settled, provider):
    provider.refuses("refund", "refund_time_limit_exceeded")
    answer = settled.refund()
    assert (answer.status, answer.value("Status")) == (201, "Failed")
    stands_at(settled, "Settled", 0, 20)
    assert settled.refund().value("Status") == "Completed"


def test_a_refund_that_takes_its_time_is_followed_to_its_end(settled, provider):
    SandboxCheckout.objects.update(scenario="refund_pending")
    assert settled.refund().value("Status") == "Pending"
    stands_at(settled, "Settled", 0, 20)
    sync_all_due(whether_due_or_not=True)
    stands_at(settled, "Refunded", 20, 0)
    assert (provider.calls["refund"], provider.calls["find_refund"]) == (1, 1)


def test_a_refund_over_another_amount_is_not_counted(settled, provider):
    provider.lies("refund", amount_minor=1)
    assert settled.refund("5.00").value("Status") == "Pending"
    stands_at(settled, "Settled", 0, 20)


# --- Given back or taken back at the provider's -------------------------------------------------------------------


def at_the_provider(state):
    SandboxCheckout.objects.update(state=state, payment_id="SIM1")


def test_a_refund_made_in_the_dashboard_is_entered_once(settled, provider):
    made = ProviderRefund(RefundState.COMPLETED, 700, "", "DASHBOARD-1")
    for _ in range(3):
        provider.lies("find", refunds=(made,))
        settled.report()
    stands_at(settled, "Settled", 7, 13)
    assert Refund.objects.get().cause == "provider"


def test_a_chargeback_takes_the_rest_until_it_is_won(settled):
    """However often it is reported."""
    settled.refund("5.00")
    at_the_provider("reversed")
    for _ in range(3):
        settled.report()
    stands_at(settled, "Reversed", 5, 0)
    assert (settled.reason, settled.version) == ("chargeback", "4")
    assert settled.refund().value("code") == "cannot_refund"
    at_the_provider("captured")
    settled.report()
    stands_at(settled, "Settled", 5, 15)
    told = settled.entries("kind", "collected_delta_minor")
    assert told == [("capture", 2000), ("refund", -500), ("reversal", -1500), ("reversal_won", 1500)]


def test_what_was_charged_back_unheard_is_settled_and_reversed(gift, giver):
    giver.choose(gift.provider_url, "approve")
    at_the_provider("reversed")
    gift.report()
    stands_at(gift, "Reversed", 0, 0)
    assert gift.entries() == ["capture", "reversal"]


def test_a_refund_that_fails_after_a_chargeback_is_reversed(settled, provider):
    provider.drops_the_call("refund")
    settled.refund("5.00")
    at_the_provider("reversed")
    settled.report()
    stands_at(settled, "Reversed", 0, 5)  # 5.00 may still reach the giver
    assert list(faults_in_the_books()) == []
    provider.refuses("refund", "chargeback")
    sync_all_due(whether_due_or_not=True)
    stands_at(settled, "Reversed", 0, 0)
    assert list(faults_in_the_books()) == []
    at_the_provider("captured")
    settled.report()
    stands_at(settled, "Settled", 0, 20)


def test_a_refund_asked_for_during_a_chargeback_counts_once(settled, provider):
    at_the_provider("reversed")
    provider.drops_the_call("refund")
    provider.afterwards("find", lambda: settled.refund("5.00"))
    settled.report()
    provider.refuses("refund", "chargeback")
    sync_all_due(whether_due_or_not=True)
    settled.report()
    stands_at(settled, "Reversed", 0, 0)
    assert -sum(delta for kind, delta in settled.entries("kind", "collected_delta_minor") if kind == "reversal") == 2000


def test_a_refund_that_fails_during_a_chargeback_leaves_nothing(settled, provider):
    provider.drops_the_call("refund")
    settled.refund("5.00")
    at_the_provider("reversed")
    provider.refuses("refund", "chargeback")
    provider.afterwards("find", lambda: [sync_refund(one, cause=Cause.WORKER) for one in Refund.objects.all()])
    settled.report()
    settled.report()
    stands_at(settled, "Reversed", 0, 0)


# --- Money that nobody wants --------------------------------------------------------------------------------------


@pytest.fixture
def unwanted(gift):
    """Deleted by the client while the money was on its way already."""
    gift.delete()
    at_the_provider("captured")
    return gift


def test_money_for_what_the_client_deleted_goes_back(unwanted):
    """And a chargeback of it finds nothing left."""
    unwanted.report()
    stands_at(unwanted, "Canceled", 20, 0)
    assert Refund.objects.get().cause == "service"
    at_the_provider("reversed")
    unwanted.report()
    stands_at(unwanted, "Canceled", 20, 0)


def test_unwanted_money_charged_back_is_not_refunded_as_well(unwanted, provider):
    provider.refuses("refund", "not_now")
    unwanted.report()
    at_the_provider("reversed")
    unwanted.report()
    stands_at(unwanted, "Canceled", 0, 0)
    assert list(faults_in_the_books()) == []
    at_the_provider("captured")  # the dispute is won, and still nobody wants it
    unwanted.report()
    stands_at(unwanted, "Canceled", 20, 0)
    assert unwanted.entries() == ["capture", "reversal", "reversal_won", "refund"]


def test_what_could_not_go_back_is_tried_again_until_it_has(unwanted, provider):
    provider.refuses("refund", "insufficient_funds")
    unwanted.report()
    assert unwanted.row.refunded_minor == 0
    sync_all_due(whether_due_or_not=True)
    assert unwanted.row.refunded_minor == 2000
    assert [one.status for one in Refund.objects.order_by("pk")] == ["Failed", "Completed"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("amount", "made", "given_back"), [("1.00", 20, 2000), ("", 1, 2000), ("7.00", 2, 1400)])
def test_32_refunds_at_once_never_give_back_more_than_was_given(provider, amount, made, given_back):
    gift = Gift(PartnerClient(register("Shop").api_key), Giver())
    gift.pay("approve")
    answers = all_at_once(32, lambda _: gift.refund(amount))
    told = [answer.value("detail") for answer in answers if answer.status == 409]
    assert sorted(answer.status for answer in answers) == [201] * made + [409] * (32 - made), told
    assert sum(SandboxRefund.objects.values_list("amount_minor", flat=True)) == given_back
    assert Contribution.objects.get().refunded_minor == given_back
