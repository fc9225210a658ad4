"""THE table: what goes wrong -> status, code, title and the page that explains it; and the answer made from it."""

import logging
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.http import HttpRequest, HttpResponse

import metrics
import security_log
from api.request_errors import (
    CardNumberSent,
    KeyInUse,
    KeyReused,
    NetworkNotAllowed,
    NoSuchRecord,
    NotYours,
    NoValidKey,
    ScopeMissing,
    SignatureNeeded,
    SignedRequestRefused,
    SignedRequestReplayed,
    StaleEntityTag,
    StaleRecord,
    TestKeyNeeded,
    TestKeyRefused,
    VersionNotNamed,
)
from certificates.claiming import CannotClaim, WrongCode
from certificates.spending import BalanceTooLow
from contributions.captures import CannotCapture
from contributions.checks import CheckedJustNow, ProviderSilent
from contributions.deletion import BeingSettled, CannotDelete
from contributions.matchers import StaleMatcher, TooManyMatchers
from contributions.opening import CheckoutRefused, GoalIsGone
from contributions.payees import OnboardingRefused, PayeeNotChecked
from contributions.refunds import CannotRefund, RefundTooLarge
from contributions.room import GoalIsFull, GoalIsReserved
from contributions.transitions import IllegalMove
from contributions.ways_to_pay import PayeeCannotBePaid
from givers.people import ExternalIdTaken, StaleGiver
from givers.permissions import PermissionChanged, PermissionRefused
from givers.pins import PinChanged, PinLocked, PinNeeded, PinNotSet, PinWrong, TooManyHashes
from goals.payees import PayeeInUse, StalePayee
from goals.rules import CurrencyIsFixed, GoalHasEnded, GoalIsClosed, PayeeIsGone, StaleVersion, SumTooLarge
from notifications.endpoints import NoEndpoint, StaleEndpoint, TooManyEndpoints
from partners.redirect_secrets import HasSecret, StaleRedirectSecret
from pledges.agreeing import GoalTakesNoPledges, PledgeNotCovered
from pledges.changes import PledgeChanged, PledgeIsOver
from providers.base import (
    AmountRefused,
    AmountTooLarge,
    AmountTooSmall,
    CurrencyRefused,
    DecimalsRefused,
    ProviderNotOffered,
)
from providers.payees import OnboardingNotOffered
from providers.permissions import PermissionNotOffered
from providers.scenario_header import BadScenario
from rehearsals.gifts import CannotRehearse
from rehearsals.play import RehearsalRunning
from web import rate_limits
from web.places import NoPlace, ProviderBusy
from web.problems import (
    BAD_REQUEST,
    FALLBACK_SENTENCES,
    FORBIDDEN,
    INTERNAL,
    REQUEST_ERRORS,
    RETRY_AFTER_SECONDS,
    BadHeader,
    RequestError,
    Row,
    TooBusy,
    TooManyRequests,
    problem,
)
from xml_schemas.characters import printable
from xml_schemas.reader import MOST_FAULTS_TOLD, BodyFaults, Fault

log = logging.getLogger(__name__)


