"""A gift by Stripe, from the partner's POST to the books, over our own paths and in front of the fake."""

import pytest
import requests

from contributions.models import LedgerEntry, ProviderRequest
from contributions.payment_requests import payment_request_for
from contributions.worker import sync_all_due
from tests.providers.gift import THANKS
from tests.providers.stripe import params
from tests.providers.stripe.gift import ACCOUNT, StripeGift, hear, refund, work
from tests.providers.stripe.service import adapter_for

pytestmark = pytest.mark.django_db


def test_a_gift_goes_over_stripes_page_into_the_books(gift):
    assert gift.status == ("Submitted", None)
    page_url = gift.giver.checkout(gift.provider_url)
    assert page_url == gift.session.url
    assert "#" in page_url, "Stripe's page cannot do without what stands behind the hash"
    assert "Gift for A bicycle for Anna" in requests.get(page_url, timeout=5).text
    pressed = requests.post(page_url, data={"choice": "card"}, timeout=5, allow_redirects=False)
    assert gift.lands_at(pressed.headers["Location"]) == f"{THANKS}?Id={gift.id}"
    assert (gift.status, gift.current_amount) == (("Settled", None), "20.00")
    entry = LedgerEntry.objects.get()
    assert (entry.fee_minor, entry.net_minor, entry.provider_reference) == (88, 2000, gift.intent.id)
    assert [call.debug_id for call in gift.stripe.calls_of("get")] == [entry.correlation_id]


def test_what_stripe_is_asked_for(gift, settings):
    [create] = gift.stripe.calls_of("create")
    base, request = f"{settings.PUBLIC_BASE_URL}/providers/stripe", ProviderRequest.objects.get(operation="open")
    price = {"currency": "usd", "unit_amount": "2000", "product_data": {"name": "Gift for A bicycle for Anna"}}
    assert params.tree_of(create.body.decode()) == {
        "mode": "payment",
        "client_reference_id": gift.id,
        "success_url": f"{base}/return/{gift.id}?session_id={{CHECKOUT_SESSION_ID}}",
        "cancel_url": f"{base}/cancel/{gift.id}?session_id={request.request_id}",
        "line_items": {"0": {"quantity": "1", "price_data": price}},
        "adaptive_pricing": {"enabled": "false"},
        "metadata": {"contribution": gift.id, "payee": ACCOUNT},
        "payment_intent_data": {
            "capture_method": "automatic",
            "transfer_data": {"destination": ACCOUNT},
            "statement_descriptor_suffix": "Annas Shop",
            "description": "Gift for A bicycle for Anna",
            "metadata": {"contribution": gift.id},
        },
    }
    assert (create.headers["idempotency-key"], create.debug_id) == (request.request_id, request.correlation_id)
    assert create.headers["stripe-version"] == "2026-10-28.endive"


def test_a_return_under_another_id_changes_nothing(gift):
    """Nor under that of the cancel link, which opens no door on the way back."""
    back = gift.stripe.pay(gift.session_id)
    request = ProviderRequest.objects.get(operation="open")
    for token in ("cs_test_elsewhere", "", "{CHECKOUT_SESSION_ID}", request.request_id):
        assert gift.giver.visit(back.replace(gift.session_id, token)).status == 400
    assert gift.giver.visit(back.partition("?")[0]).status == 400
    assert gift.status == ("Submitted", None)


@pytest.mark.parametrize("first", ["card_that_is_declined", "card_that_wants_a_word"])
def test_a_card_that_is_declined_is_not_the_end(first, gift):
    """The giver stays at Stripe's; who comes back all the same has not paid, and can."""
    assert gift.stripe.pay(gift.session_id, first) == gift.session.url
    gift.hear_everything()
    back = gift.session.asked["success_url"].replace("{CHECKOUT_SESSION_ID}", gift.session_id)
    assert gift.giver.visit(back).status == 200
    assert gift.status == ("Submitted", None)
    assert gift.comes_back() == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Settled", None)


@pytest.mark.parametrize(("good", "status"), [(True, ("Settled", None)), (False, ("Failed", "payment_declined"))])
def test_a_bank_debit_is_pending_until_the_bank_has_spoken(good, status, gift):
    assert gift.comes_back("bank_debit") == f"{THANKS}?Id={gift.id}"
    assert gift.status == ("Pending", "awaiting_bank")
    gift.stripe.books.end_debit(gift.session, good=good)
    gift.hear_everything()
    assert gift.status == status


