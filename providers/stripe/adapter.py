"""The adapter in front of Stripe: Checkout sessions, PaymentIntents and refunds. It translates and decides nothing.

The giver pays at Stripe's page, so there is nothing left to approve: what is to be taken is taken there, what is to be held
is held there. The payee is an account connected to ours (a destination charge).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from providers import wire
from providers.base import (
    AmountRefused,
    Checkout,
    CredentialsRefused,
    Finding,
    GiverMustAct,
    Order,
    Payment,
    PaymentState,
    ProviderRefund,
    ProviderRefused,
    ProviderUnavailable,
    Report,
)
from providers.calls import objects
from providers.stripe import addresses, amounts, checks, webhooks
from providers.stripe.client import Said, StripeClient, StripeRefused
from providers.stripe.mapping import (
    CONTRIBUTION,
    PAYEE,
    REFUND,
    Then,
    Words,
    has_more_refunds,
    intent_of,
    is_disputed,
    meaning_of,
    payment_of,
    refund_of,
)

OPERATION_SECONDS = 25.0
"""All calls of one operation together: twice this and a database's patience fit into the lease of a follow-up."""

LONGEST_NAME = 250
MOST_PAGES = 20
"""A payment that was given back in more than this many hundred parts is not understood."""

_ACCOUNT = re.compile(r"acct_[A-Za-z0-9]{1,250}")
_SESSION = re.compile(r"cs_(?:test|live)_[A-Za-z0-9]{1,240}")
_INTENT = re.compile(r"pi_[A-Za-z0-9]{1,250}")
_REFUND = re.compile(r"(?:re|pyr)_[A-Za-z0-9]{1,250}")

_OF_A_CHARGE = ("balance_transaction", "transfer", "refunds")
_IN_A_SESSION = [("expand[]", f"payment_intent.latest_charge.{name}") for name in _OF_A_CHARGE]
_IN_AN_INTENT = [("expand[]", f"latest_charge.{name}") for name in _OF_A_CHARGE]

TAKEN = frozenset({PaymentState.CAPTURED, PaymentState.PENDING, PaymentState.REVERSED})
HELD = frozenset({PaymentState.AUTHORIZED, *TAKEN})


@dataclass(frozen=True)
class _Seen:
    """A payment, and where it stands at Stripe's."""

    payment: Payment
    intent_id: str


