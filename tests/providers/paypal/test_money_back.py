"""What PayPal's webhooks and the worker find, what is given back, and what is held: gifts in front of the fake.

What the hook itself does is in tests/providers/test_sandbox_webhooks.py.
"""

from datetime import timedelta

import pytest

import clock
from contributions.payment_requests import payment_request_for
from contributions.worker import sync_all_due
from tests.conftest import Giver, PartnerClient
from tests.providers.gift import THANKS
from tests.providers.paypal.fake import FakePayPal
from tests.providers.paypal.gift import PayPalGift, hear
from tests.providers.paypal.service import adapter_for

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]


def test_the_approval_alone_settles_the_gift(gift):
    """Of a giver who closed the browser; PayPal is not asked whether the event is its own."""
    gift.paypal.approve(gift.order_id)
    [approved] = gift.paypal.webhooks_of(gift.order_id)
    assert (approved.event_type, hear(approved)) == ("CHECKOUT.ORDER.APPROVED", 200)
    assert (gift.status, gift.paypal.calls_of("verify")) == (("Settled", None), [])


@pytest.mark.parametrize("then", ["REFUND", "CHARGEBACK", "BUYER_COMPLAINT"])
def test_a_part_goes_back_in_the_dashboard_then_the_rest(then, gift):
    """Every event again and in the wrong order changes nothing."""
    gift.comes_back()
    [capture] = gift.order.captures
    gift.paypal.dashboard_refund(capture.id, "5.00")
    gift.hear_the_last()
    assert (gift.status, gift.current_amount) == (("Settled", None), "15.00")
    if then == "REFUND":
        gift.paypal.dashboard_refund(capture.id)
    else:
        gift.paypal.reverse(capture.id, then)
    gift.hear_the_last()
    after = (("Refunded", "refunded"), "20.00") if then == "REFUND" else (("Reversed", "chargeback"), "5.00")
    assert (gift.status, gift.value("RefundedAmount"), gift.current_amount) == (*after, "0.00")
    before = gift.value("RecordVersionNumber")
    for event in reversed(gift.paypal.webhooks_of(gift.order_id) * 2):
        assert hear(event) == 200
    assert gift.value("RecordVersionNumber") == before


def test_an_event_leads_to_the_gift_by_whatever_it_names(gift, paypal):
    gift.comes_back()
    capture = paypal.json_of(gift.order.captures[0])
    paypal.dashboard_refund(capture["id"], "1.00")
    without_order = {name: value for name, value in capture.items() if name not in {"supplementary_data", "links"}}
    by_capture = {name: value for name, value in without_order.items() if name != "custom_id"}
    by_reference = without_order | {"id": "9ZZ99999ZZ999999Z"}
    for resource in (by_capture, by_reference):
        asked = len(paypal.calls_of("get"))
        assert hear(paypal.webhook("PAYMENT.CAPTURE.COMPLETED", resource)) == 200
        assert len(paypal.calls_of("get")) == asked + 1
    assert gift.value("RefundedAmount") == "1.00"


@pytest.fixture
def unheard(service, settings, paypal: FakePayPal, shop: PartnerClient, giver: Giver) -> PayPalGift:
    """A gift in a service that could not register a webhook."""
    settings.PAYPAL_WEBHOOK_ID = ""
    return PayPalGift(paypal, shop, giver)


def test_without_a_webhook_events_are_refused_unread(unheard, paypal, caplog):
    """With a line that says why; and the gift goes through."""
    back = paypal.approve(unheard.order_id)
    asked = len(paypal.calls)
    [approved] = paypal.webhooks_of(unheard.order_id)
    for event in (approved, paypal.webhook("CHECKOUT.ORDER.APPROVED", {"id": unheard.order_id}, webhook_id="")):
        caplog.clear()
        assert hear(event) == 400
        [refused] = [record for record in caplog.records if record.message == "webhook refused"]
        assert refused.error.startswith("PAYPAL_WEBHOOK_ID is not set")
    assert (unheard.status, len(paypal.calls)) == (("Submitted", None), asked)
    assert unheard.lands_at(back) == f"{THANKS}?Id={unheard.id}"


