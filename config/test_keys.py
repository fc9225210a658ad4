"""Which provider keys are for live records and which for test records, so that neither can ever pay the other's.

Test keys have settings of their own, with TEST in their names. Keys in the other settings that are test keys by their own
looks are taken for those: they serve test records, and live records have no such provider then.
"""

from collections.abc import Iterator, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from config import amazon, env
from providers.amazon.setting_names import OF_ONE_MODE, setting_of
from providers.kit.keys import named, test_name
from providers.paypal.addresses import LIVE_HOSTS, SANDBOX
from providers.stripe.addresses import LIVE as STRIPE

PAYPAL = ("PAYPAL_API_BASE", "PAYPAL_CLIENT_ID", "PAYPAL_CLIENT_SECRET", "PAYPAL_WEBHOOK_ID", "PAYPAL_PARTNER_ID")
STRIPES = ("STRIPE_API_BASE", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRETS", "STRIPE_OWN_ACCOUNT", "STRIPE_PUBLISHABLE_KEY")
GOOGLE = ("GOOGLE_PAY_MERCHANT_ID",)

Settings = MutableMapping[str, Any]


def read(settings: Settings) -> None:
    """Add the test settings to those that were read, and move what belongs among them. Raises ImproperlyConfigured."""
    _read_paypal(settings)
    _read_stripe(settings)
    settings["GOOGLE_PAY_TEST_MERCHANT_ID"] = env.text("GOOGLE_PAY_TEST_MERCHANT_ID")
    env.needs("GOOGLE_PAY_TEST_MERCHANT_ID", "STRIPE_TEST_SECRET_KEY", "STRIPE_TEST_PUBLISHABLE_KEY", provider="Google")
    _check_test_keys(settings)
    if settings["PAYPAL_CLIENT_ID"] and urlsplit(settings["PAYPAL_API_BASE"]).hostname not in LIVE_HOSTS:
        _move(settings, PAYPAL, "PAYPAL_CLIENT_ID", "PAYPAL_API_BASE is not PayPal's live one", base="https://api-m.paypal.com")
    if _is_test_at_stripe(settings["STRIPE_SECRET_KEY"], settings["STRIPE_API_BASE"]):
        _check_publishable(settings["STRIPE_PUBLISHABLE_KEY"], "pk_live_", "a test key")
        _check_google(settings, "PRODUCTION", "a test key")
        _move(settings, GOOGLE, "GOOGLE_PAY_MERCHANT_ID", "STRIPE_SECRET_KEY is a test key")
        _move(settings, STRIPES, "STRIPE_SECRET_KEY", "STRIPE_SECRET_KEY is a test key", base=STRIPE)
    elif settings["STRIPE_SECRET_KEY"]:
        _check_publishable(settings["STRIPE_PUBLISHABLE_KEY"], "pk_test_", "a live key")
        _check_google(settings, "TEST", "a live key")
    for account in amazon.accounts(settings):
        _move_amazon(settings, account)
    amazon.check_apart(settings)


def with_keys(settings: Settings, *, is_test: bool) -> set[str]:
    """The providers that have keys for live records, or for test records."""
    first = {
        "PayPal": ["PAYPAL_CLIENT_ID"],
        "Amazon": [setting_of(account, "PUBLIC_KEY_ID") for account in amazon.accounts(settings)],
        "Google": ["GOOGLE_PAY_MERCHANT_ID"],
        "Stripe": ["STRIPE_SECRET_KEY"],
    }
    return {provider for provider, names in first.items() if any(settings[named(name, is_test=is_test)] for name in names)}


def check_they_are_wanted(with_test_keys: set[str], *, sandbox: bool) -> None:
    """Raises ImproperlyConfigured where there are test keys that nothing could ever use."""
    if with_test_keys and not sandbox:
        raise ImproperlyConfigured(
            f"SANDBOX=0 refuses test records, and the keys of {', '.join(sorted(with_test_keys))} are test keys: "
            "set SANDBOX=1 (or leave it out), or give the keys of the live accounts."
        )


def _read_paypal(settings: Settings) -> None:
    settings["PAYPAL_TEST_API_BASE"], _ = env.web_address("PAYPAL_TEST_API_BASE", SANDBOX)
    settings["PAYPAL_TEST_CLIENT_ID"] = env.text("PAYPAL_TEST_CLIENT_ID")
    settings["PAYPAL_TEST_CLIENT_SECRET"] = env.text("PAYPAL_TEST_CLIENT_SECRET")
    settings["PAYPAL_TEST_WEBHOOK_ID"] = env.text("PAYPAL_TEST_WEBHOOK_ID")
    settings["PAYPAL_TEST_PARTNER_ID"] = env.text("PAYPAL_TEST_PARTNER_ID")
    keys = ("PAYPAL_TEST_CLIENT_ID", "PAYPAL_TEST_CLIENT_SECRET")
    for name in (*keys, "PAYPAL_TEST_WEBHOOK_ID", "PAYPAL_TEST_PARTNER_ID"):
        env.needs(name, *(key for key in keys if key != name), provider="PayPal")


def _read_stripe(settings: Settings) -> None:
    settings["STRIPE_TEST_API_BASE"], _ = env.web_address("STRIPE_TEST_API_BASE", STRIPE)
    settings["STRIPE_TEST_SECRET_KEY"] = env.text("STRIPE_TEST_SECRET_KEY")
    settings["STRIPE_TEST_WEBHOOK_SECRETS"] = env.words("STRIPE_TEST_WEBHOOK_SECRET")
    settings["STRIPE_TEST_OWN_ACCOUNT"] = env.text("STRIPE_TEST_OWN_ACCOUNT")
    settings["STRIPE_TEST_PUBLISHABLE_KEY"] = env.text("STRIPE_TEST_PUBLISHABLE_KEY")
    for name in ("STRIPE_TEST_WEBHOOK_SECRET", "STRIPE_TEST_OWN_ACCOUNT"):
        env.needs(name, "STRIPE_TEST_SECRET_KEY", provider="Stripe")


def _check_test_keys(settings: Settings) -> None:
    """Raises ImproperlyConfigured where a live key stands in a test setting."""
    live = (
        ("PAYPAL_TEST_API_BASE", urlsplit(settings["PAYPAL_TEST_API_BASE"]).hostname in LIVE_HOSTS),
        ("STRIPE_TEST_SECRET_KEY", settings["STRIPE_TEST_SECRET_KEY"].startswith(("sk_live_", "rk_live_"))),
        ("STRIPE_TEST_PUBLISHABLE_KEY", settings["STRIPE_TEST_PUBLISHABLE_KEY"].startswith("pk_live_")),
        *_live_ones_at_amazon(settings),
        ("PAYPAL_TEST_CLIENT_ID", "" != settings["PAYPAL_TEST_CLIENT_ID"] == settings["PAYPAL_CLIENT_ID"]),
    )
    for name, is_live in live:
        if is_live:
            raise ImproperlyConfigured(f"{name} is a live one: a test record must never move real money. Give the test one.")
    publishable = settings["STRIPE_TEST_PUBLISHABLE_KEY"]
    if publishable and not publishable.startswith("pk_"):
        raise ImproperlyConfigured(
            "STRIPE_TEST_PUBLISHABLE_KEY must begin with pk_: it is shown to every giver, so no other key may be it"
        )


def _amazons_key(account: str, *, is_test: bool) -> str:
    """The name of the setting."""
    return named(setting_of(account, "PUBLIC_KEY_ID"), is_test=is_test)


def _live_ones_at_amazon(settings: Settings) -> Iterator[tuple[str, bool]]:
    """The settings of test keys, and whether a live one stands there."""
    for account in amazon.accounts(settings):
        name = _amazons_key(account, is_test=True)
        yield name, bool(settings[name]) and not amazon.is_test(settings, account, among_test_keys=True)


def _is_test_at_stripe(key: str, base: str) -> bool:
    if key.startswith(("sk_live_", "rk_live_")):
        return False
    return bool(key) and (key.startswith(("sk_test_", "rk_test_")) or base != STRIPE)


def _check_publishable(key: str, wrong: str, other: str) -> None:
    if key.startswith(wrong):
        raise ImproperlyConfigured(
            f"STRIPE_PUBLISHABLE_KEY begins with {wrong}, and STRIPE_SECRET_KEY is {other}: give a pair."
        )


def _check_google(settings: Settings, wrong: str, other: str) -> None:
    if settings["GOOGLE_PAY_ENVIRONMENT"] == wrong:
        raise ImproperlyConfigured(
            f"GOOGLE_PAY_ENVIRONMENT is {wrong}, and STRIPE_SECRET_KEY is {other}: leave it out, it goes with the key."
        )


def _move_amazon(settings: Settings, account: str) -> None:
    """Where the account's keys are test keys."""
    if amazon.is_test(settings, account, among_test_keys=False):
        key = _amazons_key(account, is_test=False)
        base = settings[setting_of(account, "API_BASE")]
        names = tuple(setting_of(account, name) for name in OF_ONE_MODE)
        _move(settings, names, key, f"{key} is a test key", base=base)


def _move(settings: Settings, names: tuple[str, ...], key: str, why: str, *, base: str = "") -> None:
    """To the test settings; live records have no such provider then. Raises ImproperlyConfigured where these are taken."""
    if not settings[key]:
        return
    if settings[test_name(key)]:
        raise ImproperlyConfigured(
            f"{why}, and {test_name(key)} is set as well: give the live account's keys there, or leave one of the two out."
        )
    for name in names:
        settings[test_name(name)], settings[name] = settings[name], type(settings[name])()
        if name.endswith("_API_BASE"):
            settings[name] = base
