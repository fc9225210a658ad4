"""Advice by reason: a sentence for each reason for which a provider opens no checkout, gives no link, or pays nobody."""

import pytest

from contributions import advice
from contributions.captures import CannotCapture
from contributions.deletion import KEPT, CannotDelete, delete_contribution
from contributions.models import Contribution
from providers.amazon.refusals import REFUSALS as AMAZONS
from providers.errors import AmountRefused
from providers.kit.refusals import Then
from providers.payees import PayeeState
from providers.paypal.refusals import REFUSALS as PAYPALS
from providers.stripe.refusals import _REFUSALS as STRIPES
from tests.docs.pages_and_code import PARTNERS, codes_in, rows_of, section_of

pytestmark = pytest.mark.no_database


def reasons_documented():
    return {code for row in rows_of(section_of(PARTNERS, "Statuses")) for code in codes_in(row[0])}


@pytest.mark.parametrize("table", [PAYPALS, STRIPES, AMAZONS], ids=["PayPal", "Stripe", "Amazon"])
def test_every_reason_of_a_refused_checkout_has_its_own_advice(table):
    """What only an order can be refused with, money that is held or taken, is no reason here."""
    meanings = [*table.by_code.values(), *table.by_status.values()]
    of_orders = {"cannot_capture", "cannot_void", "cannot_renew", "authorization_lapsed"}
    reasons = {one.reason for one in meanings if one.then is not Then.LATER and one.reason} & reasons_documented()
    assert {"payee_cannot_receive", "request_rejected"} <= reasons
    assert reasons - of_orders - set(advice.WHEN_NO_CHECKOUT_OPENS) == set()


def test_every_kind_of_refused_amount_has_advice_of_its_own():
    kinds = [AmountRefused, *AmountRefused.__subclasses__()]
    sentences = {advice.when_no_checkout_opens(kind.reason) for kind in kinds}
    assert len(sentences) == len(kinds) == 5
    assert not any("ProviderURL" in sentence for sentence in sentences), "the same amount helps nobody there"


def test_the_guide_shows_the_advice_of_the_code():
    rows = rows_of(section_of(PARTNERS, "Where no checkout was opened"))
    shown = {reason: row[1] for row in rows for reason in codes_in(row[0])}
    assert shown == dict(advice.WHEN_NO_CHECKOUT_OPENS)


def test_a_code_of_tomorrow_has_advice_too():
    assert advice.when_no_checkout_opens("a_code_of_tomorrow") == advice.when_no_checkout_opens("provider_refused")
    assert "Check" in advice.when_no_link_is_given("a_code_of_tomorrow")
    for state in (PayeeState.RESTRICTED, PayeeState.ONBOARDING_NEEDED):
        assert advice.when_a_payee_cannot_be_paid(state, "a_code_of_tomorrow")


def test_payees_are_advised_by_state_and_reason():
    said = advice.when_a_payee_cannot_be_paid
    assert "OnboardingURL" in said(PayeeState.ONBOARDING_NEEDED, "")
    assert "fresh link" in said(PayeeState.ONBOARDING_NEEDED, "onboarding_not_finished")
    assert "e-mail address" in said(PayeeState.ONBOARDING_NEEDED, "email_not_confirmed")
    assert "Check" in said(PayeeState.RESTRICTED, "under_review")
    assert "documents" in said(PayeeState.RESTRICTED, "requirements_past_due")
    for for_good in ("rejected_fraud", "rejected_terms_of_service"):
        assert "for good" in said(PayeeState.RESTRICTED, for_good)
        assert "Onboarding" not in said(PayeeState.RESTRICTED, for_good)


@pytest.mark.parametrize("status", KEPT)
def test_a_refused_deletion_says_what_is_true_of_that_status(status):
    """A refund gives nothing back of what the provider has taken back."""
    with pytest.raises(CannotDelete) as refused:
        delete_contribution(Contribution(status=status))
    assert ("a refund gives the money back" in str(refused.value)) == (status == "Settled")
    assert advice.WHEN_NOT_DELETED[status] in str(refused.value)


def test_what_is_being_let_go_is_not_told_to_be_authorized():
    told = str(CannotCapture(Contribution(status="Authorized")))
    assert told.endswith("this one is being let go, and its money will not be taken.")
