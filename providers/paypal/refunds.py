"""Giving back what was taken at PayPal: https://developer.paypal.com/docs/api/payments/v2/#captures_refund"""

from abc import ABC, abstractmethod

from providers.base import Payment, PaymentRequest, ProviderRefund, ProviderRefused, ProviderUnavailable
from providers.kit.deadline import at_most
from providers.kit.operations import OPERATION_SECONDS, check_refund_amount, refund_in_payment
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
                reply = self.client.call(
                    "refund",
                    "POST",
                    f"/v2/payments/captures/{capture_id}/refund",
                    body=body,
                    request_id=request_id,
                    auth_assertion=assertion_for(self.client.client_id, request.payee),
                )
            except PayPalRefused as refusal:
                return self._made_before(refusal, request, reference)
            if "amount" in reply.data and "status" in reply.data:
                return refund_of(reply.data, request, correlation_id=reply.correlation_id)
            return self.find_refund(request, str(reply.data.get("id", "")))

    def _made_before(self, refusal: PayPalRefused, request: PaymentRequest, reference: str) -> ProviderRefund:
        """The refund of ours where it is there in spite of the refusal: PayPal forgets request ids, and refuses what is done.

        Raises ProviderRefused where the payment's refunds do not have it: then it was not made.
        """
        no = REFUND_REFUSALS.error_of(refusal)
        if REFUND_REFUSALS.meaning(refusal).then is not Then.LATER:
            made = [refund for refund in self.in_its_order(request).refunds if refund.reference == reference]
            if made:
                return made[0]
        raise no from refusal

    def find_refund(self, request: PaymentRequest, provider_reference: str) -> ProviderRefund:
        if not PAYMENT_ID.fullmatch(provider_reference):
            raise ProviderRefused("unknown_refund", "this is no refund of PayPal's")
        with at_most(OPERATION_SECONDS):
            try:
                reply = self.client.call("get refund", "GET", f"/v2/payments/refunds/{provider_reference}")
            except PayPalRefused as refusal:
                return refund_in_payment(refusal, self.in_its_order, request, provider_reference)
        of = link_of(reply.data, "up").rpartition("/")[2]
        if of and request.payment_reference and of != request.payment_reference:
            raise ProviderUnavailable("get refund: it is a refund of another payment")
        return refund_of(reply.data, request, correlation_id=reply.correlation_id)
