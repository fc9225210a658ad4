"""Which adapter stands behind which provider's name."""

import functools
from collections.abc import Callable, Iterable, Mapping

from django.conf import settings

from providers.amazon.adapter import AmazonProvider
from providers.base import CheckedProvider, Finding, Provider, ProviderNotOffered
from providers.google.adapter import GoogleProvider
from providers.google.stripe_gateway import StripeGateway
from providers.paypal.adapter import PayPalProvider
from providers.sandbox.adapter import SandboxProvider
from providers.stripe.adapter import StripeProvider

PROVIDER_NAMES = ("PayPal", "Amazon", "Google", "Stripe")
"""As they are printed. In a path they are in lower case; in a request their case does not matter."""

HOW_TO_PAY = {"PayPal": "with PayPal", "Amazon": "with Amazon Pay", "Google": "with Google Pay", "Stripe": "by card (Stripe)"}
"""How a giver would say it, after "pay"."""

_BY_LOWER_CASE = {name.lower(): name for name in PROVIDER_NAMES}
_SANDBOX = SandboxProvider()
_ADAPTERS: dict[str, Provider] = {_SANDBOX.key: _SANDBOX}


def canonical_name(text: str) -> str | None:
    """The provider's name as it is printed: canonical_name("Paypal") is "PayPal"; None for a stranger's."""
    return _BY_LOWER_CASE.get(text.lower())


@functools.cache
def _paypal_with(base: str, client_id: str, client_secret: str, webhook_id: str, trust_roots_file: str) -> PayPalProvider:
    """One adapter per account and process, so that all threads share its access token."""
    return PayPalProvider(
        base=base,
        client_id=client_id,
        client_secret=client_secret,
        webhook_id=webhook_id,
        trust_roots_file=trust_roots_file,
    )


def _paypal() -> PayPalProvider:
    return _paypal_with(
        settings.PAYPAL_API_BASE,
        settings.PAYPAL_CLIENT_ID,
        settings.PAYPAL_CLIENT_SECRET,
        settings.PAYPAL_WEBHOOK_ID,
        settings.SSL_CERT_FILE,
    )


@functools.cache
def _amazon_with(**how: str) -> AmazonProvider:
    return AmazonProvider(**how)


def _amazon() -> AmazonProvider:
    return _amazon_with(
        base=settings.AMAZON_PAY_API_BASE,
        public_key_id=settings.AMAZON_PAY_PUBLIC_KEY_ID,
        private_key=settings.AMAZON_PAY_PRIVATE_KEY,
        merchant_id=settings.AMAZON_PAY_MERCHANT_ID,
        store_id=settings.AMAZON_PAY_STORE_ID,
        region=settings.AMAZON_PAY_REGION,
        script_url=settings.AMAZON_PAY_SCRIPT_URL,
        topic=settings.AMAZON_PAY_TOPIC_ARN,
        trust_roots_file=settings.SSL_CERT_FILE,
    )


@functools.cache
def _stripe_with(base: str, secret_key: str, webhook_secrets: tuple[str, ...], trust_roots_file: str) -> StripeProvider:
    return StripeProvider(base=base, secret_key=secret_key, webhook_secrets=webhook_secrets, trust_roots_file=trust_roots_file)


def _stripe() -> StripeProvider:
    return _stripe_with(
        settings.STRIPE_API_BASE,
        settings.STRIPE_SECRET_KEY,
        tuple(settings.STRIPE_WEBHOOK_SECRETS),
        settings.SSL_CERT_FILE,
    )


@functools.cache
def _google_with(
    base: str,
    secret_key: str,
    publishable_key: str,
    webhook_secrets: tuple[str, ...],
    trust_roots_file: str,
    merchant_id: str,
    environment: str,
    country: str,
    script_url: str,
) -> GoogleProvider:
    gateway = StripeGateway(
        base=base,
        secret_key=secret_key,
        publishable_key=publishable_key,
        webhook_secrets=webhook_secrets,
        trust_roots_file=trust_roots_file,
    )
    return GoogleProvider(gateway, merchant_id=merchant_id, environment=environment, country=country, script_url=script_url)


def _google() -> GoogleProvider:
    return _google_with(
        settings.STRIPE_API_BASE,
        settings.STRIPE_SECRET_KEY,
        settings.STRIPE_PUBLISHABLE_KEY,
        tuple(settings.STRIPE_WEBHOOK_SECRETS),
        settings.SSL_CERT_FILE,
        settings.GOOGLE_PAY_MERCHANT_ID,
        settings.GOOGLE_PAY_ENVIRONMENT,
        settings.GOOGLE_PAY_COUNTRY,
        settings.GOOGLE_PAY_SCRIPT_URL,
    )


_WITH_KEYS: Mapping[str, Callable[[], CheckedProvider]] = {
    "Amazon": _amazon,
    "Google": _google,
    "PayPal": _paypal,
    "Stripe": _stripe,
}
"""The adapters of those who can be paid for real, made from the settings."""

_BY_KEY: Mapping[str, Callable[[], Provider]] = {
    AmazonProvider.key: _amazon,
    PayPalProvider.key: _paypal,
    StripeGateway.key: _google,
    StripeProvider.key: _stripe,
}
"""The same by Provider.key, whether offered today or not: without keys each answers that it cannot ask."""

_OF_ONE_ACCOUNT = frozenset({StripeGateway.key, StripeProvider.key})
"""Stripe sends all reports of an account to every endpoint that is registered there, whichever path of ours that is."""


def adapter_offered(name: str) -> Provider:
    """The adapter that opens new checkouts for this provider. Raises ProviderNotOffered."""
    if name in settings.PROVIDERS_WITH_KEYS:
        return _WITH_KEYS[name]()
    if not settings.SANDBOX:
        raise ProviderNotOffered(f"{name} is not offered here: the service has no {name} keys.")
    return _SANDBOX


def webhook_adapter(lower_case_name: str) -> Provider | None:
    """Who may send reports in this provider's name; None where nobody does."""
    name = canonical_name(lower_case_name)
    try:
        return adapter_offered(name) if name else None
    except ProviderNotOffered:
        return None


def adapters_sharing_account(key: str) -> frozenset[str]:
    """The keys of the adapters whose payments this one's reports may be about: its own, and who shares its account."""
    return _OF_ONE_ACCOUNT if key in _OF_ONE_ACCOUNT else frozenset({key})


def adapter(key: str) -> Provider:
    """The adapter that opened a contribution's checkout, whatever is offered today."""
    return _BY_KEY[key]() if key in _BY_KEY else _ADAPTERS[key]


def names_with_checks() -> list[str]:
    """The providers that `manage.py check_provider` knows."""
    return sorted(_WITH_KEYS)


def checks_of(name: str) -> Iterable[Finding] | None:
    """What is right and wrong about a provider's keys, found out as it is iterated; None where there is no adapter yet."""
    return _WITH_KEYS[name]().check_setup() if name in _WITH_KEYS else None