TABLE: dict[type[BaseException], Row] = REQUEST_ERRORS | {
    BodyFaults: Row(400, "invalid_body", "The body cannot be used"),
    CardNumberSent: Row(400, "card_number", "There is a card number in the body"),
    BadScenario: REQUEST_ERRORS[BadHeader],
    ProviderNotOffered: Row(400, "provider_not_offered", "The payment provider is not offered"),
    AmountRefused: Row(400, "amount_refused", "The payment provider cannot carry this amount"),
    AmountTooSmall: Row(400, "amount_too_small", "The payment provider takes no amount so small"),
    AmountTooLarge: Row(400, "amount_too_large", "The payment provider takes no amount so large"),
    CurrencyRefused: Row(400, "currency_refused", "The payment provider does not take the currency"),
    PermissionNotOffered: Row(400, "permission_not_offered", "The payment provider keeps no such permission"),
    DecimalsRefused: Row(400, "decimals_refused", "The payment provider takes no such fractions"),
    NoValidKey: Row(401, "no_valid_key", "No valid API key"),
    TestKeyRefused: Row(401, "test_key_refused", "Test keys are refused here"),
    SignatureNeeded: Row(401, "signature_needed", "Plain keys are switched off"),
    SignedRequestRefused: Row(401, "signed_request_refused", "The signature does not fit the request"),
    NetworkNotAllowed: Row(403, "network_not_allowed", "Requests from this network are not allowed"),
    ScopeMissing: Row(403, "scope_missing", "The key may not do this"),
    TestKeyNeeded: Row(403, "test_key_needed", "This is for test keys"),
    PinNeeded: Row(403, "pin_needed", "The giver's PIN is needed"),
    PinWrong: Row(403, "pin_wrong", "This is not the giver's PIN"),
    WrongCode: Row(403, "wrong_claim_code", "There is no certificate with this code"),
    NotYours: Row(403, "not_yours", "The record belongs to another partner"),
    NoSuchRecord: Row(404, "no_such_record", "There is no such record"),
    StaleVersion: Row(409, "stale_version", "The record has changed since it was read"),
    CurrencyIsFixed: Row(409, "currency_is_fixed", "The currency cannot change any more"),
    GoalHasEnded: Row(409, "goal_has_ended", "The goal takes no contributions any more"),
    GoalIsClosed: Row(409, "goal_closed", "The goal is closed"),
    GoalIsFull: Row(409, "goal_is_full", "The goal has no room for this gift"),
    GoalIsReserved: Row(409, "goal_is_reserved", "Open checkouts have reserved what is missing"),
    SumTooLarge: Row(409, "sum_too_large", "The sum would be too large to count"),
    GoalIsGone: Row(409, "goal_is_gone", "The goal has changed at this moment"),
    PayeeCannotBePaid: Row(409, "payee_cannot_be_paid", "The payee of the goal cannot be paid"),
    PayeeIsGone: Row(409, "payment_account_is_gone", "The payment account was deleted at this moment"),
    PayeeInUse: Row(409, "payment_account_in_use", "Goals are paid to the payment account"),
    StalePayee: Row(409, "stale_payment_account", "The payment account has changed since it was read"),
    ExternalIdTaken: Row(409, "external_id_taken", "There is a giver with this ExternalId"),
    StaleGiver: Row(409, "stale_giver", "The giver has changed since it was read"),
    PinNotSet: Row(409, "pin_not_set", "The giver has no PIN"),
    PinChanged: Row(409, "pin_changed", "The giver's PIN has changed at this moment"),
    PermissionChanged: Row(409, "permission_changing", "The permission is changing at this moment"),
    PledgeNotCovered: Row(409, "pledge_not_covered", "No permission covers the pledge"),
    GoalTakesNoPledges: Row(409, "goal_takes_no_pledges", "The goal takes no pledges"),
    PledgeIsOver: Row(409, "pledge_is_over", "The pledge has ended"),
    PledgeChanged: Row(409, "pledge_changing", "The pledge is changing at this moment"),
    OnboardingNotOffered: Row(409, "onboarding_not_offered", "There is no onboarding by link at this provider"),
    TooManyMatchers: Row(409, "too_many_matchers", "The goal has as many matchers as it can have"),
    StaleMatcher: Row(409, "stale_matcher", "The matcher has moved since it was read"),
    BalanceTooLow: Row(409, "balance_too_low", "There is not so much on the giver's certificates"),
    CannotClaim: Row(409, "cannot_claim", "The gift certificate cannot be claimed"),
    CannotCapture: Row(409, "cannot_capture", "The contribution cannot be captured"),
    CannotRefund: Row(409, "cannot_refund", "The contribution cannot be refunded"),
    RefundTooLarge: Row(409, "refund_too_large", "There is not so much left to give back"),
    CannotDelete: Row(409, "cannot_delete", "The contribution cannot be deleted"),
    BeingSettled: Row(409, "being_settled", "The contribution is changing at this moment"),
    NoEndpoint: Row(409, "no_webhook_endpoint", "There is no webhook endpoint to send to"),
    TooManyEndpoints: Row(409, "too_many_webhook_endpoints", "There are as many webhook endpoints as there can be"),
    StaleEndpoint: Row(409, "stale_webhook_endpoint", "The webhook endpoint has changed since it was read"),
    HasSecret: Row(409, "has_redirect_secret", "There is a redirect secret already"),
    StaleRedirectSecret: Row(409, "stale_redirect_secret", "The redirect secret has changed since it was read"),
    CannotRehearse: Row(409, "cannot_rehearse", "There is nothing to play a rehearsal with"),
    RehearsalRunning: Row(409, "rehearsal_running", "There is a rehearsal that is not over"),
    KeyInUse: Row(409, "idempotency_key_in_use", "The first request with this key is still running"),
    StaleEntityTag: Row(412, "stale_entity_tag", "If-Match does not fit the record"),
    KeyReused: Row(422, "idempotency_key_reused", "The key came with another request before"),
    PinLocked: Row(423, "pin_locked", "The giver's PIN is locked"),
    VersionNotNamed: Row(428, "version_not_named", "The request does not say which version it changes"),
    CheckedJustNow: Row(429, "checked_just_now", "The provider was asked a moment ago"),
    IllegalMove: INTERNAL,
    PermissionRefused: Row(502, "permission_refused", "The payment provider does not ask the giver"),
    TooManyHashes: Row(503, "pins_busy", "Too many PINs are being looked at"),
    CheckoutRefused: Row(502, "checkout_refused", "The payment provider opened no checkout"),
    ProviderSilent: Row(503, "provider_silent", "The payment provider does not answer"),
    NoPlace: REQUEST_ERRORS[TooBusy],
    ProviderBusy: Row(503, "provider_busy", "Too many wait for the payment provider"),
    OnboardingRefused: Row(502, "onboarding_refused", "The payment provider gives no onboarding link"),
    PayeeNotChecked: Row(503, "provider_silent", "The payment provider does not answer"),
}
"""What is wrong with a request itself is told alike at every door, and so stands in web/problems.py."""

