"""Standing permissions at PayPal: wallets saved with the Payment Method Tokens API (Vault v3), and orders paid by them.

https://developer.paypal.com/api/payment-tokens/v3 and https://developer.paypal.com/api/payment-tokens/save-without-purchase/paypal,
read in November 2026. A set-up token stands for what the giver is asked; once they have agreed it is exchanged for a payment
token, which pays orders in their place. Each permission is a customer of its own at PayPal.
"""

import re
from datetime import timedelta
from typing import Any

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
from providers.kit.reading import Json, an_object, matching, objects, text
from providers.paypal import addresses, amounts, names
from providers.paypal.client import PayPalClient, PayPalRefused
from providers.paypal.mapping import ORDER_STATES, link_of
from providers.paypal.orders import ORDER_ID, check_created
from providers.paypal.payees import payee_id_in
from providers.paypal.refusals import CHARGE_REFUSALS, REFUSALS
from providers.paypal.requests import order_for
from providers.permissions import OpenedPermission, PermissionRequest, PermissionTold, Standing

SETUP_TOKENS, PAYMENT_TOKENS = "/v3/vault/setup-tokens", "/v3/vault/payment-tokens"

EVENT_TYPES = ("VAULT.PAYMENT-TOKEN.CREATED", "VAULT.PAYMENT-TOKEN.DELETED", "VAULT.PAYMENT-TOKEN.DELETION-INITIATED")
"""What the webhook has to be subscribed to where permissions are kept.
https://developer.paypal.com/docs/multiparty/checkout/save-payment-methods/webhooks (2026-11)"""

SCOPE = "https://uri.paypal.com/services/vault/payment-tokens/readwrite"
"""Among the scopes of the access token of an app that may save wallets."""

VAULT_ID = re.compile(r"[0-9a-zA-Z_-]{1,36}")
_CUSTOMER_ID = re.compile(r"[0-9a-zA-Z_-]{1,22}")
_SETUP = re.compile(rf"(?P<setup>{VAULT_ID.pattern})(?::(?P<customer>{_CUSTOMER_ID.pattern}))?")
"""A set-up's id, with that of its customer where PayPal has named one: it forgets a set-up, but not a customer's wallets."""

EXCHANGEABLE = frozenset({"APPROVED", "VAULTED", "TOKENIZED"})
"""A set-up that the giver has agreed to, whether it was exchanged before or not."""

ORDER_IDS_ARE_KEPT = timedelta(hours=5)
"""PayPal answers the same to the id of a request for six hours (https://developer.paypal.com/docs/api/orders/v2/, 2026-11);
less than that, since a call takes its time. Later the same request could pay another time."""


