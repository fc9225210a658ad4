"""Onboarding as Stripe's own Python client does it, through the fake: what it is asked and says is what the adapter is told."""

import pytest

from providers.base import ProviderRefused, ProviderUnavailable
from providers.payees import PayeeRequest, PayeeState
from tests.providers.stripe.fake import FakeStripe
from tests.providers.stripe.proof.test_official_client import client_of
from tests.providers.stripe.service import adapter_for

pytestmark = pytest.mark.no_database


def a_payee(credentials: str = "") -> PayeeRequest:
    here = "https://give.example.test/providers/stripe"
    return PayeeRequest("Stripe", "a-payee", credentials, f"{here}/onboarded/a-payee", f"{here}/onboarding/a-payee")


def test_the_official_client_reads_the_account_that_we_make(stripe: FakeStripe):
    adapter, client = adapter_for(stripe), client_of(stripe)
    account_id = adapter.make_payee(a_payee(), request_id="make-1")
    account = client.v1.accounts.retrieve(account_id)
    assert (account.details_submitted, account.capabilities.transfers) == (False, "inactive")
    assert account.metadata["payment_account"] == "a-payee"
    assert [one.id for one in client.v1.accounts.list(params={"limit": 100}).data][-1] == account_id
    assert adapter.check_payee(a_payee(account_id)).state is PayeeState.ONBOARDING_NEEDED
    stripe.connected.finish(account_id)
    assert adapter.check_payee(a_payee(account_id)).state is PayeeState.READY


def test_we_link_the_account_that_the_official_client_makes(stripe: FakeStripe):
    client = client_of(stripe)
    controller = {
        "stripe_dashboard": {"type": "express"}, "fees": {"payer": "application"}, "losses": {"payments": "application"},
        "requirement_collection": "stripe",
    }  # fmt: skip
    asked = {"controller": controller, "capabilities": {"transfers": {"requested": True}}}
    account = client.v1.accounts.create(params=asked, options={"idempotency_key": "make-2"})
    ours = adapter_for(stripe).onboarding_url(a_payee(account.id), request_id="link-1")
    here = {"refresh_url": a_payee().refresh_url, "return_url": a_payee().return_url, "type": "account_onboarding"}
    theirs = client.v1.account_links.create(params={"account": account.id, **here}, options={"idempotency_key": "link-2"})
    assert theirs.url.rpartition("/")[0] == ours.rpartition("/")[0]
    first, second = (call.body for call in stripe.calls_of("create_link"))
    assert sorted(first.split(b"&")) == sorted(second.split(b"&"))


@pytest.mark.parametrize("fault", ["error_503", "no_json_error", "rate_limited", "drop"])
def test_an_answer_that_tells_nothing_is_no_state(fault, careless_stripe: FakeStripe):
    """A payee is never called Restricted because Stripe had trouble."""
    careless_stripe.next("get_account", fault, times=9)
    with pytest.raises(ProviderUnavailable):
        adapter_for(careless_stripe).check_payee(a_payee("acct_anna"))


def test_a_page_that_is_not_stripes_is_shown_to_nobody(stripe: FakeStripe, monkeypatch):
    adapter = adapter_for(stripe)
    elsewhere = {"object": "account_link", "created": 1, "expires_at": 2, "url": "https://stripe.com.example.org/setup"}
    monkeypatch.setitem(stripe.operates, "create_link", lambda *_: elsewhere)
    with pytest.raises(ProviderRefused, match="not Stripe's"):
        adapter.onboarding_url(a_payee("acct_anna"), request_id="link-1")
