"""The adapter in front of Amazon Pay (Checkout v2). It translates and decides nothing.

Amazon has no page that a server could open: the giver presses Amazon's button on our pay page, which carries a payload that
we have signed, and only then there is a checkout session. Its id comes back with the giver.
"""

import hashlib
import json
import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from providers import wire
from providers.amazon import amounts, checks
from providers.amazon.client import AmazonPayClient, AmazonRefused, Said
from providers.amazon.mapping import (
    IN_PROGRESS,
    REFUND_MEANINGS,
    Meaning,
    Then,
    dispute_state,
    meaning_of,
    payment_of,
    reference_in,
    refund_of,
)
from providers.amazon.notifications import Notice, Notifications
from providers.amazon.signing import ALGORITHM, Signer
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
    PayPage,
    ProviderRefund,
    ProviderRefused,
    ProviderUnavailable,
    WebhookEvent,
)

log = logging.getLogger(__name__)

OPERATION_SECONDS = 25.0
"""All calls of one operation together: twice this and a database's patience fit into the lease of a follow-up."""

LANGUAGES = {"NA": "en_US", "EU": "en_GB", "JP": "ja_JP"}
"""Of Amazon's button and pages: that of our own pages where the region has it."""

LONGEST_NOTE = 255

_SESSION_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_OBJECT_ID = re.compile(r"[A-Z][0-9]{2}-[0-9]{7}-[0-9]{7}(?:-[A-Z][0-9]{6})?")

TAKEN = frozenset({PaymentState.CAPTURED, PaymentState.PENDING, PaymentState.REVERSED})
HELD = frozenset({PaymentState.AUTHORIZED, *TAKEN})
OVER = frozenset({PaymentState.DECLINED, PaymentState.VOIDED, PaymentState.CAPTURED, PaymentState.REVERSED})

AMAZONS_OWN = ("https://*.payments-amazon.com", "https://*.media-amazon.com", "https://*.ssl-images-amazon.com")
"""Where Amazon's script has its pictures and asks its questions."""


