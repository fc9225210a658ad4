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

from providers.amazon import amounts, checks
from providers.amazon.client import AmazonPayClient, AmazonRefused
from providers.amazon.mapping import IN_PROGRESS, dispute_state, payment_of, reference_in, refund_of
from providers.amazon.notifications import Notice, Notifications
from providers.amazon.refusals import REFUND_REFUSALS, REFUSALS
from providers.amazon.signing import ALGORITHM, Signer
from providers.base import (
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
from providers.kit.calls import Reply
from providers.kit.deadline import at_most
from providers.kit.operations import (
    HELD,
    LET_GO,
    OPERATION_SECONDS,
    TAKEN,
    check_refund_amount,
    check_request,
    expected,
    not_held,
)
from providers.kit.reading import matching
from providers.kit.refusals import Then, lookup_error_of

log = logging.getLogger(__name__)

LANGUAGES = {"NA": "en_US", "EU": "en_GB", "JP": "ja_JP"}
"""Of Amazon's button and pages: that of our own pages where the region has it."""

LONGEST_NOTE = 255

_SESSION_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_OBJECT_ID = re.compile(r"[A-Z][0-9]{2}-[0-9]{7}-[0-9]{7}(?:-[A-Z][0-9]{6})?")

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
        self.notifications = Notifications(self.client.caller.transport, base=base, topic=topic, merchant_id=merchant_id)

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

    def open_checkout(self, request: PaymentRequest, *, request_id: str) -> OpenedCheckout:
        """Nobody is asked: the session comes into being when the giver presses Amazon's button on our page."""
        check_request(self, request)
        if not self.client.signer.can_sign:
            raise ProviderUnavailable("the service has no Amazon Pay keys")
        return OpenedCheckout("", _pay_url(request))

    def pay_page(self, request: PaymentRequest) -> PayPage:
        if not self.client.signer.can_sign:
            raise ProviderUnavailable("the service has no Amazon Pay keys")
        payload = json.dumps(self._payload(request), separators=(",", ":"))
        config = {"payloadJSON": payload, "signature": self.client.signer.sign(payload), "algorithm": ALGORITHM}
        button: dict[str, Any] = {
            "merchantId": self._merchant_id,
            "ledgerCurrency": request.currency,
            "checkoutLanguage": LANGUAGES[self._region],
            "productType": "PayOnly",
            "placement": "Checkout",
            "buttonColor": "Gold",
            "estimatedOrderAmount": amounts.price(request.amount_minor, request.currency),
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

    def _payload(self, request: PaymentRequest) -> dict[str, Any]:
        """What Amazon is to make a session of."""
        intent = "AuthorizeWithCapture" if request.capture_at_once else "Authorize"
        return {
            "webCheckoutDetails": {
                "checkoutMode": "ProcessOrder",
                "checkoutResultReturnUrl": request.return_url,
                "checkoutCancelUrl": request.cancel_url,
            },
            "storeId": self._store_id,
            "scopes": ["name"],
            "paymentDetails": {
                "paymentIntent": intent,
                "canHandlePendingAuthorization": False,
                "chargeAmount": amounts.price(request.amount_minor, request.currency),
                "presentmentCurrency": request.currency,
            },
            "merchantMetadata": {
                "merchantReferenceId": request.reference,
                "noteToBuyer": " ".join(request.description.split())[:LONGEST_NOTE],
            },
        }

    def find(self, request: PaymentRequest) -> Payment:
        with at_most(OPERATION_SECONDS):
            try:
                reply = self.client.call("get session", "GET", _session_path(request))
            except AmazonRefused as refusal:
                error = lookup_error_of(refusal, "get session")
                if not (isinstance(error, ProviderRefused) and request.payment_reference):
                    raise error from refusal
                payment = self._find_by_charge(request)  # Amazon forgets sessions after 30 days
            else:
                payment = self._payment_in(request, _session_in(reply, request))
            return self._after_disputes(request, payment)

    def authorize(self, request: PaymentRequest, *, request_id: str) -> Payment:
        return self._complete(request, "authorize", request_id, good=HELD)

    def capture(self, request: PaymentRequest, *, request_id: str) -> Payment:
        if request.capture_at_once:
            return self._complete(request, "capture", request_id, good=TAKEN)
        with at_most(OPERATION_SECONDS):
            before = self.find(request)
            if before.state is not PaymentState.AUTHORIZED and before.state not in TAKEN:
                raise not_held("capture", before.state, before.correlation_id)
            return self._take_charge(request, before.provider_reference, request_id)

    def renew(self, request: PaymentRequest, *, request_id: str) -> Payment:
        raise ProviderRefused("cannot_renew", "Amazon holds nothing for more than 30 days")

    def void(self, request: PaymentRequest, *, request_id: str) -> Payment:
        with at_most(OPERATION_SECONDS):
            before = self.find(request)
            if before.state is PaymentState.VOIDED and before.provider_reference:
                return before
            if before.state is not PaymentState.AUTHORIZED:
                raise not_held("void", before.state, before.correlation_id)
            path = f"/charges/{before.provider_reference}/cancel"
            body = {"cancellationReason": "The gift is not wanted any more"}
            try:
                self.client.call("void", "DELETE", path, body=body, idempotency_key=_key(request_id, path))
            except AmazonRefused as refusal:
                if REFUSALS.meaning(refusal).then is not Then.ASK:
                    raise REFUSALS.error_of(refusal) from refusal
            return expected(self.find(request), "void", LET_GO)

    # --- giving back ------------------------------------------------------------------------------------------------

    def refund(self, request: PaymentRequest, *, amount_minor: int, reference: str, request_id: str) -> ProviderRefund:
        check_refund_amount(amount_minor)
        with at_most(OPERATION_SECONDS):
            charge_id = request.payment_reference or self.find(request).provider_reference
            if not _OBJECT_ID.fullmatch(charge_id):
                raise ProviderRefused("cannot_refund", "nothing was taken that could be given back")
            body = {"chargeId": charge_id, "refundAmount": amounts.price(amount_minor, request.currency)}
            try:
                reply = self.client.call(  # invariant: amazon-refunds-keep-their-key
                    "refund", "POST", "/refunds", body=body, idempotency_key=_key(request_id, f"{charge_id} {amount_minor}")
                )
            except AmazonRefused as refusal:
                raise REFUND_REFUSALS.error_of(refusal) from refusal
            if reply.data.get("chargeId") != charge_id or not _is_object(reply.data.get("refundId")):
                raise ProviderUnavailable("refund: answered, but not with a refund of this payment")
            return refund_of(reply.data, request, reference=reference, correlation_id=reply.correlation_id)

    def find_refund(self, request: PaymentRequest, provider_reference: str) -> ProviderRefund:
        if not _OBJECT_ID.fullmatch(provider_reference):
            raise ProviderRefused("unknown_refund", "this is no refund of Amazon's")
        with at_most(OPERATION_SECONDS):
            reply = self._ask("get refund", f"/refunds/{provider_reference}")
        if reply.data.get("refundId") != provider_reference:
            raise ProviderUnavailable("get refund: answered with another refund")
        if request.payment_reference and reply.data.get("chargeId") != request.payment_reference:
            raise ProviderUnavailable("get refund: it is a refund of another payment")
        return refund_of(reply.data, request, correlation_id=reply.correlation_id)

    # --- webhooks ----------------------------------------------------------------------------------------------------

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookEvent:
        with at_most(OPERATION_SECONDS):
            return self._event_of(self.notifications.read(body, headers))

    def _event_of(self, notice: Notice) -> WebhookEvent:
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
            reply = self.client.call("get permission", "GET", f"/chargePermissions/{charge_permission_id}")
        except AmazonRefused:
            return ""
        return reference_in(reply.data)

    # --- questions --------------------------------------------------------------------------------------------------

    def _read_session(self, request: PaymentRequest) -> Reply:
        """Raises ProviderRefused where Amazon knows no such session (any more)."""
        try:
            reply = self.client.call("get session", "GET", _session_path(request))
        except AmazonRefused as refusal:
            raise lookup_error_of(refusal, "get session") from refusal
        return _session_in(reply, request)

    def _ask(self, operation: str, path: str) -> Reply:
        """A question whose refusal tells nothing of the money."""
        try:
            return self.client.call(operation, "GET", path)
        except AmazonRefused as refusal:
            raise ProviderUnavailable(f"{operation}: {refusal}") from refusal

    def _charge(self, charge_id: str) -> Reply:
        reply = self._ask("get charge", f"/charges/{charge_id}")
        if reply.data.get("chargeId") != charge_id:
            raise ProviderUnavailable("get charge: answered with another charge")
        return reply

    def _payment_in(self, request: PaymentRequest, reply: Reply) -> Payment:
        """The payment of a session; where it has come to a charge, the charge tells of the money."""
        session, charge_id = reply.data, reply.data.get("chargeId")
        charge = self._charge(charge_id) if isinstance(charge_id, str) and _OBJECT_ID.fullmatch(charge_id) else None
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

    def _find_by_charge(self, request: PaymentRequest) -> Payment:
        """What a charge tells of itself, where its session is not to be had. Raises ProviderUnavailable."""
        if not _OBJECT_ID.fullmatch(request.payment_reference):
            raise ProviderUnavailable("get charge: this is no charge of Amazon's")
        charge = self._charge(request.payment_reference)
        permission_id = charge.data.get("chargePermissionId")
        if not _is_object(permission_id):
            raise ProviderUnavailable("get charge: it does not say by whose permission")
        permission = self._ask("get permission", f"/chargePermissions/{permission_id}")
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

    def _after_disputes(self, request: PaymentRequest, payment: Payment) -> Payment:
        """Taken, or reversed once the giver's bank has won and we have not: the charge itself never tells."""
        if payment.state is not PaymentState.CAPTURED:
            return payment
        verdicts = {self._verdict(dispute_id, payment) for dispute_id in request.disputes}
        if PaymentState.REVERSED in verdicts:
            return replace(payment, state=PaymentState.REVERSED, reason="chargeback")
        if PaymentState.PENDING in verdicts:
            return replace(payment, state=PaymentState.PENDING, reason=IN_PROGRESS)
        return payment

    def _verdict(self, dispute_id: str, payment: Payment) -> PaymentState:
        """What one dispute makes of the payment; PENDING where nobody knows, and a person is told where one has to know."""
        try:
            reply = self.client.call("get dispute", "GET", f"/disputes/{dispute_id}")
        except AmazonRefused as refusal:
            if REFUSALS.meaning(refusal).then is not Then.REFUSED:
                raise ProviderUnavailable(f"get dispute: {refusal}") from refusal
            _for_a_person(dispute_id, f"Amazon does not tell of it: {refusal}")
            return PaymentState.PENDING
        if reply.data.get("disputeId") != dispute_id:
            raise ProviderUnavailable("get dispute: answered with another dispute")
        state, why = dispute_state(reply.data, payment)
        if why:
            _for_a_person(dispute_id, why)
        return state

    # --- orders -----------------------------------------------------------------------------------------------------

    def _complete(self, request: PaymentRequest, operation: str, request_id: str, *, good: frozenset[PaymentState]) -> Payment:
        """Take or hold what the giver has agreed to. Amazon completes a session once, however often it is told to."""
        path = f"{_session_path(request)}/complete"
        body = {"chargeAmount": amounts.price(request.amount_minor, request.currency)}
        with at_most(OPERATION_SECONDS):
            try:
                reply = self.client.call(operation, "POST", path, body=body)
            except AmazonRefused as refusal:
                if REFUSALS.meaning(refusal).then is not Then.ASK:
                    raise REFUSALS.error_of(refusal) from refusal
                return self._after_refusal(request, operation, request_id, refusal, good)
            if reply.data.get("checkoutSessionId") != request.checkout_id or not reference_in(reply.data):
                reply = self._read_session(request)
            payment = self._payment_in(request, reply)
            if payment.state is PaymentState.APPROVED and payment.provider_reference:
                return self._take_charge(request, payment.provider_reference, request_id)
            return expected(payment, operation, good)

    def _after_refusal(
        self, request: PaymentRequest, operation: str, request_id: str, refusal: AmazonRefused, good: frozenset[PaymentState]
    ) -> Payment:
        """A session that Amazon would not complete: it is completed already, cancelled, or the giver is not done with it."""
        payment = self.find(request)
        if payment.state is PaymentState.APPROVED and payment.provider_reference:
            return self._take_charge(request, payment.provider_reference, request_id)
        if payment.state in {PaymentState.OPEN, PaymentState.APPROVED}:
            raise PayerActionRequired(
                "not_approved", str(refusal), correlation_id=refusal.correlation_id, url=_pay_url(request)
            )
        if payment.state is PaymentState.VOIDED and not payment.provider_reference:
            return payment  # the giver has cancelled at Amazon's
        return expected(payment, operation, good)

    def _take_charge(self, request: PaymentRequest, charge_id: str, request_id: str) -> Payment:
        path, body = f"/charges/{charge_id}/capture", {"captureAmount": amounts.price(request.amount_minor, request.currency)}
        try:
            self.client.call("capture charge", "POST", path, body=body, idempotency_key=_key(request_id, path))
        except AmazonRefused as refusal:
            if REFUSALS.meaning(refusal).then is not Then.ASK:
                raise REFUSALS.error_of(refusal) from refusal
        return expected(self.find(request), "capture", TAKEN)


def _for_a_person(dispute_id: str, why: str) -> None:
    log.error("a chargeback waits for a person", extra={"provider": "amazon", "record": dispute_id, "error": why})


def _pay_url(request: PaymentRequest) -> str:
    return f"{settings.PUBLIC_BASE_URL}/pay/{request.reference}"


def _key(request_id: str, about: str) -> str:
    """Amazon's form of an idempotency key: 32 characters. Another charge or amount is another request."""
    return hashlib.sha256(f"{request_id} {about}".encode()).hexdigest()[:32]


def _is_object(value: object) -> bool:
    return bool(matching(_OBJECT_ID, value))


def _session_path(request: PaymentRequest) -> str:
    """Raises ProviderRefused where the checkout's id is none of Amazon's."""
    if not _SESSION_ID.fullmatch(request.checkout_id):
        raise ProviderRefused("unknown_checkout", "this is no checkout session of Amazon's")
    return f"/checkoutSessions/{request.checkout_id}"


def _session_in(reply: Reply, request: PaymentRequest) -> Reply:
    """The reply where it is the session that was asked for. Raises ProviderUnavailable."""
    if reply.data.get("checkoutSessionId") != request.checkout_id:
        raise ProviderUnavailable("get session: answered with another session")
    return reply
