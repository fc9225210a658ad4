"""What is told between the service and its providers: values, in our words. Imported from providers.base."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class PaymentState(StrEnum):
    """How far a payment has come, as the provider tells it."""

    OPEN = "open"  # the giver has not approved it (yet)
    APPROVED = "approved"  # the giver has approved; nothing is held or taken
    PENDING = "pending"  # the provider is still thinking; no outcome yet
    AUTHORIZED = "authorized"  # held
    CAPTURED = "captured"  # taken
    DECLINED = "declined"  # refused for good, unless the giver tries again
    VOIDED = "voided"  # let go, by us or by them
    LAPSED = "lapsed"  # nobody has paid in this checkout, and nobody can any more
    REVERSED = "reversed"  # taken, and taken back by the provider: a chargeback, a lost dispute


class Capability(StrEnum):
    """What a provider can do beyond the Provider protocol, as its adapter declares it: never guessed from a method's name."""

    CLOSES_CHECKOUTS = "closes_checkouts"  # ClosesCheckouts: an open checkout can be closed, so that nobody pays in it
    PAID_ON_OUR_PAGE = "paid_on_our_page"  # PaidOnOurPage: the giver pays on /pay/{id}, by the provider's button
    PAID_BY_TOKEN = "paid_by_token"  # noqa: S105 - PaidByToken: that button gives us a token, with which we pay
    TAKES_PLATFORM_FEES = "takes_platform_fees"  # providers/shares.py: a part of the gift can be kept for the operator
    APPROVAL_TAKES_MONEY = "approval_takes_money"  # the giver's approval takes or holds the money: we need not ask for it
    CHECKS_PAYEES = "checks_payees"  # payees.ChecksPayees: can say whether somebody can be paid
    KEEPS_PERMISSIONS = "keeps_permissions"  # permissions.KeepsPermissions: a giver agrees once, and gives again unasked
    AGREED_ON_OUR_PAGE = "agreed_on_our_page"  # permissions.AgreedOnOurPage: by the provider's button on /permission/{id}
    ONBOARDS_PAYEES = "onboards_payees"  # payees.OnboardsPayees: gives a link by which somebody becomes able to be paid
    SETTLES_AT_ONCE = "settles_at_once"  # no company moves the money: a gift is Settled as it is recorded, and nobody is asked


class RefundState(StrEnum):
    """How far a refund has come, as the provider tells it."""

    PENDING = "pending"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True)
class PaymentRequest:
    """One payment as we want it: what is opened, and what later answers are compared with."""

    provider: str
    reference: str
    """Our public id of the contribution."""
    amount_minor: int
    currency: str
    payee: str = field(repr=False)
    """The goal's Credentials at this provider, in clear: never to be logged."""
    capture_at_once: bool
    description: str
    return_url: str
    cancel_url: str
    checkout_id: str = ""
    """The provider's id of the checkout, once there is one."""
    payment_reference: str = ""
    """The provider's id of the authorization or capture, once there is one."""
    payee_id: str = ""
    """The provider's own id of the payee, where it told one as it opened the checkout."""
    language: str = ""
    """The giver's, as a BCP 47 tag; empty where it is not known."""
    brand: str = ""
    """Whose gift it is, for the giver to recognise at the provider and on the statement: the partner's name."""
    platform_fee_minor: int = 0
    """What the operator keeps of it, where the provider can do that: providers/shares.py."""
    platform_fee_back_minor: int = 0
    """What of that goes back with the refund that is asked for."""
    disputes: tuple[str, ...] = ()
    """The provider's ids of disputes that its webhooks have named, for a provider whose payments do not tell of their own."""
    charged_since: datetime | None = None
    """When it was first to be paid under a permission, for a provider that forgets request ids after a while; None: now."""
    scenario: str = ""
    """What a rehearsal is to go like: read by the simulator only."""


@dataclass(frozen=True)
class OpenedCheckout:
    """A page where the giver pays."""

    checkout_id: str
    """Empty where the provider makes one only when the giver comes to it: the giver brings its id back."""
    url: str
    correlation_id: str = ""
    payee_id: str = ""
    """The provider's own id of the payee, where it tells one: later answers may name the payee by nothing else."""
    expires_at: datetime | None = None
    """When nobody can pay in it any more, where the provider says so or is known for it."""


