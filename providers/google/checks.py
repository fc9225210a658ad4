"""What has to be right before Google Pay can take money for us, each point with what to do where it is not."""

import re
from collections.abc import Iterator

from django.conf import settings

from providers.base import Finding, ProviderUnavailable
from providers.kit.keys import missing, named, setting
from providers.kit.reading import text
from providers.stripe import checks as stripe_checks
from providers.stripe.client import StripeClient, StripeRefused
from providers.stripe.key_kinds import is_live

DOORS = ("google", "stripe")
"""Where Stripe's webhooks may arrive: one account's events are about gifts of either kind, and either path takes them."""

_MERCHANT_ID = re.compile(r"[A-Z0-9]{12,20}")


def check(client: StripeClient, *, is_test: bool = False) -> Iterator[Finding]:
    """Asks Stripe, and nobody of Google's: there is nothing there that a server could ask. Moves nothing."""
    wanted = ("GOOGLE_PAY_MERCHANT_ID", "STRIPE_PUBLISHABLE_KEY")
    if wanting := missing(wanted, is_test=is_test):
        how = "pay.google.com/business/console shows the merchant ID, dashboard.stripe.com under Developers the key."
        yield Finding(False, "keys", f"Set {' and '.join(wanting)}: {how}")
        return
    yield from _check_what_google_is_told(is_test=is_test)
    yield from stripe_checks.check(client, doors=DOORS, is_test=is_test)
    yield from _check_country(client)


def _check_what_google_is_told(*, is_test: bool) -> Iterator[Finding]:
    environment = "TEST" if is_test else settings.GOOGLE_PAY_ENVIRONMENT
    real = environment == "PRODUCTION"
    if _MERCHANT_ID.fullmatch(setting("GOOGLE_PAY_MERCHANT_ID", is_test=is_test)):
        yield Finding(True, "the merchant ID looks like one of Google's")
    else:
        how = "It is the 12 to 20 capital letters and digits at the top of pay.google.com/business/console."
        yield Finding(False, "the merchant ID does not look like one of Google's", how, can_wait=not real)
    names = ("STRIPE_SECRET_KEY", "STRIPE_PUBLISHABLE_KEY")
    keys = {named(name, is_test=is_test): setting(name, is_test=is_test) for name in names}
    others = [name for name, key in keys.items() if key and is_live(key) is not real]
    money = "real cards and real money" if real else "test cards and play money"
    if others:
        wanted = "live" if real else "test"
        how = f"Set {wanted} keys, or GOOGLE_PAY_ENVIRONMENT to {'TEST' if real else 'PRODUCTION'}."
        what = f"{' and '.join(others)} do not go with Google's {environment} environment"
        yield Finding(False, what, how)
    else:
        yield Finding(True, f"Google's {environment} environment and Stripe's keys go together: {money}")


def _check_country(client: StripeClient) -> Iterator[Finding]:
    try:
        country = text(client.call("get account", "GET", "/v1/account").data.get("country"))
    except (StripeRefused, ProviderUnavailable):
        return  # which was told above
    if country == settings.GOOGLE_PAY_COUNTRY:
        yield Finding(True, f"the account's country is the one that Google is told: {country}")
    elif re.fullmatch(r"[A-Z]{2}", country):
        what = f"Google is told another country ({settings.GOOGLE_PAY_COUNTRY}) than the account's"
        yield Finding(False, what, f"Set GOOGLE_PAY_COUNTRY to {country}.")
