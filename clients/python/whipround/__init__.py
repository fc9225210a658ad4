"""Whipround's API from Python. `Client` speaks for a partner; `verify_webhook` and `verify_bounce` judge what others bring."""

from whipround.client import Client
from whipround.connection import new_idempotency_key
from whipround.errors import (
    BadRequest,
    Conflict,
    Fault,
    Forbidden,
    NotFound,
    Problem,
    ProviderRefused,
    ServiceFailed,
    ServiceUnreachable,
    TooManyRequests,
    Unauthorized,
    UnexpectedAnswer,
    VerificationFailed,
    VersionConflict,
    WhiproundError,
)
from whipround.reading import Amount, Record
from whipround.records import (
    Change,
    Contribution,
    Deliveries,
    Delivery,
    Event,
    GiftCertificate,
    Giver,
    Matcher,
    PaymentAccount,
    PaymentProvider,
    Permission,
    Pledge,
    RedirectSecret,
    Refund,
    SavingGoal,
    WebhookEndpoint,
)
from whipround.verification import Bounce, verify_bounce, verify_webhook

__all__ = [
    "Amount", "BadRequest", "Bounce", "Change", "Client", "Conflict", "Contribution", "Deliveries", "Delivery", "Event",
    "Fault", "Forbidden", "GiftCertificate", "Giver", "Matcher", "NotFound", "PaymentAccount", "PaymentProvider",
    "Permission", "Pledge", "Problem", "ProviderRefused", "Record", "RedirectSecret", "Refund", "SavingGoal",
    "ServiceFailed", "ServiceUnreachable", "TooManyRequests", "Unauthorized", "UnexpectedAnswer", "VerificationFailed",
    "VersionConflict", "WebhookEndpoint", "WhiproundError", "new_idempotency_key", "verify_bounce", "verify_webhook",
]  # fmt: skip