def test_refunds_in_stripes_dashboard_reach_the_books(gift):
    """More of them than a charge tells of itself; the webhooks again and out of order change nothing."""
    gift.comes_back()
    for _ in range(12):
        gift.stripe.dashboard_refund(gift.session_id, 100)
    gift.hear_the_last()
    assert (gift.value("RefundedAmount"), gift.current_amount) == ("12.00", "8.00")
    assert len(gift.stripe.calls_of("list_refunds")) == 1
    gift.stripe.dashboard_refund(gift.session_id)
    reports = gift.stripe.webhooks_of(gift.session_id)
    for report in [*reversed(reports[-3:]), *reports[:3]]:
        assert hear(report) == 200
    assert (gift.status, gift.current_amount, LedgerEntry.objects.count()) == (("Refunded", "refunded"), "0.00", 14)


def test_a_dispute_in_an_unknown_word_hides_no_capture(gift):
    """What was taken is in the books, and what of it is lost once Stripe says a word that is known."""
    gift.stripe.pay(gift.session_id)
    dispute = gift.stripe.dispute(gift.session_id, "simmering")
    sync_all_due(whether_due_or_not=True)
    assert (gift.status, gift.current_amount) == (("Settled", None), "20.00")
    gift.stripe.books.end_dispute(dispute, "lost")
    gift.hear_everything()
    assert gift.status == ("Reversed", "chargeback")
    gift.stripe.books.end_dispute(dispute, "simmering")
    gift.hear_everything()
    assert gift.status == ("Reversed", "chargeback")


def test_a_dispute_takes_the_money_and_a_won_one_returns_it(gift):
    """A question of the bank's is none yet, and a word that nobody knows moves nothing."""
    gift.comes_back()
    dispute = gift.stripe.dispute(gift.session_id, "warning_needs_response")
    for status, becomes, left in (
        ("", "Settled", "20.00"), ("simmering", "Settled", "20.00"), ("needs_response", "Reversed", "0.00"),
        ("under_review", "Reversed", "0.00"), ("lost", "Reversed", "0.00"), ("won", "Settled", "20.00"),
    ):  # fmt: skip
        if status:
            gift.stripe.books.end_dispute(dispute, status)
        gift.hear_the_last()
        assert (gift.value("Status"), gift.current_amount) == (becomes, left), status
        assert gift.value("StatusReason") == ("chargeback" if becomes == "Reversed" else None)


def test_money_for_another_account_is_not_counted(gift):
    gift.session.asked["payment_intent_data"]["transfer_data"]["destination"] = "acct_bob"
    gift.comes_back()
    assert (gift.status, gift.current_amount) == (("Pending", "payee_mismatch"), "0.00")


def test_a_report_leads_to_the_gift_by_whatever_it_names(gift, stripe):
    gift.comes_back()
    named = [
        {"object": "checkout.session", "id": gift.session_id},
        {"object": "payment_intent", "id": gift.intent.id},
        {"object": "charge", "id": "ch_1", "payment_intent": gift.intent.id},
        {"object": "payment_intent", "id": "pi_elsewhere", "metadata": {"contribution": gift.id}},
        stripe.json_of(stripe.dashboard_refund(gift.session_id, 100)),
    ]
    for about in named:
        asked = len(stripe.calls_of("get"))
        assert hear(stripe.webhook("charge.refunded", about)) == 200
        assert len(stripe.calls_of("get")) == asked + 1
    assert gift.value("RefundedAmount") == "1.00"


def test_a_refund_is_taken_from_the_payee(gift):
    """Also of less than could be given."""
    gift.comes_back()
    assert refund(gift, "0.01").value("Status") == "Completed"
    assert refund(gift, "7.00").value("Status") == "Completed"
    assert (gift.value("RefundedAmount"), gift.current_amount) == ("7.01", "12.99")
    assert gift.intent.refunds[0].reverse_transfer
    assert refund(gift).value("Status") == "Completed"
    assert gift.status == ("Refunded", "refunded")
    gift.hear_everything()
    assert gift.value("RefundedAmount") == "20.00"


