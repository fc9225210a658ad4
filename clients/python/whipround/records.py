"""The records of the API. Written by `python clients/generate.py` from clients/shapes.py: change it there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from whipround.reading import Element, Record


@dataclass(frozen=True, kw_only=True)
class PaymentProvider(Record):
    """One way in which a goal's gifts can be paid, and to whom: credentials, or the id of a payment account."""

    provider_name: str
    credentials: str | None = None
    payment_account_id: str | None = None

    ELEMENTS: ClassVar[tuple[Element, ...]] = (
        Element("provider_name", "ProviderName", "text", True, True),
        Element("credentials", "Credentials", "text", False, True),
        Element("payment_account_id", "PaymentAccountId", "text", False, True),
    )


@dataclass(frozen=True, kw_only=True)
class Contribution(Record):
    """One gift to one goal. `ProviderURL` is where the giver pays."""

    id: str
    amount: Decimal
    date: datetime
    contributor: str
    message: str | None = None
    status: str
    provider_name: str | None = None
    provider_url: str
    version: int
    currency: str
    refunded_amount: Decimal
    status_reason: str | None = None
    saving_goal_id: str
    settled_amount: Decimal | None = None
    reversed_amount: Decimal | None = None
    reference: str | None = None
    memo: str | None = None
    anonymous: bool = False
    confirmation_url: str | None = None
    cancel_url: str | None = None
    language: str | None = None
    provider_reference: str | None = None
    fee: Decimal | None = None
    net: Decimal | None = None
    platform_fee: Decimal | None = None
    settled_date: datetime | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    test: bool = False
    giver_id: str | None = None
    match_of: str | None = None
    pledge_id: str | None = None
    use_permission: bool = False
    pin: str | None = None

    ELEMENTS: ClassVar[tuple[Element, ...]] = (
        Element("id", "Id", "text", True, False),
        Element("amount", "Amount", "decimal", True, True),
        Element("date", "Date", "moment", True, False),
        Element("contributor", "Contributor", "text", True, True),
        Element("message", "Message", "text", False, True),
        Element("status", "Status", "text", True, False),
        Element("provider_name", "ProviderName", "text", False, True),
        Element("provider_url", "ProviderURL", "text", True, False),
        Element("version", "RecordVersionNumber", "integer", True, False),
        Element("currency", "Currency", "text", True, False),
        Element("refunded_amount", "RefundedAmount", "decimal", True, False),
        Element("status_reason", "StatusReason", "text", False, False),
        Element("saving_goal_id", "SavingGoalId", "text", True, False),
        Element("settled_amount", "SettledAmount", "decimal", False, False),
        Element("reversed_amount", "ReversedAmount", "decimal", False, False),
        Element("reference", "Reference", "text", False, True),
        Element("memo", "Memo", "text", False, True),
        Element("anonymous", "Anonymous", "flag", True, True),
        Element("confirmation_url", "ConfirmationURL", "text", False, True),
        Element("cancel_url", "CancelURL", "text", False, True),
        Element("language", "Language", "text", False, True),
        Element("provider_reference", "ProviderReference", "text", False, False),
        Element("fee", "Fee", "decimal", False, False),
        Element("net", "Net", "decimal", False, False),
        Element("platform_fee", "PlatformFee", "decimal", False, False),
        Element("settled_date", "SettledDate", "moment", False, False),
        Element("metadata", "Metadata", "pairs", True, True),
        Element("test", "Test", "flag", True, False),
        Element("giver_id", "GiverId", "text", False, True),
        Element("match_of", "MatchOf", "text", False, False),
        Element("pledge_id", "PledgeId", "text", False, False),
        Element("use_permission", "UsePermission", "flag", True, True),
        Element("pin", "Pin", "text", False, True),
    )


