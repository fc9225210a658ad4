"""What the service asks of a payment provider, in our words.

An adapter translates and decides nothing. It never opens a database transaction round a call, never writes a model
of ours, and answers a word it does not know with a state that moves no money.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeGuard

from providers.errors import AmountRefused as AmountRefused
from providers.errors import AmountTooLarge as AmountTooLarge
from providers.errors import AmountTooSmall as AmountTooSmall
from providers.errors import CredentialsRefused as CredentialsRefused
from providers.errors import CurrencyRefused as CurrencyRefused
from providers.errors import DecimalsRefused as DecimalsRefused
from providers.errors import InvalidSignature as InvalidSignature
from providers.errors import KeysRefused as KeysRefused
from providers.errors import PayerActionRequired as PayerActionRequired
from providers.errors import ProviderNotOffered as ProviderNotOffered
from providers.errors import ProviderRefused as ProviderRefused
from providers.errors import ProviderUnavailable as ProviderUnavailable
from providers.errors import TokenRefused as TokenRefused
from providers.values import Capability as Capability
from providers.values import Finding as Finding
from providers.values import OpenedCheckout as OpenedCheckout
from providers.values import Payment as Payment
from providers.values import PaymentRequest as PaymentRequest
from providers.values import PaymentState as PaymentState
from providers.values import PayPage as PayPage
from providers.values import ProviderRefund as ProviderRefund
from providers.values import RefundState as RefundState
from providers.values import WebhookEvent as WebhookEvent


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

    def check_currency(self, currency: str, *, payee: str = "") -> None:
        """Raises AmountRefused where nobody, or the payee with these Credentials, can be paid in it at this provider.

        Raises ProviderNotOffered where the service has no keys (any more) to collect for the payee. No network.
        """

    def check_amount(self, amount_minor: int, currency: str, *, payee: str = "") -> None:
        """Raises AmountRefused where no gift of so many minor units of the currency can be paid here, or to this payee.

        Raises ProviderNotOffered as check_currency. No network.
        """

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


def settles_at_once(provider: Provider) -> bool:
    """Whether its gifts are Settled as they are recorded, since no company moves their money: see providers/local/."""
    return Capability.SETTLES_AT_ONCE in provider.capabilities