class StripeProvider:
    """One Stripe account and those connected to it. Meets providers.base.Provider and ClosesCheckouts. Thread-safe."""

    key = "stripe"
    return_token_argument = "session_id"  # noqa: S105 - a query argument's name

    def __init__(self, *, base: str, secret_key: str, webhook_secrets: Sequence[str], trust_roots_file: str = "") -> None:
        self.client = StripeClient(base, secret_key, trust_roots_file=trust_roots_file)
        self._webhook_secrets = tuple(webhook_secrets)

    def check_setup(self) -> Iterable[Finding]:
        """What `manage.py check_provider` tells an operator."""
        return checks.check(self.client)

    # --- on the way in ----------------------------------------------------------------------------------------------

    def check_credentials(self, credentials: str) -> None:
        if not _ACCOUNT.fullmatch(credentials):
            raise CredentialsRefused(
                "must be the id of the payee's Stripe account, connected to that of this service: acct_ and letters and digits"
            )

    def check_currency(self, currency: str) -> None:
        amounts.check_currency(currency)

    def check_amount(self, amount_minor: int, currency: str) -> None:
        amounts.check_amount(amount_minor, currency)

    def check_refund(self, amount_minor: int, currency: str) -> None:
        amounts.units_of(amount_minor, currency)

    # --- the giver's way --------------------------------------------------------------------------------------------

    def open_checkout(self, order: Order, *, request_id: str) -> Checkout:
        try:
            self.check_credentials(order.payee)
            self.check_amount(order.amount_minor, order.currency)
        except CredentialsRefused:
            raise ProviderRefused("payee_cannot_receive", "the stored credentials are no Stripe account") from None
        except AmountRefused as error:
            raise ProviderRefused("amount_refused", str(error)) from None
        with wire.at_most(OPERATION_SECONDS):
            try:
                said = self.client.call(
                    "create session", "POST", "/v1/checkout/sessions", _session_form(order, request_id), request_id=request_id
                )
            except StripeRefused as refusal:
                raise _refusal(refusal) from refusal
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
        return Checkout(checkout_id, url, correlation_id=said.request_id)

    def find(self, order: Order) -> Payment:
        with wire.at_most(OPERATION_SECONDS):
            return self._look(order).payment

    def close(self, order: Order, *, request_id: str) -> Payment:
        if not _SESSION.fullmatch(order.checkout_id):
            raise ProviderRefused("unknown_checkout", "this is no session of Stripe's")
        path = f"/v1/checkout/sessions/{order.checkout_id}/expire"
        with wire.at_most(OPERATION_SECONDS):
            try:
                said = self.client.call("expire session", "POST", path, _IN_A_SESSION, request_id=request_id)
            except StripeRefused as refusal:
                payment = self._look_after(refusal, order).payment
                if payment.state is PaymentState.OPEN:
                    raise _refusal(refusal) from refusal
            else:
                payment = self._told_or_looked_up(order, said).payment
        if payment.state is PaymentState.OPEN:
            raise ProviderUnavailable("expire session: Stripe speaks as if it were done, and yet it is open")
        return replace(payment, state=PaymentState.VOIDED) if payment.state is PaymentState.DECLINED else payment

    def authorize(self, order: Order, *, request_id: str) -> Payment:
        return self._as_the_giver_left_it(order, "authorize", HELD)

    def capture(self, order: Order, *, request_id: str) -> Payment:
        if order.capture_at_once:
            return self._as_the_giver_left_it(order, "capture", TAKEN)
        form = [("amount_to_capture", str(self._units(order.amount_minor, order.currency))), *_IN_AN_INTENT]
        return self._act_on_held(order, "capture", form, request_id, good=TAKEN)

    def renew(self, order: Order, *, request_id: str) -> Payment:
        raise ProviderRefused("cannot_renew", "Stripe holds nothing for longer than it says at first")

    def void(self, order: Order, *, request_id: str) -> Payment:
        return self._act_on_held(order, "cancel", _IN_AN_INTENT, request_id, good=frozenset({PaymentState.VOIDED}))

    # --- giving back ------------------------------------------------------------------------------------------------

    def refund(self, order: Order, *, amount_minor: int, reference: str, request_id: str) -> ProviderRefund:
        if amount_minor < 1:
            raise ProviderRefused("refund_amount_refused", "nothing cannot be given back")
        units = self._units(amount_minor, order.currency)
        with wire.at_most(OPERATION_SECONDS):
            seen = self._look(order)
            # Stripe forgets request ids after a day; what we have written on a refund it keeps.
            if made := [one for one in seen.payment.refunds if one.reference == reference]:
                return made[0]
            if seen.payment.state not in {PaymentState.CAPTURED, PaymentState.REVERSED}:
                raise ProviderRefused("cannot_refund", f"nothing was taken that could be given back: {seen.payment.state}")
            form = [
                ("payment_intent", seen.intent_id),
                ("amount", str(units)),
                ("reverse_transfer", "true"),
                (f"metadata[{REFUND}]", reference),
            ]
            try:
                said = self.client.call("refund", "POST", "/v1/refunds", form, request_id=request_id)
            except StripeRefused as refusal:
                raise _refusal(refusal, otherwise="refund_amount_exceeded") from refusal
            return _refund_told(said, seen.intent_id, order)

    def find_refund(self, order: Order, provider_reference: str) -> ProviderRefund:
        if not _REFUND.fullmatch(provider_reference):
            raise ProviderRefused("unknown_refund", "this is no refund of Stripe's")
        with wire.at_most(OPERATION_SECONDS):
            said = self._ask("get refund", f"/v1/refunds/{provider_reference}")
        return _refund_told(said, order.payment_reference, order)

    # --- reports ----------------------------------------------------------------------------------------------------

    def read_report(self, body: bytes, headers: Mapping[str, str]) -> Report:
        return webhooks.read(body, headers, self._webhook_secrets)

    # --- questions --------------------------------------------------------------------------------------------------

    def _look(self, order: Order) -> _Seen:
        """The payment as it is. Raises ProviderRefused where Stripe knows no such session."""
        if not _SESSION.fullmatch(order.checkout_id):
            raise ProviderRefused("unknown_checkout", "this is no session of Stripe's")
        try:
            said = self.client.call("get session", "GET", f"/v1/checkout/sessions/{order.checkout_id}", _IN_A_SESSION)
        except StripeRefused as refusal:
            if refusal.http_status == 404:
                raise ProviderRefused("unknown_checkout", str(refusal), correlation_id=refusal.request_id) from refusal
            raise ProviderUnavailable(f"get session: {refusal}") from refusal
        return self._understood(order, said)

    def _understood(self, order: Order, said: Said) -> _Seen:
        session = said.data
        if session.get("id") != order.checkout_id:
            raise ProviderUnavailable("answered with another session")
        intent = intent_of(session)
        return self._seen(session, intent, said.request_id)

    def _seen(self, session: Words | None, intent: Words | None, correlation_id: str) -> _Seen:
        """With its disputes and all its refunds, where it takes further questions to know them."""
        intent_id = str(intent["id"]) if intent is not None else ""
        if intent_id and not _INTENT.fullmatch(intent_id):
            raise ProviderUnavailable("a payment whose id is none of Stripe's")
        disputes = self._all("list disputes", "/v1/disputes", intent_id) if is_disputed(intent) else None
        refunds = self._all("list refunds", "/v1/refunds", intent_id) if has_more_refunds(intent) else None
        payment = payment_of(session, intent, disputes=disputes, refunds=refunds, correlation_id=correlation_id)
        return _Seen(payment, intent_id)

    def _all(self, operation: str, path: str, intent_id: str) -> list[dict[str, Any]]:
        """Everything in a list of Stripe's about one payment, page by page. Raises ProviderUnavailable."""
        listed: list[dict[str, Any]] = []
        for _ in range(MOST_PAGES):
            after = [("starting_after", str(listed[-1].get("id")))] if listed else []
            said = self._ask(operation, path, [("payment_intent", intent_id), ("limit", "100"), *after])
            page = objects(said.data.get("data"))
            listed += page
            if said.data.get("has_more") is False:
                return listed
            if not page:
                break
        raise ProviderUnavailable(f"{operation}: the list has no end")

    def _ask(self, operation: str, path: str, form: Sequence[tuple[str, str]] = ()) -> Said:
        """A question whose refusal tells nothing of the money."""
        try:
            return self.client.call(operation, "GET", path, form)
        except StripeRefused as refusal:
            raise ProviderUnavailable(f"{operation}: {refusal}") from refusal

    # --- orders -----------------------------------------------------------------------------------------------------

    def _as_the_giver_left_it(self, order: Order, operation: str, good: frozenset[PaymentState]) -> Payment:
        """There is nothing to order: the giver has paid at Stripe's page, or has not."""
        payment = self.find(order)
        if payment.state in good:
            return payment
        if payment.state is PaymentState.OPEN:
            raise GiverMustAct("not_approved", "nobody has paid in it", correlation_id=payment.correlation_id)
        raise _not_so(payment, operation)

    def _act_on_held(
        self, order: Order, operation: str, form: Sequence[tuple[str, str]], request_id: str, *, good: frozenset[PaymentState]
    ) -> Payment:
        """Capture or cancel the PaymentIntent that holds the money."""
        if order.capture_at_once:
            raise ProviderRefused("cannot_void", "this payment was never to be held")
        with wire.at_most(OPERATION_SECONDS):
            seen = self._look(order)
            if seen.payment.state is PaymentState.OPEN:
                raise GiverMustAct("not_approved", "nobody has paid in it", correlation_id=seen.payment.correlation_id)
            if seen.payment.state is not PaymentState.AUTHORIZED:
                if seen.payment.state in good:
                    return seen.payment
                raise _not_so(seen.payment, operation)
            path = f"/v1/payment_intents/{seen.intent_id}/{operation}"
            try:
                said = self.client.call(operation, "POST", path, form, request_id=request_id)
            except StripeRefused as refusal:
                seen = self._look_after(refusal, order)
                if seen.payment.state is PaymentState.AUTHORIZED:
                    raise _refusal(refusal) from refusal
            else:
                seen = self._told_or_looked_up(order, said, intent_id=seen.intent_id)
            return _if_good(seen.payment, operation, good)

    def _look_after(self, refusal: StripeRefused, order: Order) -> _Seen:
        """What Stripe says of a payment about which it would not obey may show that it had obeyed before."""
        if meaning_of(refusal.http_status, refusal.code, refusal.param).then is Then.LATER:
            raise _refusal(refusal) from refusal
        return self._look(order)

    def _told_or_looked_up(self, order: Order, said: Said, *, intent_id: str = "") -> _Seen:
        """The payment in the answer to an order; asked for where the answer leaves out what has to be compared."""
        try:
            if not intent_id:
                return self._understood(order, said)
            if said.data.get("id") != intent_id:
                raise ProviderUnavailable("answered with another payment")
            return self._seen(None, said.data, said.request_id)
        except wire.NoAnswer:
            raise
        except ProviderUnavailable:
            return self._look(order)

    @staticmethod
    def _units(amount_minor: int, currency: str) -> int:
        try:
            return amounts.units_of(amount_minor, currency)
        except AmountRefused as error:
            raise ProviderRefused("amount_refused", str(error)) from None


