"""Settings that can hurt. Those that are for a laptop stop the start in production; `check --deploy` tells all of them.

Each has an id for ever, and a sentence that says what to set and shows no value of a secret.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from config import unsafe_database
from config.production import is_local
from providers.amazon.regions import REGIONS
from providers.paypal.addresses import SANDBOX_HOSTS

RECIPE = 'python -c "import secrets; print(secrets.token_urlsafe(50))"'
SHORTEST_SECRET, FEWEST_CHARACTERS = 32, 8
"""How long a secret has to be, and how many different characters it has to have: 128 bits even where they are hexadecimal."""

HIGH_FEE_PERCENT = 30

Settings = Mapping[str, Any]

_stops_the_start = ContextVar("stops_the_start", default=True)


class Level(StrEnum):
    """How bad it is."""

    STOPS = "stops"
    WARNS = "warns"
    TELLS = "tells"


@dataclass(frozen=True)
class Finding:
    """Something about the settings that somebody should change."""

    number: str
    message: str

    @property
    def id(self) -> str:
        return f"whipround.{self.number}"

    @property
    def level(self) -> Level:
        """By the id's letter, as in Django's own checks: E, W, I."""
        return {"E": Level.STOPS, "W": Level.WARNS, "I": Level.TELLS}[self.number[0]]


def findings(settings: Settings) -> list[Finding]:
    """All of them, whether this is production or not."""
    return [Finding(number, message) for rule in RULES for number, message in rule(settings)]


def stop_where_needed(found: Iterable[Finding], *, why_in_production: str) -> None:
    """Raises ImproperlyConfigured, with a sentence for each finding that stops, where this is production."""
    stopping = [f"{one.message} ({one.id})" for one in found if one.level == Level.STOPS]
    if stopping and why_in_production and _stops_the_start.get():
        laptop = "on a laptop leave out DEBUG, and PUBLIC_BASE_URL or make it http://127.0.0.1:8000"
        raise ImproperlyConfigured("\n".join([*stopping, f"{why_in_production}; {laptop}."]))


@contextmanager
def telling_only() -> Iterator[None]:
    """Settings that are read meanwhile stop nothing: `check --deploy` lists them, and the guide's pages need no secrets."""
    before = _stops_the_start.set(False)
    try:
        yield
    finally:
        _stops_the_start.reset(before)


Told = Iterator[tuple[str, str]]


def _secrets(settings: Settings) -> Told:
    key, keys = settings["SECRET_KEY"], settings["CREDENTIALS_KEYS"]
    built_in_key, built_in_credentials_key = settings["BUILT_IN_SECRETS"]
    if key == built_in_key:
        yield "E001", f"Set SECRET_KEY to a long random text of your own ({RECIPE})."
    elif _is_weak(key):
        yield "E003", f"SECRET_KEY is too easy to guess: set it to a long random text of your own ({RECIPE})."
    if built_in_credentials_key in keys:
        yield (
            "E002",
            (
                f"Set CREDENTIALS_KEYS to a long random text of your own ({RECIPE}), newest first where there are several; "
                "it encrypts the payment credentials of your partners' users."
            ),
        )
    elif _is_weak(keys[0]):
        yield (
            "E004",
            (
                f"The first of CREDENTIALS_KEYS is too easy to guess: put a long random text of your own in front "
                f"({RECIPE}), and keep the old one behind it."
            ),
        )
    if key in keys:
        yield (
            "E005",
            f"SECRET_KEY is one of CREDENTIALS_KEYS: set SECRET_KEY to another random text ({RECIPE}); nothing is lost.",
        )
    if any(_is_weak(old) and old != built_in_credentials_key for old in keys[1:]):
        yield (
            "W102",
            (
                "An old one of CREDENTIALS_KEYS is easy to guess: encrypt everything anew and drop it "
                "(docs/operators.md, Secrets)."
            ),
        )


def _is_weak(secret: str) -> bool:
    short = len(secret) < SHORTEST_SECRET or len(set(secret)) < FEWEST_CHARACTERS
    repeats_itself = secret in (secret + secret)[1:-1]
    return short or repeats_itself or secret.startswith("django-insecure-")