@dataclass(frozen=True, kw_only=True)
class SavingGoal(Record):
    """What somebody saves for. The version is to be named when the goal is changed."""

    id: str
    external_item_id: str
    name: str
    starting_amount: Decimal
    goal_amount: Decimal
    current_amount: Decimal
    end_date: str | None = None
    contributions: tuple["Contribution", ...] = ()
    payment_providers: tuple["PaymentProvider", ...] = ()
    confirmation_url: str | None = None
    cancel_url: str | None = None
    version: int
    record_owner: str
    currency: str
    capture_policy: str
    authorized_amount: Decimal
    state: str | None = None
    accepts_gifts: bool | None = None
    overfunding: str | None = None
    remaining_amount: Decimal | None = None
    minimum_amount: Decimal | None = None
    maximum_amount: Decimal | None = None
    suggested_amounts: tuple[Decimal, ...] = ()
    description: str | None = None
    image_url: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    test: bool = False
    offline_amount: Decimal | None = None
    matched_amount: Decimal | None = None

    ELEMENTS: ClassVar[tuple[Element, ...]] = (
        Element("id", "Id", "text", True, False),
        Element("external_item_id", "ExternalItemId", "text", True, True),
        Element("name", "Name", "text", True, True),
        Element("starting_amount", "StartingAmount", "decimal", True, True),
        Element("goal_amount", "GoalAmount", "decimal", True, True),
        Element("current_amount", "CurrentAmount", "decimal", True, False),
        Element("end_date", "EndDate", "text", False, True),
        Element("contributions", "Contributions", "list:Contribution", True, False),
        Element("payment_providers", "PaymentProviders", "list:PaymentProvider", True, True),
        Element("confirmation_url", "ConfirmationURL", "text", False, True),
        Element("cancel_url", "CancelURL", "text", False, True),
        Element("version", "RecordVersionNumber", "integer", True, False),
        Element("record_owner", "RecordOwner", "text", True, False),
        Element("currency", "Currency", "text", True, True),
        Element("capture_policy", "CapturePolicy", "text", True, True),
        Element("authorized_amount", "AuthorizedAmount", "decimal", True, False),
        Element("state", "State", "text", False, False),
        Element("accepts_gifts", "AcceptsGifts", "flag", False, False),
        Element("overfunding", "Overfunding", "text", False, True),
        Element("remaining_amount", "RemainingAmount", "decimal", False, False),
        Element("minimum_amount", "MinimumAmount", "decimal", False, True),
        Element("maximum_amount", "MaximumAmount", "decimal", False, True),
        Element("suggested_amounts", "SuggestedAmounts", "decimals:Amount", True, True),
        Element("description", "Description", "text", False, True),
        Element("image_url", "ImageURL", "text", False, True),
        Element("metadata", "Metadata", "pairs", True, True),
        Element("test", "Test", "flag", True, False),
        Element("offline_amount", "OfflineAmount", "decimal", False, False),
        Element("matched_amount", "MatchedAmount", "decimal", False, False),
    )


@dataclass(frozen=True, kw_only=True)
class Refund(Record):
    """Money given back, or on its way back."""

    id: str
    amount: Decimal
    reason: str | None = None
    status: str
    date: datetime
    contribution_id: str | None = None
    status_reason: str | None = None

    ELEMENTS: ClassVar[tuple[Element, ...]] = (
        Element("id", "Id", "text", True, False),
        Element("amount", "Amount", "decimal", True, True),
        Element("reason", "Reason", "text", False, True),
        Element("status", "Status", "text", True, False),
        Element("date", "Date", "moment", True, False),
        Element("contribution_id", "ContributionId", "text", False, False),
        Element("status_reason", "StatusReason", "text", False, False),
    )


@dataclass(frozen=True, kw_only=True)
class Matcher(Record):
    """Somebody who adds so many percent to each gift of a goal, up to a cap."""

    id: str
    name: str
    percent: int
    maximum_total: Decimal
    matched_total: Decimal
    currency: str
    saving_goal_id: str
    date: datetime
    version: int
    test: bool = False

    ELEMENTS: ClassVar[tuple[Element, ...]] = (
        Element("id", "Id", "text", True, False),
        Element("name", "Name", "text", True, True),
        Element("percent", "Percent", "integer", True, True),
        Element("maximum_total", "MaximumTotal", "decimal", True, True),
        Element("matched_total", "MatchedTotal", "decimal", True, False),
        Element("currency", "Currency", "text", True, False),
        Element("saving_goal_id", "SavingGoalId", "text", True, False),
        Element("date", "Date", "moment", True, False),
        Element("version", "RecordVersionNumber", "integer", True, False),
        Element("test", "Test", "flag", True, False),
    )


@dataclass(frozen=True, kw_only=True)
class Change(Record):
    """One version of a contribution in its history."""

    version: int
    date: datetime
    from_status: str | None = None
    status: str
    status_reason: str | None = None
    event_id: str | None = None

    ELEMENTS: ClassVar[tuple[Element, ...]] = (
        Element("version", "RecordVersionNumber", "integer", True, False),
        Element("date", "Date", "moment", True, False),
        Element("from_status", "FromStatus", "text", False, False),
        Element("status", "Status", "text", True, False),
        Element("status_reason", "StatusReason", "text", False, False),
        Element("event_id", "EventId", "text", False, False),
    )