@pytest.mark.parametrize("minutes", [1, 100, 179])
def test_without_a_webhook_the_worker_finds_everything(minutes, unheard, paypal, later):
    """The approval of a giver who closed the browser, while PayPal waits to be told to take it; and what goes back."""
    unheard.work_until(clock.now() + timedelta(minutes=minutes), later)
    paypal.approve(unheard.order_id)
    unheard.work_until(clock.now() + timedelta(minutes=80), later)
    assert unheard.status == ("Settled", None)
    [capture] = unheard.order.captures
    paypal.dashboard_refund(capture.id, "5.00")
    later(days=2)
    sync_all_due()
    assert (unheard.status, unheard.current_amount) == (("Settled", None), "15.00")
    paypal.reverse(capture.id)
    later(days=10)
    sync_all_due()
    assert (unheard.status, unheard.current_amount) == (("Reversed", "chargeback"), "0.00")


def test_a_refund_is_made_in_the_payees_name_if_allowed(gift):
    gift.comes_back()
    anna = gift.paypal.account("anna@example.org")
    anna.consents = False
    assert gift.refund().value("Status") == "Failed"
    assert (gift.status, gift.current_amount) == (("Settled", None), "20.00")
    anna.consents = True
    assert gift.refund("7.00").value("Status") == "Completed"
    assert (gift.value("RefundedAmount"), gift.current_amount) == ("7.00", "13.00")
    assert gift.refund().value("Status") == "Completed"
    gift.hear_everything()
    assert (gift.status, gift.value("RefundedAmount")) == (("Refunded", "refunded"), "20.00")


def test_a_refund_whose_answer_is_lost_is_counted_once(gift):
    gift.comes_back()
    gift.paypal.next("refund", "do_then_drop", times=3)
    assert gift.refund("7.00").value("Status") == "Pending"
    gift.hear_everything()
    sync_all_due(whether_due_or_not=True)
    assert (gift.value("RefundedAmount"), gift.current_amount) == ("7.00", "13.00")
    assert len(gift.order.refunds) == 1


def test_a_refund_whose_request_paypal_forgot_is_made_once(gift):
    gift.comes_back()
    request, adapter = payment_request_for(gift.row, gift.checkout), adapter_for(gift.paypal)
    first, again = (
        adapter.refund(request, amount_minor=700, reference="refund-of-ours", request_id=request_id)
        for request_id in ("refund-1", "refund-2")
    )
    assert (again.provider_reference, again.state) == (first.provider_reference, "completed")
    assert len(gift.order.refunds) == 1


def test_held_money_is_taken_when_the_partner_says_so(held):
    assert held.shop.post(f"/api/Contribution/{held.id}/Capture", "").value("Status") == "Settled"
    assert (held.current_amount, len(held.order.captures)) == ("20.00", 1)
    assert held.refund("7.00").value("Status") == "Completed"


@pytest.mark.parametrize("is_known", [True, False])
def test_money_held_for_what_is_deleted_is_let_go(is_known, service, paypal, shop, giver):
    """Although nobody knew its id: the answer to the order to hold it was lost."""
    gift = PayPalGift(paypal, shop, giver, CapturePolicy="Manual")
    if not is_known:
        paypal.next("authorize", "do_then_drop", times=3)
    gift.comes_back()
    assert gift.status == (("Authorized", None) if is_known else ("Pending", "provider_unreachable"))
    deleted = f"/api/Contribution/{gift.id}" if is_known else f"/api/SavingGoal/{gift.goal_id}"
    assert shop.delete(deleted).status == 204
    sync_all_due(whether_due_or_not=True)
    assert [one.status for one in gift.order.authorizations] == ["VOIDED"]


def test_a_hold_that_lapses_is_let_go_a_day_before(held, later):
    later(days=28, minutes=1)
    sync_all_due()
    sync_all_due(whether_due_or_not=True)
    assert held.status == ("Canceled", "authorization_lapsed")
    assert {one.status for one in held.order.authorizations} == {"VOIDED"}


def test_what_the_payee_let_go_in_the_dashboard_is_cancelled(held):
    held.paypal.void_in_the_dashboard(held.order.authorizations[0].id)
    held.hear_the_last()
    assert held.status == ("Canceled", "voided_by_provider")
