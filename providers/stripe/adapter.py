"""The adapter in front of Stripe: Checkout Sessions, and the PaymentIntents in them. It translates and decides nothing."""

from collections.abc import Iterable
from dataclasses import replace

from providers.base import (
    Capability,
    Finding,
    OpenedCheckout,
    Payment,
    PaymentRequest,
    PaymentState,
    ProviderRefused,
    ProviderUnavailable,
)
from providers.kit.calls import Reply
from providers.kit.deadline import at_most
from providers.kit.operations import OPERATION_SECONDS, check_request
from providers.kit.reading import Json, an_object, matching, text, time_of_epoch
from providers.kit.refusals import lookup_error_of
from providers.kit.spec import is_test_environment
from providers.stripe import addresses, amounts, checks, shares
from providers.stripe.client import StripeRefused
from providers.stripe.intents import INTENT, OF_A_CHARGE, PAYEES_ARE_ASKED_ABOUT
from providers.stripe.locales import locale
from providers.stripe.mapping import CONTRIBUTION, PAYEE, intent_of
from providers.stripe.names import description
from providers.stripe.permissions import SESSION, SavesCards
from providers.stripe.refusals import refusal_of
from providers.stripe.with_payees import Found

_IN_A_SESSION = [("expand[]", f"payment_intent.latest_charge.{name}") for name in OF_A_CHARGE]


class StripeProvider(SavesCards):
    """One Stripe account and those connected to it. Meets providers.base.Provider and ClosesCheckouts. Thread-safe."""

    key = "stripe"
    return_token_argument = "session_id"  # noqa: S105 - a query argument's name
    capabilities = frozenset(
        {
            Capability.CLOSES_CHECKOUTS,
            Capability.APPROVAL_TAKES_MONEY,
            Capability.TAKES_PLATFORM_FEES,
            Capability.KEEPS_PERMISSIONS,
            *PAYEES_ARE_ASKED_ABOUT,
        }
    )

    def check_setup(self) -> Iterable[Finding]:
        """What `manage.py check_provider` tells an operator."""
        return checks.check(self.client, is_test=is_test_environment(self))

    # --- the giver's way --------------------------------------------------------------------------------------------

    def open_checkout(self, request: PaymentRequest, *, request_id: str) -> OpenedCheckout:
        check_request(self, request)
        form = _session_form(request, request_id, own=self.is_own(request))
        with at_most(OPERATION_SECONDS):
            try:
                reply = self.client.call("create session", "POST", "/v1/checkout/sessions", form, request_id=request_id)
            except StripeRefused as refusal:
                raise refusal_of(refusal) from refusal
        checkout_id, url = matching(SESSION, reply.data.get("id")), text(reply.data.get("url"))
        if not checkout_id or not url:
            raise ProviderUnavailable("create session: answered, but with no session that a giver could pay in")
        if not {*SESSION.findall(url)} <= {checkout_id}:
            raise ProviderUnavailable("create session: answered with the page of another session")
        _check_created(reply.data, request)
        if not addresses.is_givers_page(url, self.client.base):
            raise ProviderRefused("unsafe_page", "the page is not Stripe's", correlation_id=reply.correlation_id)
        expires_at = time_of_epoch(reply.data.get("expires_at"))
        return OpenedCheckout(checkout_id, url, correlation_id=reply.correlation_id, expires_at=expires_at)

    def close(self, request: PaymentRequest, *, request_id: str) -> Payment:
        if INTENT.fullmatch(request.checkout_id):
            return self.find(request)  # paid under a permission: nobody could pay in it later
        path = f"{_session_path(request)}/expire"
        with at_most(OPERATION_SECONDS):
            try:
                reply = self.client.call("expire session", "POST", path, _IN_A_SESSION, request_id=request_id)
            except StripeRefused as refusal:
                payment = self.look_after(refusal, request).payment
                if payment.state is PaymentState.OPEN:
                    raise refusal_of(refusal) from refusal
            else:
                payment = self.told_or_looked_up(request, lambda: self._understood(request, reply)).payment
        if payment.state is PaymentState.OPEN:
            raise ProviderUnavailable("expire session: Stripe speaks as if it were done, and yet it is open")
        unpaid = payment.state in {PaymentState.DECLINED, PaymentState.LAPSED}  # as Stripe tells of a session that is closed
        return replace(payment, state=PaymentState.VOIDED) if unpaid else payment

    # --- questions --------------------------------------------------------------------------------------------------

    def look(self, request: PaymentRequest) -> Found:
        if INTENT.fullmatch(request.checkout_id):
            return self.told_of(request.checkout_id, self.intent(request))
        try:
            reply = self.client.call("get session", "GET", _session_path(request), _IN_A_SESSION)
        except StripeRefused as refusal:
            raise lookup_error_of(refusal, "get session") from refusal
        return self._understood(request, reply)

    def _understood(self, request: PaymentRequest, reply: Reply) -> Found:
        session = reply.data
        if session.get("id") != request.checkout_id:
            raise ProviderUnavailable("answered with another session")
        return self.seen(session, intent_of(session), reply.correlation_id, at=text(session.get("status")))


def _session_path(request: PaymentRequest) -> str:
    """Raises ProviderRefused where the checkout's id is none of Stripe's."""
    if not SESSION.fullmatch(request.checkout_id):
        raise ProviderRefused("unknown_checkout", "this is no session of Stripe's")
    return f"/v1/checkout/sessions/{request.checkout_id}"


def _check_created(session: Json, request: PaymentRequest) -> None:
    """Raises ProviderUnavailable where the session is for another payment than was asked for."""
    units, currency = amounts.units_of(request.amount_minor, request.currency), request.currency.lower()
    asked = {"client_reference_id": request.reference, "amount_total": units, "currency": currency}
    metadata = an_object(session.get("metadata")).get(CONTRIBUTION, request.reference)
    if any(session.get(name, value) != value for name, value in asked.items()) or metadata != request.reference:
        raise ProviderUnavailable("create session: answered with the session of another payment")


def _session_form(request: PaymentRequest, request_id: str, *, own: bool) -> list[tuple[str, str]]:
    """What is asked of Stripe. No expires_at: it would differ when the same request is sent again, and is a day anyway."""
    # Literally so in the form: Stripe puts the session's id in place of the braces. A cancel link has no such place.
    success_url = f"{request.return_url}?session_id={{CHECKOUT_SESSION_ID}}"
    return [
        ("mode", "payment"),
        ("client_reference_id", request.reference),
        ("success_url", success_url),
        ("cancel_url", f"{request.cancel_url}?session_id={request_id}"),
        ("line_items[0][quantity]", "1"),
        ("line_items[0][price_data][currency]", request.currency.lower()),
        ("line_items[0][price_data][unit_amount]", str(amounts.units_of(request.amount_minor, request.currency))),
        ("line_items[0][price_data][product_data][name]", description(request.description)),
        *([("locale", told)] if (told := locale(request.language)) else []),
        ("adaptive_pricing[enabled]", "false"),
        (f"metadata[{CONTRIBUTION}]", request.reference),
        (f"metadata[{PAYEE}]", request.payee),
        ("payment_intent_data[capture_method]", "automatic" if request.capture_at_once else "manual"),
        *shares.within("payment_intent_data", shares.of_a_new_payment(request, own=own)),
        ("payment_intent_data[description]", description(request.description)),
        (f"payment_intent_data[metadata][{CONTRIBUTION}]", request.reference),
    ]
