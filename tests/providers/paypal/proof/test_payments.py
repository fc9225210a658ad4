"""What the fake PayPal knows of money that is held, taken and given back."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.providers.paypal.proof.steps import ANNA, PAYMENTS, Caller, assertion, issue_of, usd

pytestmark = pytest.mark.no_database


@pytest.fixture
def caller(paypal):
    """A caller whose token outlives an authorization."""
    paypal.token_seconds = 365 * 86400
    with Caller(paypal) as caller:
        yield caller


@pytest.mark.parametrize(("ends", "can_be_taken"), [("CREATED", True), ("DENIED", False)])
def test_what_is_reviewed_is_not_taken_before_it_ends_well(paypal, caller, ends, can_be_taken):
    held = caller.authorized(pays_with="under_review")
    assert (held.status, held.reason) == ("PENDING", "PENDING_REVIEW")
    assert caller.act_on(held, "capture").status_code == 422
    paypal.end_authorization_review(held.id, ends)
    assert (caller.act_on(held, "capture").status_code == 201) == can_be_taken


def test_up_to_115_percent_can_be_taken_and_no_cent_more(caller):
    held = caller.authorized()
    assert issue_of(caller.act_on(held, "capture", usd("23.01"))) == "MAX_CAPTURE_AMOUNT_EXCEEDED"
    answer = caller.act_on(held, "capture", usd("23.00"), Prefer="return=representation").json()
    assert answer["links"][-1]["href"].endswith(f"/v2/payments/authorizations/{held.id}")
    assert answer["supplementary_data"]["related_ids"] == {"order_id": held.order.id, "authorization_id": held.id}


def test_what_is_held_too_long_is_let_go_and_told(paypal, caller):
    held = caller.authorized()
    for hours, status in ((28 * 24 + 23, "CREATED"), (1, "VOIDED")):
        paypal.now += timedelta(hours=hours)
        assert caller.get(f"{PAYMENTS}/authorizations/{held.id}").json()["status"] == status
    assert issue_of(caller.act_on(held, "capture")) == "AUTHORIZATION_EXPIRED"
    assert [hook.event_type for hook in paypal.webhooks_of(held.order.id)][-1] == "PAYMENT.AUTHORIZATION.VOIDED"


def test_it_is_held_again_once_the_honour_period_is_over(paypal, caller):
    """The original and its renewal hold the same money."""
    held = caller.authorized()
    assert issue_of(caller.act_on(held, "reauthorize")) == "REAUTHORIZATION_TOO_SOON"
    paypal.now += timedelta(days=3)
    first, same = (caller.act_on(held, "reauthorize", key="again-1") for _ in range(2))
    assert (first.status_code, same.json()["id"]) == (201, first.json()["id"])
    again = paypal.authorizations[first.json()["id"]]
    assert (again.parent, again.expires) == (held, held.expires)
    assert issue_of(caller.act_on(again, "reauthorize")) == "REAUTHORIZATION_NOT_SUPPORTED"
    assert issue_of(caller.act_on(again, "void")) == "CANNOT_BE_VOIDED"
    assert caller.act_on(again, "capture").status_code == 201
    assert issue_of(caller.act_on(held, "capture")) == "AUTHORIZATION_ALREADY_CAPTURED"
    assert held.order.taken == Decimal(20)


@pytest.mark.parametrize("header", ["none", "not a token", "another platform's", "bob's", "signed, which is not checked"])
def test_somebody_elses_money_needs_the_right_assertion(paypal, caller, header):
    header = {
        "none": "",
        "not a token": "a.b.c",
        "another platform's": assertion(iss="AnotherPlatform", email=ANNA),
        "bob's": assertion(iss=paypal.client_id, email="bob@example.org"),
    }.get(header, assertion(iss=paypal.client_id, email=ANNA) + "c2lnbmVk")
    taken, held = caller.captured(), caller.authorized()
    for answer in (
        caller.refund(taken, PayPal_Auth_Assertion=header), caller.act_on(held, "void", PayPal_Auth_Assertion=header),
    ):  # fmt: skip
        assert (answer.status_code, issue_of(answer)) == (403, "PERMISSION_DENIED")
    assert (taken.refunds, held.status) == ([], "CREATED")


def test_an_assertion_by_merchant_id_counts_with_consent(paypal, caller):
    """Of ones own money nobody has to consent."""
    anna, taken = paypal.account(ANNA), caller.captured()
    named = assertion(iss=paypal.client_id, payer_id=anna.merchant_id)
    anna.consents = False
    assert issue_of(caller.refund(taken, PayPal_Auth_Assertion=named)) == "PERMISSION_DENIED"
    anna.consents = True
    assert caller.refund(taken, PayPal_Auth_Assertion=named).status_code == 201
    assert caller.refund(caller.captured(payee=None), PayPal_Auth_Assertion="").status_code == 201


def test_what_never_came_or_is_gone_is_not_given_back(paypal, caller):
    assert issue_of(caller.refund(caller.captured(pays_with="echeck"))) == "PENDING_CAPTURE"
    assert issue_of(caller.refund(caller.captured(pays_with="refused_after_all"))) == "REFUND_NOT_ALLOWED"
    taken = caller.captured()
    paypal.account(ANNA).penniless = True
    assert issue_of(caller.refund(taken)) == "REFUND_FAILED_INSUFFICIENT_FUNDS"
    paypal.now += timedelta(days=180)
    assert issue_of(caller.refund(taken)) == "REFUND_TIME_LIMIT_EXCEEDED"


@pytest.mark.parametrize(
    ("ends", "status", "left"), [("COMPLETED", "REFUNDED", 0), ("FAILED", "COMPLETED", 20), ("CANCELLED", "COMPLETED", 20)]
)
def test_a_refund_can_take_its_time_and_fail_in_the_end(paypal, caller, ends, status, left):
    taken = caller.captured()
    paypal.next("refund", "pending")
    refund = caller.refund(taken, Prefer="return=representation").json()
    assert (refund["status"], refund["status_details"]) == ("PENDING", {"reason": "ECHECK"})
    paypal.end_refund(refund["id"], ends)
    assert caller.get(f"{PAYMENTS}/refunds/{refund['id']}").json()["status"] == ends
    assert (taken.status, taken.left.value) == (status, left)


def test_a_dispute_takes_back_what_is_left(paypal, caller):
    taken = caller.captured()
    caller.refund(taken, usd("5.00"))
    paypal.reverse(taken.id)
    told = caller.get(f"{PAYMENTS}/captures/{taken.id}").json()
    assert (told["status"], told["status_details"]) == ("REFUNDED", {"reason": "CHARGEBACK"})
    assert taken.order.given_back == Decimal(20)
    assert issue_of(caller.refund(taken)) == "REFUND_NOT_PERMITTED_DUE_TO_CHARGEBACK"


def test_a_request_id_of_a_refund_is_kept_for_45_days(paypal, caller):
    taken = caller.captured()
    for hours, status in ((0, 201), (44 * 24 + 23, 200), (1, 201)):
        paypal.now += timedelta(hours=hours)
        assert caller.refund(taken, usd("5.00"), key="refund-1").status_code == status
    assert taken.order.given_back == Decimal(10)