@dataclass(frozen=True, kw_only=True)
class PaymentAccount(Record):
    """A payee kept once and used by many goals."""

    id: str
    provider_name: str
    credentials: str | None = None
    masked_credentials: str | None = None
    state: str
    state_reason: str | None = None
    onboarding_url: str | None = None
    date: datetime
    version: int
    test: bool = False

    ELEMENTS: ClassVar[tuple[Element, ...]] = (
        Element("id", "Id", "text", True, False),
        Element("provider_name", "ProviderName", "text", True, True),
        Element("credentials", "Credentials", "text", False, True),
        Element("masked_credentials", "MaskedCredentials", "text", False, False),
        Element("state", "State", "text", True, False),
        Element("state_reason", "StateReason", "text", False, False),
        Element("onboarding_url", "OnboardingURL", "text", False, False),
        Element("date", "Date", "moment", True, False),
        Element("version", "RecordVersionNumber", "integer", True, False),
        Element("test", "Test", "flag", True, False),
    )


@dataclass(frozen=True, kw_only=True)
class Giver(Record):
    """Somebody who gives, known again by your own id. The e-mail address comes back masked."""

    id: str
    external_id: str
    name: str | None = None
    email: str | None = None
    pin_set: bool = False
    giver_url: str
    date: datetime
    version: int
    test: bool = False

    ELEMENTS: ClassVar[tuple[Element, ...]] = (
        Element("id", "Id", "text", True, False),
        Element("external_id", "ExternalId", "text", True, True),
        Element("name", "Name", "text", False, True),
        Element("email", "Email", "text", False, True),
        Element("pin_set", "PinSet", "flag", True, False),
        Element("giver_url", "GiverURL", "text", True, False),
        Element("date", "Date", "moment", True, False),
        Element("version", "RecordVersionNumber", "integer", True, False),
        Element("test", "Test", "flag", True, False),
    )


@dataclass(frozen=True, kw_only=True)
class Permission(Record):
    """What a giver has agreed to, once and for all. `PermissionURL` is where the giver agrees."""

    id: str
    giver_id: str
    provider_name: str
    currency: str
    maximum_amount: Decimal
    maximum_total: Decimal | None = None
    used_total: Decimal
    end_date: str | None = None
    confirmation_url: str | None = None
    cancel_url: str | None = None
    state: str
    state_reason: str | None = None
    permission_url: str
    date: datetime
    version: int
    test: bool = False

    ELEMENTS: ClassVar[tuple[Element, ...]] = (
        Element("id", "Id", "text", True, False),
        Element("giver_id", "GiverId", "text", True, False),
        Element("provider_name", "ProviderName", "text", True, True),
        Element("currency", "Currency", "text", True, True),
        Element("maximum_amount", "MaximumAmount", "decimal", True, True),
        Element("maximum_total", "MaximumTotal", "decimal", False, True),
        Element("used_total", "UsedTotal", "decimal", True, False),
        Element("end_date", "EndDate", "text", False, True),
        Element("confirmation_url", "ConfirmationURL", "text", False, True),
        Element("cancel_url", "CancelURL", "text", False, True),
        Element("state", "State", "text", True, False),
        Element("state_reason", "StateReason", "text", False, False),
        Element("permission_url", "PermissionURL", "text", True, False),
        Element("date", "Date", "moment", True, False),
        Element("version", "RecordVersionNumber", "integer", True, False),
        Element("test", "Test", "flag", True, False),
    )


