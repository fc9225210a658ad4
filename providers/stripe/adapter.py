"""The adapter in front of Stripe: OpenedCheckout sessions, and the PaymentIntents in them. It translates and decides nothing."""

import re
from collections.abc import Iterable
from dataclasses import replace

from providers import wire
from providers.base import Finding, OpenedCheckout, Payment, PaymentRequest, PaymentState, ProviderRefused, ProviderUnavailable
from providers.calls import text
from providers.stripe import addresses, amounts, checks
from providers.stripe.client import Said, StripeRefused
from providers.stripe.intents import OF_A_CHARGE, OPERATION_SECONDS, IntentPayments, Seen, name_of, refusal_of
from providers.stripe.mapping import CONTRIBUTION, PAYEE, intent_of

_SESSION = re.compile(r"cs_(?:test|live)_[A-Za-z0-9]{1,240}")
_IN_A_SESSION = [("expand[]", f"payment_intent.latest_charge.{name}") for name in OF_A_CHARGE]


class StripeProvider(IntentPayments):
    """One Stripe account and those connected to it. Meets providers.base.Provider and ClosesCheckouts. Thread-safe."""

    key = "stripe"
    return_token_argument = "session_id"  # noqa: S105 - a query argument's name

    def check_setup(self) -> Iterable[Finding]:
        """What `manage.py check_provider` tells an operator."""
        return checks.check(self.client)

    # --- the giver's way --------------------------------------------------------------------------------------------

    def open_checkout(self, order: PaymentRequest, *, request_id: str) -> OpenedCheckout:
        self.check_order(order)
        with wire.at_most(OPERATION_SECONDS):
            try:
                said = self.client.call(
                    "create session", "POST", "/v1/checkout/sessions", _session_form(order, request_id), request_id=request_id
                )
            except StripeRefused as refusal:
                raise refusal_of(refusal) from refusal
        checkout_id, url = said.data.get("id"), said.data.get("url")
        if not isinstance(checkout_id, str) or not _SESSION.fullmatch(checkout_id) or not isinstance(url, str):
            raise ProviderUnavailable("create session: answered, but with no session that a giver could pay in")
        if (
            not {*_SESSION.findall(url)} <= {checkout_id}
            or said.data.get("client_reference_id", order.reference) != order.reference
        ):
            raise ProviderUnavailable("create session: answered with another session")
        if not addresses.is_givers_page(url, self.client.base):
            raise ProviderRefused("unsafe_page", "the page is not Stripe's", correlation_id=said.request_id)
        return OpenedCheckout(checkout_id, url, correlation_id=said.request_id)

    def close(self, order: PaymentRequest, *, request_id: str) -> Payment:
        if not _SESSION.fullmatch(order.checkout_id):
            raise ProviderRefused("unknown_checkout", "this is no session of Stripe's")
        path = f"/v1/checkout/sessions/{order.checkout_id}/expire"
        with wire.at_most(OPERATION_SECONDS):
            try:
                said = self.client.call("expire session", "POST", path, _IN_A_SESSION, request_id=request_id)
            except StripeRefused as refusal:
                payment = self.look_after(refusal, order).payment
                if payment.state is PaymentState.OPEN:
                    raise refusal_of(refusal) from refusal
            else:
                payment = self.told_or_looked_up(order, lambda: self._understood(order, said)).payment
        if payment.state is PaymentState.OPEN:
            raise ProviderUnavailable("expire session: Stripe speaks as if it were done, and yet it is open")
        return replace(payment, state=PaymentState.VOIDED) if payment.state is PaymentState.DECLINED else payment

    # --- questions --------------------------------------------------------------------------------------------------

    def look(self, order: PaymentRequest) -> Seen:
        if not _SESSION.fullmatch(order.checkout_id):
            raise ProviderRefused("unknown_checkout", "this is no session of Stripe's")
        try:
            said = self.client.call("get session", "GET", f"/v1/checkout/sessions/{order.checkout_id}", _IN_A_SESSION)
        except StripeRefused as refusal:
            if refusal.http_status == 404:
                raise ProviderRefused("unknown_checkout", str(refusal), correlation_id=refusal.request_id) from refusal
            raise ProviderUnavailable(f"get session: {refusal}") from refusal
        return self._understood(order, said)

    def _understood(self, order: PaymentRequest, said: Said) -> Seen:
        session = said.data
        if session.get("id") != order.checkout_id:
            raise ProviderUnavailable("answered with another session")
        return self.seen(session, intent_of(session), said.request_id, at=text(session.get("status")))


def _session_form(order: PaymentRequest, request_id: str) -> list[tuple[str, str]]:
    """What is asked of Stripe. No expires_at: it would differ when the same request is sent again, and is a day anyway."""
    # Literally so in the form: Stripe puts the session's id in place of the braces. A cancel link has no such place.
    success_url = f"{order.return_url}?session_id={{CHECKOUT_SESSION_ID}}"
    return [
        ("mode", "payment"),
        ("client_reference_id", order.reference),
        ("success_url", success_url),
        ("cancel_url", f"{order.cancel_url}?session_id={request_id}"),
        ("line_items[0][quantity]", "1"),
        ("line_items[0][price_data][currency]", order.currency.lower()),
        ("line_items[0][price_data][unit_amount]", str(amounts.units_of(order.amount_minor, order.currency))),
        ("line_items[0][price_data][product_data][name]", name_of(order.description)),
        ("adaptive_pricing[enabled]", "false"),
        (f"metadata[{CONTRIBUTION}]", order.reference),
        (f"metadata[{PAYEE}]", order.payee),
        ("payment_intent_data[capture_method]", "automatic" if order.capture_at_once else "manual"),
        ("payment_intent_data[transfer_data][destination]", order.payee),
        (f"payment_intent_data[metadata][{CONTRIBUTION}]", order.reference),
    ]
