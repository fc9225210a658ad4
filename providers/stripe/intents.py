"""Payments that are PaymentIntents of one Stripe account, wherever it is that givers come to pay them.

What is taken is taken where the giver pays, and what is held is held there: nothing is left to be approved. The payee is an
account connected to ours (a destination charge).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from providers.base import (
    AmountRefused,
    Capability,
    CredentialsRefused,
    PayerActionRequired,
    Payment,
    PaymentRequest,
    PaymentState,
    ProviderRefund,
    ProviderRefused,
    ProviderUnavailable,
    WebhookEvent,
)
from providers.kit.calls import Reply
from providers.kit.deadline import at_most
from providers.kit.operations import (
    HELD,
    LET_GO,
    OPERATION_SECONDS,
    TAKEN,
    check_refund_amount,
    expected,
    not_possible,
    refund_in_payment,
)
from providers.kit.reading import Json, an_object, objects
from providers.kit.refusals import Then, lookup_error_of
from providers.kit.transport import NoAnswer
from providers.stripe import amounts, payees, shares, transfers, webhooks
from providers.stripe.client import Form, StripeClient, StripeRefused
from providers.stripe.mapping import REFUND, has_more_refunds, is_disputed, payment_of, refund_of
from providers.stripe.refusals import meaning_of, refusal_of
from providers.stripe.with_payees import Found, WithPayees

MOST_PAGES = 20
"""A payment that was given back in more than this many hundred parts is not understood."""

INTENT = re.compile(r"pi_[A-Za-z0-9]{1,250}")
_REFUND = re.compile(r"(?:re|pyr)_[A-Za-z0-9]{1,250}")

PAYEES_ARE_ASKED_ABOUT = (Capability.CHECKS_PAYEES, Capability.ONBOARDS_PAYEES)

OF_A_CHARGE = ("balance_transaction", "transfer", "refunds", "application_fee")
IN_AN_INTENT = [("expand[]", f"latest_charge.{name}") for name in OF_A_CHARGE]


class IntentPayments(WithPayees):
    """One Stripe account and those connected to it: all of providers.base.Provider but the opening. Thread-safe."""

    an_intent_alone_is_at = "complete"
    """Where the giver is if all that is told is the PaymentIntent, in the words of a session's status."""

    def __init__(
        self, *, base: str, secret_key: str, webhook_secrets: Sequence[str], trust_roots_file: str = "", own_account: str = ""
    ) -> None:
        """`own_account`: the id of the account itself, where it may be a payee; empty: only connected ones may."""
        self.own_account = own_account
        self.client = StripeClient(base, secret_key, trust_roots_file=trust_roots_file)
        self._webhook_secrets = tuple(webhook_secrets)

    def is_own(self, request: PaymentRequest) -> bool:
        """Whether the account itself is paid: a charge without a transfer, and what is given back has none to be reversed.

        A platform cannot be the destination of its own charges: https://docs.stripe.com/connect/destination-charges (2026-11).
        """
        return bool(self.own_account) and request.payee == self.own_account

    # --- on the way in ----------------------------------------------------------------------------------------------

    def check_credentials(self, credentials: str) -> None:
        if not payees.ACCOUNT.fullmatch(credentials):
            raise CredentialsRefused(
                "must be the id of the payee's Stripe account, connected to that of this service: acct_ and letters and digits"
            )

    def check_currency(self, currency: str, *, payee: str = "") -> None:
        amounts.check_currency(currency)

    def check_amount(self, amount_minor: int, currency: str, *, payee: str = "") -> None:
        amounts.check_amount(amount_minor, currency)

    def check_refund(self, amount_minor: int, currency: str) -> None:
        amounts.units_of(amount_minor, currency)

    def fee_step_minor(self, currency: str) -> int:
        return amounts.step_minor(currency)

    # --- the giver's way --------------------------------------------------------------------------------------------

    def find(self, request: PaymentRequest) -> Payment:
        with at_most(OPERATION_SECONDS):
            return self.look(request).payment

    def authorize(self, request: PaymentRequest, *, request_id: str) -> Payment:
        return self._as_the_giver_left_it(request, "authorize", HELD)

    def capture(self, request: PaymentRequest, *, request_id: str) -> Payment:
        if request.capture_at_once:
            return self._as_the_giver_left_it(request, "capture", TAKEN)
        form = [("amount_to_capture", str(self._units(request.amount_minor, request.currency))), *IN_AN_INTENT]
        return self._act_on_held(request, "capture", form, request_id, good=TAKEN)

    def renew(self, request: PaymentRequest, *, request_id: str) -> Payment:
        raise ProviderRefused("cannot_renew", "Stripe holds nothing for longer than it says at first")

    def void(self, request: PaymentRequest, *, request_id: str) -> Payment:
        return self._act_on_held(request, "void", IN_AN_INTENT, request_id, good=LET_GO)

    # --- giving back ------------------------------------------------------------------------------------------------

    def refund(self, request: PaymentRequest, *, amount_minor: int, reference: str, request_id: str) -> ProviderRefund:
        check_refund_amount(amount_minor)
        units = self._units(amount_minor, request.currency)
        with at_most(OPERATION_SECONDS):
            seen = self.look(request)
            # Stripe forgets request ids after a day; what we have written on a refund it keeps.
            if made := [one for one in seen.payment.refunds if one.reference == reference]:
                return made[0]
            if seen.payment.state not in {PaymentState.CAPTURED, PaymentState.REVERSED}:
                raise ProviderRefused("cannot_refund", f"nothing was taken that could be given back: {seen.payment.state}")
            reverses = not self.is_own(request) and transfers.can_be_reversed(seen.charge, units)
            form = [
                ("payment_intent", seen.intent_id),
                ("amount", str(units)),
                *([("reverse_transfer", "true"), *shares.back_with_refund(request)] if reverses else []),
                (f"metadata[{REFUND}]", reference),
            ]
            key = request_id if reverses else f"{request_id}-unreversed"  # another order, which Stripe wants named otherwise
            try:
                reply = self.client.call("refund", "POST", "/v1/refunds", form, request_id=key)
            except StripeRefused as refusal:
                raise refusal_of(refusal, otherwise="refund_amount_exceeded") from refusal
            refund = _refund_told(reply, seen.intent_id, request)
            if not reverses:  # it is pulled back from what was sent to the payee again, less the fee that was kept of that
                return replace(refund, platform_fee_minor=request.platform_fee_back_minor)
            fee_back_minor = shares.given_back_by(reply.data, request, seen.payment, seen.charge)
            return replace(refund, platform_fee_minor=fee_back_minor)

    def find_refund(self, request: PaymentRequest, provider_reference: str) -> ProviderRefund:
        if not _REFUND.fullmatch(provider_reference):
            raise ProviderRefused("unknown_refund", "this is no refund of Stripe's")
        with at_most(OPERATION_SECONDS):
            try:
                reply = self.client.call("get refund", "GET", f"/v1/refunds/{provider_reference}")
            except StripeRefused as refusal:
                return refund_in_payment(refusal, self.find, request, provider_reference)
        return _refund_told(reply, request.payment_reference, request)

    # --- webhooks ----------------------------------------------------------------------------------------------------

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookEvent:
        return webhooks.read(body, headers, self._webhook_secrets)

    # --- questions --------------------------------------------------------------------------------------------------

    def seen(self, session: Json | None, intent: Json | None, correlation_id: str, *, at: str) -> Found:
        """With its disputes and all its refunds, where it takes further questions to know them."""
        intent_id = str(intent["id"]) if intent is not None else ""
        if intent_id and not INTENT.fullmatch(intent_id):
            raise ProviderUnavailable("a payment whose id is none of Stripe's")
        of_it = [("payment_intent", intent_id)]
        disputes = self.list_all("list disputes", "/v1/disputes", of_it) if is_disputed(intent) else None
        refunds = self.list_all("list refunds", "/v1/refunds", of_it) if has_more_refunds(intent) else None
        payment = payment_of(
            session,
            intent,
            at=at,
            disputes=disputes or (),
            refunds=refunds,
            correlation_id=correlation_id,
            own_account=self.own_account,
        )
        charge = an_object((intent or {}).get("latest_charge"))
        listed = objects(an_object(charge.get("refunds")).get("data")) if refunds is None else refunds
        if payment.taken_minor and not payment.has_open_dispute and transfers.may_differ(listed, disputes):
            return self.with_what_payee_owes(payment, intent_id, charge, listed)
        return Found(payment, intent_id, charge)

    def list_all(self, operation: str, path: str, of: Form) -> list[dict[str, Any]]:
        """Everything in a list of Stripe's about one payment or customer, page by page. Raises ProviderUnavailable."""
        listed: list[dict[str, Any]] = []
        for _ in range(MOST_PAGES):
            after = [("starting_after", str(listed[-1].get("id")))] if listed else []
            reply = self.ask(operation, path, [*of, ("limit", "100"), *after])
            page = objects(reply.data.get("data"))
            listed += page
            if reply.data.get("has_more") is False:
                return listed
            if not page:
                break
        raise ProviderUnavailable(f"{operation}: the list has no end")

    def ask(self, operation: str, path: str, form: Form = ()) -> Reply:
        """A question whose refusal tells nothing of the money."""
        try:
            return self.client.call(operation, "GET", path, form)
        except StripeRefused as refusal:
            raise ProviderUnavailable(f"{operation}: {refusal}") from refusal

    def intent(self, request: PaymentRequest) -> Reply:
        """The PaymentIntent, where it is the checkout by itself. Raises ProviderRefused where Stripe knows no such one."""
        try:
            return self.client.call("get payment", "GET", intent_path(request), IN_AN_INTENT)
        except StripeRefused as refusal:
            raise lookup_error_of(refusal, "get payment") from refusal

    # --- operations -----------------------------------------------------------------------------------------------------

    def _as_the_giver_left_it(self, request: PaymentRequest, operation: str, good: frozenset[PaymentState]) -> Payment:
        """There is nothing to order: the giver has paid at Stripe's page, or has not."""
        payment = self.find(request)
        if payment.state in good:
            return payment
        if payment.state is PaymentState.OPEN:
            raise PayerActionRequired("not_approved", "nobody has paid in it", correlation_id=payment.correlation_id)
        raise not_possible(payment, operation)

    def _act_on_held(
        self, request: PaymentRequest, operation: str, form: Form, request_id: str, *, good: frozenset[PaymentState]
    ) -> Payment:
        """Capture or cancel the PaymentIntent that holds the money."""
        if request.capture_at_once:
            raise ProviderRefused(f"cannot_{operation}", "this payment was never to be held")
        with at_most(OPERATION_SECONDS):
            seen = self.look(request)
            if seen.payment.state is PaymentState.OPEN:
                raise PayerActionRequired("not_approved", "nobody has paid in it", correlation_id=seen.payment.correlation_id)
            if seen.payment.state is not PaymentState.AUTHORIZED:
                if seen.payment.state in good:
                    return seen.payment
                raise not_possible(seen.payment, operation)
            path = f"/v1/payment_intents/{seen.intent_id}/{'cancel' if operation == 'void' else operation}"
            try:
                reply = self.client.call(operation, "POST", path, form, request_id=request_id)
            except StripeRefused as refusal:
                seen = self.look_after(refusal, request)
                if seen.payment.state is PaymentState.AUTHORIZED:
                    raise refusal_of(refusal) from refusal
            else:
                intent_id = seen.intent_id
                seen = self.told_or_looked_up(request, lambda: self.told_of(intent_id, reply))
            return expected(seen.payment, operation, good)

    def look_after(self, refusal: StripeRefused, request: PaymentRequest) -> Found:
        """The payment after a refusal: the operation may have been carried out before. Raises where it tells nothing."""
        if meaning_of(refusal).then is Then.LATER:
            raise refusal_of(refusal) from refusal
        return self.look(request)

    def told_or_looked_up(self, request: PaymentRequest, read: Callable[[], Found]) -> Found:
        """The payment in the answer to an order; asked for where the answer leaves out what has to be compared."""
        try:
            return read()
        except NoAnswer:
            raise
        except ProviderUnavailable:
            return self.look(request)

    def told_of(self, intent_id: str, reply: Reply) -> Found:
        """The payment in an answer that is a PaymentIntent, nothing else."""
        if reply.data.get("id") != intent_id:
            raise ProviderUnavailable("answered with another payment")
        return self.seen(None, reply.data, reply.correlation_id, at=self.an_intent_alone_is_at)

    @staticmethod
    def _units(amount_minor: int, currency: str) -> int:
        try:
            return amounts.units_of(amount_minor, currency)
        except AmountRefused as error:
            raise ProviderRefused(error.reason, str(error)) from None


def intent_path(request: PaymentRequest) -> str:
    """Raises ProviderRefused where the checkout's id is none of a payment of Stripe's."""
    if not INTENT.fullmatch(request.checkout_id):
        raise ProviderRefused("unknown_checkout", "this is no payment of Stripe's")
    return f"/v1/payment_intents/{request.checkout_id}"


def _refund_told(reply: Reply, intent_id: str, request: PaymentRequest) -> ProviderRefund:
    """Raises ProviderUnavailable where the answer is not about this payment."""
    if intent_id and reply.data.get("payment_intent") != intent_id:
        raise ProviderUnavailable("it is a refund of another payment")
    if not _REFUND.fullmatch(str(reply.data.get("id"))):
        raise ProviderUnavailable("what Stripe answered is no refund")
    try:
        return refund_of(reply.data, request.currency, correlation_id=reply.correlation_id)
    except ValueError:
        raise ProviderUnavailable("a refund without an amount that can be read") from None
