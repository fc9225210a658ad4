"""How a call to a provider can fail, by what is to be done next. Imported from providers.base."""


class ProviderUnavailable(Exception):
    """No answer, or none that can be understood: the outcome is unknown, ask again."""


class KeysRefused(ProviderUnavailable):
    """The provider does not take the keys that the operator has set: somebody has to see to it."""


class ProviderRefused(Exception):
    """The provider has refused, and asking again will not change it.

    `reason` is a short code fit for a contribution's StatusReason.
    """

    def __init__(self, reason: str, message: str = "", *, correlation_id: str = "") -> None:
        super().__init__(message or reason)
        self.reason = reason
        self.correlation_id = correlation_id


class PayerActionRequired(ProviderRefused):
    """Not before the giver has done something at the provider's: approve, or choose something else to pay with.

    A definite no to this operation, but not to the payment: the checkout stays open. `url` is where the giver can do it, an
    address that the adapter has checked; empty where the provider names none.
    """

    def __init__(self, reason: str, message: str = "", *, correlation_id: str = "", url: str = "") -> None:
        super().__init__(reason, message, correlation_id=correlation_id)
        self.url = url


class CredentialsRefused(ValueError):
    """Not what identifies somebody at this provider; the message says what would be right."""


class AmountRefused(ValueError):
    """An amount or a currency that this provider cannot carry; the message is a sentence that says what would be right.

    `reason` is a short code: of an error, and of a gift that was refused for it.
    """

    reason = "amount_refused"


class AmountTooSmall(AmountRefused):
    """Below the least that the provider takes in the currency."""

    reason = "amount_too_small"


class AmountTooLarge(AmountRefused):
    """Above the most that the provider takes in the currency."""

    reason = "amount_too_large"


class CurrencyRefused(AmountRefused):
    """No amount in this currency can be paid there."""

    reason = "currency_refused"


class DecimalsRefused(AmountRefused):
    """The provider knows no such fractions of the currency."""

    reason = "decimals_refused"


class TokenRefused(ValueError):
    """Not what the provider's button gives to a page; the message is a sentence that repeats nothing of it."""


class ProviderNotOffered(Exception):
    """The service has neither keys for the provider nor a simulator that may play it."""


class InvalidSignature(ValueError):
    """Not from the provider, or damaged on the way."""
