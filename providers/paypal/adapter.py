"""The adapter in front of PayPal: Orders v2 and Payments v2. It translates and decides nothing."""

import base64
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import clock
from providers import wire
from providers.base import (
    AmountRefused,
    Capability,
    CredentialsRefused,
    Finding,
    OpenedCheckout,
    PayerActionRequired,
    Payment,
    PaymentRequest,
    PaymentState,
    ProviderRefund,
    ProviderRefused,
    ProviderUnavailable,
    WebhookEvent,
)
from providers.paypal import addresses, amounts, checks
from providers.paypal.client import PayPalClient, PayPalRefused, Said
from providers.paypal.mapping import (
    AUTHORIZATION_STATES,
    Then,
    Unit,
    Words,
    link_of,
    meaning_of,
    payee_id_in,
    payee_of,
    payment_of,
    refund_of,
    unit_of,
)
from providers.paypal.webhooks import Webhooks

OPERATION_SECONDS = 25.0
"""All calls of one operation together: twice this and a database's patience fit into the lease of a follow-up."""

LOCALE = "en-US"
"""The language of PayPal's page: that of our own pages."""

LONGEST_DESCRIPTION = 127

_EMAIL = re.compile(
    r"[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
)
_LONGEST_EMAIL = 254
_MERCHANT_ID = re.compile(r"[2-9A-HJ-NP-Z]{13}")
_ORDER_ID = re.compile(r"[A-Z0-9]{1,36}")
_PAYMENT_ID = re.compile(r"[A-Z0-9]{1,36}")

TAKEN = frozenset({PaymentState.CAPTURED, PaymentState.PENDING, PaymentState.REVERSED})
HELD = frozenset({PaymentState.AUTHORIZED, *TAKEN})
OVER = frozenset({PaymentState.DECLINED, PaymentState.VOIDED, PaymentState.CAPTURED, PaymentState.REVERSED})