def _session_form(order: Order, request_id: str) -> list[tuple[str, str]]:
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
        ("line_items[0][price_data][product_data][name]", _name(order.description)),
        ("adaptive_pricing[enabled]", "false"),
        (f"metadata[{CONTRIBUTION}]", order.reference),
        (f"metadata[{PAYEE}]", order.payee),
        ("payment_intent_data[capture_method]", "automatic" if order.capture_at_once else "manual"),
        ("payment_intent_data[transfer_data][destination]", order.payee),
        (f"payment_intent_data[metadata][{CONTRIBUTION}]", order.reference),
    ]


def _name(description: str) -> str:
    return " ".join(description.split())[:LONGEST_NAME].strip() or "Gift"


def _refund_told(said: Said, intent_id: str, order: Order) -> ProviderRefund:
    """Raises ProviderUnavailable where the answer is not about this payment."""
    if intent_id and said.data.get("payment_intent") != intent_id:
        raise ProviderUnavailable("it is a refund of another payment")
    if not _REFUND.fullmatch(str(said.data.get("id"))):
        raise ProviderUnavailable("what Stripe answered is no refund")
    try:
        return refund_of(said.data, order.currency, correlation_id=said.request_id)
    except ValueError:
        raise ProviderUnavailable("a refund without an amount that can be read") from None


