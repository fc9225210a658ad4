"""A Stripe account in the proxy: its secret key goes out with every request."""

from providers.kit.proxy_accounts import NotOurs, hidden
from providers.kit.proxy_wire import is_mark
from providers.kit.transport import Answer
from providers.stripe.key_kinds import is_live


def account_name(secret_key: str) -> str:
    """By what the key, or the mark in its place, moves: real money or play money."""
    return "stripe live" if is_live(secret_key) else "stripe test"


class StripeAccount:
    """See providers.kit.proxy_accounts.Account."""

    def __init__(self, base: str, secret_key: str) -> None:
        self.base, self.name = base, account_name(secret_key)
        self._key = secret_key

    def with_secret(self, url: str, authorization: str) -> str:
        if not is_mark(authorization.removeprefix("Bearer ")):
            raise NotOurs("no mark stands where the secret key goes")
        return f"Bearer {self._key}"

    def without_secret(self, url: str, answer: Answer, *, sent: str) -> Answer:
        return hidden(answer, self._key)
