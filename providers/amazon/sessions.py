"""Reading checkout sessions and charges of Amazon Pay's."""

import re

from providers.amazon.client import AmazonPayClient, AmazonRefused
from providers.amazon.mapping import payment_of, reference_in
from providers.base import Payment, PaymentRequest, ProviderRefused, ProviderUnavailable
from providers.kit.calls import Reply
from providers.kit.reading import matching
from providers.kit.refusals import lookup_error_of

SESSION_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
OBJECT_ID = re.compile(r"[A-Z][0-9]{2}-[0-9]{7}-[0-9]{7}(?:-[A-Z][0-9]{6})?")


def is_object(value: object) -> bool:
    """Whether it is an id of a charge, a refund, a permission or a dispute."""
    return bool(matching(OBJECT_ID, value))


def session_path(request: PaymentRequest) -> str:
    """Raises ProviderRefused where the checkout's id is none of Amazon's."""
    if not SESSION_ID.fullmatch(request.checkout_id):
        raise ProviderRefused("unknown_checkout", "this is no checkout session of Amazon's")
    return f"/checkoutSessions/{request.checkout_id}"


def session_in(reply: Reply, request: PaymentRequest) -> Reply:
    """The reply where it is the session that was asked for. Raises ProviderUnavailable."""
    if reply.data.get("checkoutSessionId") != request.checkout_id:
        raise ProviderUnavailable("get session: answered with another session")
    return reply


class Sessions:
    """Asks Amazon about payments of one account and store; moves no money. Thread-safe."""

    def __init__(self, client: AmazonPayClient, *, merchant_id: str, store_id: str) -> None:
        self._client, self._merchant_id, self._store_id = client, merchant_id, store_id

    def read(self, request: PaymentRequest) -> Reply:
        """Raises ProviderRefused where Amazon knows no such session (any more)."""
        try:
            reply = self._client.call("get session", "GET", session_path(request))
        except AmazonRefused as refusal:
            raise lookup_error_of(refusal, "get session") from refusal
        return session_in(reply, request)

    def ask(self, operation: str, path: str) -> Reply:
        """A question whose refusal tells nothing of the money."""
        try:
            return self._client.call(operation, "GET", path)
        except AmazonRefused as refusal:
            raise ProviderUnavailable(f"{operation}: {refusal}") from refusal

    def _charge(self, charge_id: str) -> Reply:
        reply = self.ask("get charge", f"/charges/{charge_id}")
        if reply.data.get("chargeId") != charge_id:
            raise ProviderUnavailable("get charge: answered with another charge")
        return reply

    def payment_in(self, request: PaymentRequest, reply: Reply) -> Payment:
        """The payment of a session; where it has come to a charge, the charge tells of the money."""
        session, charge_id = reply.data, reply.data.get("chargeId")
        charge = self._charge(charge_id) if isinstance(charge_id, str) and OBJECT_ID.fullmatch(charge_id) else None
        reference, store = reference_in(session), session.get("storeId")
        if not reference or not isinstance(store, str) or not store:
            raise ProviderUnavailable("the session does not say for whom it is")
        return payment_of(
            request,
            payee=self._merchant_id if store == self._store_id else store,
            reference=reference,
            session=session,
            charge=charge.data if charge else None,
            correlation_id=charge.correlation_id if charge else reply.correlation_id,
        )

    def payment_under_permission(self, request: PaymentRequest) -> Payment:
        """Of a charge that is the checkout by itself. Raises ProviderRefused where Amazon knows no such charge."""
        try:
            charge = self._client.call("get charge", "GET", f"/charges/{request.checkout_id}")
        except AmazonRefused as refusal:
            raise lookup_error_of(refusal, "get charge") from refusal
        if charge.data.get("chargeId") != request.checkout_id or not reference_in(charge.data):
            raise ProviderUnavailable("get charge: answered with another charge, or not whose gift it is")
        return payment_of(
            request,
            payee=self._merchant_id,
            reference=reference_in(charge.data),
            session=None,
            charge=charge.data,
            correlation_id=charge.correlation_id,
        )

    def payment_of_charge(self, request: PaymentRequest) -> Payment:
        """What a charge tells of itself, where its session is not to be had. Raises ProviderUnavailable."""
        if not OBJECT_ID.fullmatch(request.payment_reference):
            raise ProviderUnavailable("get charge: this is no charge of Amazon's")
        charge = self._charge(request.payment_reference)
        permission_id = charge.data.get("chargePermissionId")
        if not is_object(permission_id):
            raise ProviderUnavailable("get charge: it does not say by whose permission")
        permission = self.ask("get permission", f"/chargePermissions/{permission_id}")
        if permission.data.get("chargePermissionId") != permission_id:
            raise ProviderUnavailable("get permission: answered with another permission")
        return payment_of(
            request,
            payee=self._merchant_id,  # Amazon shows a charge to the account that it pays, and to nobody else
            reference=reference_in(permission.data),
            session=None,
            charge=charge.data,
            correlation_id=charge.correlation_id,
        )
