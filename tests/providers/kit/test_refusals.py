"""A definite no is an end: the payment is looked at once, and what was not done is refused, whether we know the code or not."""

from dataclasses import replace

import pytest

from providers.amazon.refusals import REFUND_REFUSALS as AMAZONS_OF_REFUNDS
from providers.amazon.refusals import REFUSALS as AMAZONS
from providers.base import PaymentRequest, ProviderRefused, ProviderUnavailable
from providers.kit.refusals import Meaning, RefusalTable, Then
from providers.paypal.refusals import REFUND_REFUSALS as PAYPALS_OF_REFUNDS
from providers.paypal.refusals import REFUSALS as PAYPALS
from providers.stripe import refusals as stripes
from tests.providers.amazon.fake import FakeAmazon
from tests.providers.amazon.service import adapter_for as amazon_adapter
from tests.providers.payment_request import a_request
from tests.providers.paypal import errors
from tests.providers.stripe.fake import FakeStripe, Refusal
from tests.providers.stripe.service import adapter_for as stripe_adapter

pytestmark = pytest.mark.no_database

ACCOUNT = "acct_1PgafTB7WZ01zgkW"
TABLES = {
    "PayPal": PAYPALS, "PayPal's refunds": PAYPALS_OF_REFUNDS, "Amazon": AMAZONS, "Amazon's refunds": AMAZONS_OF_REFUNDS,
    "Stripe": stripes._REFUSALS,
}  # fmt: skip
AT_AMAZON = (AMAZONS, AMAZONS_OF_REFUNDS)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_4xx_has_an_end(table: RefusalTable):
    """But for those that refuse nothing for good; at Amazon a 409 is no such one."""
    for status in range(400, 500):
        meaning = table.meaning_of(status, ("SOMETHING_NEW",))
        says_nothing = status in {401, 408, 424, 425, 429} or (status == 409 and table not in AT_AMAZON)
        assert (meaning == Meaning(Then.LATER)) is says_nothing, status
        assert says_nothing or meaning.reason, status


def test_every_issue_that_we_know_of_paypal_has_an_end():
    """Two of them are to be sent again as they are, and none of them for ever: the limits of a rate aside."""
    refusing = {issue: status for issue, status in errors.ISSUES.items() if status < 429}
    later = {issue for issue, status in refusing.items() if PAYPALS.meaning_of(status, (issue,)).then is Then.LATER}
    assert later == {"PREVIOUS_REQUEST_IN_PROGRESS", "ORDER_COMPLETION_IN_PROGRESS"}


# --- Stripe --------------------------------------------------------------------------------------------------------------


def no_of(call, *arguments, **named) -> str:
    with pytest.raises(ProviderRefused) as refused:
        call(*arguments, **named)
    return refused.value.reason


class _Refusing(FakeStripe):
    """Says no to the next `operation` as it is told to."""

    no: Refusal | None = None
    operation = ""

    def answer(self, call):
        if self.no is not None and call.operation == self.operation:
            return self._refused(self.no)
        return super().answer(call)


def held_at(stripe: FakeStripe, adapter) -> PaymentRequest:
    order = a_request("Stripe", ACCOUNT, capture_at_once=False)
    order = replace(order, checkout_id=adapter.open_checkout(order, request_id="open-1").checkout_id)
    stripe.pay(order.checkout_id)
    return replace(order, payment_reference=stripe.intent_of(order.checkout_id).id)


@pytest.mark.parametrize(
    ("no", "reason"),
    [
        (Refusal(422, "New.", code="something_new"), "request_rejected"),
        (Refusal(400, "Another key.", kind="idempotency_error"), "request_rejected"),
        (Refusal(400, "Not activated.", code="testmode_charges_only"), "not_permitted"),
        (Refusal(403, "New.", code="something_new"), "not_permitted"),
        (Refusal(424, "A bank does not answer.", code="something_new"), ""),
        (Refusal(400, "Our fault.", kind="api_error"), ""),
    ],
    ids=lambda value: f"{value.status}-{value.error.get('code', '')}" if isinstance(value, Refusal) else None,
)
def test_stripes_no_to_held_money(no, reason, short_pauses):
    """A 424 is trouble of somebody behind Stripe, an api_error its own: neither says what became of the capture."""
    with _Refusing() as stripe:
        adapter = stripe_adapter(stripe)
        order = held_at(stripe, adapter)
        stripe.operation, stripe.no = "capture", no
        if reason:
            assert no_of(adapter.capture, order, request_id="capture-1") == reason
        else:
            with pytest.raises(ProviderUnavailable):
                adapter.capture(order, request_id="capture-1")
        stripe.no = None
        assert adapter.find(order).state == "authorized"
        assert adapter.capture(order, request_id="capture-2").state == "captured"


