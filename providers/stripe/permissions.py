"""Standing permissions at Stripe: cards that are saved at its Checkout page, and payments by them without the giver.

https://docs.stripe.com/payments/save-and-reuse and https://docs.stripe.com/payments/off-session-payments, read in November
2026: a Checkout Session in setup mode, whose SetupIntent attaches the card to a customer; a PaymentIntent that is confirmed
off-session with both. Each permission is a customer of its own. The token is both ids: "cus_...:pm_...".
"""

import re
from datetime import timedelta

import clock
from providers.base import (
    OpenedCheckout,
    PayerActionRequired,
    PaymentRequest,
    ProviderRefused,
    ProviderUnavailable,
)
from providers.kit.calls import Reply
from providers.kit.deadline import at_most
from providers.kit.operations import OPERATION_SECONDS, check_request
from providers.kit.reading import Json, an_object, matching, text
from providers.kit.refusals import Then, lookup_error_of
from providers.permissions import OpenedPermission, PermissionRequest, PermissionTold, Standing
from providers.stripe import addresses, amounts, shares
from providers.stripe.client import Form, StripeRefused
from providers.stripe.intents import IN_AN_INTENT, INTENT, IntentPayments
from providers.stripe.mapping import CHARGE, CONTRIBUTION, PERMISSION
from providers.stripe.names import description
from providers.stripe.refusals import meaning_of, refusal_of

SESSION = re.compile(r"cs_(?:test|live)_[A-Za-z0-9]{1,240}")
_TOKEN = re.compile(r"(?P<customer>cus_[A-Za-z0-9]{1,100}):(?P<card>pm_[A-Za-z0-9]{1,100})")
_CARD_OF_A_SETUP = [("expand[]", "setup_intent.payment_method")]

KEYS_ARE_KEPT = timedelta(hours=20)
"""Stripe answers the same to an Idempotency-Key for a day at least (https://docs.stripe.com/api/idempotent_requests, 2026-11);
less than that, since a call takes its time. Later the payment is looked for before another one is made."""

PAID = frozenset({"succeeded", "requires_capture", "processing"})
WANTS_THE_GIVER = "authentication_required"
"""A code of a refusal, and a decline code: https://docs.stripe.com/declines/codes (2026-11)"""


