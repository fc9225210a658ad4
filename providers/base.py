"""What the service asks of a payment provider, in our words.

An adapter translates and decides nothing. It never opens a database transaction round a call, never writes a model
of ours, and answers a word it does not know with a state that moves no money.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, TypeGuard

from providers.errors import AmountRefused as AmountRefused
from providers.errors import CredentialsRefused as CredentialsRefused
from providers.errors import InvalidSignature as InvalidSignature
from providers.errors import PayerActionRequired as PayerActionRequired
from providers.errors import ProviderNotOffered as ProviderNotOffered
from providers.errors import ProviderRefused as ProviderRefused
from providers.errors import ProviderUnavailable as ProviderUnavailable
from providers.errors import TokenRefused as TokenRefused


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
    ONBOARDS_PAYEES = "onboards_payees"  # payees.OnboardsPayees: gives a link by which somebody becomes able to be paid


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
    brand: str = ""
    """Whose gift it is, for the giver to recognise at the provider and on the statement: the partner's name."""
    platform_fee_minor: int = 0
    """What the operator keeps of it, where the provider can do that: providers/shares.py."""
    platform_fee_back_minor: int = 0
    """What of that goes back with the refund that is asked for."""
    disputes: tuple[str, ...] = ()
    """The provider's ids of disputes that its webhooks have named, for a provider whose payments do not tell of their own."""
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
    platform_fee_minor: int | None = None
    """What the operator gave back of its fee with this refund, where the provider says so."""


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
    payee_owes_minor: int = 0
    """What is to be taken back from the payee, who was sent more than disputes have left of the payment; below 0: what is to be
    sent to it again. 0 where a provider sees to that by itself."""
    expires_at: datetime | None = None
    """When what is held is let go by itself."""
    honored_until: datetime | None = None
    """Until when the provider vouches for what is held, where that ends before the hold does: renewed before it is taken."""
    for_a_person: str = ""
    """What only a person can decide about it: a name of contributions/attention.py."""
    refunds: tuple[ProviderRefund, ...] = ()
    """Everything given back of it, by us or in the provider's own dashboard, where the provider lists it."""
    given_back_minor: int = 0
    """How much was given back of it in all, where the provider does not list it and tells the sum alone."""


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
    payee: str = field(default="", repr=False)
    payee_reference: str = ""
    """Whom it is about instead of a payment: Credentials of a payee, and our own id of the PaymentAccount."""


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


class Provider(Protocol):
    """One payment company, or the simulator. Every method may raise ProviderUnavailable."""

    key: str
    """Names the adapter for ever: a contribution is followed up by the adapter that opened it."""

    return_token_argument: str
    """The query argument in which the giver brings back the checkout's id."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What it can do beyond this protocol."""

    def check_credentials(self, credentials: str) -> None:
        """Raises CredentialsRefused where these cannot identify a payee. No network."""

    def check_currency(self, currency: str) -> None:
        """Raises AmountRefused where nobody can be paid in it at this provider. No network."""

    def check_amount(self, amount_minor: int, currency: str) -> None:
        """Raises AmountRefused where no gift of so many minor units of the currency can be paid here. No network."""

    def check_refund(self, amount_minor: int, currency: str) -> None:
        """Raises AmountRefused where so many minor units of a taken payment cannot be given back. No network."""

    def open_checkout(self, request: PaymentRequest, *, request_id: str) -> OpenedCheckout:
        """Open the page where the giver pays; the same request id gives the same checkout. Raises ProviderRefused.

        A provider that does not name the checkout when a giver cancels is given the request id, to be brought back
        in `return_token_argument` of the cancel link.
        """

    def find(self, request: PaymentRequest) -> Payment:
        """Ask how far the payment has come; moves no money. Raises ProviderRefused where it knows no such checkout."""

    def authorize(self, request: PaymentRequest, *, request_id: str) -> Payment:
        """Hold an approved payment; the same request id holds it once. Raises ProviderRefused, PayerActionRequired."""

    def capture(self, request: PaymentRequest, *, request_id: str) -> Payment:
        """Take an approved or held payment; the same request id takes it once. Raises ProviderRefused, PayerActionRequired.

        Taken already, under another id: refused, or told as it is.
        """

    def renew(self, request: PaymentRequest, *, request_id: str) -> Payment:
        """Hold a held payment for longer. Raises ProviderRefused where the provider cannot."""

    def void(self, request: PaymentRequest, *, request_id: str) -> Payment:
        """Let a held payment go. Raises ProviderRefused."""

    def refund(self, request: PaymentRequest, *, amount_minor: int, reference: str, request_id: str) -> ProviderRefund:
        """Give back part or all of a taken payment; the same request id gives it back once. Raises ProviderRefused."""

    def find_refund(self, request: PaymentRequest, provider_reference: str) -> ProviderRefund:
        """Ask how far a refund has come; moves no money. Raises ProviderRefused where the payment has no such refund."""

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookEvent:
        """What a webhook is about, once it is proven to be the provider's. Raises InvalidSignature, and nothing else for
        whatever it is given; ProviderUnavailable where it takes the provider to prove it, and the provider is silent."""


