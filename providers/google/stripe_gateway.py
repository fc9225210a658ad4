"""Google Pay's tokens over Stripe: a PaymentIntent that is opened with the gift, and confirmed when the giver's token comes.

https://docs.stripe.com/google-pay and https://docs.stripe.com/payments/payment-intents/lifecycle
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from django.conf import settings

from providers import wire
from providers.base import (
    Finding,
    OpenedCheckout,
    PayerActionRequired,
    Payment,
    PaymentRequest,
    PaymentState,
    ProviderRefused,
    ProviderUnavailable,
    TokenRefused,
    WebhookEvent,
)
from providers.calls import an_object, json_of, text
from providers.google import checks
from providers.stripe import addresses, amounts
from providers.stripe.client import API_VERSION, Form, Said, StripeRefused
from providers.stripe.intents import (
    IN_AN_INTENT,
    INTENT,
    OPERATION_SECONDS,
    IntentPayments,
    Seen,
    name_of,
    refusal_of,
)
from providers.stripe.mapping import CONTRIBUTION

LONGEST_TOLD = 8192
"""What Google gives to the page is a Token object of Stripe's in JSON, of about one KiB."""

_TOKEN = re.compile(r"tok_[A-Za-z0-9_]{1,250}")
_CARD = re.compile(r"pm_[A-Za-z0-9_]{1,250}")

MUST_PROVE = "requires_action"
"""The bank wants a word with the giver: 3-D Secure."""

PAID_OR_OVER = frozenset({"succeeded", "requires_capture", "processing", "canceled"})