def _refusal(refusal: StripeRefused, *, otherwise: str = "") -> ProviderRefused | ProviderUnavailable:
    """`otherwise`: what a refusal means that gives no reason of its own."""
    meaning = meaning_of(refusal.http_status, refusal.code, refusal.param)
    if meaning.then is Then.LATER:
        return ProviderUnavailable(f"refused in words that tell no outcome: {refusal}")
    reason = otherwise if otherwise and not refusal.code and refusal.http_status == 400 else meaning.reason
    return ProviderRefused(reason, str(refusal), correlation_id=refusal.request_id)


def _if_good(payment: Payment, operation: str, good: frozenset[PaymentState]) -> Payment:
    """The payment where it is what was wanted; a definite no where it is over, so that a later try is a new request."""
    if payment.state in good:
        return payment
    if payment.state in {PaymentState.OPEN, PaymentState.AUTHORIZED, PaymentState.PENDING}:
        raise ProviderUnavailable(f"{operation}: Stripe speaks as if it were done, and yet the payment is {payment.state}")
    raise _not_so(payment, operation)


def _not_so(payment: Payment, operation: str) -> ProviderRefused:
    why = payment.reason or {"cancel": "cannot_void"}.get(operation, f"cannot_{operation}")
    return ProviderRefused(why, f"{operation}: the payment is {payment.state}", correlation_id=payment.correlation_id)
