"""The adapter of Google Pay, whose tokens Stripe takes. It translates and decides nothing.

A PaymentIntent is opened with the gift, and confirmed when the giver's token comes: https://docs.stripe.com/google-pay and
https://docs.stripe.com/payments/payment-intents/lifecycle
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from django.conf import settings

from providers.base import (
    Capability,
    Finding,
    OpenedCheckout,
    PayerActionRequired,
    Payment,
    PaymentRequest,
    PaymentState,
    PayPage,
    ProviderRefused,
    ProviderUnavailable,
    TokenRefused,
    WebhookEvent,
)
from providers.google import checks
from providers.google.page import BUTTON_SCRIPT, GooglePayPage, price
from providers.kit.calls import Reply
from providers.kit.deadline import at_most
from providers.kit.operations import OPERATION_SECONDS, check_request
from providers.kit.reading import Json, an_object, json_of, matching, text
from providers.kit.spec import is_test_environment
from providers.stripe import addresses, amounts, shares
from providers.stripe.client import API_VERSION, Form, StripeRefused
from providers.stripe.intents import IN_AN_INTENT, INTENT, PAYEES_ARE_ASKED_ABOUT, IntentPayments, intent_path
from providers.stripe.mapping import CONTRIBUTION
from providers.stripe.names import description
from providers.stripe.refusals import refusal_of
from providers.stripe.with_payees import Found

LONGEST_TOKEN = 8192
"""What Google gives to the page is a Token object of Stripe's in JSON, of about one KiB."""

_TOKEN = re.compile(r"tok_[A-Za-z0-9_]{1,250}")
_CARD = re.compile(r"pm_[A-Za-z0-9_]{1,250}")

MUST_PROVE = "requires_action"
"""The bank wants a word with the giver: 3-D Secure."""

PAID_OR_OVER = frozenset({"succeeded", "requires_capture", "processing", "canceled"})