@dataclass(frozen=True, kw_only=True)
class GiftCertificate(Record):
    """Bought like a gift, claimed by a code, and spent on gifts. `ProviderURL` is where it is paid for."""

    id: str
    amount: Decimal
    currency: str
    payment_account_id: str
    recipient_name: str | None = None
    message: str | None = None
    expires_date: str | None = None
    status: str
    status_reason: str | None = None
    provider_name: str
    provider_url: str
    date: datetime
    balance: Decimal
    claim_code: str | None = None
    claim_url: str | None = None
    giver_id: str | None = None
    claimed_date: datetime | None = None
    refunded_amount: Decimal
    reversed_amount: Decimal | None = None
    expired_amount: Decimal | None = None
    contributor: str | None = None
    reference: str | None = None
    confirmation_url: str | None = None
    cancel_url: str | None = None
    version: int
    test: bool = False

    ELEMENTS: ClassVar[tuple[Element, ...]] = (
        Element("id", "Id", "text", True, False),
        Element("amount", "Amount", "decimal", True, True),
        Element("currency", "Currency", "text", True, True),
        Element("payment_account_id", "PaymentAccountId", "text", True, True),
        Element("recipient_name", "RecipientName", "text", False, True),
        Element("message", "Message", "text", False, True),
        Element("expires_date", "ExpiresDate", "text", False, True),
        Element("status", "Status", "text", True, False),
        Element("status_reason", "StatusReason", "text", False, False),
        Element("provider_name", "ProviderName", "text", True, False),
        Element("provider_url", "ProviderURL", "text", True, False),
        Element("date", "Date", "moment", True, False),
        Element("balance", "Balance", "decimal", True, False),
        Element("claim_code", "ClaimCode", "text", False, False),
        Element("claim_url", "ClaimURL", "text", False, False),
        Element("giver_id", "GiverId", "text", False, False),
        Element("claimed_date", "ClaimedDate", "moment", False, False),
        Element("refunded_amount", "RefundedAmount", "decimal", True, False),
        Element("reversed_amount", "ReversedAmount", "decimal", False, False),
        Element("expired_amount", "ExpiredAmount", "decimal", False, False),
        Element("contributor", "Contributor", "text", False, True),
        Element("reference", "Reference", "text", False, True),
        Element("confirmation_url", "ConfirmationURL", "text", False, True),
        Element("cancel_url", "CancelURL", "text", False, True),
        Element("version", "RecordVersionNumber", "integer", True, False),
        Element("test", "Test", "flag", True, False),
    )


@dataclass(frozen=True, kw_only=True)
class Pledge(Record):
    """An amount every week or month, under a giver's standing permission."""

    id: str
    saving_goal_id: str
    giver_id: str
    permission_id: str | None = None
    amount: Decimal
    currency: str
    every: str
    start_date: str | None = None
    end_date: str | None = None
    time_zone: str | None = None
    contributor: str | None = None
    message: str | None = None
    anonymous: bool = False
    reference: str | None = None
    state: str
    state_reason: str | None = None
    next_number: int | None = None
    next_date: datetime | None = None
    failed_tries: int | None = None
    failure_reason: str | None = None
    gifts_made: int
    gifts_skipped: int
    date: datetime
    version: int
    test: bool = False
    pin: str | None = None

    ELEMENTS: ClassVar[tuple[Element, ...]] = (
        Element("id", "Id", "text", True, False),
        Element("saving_goal_id", "SavingGoalId", "text", True, False),
        Element("giver_id", "GiverId", "text", True, True),
        Element("permission_id", "PermissionId", "text", False, True),
        Element("amount", "Amount", "decimal", True, True),
        Element("currency", "Currency", "text", True, False),
        Element("every", "Every", "text", True, True),
        Element("start_date", "StartDate", "text", False, True),
        Element("end_date", "EndDate", "text", False, True),
        Element("time_zone", "TimeZone", "text", False, True),
        Element("contributor", "Contributor", "text", False, True),
        Element("message", "Message", "text", False, True),
        Element("anonymous", "Anonymous", "flag", True, True),
        Element("reference", "Reference", "text", False, True),
        Element("state", "State", "text", True, False),
        Element("state_reason", "StateReason", "text", False, False),
        Element("next_number", "NextNumber", "integer", False, False),
        Element("next_date", "NextDate", "moment", False, False),
        Element("failed_tries", "FailedTries", "integer", False, False),
        Element("failure_reason", "FailureReason", "text", False, False),
        Element("gifts_made", "GiftsMade", "integer", True, False),
        Element("gifts_skipped", "GiftsSkipped", "integer", True, False),
        Element("date", "Date", "moment", True, False),
        Element("version", "RecordVersionNumber", "integer", True, False),
        Element("test", "Test", "flag", True, False),
        Element("pin", "Pin", "text", False, True),
    )


