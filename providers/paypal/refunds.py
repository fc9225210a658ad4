"""Giving back what was taken at PayPal: https://developer.paypal.com/docs/api/payments/v2/#captures_refund"""

from abc import ABC, abstractmethod

from providers.base import Payment, PaymentRequest, ProviderRefund, ProviderRefused, ProviderUnavailable
from providers.kit.deadline import at_most
from providers.kit.operations import OPERATION_SECONDS, check_refund_amount, refund_in_payment
from providers.kit.reading import Json
from providers.kit.refusals import Then
from providers.paypal.client import PayPalClient, PayPalRefused
from providers.paypal.mapping import link_of, refund_of
from providers.paypal.orders import PAYMENT_ID, Orders
from providers.paypal.refusals import REFUND_REFUSALS
from providers.paypal.requests import assertion_for, fees, money


class GivesBack(ABC):
    """The refunds of providers.base.Provider. Thread-safe."""

    client: PayPalClient
    orders: Orders

    @abstractmethod
    def in_its_order(self, request: PaymentRequest) -> Payment:
        """The payment, with every refund of it."""

    def refund(self, request: PaymentRequest, *, amount_minor: int, reference: str, request_id: str) -> ProviderRefund:
        check_refund_amount(amount_minor)
        amount, names = money(amount_minor, request.currency), {"custom_id": reference, "invoice_id": reference}
        fee_back = fees(request.platform_fee_back_minor, request.currency)
        body = {"amount": amount, **names, **fee_back}  # invariant: paypal-refunds-carry-our-reference
        with at_most(OPERATION_SECONDS):
            capture_id = request.payment_reference or self.orders.capture_id(request)
            if not PAYMENT_ID.fullmatch(capture_id):
                raise ProviderRefused("cannot_refund", "nothing was taken that could be given back")
            try:
                return self._refund_of(capture_id, request, body, request_id)
            except PayPalRefused as refusal:
                no = REFUND_REFUSALS.error_of(refusal)
                if REFUND_REFUSALS.meaning(refusal).then is Then.LATER:
                    raise no from refusal
                if made := self._made_before(request, reference):
                    return made
                # What is held may be captured in several parts: https://developer.paypal.com/docs/api/payments/v2/ (2026-11)
                another = "" if request.capture_at_once else self.orders.capture_with(request, amount_minor, besides=capture_id)
                if not another:
                    raise no from refusal
            return self._refund_of_another(another, request, body, request_id)

    def _refund_of(self, capture_id: str, request: PaymentRequest, body: Json, request_id: str) -> ProviderRefund:
        """Raises PayPalRefused."""
        reply = self.client.call(
            "refund",
            "POST",
            f"/v2/payments/captures/{capture_id}/refund",
            body=body,
            request_id=request_id,
            auth_assertion=assertion_for(self.client.client_id, request.payee),
        )
        if "amount" in reply.data and "status" in reply.data:
            return refund_of(reply.data, request, correlation_id=reply.correlation_id)
        return self.find_refund(request, str(reply.data.get("id", "")))

    def _refund_of_another(self, capture_id: str, request: PaymentRequest, body: Json, request_id: str) -> ProviderRefund:
        """Its invoice id is good for one refund only, of whatever capture: a second one is refused."""
        try:
            return self._refund_of(capture_id, request, body, request_id)
        except PayPalRefused as refusal:
            if made := self._made_before(request, str(body["invoice_id"])):
                return made
            raise REFUND_REFUSALS.error_of(refusal) from refusal

    def _made_before(self, request: PaymentRequest, reference: str) -> ProviderRefund | None:
        """The refund of ours where it is there in spite of a refusal: PayPal forgets request ids, and refuses what is done."""
        made = [refund for refund in self.in_its_order(request).refunds if refund.reference == reference]
        return made[0] if made else None

    def find_refund(self, request: PaymentRequest, provider_reference: str) -> ProviderRefund:
        if not PAYMENT_ID.fullmatch(provider_reference):
            raise ProviderRefused("unknown_refund", "this is no refund of PayPal's")
        with at_most(OPERATION_SECONDS):
            try:
                reply = self.client.call("get refund", "GET", f"/v2/payments/refunds/{provider_reference}")
            except PayPalRefused as refusal:
                return refund_in_payment(refusal, self.in_its_order, request, provider_reference)
        of = link_of(reply.data, "up").rpartition("/")[2]
        if of and request.payment_reference and of != request.payment_reference and not self._has_captured(request, of):
            raise ProviderUnavailable("get refund: it is a refund of another payment")
        return refund_of(reply.data, request, correlation_id=reply.correlation_id)

    def _has_captured(self, request: PaymentRequest, capture_id: str) -> bool:
        """Whether that is another capture of the same payment."""
        return not request.capture_at_once and self.orders.has_captured(request, capture_id)