class AmazonProvider:
    """One Amazon Pay account. Meets providers.base.Provider and PaidOnOurPage. Thread-safe."""

    key = "amazon"
    return_token_argument = "amazonCheckoutSessionId"  # noqa: S105 - a query argument's name
    capabilities = frozenset({Capability.PAID_ON_OUR_PAGE})
    button_script = (Path(__file__).parent / "button.js").read_text()

    def __init__(
        self,
        *,
        base: str,
        public_key_id: str,
        private_key: str,
        merchant_id: str,
        store_id: str,
        region: str,
        script_url: str,
        topic: str,
        trust_roots_file: str = "",
    ) -> None:
        self.client = AmazonPayClient(
            base, Signer(public_key_id, private_key, region=region), trust_roots_file=trust_roots_file
        )
        self._merchant_id, self._store_id = merchant_id, store_id
        self._region, self._script_url = region, script_url
        self.notifications = Notifications(self.client.caller.wire, base=base, topic=topic, merchant_id=merchant_id)

    def check_setup(self) -> Iterable[Finding]:
        """What `manage.py check_provider` tells an operator."""
        return checks.check(self.client, self.notifications.topic)

    # --- on the way in ----------------------------------------------------------------------------------------------

    def check_credentials(self, credentials: str) -> None:
        """Our keys can collect for one account only; Amazon would refuse to pay anybody else."""
        if not self._merchant_id or credentials != self._merchant_id:
            raise CredentialsRefused(
                "must be the merchant ID of the Amazon Pay account that this service collects for; its operator knows it "
                "(Seller Central, Integration Central)"
            )

    def check_currency(self, currency: str) -> None:
        amounts.check_currency(currency, self._region)

    def check_amount(self, amount_minor: int, currency: str) -> None:
        amounts.check_amount(amount_minor, currency, self._region)

    def check_refund(self, amount_minor: int, currency: str) -> None:
        amounts.check_amount(amount_minor, currency, self._region)

    # --- the giver's way --------------------------------------------------------------------------------------------

    def open_checkout(self, order: PaymentRequest, *, request_id: str) -> OpenedCheckout:
        """Nobody is asked: the session comes into being when the giver presses Amazon's button on our page."""
        try:
            self.check_credentials(order.payee)
            self.check_amount(order.amount_minor, order.currency)
        except CredentialsRefused:
            raise ProviderRefused("payee_cannot_receive", "the stored credentials are not our account's") from None
        except AmountRefused as error:
            raise ProviderRefused("amount_refused", str(error)) from None
        if not self.client.signer.can_sign:
            raise ProviderUnavailable("the service has no Amazon Pay keys")
        return OpenedCheckout("", _pay_url(order))

    def pay_page(self, order: PaymentRequest) -> PayPage:
        if not self.client.signer.can_sign:
            raise ProviderUnavailable("the service has no Amazon Pay keys")
        payload = json.dumps(self._payload(order), separators=(",", ":"))
        config = {"payloadJSON": payload, "signature": self.client.signer.sign(payload), "algorithm": ALGORITHM}
        button: dict[str, Any] = {
            "merchantId": self._merchant_id,
            "ledgerCurrency": order.currency,
            "checkoutLanguage": LANGUAGES[self._region],
            "productType": "PayOnly",
            "placement": "Checkout",
            "buttonColor": "Gold",
            "estimatedOrderAmount": amounts.price(order.amount_minor, order.currency),
            "createCheckoutSessionConfig": config,
        }
        if self.client.has_keys_of_one_environment:
            button["publicKeyId"] = self.client.signer.public_key_id
        else:
            config["publicKeyId"] = self.client.signer.public_key_id
            button["sandbox"] = self.client.environment == "sandbox"
        script = urlsplit(self._script_url)
        hosts = (f"{script.scheme}://{script.netloc}", *AMAZONS_OWN)
        return PayPage(
            script_url=self._script_url,
            button=button,
            sources={
                "script-src": hosts,
                "img-src": (*hosts, "data:"),
                "connect-src": (*hosts, "https://payments.amazon.com", "https://*.amazon.com"),
                "frame-src": (*hosts, "https://*.amazon.com"),
            },
        )

    def _payload(self, order: PaymentRequest) -> dict[str, Any]:
        """What Amazon is to make a session of."""
        intent = "AuthorizeWithCapture" if order.capture_at_once else "Authorize"
        return {
            "webCheckoutDetails": {
                "checkoutMode": "ProcessOrder",
                "checkoutResultReturnUrl": order.return_url,
                "checkoutCancelUrl": order.cancel_url,
            },
            "storeId": self._store_id,
            "scopes": ["name"],
            "paymentDetails": {
                "paymentIntent": intent,
                "canHandlePendingAuthorization": False,
                "chargeAmount": amounts.price(order.amount_minor, order.currency),
                "presentmentCurrency": order.currency,
            },
            "merchantMetadata": {
                "merchantReferenceId": order.reference,
                "noteToBuyer": " ".join(order.description.split())[:LONGEST_NOTE],
            },
        }

    def find(self, order: PaymentRequest) -> Payment:
        with wire.at_most(OPERATION_SECONDS):
            try:
                said = self._read_session(order)
            except ProviderRefused:
                if not order.payment_reference:
                    raise
                payment = self._find_by_charge(order)  # Amazon forgets sessions after 30 days
            else:
                payment = self._told_by(order, said)
            return self._after_disputes(order, payment)

    def authorize(self, order: PaymentRequest, *, request_id: str) -> Payment:
        return self._complete(order, "authorize", request_id, good=HELD)

    def capture(self, order: PaymentRequest, *, request_id: str) -> Payment:
        if order.capture_at_once:
            return self._complete(order, "capture", request_id, good=TAKEN)
        with wire.at_most(OPERATION_SECONDS):
            before = self.find(order)
            if before.state is not PaymentState.AUTHORIZED and before.state not in TAKEN:
                raise _not_held("capture", before)
            return self._take_charge(order, before.provider_reference, request_id)

    def renew(self, order: PaymentRequest, *, request_id: str) -> Payment:
        raise ProviderRefused("cannot_renew", "Amazon holds nothing for more than 30 days")

    def void(self, order: PaymentRequest, *, request_id: str) -> Payment:
        with wire.at_most(OPERATION_SECONDS):
            before = self.find(order)
            if before.state is PaymentState.VOIDED and before.provider_reference:
                return before
            if before.state is not PaymentState.AUTHORIZED:
                raise _not_held("void", before)
            path, body = (
                f"/charges/{before.provider_reference}/cancel",
                {"cancellationReason": "The gift is not wanted any more"},
            )
            try:
                self.client.call("void", "DELETE", path, body=body, idempotency_key=_key(request_id, path))
            except AmazonRefused as refusal:
                if meaning_of(refusal.http_status, refusal.reason_code).then is not Then.ASK:
                    raise _refusal(refusal) from refusal
            return _if_good(self.find(order), "void", frozenset({PaymentState.VOIDED}))

    # --- giving back ------------------------------------------------------------------------------------------------

    def refund(self, order: PaymentRequest, *, amount_minor: int, reference: str, request_id: str) -> ProviderRefund:
        if amount_minor < 1:
            raise ProviderRefused("refund_amount_refused", "nothing cannot be given back")
        with wire.at_most(OPERATION_SECONDS):
            charge_id = order.payment_reference or self.find(order).provider_reference
            if not _OBJECT_ID.fullmatch(charge_id):
                raise ProviderRefused("cannot_refund", "nothing was taken that could be given back")
            body = {"chargeId": charge_id, "refundAmount": amounts.price(amount_minor, order.currency)}
            try:
                said = self.client.call(  # invariant: amazon-refunds-keep-their-key
                    "refund", "POST", "/refunds", body=body, idempotency_key=_key(request_id, f"{charge_id} {amount_minor}")
                )
            except AmazonRefused as refusal:
                raise _refusal(refusal, REFUND_MEANINGS) from refusal
            if said.data.get("chargeId") != charge_id or not _is_object(said.data.get("refundId")):
                raise ProviderUnavailable("refund: answered, but not with a refund of this payment")
            return refund_of(said.data, order, reference=reference, correlation_id=said.request_id)

    def find_refund(self, order: PaymentRequest, provider_reference: str) -> ProviderRefund:
        if not _OBJECT_ID.fullmatch(provider_reference):
            raise ProviderRefused("unknown_refund", "this is no refund of Amazon's")
        with wire.at_most(OPERATION_SECONDS):
            said = self._ask("get refund", f"/refunds/{provider_reference}")
        if said.data.get("refundId") != provider_reference:
            raise ProviderUnavailable("get refund: answered with another refund")
        if order.payment_reference and said.data.get("chargeId") != order.payment_reference:
            raise ProviderUnavailable("get refund: it is a refund of another payment")
        return refund_of(said.data, order, correlation_id=said.request_id)

    # --- reports ----------------------------------------------------------------------------------------------------

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookEvent:
        with wire.at_most(OPERATION_SECONDS):
            return self._report_of(self.notifications.read(body, headers))

    def _report_of(self, notice: Notice) -> WebhookEvent:
        """Whose payment it is, our own id included: a charge whose id we never learnt is found by that."""
        permission = notice.charge_permission_id or notice.object_id
        reference = self._reference_of(permission) if _OBJECT_ID.fullmatch(permission) else ""
        disputed = notice.kind == "CHARGEBACK" and bool(_OBJECT_ID.fullmatch(notice.object_id))
        if notice.kind == "CHARGEBACK" and not (disputed and reference):
            _for_a_person(notice.object_id or permission, "Amazon does not say which gift it is about")
        return WebhookEvent(
            event_id=notice.notification_id,
            payment_reference=notice.object_id if notice.kind == "CHARGE" else "",
            refund_reference=notice.object_id if notice.kind == "REFUND" else "",
            reference=reference,
            dispute_reference=notice.object_id if disputed else "",
        )

    def _reference_of(self, charge_permission_id: str) -> str:
        try:
            said = self.client.call("get permission", "GET", f"/chargePermissions/{charge_permission_id}")
        except AmazonRefused:
            return ""
        return reference_in(said.data)

    # --- questions --------------------------------------------------------------------------------------------------

    def _read_session(self, order: PaymentRequest) -> Said:
        """Raises ProviderRefused where Amazon knows no such session (any more)."""
        if not _SESSION_ID.fullmatch(order.checkout_id):
            raise ProviderRefused("unknown_checkout", "this is no checkout session of Amazon's")
        try:
            said = self.client.call("get session", "GET", f"/checkoutSessions/{order.checkout_id}")
        except AmazonRefused as refusal:
            if refusal.http_status == 404:
                raise ProviderRefused("unknown_checkout", str(refusal), correlation_id=refusal.request_id) from refusal
            raise ProviderUnavailable(f"get session: {refusal}") from refusal
        if said.data.get("checkoutSessionId") != order.checkout_id:
            raise ProviderUnavailable("get session: answered with another session")
        return said

    def _ask(self, operation: str, path: str) -> Said:
        """A question whose refusal tells nothing of the money."""
        try:
            return self.client.call(operation, "GET", path)
        except AmazonRefused as refusal:
            raise ProviderUnavailable(f"{operation}: {refusal}") from refusal

    def _charge(self, charge_id: str) -> Said:
        said = self._ask("get charge", f"/charges/{charge_id}")
        if said.data.get("chargeId") != charge_id:
            raise ProviderUnavailable("get charge: answered with another charge")
        return said

    def _told_by(self, order: PaymentRequest, said: Said) -> Payment:
        """The payment of a session; where it has come to a charge, the charge tells of the money."""
        session, charge_id = said.data, said.data.get("chargeId")
        charge = self._charge(charge_id) if isinstance(charge_id, str) and _OBJECT_ID.fullmatch(charge_id) else None
        reference, store = reference_in(session), session.get("storeId")
        if not reference or not isinstance(store, str) or not store:
            raise ProviderUnavailable("the session does not say for whom it is")
        return payment_of(
            order,
            payee=self._merchant_id if store == self._store_id else store,
            reference=reference,
            session=session,
            charge=charge.data if charge else None,
            correlation_id=charge.request_id if charge else said.request_id,
        )

    def _find_by_charge(self, order: PaymentRequest) -> Payment:
        """What a charge tells of itself, where its session is not to be had. Raises ProviderUnavailable."""
        if not _OBJECT_ID.fullmatch(order.payment_reference):
            raise ProviderUnavailable("get charge: this is no charge of Amazon's")
        charge = self._charge(order.payment_reference)
        permission_id = charge.data.get("chargePermissionId")
        if not _is_object(permission_id):
            raise ProviderUnavailable("get charge: it does not say by whose permission")
        permission = self._ask("get permission", f"/chargePermissions/{permission_id}")
        if permission.data.get("chargePermissionId") != permission_id:
            raise ProviderUnavailable("get permission: answered with another permission")
        return payment_of(
            order,
            payee=self._merchant_id,  # Amazon shows a charge to the account that it pays, and to nobody else
            reference=reference_in(permission.data),
            session=None,
            charge=charge.data,
            correlation_id=charge.request_id,
        )

    def _after_disputes(self, order: PaymentRequest, payment: Payment) -> Payment:
        """Taken, or reversed once the giver's bank has won and we have not: the charge itself never tells."""
        if payment.state is not PaymentState.CAPTURED:
            return payment
        verdicts = {self._verdict(dispute_id, payment) for dispute_id in order.disputes}
        if PaymentState.REVERSED in verdicts:
            return replace(payment, state=PaymentState.REVERSED, reason="chargeback")
        if PaymentState.PENDING in verdicts:
            return replace(payment, state=PaymentState.PENDING, reason=IN_PROGRESS)
        return payment

    def _verdict(self, dispute_id: str, payment: Payment) -> PaymentState:
        """What one dispute makes of the payment; PENDING where nobody knows, and a person is told where one has to know."""
        try:
            said = self.client.call("get dispute", "GET", f"/disputes/{dispute_id}")
        except AmazonRefused as refusal:
            if meaning_of(refusal.http_status, refusal.reason_code).then is not Then.REFUSED:
                raise ProviderUnavailable(f"get dispute: {refusal}") from refusal
            _for_a_person(dispute_id, f"Amazon does not tell of it: {refusal}")
            return PaymentState.PENDING
        if said.data.get("disputeId") != dispute_id:
            raise ProviderUnavailable("get dispute: answered with another dispute")
        state, why = dispute_state(said.data, payment)
        if why:
            _for_a_person(dispute_id, why)
        return state

    # --- orders -----------------------------------------------------------------------------------------------------

    def _complete(self, order: PaymentRequest, operation: str, request_id: str, *, good: frozenset[PaymentState]) -> Payment:
        """Take or hold what the giver has agreed to. Amazon completes a session once, however often it is told to."""
        if not _SESSION_ID.fullmatch(order.checkout_id):
            raise ProviderRefused("unknown_checkout", "this is no checkout session of Amazon's")
        path = f"/checkoutSessions/{order.checkout_id}/complete"
        body = {"chargeAmount": amounts.price(order.amount_minor, order.currency)}
        with wire.at_most(OPERATION_SECONDS):
            try:
                said = self.client.call(operation, "POST", path, body=body)
            except AmazonRefused as refusal:
                if meaning_of(refusal.http_status, refusal.reason_code).then is not Then.ASK:
                    raise _refusal(refusal) from refusal
                return self._after_refusal(order, operation, request_id, refusal, good)
            if said.data.get("checkoutSessionId") != order.checkout_id or not reference_in(said.data):
                said = self._read_session(order)
            payment = self._told_by(order, said)
            if payment.state is PaymentState.APPROVED and payment.provider_reference:
                return self._take_charge(order, payment.provider_reference, request_id)
            return _if_good(payment, operation, good)

    def _after_refusal(
        self, order: PaymentRequest, operation: str, request_id: str, refusal: AmazonRefused, good: frozenset[PaymentState]
    ) -> Payment:
        """A session that Amazon would not complete: it is completed already, cancelled, or the giver is not done with it."""
        payment = self.find(order)
        if payment.state is PaymentState.APPROVED and payment.provider_reference:
            return self._take_charge(order, payment.provider_reference, request_id)
        if payment.state in {PaymentState.OPEN, PaymentState.APPROVED}:
            raise PayerActionRequired("not_approved", str(refusal), correlation_id=refusal.request_id, url=_pay_url(order))
        if payment.state is PaymentState.VOIDED and not payment.provider_reference:
            return payment  # the giver has cancelled at Amazon's
        return _if_good(payment, operation, good)

    def _take_charge(self, order: PaymentRequest, charge_id: str, request_id: str) -> Payment:
        path, body = f"/charges/{charge_id}/capture", {"captureAmount": amounts.price(order.amount_minor, order.currency)}
        try:
            self.client.call("capture charge", "POST", path, body=body, idempotency_key=_key(request_id, path))
        except AmazonRefused as refusal:
            if meaning_of(refusal.http_status, refusal.reason_code).then is not Then.ASK:
                raise _refusal(refusal) from refusal
        return _if_good(self.find(order), "capture", TAKEN)