class SavesWallets:
    """The part of the adapter about permissions. Meets providers.permissions.KeepsPermissions."""

    client: PayPalClient
    wallets_are_saved_for = "MERCHANT"
    """Who charges them later: PLATFORM where that is one for many merchants (usage_type)."""
    permission_token_argument = ""
    """PayPal names no set-up to a giver who comes back."""

    def check_permission(self, request: PermissionRequest) -> None:
        amounts.check_currency(request.currency)
        amounts.check_amount(request.maximum_minor, request.currency)

    # --- the giver's way ----------------------------------------------------------------------------------------------

    def ask_permission(self, request: PermissionRequest, *, request_id: str) -> OpenedPermission:
        body = setup_for(request, self.wallets_are_saved_for)
        with at_most(OPERATION_SECONDS):
            try:
                reply = self.client.call("save wallet", "POST", SETUP_TOKENS, body=body, request_id=request_id)
            except PayPalRefused as refusal:
                raise REFUSALS.error_of(refusal) from refusal
        setup_id, url = matching(VAULT_ID, reply.data.get("id")), link_of(reply.data, "approve", "payer-action")
        if not setup_id or not url:
            raise ProviderUnavailable("save wallet: answered, but with nothing that a giver could agree to")
        if not addresses.is_givers_page(url, self.client.base):
            raise ProviderRefused("unsafe_page", "the page is not PayPal's", correlation_id=reply.correlation_id)
        named = ":".join(filter(None, (setup_id, _customer_of(reply.data))))
        return OpenedPermission(named, url, correlation_id=reply.correlation_id)

    def find_permission(self, request: PermissionRequest, *, request_id: str) -> PermissionTold:
        with at_most(OPERATION_SECONDS):
            return self._saved(request.token) if request.token else self._agreed(request, request_id)

    def revoke_permission(self, request: PermissionRequest, *, request_id: str) -> None:
        """Where the giver has only agreed to the set-up nothing has to be done: it pays nothing before it is exchanged."""
        with at_most(OPERATION_SECONDS):
            for token in [request.token] if request.token else self._exchanged_for(request.setup_id):
                self._delete(token)  # invariant: a-wallet-that-is-taken-back-is-deleted

    # --- a gift under it ----------------------------------------------------------------------------------------------

    def open_with_permission(self, request: PaymentRequest, token: str, *, request_id: str) -> OpenedCheckout:
        check_request(self, request)  # type: ignore[arg-type]
        _check_token(token)
        if request.charged_since is not None and clock.now() - request.charged_since > ORDER_IDS_ARE_KEPT:
            raise ProviderUnavailable("charge: PayPal has forgotten the request id, and could take it another time")
        body = order_for(request) | {"payment_source": {"paypal": {"vault_id": token}}}
        with at_most(OPERATION_SECONDS):
            try:
                # invariant: paypal-charges-keep-their-request-id
                reply = self.client.call("charge", "POST", "/v2/checkout/orders", body=body, request_id=request_id)
            except PayPalRefused as refusal:
                raise CHARGE_REFUSALS.error_of(refusal) from refusal
        return _charged(reply, request)

    # --- questions ----------------------------------------------------------------------------------------------------

    def _saved(self, token: str) -> PermissionTold:
        _check_token(token)
        try:
            reply = self.client.call("get saved wallet", "GET", f"{PAYMENT_TOKENS}/{token}")
        except PayPalRefused as refusal:
            if refusal.http_status == 404:
                return PermissionTold(Standing.REVOKED, correlation_id=refusal.correlation_id)
            raise ProviderUnavailable(f"get saved wallet: {refusal}") from refusal
        if reply.data.get("id") != token:
            raise ProviderUnavailable("get saved wallet: answered with another one")
        return PermissionTold(Standing.ACTIVE, token, correlation_id=reply.correlation_id)

    def _agreed(self, request: PermissionRequest, request_id: str) -> PermissionTold:
        """PayPal need not know a set-up any more that was exchanged: under the same request id it tells what for."""
        setup_id, customer_id = _named_in(request.setup_id)
        setup = self._setup(setup_id)
        if setup is not None and text(setup.data.get("status")) not in EXCHANGEABLE:
            return PermissionTold(Standing.OPEN, correlation_id=setup.correlation_id)
        body = {"payment_source": {"token": {"id": setup_id, "type": "SETUP_TOKEN"}}}
        try:
            reply = self.client.call("exchange", "POST", PAYMENT_TOKENS, body=body, request_id=request_id)
        except PayPalRefused as refusal:
            return self._not_exchanged(setup, customer_id, refusal)
        if not (token := matching(VAULT_ID, reply.data.get("id"))):
            raise ProviderUnavailable("exchange: answered, but with no token")
        return PermissionTold(Standing.ACTIVE, token, correlation_id=reply.correlation_id)

    def _not_exchanged(self, setup: Reply | None, customer_id: str, refusal: PayPalRefused) -> PermissionTold:
        if refusal.http_status not in {404, 422}:
            raise ProviderUnavailable(f"exchange: {refusal}") from refusal
        if setup is not None and "PAYER_ACTION_REQUIRED" in refusal.codes:
            return PermissionTold(Standing.OPEN, correlation_id=refusal.correlation_id)
        tokens = self._tokens_of(setup, customer_id)  # exchanged before, under an id that PayPal has forgotten
        if len(tokens) == 1:
            return PermissionTold(Standing.ACTIVE, tokens[0], correlation_id=refusal.correlation_id)
        if setup is None and not tokens:
            raise ProviderRefused("unknown_permission", str(refusal), correlation_id=refusal.correlation_id) from refusal
        if setup is not None and not tokens and text(setup.data.get("status")) == "VAULTED":
            return PermissionTold(Standing.REVOKED, correlation_id=refusal.correlation_id)  # saved, and removed again
        raise ProviderUnavailable(f"exchange: {refusal}, and {len(tokens)} wallets are saved") from refusal

    def _setup(self, setup_id: str) -> Reply | None:
        """None: PayPal knows it no more."""
        try:
            reply = self.client.call("get set-up", "GET", f"{SETUP_TOKENS}/{setup_id}")
        except PayPalRefused as refusal:
            if refusal.http_status == 404:
                return None
            raise ProviderUnavailable(f"get set-up: {refusal}") from refusal
        if reply.data.get("id") != setup_id:
            raise ProviderUnavailable("get set-up: answered with another one")
        return reply

    def _exchanged_for(self, setup_id: str) -> list[str]:
        """What a set-up was exchanged for, where the answer to that was lost."""
        setup_id, customer_id = _named_in(setup_id)
        return self._tokens_of(self._setup(setup_id), customer_id)

    def _tokens_of(self, setup: Reply | None, customer_id: str) -> list[str]:
        """The payment tokens of the set-up's customer, who is nobody else's."""
        if setup is not None:
            is_agreed = text(setup.data.get("status")) in EXCHANGEABLE
            customer_id = (_customer_of(setup.data) or customer_id) if is_agreed else ""
        if not customer_id:
            return []
        try:
            reply = self.client.call("list saved wallets", "GET", f"{PAYMENT_TOKENS}?customer_id={customer_id}")
        except PayPalRefused as refusal:
            if setup is None and refusal.http_status in {400, 404, 422}:
                return []  # nobody has agreed, and with the set-up its customer is gone
            raise ProviderUnavailable(f"list saved wallets: {refusal}") from refusal
        return [told for one in objects(reply.data.get("payment_tokens")) if (told := matching(VAULT_ID, one.get("id")))]

    def _delete(self, token: str) -> None:
        _check_token(token)
        try:
            self.client.call("delete saved wallet", "DELETE", f"{PAYMENT_TOKENS}/{token}", repeatable=True)
        except PayPalRefused as refusal:
            if refusal.http_status != 404:
                raise REFUSALS.error_of(refusal) from refusal