_OWN_WORDS: tuple[type[BaseException], ...] = (
    RequestError, BodyFaults, BadScenario, AmountRefused, ProviderNotOffered, CurrencyIsFixed, GoalHasEnded,
    GoalIsClosed, GoalIsFull, GoalIsReserved, SumTooLarge, GoalIsGone, CannotCapture, CannotRefund, RefundTooLarge,
    TooManyMatchers, CannotDelete, BeingSettled, CheckoutRefused, NoEndpoint, TooManyEndpoints, CheckedJustNow, ProviderSilent,
    PayeeCannotBePaid, PayeeIsGone, PayeeInUse, HasSecret, CannotRehearse, RehearsalRunning,
    OnboardingNotOffered, OnboardingRefused, PayeeNotChecked, NoPlace, ExternalIdTaken, PinNeeded, PinWrong, PinLocked,
    PinNotSet, TooManyHashes, PermissionNotOffered, PermissionRefused, PermissionChanged,
    BalanceTooLow, CannotClaim, WrongCode,
    PledgeNotCovered, GoalTakesNoPledges, PledgeIsOver, PledgeChanged,
)  # fmt: skip
"""Errors whose own sentence is fit for a client; of any other only the title is told."""

_LOGGED_WHERE_IT_COMES = (
    RequestError, NoPlace, CheckoutRefused, ProviderSilent, OnboardingRefused, PayeeNotChecked, PermissionRefused,
    TooManyHashes,
)  # fmt: skip