class PayPalProvider:
    """One PayPal app and whoever it collects for. Meets providers.base.Provider. Thread-safe."""

    key = "paypal"
    return_token_argument = "token"  # noqa: S105 - a query argument's name
    capabilities: frozenset[Capability] = frozenset()

    def __init__(self, *, base: str, client_id: str, client_secret: str, webhook_id: str, trust_roots_file: str = "") -> None:
        self.client = PayPalClient(base, client_id, client_secret, trust_roots_file=trust_roots_file)
        self.webhooks = Webhooks(self.client, webhook_id, trust_roots_file=trust_roots_file)

    def check_setup(self) -> Iterable[Finding]:
        """What `manage.py check_provider` tells an operator."""
        return checks.check(self.client, self.webhooks.webhook_id)

    # --- on the way in ----------------------------------------------------------------------------------------------

    def check_credentials(self, credentials: str) -> None:
        email = len(credentials) <= _LONGEST_EMAIL and _EMAIL.fullmatch(credentials)
        if not (email or _MERCHANT_ID.fullmatch(credentials)):
            raise CredentialsRefused(
                "must be what PayPal knows the payee by: an e-mail address such as anna@example.org, or a merchant ID of "
                "13 characters (2 to 9 and A to Z without I and O)"
            )

    def check_currency(self, currency: str) -> None:
        amounts.check_currency(currency)

    def check_amount(self, amount_minor: int, currency: str) -> None:
        amounts.check_amount(amount_minor, currency)

    def check_refund(self, amount_minor: int, currency: str) -> None:
        amounts.check_amount(amount_minor, currency)

    # --- the giver's way --------------------------------------------------------------------------------------------

    def open_checkout(self, order: PaymentRequest, *, request_id: str) -> OpenedCheckout:
        try:
            self.check_credentials(order.payee)
            wanted = _order_request(order)
        except CredentialsRefused:
            raise ProviderRefused("payee_cannot_receive", "the stored credentials are no PayPal payee") from None
        except AmountRefused as error:
            raise ProviderRefused("amount_refused", str(error)) from None
        with wire.at_most(OPERATION_SECONDS):
            try:
                said = self.client.call("create", "POST", "/v2/checkout/orders", body=wanted, request_id=request_id)
            except PayPalRefused as refusal:
                raise self._refusal(refusal) from refusal
        checkout_id, url = said.data.get("id"), link_of(said.data, "payer-action", "approve")
        if not isinstance(checkout_id, str) or not _ORDER_ID.fullmatch(checkout_id) or not url:
            raise ProviderUnavailable("create: answered, but with no order that a giver could approve")
        if parse_qs(urlsplit(url).query).get("token", [checkout_id]) != [checkout_id]:
            raise ProviderUnavailable("create: answered with the page of another order")
        if not addresses.is_givers_page(url, self.client.base):
            raise ProviderRefused("unsafe_page", "the page is not PayPal's", correlation_id=said.debug_id)
        return OpenedCheckout(checkout_id, url, correlation_id=said.debug_id, payee_id=payee_id_in(said.data, order))

    def find(self, order: PaymentRequest) -> Payment:
        with wire.at_most(OPERATION_SECONDS):
            try:
                said = self._read_order(order)
            except ProviderRefused:
                if not order.payment_reference:
                    raise
                return self._find_by_payment(order)  # PayPal forgets orders sooner than money
            return payment_of(order, self._unit(order, said), correlation_id=said.debug_id)

    def authorize(self, order: PaymentRequest, *, request_id: str) -> Payment:
        return self._complete(order, "authorize", request_id, good=HELD)

    def capture(self, order: PaymentRequest, *, request_id: str) -> Payment:
        if order.capture_at_once:
            return self._complete(order, "capture", request_id, good=TAKEN)
        amount = self._amount(order)
        return self._act_on_held(
            order, "capture", request_id, {"amount": amount, "final_capture": True}, kind="captures", good=TAKEN
        )

    def renew(self, order: PaymentRequest, *, request_id: str) -> Payment:
        """PayPal holds nothing for more than 29 days: a renewal that does not end later is none."""
        body = {"amount": self._amount(order)}
        until = self.find(order).expires_at
        renewed = self._act_on_held(
            order, "renew", request_id, body, kind="authorizations", good=frozenset({PaymentState.AUTHORIZED})
        )
        if until is not None and (renewed.expires_at is None or renewed.expires_at <= until):
            raise ProviderRefused("cannot_renew", "PayPal holds it no longer", correlation_id=renewed.correlation_id)
        return renewed

    def void(self, order: PaymentRequest, *, request_id: str) -> Payment:
        good = frozenset({PaymentState.VOIDED})
        return self._act_on_held(order, "void", request_id, None, kind="authorizations", good=good)

    # --- giving back ------------------------------------------------------------------------------------------------

    def refund(self, order: PaymentRequest, *, amount_minor: int, reference: str, request_id: str) -> ProviderRefund:
        if amount_minor < 1:
            raise ProviderRefused("refund_amount_refused", "nothing cannot be given back")
        # invariant: paypal-refunds-carry-our-reference
        body = {"amount": self._amount(order, amount_minor), "custom_id": reference, "invoice_id": reference}
        with wire.at_most(OPERATION_SECONDS):
            capture_id = order.payment_reference or self._capture_id(order)
            if not _PAYMENT_ID.fullmatch(capture_id):
                raise ProviderRefused("cannot_refund", "nothing was taken that could be given back")
            try:
                said = self.client.call(
                    "refund",
                    "POST",
                    f"/v2/payments/captures/{capture_id}/refund",
                    body=body,
                    request_id=request_id,
                    auth_assertion=self._assertion(order),
                )
            except PayPalRefused as refusal:
                return self._made_before(refusal, order, reference)
            if "amount" in said.data and "status" in said.data:
                return refund_of(said.data, order, correlation_id=said.debug_id)
            return self.find_refund(order, str(said.data.get("id", "")))

    def _made_before(self, refusal: PayPalRefused, order: PaymentRequest, reference: str) -> ProviderRefund:
        """The refund of ours that a refusal speaks of: PayPal forgets request ids, but takes each reference once."""
        if meaning_of(refusal.http_status, refusal.issues).then is Then.ASK:
            made = [refund for refund in self.find(order).refunds if refund.reference == reference]
            if made:
                return made[0]
        raise self._refusal(refusal) from refusal

    def find_refund(self, order: PaymentRequest, provider_reference: str) -> ProviderRefund:
        if not _PAYMENT_ID.fullmatch(provider_reference):
            raise ProviderRefused("unknown_refund", "this is no refund of PayPal's")
        with wire.at_most(OPERATION_SECONDS):
            said = self._ask("get refund", f"/v2/payments/refunds/{provider_reference}")
        of = link_of(said.data, "up").rpartition("/")[2]
        if of and order.payment_reference and of != order.payment_reference:
            raise ProviderUnavailable("get refund: it is a refund of another payment")
        return refund_of(said.data, order, correlation_id=said.debug_id)

    # --- reports ----------------------------------------------------------------------------------------------------

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookEvent:
        with wire.at_most(OPERATION_SECONDS):
            return self.webhooks.read(body, headers)

    # --- questions --------------------------------------------------------------------------------------------------

    def _read_order(self, order: PaymentRequest) -> Said:
        """Raises ProviderRefused where PayPal knows no such order (any more)."""
        if not _ORDER_ID.fullmatch(order.checkout_id):
            raise ProviderRefused("unknown_checkout", "this is no order of PayPal's")
        try:
            said = self.client.call("get order", "GET", f"/v2/checkout/orders/{order.checkout_id}")
        except PayPalRefused as refusal:
            if refusal.http_status == 404:
                raise ProviderRefused("unknown_checkout", str(refusal), correlation_id=refusal.debug_id) from refusal
            raise ProviderUnavailable(f"get order: {refusal}") from refusal
        if said.data.get("id") != order.checkout_id:
            raise ProviderUnavailable("get order: answered with another order")
        return said

    def _ask(self, operation: str, path: str) -> Said:
        """A question whose refusal tells nothing of the money."""
        try:
            return self.client.call(operation, "GET", path)
        except PayPalRefused as refusal:
            raise ProviderUnavailable(f"{operation}: {refusal}") from refusal

    def _unit(self, order: PaymentRequest, said: Said, *fresher: tuple[str, Words]) -> Unit:
        unit = unit_of(said.data, *fresher)
        known = {one["id"] for one in (*unit.authorizations, *unit.captures)}
        missing = order.payment_reference
        if order.capture_at_once or unit.captures or not missing or missing in known or not _PAYMENT_ID.fullmatch(missing):
            return unit
        renewed = self._ask("get authorization", f"/v2/payments/authorizations/{missing}")  # the order does not list it
        return unit_of(said.data, *fresher, ("authorizations", renewed.data))

    def _find_by_payment(self, order: PaymentRequest) -> Payment:
        """What a capture or an authorization tells of itself, where its order is not to be had. Raises ProviderUnavailable."""
        if not _PAYMENT_ID.fullmatch(order.payment_reference):
            raise ProviderUnavailable("get capture: this is no payment of PayPal's")
        try:
            kind, said = "captures", self._ask("get capture", f"/v2/payments/captures/{order.payment_reference}")
        except ProviderUnavailable:
            kind = "authorizations"
            said = self._ask("get authorization", f"/v2/payments/authorizations/{order.payment_reference}")
        unit = {name: said.data.get(name) for name in ("amount", "payee", "custom_id")}
        as_an_order = {"status": "COMPLETED", "purchase_units": [unit]}
        return payment_of(order, unit_of(as_an_order, (kind, said.data)), correlation_id=said.debug_id)

    def _capture_id(self, order: PaymentRequest) -> str:
        unit = unit_of(self._read_order(order).data)
        return str(unit.captures[0]["id"]) if unit.captures else ""

    # --- orders -----------------------------------------------------------------------------------------------------

    def _complete(self, order: PaymentRequest, operation: str, request_id: str, *, good: frozenset[PaymentState]) -> Payment:
        """Take or hold what the giver has approved."""
        if not _ORDER_ID.fullmatch(order.checkout_id):
            raise ProviderRefused("unknown_checkout", "this is no order of PayPal's")
        path = f"/v2/checkout/orders/{order.checkout_id}/{operation}"
        with wire.at_most(OPERATION_SECONDS):
            try:
                said = self.client.call(operation, "POST", path, body={}, request_id=request_id)
            except PayPalRefused as refusal:
                return self._after_refusal(refusal, order, operation, good)
            return _if_good(self._told_by(order, said), operation, good)

    def _told_by(self, order: PaymentRequest, said: Said) -> Payment:
        """The payment in a capture's or an authorization's answer; the order is read where it does not say for whom it was."""
        try:
            unit = unit_of(said.data)
        except ProviderUnavailable:
            return payment_of(order, unit_of(self._read_order(order).data), correlation_id=said.debug_id)
        if said.data.get("id") != order.checkout_id:
            unit = unit_of(self._read_order(order).data)
        elif not (unit.payee and payee_of(order, unit.payee) and unit.reference):
            told = [("captures", one) for one in unit.captures] + [("authorizations", one) for one in unit.authorizations]
            unit = unit_of(self._read_order(order).data, *told)
        return payment_of(order, unit, correlation_id=said.debug_id)

    def _act_on_held(
        self,
        order: PaymentRequest,
        operation: str,
        request_id: str,
        body: Words | None,
        *,
        kind: str,
        good: frozenset[PaymentState],
    ) -> Payment:
        """Capture, renew or void the authorization that the order holds."""
        if order.capture_at_once:
            raise ProviderRefused(f"cannot_{operation}", "this payment was never to be held")
        verb = {"renew": "reauthorize"}.get(operation, operation)
        with wire.at_most(OPERATION_SECONDS):
            before = self._read_order(order)
            unit = self._unit(order, before)
            authorization = _to_act_on(unit.authorizations, operation)
            if authorization is None:
                return self._nothing_held(order, operation, before)
            try:
                said = self.client.call(
                    operation,
                    "POST",
                    f"/v2/payments/authorizations/{authorization['id']}/{verb}",
                    body=body,
                    request_id=request_id,
                    auth_assertion=self._assertion(order),
                )
            except PayPalRefused as refusal:
                return self._after_refusal(refusal, order, operation, good)
            told = said.data if said.status != 204 else {"id": authorization["id"], "status": "VOIDED"}
            if operation == "renew":
                told = {"create_time": clock.now().isoformat(), **told}
            if operation == "void" and len(unit.authorizations) > 1:
                before = self._read_order(order)  # its renewals have gone with it
            payment = payment_of(order, self._unit(order, before, (kind, told)), correlation_id=said.debug_id)
            return _if_good(payment, operation, good)

    def _nothing_held(self, order: PaymentRequest, operation: str, before: Said) -> Payment:
        state = payment_of(order, unit_of(before.data), correlation_id=before.debug_id).state
        raise ProviderRefused(f"cannot_{operation}", f"nothing is held: the payment is {state}", correlation_id=before.debug_id)

    def _after_refusal(
        self, refusal: PayPalRefused, order: PaymentRequest, operation: str, good: frozenset[PaymentState]
    ) -> Payment:
        """What PayPal says of an order that it would not obey may show that it was obeyed before."""
        if meaning_of(refusal.http_status, refusal.issues).then is not Then.ASK:
            raise self._refusal(refusal) from refusal
        return _if_good(self.find(order), operation, good)

    def _refusal(self, refusal: PayPalRefused) -> ProviderRefused | ProviderUnavailable:
        meaning = meaning_of(refusal.http_status, refusal.issues)
        if meaning.then in {Then.LATER, Then.ASK}:
            return ProviderUnavailable(f"refused in words that tell no outcome: {refusal}")
        if meaning.then is Then.GIVER:
            url = refusal.links.get("redirect") or refusal.links.get("payer-action") or ""
            url = url if addresses.is_givers_page(url, self.client.base) else ""
            return PayerActionRequired(meaning.reason, str(refusal), correlation_id=refusal.debug_id, url=url)
        return ProviderRefused(meaning.reason, str(refusal), correlation_id=refusal.debug_id)

    def _assertion(self, order: PaymentRequest) -> str:
        """In whose name we act on a payment that another account has received: a token without a signature, as PayPal asks."""
        payee = {"email": order.payee} if "@" in order.payee else {"payer_id": order.payee}
        return f"{_base64url({'alg': 'none'})}.{_base64url({'iss': self.client.client_id, **payee})}."

    @staticmethod
    def _amount(order: PaymentRequest, amount_minor: int | None = None) -> dict[str, str]:
        try:
            return _money(order.amount_minor if amount_minor is None else amount_minor, order.currency)
        except AmountRefused as error:
            raise ProviderRefused("amount_refused", str(error)) from None


