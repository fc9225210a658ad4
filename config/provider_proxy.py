"""The provider proxy, which has the providers' secrets and no database: docs/operators.md, section "The provider proxy".

python -m config.serve --interface wsgi --http 1 --blocking-threads 32 --port 8100 config.provider_proxy:application
"""

import logging.config
from collections.abc import Iterable, Iterator
from functools import partial

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config import env, key_looks, split
from config.production import is_local
from providers.kit.provider_proxy import ProviderProxy
from providers.kit.proxy_accounts import Account
from providers.kit.transport import public_trust
from providers.paypal import addresses as paypal
from providers.paypal.proxied import PayPalAccount
from providers.stripe import addresses as stripe
from providers.stripe.proxied import StripeAccount

_STRIPES_HOSTS = frozenset({stripe.LIVE.removeprefix("https://")})


def _accounts() -> Iterator[Account]:
    """All whose secrets are in the environment. Raises ImproperlyConfigured."""
    for prefix, usual in (("PAYPAL_", paypal.LIVE), ("PAYPAL_TEST_", paypal.SANDBOX)):
        base = _base(f"{prefix}API_BASE", usual, paypal.LIVE_HOSTS | paypal.SANDBOX_HOSTS)
        client_id, secret = env.text(f"{prefix}CLIENT_ID"), env.text(f"{prefix}CLIENT_SECRET")
        env.needs(f"{prefix}CLIENT_ID", f"{prefix}CLIENT_SECRET", provider="PayPal")
        env.needs(f"{prefix}CLIENT_SECRET", f"{prefix}CLIENT_ID", provider="PayPal")
        if secret:
            yield PayPalAccount(base, client_id, secret)
    for prefix in ("STRIPE_", "STRIPE_TEST_"):
        base = _base(f"{prefix}API_BASE", stripe.LIVE, _STRIPES_HOSTS)
        if secret := env.text(f"{prefix}SECRET_KEY"):
            yield StripeAccount(base, secret)


def _base(name: str, usual: str, own: Iterable[str]) -> str:
    """Where a secret is sent: the provider's own, or a test server on this machine or its network."""
    base, parts = env.web_address(name, usual)
    host = parts.hostname or ""
    if host not in own and not is_local(host):
        raise ImproperlyConfigured(f"{name} must be at the provider's own ({', '.join(sorted(own))}): secrets go there.")
    if parts.scheme != "https" and not is_local(host):
        raise ImproperlyConfigured(f"{name} must begin with https://: secrets go there.")
    return base


def _application() -> ProviderProxy:
    """From the environment. Raises ImproperlyConfigured."""
    split.check_proxys_environment()
    key_looks.check()
    keys, trust_roots_file = split.shared_keys(needed=True), env.certificates_in("SSL_CERT_FILE")
    accounts = list(_accounts())
    if not accounts:
        raise ImproperlyConfigured(f"The provider proxy has no secret: set one of {', '.join(split.MARKS)}.")
    if len({account.name for account in accounts}) < len(accounts):
        raise ImproperlyConfigured("STRIPE_TEST_SECRET_KEY and STRIPE_SECRET_KEY are both test keys: leave one of the two out.")
    level = env.word("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"))
    # Django's settings are these and no others: no database. What is named here is blotted out of the log.
    secrets = {name: env.text(name) for name in split.MARKS}
    settings.configure(DATABASES={}, SECRET_KEY="", PROVIDER_PROXY_KEYS=keys, LOGGING_CONFIG=None, **secrets)
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"json_lines": {"()": "config.log_lines.JsonLines"}},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json_lines"}},
            "root": {"handlers": ["stderr"], "level": level},
        }
    )
    return ProviderProxy(accounts, keys, partial(public_trust, trust_roots_file))


application = _application()