SECURITY_EVENTS: Mapping[type[BaseException], str] = MappingProxyType(
    {
        NoValidKey: "key_refused",
        SignatureNeeded: "key_refused",
        TestKeyRefused: "test_key_refused",
        NotYours: "foreign_record",
        ScopeMissing: "scope_refused",
        NetworkNotAllowed: "network_refused",
        SignedRequestRefused: "signed_request_refused",
        SignedRequestReplayed: "replay_refused",
        WrongCode: "claim_refused",
        PinWrong: "pin_refused",
        PinLocked: "pin_refused",
    }
)
"""What the security log hears of (security_log.py); of limits it hears from web/rate_limits.py."""


def every_row() -> set[Row]:
    """Whatever a problem document can say of itself; /problems has a line for each."""
    return {*TABLE.values(), INTERNAL, BAD_REQUEST, FORBIDDEN}


def row_for(error: BaseException) -> Row:
    """The table's row for an error, by its class or the nearest one it descends from."""
    if isinstance(error, StaleRecord):
        return row_for(error.stale)
    if isinstance(error, BodyFaults) and any(fault.is_card_number for fault in error.faults):
        return TABLE[CardNumberSent]
    for kind in type(error).__mro__:
        if kind in TABLE:
            return TABLE[kind]
    return INTERNAL


def respond(request: HttpRequest, error: BaseException) -> HttpResponse:
    """The problem document for an error; whatever the table does not know is logged and told as 500."""
    row = row_for(error)
    if row.status >= 500 and not isinstance(error, _LOGGED_WHERE_IT_COMES):
        log.error("request failed", exc_info=error, extra={"path": request.path, "code": row.code, "status": row.status})
    _tell_security(error, row)
    extra: dict[str, Any] = dict(getattr(error, "extra", {}))
    headers: dict[str, str] = dict(getattr(error, "headers", {}))
    detail = str(error) if isinstance(error, _OWN_WORDS) else FALLBACK_SENTENCES.get(row.status, row.title + ".")
    if isinstance(error, BodyFaults):
        detail = _number_of(error.faults)
        extra["errors"] = [
            {
                "path": printable(fault.path),
                **({"line": fault.line} if fault.line else {}),
                "detail": printable(fault.detail, 500),
            }
            for fault in error.faults[:MOST_FAULTS_TOLD]
        ]
    if isinstance(error, OnboardingRefused):
        extra["StateReason"] = error.reason
    if isinstance(error, PermissionRefused):
        extra |= {"Id": error.permission.public_id, "StateReason": error.reason}
    if isinstance(error, CheckoutRefused):
        extra |= {"Id": error.contribution.public_id, "StatusReason": error.reason}
    if row.status == 503:
        headers.setdefault("Retry-After", str(RETRY_AFTER_SECONDS))
    return problem(request, row, detail, extra=extra, headers=headers)


def _tell_security(error: BaseException, row: Row) -> None:
    if isinstance(error, TooManyRequests):
        rate_limits.tell(error)
    elif row.status == 429:
        metrics.LIMITS_REFUSED.labels(row.code).inc()
    for kind in type(error).__mro__:
        if kind in SECURITY_EVENTS:
            security_log.tell(SECURITY_EVENTS[kind], reason=row.code)
            return
    if isinstance(error, BodyFaults):
        for fault in error.faults[:MOST_FAULTS_TOLD]:
            if fault.path.endswith("URL"):
                security_log.tell("url_refused", about=printable(fault.path), reason=printable(fault.detail, 200))


def _number_of(faults: list[Fault]) -> str:
    if len(faults) == 1:
        return "There is one fault in the body."
    more = len(faults) - MOST_FAULTS_TOLD
    also = f" Here are the first {MOST_FAULTS_TOLD}, and {more} more are not shown." if more > 0 else ""
    return f"There are {len(faults)} faults in the body.{also}"
