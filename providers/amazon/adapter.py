"""The adapter in front of Amazon Pay (Checkout v2). It translates and decides nothing.

Amazon has no page that a server could open: the giver presses Amazon's button on our pay page, which carries a payload that
we have signed, and only then there is a checkout session. Its id comes back with the giver.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from django.conf import settings

from providers.amazon import amounts, checks
from providers.amazon.accounts import Account, Accounts, AccountSettings
from providers.amazon.client import AmazonPayClient, AmazonRefused
from providers.amazon.disputes import after_disputes, for_a_person
from providers.amazon.keys import idempotency_key
from providers.amazon.mapping import reference_in, refund_of
from providers.amazon.notifications import Notice
from providers.amazon.permissions import ChargesLater, token_told
from providers.amazon.refusals import REFUND_REFUSALS, REFUSALS
from providers.amazon.sessions import OBJECT_ID, is_object, session_in, session_path
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
    refund_in_payment,
    shown_after,
)
from providers.kit.reading import Json
from providers.kit.refusals import Then, lookup_error_of
from providers.kit.spec import is_test_environment


class AmazonProvider(ChargesLater):
    """The operator's Amazon Pay accounts. Meets providers.base.Provider and PaidOnOurPage. Thread-safe."""

    key = "amazon"
    return_token_argument = "amazonCheckoutSessionId"  # noqa: S105 - a query argument's name
    capabilities = frozenset({Capability.PAID_ON_OUR_PAGE})
    button_script = (Path(__file__).parent / "button.js").read_text()

    def __init__(self, *accounts: AccountSettings, trust_roots_file: str = "", charges_later: bool = False) -> None:
        """At least one account; one without keys answers that it cannot ask. `charges_later`: Amazon lets them do that."""
        if charges_later:
            self.capabilities |= {Capability.KEEPS_PERMISSIONS, Capability.AGREED_ON_OUR_PAGE}
        self.accounts = Accounts([Account(told, trust_roots_file=trust_roots_file) for told in accounts])

    def check_setup(self) -> Iterable[Finding]:
        """What `manage.py check_provider` tells an operator."""
        return checks.check(self.accounts.all, is_test=is_test_environment(self))

    # --- on the way in ----------------------------------------------------------------------------------------------

    def check_credentials(self, credentials: str) -> None:
        """Our keys can collect for their accounts only; Amazon would refuse to pay anybody else."""
        if not self.accounts.is_one(credentials):
            raise CredentialsRefused(
                "must be the merchant ID of an Amazon Pay account that this service collects for; its operator knows it "
                "(Seller Central, Integration Central)"
            )

    def check_currency(self, currency: str, *, payee: str = "") -> None:
        amounts.check_currency(currency, self.accounts.charges(payee), by_others=self.accounts.charged_by_any)

    def check_amount(self, amount_minor: int, currency: str, *, payee: str = "") -> None:
        self.check_currency(currency, payee=payee)
        amounts.check_amount(amount_minor, currency)

    def check_refund(self, amount_minor: int, currency: str) -> None:
        """What was taken in a currency is given back in it, whatever is charged today."""
        amounts.check_amount(amount_minor, currency)

    # --- the giver's way --------------------------------------------------------------------------------------------

    def open_checkout(self, request: PaymentRequest, *, request_id: str) -> OpenedCheckout:
        """Nobody is asked: the session comes into being when the giver presses Amazon's button on our page, and lives for a day
        from then (https://developer.amazon.com/docs/amazon-pay-api-v2/checkout-session.html), so nothing expires yet."""
        check_request(self, request)
        if not self._client(request).signer.can_sign:
            raise ProviderUnavailable("the service has no Amazon Pay keys")
        return OpenedCheckout("", _pay_url(request))

    def pay_page(self, request: PaymentRequest) -> PayPage:
        return self.accounts.paid(request.payee).button.page_for(request)

    def find(self, request: PaymentRequest) -> Payment:
        account = self.accounts.paid(request.payee)
        with at_most(OPERATION_SECONDS):
            if is_object(request.checkout_id):
                return after_disputes(account.client, request, account.sessions.payment_under_permission(request))
            try:
                reply = account.client.call("get session", "GET", session_path(request))
            except AmazonRefused as refusal:
                error = lookup_error_of(refusal, "get session")
                if not (isinstance(error, ProviderRefused) and request.payment_reference):
                    raise error from refusal
                payment = account.sessions.payment_of_charge(request)  # Amazon forgets sessions after 30 days
            else:
                payment = account.sessions.payment_in(request, session_in(reply, request))
            return after_disputes(account.client, request, payment)

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
            if before.state is not PaymentState.AUTHORIZED and not before.is_held:
                raise not_held("void", before.state, before.correlation_id)
            path = f"/charges/{before.provider_reference}/cancel"
            body = {"cancellationReason": "The gift is not wanted any more"}
            try:
                self._client(request).call("void", "DELETE", path, body=body, idempotency_key=idempotency_key(request_id, path))
            except AmazonRefused as refusal:
                return shown_after(_to_look_into(refusal), self.find(request), "void", LET_GO)
            return expected(self.find(request), "void", LET_GO)

    # --- giving back ------------------------------------------------------------------------------------------------

    def refund(self, request: PaymentRequest, *, amount_minor: int, reference: str, request_id: str) -> ProviderRefund:
        check_refund_amount(amount_minor)
        with at_most(OPERATION_SECONDS):
            charge_id = request.payment_reference or self.find(request).provider_reference
            if not OBJECT_ID.fullmatch(charge_id):
                raise ProviderRefused("cannot_refund", "nothing was taken that could be given back")
            body = {"chargeId": charge_id, "refundAmount": amounts.price(amount_minor, request.currency)}
            try:
                reply = self._client(request).call(  # invariant: amazon-refunds-keep-their-key
                    "refund",
                    "POST",
                    "/refunds",
                    body=body,
                    idempotency_key=idempotency_key(request_id, f"{charge_id} {amount_minor}"),
                )
            except AmazonRefused as refusal:
                raise REFUND_REFUSALS.error_of(refusal) from refusal
            if reply.data.get("chargeId") != charge_id or not is_object(reply.data.get("refundId")):
                raise ProviderUnavailable("refund: answered, but not with a refund of this payment")
            return refund_of(reply.data, request, reference=reference, correlation_id=reply.correlation_id)

    def find_refund(self, request: PaymentRequest, provider_reference: str) -> ProviderRefund:
        if not OBJECT_ID.fullmatch(provider_reference):
            raise ProviderRefused("unknown_refund", "this is no refund of Amazon's")
        with at_most(OPERATION_SECONDS):
            try:
                reply = self._client(request).call("get refund", "GET", f"/refunds/{provider_reference}")
            except AmazonRefused as refusal:
                return refund_in_payment(refusal, self.find, request, provider_reference)
        if reply.data.get("refundId") != provider_reference:
            raise ProviderUnavailable("get refund: answered with another refund")
        if request.payment_reference and reply.data.get("chargeId") != request.payment_reference:
            raise ProviderUnavailable("get refund: it is a refund of another payment")
        return refund_of(reply.data, request, correlation_id=reply.correlation_id)

    # --- webhooks ----------------------------------------------------------------------------------------------------

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookEvent:
        with at_most(OPERATION_SECONDS):
            account, notice = self.accounts.notice_in(body, headers)
            return _event_of(account, notice)

    # --- operations -----------------------------------------------------------------------------------------------------

    def _complete(self, request: PaymentRequest, operation: str, request_id: str, *, good: frozenset[PaymentState]) -> Payment:
        """Take or hold what the giver has agreed to. Amazon completes a session once, however often it is told to."""
        if is_object(request.checkout_id):  # under a permission: what was to be taken and is only held
            payment = self.find(request)
            if payment.state is PaymentState.APPROVED:
                return self._take_charge(request, request.checkout_id, request_id)
            return expected(payment, operation, good)
        path = f"{session_path(request)}/complete"
        body = {"chargeAmount": amounts.price(request.amount_minor, request.currency)}
        account = self.accounts.paid(request.payee)
        with at_most(OPERATION_SECONDS):
            try:
                reply = account.client.call(operation, "POST", path, body=body)
            except AmazonRefused as refusal:
                return self._after_refusal(request, operation, request_id, refusal, good)
            if reply.data.get("checkoutSessionId") != request.checkout_id or not reference_in(reply.data):
                reply = account.sessions.read(request)
            payment = account.sessions.payment_in(request, reply)
            if payment.state is PaymentState.APPROVED and payment.provider_reference:
                return self._take_charge(request, payment.provider_reference, request_id)
            return expected(payment, operation, good)

    def _after_refusal(
        self, request: PaymentRequest, operation: str, request_id: str, refusal: AmazonRefused, good: frozenset[PaymentState]
    ) -> Payment:
        """A session that Amazon would not complete: it is completed already, cancelled, or the giver is not done with it."""
        no, payment = _to_look_into(refusal), self.find(request)
        if payment.state is PaymentState.APPROVED and payment.provider_reference:
            return self._take_charge(request, payment.provider_reference, request_id)
        unapproved = payment.state is PaymentState.APPROVED and not isinstance(no, ProviderRefused)
        if payment.state is PaymentState.OPEN or unapproved:
            raise PayerActionRequired(
                "not_approved", str(refusal), correlation_id=refusal.correlation_id, url=_pay_url(request)
            )
        if payment.state is PaymentState.VOIDED and not payment.provider_reference:
            return payment  # the giver has cancelled at Amazon's
        return shown_after(no, payment, operation, good)

    def _take_charge(self, request: PaymentRequest, charge_id: str, request_id: str) -> Payment:
        path, body = f"/charges/{charge_id}/capture", {"captureAmount": amounts.price(request.amount_minor, request.currency)}
        try:
            self._client(request).call(
                "capture charge", "POST", path, body=body, idempotency_key=idempotency_key(request_id, path)
            )
        except AmazonRefused as refusal:
            return shown_after(_to_look_into(refusal), self.find(request), "capture", TAKEN)
        return expected(self.find(request), "capture", TAKEN)

    def _client(self, request: PaymentRequest) -> AmazonPayClient:
        """That of the account which the checkout was opened for. Raises ProviderUnavailable."""
        return self.accounts.paid(request.payee).client