def _address(settings: Settings) -> Told:
    address = urlsplit(settings["PUBLIC_BASE_URL"])
    host = address.hostname or ""
    if settings["SAYS_LAPTOP"]:
        yield "E006", "DEBUG=1 is for a laptop: set DEBUG=0."
    if is_local(host):
        yield (
            "W101",
            (
                "PUBLIC_BASE_URL is an address of this machine or its network: set it to the https address that the world "
                "knows. Every link is made from it."
            ),
        )
    elif not settings["IS_HTTPS"]:
        yield "E007", "PUBLIC_BASE_URL must begin with https://: keys and givers' names would go through the world in clear."
    hosts = settings["ALLOWED_HOSTS"]
    if "*" in hosts:
        yield "E008", f"ALLOWED_HOSTS must not hold *: name the hosts that are served, such as {host}, or leave it out."
    elif not any(_serves(pattern, host) for pattern in hosts):
        yield "W103", f"ALLOWED_HOSTS lacks {host}, the host of PUBLIC_BASE_URL: whoever follows a link gets a 400."


def _serves(pattern: str, host: str) -> bool:
    pattern, host = pattern.strip("[]").lower(), host.lower()
    return pattern == host or (pattern.startswith(".") and (host.endswith(pattern) or host == pattern[1:]))


def _laptop_switches(settings: Settings) -> Told:
    if settings["ALLOW_PRIVATE_WEBHOOKS"]:
        yield (
            "E009",
            (
                "ALLOW_PRIVATE_WEBHOOKS=1 is for a laptop: leave it out. A partner could have the service call whatever "
                "it can reach."
            ),
        )
    if not settings["CHECKOUT_EXPIRY_HOURS"]:
        yield "E010", "CHECKOUT_EXPIRY_HOURS=0 ends each gift before anybody can pay it: set 1 or more, or leave it out (72)."
    level = settings["LOGGING"]["root"]["level"]
    if level in {"DEBUG", "CRITICAL"}:
        why = "logs what libraries say, which may name givers" if level == "DEBUG" else "hides the lines that somebody must see"
        yield "W104", f"LOG_LEVEL={level} {why}: set INFO, or leave it out."
    if settings["DEMO_SHOP"] and not is_local(urlsplit(settings["PUBLIC_BASE_URL"]).hostname or ""):
        yield "W107", "The demo shop is served to everybody at /demo/: set SANDBOX=0, or the live keys of a provider."
    if settings["PLATFORM_FEE_PERCENT"] > HIGH_FEE_PERCENT:
        yield (
            "W108",
            f"PLATFORM_FEE_PERCENT={settings['PLATFORM_FEE_PERCENT']} keeps more than a third of each gift: is it meant?",
        )


def _spelling(settings: Settings) -> Told:
    for name, meant in sorted(settings["MISSPELT_SETTINGS"].items()):
        yield "W105", f"{name} is no setting of this service: is {meant} meant? Nothing reads it."


def _providers(settings: Settings) -> Told:
    for name in sorted(name for name in settings["SETTINGS"] if name.endswith(("_API_BASE", "_SCRIPT_URL", "_PROXY_URL"))):
        address = urlsplit(settings[name])
        if address.scheme == "http" and not is_local(address.hostname or ""):
            yield "E014", f"{name} must begin with https://: provider keys and givers would go through the world in clear."
    for provider, name, key, own in (
        ("PayPal's", "PAYPAL_TEST_API_BASE", "PAYPAL_TEST_CLIENT_ID", SANDBOX_HOSTS),
        ("Stripe's", "STRIPE_API_BASE", "STRIPE_SECRET_KEY", {"api.stripe.com"}),
        (
            "Amazon's",
            "AMAZON_PAY_API_BASE",
            "AMAZON_PAY_PUBLIC_KEY_ID",
            {urlsplit(one.api).hostname for one in REGIONS.values()},
        ),
    ):
        if settings[key] and urlsplit(settings[name]).hostname not in own:
            yield "W106", f"{name} is not {provider} own: it is trusted like {provider} own. Leave it out, unless it is meant."
    for provider in sorted(settings["PROVIDERS_WITH_TEST_KEYS"]):
        yield "I201", f"{provider} has test keys: test records are paid there, and nobody's real money."


RULES: tuple[Callable[[Settings], Told], ...] = (
    _secrets,
    _address,
    _laptop_switches,
    unsafe_database.told,
    _providers,
    _spelling,
)
