"""The simulator is a provider like any other."""

import json

import pytest
from django.db.models import Sum

from ids import new_id
from providers.base import PaymentRequest, Provider, ProviderRefused
from providers.sandbox.adapter import SandboxProvider
from providers.sandbox.models import SandboxRefund, SandboxRequest
from providers.sandbox.webhooks import sign_webhook
from tests.conftest import Giver
from tests.providers.contract import ProviderContract, refused_with_a_reason

pytestmark = pytest.mark.django_db


class TestTheSimulator(ProviderContract):
    bad_credentials = ("", "x" * 256)
    currencies = (("USD", 2000), ("JPY", 2000), ("KWD", 2001), ("CLF", 20001), ("EUR", 999_999_999_999_99))

    @pytest.fixture
    def adapter(self) -> Provider:
        return SandboxProvider()

    def giver_approves(self, order: PaymentRequest) -> None:
        Giver().choose(f"/sandbox/checkout/{order.checkout_id}", "approve")

    def giver_declines(self, order: PaymentRequest) -> None:
        Giver().choose(f"/sandbox/checkout/{order.checkout_id}", "decline")

    def captures_in_its_books(self, order: PaymentRequest) -> int:
        return SandboxRequest.objects.filter(checkout__checkout_id=order.checkout_id, operation="capture").count()

    def given_back_in_its_books(self, order: PaymentRequest) -> int:
        made = SandboxRefund.objects.filter(checkout__checkout_id=order.checkout_id)
        return made.aggregate(sum=Sum("amount_minor"))["sum"] or 0

    def signed_report(self, order: PaymentRequest) -> tuple[bytes, dict[str, str]]:
        body = json.dumps({"id": new_id(), "checkout_id": order.checkout_id, "what": "approve"}).encode()
        return body, {"Content-Type": "application/json", "Sandbox-Signature": sign_webhook(body)}

    # --- of the simulator alone -------------------------------------------------------------------------------------

    def test_a_request_id_that_stood_for_something_else_is_refused(self, adapter):
        order, other = self.approved(adapter), self.approved(adapter)
        adapter.capture(order, request_id="capture-1")
        adapter.refund(order, amount_minor=1, reference="r", request_id="refund-1")
        adapter.open_checkout(order, request_id="open-1")
        for ask in (
            lambda: adapter.capture(other, request_id="capture-1"),
            lambda: adapter.void(order, request_id="capture-1"),
            lambda: adapter.refund(order, amount_minor=2, reference="r", request_id="refund-1"),
            lambda: adapter.open_checkout(other, request_id="open-1"),
        ):
            with pytest.raises(ProviderRefused) as refused:
                ask()
            assert refused.value.reason == "request_id_reused"
        assert (self.captures_in_its_books(other), self.given_back_in_its_books(order)) == (0, 1)

    def test_a_refund_of_another_payment_is_not_found(self, adapter):
        order, other = self.taken(adapter), self.taken(adapter)
        made = adapter.refund(other, amount_minor=1, reference="r", request_id="refund-1")
        refused_with_a_reason(lambda: adapter.find_refund(order, made.provider_reference))

    def test_nothing_cannot_be_given_back(self, adapter):
        order = self.taken(adapter)
        for amount_minor in (0, -1):
            with pytest.raises(ProviderRefused) as refused:
                adapter.refund(order, amount_minor=amount_minor, reference="r", request_id=f"refund{amount_minor}")
            assert refused.value.reason == "refund_amount_invalid"

    def test_a_refusal_can_be_looked_up_at_the_provider(self, adapter):
        with pytest.raises(ProviderRefused) as refused:
            adapter.void(self.opened(adapter), request_id="void-1")
        assert refused.value.correlation_id.startswith("sim-")
