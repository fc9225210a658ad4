"""At which of a goal's providers a gift can be paid now."""

from dataclasses import dataclass

from goals.models import PaymentAccount, SavingGoal
from goals.rules import live_accounts
from providers import registry
from providers.base import AmountRefused, Provider, ProviderNotOffered


@dataclass(frozen=True)
class Way:
    """One way to pay a gift: who is paid, and the adapter that opens the checkout."""

    account: PaymentAccount
    adapter: Provider


def ways_to_pay(goal: SavingGoal, amount_minor: int) -> list[Way]:
    """The goal's providers that are offered now and carry so many minor units of its currency, in the goal's order."""
    return _ways(goal, amount_minor)[0]


def check_somebody_can_be_paid(goal: SavingGoal, amount_minor: int) -> None:
    """Raises ProviderNotOffered where no provider of the goal is offered, AmountRefused where none of them carries this."""
    ways, why_not = _ways(goal, amount_minor)
    if ways:
        return
    sentence = f"None of the goal's providers can take this gift. {' '.join(_sentence(error) for error in why_not)}"
    if all(isinstance(error, ProviderNotOffered) for error in why_not):
        raise ProviderNotOffered(sentence)
    raise AmountRefused(sentence)


def _ways(goal: SavingGoal, amount_minor: int) -> tuple[list[Way], list[AmountRefused | ProviderNotOffered]]:
    """The ways there are, and why there are no others."""
    ways: list[Way] = []
    why_not: list[AmountRefused | ProviderNotOffered] = []
    for account in live_accounts(goal):
        try:
            adapter = registry.adapter_offered(account.provider)
            adapter.check_currency(goal.currency)
            adapter.check_amount(amount_minor, goal.currency)
            ways.append(Way(account, adapter))
        except (AmountRefused, ProviderNotOffered) as error:
            why_not.append(error)
    return ways, why_not


def _sentence(error: Exception) -> str:
    text = str(error)
    return text if text.endswith(".") else f"{text}."