def _order_request(order: PaymentRequest) -> dict[str, Any]:
    payee = {"email_address": order.payee} if "@" in order.payee else {"merchant_id": order.payee}
    return {
        "intent": "CAPTURE" if order.capture_at_once else "AUTHORIZE",
        "purchase_units": [
            {
                "reference_id": "default",
                "custom_id": order.reference,
                "invoice_id": order.reference,
                "description": _description(order.description),
                "payee": payee,
                "amount": _money(order.amount_minor, order.currency),
            }
        ],
        "payment_source": {
            "paypal": {
                "experience_context": {
                    "locale": LOCALE,
                    "user_action": "PAY_NOW",
                    "shipping_preference": "NO_SHIPPING",
                    "landing_page": "NO_PREFERENCE",
                    "payment_method_preference": "IMMEDIATE_PAYMENT_REQUIRED",
                    "return_url": order.return_url,
                    "cancel_url": order.cancel_url,
                }
            }
        },
    }


def _description(text: str) -> str:
    """At most 127 characters as PayPal counts them: a character beyond the basic plane is two."""
    one_line = " ".join(text.split()) or "Gift"
    return one_line.encode("utf-16-le")[: 2 * LONGEST_DESCRIPTION].decode("utf-16-le", errors="ignore")


def _money(amount_minor: int, currency: str) -> dict[str, str]:
    return {"currency_code": currency, "value": amounts.value_of(amount_minor, currency)}


def _to_act_on(authorizations: tuple[Words, ...], operation: str) -> Words | None:
    """The newest that is held is captured; only the first can be renewed or voided, and its renewals go with it."""
    by_age = sorted(authorizations, key=lambda one: str(one.get("create_time", "")))
    if operation != "capture":
        return by_age[0] if by_age else None
    held = [one for one in by_age if AUTHORIZATION_STATES.get(str(one.get("status"))) is PaymentState.AUTHORIZED]
    return next(reversed(held or by_age), None)


def _if_good(payment: Payment, operation: str, good: frozenset[PaymentState]) -> Payment:
    """The payment where it is what was wanted; a definite no where it is over, so that a later try is a new request."""
    if payment.state in good:
        return payment
    if payment.state not in OVER:
        raise ProviderUnavailable(f"{operation}: PayPal speaks as if it were done, and yet the payment is {payment.state}")
    why = payment.reason or f"cannot_{operation}"
    raise ProviderRefused(why, f"{operation}: the payment is {payment.state}", correlation_id=payment.correlation_id)


def _base64url(content: Mapping[str, str]) -> str:
    text = json.dumps(content, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()
