"""At which of a goal's providers a gift can be paid now."""

from dataclasses import dataclass

from contributions import advice
from goals.models import PaymentAccount, SavingGoal
from goals.payees import USABLE
from goals.rules import live_accounts
from partners.changes import check_provider_is_on
from providers import registry
from providers.base import AmountRefused, Provider, ProviderNotOffered, settles_at_once


@dataclass(frozen=True)
class Way:
    """One way to pay a gift: who is paid, and the adapter that opens the checkout."""

    account: PaymentAccount
    adapter: Provider


class PayeeCannotBePaid(Exception):
    """The payee is not able to be paid at the provider (any more, or yet)."""


def check_payee(account: PaymentAccount) -> None:
    """Raises PayeeCannotBePaid where the provider was heard to say that nobody can pay them."""
    payee = account.payee
    if payee is None or payee.state in USABLE:
        return
    why = f"{payee.state}, {payee.state_reason}" if payee.state_reason else payee.state
    raise PayeeCannotBePaid(
        f"The goal's payee cannot be paid at {account.provider}: payment account {payee.public_id} is {why}. "
        f"{advice.when_a_payee_cannot_be_paid(payee.state, payee.state_reason)} Or give the goal another payee."
    )


def ways_to_pay(goal: SavingGoal, amount_minor: int) -> list[Way]:
    """The goal's providers that are offered now and carry so many minor units of its currency, in the goal's order.

    Not those whose gifts are Settled by the client's word: no giver can declare that the money is there.
    """
    return _ways(goal, amount_minor)[0]


def check_somebody_can_be_paid(goal: SavingGoal, amount_minor: int) -> None:
    """Raises ProviderNotOffered where no provider of the goal is offered, AmountRefused where none of them carries this,
    PayeeCannotBePaid where those that would cannot pay the goal's payees."""
    ways, why_not = _ways(goal, amount_minor)
    if ways:
        return
    sentence = f"None of the goal's providers can take this gift. {' '.join(_sentence(error) for error in why_not)}"
    if all(isinstance(error, ProviderNotOffered) for error in why_not):
        raise ProviderNotOffered(sentence)
    if any(isinstance(error, AmountRefused) for error in why_not):
        kinds = {type(error) for error in why_not if isinstance(error, AmountRefused)}
        raise (kinds.pop() if len(kinds) == 1 else AmountRefused)(sentence)
    raise PayeeCannotBePaid(sentence)


def _ways(goal: SavingGoal, amount_minor: int) -> tuple[list[Way], list[Exception]]:
    """The ways there are, and why there are no others."""
    ways: list[Way] = []
    why_not: list[Exception] = []
    for account in live_accounts(goal):
        try:
            check_provider_is_on(goal.partner, account.provider)
            adapter = registry.adapter_offered(account.provider, is_test=goal.partner.is_test)
            if settles_at_once(adapter):
                raise ProviderNotOffered(f"{account.provider} is for the client to name: no giver can pay so.")
            adapter.check_currency(goal.currency, payee=account.credentials)
            adapter.check_amount(amount_minor, goal.currency, payee=account.credentials)
            check_payee(account)
            ways.append(Way(account, adapter))
        except (AmountRefused, PayeeCannotBePaid, ProviderNotOffered) as error:
            why_not.append(error)
    return ways, why_not


def _sentence(error: Exception) -> str:
    text = str(error)
    return text if text.endswith(".") else f"{text}."