class GoogleProvider(IntentPayments):
    """Google's button, and one Stripe account that takes its tokens. Meets PaidByToken and ClosesCheckouts. Thread-safe."""

    key = "google_stripe"
    return_token_argument = "payment_intent"  # noqa: S105 - a query argument's name
    capabilities = frozenset(
        {
            Capability.CLOSES_CHECKOUTS,
            Capability.PAID_ON_OUR_PAGE,
            Capability.PAID_BY_TOKEN,
            Capability.TAKES_PLATFORM_FEES,
            *PAYEES_ARE_ASKED_ABOUT,
        }
    )
    button_script = BUTTON_SCRIPT

    an_intent_alone_is_at = "open"
    """There is no page of Stripe's that could expire: the giver may pay until the PaymentIntent is cancelled."""

    def __init__(
        self,
        page: GooglePayPage,
        *,
        base: str,
        secret_key: str,
        publishable_key: str,
        webhook_secrets: Sequence[str],
        trust_roots_file: str = "",
        own_account: str = "",
    ) -> None:
        super().__init__(
            base=base,
            secret_key=secret_key,
            webhook_secrets=webhook_secrets,
            trust_roots_file=trust_roots_file,
            own_account=own_account,
        )
        self._page, self._publishable_key = page, publishable_key

    def check_setup(self) -> Iterable[Finding]:
        """What `manage.py check_provider` tells an operator."""
        return checks.check(self.client, is_test=is_test_environment(self))

    def check_amount(self, amount_minor: int, currency: str, *, payee: str = "") -> None:
        super().check_amount(amount_minor, currency, payee=payee)
        price(amount_minor, currency)

    # --- the button -------------------------------------------------------------------------------------------------

    def pay_page(self, request: PaymentRequest) -> PayPage:
        if not self._publishable_key:
            raise ProviderUnavailable("the service has no publishable key of Stripe's")
        tokenization = {
            "gateway": "stripe", "stripe:version": API_VERSION, "stripe:publishableKey": self._publishable_key,
        }  # fmt: skip
        return self._page.for_request(request, tokenization)

    def read_token(self, told: str) -> str:
        token = json_of(told.encode(errors="replace")) if len(told) <= LONGEST_TOKEN else None
        token_id = (token or {}).get("id")
        if not token or token.get("object") != "token" or not isinstance(token_id, str) or not _TOKEN.fullmatch(token_id):
            raise TokenRefused("What came from Google is no card that can be paid with.")
        return token_id

    # --- the giver's way --------------------------------------------------------------------------------------------

    def open_checkout(self, request: PaymentRequest, *, request_id: str) -> OpenedCheckout:
        """A PaymentIntent stays open until it is paid or cancelled: https://docs.stripe.com/payments/payment-intents/lifecycle"""
        check_request(self, request)
        form = _intent_form(request, own=self.is_own(request))
        with at_most(OPERATION_SECONDS):
            try:
                reply = self.client.call("create payment", "POST", "/v1/payment_intents", form, request_id=request_id)
            except StripeRefused as refusal:
                raise refusal_of(refusal) from refusal
        checkout_id = matching(INTENT, reply.data.get("id"))
        if not checkout_id:
            raise ProviderUnavailable("create payment: answered, but with no payment that a giver could make")
        _check_created(reply.data, request)
        url = f"{settings.PUBLIC_BASE_URL}/pay/{request.reference}"
        return OpenedCheckout(checkout_id, url, correlation_id=reply.correlation_id)

    def pay(self, request: PaymentRequest, token: str, *, request_id: str) -> Payment:
        """Two calls: the token becomes a card that only Stripe can see, and the PaymentIntent is confirmed with it."""
        if not _TOKEN.fullmatch(token):
            raise PayerActionRequired("instrument_declined", "this is no token of Stripe's")
        path = intent_path(request)
        with at_most(OPERATION_SECONDS):
            card = self._card_of(token, request_id)
            form = [("payment_method", card), ("return_url", request.return_url), *IN_AN_INTENT]
            try:
                reply = self.client.call("confirm", "POST", f"{path}/confirm", form, request_id=request_id)
            except StripeRefused as refusal:
                if refusal.http_status == 402 or refusal.param == "payment_method":
                    raise _declined(refusal) from refusal
                no = refusal_of(refusal)
                if isinstance(no, ProviderUnavailable):
                    raise no from refusal
                reply = self.intent(request)  # it may have been paid before, or be at the bank's
                if reply.data.get("status") not in {MUST_PROVE, *PAID_OR_OVER}:
                    raise no from refusal
            return self._paid(request, reply)

    def _card_of(self, token: str, request_id: str) -> str:
        """Stripe's id of the card behind the token, which is good for once."""
        form = [("type", "card"), ("card[token]", token)]
        try:
            reply = self.client.call("take token", "POST", "/v1/payment_methods", form, request_id=f"{request_id}-card")
        except StripeRefused as refusal:
            if refusal.http_status == 402 or "token" in refusal.param or refusal.code.startswith("token_"):
                raise _declined(refusal) from refusal
            raise refusal_of(refusal) from refusal
        card = text(reply.data.get("id"))
        if not _CARD.fullmatch(card):
            raise ProviderUnavailable("take token: answered, but with no card")
        return card

    def _paid(self, request: PaymentRequest, reply: Reply) -> Payment:
        """What the giver's token came to."""
        if reply.data.get("id") == request.checkout_id and reply.data.get("status") == MUST_PROVE:
            raise self._to_the_bank(reply)
        payment = self.told_or_looked_up(request, lambda: self.told_of(request.checkout_id, reply)).payment
        if payment.state is PaymentState.OPEN:
            raise ProviderUnavailable("confirm: Stripe speaks as if it were done, and yet nothing is paid")
        return payment

    def _to_the_bank(self, reply: Reply) -> ProviderRefused:
        """To the page where the giver proves who they are: Stripe's own, or nowhere."""
        url = text(an_object(an_object(reply.data.get("next_action")).get("redirect_to_url")).get("url"))
        if not url:
            return PayerActionRequired("not_approved", "Stripe does not say where", correlation_id=reply.correlation_id)
        if not addresses.is_givers_page(url, self.client.base):
            return ProviderRefused("unsafe_page", "the page is not Stripe's", correlation_id=reply.correlation_id)
        return PayerActionRequired("not_approved", "the bank wants a word", correlation_id=reply.correlation_id, url=url)

    def close(self, request: PaymentRequest, *, request_id: str) -> Payment:
        with at_most(OPERATION_SECONDS):
            payment = self.look(request).payment
            if payment.state is not PaymentState.OPEN:
                return payment
            form: Form = [("cancellation_reason", "abandoned"), *IN_AN_INTENT]
            try:
                reply = self.client.call("cancel", "POST", f"{intent_path(request)}/cancel", form, request_id=request_id)
            except StripeRefused as refusal:
                payment = self.look_after(refusal, request).payment
                if payment.state is PaymentState.OPEN:
                    raise refusal_of(refusal) from refusal
            else:
                payment = self.told_or_looked_up(request, lambda: self.told_of(request.checkout_id, reply)).payment
        if payment.state is PaymentState.OPEN:
            raise ProviderUnavailable("cancel: Stripe speaks as if it were done, and yet it is open")
        return payment

    # --- webhooks and questions --------------------------------------------------------------------------------------

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookEvent:
        """The PaymentIntent is the checkout, where the event does not name a session of Stripe's own."""
        event = super().parse_webhook(body, headers)
        return event if event.checkout_id else replace(event, checkout_id=event.payment_reference)

    def look(self, request: PaymentRequest) -> Found:
        return self.told_of(request.checkout_id, self.intent(request))

    def find(self, request: PaymentRequest) -> Payment:
        with at_most(OPERATION_SECONDS):
            return self.told_of(request.checkout_id, self.intent(request)).payment


def _check_created(intent: Json, request: PaymentRequest) -> None:
    """Raises ProviderUnavailable where the PaymentIntent is for another payment than was asked for."""
    units, currency = amounts.units_of(request.amount_minor, request.currency), request.currency.lower()
    intent_id = text(intent.get("id"))
    its_own = text(intent.get("client_secret") or intent_id).startswith(intent_id)  # which is how a secret begins
    same_amount = intent.get("amount", units) == units and intent.get("currency", currency) == currency
    metadata = an_object(intent.get("metadata")).get(CONTRIBUTION, request.reference)
    if not (its_own and same_amount and metadata == request.reference):
        raise ProviderUnavailable("create payment: answered with another payment")


def _intent_form(request: PaymentRequest, *, own: bool) -> list[tuple[str, str]]:
    """What is asked of Stripe: a payment by card, of which nothing can be taken before a token comes."""
    return [
        ("amount", str(amounts.units_of(request.amount_minor, request.currency))),
        ("currency", request.currency.lower()),
        ("allowed_payment_method_types[0]", "card"),
        ("capture_method", "automatic" if request.capture_at_once else "manual"),
        ("description", description(request.description)),
        *shares.of_a_new_payment(request, own=own),
        (f"metadata[{CONTRIBUTION}]", request.reference),
    ]


def _declined(refusal: StripeRefused) -> PayerActionRequired:
    """Not with this card; perhaps with another."""
    return PayerActionRequired("instrument_declined", str(refusal), correlation_id=refusal.correlation_id)
