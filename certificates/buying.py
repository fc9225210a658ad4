"""A certificate is bought: by a contribution to a goal of the service's own, which has the certificate's Id."""

from dataclasses import dataclass
from datetime import datetime

import encryption
from certificates import books, codes
from certificates.models import GiftCertificate
from contributions import opening, reopening
from contributions.models import Contribution
from contributions.new_gift import NewGift
from contributions.status import FAILED
from contributions.ways_to_pay import PayeeCannotBePaid
from goals import certificates as goals_of_certificates
from goals.models import Payee, PaymentAccount, SavingGoal
from goals.rules import live_accounts
from partners.models import Partner
from providers import registry


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a client asks for: an amount in minor units of the currency, paid to this payee."""

    amount_minor: int
    currency: str
    payee: Payee
    recipient_name: str
    message: str | None = None
    expires_at: datetime | None = None
    expires_with_the_day: bool = False
    contributor: str = ""
    """Who buys it; empty: nobody says."""
    reference: str = ""
    confirmation_url: str = ""
    cancel_url: str = ""
    scenario: str = ""
    """What the simulator is to make of it."""


def check(partner: Partner, wish: Wish) -> None:
    """Whether buy() would record it, so far as that is known without storing anything or asking the provider.

    Raises as buy() does.
    """
    adapter = registry.adapter_offered(wish.payee.provider, is_test=partner.is_test)
    credentials = wish.payee.readable_credentials or ""
    adapter.check_currency(wish.currency, payee=credentials)
    adapter.check_amount(wish.amount_minor, wish.currency, payee=credentials)


def buy(partner: Partner, wish: Wish, *, public_id: str, opens: bool = True, is_repeated: bool = True) -> GiftCertificate:
    """Record the purchase and open its checkout, as contributions.opening.record_gift does; safe to repeat likewise.

    Raises ProviderNotOffered, AmountRefused, PayeeCannotBePaid, PayeeIsGone, CheckoutRefused.
    """
    check(partner, wish)
    goal = goals_of_certificates.goal_of(wish.payee, wish.currency)
    gift = NewGift(
        amount_minor=wish.amount_minor,
        contributor=wish.contributor or partner.name,
        message=None,
        account=_account(goal, wish.payee),
        reference=wish.reference,
        is_anonymous=not wish.contributor,
        confirmation_url=wish.confirmation_url,
        cancel_url=wish.cancel_url,
        scenario=wish.scenario,
        beside=_Issue(wish),
    )
    purchase = opening.record_gift(goal, gift, public_id=public_id, opens=opens, is_repeated=is_repeated)
    if purchase.status == FAILED:  # by an earlier try under the same Idempotency-Key
        reopening.open_after_refusal(purchase)
    return books.whole().get(purchase=purchase)


def _account(goal: SavingGoal, payee: Payee) -> PaymentAccount:
    """The one that pays the payee now."""
    for account in live_accounts(goal):
        if account.provider == payee.provider:
            return account
    raise PayeeCannotBePaid(f"Payment account {payee.public_id} is gone: give another.")


@dataclass
class _Issue:
    """The certificate's row, written with its purchase. Meets contributions.new_gift.Beside."""

    wish: Wish

    def check(self) -> None:
        """Nothing can be in its way."""

    def begin(self) -> None:
        """It needs no lock."""

    def recorded(self, contribution: Contribution) -> None:
        code = codes.new_code()
        GiftCertificate.objects.create(
            public_id=contribution.public_id,
            purchase=contribution,
            payee=self.wish.payee,
            currency=self.wish.currency,
            recipient_name=self.wish.recipient_name,
            message=self.wish.message,
            expires_at=self.wish.expires_at,
            expires_with_the_day=self.wish.expires_with_the_day,
            code_encrypted=encryption.encrypt(code),
            code_lookup=codes.lookup_of(code),
            created_at=contribution.created_at,
        )