class SavesCards(IntentPayments):
    """The part of the adapter about permissions. Meets providers.permissions.KeepsPermissions."""

    permission_token_argument = ""
    """Stripe names the session to givers who have agreed, and not to those who come back without."""

    def check_permission(self, request: PermissionRequest) -> None:
        amounts.check_currency(request.currency)
        amounts.check_amount(request.maximum_minor, request.currency)

    # --- the giver's way ----------------------------------------------------------------------------------------------

    def ask_permission(self, request: PermissionRequest, *, request_id: str) -> OpenedPermission:
        form = setup_form(request)
        with at_most(OPERATION_SECONDS):
            try:
                reply = self.client.call("create set-up", "POST", "/v1/checkout/sessions", form, request_id=request_id)
            except StripeRefused as refusal:
                raise refusal_of(refusal) from refusal
        setup_id, url = matching(SESSION, reply.data.get("id")), text(reply.data.get("url"))
        if not setup_id or not url or reply.data.get("client_reference_id", request.reference) != request.reference:
            raise ProviderUnavailable("create set-up: answered, but with no session that this giver could agree in")
        if not addresses.is_givers_page(url, self.client.base):
            raise ProviderRefused("unsafe_page", "the page is not Stripe's", correlation_id=reply.correlation_id)
        return OpenedPermission(setup_id, url, correlation_id=reply.correlation_id)

    def find_permission(self, request: PermissionRequest, *, request_id: str) -> PermissionTold:
        with at_most(OPERATION_SECONDS):
            return self._saved(request.token) if request.token else self._agreed(request)

    def revoke_permission(self, request: PermissionRequest, *, request_id: str) -> None:
        with at_most(OPERATION_SECONDS):
            token = request.token or self._token_after_closing(request, request_id)
            if token:
                self._detach(_parts_of(token)[1], request_id)  # invariant: a-card-that-is-taken-back-is-detached

    # --- a gift under it ----------------------------------------------------------------------------------------------

    def open_with_permission(self, request: PaymentRequest, token: str, *, request_id: str) -> OpenedCheckout:
        check_request(self, request)  # type: ignore[arg-type]
        customer, card = _parts_of(token)
        with at_most(OPERATION_SECONDS):
            if request.charged_since is not None and clock.now() - request.charged_since > KEYS_ARE_KEPT:
                made = self._made_before(customer, request_id)
                if made is not None:
                    return self._outcome(made, request, request_id)
            form = _charge_form(request, customer, card, request_id, own=self.is_own(request))
            try:
                # invariant: every-try-of-a-charge-has-one-key
                reply = self.client.call("charge", "POST", "/v1/payment_intents", form, request_id=request_id)
            except StripeRefused as refusal:
                return self._not_charged(refusal, request, request_id)
            return self._outcome(reply, request, request_id)

    def _outcome(self, reply: Reply, request: PaymentRequest, request_id: str) -> OpenedCheckout:
        """What a PaymentIntent has come to. Where the giver is wanted it is cancelled, so that nothing is taken by it later."""
        intent_id, status = matching(INTENT, reply.data.get("id")), text(reply.data.get("status"))
        if not intent_id or not status:
            raise ProviderUnavailable("charge: answered, but with no payment")
        _check_charged(reply.data, request)
        if status in PAID or not self._cancelled(intent_id, request_id):
            return OpenedCheckout(intent_id, "", correlation_id=reply.correlation_id)
        raise PayerActionRequired(WANTS_THE_GIVER, f"the payment was {status}", correlation_id=reply.correlation_id)

    def _not_charged(self, refusal: StripeRefused, request: PaymentRequest, request_id: str) -> OpenedCheckout:
        """Raises, but where the payment that Stripe names with its refusal was made after all."""
        if meaning_of(refusal).then in {Then.LATER, Then.ASK} and refusal.http_status != 402:
            raise ProviderUnavailable(f"charge: {refusal}") from refusal
        if refusal.intent_id and not self._cancelled(refusal.intent_id, request_id):
            return OpenedCheckout(refusal.intent_id, "", correlation_id=refusal.correlation_id)
        if WANTS_THE_GIVER in {refusal.code, refusal.decline_code}:
            raise PayerActionRequired(WANTS_THE_GIVER, str(refusal), correlation_id=refusal.correlation_id) from refusal
        if refusal.http_status == 402:
            raise PayerActionRequired("instrument_declined", str(refusal), correlation_id=refusal.correlation_id) from refusal
        if refusal.param in {"payment_method", "customer"}:
            reason = "permission_not_usable"
            raise ProviderRefused(reason, str(refusal), correlation_id=refusal.correlation_id) from refusal
        raise refusal_of(refusal) from refusal

    def _cancelled(self, intent_id: str, request_id: str) -> bool:
        """Whether nothing can be taken by it any more; False: it was taken or held. Raises ProviderUnavailable."""
        path = f"/v1/payment_intents/{intent_id}"
        try:
            form: Form = [("cancellation_reason", "abandoned")]
            reply = self.client.call("cancel", "POST", f"{path}/cancel", form, request_id=f"{request_id}-cancel")
        except StripeRefused:
            reply = self.ask("get payment", path)
        status = text(reply.data.get("status")) if reply.data.get("id") == intent_id else ""
        if status not in {"canceled", *PAID}:
            raise ProviderUnavailable(f"cancel: the payment is {status or 'another'}")
        return status == "canceled"

    def _made_before(self, customer: str, request_id: str) -> Reply | None:
        """The PaymentIntent that was made under this request id, which Stripe may have forgotten."""
        for one in self.list_all("list payments", "/v1/payment_intents", [("customer", customer)]):
            if an_object(one.get("metadata")).get(CHARGE) == request_id:
                return Reply(200, one, "")
        return None

    # --- questions ----------------------------------------------------------------------------------------------------

    def _saved(self, token: str) -> PermissionTold:
        customer, card = _parts_of(token)
        try:
            reply = self.client.call("get card", "GET", f"/v1/payment_methods/{card}")
        except StripeRefused as refusal:
            if refusal.http_status == 404:
                return PermissionTold(Standing.REVOKED, correlation_id=refusal.correlation_id)
            raise ProviderUnavailable(f"get card: {refusal}") from refusal
        if reply.data.get("id") != card or "customer" not in reply.data:
            raise ProviderUnavailable("get card: answered with another one")
        is_attached = _id_of(reply.data.get("customer")) == customer
        standing = Standing.ACTIVE if is_attached else Standing.REVOKED
        return PermissionTold(standing, token if is_attached else "", correlation_id=reply.correlation_id)

    def _agreed(self, request: PermissionRequest) -> PermissionTold:
        reply = self._setup(request)
        setup, at = an_object(reply.data.get("setup_intent")), text(reply.data.get("status"))
        if at == "expired":
            return PermissionTold(Standing.LAPSED, correlation_id=reply.correlation_id)
        if at != "complete" or text(setup.get("status")) != "succeeded":
            return PermissionTold(Standing.OPEN, correlation_id=reply.correlation_id)
        card = an_object(setup.get("payment_method"))
        customer = _id_of(card.get("customer"))
        if not customer:
            return PermissionTold(Standing.REVOKED, correlation_id=reply.correlation_id)
        token = f"{customer}:{text(card.get('id'))}"
        if not _TOKEN.fullmatch(token):
            raise ProviderUnavailable("get set-up: answered, but with no card")
        return PermissionTold(Standing.ACTIVE, token, correlation_id=reply.correlation_id)

    def _setup(self, request: PermissionRequest) -> Reply:
        """Raises ProviderRefused where Stripe knows no such session."""
        if not SESSION.fullmatch(request.setup_id):
            raise ProviderRefused("unknown_permission", "this is no session of Stripe's")
        try:
            reply = self.client.call("get set-up", "GET", f"/v1/checkout/sessions/{request.setup_id}", _CARD_OF_A_SETUP)
        except StripeRefused as refusal:
            raise lookup_error_of(refusal, "get set-up") from refusal
        if reply.data.get("id") != request.setup_id or reply.data.get("client_reference_id") != request.reference:
            raise ProviderUnavailable("get set-up: answered with another session")
        return reply

    # --- over ---------------------------------------------------------------------------------------------------------

    def _token_after_closing(self, request: PermissionRequest, request_id: str) -> str:
        """Nobody can agree in the session any more; the token of somebody who has. Raises ProviderRefused."""
        told = self._agreed(request)
        if told.standing is Standing.OPEN:
            try:
                path = f"/v1/checkout/sessions/{request.setup_id}/expire"
                self.client.call("expire set-up", "POST", path, request_id=f"{request_id}-expire")
            except StripeRefused as refusal:
                told = self._agreed(request)
                if told.standing is Standing.OPEN:
                    raise refusal_of(refusal) from refusal
        return told.token

    def _detach(self, card: str, request_id: str) -> None:
        path = f"/v1/payment_methods/{card}"
        try:
            self.client.call("detach", "POST", f"{path}/detach", request_id=f"{request_id}-detach")
        except StripeRefused as refusal:
            if refusal.http_status == 404:
                return
            reply = self.ask("get card", path)
            if reply.data.get("id") != card or reply.data.get("customer", "?") is not None:
                raise refusal_of(refusal) from refusal