class StripeGateway(IntentPayments):
    """One Stripe account that takes Google's tokens. Meets providers.google.gateway.Gateway. Thread-safe."""

    key = "google_stripe"
    return_token_argument = "payment_intent"  # noqa: S105 - a query argument's name

    an_intent_alone_is_at = "open"
    """There is no page of Stripe's that could expire: the giver may pay until the PaymentIntent is cancelled."""

    def __init__(
        self,
        *,
        base: str,
        secret_key: str,
        publishable_key: str,
        webhook_secrets: Sequence[str],
        trust_roots_file: str = "",
    ) -> None:
        super().__init__(base=base, secret_key=secret_key, webhook_secrets=webhook_secrets, trust_roots_file=trust_roots_file)
        self._publishable_key = publishable_key

    def check_setup(self) -> Iterable[Finding]:
        """What `manage.py check_provider` tells an operator."""
        return checks.check(self.client)

    def tokenization(self) -> Mapping[str, str]:
        if not self._publishable_key:
            raise ProviderUnavailable("the service has no publishable key of Stripe's")
        return {"gateway": "stripe", "stripe:version": API_VERSION, "stripe:publishableKey": self._publishable_key}

    def read_token(self, told: str) -> str:
        token = json_of(told.encode(errors="replace")) if len(told) <= LONGEST_TOLD else None
        token_id = (token or {}).get("id")
        if not token or token.get("object") != "token" or not isinstance(token_id, str) or not _TOKEN.fullmatch(token_id):
            raise TokenRefused("What came from Google is no card that can be paid with.")
        return token_id

    # --- the giver's way --------------------------------------------------------------------------------------------

    def open_checkout(self, order: PaymentRequest, *, request_id: str) -> OpenedCheckout:
        self.check_order(order)
        with wire.at_most(OPERATION_SECONDS):
            try:
                said = self.client.call(
                    "create payment", "POST", "/v1/payment_intents", _intent_form(order), request_id=request_id
                )
            except StripeRefused as refusal:
                raise refusal_of(refusal) from refusal
        checkout_id, metadata = said.data.get("id"), an_object(said.data.get("metadata"))
        if not isinstance(checkout_id, str) or not INTENT.fullmatch(checkout_id):
            raise ProviderUnavailable("create payment: answered, but with no payment that a giver could make")
        its_own = text(said.data.get("client_secret") or checkout_id).startswith(checkout_id)  # which is how a secret begins
        if not its_own or metadata.get(CONTRIBUTION, order.reference) != order.reference:
            raise ProviderUnavailable("create payment: answered with another payment")
        return OpenedCheckout(checkout_id, f"{settings.PUBLIC_BASE_URL}/pay/{order.reference}", correlation_id=said.request_id)

    def pay(self, order: PaymentRequest, token: str, *, request_id: str) -> Payment:
        """Two calls: the token becomes a card that only Stripe can see, and the PaymentIntent is confirmed with it."""
        if not _TOKEN.fullmatch(token):
            raise PayerActionRequired("instrument_declined", "this is no token of Stripe's")
        path = self._path_of(order)
        with wire.at_most(OPERATION_SECONDS):
            card = self._card_of(token, request_id)
            form = [("payment_method", card), ("return_url", order.return_url), *IN_AN_INTENT]
            try:
                said = self.client.call("confirm", "POST", f"{path}/confirm", form, request_id=request_id)
            except StripeRefused as refusal:
                if refusal.http_status == 402 or refusal.param == "payment_method":
                    raise _declined(refusal) from refusal
                no = refusal_of(refusal)
                if isinstance(no, ProviderUnavailable):
                    raise no from refusal
                said = self._intent(order)  # it may have been paid before, or be at the bank's
                if said.data.get("status") not in {MUST_PROVE, *PAID_OR_OVER}:
                    raise no from refusal
            return self._paid(order, said)

    def _card_of(self, token: str, request_id: str) -> str:
        """Stripe's id of the card behind the token, which is good for once."""
        form = [("type", "card"), ("card[token]", token)]
        try:
            said = self.client.call("take token", "POST", "/v1/payment_methods", form, request_id=f"{request_id}-card")
        except StripeRefused as refusal:
            if refusal.http_status == 402 or "token" in refusal.param or refusal.code.startswith("token_"):
                raise _declined(refusal) from refusal
            raise refusal_of(refusal) from refusal
        card = text(said.data.get("id"))
        if not _CARD.fullmatch(card):
            raise ProviderUnavailable("take token: answered, but with no card")
        return card

    def _paid(self, order: PaymentRequest, said: Said) -> Payment:
        """What the giver's token came to."""
        if said.data.get("id") == order.checkout_id and said.data.get("status") == MUST_PROVE:
            raise self._to_the_bank(said)
        payment = self.told_or_looked_up(order, lambda: self.told_of(order.checkout_id, said)).payment
        if payment.state is PaymentState.OPEN:
            raise ProviderUnavailable("confirm: Stripe speaks as if it were done, and yet nothing is paid")
        return payment

    def _to_the_bank(self, said: Said) -> ProviderRefused:
        """To the page where the giver proves who they are: Stripe's own, or nowhere."""
        url = text(an_object(an_object(said.data.get("next_action")).get("redirect_to_url")).get("url"))
        if not url:
            return PayerActionRequired("not_approved", "Stripe does not say where", correlation_id=said.request_id)
        if not addresses.is_givers_page(url, self.client.base):
            return ProviderRefused("unsafe_page", "the page is not Stripe's", correlation_id=said.request_id)
        return PayerActionRequired("not_approved", "the bank wants a word", correlation_id=said.request_id, url=url)

    def close(self, order: PaymentRequest, *, request_id: str) -> Payment:
        with wire.at_most(OPERATION_SECONDS):
            payment = self.look(order).payment
            if payment.state is not PaymentState.OPEN:
                return payment
            form: Form = [("cancellation_reason", "abandoned"), *IN_AN_INTENT]
            try:
                said = self.client.call("cancel", "POST", f"{self._path_of(order)}/cancel", form, request_id=request_id)
            except StripeRefused as refusal:
                payment = self.look_after(refusal, order).payment
                if payment.state is PaymentState.OPEN:
                    raise refusal_of(refusal) from refusal
            else:
                payment = self.told_or_looked_up(order, lambda: self.told_of(order.checkout_id, said)).payment
        if payment.state is PaymentState.OPEN:
            raise ProviderUnavailable("cancel: Stripe speaks as if it were done, and yet it is open")
        return payment

    # --- reports and questions --------------------------------------------------------------------------------------

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookEvent:
        """The PaymentIntent is the checkout, where the report does not name a session of Stripe's own."""
        report = super().parse_webhook(body, headers)
        return report if report.checkout_id else replace(report, checkout_id=report.payment_reference)

    def look(self, order: PaymentRequest) -> Seen:
        return self.told_of(order.checkout_id, self._intent(order))

    def _intent(self, order: PaymentRequest) -> Said:
        try:
            return self.client.call("get payment", "GET", self._path_of(order), IN_AN_INTENT)
        except StripeRefused as refusal:
            if refusal.http_status == 404:
                raise ProviderRefused("unknown_checkout", str(refusal), correlation_id=refusal.request_id) from refusal
            raise ProviderUnavailable(f"get payment: {refusal}") from refusal

    @staticmethod
    def _path_of(order: PaymentRequest) -> str:
        if not INTENT.fullmatch(order.checkout_id):
            raise ProviderRefused("unknown_checkout", "this is no payment of Stripe's")
        return f"/v1/payment_intents/{order.checkout_id}"


def _intent_form(order: PaymentRequest) -> list[tuple[str, str]]:
    """What is asked of Stripe: a payment by card, of which nothing can be taken before a token comes."""
    return [
        ("amount", str(amounts.units_of(order.amount_minor, order.currency))),
        ("currency", order.currency.lower()),
        ("allowed_payment_method_types[0]", "card"),
        ("capture_method", "automatic" if order.capture_at_once else "manual"),
        ("description", name_of(order.description)),
        ("transfer_data[destination]", order.payee),
        (f"metadata[{CONTRIBUTION}]", order.reference),
    ]


def _declined(refusal: StripeRefused) -> PayerActionRequired:
    """Not with this card; perhaps with another."""
    return PayerActionRequired("instrument_declined", str(refusal), correlation_id=refusal.request_id)
