"""What the proxy does with one account's requests: put the secret in on the way out, and take it out on the way back."""

from collections.abc import Mapping
from typing import Protocol

from providers.kit.transport import Answer


class NotOurs(Exception):
    """A request that this account's secret is not for."""


class Account(Protocol):
    """One account at a provider, with its secret. Thread-safe."""

    name: str
    """As the tier with the database names it in its requests."""
    base: str
    """Where its API is, without a slash at the end: nothing else is sent the secret."""

    def with_secret(self, url: str, authorization: str) -> str:
        """The Authorization that the provider is to see, for what stands there with a mark. Raises NotOurs."""

    def without_secret(self, url: str, answer: Answer, *, sent: str) -> Answer:
        """The answer as the other tier may see it; `sent` is what with_secret gave."""


HIDDEN = b"[hidden]"
SHORTEST_SECRET = 8
"""No secret of a provider's is shorter, and to hide it would garble words."""


def hidden(answer: Answer, *secrets: str) -> Answer:
    """The answer, with none of the secrets in it, whoever has put it there."""
    body, headers = answer.body, dict(answer.headers)
    for secret in secrets:
        if len(secret) < SHORTEST_SECRET:
            continue
        body = body.replace(secret.encode(), HIDDEN)
        headers = {name: value.replace(secret, HIDDEN.decode()) for name, value in headers.items()}
    return Answer(answer.status, headers, body)


def header(headers: Mapping[str, str], name: str) -> str:
    """Its value, "" where it is not there."""
    return next((value for one, value in headers.items() if one.lower() == name.lower()), "")
