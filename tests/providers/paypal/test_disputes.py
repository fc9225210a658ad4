"""A dispute at PayPal is lost, and won after that: its own events alone say so, and name the capture."""

import pytest

from providers.paypal.orders import Orders
from providers.paypal.webhooks import EVENT_TYPES
from tests.providers.parts import seen
from tests.providers.paypal.gift import PayPalGift, hear

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]


@pytest.mark.parametrize("without_custom", [False, True])
def test_a_dispute_won_after_it_was_lost_returns_the_money(gift, without_custom):
    """`custom` is ours, where PayPal repeats it."""
    gift.comes_back()
    [capture] = gift.order.captures
    gift.paypal.reverse(capture.id)
    gift.hear_the_last()
    assert seen(gift) == ("Reversed", "0.00", None, "0.00", "20.00")
    gift.paypal.win_the_dispute(capture.id)
    [resolved] = [one for one in gift.paypal.webhooks_of(gift.order_id) if one.event_type == "CUSTOMER.DISPUTE.RESOLVED"]
    resource = resolved.event["resource"]
    if without_custom:
        del resource["disputed_transactions"][0]["custom"]
        resolved = gift.paypal.webhook("CUSTOMER.DISPUTE.RESOLVED", resource)
    for _ in range(2):
        assert hear(resolved) == 200
    assert seen(gift) == ("Settled", "20.00", None, "0.00", None)


def test_a_dispute_is_heard_of_from_its_beginning(gift: PayPalGift):
    assert {f"CUSTOMER.DISPUTE.{name}" for name in ("CREATED", "UPDATED", "RESOLVED")} <= set(EVENT_TYPES)
    gift.comes_back()
    asked = len(gift.paypal.calls_of("get"))
    told = {"dispute_id": "PP-D-1", "disputed_transactions": [{"seller_transaction_id": gift.order.captures[0].id}]}
    assert hear(gift.paypal.webhook("CUSTOMER.DISPUTE.CREATED", told)) == 200
    assert len(gift.paypal.calls_of("get")) == asked + 1
    for nonsense in ([], {}, [None], [{"seller_transaction_id": 7}]):
        assert hear(gift.paypal.webhook("CUSTOMER.DISPUTE.CREATED", told | {"disputed_transactions": nonsense})) == 200
    assert len(gift.paypal.calls_of("get")) == asked + 1


def test_what_is_taken_back_at_once_is_no_refund(gift: PayPalGift, monkeypatch):
    """The capture's answer does not say for whom it was, so the order is read; by then the money has been taken back."""
    read = Orders.read

    def read_late(*arguments):
        for capture in gift.order.captures:
            if not capture.reversed:
                gift.paypal.reverse(capture.id)
        return read(*arguments)

    monkeypatch.setattr(Orders, "read", read_late)
    gift.paypal.next("capture", "no_custom_id")
    gift.comes_back()
    assert seen(gift) == ("Reversed", "0.00", None, "0.00", "20.00")