class CheckedProvider(Provider, Protocol):
    """A provider with keys of its own, which can be looked over."""

    def check_setup(self) -> Iterable[Finding]:
        """What `manage.py check_provider` tells an operator; asks the provider, and moves nothing."""


class PaidOnOurPage(Provider, Protocol):
    """A provider without a page that a server could open: the giver pays on /pay/{id}, by the provider's button.

    Its checkouts may come into being there, so that only the giver who comes back brings their id: see OpenedCheckout.
    """

    button_script: str
    """Our script, served from our own address, that draws the provider's button into #pay-button from #pay-data. It hides
    #pay-waiting in the end, and shows #pay-blocked where the provider's script did not come, or #pay-unable where this
    device cannot pay so. A token goes into the field `payment` of #pay-form, which is there for whoever is PaidByToken."""

    def pay_page(self, request: PaymentRequest) -> PayPage:
        """What the page shows. No network. Raises ProviderUnavailable where the service has no keys (any more)."""


class PaidByToken(PaidOnOurPage, Protocol):
    """A provider whose button gives the giver's browser a token, which our page posts to us and with which we pay.

    Its checkouts are opened by the server, as usual: their id is known from the start, and nobody has to bring it back.
    A token is good for one payment, and is never stored or logged.
    """

    def read_token(self, told: str) -> str:
        """The token in what the button gave to the page. No network. Raises TokenRefused."""

    def pay(self, request: PaymentRequest, token: str, *, request_id: str) -> Payment:
        """Pay the request's open checkout with the token; the same request id and token pay once, two tokens never twice.

        Raises PayerActionRequired where the token does not pay: with the `url` where the giver can prove who they are, or with
        none, and then another token may. Raises ProviderRefused.
        """


class ClosesCheckouts(Provider, Protocol):
    """What a provider can do besides, if it can: keep a page of its own from being paid at."""

    def close(self, request: PaymentRequest, *, request_id: str) -> Payment:
        """Close the checkout, so that an old tab cannot pay; VOIDED once it is closed, also when it was before.

        Where the giver has paid in it already: told as it is. Raises ProviderUnavailable, ProviderRefused.
        """


def closes_checkouts(provider: Provider) -> TypeGuard[ClosesCheckouts]:
    """Whether an open checkout can be closed at this provider."""
    return Capability.CLOSES_CHECKOUTS in provider.capabilities


def is_paid_on_our_page(provider: Provider) -> TypeGuard[PaidOnOurPage]:
    """Whether the giver pays on a page of ours."""
    return Capability.PAID_ON_OUR_PAGE in provider.capabilities


def is_paid_by_token(provider: Provider) -> TypeGuard[PaidByToken]:
    """Whether the provider's button gives our page a token to pay with."""
    return Capability.PAID_BY_TOKEN in provider.capabilities