def setup_form(request: PermissionRequest) -> list[tuple[str, str]]:
    """What asks a giver to agree. Cards alone: what is paid by them is known at once."""
    return [
        ("mode", "setup"),
        ("client_reference_id", request.reference),
        ("success_url", request.return_url),
        ("cancel_url", request.cancel_url),
        ("customer_creation", "always"),
        ("allowed_payment_method_types[0]", "card"),
        (f"metadata[{PERMISSION}]", request.reference),
        ("setup_intent_data[description]", description(request.description)),
        (f"setup_intent_data[metadata][{PERMISSION}]", request.reference),
    ]


def _charge_form(request: PaymentRequest, customer: str, card: str, request_id: str, *, own: bool) -> list[tuple[str, str]]:
    return [
        ("amount", str(amounts.units_of(request.amount_minor, request.currency))),
        ("currency", request.currency.lower()),
        ("customer", customer),
        ("payment_method", card),
        ("allowed_payment_method_types[0]", "card"),
        ("confirm", "true"),
        ("off_session", "true"),
        ("capture_method", "automatic" if request.capture_at_once else "manual"),
        ("description", description(request.description)),
        *shares.of_a_new_payment(request, own=own),
        (f"metadata[{CONTRIBUTION}]", request.reference),
        (f"metadata[{CHARGE}]", request_id),
        *IN_AN_INTENT,
    ]


def _check_charged(intent: Json, request: PaymentRequest) -> None:
    """Raises ProviderUnavailable where the PaymentIntent is another gift's."""
    units, currency = amounts.units_of(request.amount_minor, request.currency), request.currency.lower()
    metadata = an_object(intent.get("metadata")).get(CONTRIBUTION, request.reference)
    if intent.get("amount", units) != units or intent.get("currency", currency) != currency or metadata != request.reference:
        raise ProviderUnavailable("charge: answered with another payment")


def _parts_of(token: str) -> tuple[str, str]:
    """Customer and card. Raises ProviderRefused where this is no token of ours."""
    found = _TOKEN.fullmatch(token)
    if found is None:
        raise ProviderRefused("unknown_permission", "this is no card that was saved at Stripe")
    return found["customer"], found["card"]


def _id_of(value: object) -> str:
    return text(value) or text(an_object(value).get("id"))