def _event_of(account: Account, notice: Notice) -> WebhookEvent:
    """Whose payment it is, our own id included: a charge whose id we never learnt is found by that."""
    permission = notice.charge_permission_id or notice.object_id
    told = _told_of(account.client, f"/chargePermissions/{permission}") if OBJECT_ID.fullmatch(permission) else {}
    reference, is_standing = reference_in(told), told.get("chargePermissionType") == "Recurring"
    if is_standing and notice.kind == "CHARGE_PERMISSION":
        token = token_told(account.merchant_id, permission)
        return WebhookEvent(event_id=notice.notification_id, permission=token, permission_reference=reference)
    if is_standing:  # it is nobody's gift: each charge under it is one
        reference = _reference_of_charge(account.client, notice)
    disputed = notice.kind == "CHARGEBACK" and bool(OBJECT_ID.fullmatch(notice.object_id))
    if notice.kind == "CHARGEBACK" and not (disputed and reference):
        for_a_person(notice.object_id or permission, "Amazon does not say which gift it is about")
    return WebhookEvent(
        event_id=notice.notification_id,
        payment_reference=notice.object_id if notice.kind == "CHARGE" else "",
        refund_reference=notice.object_id if notice.kind == "REFUND" else "",
        reference=reference,
        dispute_reference=notice.object_id if disputed else "",
        paid_to=account.merchant_id,
    )


def _reference_of_charge(client: AmazonPayClient, notice: Notice) -> str:
    charge_id: object = notice.object_id
    if notice.kind == "CHARGEBACK":
        is_named = OBJECT_ID.fullmatch(notice.object_id)
        charge_id = _told_of(client, f"/disputes/{notice.object_id}").get("chargeId") if is_named else ""
    return reference_in(_told_of(client, f"/charges/{charge_id}")) if is_object(charge_id) and notice.kind != "REFUND" else ""


def _told_of(client: AmazonPayClient, path: str) -> Json:
    """Empty where Amazon refuses to tell."""
    try:
        return client.call("look into notification", "GET", path).data
    except AmazonRefused:
        return {}


def _to_look_into(refusal: AmazonRefused) -> ProviderRefused | ProviderUnavailable:
    """What the refusal means where the payment shows that nothing was done. Raises it where that is not to be looked at."""
    no = REFUSALS.error_of(refusal)
    if REFUSALS.meaning(refusal).then is not Then.ASK:
        raise no from refusal
    return no


def _pay_url(request: PaymentRequest) -> str:
    return f"{settings.PUBLIC_BASE_URL}/pay/{request.reference}"
