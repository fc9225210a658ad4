"""The adapter in front of PayPal: Orders v2 and Payments v2. It translates and decides nothing."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import clock
from providers.base import (
    Capability,
    CredentialsRefused,
    Finding,
    OpenedCheckout,
    Payment,
    PaymentRequest,
    PaymentState,
    ProviderRefused,
    ProviderUnavailable,
    WebhookEvent,
)
from providers.kit.deadline import at_most
from providers.kit.operations import (
    HELD,
    LET_GO,
    OPERATION_SECONDS,
    TAKEN,
    check_request,
    expected,
    not_held,
    shown_after,
)
from providers.kit.reading import Json, matching, time_of_rfc3339
from providers.kit.refusals import Then, lookup_error_of
from providers.kit.spec import is_test_environment
from providers.paypal import addresses, amounts, checks
from providers.paypal.client import PayPalClient, PayPalRefused
from providers.paypal.mapping import (
    AUTHORIZATION_STATES,
    link_of,
    payment_of,
    purchase_unit_of,
)
from providers.paypal.onboarding import PartnersPayees
from providers.paypal.orders import ORDER_ID, Orders, check_created, order_in, order_path
from providers.paypal.payees import payee_id_in
from providers.paypal.permissions import SavesWallets
from providers.paypal.refunds import GivesBack
from providers.paypal.refusals import REFUSALS
from providers.paypal.requests import assertion_for, fees, money, order_for
from providers.paypal.webhooks import Webhooks

TIME_TO_APPROVE = timedelta(hours=3)
"""How long an order can be approved where nothing else is agreed with PayPal: https://developer.paypal.com/docs/api/orders/v2/,
read in November 2026. It says no such moment in its answers."""

_EMAIL = re.compile(
    r"[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
)
_LONGEST_EMAIL = 254
_MERCHANT_ID = re.compile(r"[2-9A-HJ-NP-Z]{13}")


class PayPalProvider(GivesBack, PartnersPayees, SavesWallets):
    """One PayPal app and whoever it collects for. Meets providers.base.Provider. Thread-safe."""

    key = "paypal"
    return_token_argument = "token"  # noqa: S105 - a query argument's name
    capabilities = frozenset({Capability.CHECKS_PAYEES, Capability.ONBOARDS_PAYEES})

    def __init__(
        self,
        *,
        base: str,
        client_id: str,
        client_secret: str,
        webhook_id: str,
        trust_roots_file: str = "",
        partner_id: str = "",
        saves_wallets: bool = False,
    ) -> None:
        """`partner_id`: the operator's merchant id, where PayPal has approved it as a partner. `saves_wallets`: PayPal lets
        the app do that."""
        self.partner_id = partner_id
        if saves_wallets:
            self.capabilities |= {Capability.KEEPS_PERMISSIONS}
        self.client = PayPalClient(base, client_id, client_secret, trust_roots_file=trust_roots_file)
        self.orders = Orders(self.client)
        self.webhooks = Webhooks(self.client, webhook_id, trust_roots_file=trust_roots_file)

    def check_setup(self) -> Iterable[Finding]:
        """What `manage.py check_provider` tells an operator."""
        return checks.check(self.client, self.webhooks.webhook_id, self.partner_id, is_test=is_test_environment(self))

    # --- on the way in ----------------------------------------------------------------------------------------------

    def check_credentials(self, credentials: str) -> None:
        email = len(credentials) <= _LONGEST_EMAIL and _EMAIL.fullmatch(credentials)
        if not (email or _MERCHANT_ID.fullmatch(credentials)):
            raise CredentialsRefused(
                "must be what PayPal knows the payee by: an e-mail address such as anna@example.org, or a merchant ID of "
                "13 characters (2 to 9 and A to Z without I and O)"
            )

    def check_currency(self, currency: str, *, payee: str = "") -> None:
        amounts.check_currency(currency)

    def check_amount(self, amount_minor: int, currency: str, *, payee: str = "") -> None:
        amounts.check_amount(amount_minor, currency)

    def check_refund(self, amount_minor: int, currency: str) -> None:
        amounts.check_amount(amount_minor, currency)

    # --- the giver's way --------------------------------------------------------------------------------------------

    def open_checkout(self, request: PaymentRequest, *, request_id: str) -> OpenedCheckout:
        check_request(self, request)
        body, asked_at = order_for(request), clock.now()
        with at_most(OPERATION_SECONDS):
            try:
                reply = self.client.call("create", "POST", "/v2/checkout/orders", body=body, request_id=request_id)
            except PayPalRefused as refusal:
                raise self._error_of(refusal) from refusal
        checkout_id, url = matching(ORDER_ID, reply.data.get("id")), link_of(reply.data, "payer-action", "approve")
        if not checkout_id or not url:
            raise ProviderUnavailable("create: answered, but with no order that a giver could approve")
        if parse_qs(urlsplit(url).query).get("token", [checkout_id]) != [checkout_id]:
            raise ProviderUnavailable("create: answered with the page of another order")
        check_created(reply.data, request)
        if not addresses.is_givers_page(url, self.client.base):
            raise ProviderRefused("unsafe_page", "the page is not PayPal's", correlation_id=reply.correlation_id)
        return OpenedCheckout(
            checkout_id,
            url,
            correlation_id=reply.correlation_id,
            payee_id=payee_id_in(reply.data, request),
            expires_at=(time_of_rfc3339(reply.data.get("create_time")) or asked_at) + TIME_TO_APPROVE,
        )

    def find(self, request: PaymentRequest) -> Payment:
        with at_most(OPERATION_SECONDS):
            try:
                reply = self.client.call("get order", "GET", order_path(request))
            except PayPalRefused as refusal:
                error = lookup_error_of(refusal, "get order")
                if not (isinstance(error, ProviderRefused) and request.payment_reference):
                    raise error from refusal
                return self.orders.find_by_payment(request)  # PayPal forgets orders sooner than money
            order = order_in(reply, request)
            return payment_of(request, self.orders.unit(request, order), correlation_id=order.correlation_id)

    def in_its_order(self, request: PaymentRequest) -> Payment:
        """The payment with its refunds, which an order alone lists. Raises ProviderRefused where there is no such order."""
        order = self.orders.read(request)
        return payment_of(request, self.orders.unit(request, order), correlation_id=order.correlation_id)

    def authorize(self, request: PaymentRequest, *, request_id: str) -> Payment:
        return self._complete(request, "authorize", request_id, good=HELD)

    def capture(self, request: PaymentRequest, *, request_id: str) -> Payment:
        if request.capture_at_once:
            return self._complete(request, "capture", request_id, good=TAKEN)
        kept = fees(request.platform_fee_minor, request.currency)
        body = {"amount": money(request.amount_minor, request.currency), "final_capture": True, **kept}
        return self._act_on_held(request, "capture", request_id, body, kind="captures", good=TAKEN)

    def renew(self, request: PaymentRequest, *, request_id: str) -> Payment:
        """PayPal vouches for three more days after a renewal, and holds nothing for more than 29 days in all: a renewal that
        does neither for longer is none."""
        body = {"amount": money(request.amount_minor, request.currency)}
        before = self.find(request)
        renewed = self._act_on_held(
            request, "renew", request_id, body, kind="authorizations", good=frozenset({PaymentState.AUTHORIZED})
        )
        if not (_is_later(renewed.expires_at, before.expires_at) or _is_later(renewed.honored_until, before.honored_until)):
            raise ProviderRefused("cannot_renew", "PayPal holds it no longer", correlation_id=renewed.correlation_id)
        return renewed

    def void(self, request: PaymentRequest, *, request_id: str) -> Payment:
        return self._act_on_held(request, "void", request_id, None, kind="authorizations", good=LET_GO)

    # --- webhooks ----------------------------------------------------------------------------------------------------

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookEvent:
        with at_most(OPERATION_SECONDS):
            return self.webhooks.read(body, headers)

    # --- operations -----------------------------------------------------------------------------------------------------

    def _complete(self, request: PaymentRequest, operation: str, request_id: str, *, good: frozenset[PaymentState]) -> Payment:
        """Take or hold what the giver has approved."""
        path = f"{order_path(request)}/{operation}"
        with at_most(OPERATION_SECONDS):
            try:
                reply = self.client.call(operation, "POST", path, body={}, request_id=request_id)
            except PayPalRefused as refusal:
                return self._after_refusal(refusal, request, operation, good)
            return expected(self.orders.payment_in(request, reply), operation, good)

    def _act_on_held(
        self,
        request: PaymentRequest,
        operation: str,
        request_id: str,
        body: Json | None,
        *,
        kind: str,
        good: frozenset[PaymentState],
    ) -> Payment:
        """Capture, renew or void the authorization that the order holds."""
        if request.capture_at_once:
            raise ProviderRefused(f"cannot_{operation}", "this payment was never to be held")
        verb = {"renew": "reauthorize"}.get(operation, operation)
        with at_most(OPERATION_SECONDS):
            before = self.orders.read(request)
            unit = self.orders.unit(request, before)
            authorization = _to_act_on(unit.authorizations, operation)
            if authorization is None:
                state = payment_of(request, purchase_unit_of(before.data), correlation_id=before.correlation_id).state
                raise not_held(operation, state, before.correlation_id)
            try:
                reply = self.client.call(
                    operation,
                    "POST",
                    f"/v2/payments/authorizations/{authorization['id']}/{verb}",
                    body=body,
                    request_id=request_id,
                    auth_assertion=assertion_for(self.client.client_id, request.payee),
                )
            except PayPalRefused as refusal:
                return self._after_refusal(refusal, request, operation, good)
            told = reply.data if reply.status != 204 else {"id": authorization["id"], "status": "VOIDED"}
            if operation == "renew":
                told = {"create_time": clock.now().isoformat(), **told}
            if operation == "void" and len(unit.authorizations) > 1:
                before = self.orders.read(request)  # its renewals have gone with it
            payment = payment_of(request, self.orders.unit(request, before, (kind, told)), correlation_id=reply.correlation_id)
            return expected(payment, operation, good)

    def _after_refusal(
        self, refusal: PayPalRefused, request: PaymentRequest, operation: str, good: frozenset[PaymentState]
    ) -> Payment:
        """The payment, where it was carried out in spite of the refusal; looked at unless the refusal is plain."""
        no = self._error_of(refusal)
        if REFUSALS.meaning(refusal).then is not Then.ASK:
            raise no from refusal
        return shown_after(no, self.find(request), operation, good)

    def _error_of(self, refusal: PayPalRefused) -> ProviderRefused | ProviderUnavailable:
        url = refusal.links.get("redirect") or refusal.links.get("payer-action") or ""
        return REFUSALS.error_of(refusal, url=url if addresses.is_givers_page(url, self.client.base) else "")


def _to_act_on(authorizations: tuple[Json, ...], operation: str) -> Json | None:
    """The newest that is held is captured; only the first can be renewed or voided, and its renewals go with it."""
    by_age = sorted(authorizations, key=lambda one: str(one.get("create_time", "")))
    if operation != "capture":
        return by_age[0] if by_age else None
    held = [one for one in by_age if AUTHORIZATION_STATES.get(str(one.get("status"))) is PaymentState.AUTHORIZED]
    return next(reversed(held or by_age), None)


def _is_later(moment: datetime | None, than: datetime | None) -> bool:
    return than is None or (moment is not None and moment > than)
