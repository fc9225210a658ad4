"""Reading orders of PayPal's, and what was held or taken of them."""

import re

from providers.base import Payment, PaymentRequest, PaymentState, ProviderRefused, ProviderUnavailable
from providers.kit.calls import Reply
from providers.kit.reading import Json, objects
from providers.kit.refusals import lookup_error_of
from providers.paypal.client import PayPalClient, PayPalRefused
from providers.paypal.mapping import PurchaseUnit, amount_in, capture_state, left_of, payment_of, purchase_unit_of
from providers.paypal.payees import payee_of
from providers.paypal.requests import money

ORDER_ID = re.compile(r"[A-Z0-9]{1,36}")
PAYMENT_ID = re.compile(r"[A-Z0-9]{1,36}")


def order_path(request: PaymentRequest) -> str:
    """Raises ProviderRefused where the checkout's id is none of PayPal's."""
    if not ORDER_ID.fullmatch(request.checkout_id):
        raise ProviderRefused("unknown_checkout", "this is no order of PayPal's")
    return f"/v2/checkout/orders/{request.checkout_id}"


def order_in(reply: Reply, request: PaymentRequest) -> Reply:
    """The reply where it is the order that was asked for. Raises ProviderUnavailable."""
    if reply.data.get("id") != request.checkout_id:
        raise ProviderUnavailable("get order: answered with another order")
    return reply


def check_created(created: Json, request: PaymentRequest) -> None:
    """Raises ProviderUnavailable where the answer to the creation of an order tells of another payment than was asked for.

    PayPal repeats what was asked (`Prefer: return=representation`), but need not: what it leaves out is compared later.
    """
    unit = next(iter(objects(created.get("purchase_units"))), {})
    names = {unit[name] for name in ("custom_id", "invoice_id") if isinstance(unit.get(name), str)}
    if names - {request.reference}:
        raise ProviderUnavailable("create: answered with the order of another payment")
    if unit.get("amount") is not None and amount_in(unit["amount"], "an order") != (request.amount_minor, request.currency):
        raise ProviderUnavailable("create: answered with an order over another amount")


class Orders:
    """Asks PayPal about orders; moves no money. Thread-safe."""

    def __init__(self, client: PayPalClient) -> None:
        self._client = client

    def read(self, request: PaymentRequest) -> Reply:
        """Raises ProviderRefused where PayPal knows no such order (any more)."""
        try:
            reply = self._client.call("get order", "GET", order_path(request))
        except PayPalRefused as refusal:
            raise lookup_error_of(refusal, "get order") from refusal
        return order_in(reply, request)

    def ask(self, operation: str, path: str) -> Reply:
        """A question whose refusal tells nothing of the money."""
        try:
            return self._client.call(operation, "GET", path)
        except PayPalRefused as refusal:
            raise ProviderUnavailable(f"{operation}: {refusal}") from refusal

    def unit(self, request: PaymentRequest, reply: Reply, *fresher: tuple[str, Json]) -> PurchaseUnit:
        """The order's purchase unit, with the authorization that we know of where the order does not list it."""
        unit = purchase_unit_of(reply.data, *fresher)
        known = {one["id"] for one in (*unit.authorizations, *unit.captures)}
        missing = request.payment_reference
        if request.capture_at_once or unit.captures or not missing or missing in known or not PAYMENT_ID.fullmatch(missing):
            return unit
        renewed = self.ask("get authorization", f"/v2/payments/authorizations/{missing}")  # the order does not list it
        return purchase_unit_of(reply.data, *fresher, ("authorizations", renewed.data))

    def find_by_payment(self, request: PaymentRequest) -> Payment:
        """What a capture or an authorization tells of itself, where its order is not to be had. Raises ProviderUnavailable."""
        if not PAYMENT_ID.fullmatch(request.payment_reference):
            raise ProviderUnavailable("get capture: this is no payment of PayPal's")
        try:
            kind, reply = "captures", self.ask("get capture", f"/v2/payments/captures/{request.payment_reference}")
        except ProviderUnavailable:
            kind = "authorizations"
            reply = self.ask("get authorization", f"/v2/payments/authorizations/{request.payment_reference}")
        unit = {name: reply.data.get(name) for name in ("amount", "payee", "custom_id")}
        if kind == "captures" and not request.capture_at_once:  # it may be a part: what the order was over it does not tell
            unit["amount"] = money(request.amount_minor, request.currency)
        as_an_order = {"status": "COMPLETED", "purchase_units": [unit]}
        return payment_of(request, purchase_unit_of(as_an_order, (kind, reply.data)), correlation_id=reply.correlation_id)

    def capture_id(self, request: PaymentRequest) -> str:
        """PayPal's id of what was taken; empty where nothing was."""
        unit = purchase_unit_of(self.read(request).data)
        return str(unit.captures[0]["id"]) if unit.captures else ""

    def capture_with(self, request: PaymentRequest, amount_minor: int, *, besides: str) -> str:
        """PayPal's id of another capture of the order that has so much left to be given back; empty where there is none."""
        unit = purchase_unit_of(self.read(request).data)
        others = [one for one in unit.captures if one["id"] != besides and capture_state(one) is PaymentState.CAPTURED]
        return next((str(one["id"]) for one in others if left_of(one, unit.refunds) >= amount_minor), "")

    def has_captured(self, request: PaymentRequest, capture_id: str) -> bool:
        """Whether the order was paid by this capture, perhaps beside others."""
        return any(one["id"] == capture_id for one in purchase_unit_of(self.read(request).data).captures)

    def payment_in(self, request: PaymentRequest, reply: Reply) -> Payment:
        """The payment in a capture's or an authorization's answer; the order is read where it does not say for whom it was."""
        try:
            unit = purchase_unit_of(reply.data)
        except ProviderUnavailable:
            return payment_of(request, purchase_unit_of(self.read(request).data), correlation_id=reply.correlation_id)
        if reply.data.get("id") != request.checkout_id:
            unit = purchase_unit_of(self.read(request).data)
        elif not (unit.payee and payee_of(request, unit.payee) and unit.reference):
            told = [("captures", one) for one in unit.captures] + [("authorizations", one) for one in unit.authorizations]
            unit = purchase_unit_of(self.read(request).data, told_before=told)
        return payment_of(request, unit, correlation_id=reply.correlation_id)
