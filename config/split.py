"""Two tiers: the one with the database, and the provider proxy with the providers' secrets. Neither starts with both.

docs/operators.md tells how they are set up, docs/decisions/0068-the-provider-proxy.md why.
"""

import os
import re

from django.core.exceptions import ImproperlyConfigured

from config import env
from providers.kit.proxy_wire import IN_THE_PROXY

MARKS = {
    "PAYPAL_CLIENT_SECRET": (IN_THE_PROXY,),
    "PAYPAL_TEST_CLIENT_SECRET": (IN_THE_PROXY,),
    "STRIPE_SECRET_KEY": (f"sk_live_{IN_THE_PROXY}", f"sk_test_{IN_THE_PROXY}"),
    "STRIPE_TEST_SECRET_KEY": (f"sk_test_{IN_THE_PROXY}",),
}
"""The settings that are providers' secrets, and what stands there in the tier with the database."""

SHORTEST_KEY = 32
_AMAZONS_KEY = re.compile(r"AMAZON_PAY_(?:[A-Z0-9_]+_)?PRIVATE_KEY")
_NOT_IN_THE_PROXY = ("DATABASE_URL", "CREDENTIALS_KEYS", "SECRET_KEY", "PROVIDER_PROXY_URL")


def read() -> tuple[str, list[str]]:
    """The proxy's address and the shared keys, of the tier with the database, which may be all there is.

    Raises ImproperlyConfigured where secrets are mixed.
    """
    url = env.text("PROVIDER_PROXY_URL") and env.web_address("PROVIDER_PROXY_URL", "")[0]
    keys = shared_keys(needed=bool(url))
    if keys and not url:
        raise ImproperlyConfigured("PROVIDER_PROXY_KEYS is set, so PROVIDER_PROXY_URL must be set too, or neither.")
    for name, marks in MARKS.items():
        value = env.text(name)
        if url and value and value not in marks:
            raise ImproperlyConfigured(
                f"PROVIDER_PROXY_URL is set, so {name} belongs into the environment of the provider proxy alone: "
                f"take it out here and set {name}={' or '.join(marks)}."
            )
        if value in marks and not url:
            raise ImproperlyConfigured(f"{name} says that the provider proxy has it, so PROVIDER_PROXY_URL must be set too.")
    if url and (amazons := _amazons_keys()):
        raise ImproperlyConfigured(
            f"PROVIDER_PROXY_URL is set, and {amazons[0]} too: Amazon Pay cannot be split between the two tiers yet, as its "
            "buttons and requests are signed here. Take the AMAZON_PAY_ settings out, or do without the provider proxy."
        )
    return url, keys


def shared_keys(*, needed: bool) -> list[str]:
    """What the tiers sign with, the newest first. Raises ImproperlyConfigured."""
    keys = env.words("PROVIDER_PROXY_KEYS")
    if needed and not keys:
        raise ImproperlyConfigured("Set PROVIDER_PROXY_KEYS to one long random text, the same for both tiers.")
    if any(len(key) < SHORTEST_KEY for key in keys):
        raise ImproperlyConfigured(f"PROVIDER_PROXY_KEYS must be random texts of {SHORTEST_KEY} characters or more.")
    return keys


def check_proxys_environment() -> None:
    """Raises ImproperlyConfigured where the provider proxy has what belongs to the tier with the database."""
    for name in _NOT_IN_THE_PROXY:
        if env.text(name):
            raise ImproperlyConfigured(
                f"{name} belongs to the tier with the database, and this is the provider proxy: take it out of its environment."
            )
    if amazons := _amazons_keys():
        raise ImproperlyConfigured(f"Amazon Pay does not go through the provider proxy yet: take {amazons[0]} out.")
    for name, marks in MARKS.items():
        if env.text(name) in marks:
            raise ImproperlyConfigured(f"This is the provider proxy, so {name} must be the secret itself.")


def _amazons_keys() -> list[str]:
    return sorted(name for name, value in os.environ.items() if _AMAZONS_KEY.fullmatch(name) and value.strip())
