"""What Stripe held and did not capture it lists as a refund: nobody was charged with it, and it is none."""

import pytest

from providers.stripe.mapping import payment_of

RELEASED = {"id": "re_1", "amount": 500, "currency": "usd", "status": "succeeded", "balance_transaction": None}
REAL = {"id": "re_2", "amount": 500, "currency": "usd", "status": "succeeded", "balance_transaction": "txn_2"}


@pytest.mark.parametrize(
    ("refunds", "told"),
    [
        ([], []),
        ([RELEASED], []),
        ([REAL, RELEASED], ["re_2"]),
        ([REAL], ["re_2"]),
        ([REAL | {"amount": 1500}, RELEASED | {"balance_transaction": "txn_1"}], ["re_2"]),
    ],
    ids=["none", "the rest", "and a real one", "a real one alone", "more than was taken"],
)
def test_the_rest_that_was_released_is_no_refund(refunds, told):
    intent = {
        "id": "pi_1",
        "status": "succeeded",
        "amount": 2000,
        "amount_received": 1500,
        "currency": "usd",
        "metadata": {"contribution": "gift"},
        "transfer_data": {"destination": "acct_1"},
        "latest_charge": {"refunds": {"data": refunds, "has_more": False}},
    }
    payment = payment_of(None, intent, at="complete", correlation_id="")
    assert (payment.amount_minor, payment.taken_minor) == (2000, 1500)
    assert [one.provider_reference for one in payment.refunds] == told
