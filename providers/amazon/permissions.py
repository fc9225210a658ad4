"""Standing permissions at Amazon Pay: recurring charge permissions, and charges under them.

https://developer.amazon.com/docs/amazon-pay-api-v2/charge-permission.html and
https://developer.amazon.com/docs/amazon-pay-recurring-apb-checkout/manage-recurring-payments.html, read in November 2026.
The giver agrees by Amazon's button on our page; the session that this makes is completed without a charge, which gives the
permission. The token says whose it is: "merchant ID:charge permission ID", since each account charges under its own.
"""

import re
from dataclasses import replace

from django.conf import settings

from providers.amazon import amounts, names
from providers.amazon.accounts import Account, Accounts
from providers.amazon.client import AmazonPayClient, AmazonRefused
from providers.amazon.keys import idempotency_key
from providers.amazon.mapping import reference_in
from providers.amazon.refusals import CHARGE_REFUSALS, REFUSALS
from providers.amazon.sessions import SESSION_ID, is_object
from providers.base import OpenedCheckout, PaymentRequest, PayPage, ProviderRefused, ProviderUnavailable
from providers.kit.calls import Reply
from providers.kit.deadline import at_most
from providers.kit.operations import OPERATION_SECONDS, check_request
from providers.kit.reading import an_object, text
from providers.permissions import OpenedPermission, PermissionRequest, PermissionTold, Standing

_TOKEN = re.compile(r"(?P<merchant>[A-Z0-9]{1,50}):(?P<permission>[A-Z][0-9]{2}-[0-9]{7}-[0-9]{7})")

EXPIRED = frozenset({"Expired", "ExpiredUnused"})
"""Why a permission is Closed, where nobody has closed it."""


class ChargesLater:
    """The part of the adapter about permissions. Meets providers.permissions.AgreedOnOurPage."""

    accounts: Accounts
    permission_token_argument = "amazonCheckoutSessionId"  # noqa: S105 - a query argument's name

    def check_permission(self, request: PermissionRequest) -> None:
        amounts.check_currency(request.currency, self.accounts.charged_by_any, by_others=self.accounts.charged_by_any)
        amounts.check_amount(request.maximum_minor, request.currency)

    # --- the giver's way ----------------------------------------------------------------------------------------------

    def ask_permission(self, request: PermissionRequest, *, request_id: str) -> OpenedPermission:
        """Nobody is asked: the session comes into being when the giver presses the button."""
        if not self._account_for(request).client.signer.can_sign:
            raise ProviderUnavailable("the service has no Amazon Pay keys")
        return OpenedPermission("", f"{settings.PUBLIC_BASE_URL}/permission/{request.reference}")

    def permission_page(self, request: PermissionRequest) -> PayPage:
        return self._account_for(request).button.page_to_agree_on(request)

    def is_set_up_of(self, request: PermissionRequest, setup_id: str) -> bool:
        with at_most(OPERATION_SECONDS):
            try:
                self._session(replace(request, setup_id=setup_id))
            except ProviderRefused:
                return False
            return True

    def find_permission(self, request: PermissionRequest, *, request_id: str) -> PermissionTold:
        with at_most(OPERATION_SECONDS):
            return self._kept(request.token) if request.token else self._agreed(request)

    def revoke_permission(self, request: PermissionRequest, *, request_id: str) -> None:
        """A session that was not completed gives no permission, and nobody completes it any more."""
        with at_most(OPERATION_SECONDS):
            token = request.token or self._token_in(self._account_for(request), self._session(request))
            if token:
                self._close(token)  # invariant: a-charge-permission-that-is-taken-back-is-closed

    # --- a gift under it ----------------------------------------------------------------------------------------------

    def open_with_permission(self, request: PaymentRequest, token: str, *, request_id: str) -> OpenedCheckout:
        check_request(self, request)  # type: ignore[arg-type]
        merchant_id, permission_id = _parts_of(token)
        if request.payee != merchant_id:
            raise ProviderRefused("permission_not_usable", "the giver has agreed to pay another Amazon Pay account")
        with at_most(OPERATION_SECONDS):
            # invariant: amazon-charges-keep-their-key
            body, key = _charge_for(request, permission_id), idempotency_key(request_id, "charge")
            try:
                reply = self.accounts.paid(merchant_id).client.call(
                    "charge", "POST", "/charges", body=body, idempotency_key=key
                )
            except AmazonRefused as refusal:
                raise CHARGE_REFUSALS.error_of(refusal) from refusal
        charge_id = reply.data.get("chargeId")
        if not is_object(charge_id) or reply.data.get("chargePermissionId") != permission_id:
            raise ProviderUnavailable("charge: answered, but with no charge under this permission")
        if (reference_in(reply.data) or request.reference) != request.reference:
            raise ProviderUnavailable("charge: answered with the charge of another gift")
        return OpenedCheckout(str(charge_id), "", correlation_id=reply.correlation_id)

    # --- questions ----------------------------------------------------------------------------------------------------

    def _account_for(self, request: PermissionRequest) -> Account:
        """The account that the giver agrees to pay: the one of the token, else the first that charges the currency."""
        if request.token:
            return self.accounts.paid(_parts_of(request.token)[0])
        return next((one for one in self.accounts.all if request.currency in one.charges), self.accounts.all[0])

    def _session(self, request: PermissionRequest) -> Reply:
        """The session where it is this permission's. Raises ProviderRefused, ProviderUnavailable."""
        if not SESSION_ID.fullmatch(request.setup_id):
            raise ProviderRefused("unknown_permission", "this is no checkout session of Amazon's")
        account = self._account_for(request)
        try:
            reply = account.client.call("get session", "GET", f"/checkoutSessions/{request.setup_id}")
        except AmazonRefused as refusal:
            if refusal.http_status == 404:
                raise ProviderRefused("unknown_permission", str(refusal), correlation_id=refusal.correlation_id) from refusal
            raise ProviderUnavailable(f"get session: {refusal}") from refusal
        if reply.data.get("checkoutSessionId") != request.setup_id:
            raise ProviderUnavailable("get session: answered with another session")
        reference = reference_in(reply.data)
        if not reference:
            raise ProviderUnavailable("get session: it does not say for whom it is")
        if reference != request.reference:
            raise ProviderRefused(
                "unknown_permission", "the session is not this permission's", correlation_id=reply.correlation_id
            )
        return reply

    def _agreed(self, request: PermissionRequest) -> PermissionTold:
        account, reply = self._account_for(request), self._session(request)
        if _state_of(reply) == "Open":
            if reply.data.get("constraints"):
                return PermissionTold(Standing.OPEN, correlation_id=reply.correlation_id)
            reply = self._completed(account, request, reply)
        if _state_of(reply) == "Canceled":
            return PermissionTold(Standing.LAPSED, correlation_id=reply.correlation_id)
        token = self._token_in(account, reply)
        return self._kept(token) if token else PermissionTold(Standing.OPEN, correlation_id=reply.correlation_id)

    def _completed(self, account: Account, request: PermissionRequest, before: Reply) -> Reply:
        """Amazon completes a session once, however often it is told to, and refuses where the giver has not agreed."""
        body = {"chargeAmount": amounts.price(request.maximum_minor, request.currency)}
        try:
            reply = account.client.call("complete", "POST", f"/checkoutSessions/{request.setup_id}/complete", body=body)
        except AmazonRefused as refusal:
            if refusal.http_status not in {400, 404, 409, 422}:
                raise ProviderUnavailable(f"complete: {refusal}") from refusal
            return self._session(request)
        return reply if reply.data.get("checkoutSessionId") == request.setup_id else before

    @staticmethod
    def _token_in(account: Account, session: Reply) -> str:
        """Empty where the session has not come to a permission."""
        token = f"{account.merchant_id}:{text(session.data.get('chargePermissionId'))}"
        return token if _TOKEN.fullmatch(token) else ""

    def _kept(self, token: str) -> PermissionTold:
        merchant_id, permission_id = _parts_of(token)
        reply = _permission(self.accounts.paid(merchant_id).client, permission_id)
        if reply is None:
            return PermissionTold(Standing.REVOKED)
        status = an_object(reply.data.get("statusDetails"))
        if text(status.get("state")) != "Closed":
            return PermissionTold(Standing.ACTIVE, token, correlation_id=reply.correlation_id)
        has_expired = any(text(one.get("reasonCode")) in EXPIRED for one in _reasons_in(status))
        return PermissionTold(Standing.EXPIRED if has_expired else Standing.REVOKED, correlation_id=reply.correlation_id)

    def _close(self, token: str) -> None:
        """What is held under it stays to be taken or let go."""
        merchant_id, permission_id = _parts_of(token)
        body = {"closureReason": "The giver has taken it back", "cancelPendingCharges": False}
        try:
            self.accounts.paid(merchant_id).client.call(
                "close", "DELETE", f"/chargePermissions/{permission_id}/close", body=body
            )
        except AmazonRefused as refusal:
            if self._kept(token).standing is Standing.ACTIVE:
                raise REFUSALS.error_of(refusal) from refusal