def test_stripes_key_of_another_request_refunds_nothing(short_pauses):
    """The refunds of the payment were looked at: ours is not there."""
    with FakeStripe() as stripe:
        adapter, order = stripe_adapter(stripe), a_request("Stripe", ACCOUNT)
        order = replace(order, checkout_id=adapter.open_checkout(order, request_id="open-1").checkout_id)
        stripe.pay(order.checkout_id)
        stripe.next("refund", "other_parameters")
        asked = {"amount_minor": 500, "reference": "refund-of-ours"}
        assert no_of(adapter.refund, order, request_id="refund-1", **asked) == "request_rejected"
        assert adapter.refund(order, request_id="refund-2", **asked).state == "completed"


# --- Amazon --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("422 SomethingNew", "request_rejected"),
        ("409 SomethingNew", "request_rejected"),
        ("405 SomethingNew", "request_rejected"),
        ("403 SomethingNew", "not_permitted"),
        ("422 TransactionCountExceeded", "request_rejected"),
    ],
)
@pytest.mark.parametrize("operation", ["capture", "void", "refund"])
def test_amazons_no_is_an_end(operation, fault, reason, short_pauses):
    """The charge is held or taken as before; a refund that cannot be found was not made."""
    with FakeAmazon() as amazon:
        adapter = amazon_adapter(amazon)
        order = a_request("Amazon", amazon.merchant_id, capture_at_once=operation == "refund")
        session = amazon.press_button(dict(adapter.pay_page(order).button))
        order = replace(order, checkout_id=session.id)
        amazon.approve(session.id)
        before = getattr(adapter, "capture" if operation == "refund" else "authorize")(order, request_id="before")
        order = replace(order, payment_reference=before.provider_reference)
        amazon.next({"capture": "capture", "void": "cancel", "refund": "refund"}[operation], fault, times=9)
        asked = {"amount_minor": 500, "reference": "refund-of-ours"} if operation == "refund" else {}
        if operation == "refund" and fault.endswith("TransactionCountExceeded"):
            reason = "refund_amount_exceeded"
        assert no_of(getattr(adapter, operation), order, request_id="request-1", **asked) == reason
        assert adapter.find(order).state == before.state


# --- A refund that is asked about ----------------------------------------------------------------------------------------


def test_a_refund_that_the_provider_does_not_know_is_none(short_pauses):
    """Where it knows the payment: with other keys it would know neither, and that says nothing."""
    with FakeAmazon() as amazon:
        adapter, order = amazon_adapter(amazon), a_request("Amazon", amazon.merchant_id)
        order = replace(order, checkout_id=amazon.press_button(dict(adapter.pay_page(order).button)).id)
        amazon.approve(order.checkout_id)
        order = replace(order, payment_reference=adapter.capture(order, request_id="capture-1").provider_reference)
        assert no_of(adapter.find_refund, order, "S01-1111111-1111111-R000009") == "unknown_refund"
        amazon.next("get_session", "404 ResourceNotFound", times=9)
        amazon.next("get_charge", "404 ResourceNotFound", times=9)
        with pytest.raises(ProviderUnavailable):
            adapter.find_refund(order, "S01-1111111-1111111-R000009")
    with FakeStripe() as stripe:
        adapter, order = stripe_adapter(stripe), a_request("Stripe", ACCOUNT)
        order = replace(order, checkout_id=adapter.open_checkout(order, request_id="open-1").checkout_id)
        stripe.pay(order.checkout_id)
        assert no_of(adapter.find_refund, order, "re_unknown") == "unknown_refund"
        made = adapter.refund(order, amount_minor=500, reference="refund-of-ours", request_id="refund-1")
        stripe.next("get_refund", "resource_missing")
        assert adapter.find_refund(order, made.provider_reference).reference == "refund-of-ours"
        stripe.next("get_refund", "forbidden")
        with pytest.raises(ProviderUnavailable):
            adapter.find_refund(order, made.provider_reference)
