"""What strangers send to our webhooks does not become our calls to the provider, and no gift waits for it."""

from collections.abc import Iterator

import pytest

from providers.base import InvalidSignature, ProviderUnavailable
from providers.kit import budgets, certificates
from providers.kit.budgets import Budget
from providers.paypal import webhooks
from tests.providers.amazon.fake import FakeAmazon
from tests.providers.amazon.service import adapter_for as amazon_adapter
from tests.providers.payment_request import a_request
from tests.providers.paypal.fake import FakePayPal
from tests.providers.paypal.service import adapter_for as paypal_adapter

pytestmark = pytest.mark.no_database

ORDER = {"id": "5O190127TN364715T", "status": "APPROVED"}
CHARGE, PERMISSION = "S01-1111111-1111111-C000001", "S01-1111111-1111111"


class _Clock:
    """time.monotonic of what remembers."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> _Clock:
    ours = _Clock()
    for module in (budgets, certificates):
        monkeypatch.setattr(module, "time", ours)
    return ours


@pytest.fixture
def paypal(short_pauses: None) -> Iterator[FakePayPal]:
    with FakePayPal() as paypal:
        yield paypal


def forged(adapter, paypal, **how) -> type[Exception]:
    with pytest.raises((InvalidSignature, ProviderUnavailable)) as refused:
        adapter.parse_webhook(*paypal.webhook("CHECKOUT.ORDER.APPROVED", ORDER, forged=True, **how))
    return refused.type


def test_ten_forged_events_cost_few_calls_and_no_gift(paypal, clock):
    """All name certificates that are not to be had. First PayPal is asked, then the answer is 503: a real one comes again."""
    adapter = paypal_adapter(paypal)
    paypal.next("certificate", "error_500", times=99)
    said = [forged(adapter, paypal) for _ in range(10)]
    assert said == [InvalidSignature] * webhooks.VERIFIED_A_MINUTE + [ProviderUnavailable] * 5
    assert len(paypal.calls_of("certificate")) == certificates.LOOKS_A_MINUTE
    assert len(paypal.calls_of("verify")) == webhooks.VERIFIED_A_MINUTE
    assert adapter.open_checkout(a_request("PayPal", "anna@example.org"), request_id="open-1").checkout_id
    clock.now += 60
    assert forged(adapter, paypal) is InvalidSignature


def test_too_many_requests_at_verify_stops_no_gift(paypal):
    """PayPal is asked once about each event: it sends the real ones again by itself."""
    adapter = paypal_adapter(paypal)
    paypal.retry_after = "300"
    paypal.next("verify", "rate_limited", times=99)
    assert forged(adapter, paypal, unknown_ca=True) is ProviderUnavailable
    assert len(paypal.calls_of("verify")) == 1
    assert adapter.open_checkout(a_request("PayPal", "anna@example.org"), request_id="open-1").checkout_id


def test_an_address_that_failed_is_left_alone_ever_longer(paypal, clock):
    adapter, url = paypal_adapter(paypal), paypal.certificate_url()
    paypal.next("certificate", "error_500", times=2)
    for seconds, looks in ((0, 1), (5, 1), (6, 2), (15, 2), (6, 3)):
        clock.now += seconds
        adapter.parse_webhook(*paypal.webhook("CHECKOUT.ORDER.APPROVED", ORDER, certificate_url=url))
        assert len(paypal.calls_of("certificate")) == looks
    assert len(paypal.calls_of("verify")) == 4
    clock.now += 9
    adapter.parse_webhook(*paypal.webhook("CHECKOUT.ORDER.APPROVED", ORDER, certificate_url=url))
    assert len(paypal.calls_of("verify")) == 4, "what was fetched in the end is proven here"


def test_a_certificate_nobody_vouches_for_is_fetched_once(paypal):
    """It was fetched all right: that it proves nothing is remembered as well."""
    adapter, url = paypal_adapter(paypal), paypal.certificate_url(authority="unknown")
    for _ in range(4):
        assert forged(adapter, paypal, certificate_url=url) is InvalidSignature
    assert len(paypal.calls_of("certificate")) == 1


def test_real_events_never_run_out_of_the_budget(paypal):
    """Neither those whose certificate is new, nor those that PayPal alone can vouch for; also while strangers send theirs."""
    adapter, url = paypal_adapter(paypal), paypal.certificate_url()
    for _ in range(3 * webhooks.VERIFIED_A_MINUTE):
        adapter.parse_webhook(*paypal.webhook("CHECKOUT.ORDER.APPROVED", ORDER))
    adapter.parse_webhook(*paypal.webhook("CHECKOUT.ORDER.APPROVED", ORDER, certificate_url=url))
    for _ in range(certificates.LOOKS_A_MINUTE):
        paypal.next("certificate", "error_500")
        forged(adapter, paypal)
    for _ in range(3 * webhooks.VERIFIED_A_MINUTE):
        adapter.parse_webhook(*paypal.webhook("CHECKOUT.ORDER.APPROVED", ORDER, unknown_ca=True))
    paypal.next("certificate", "error_500", times=99)
    for _ in range(9):
        forged(adapter, paypal)
    adapter.parse_webhook(*paypal.webhook("CHECKOUT.ORDER.APPROVED", ORDER, certificate_url=url))


def test_amazons_certificates_have_the_same_budget(clock):
    """Without a certificate nothing can be proven, so SNS is to come again; what has run out is remembered too."""
    with FakeAmazon() as amazon:
        adapter = amazon_adapter(amazon)
        old = amazon.certificate_url(days=(-400, -35))
        for _ in range(4):
            with pytest.raises(InvalidSignature, match="run out"):
                adapter.parse_webhook(*amazon.notification("CHARGE", CHARGE, PERMISSION, certificate_url=old))
        assert len(amazon.calls_of("certificate")) == 1
        amazon.next("certificate", "drop", times=99)
        for _ in range(9):
            with pytest.raises(ProviderUnavailable):
                adapter.parse_webhook(*amazon.notification("CHARGE", CHARGE, PERMISSION))
        assert len(amazon.calls_of("certificate")) == certificates.LOOKS_A_MINUTE
        amazon.no_more_faults()
        clock.now += 60
        assert adapter.parse_webhook(*amazon.notification("CHARGE", CHARGE, PERMISSION)).payment_reference == CHARGE


def test_a_budget_fills_up_within_a_minute(clock):
    budget = Budget(3)
    assert [budget.take() for _ in range(4)] == [True, True, True, False]
    clock.now += 20
    assert [budget.take() for _ in range(2)] == [True, False]
    clock.now += 3600
    assert [budget.take() for _ in range(4)] == [True, True, True, False]
    budget.give_back()
    assert budget.take()