def _for_a_person(dispute_id: str, why: str) -> None:
    log.error("a chargeback waits for a person", extra={"provider": "amazon", "record": dispute_id, "error": why})


def _pay_url(order: PaymentRequest) -> str:
    return f"{settings.PUBLIC_BASE_URL}/pay/{order.reference}"


def _key(request_id: str, about: str) -> str:
    """Amazon's form of an idempotency key: 32 characters. Another charge or amount is another request."""
    return hashlib.sha256(f"{request_id} {about}".encode()).hexdigest()[:32]


def _is_object(value: object) -> bool:
    return isinstance(value, str) and bool(_OBJECT_ID.fullmatch(value))


def _refusal(refusal: AmazonRefused, meanings: Mapping[str, Meaning] | None = None) -> ProviderRefused | ProviderUnavailable:
    meaning = meaning_of(refusal.http_status, refusal.reason_code, of_a_refund=meanings is not None)
    if meaning.then in {Then.LATER, Then.ASK}:
        return ProviderUnavailable(f"refused in words that tell no outcome: {refusal}")
    return ProviderRefused(meaning.reason, str(refusal), correlation_id=refusal.request_id)


def _not_held(operation: str, payment: Payment) -> ProviderRefused:
    told = f"nothing is held: the payment is {payment.state}"
    return ProviderRefused(f"cannot_{operation}", told, correlation_id=payment.correlation_id)


def _if_good(payment: Payment, operation: str, good: frozenset[PaymentState]) -> Payment:
    """The payment where it is what was wanted; a definite no where it is over, so that a later try is a new request."""
    if payment.state in good:
        return payment
    if payment.state not in OVER:
        raise ProviderUnavailable(f"{operation}: Amazon speaks as if it were done, and yet the payment is {payment.state}")
    why = payment.reason or f"cannot_{operation}"
    raise ProviderRefused(why, f"{operation}: the payment is {payment.state}", correlation_id=payment.correlation_id)