def _permission(client: AmazonPayClient, permission_id: str) -> Reply | None:
    """None: Amazon knows no such permission. Raises ProviderUnavailable."""
    try:
        reply = client.call("get permission", "GET", f"/chargePermissions/{permission_id}")
    except AmazonRefused as refusal:
        if refusal.http_status == 404:
            return None
        raise ProviderUnavailable(f"get permission: {refusal}") from refusal
    if reply.data.get("chargePermissionId") != permission_id or not _state_of(reply):
        raise ProviderUnavailable("get permission: answered with another permission")
    return reply


def token_told(merchant_id: str, permission_id: str) -> str:
    """The token by which a notification about a permission finds it; empty where it names none."""
    token = f"{merchant_id}:{permission_id}"
    return token if _TOKEN.fullmatch(token) else ""


def _charge_for(request: PaymentRequest, permission_id: str) -> dict[str, object]:
    """A descriptor is taken only with a charge that is captured at once."""
    descriptor = names.soft_descriptor(request.brand) if request.capture_at_once else ""
    return {
        "chargePermissionId": permission_id,
        "chargeAmount": amounts.price(request.amount_minor, request.currency),
        "captureNow": request.capture_at_once,
        "canHandlePendingAuthorization": False,
        **({"softDescriptor": descriptor} if descriptor else {}),
        "merchantMetadata": names.merchant_metadata(request.reference, request.brand, request.description),
    }


def _state_of(reply: Reply) -> str:
    return text(an_object(reply.data.get("statusDetails")).get("state"))


def _reasons_in(status: dict[str, object]) -> list[dict[str, object]]:
    listed = status.get("reasons")
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _parts_of(token: str) -> tuple[str, str]:
    """Merchant and charge permission. Raises ProviderRefused where this is no token of ours."""
    found = _TOKEN.fullmatch(token)
    if found is None:
        raise ProviderRefused("unknown_permission", "this is no charge permission of Amazon's")
    return found["merchant"], found["permission"]