@dataclass(frozen=True)
class ProviderRefund:
    """What the provider says of one refund. `reference` is our id of it; empty where it was made at the provider's."""

    state: RefundState
    amount_minor: int
    reference: str
    provider_reference: str
    correlation_id: str = ""
    reason: str = ""
    fee_minor: int | None = None
    platform_fee_minor: int | None = None
    """What the provider, and what the operator, gave back of its fee with this refund, where the provider says so."""


@dataclass(frozen=True)
class Payment:
    """What the provider says of a payment. Amount, currency, payee and reference are the provider's own words."""

    state: PaymentState
    amount_minor: int
    currency: str
    payee: str = field(repr=False)
    reference: str
    provider_reference: str = ""
    """The provider's id of the authorization or capture."""
    correlation_id: str = ""
    reason: str = ""
    """A short code for why, where the state alone does not say it."""
    fee_minor: int | None = None
    net_minor: int | None = None
    """What the provider kept, and what the payee got, where it says so."""
    platform_fee_minor: int | None = None
    """What the operator really kept of it, where the provider says so, whatever was given back later."""
    platform_fee_back_minor: int | None = None
    """What the operator has given back of that in all, where the provider says so."""
    taken_minor: int | None = None
    """How much of it was really taken, where the provider tells that apart from its amount; None: all, once it is taken."""
    lost_minor: int | None = None
    """What disputes have taken of it and not brought back, where the provider tells the sum; None: all that is left, where the
    state is REVERSED."""
    has_open_dispute: bool = False
    """It was taken, and a dispute about it has no outcome that could be entered: what the books call lost stays as it is."""
    payee_owes_minor: int = 0
    """What is to be taken back from the payee, who was sent more than disputes have left of the payment; below 0: what is to be
    sent to it again. 0 where a provider sees to that by itself."""
    expires_at: datetime | None = None
    """When what is held is let go by itself."""
    is_held: bool = False
    """It is APPROVED, to be taken at once, and the provider only holds it so far: it is to be let go where it is not wanted."""
    honored_until: datetime | None = None
    """Until when the provider vouches for what is held, where that ends before the hold does: renewed before it is taken."""
    for_a_person: str = ""
    """What only a person can decide about it: a name of contributions/attention.py."""
    refunds: tuple[ProviderRefund, ...] = ()
    """Everything given back of it, by us or in the provider's own dashboard, where the provider lists it."""
    given_back_minor: int = 0
    """How much was given back of it in all, where the provider does not list it and tells the sum alone."""
    most_given_back_at_once_minor: int | None = None
    """As much as one refund can be of, where it was taken in several parts; None: all that is left."""


@dataclass(frozen=True)
class WebhookEvent:
    """A provider's word that something has happened to a payment. What it says is not believed: it makes us ask.

    It leads to the payment by whichever of the first three it names; the others are empty. Where it names none, it was
    for the adapter alone.
    """

    checkout_id: str = ""
    event_id: str = ""
    payment_reference: str = ""
    """The provider's id of the authorization or capture."""
    reference: str = ""
    """Our own id of the contribution or of the refund, where the provider repeats it."""
    refund_reference: str = ""
    """The provider's id of a refund to look into besides, where a payment does not list its own."""
    dispute_reference: str = ""
    """The provider's id of a dispute to ask about from now on, where a payment does not tell of its own."""
    paid_to: str = field(default="", repr=False)
    """Credentials of the one payee whose payments it can be about, where each payee's events come from a place of their own."""
    payee: str = field(default="", repr=False)
    payee_reference: str = ""
    """Whom it is about instead of a payment: Credentials of a payee, and our own id of the PaymentAccount."""
    permission: str = field(default="", repr=False)
    permission_reference: str = ""
    """What it is about instead of a payment: the provider's id of a permission's set-up, or its token, or our own id of it."""


@dataclass(frozen=True)
class Finding:
    """One point of `manage.py check_provider`: what was looked at, and what to do where it is not as it has to be."""

    good: bool
    what: str
    how_to_fix: str = ""
    can_wait: bool = False
    """It works without: to be known rather than to be fixed."""


@dataclass(frozen=True)
class PayPage:
    """What our own page needs in order to show the provider's button."""

    script_url: str
    """The provider's own script."""
    button: Mapping[str, Any]
    """What `button_script` finds in the page, as JSON, signed where the provider wants that. Public: a giver can read it."""
    sources: Mapping[str, tuple[str, ...]]
    """What the provider's script may load, and from where, by Content-Security-Policy directive."""