@dataclass(frozen=True, kw_only=True)
class Event(Record):
    """Something that happened, with the contribution or the goal as it was then."""

    id: str
    type: str
    date: datetime
    contribution: "Contribution | None" = None
    saving_goal: "SavingGoal | None" = None
    permission: "Permission | None" = None
    gift_certificate: "GiftCertificate | None" = None
    pledge: "Pledge | None" = None

    ELEMENTS: ClassVar[tuple[Element, ...]] = (
        Element("id", "Id", "text", True, False),
        Element("type", "Type", "text", True, False),
        Element("date", "Date", "moment", True, False),
        Element("contribution", "Contribution", "record:Contribution", False, False),
        Element("saving_goal", "SavingGoal", "record:SavingGoal", False, False),
        Element("permission", "Permission", "record:Permission", False, False),
        Element("gift_certificate", "GiftCertificate", "record:GiftCertificate", False, False),
        Element("pledge", "Pledge", "record:Pledge", False, False),
    )


@dataclass(frozen=True, kw_only=True)
class Delivery(Record):
    """One try to send an event to a webhook endpoint."""

    number: int
    date: datetime
    url: str
    seconds: str
    status_code: int | None = None
    failure: str | None = None
    webhook_endpoint_id: str | None = None

    ELEMENTS: ClassVar[tuple[Element, ...]] = (
        Element("number", "Number", "integer", True, False),
        Element("date", "Date", "moment", True, False),
        Element("url", "URL", "text", True, False),
        Element("seconds", "Seconds", "text", True, False),
        Element("status_code", "StatusCode", "integer", False, False),
        Element("failure", "Failure", "text", False, False),
        Element("webhook_endpoint_id", "WebhookEndpointId", "text", False, False),
    )


@dataclass(frozen=True, kw_only=True)
class Recipient(Record):
    """How an event's delivery to one endpoint stands."""

    webhook_endpoint_id: str
    url: str | None = None
    state: str
    next_try: datetime | None = None

    ELEMENTS: ClassVar[tuple[Element, ...]] = (
        Element("webhook_endpoint_id", "WebhookEndpointId", "text", True, False),
        Element("url", "URL", "text", False, False),
        Element("state", "State", "text", True, False),
        Element("next_try", "NextTry", "moment", False, False),
    )


@dataclass(frozen=True, kw_only=True)
class Deliveries(Record):
    """What became of an event's delivery, and each try, the newest first."""

    state: str
    next_try: datetime | None = None
    delivery: tuple["Delivery", ...] = ()
    recipient: tuple["Recipient", ...] = ()

    ELEMENTS: ClassVar[tuple[Element, ...]] = (
        Element("state", "State", "text", True, False),
        Element("next_try", "NextTry", "moment", False, False),
        Element("delivery", "Delivery", "inline:Delivery", True, False),
        Element("recipient", "Recipient", "inline:Recipient", True, False),
    )


@dataclass(frozen=True, kw_only=True)
class WebhookEndpoint(Record):
    """Where events are sent. The secret is shown when it is made, and never again."""

    id: str | None = None
    url: str
    event_types: tuple[str, ...] = ()
    format: str
    state: str
    secret: str | None = None
    version: int
    date: datetime

    ELEMENTS: ClassVar[tuple[Element, ...]] = (
        Element("id", "Id", "text", False, False),
        Element("url", "URL", "text", True, True),
        Element("event_types", "EventTypes", "texts:EventType", True, True),
        Element("format", "Format", "text", True, True),
        Element("state", "State", "text", True, False),
        Element("secret", "Secret", "text", False, False),
        Element("version", "RecordVersionNumber", "integer", True, False),
        Element("date", "Date", "moment", True, False),
    )


@dataclass(frozen=True, kw_only=True)
class RedirectSecret(Record):
    """What the addresses that givers come back to are signed with. It is shown when it is made, and never again."""

    secret: str | None = None
    version: int
    date: datetime

    ELEMENTS: ClassVar[tuple[Element, ...]] = (
        Element("secret", "Secret", "text", False, False),
        Element("version", "RecordVersionNumber", "integer", True, False),
        Element("date", "Date", "moment", True, False),
    )


RECORDS: dict[str, type[Record]] = {
    "PaymentProvider": PaymentProvider,
    "Contribution": Contribution,
    "SavingGoal": SavingGoal,
    "Refund": Refund,
    "Matcher": Matcher,
    "Change": Change,
    "PaymentAccount": PaymentAccount,
    "Giver": Giver,
    "Permission": Permission,
    "GiftCertificate": GiftCertificate,
    "Pledge": Pledge,
    "Event": Event,
    "Delivery": Delivery,
    "Recipient": Recipient,
    "Deliveries": Deliveries,
    "WebhookEndpoint": WebhookEndpoint,
    "RedirectSecret": RedirectSecret,
}
"""Each by its name on the wire."""