@pytest.mark.parametrize(
    ("goes", "ends", "given_back"), [("pending", "succeeded", "7.00"), ("pending", "failed", "0.00"), ("balance", "", "0.00")]
)
def test_a_refund_is_pending_or_fails_as_stripe_says(goes, ends, given_back, gift):
    """The bank thinks about it, and then does it or not; the balance does not cover it."""
    gift.comes_back()
    if goes == "pending":
        gift.stripe.next("refund", "pending")
    else:
        gift.stripe.books.balance_is_empty = True
    assert refund(gift, "7.00").value("Status") == ("Pending" if ends else "Failed")
    if ends:
        gift.stripe.books.end_refund(gift.intent.refunds[0], ends)
        work()
    assert (gift.status, gift.value("RefundedAmount")) == (("Settled", None), given_back)


def test_a_refund_is_made_once_though_its_key_is_forgotten(gift):
    """Stripe keeps an Idempotency-Key for a day."""
    gift.comes_back()
    row, adapter = gift.row, adapter_for(gift.stripe)
    order = payment_request_for(row, row.current_checkout)
    first = adapter.refund(order, amount_minor=700, reference="refund-of-ours", request_id="refund-1")
    gift.stripe.later(hours=25)
    again = adapter.refund(order, amount_minor=700, reference="refund-of-ours", request_id="refund-1")
    assert (again.provider_reference, again.state) == (first.provider_reference, "completed")
    assert len(gift.intent.refunds) == 1


def test_held_money_is_taken_when_the_partner_says_so(held):
    assert held.session.asked["payment_intent_data"]["capture_method"] == "manual"
    assert held.shop.post(f"/api/Contribution/{held.id}/Capture", "").value("Status") == "Settled"
    assert (held.current_amount, held.intent.captures) == ("20.00", 1)
    assert refund(held, "7.00").value("Status") == "Completed"


def test_a_500_that_stripe_repeats_for_a_day_is_overcome(held):
    """Stripe keeps the answer to a key, its own crash included; the same key is used again when it has forgotten it."""
    held.stripe.next("capture", "error_500_kept")
    held.shop.post(f"/api/Contribution/{held.id}/Capture", "")
    work()
    assert (held.status, held.intent.captures) == (("Authorized", None), 0)
    assert [call.replayed for call in held.stripe.calls_of("capture")][-1]
    held.stripe.later(hours=25)
    work()
    assert (held.status, held.intent.captures) == (("Settled", None), 1)
    assert len({call.headers["idempotency-key"] for call in held.stripe.calls_of("capture")}) == 1


@pytest.fixture
def to_hold(service, stripe, shop, giver):
    """A gift that the giver has paid, to be held: we have not heard of it yet."""
    gift = StripeGift(stripe, shop, giver, CapturePolicy="Manual")
    stripe.pay(gift.session_id)
    return gift


@pytest.mark.parametrize("tells", [True, False])
def test_a_hold_is_let_go_a_day_before_it_lapses(tells, to_hold, later):
    """Stripe cannot hold it for longer. `tells`: whether it says until when it holds."""
    to_hold.intent.tells_until_when = tells
    to_hold.hear_everything()
    later(days=6, minutes=1)
    sync_all_due()
    work()
    assert (to_hold.status, to_hold.intent.status) == (("Canceled", "authorization_lapsed"), "canceled")


@pytest.mark.parametrize(("by", "reason"), [("time", "authorization_lapsed"), ("the dashboard", "voided_by_provider")])
def test_what_stripe_holds_no_longer_is_cancelled(by, reason, held, later):
    if by == "time":
        later(days=8)
    else:
        held.stripe.books.cancel(held.intent)
    assert held.hear_the_last() == 200
    assert held.status == ("Canceled", reason)


def test_a_part_captured_in_the_dashboard_is_settled(to_hold):
    to_hold.stripe.books.capture(to_hold.intent, 500)
    to_hold.hear_everything()
    assert (to_hold.status, to_hold.current_amount, to_hold.value("SettledAmount")) == (("Settled", None), "5.00", "5.00")


def test_a_gift_of_stripes_waits_while_the_keys_are_gone(gift, settings):
    gift.stripe.pay(gift.session_id)
    settings.PROVIDERS_WITH_KEYS, settings.STRIPE_SECRET_KEY = set(), ""
    work()
    assert gift.status == ("Submitted", None)