def setup_for(request: PermissionRequest, usage_type: str = "MERCHANT") -> dict[str, Any]:
    """The body that asks a giver to agree. Another permission of the same giver's is another token, to be ended by itself."""
    brand = names.brand_name(request.brand)
    return {
        "payment_source": {
            "paypal": {
                "description": names.saved_for(request.description),
                "usage_type": usage_type,
                "permit_multiple_payment_tokens": True,
                "experience_context": {
                    **({"brand_name": brand} if brand else {}),
                    "shipping_preference": "NO_SHIPPING",
                    "return_url": request.return_url,
                    "cancel_url": request.cancel_url,
                },
            }
        }
    }


def _customer_of(setup: Json) -> str:
    """The customer whom PayPal has made for a set-up; empty where it names none."""
    return matching(_CUSTOMER_ID, an_object(setup.get("customer")).get("id"))


def _named_in(setup_id: str) -> tuple[str, str]:
    """The set-up, and its customer where that is known. Raises ProviderRefused."""
    found = _SETUP.fullmatch(setup_id)
    if found is None:
        raise ProviderRefused("unknown_permission", "this is no set-up of PayPal's")
    return found["setup"], found["customer"] or ""


def _charged(reply: Reply, request: PaymentRequest) -> OpenedCheckout:
    """The order that was paid with a token; what came of it is asked with `find`.

    Raises PayerActionRequired where the giver has to approve it: without that, and without an order of ours, it takes nothing.
    """
    order_id, status = matching(ORDER_ID, reply.data.get("id")), text(reply.data.get("status"))
    if not order_id or not status:
        raise ProviderUnavailable("charge: answered, but with no order")
    check_created(reply.data, request)
    if status in ORDER_STATES and status not in {"APPROVED", "VOIDED"}:
        why = "PayPal wants the giver to approve it"
        raise PayerActionRequired("authentication_required", why, correlation_id=reply.correlation_id)
    return OpenedCheckout(order_id, "", correlation_id=reply.correlation_id, payee_id=payee_id_in(reply.data, request))


def _check_token(token: str) -> None:
    """Raises ProviderRefused where this is no token of PayPal's: nothing else goes into an address."""
    if not VAULT_ID.fullmatch(token):
        raise ProviderRefused("unknown_permission", "this is no token of PayPal's")
