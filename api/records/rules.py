"""What an element's text may be: each rule makes a value of it, or raises Unfit with what would be right."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time

import money
from api.records.reading import Unfit
from goals.models import CapturePolicy, Overfunding
from partners.redirects import BadRedirectURL, check_web_address
from providers import registry
from providers.base import CredentialsRefused, ProviderNotOffered

LONGEST_NAME, LONGEST_MESSAGE, LONGEST_DESCRIPTION = 255, 2000, 5000

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATE_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9])"
    r"(?:(\.[0-9]{1,6})[0-9]*)?"  # .NET writes seven digits; what is finer than a microsecond is let go
    r"(Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)"
)
_VERSION = re.compile(r"[0-9]{1,18}")


def text(shortest: int, longest: int) -> Callable[[str], str]:
    """A text of so many characters."""

    def rule(text: str) -> str:
        if not shortest <= len(text) <= longest:
            raise Unfit(f"must have {shortest} to {longest} characters; it has {len(text)}")
        return text

    return rule


def amount(currency: str, *, zero: bool = False) -> Callable[[str], int]:
    """An amount of this currency, in minor units."""

    def rule(text: str) -> int:
        try:
            minor = money.parse(text, currency)
        except money.BadAmount as error:
            raise Unfit(str(error)) from None
        if not minor and not zero:
            raise Unfit("must be more than 0")
        return minor

    return rule


def currency(text: str) -> str:
    """The code of an active currency."""
    try:
        money.decimals_of(text)
    except money.UnknownCurrency as error:
        raise Unfit(str(error)) from None
    return text


def one_of(*choices: str) -> Callable[[str], str]:
    """One of these words."""

    def rule(text: str) -> str:
        if text not in choices:
            raise Unfit(f"must be one of {', '.join(choices)}")
        return text

    return rule


capture_policy = one_of(*CapturePolicy.values)
overfunding = one_of(*Overfunding.values)


def optional_amount(currency: str) -> Callable[[str], int | None]:
    """An amount as `amount` has it; None for an empty text, which takes it away."""
    rule = amount(currency)
    return lambda text: rule(text) if text else None


def image_url(text: str) -> str:
    """An absolute web address; an empty text takes it away."""
    try:
        if text:
            check_web_address(text)
    except BadRedirectURL as error:
        raise Unfit(str(error)) from None
    return text


def version(text: str) -> int:
    """A RecordVersionNumber."""
    if not _VERSION.fullmatch(text):
        raise Unfit("must be the whole number that the last GET gave")
    return int(text)


def end_date(text: str) -> tuple[datetime | None, bool]:
    """The moment in UTC, and whether it is the end of a day; (None, False) for an empty text."""
    if not text:
        return None, False
    try:
        if _DATE.fullmatch(text):
            return datetime.combine(date.fromisoformat(text), time.max, UTC), True
        if found := _DATE_TIME.fullmatch(text):
            return datetime.fromisoformat("".join(part or "" for part in found.groups())).astimezone(UTC), False
    except (ValueError, OverflowError):
        pass  # shaped like a date, but there is no such day: the same sentence helps
    raise Unfit("must be a day such as 2027-06-30 or a moment with its offset such as 2027-06-30T18:00:00+02:00")


def known_provider(text: str) -> str:
    """A provider's name as the registry writes it, whatever its case."""
    name = registry.canonical_name(text)
    if name is None:
        raise Unfit(f"must be one of {', '.join(registry.PROVIDER_NAMES)}")
    return name


def provider_name(text: str) -> str:
    """A provider that is offered here."""
    name = known_provider(text)
    try:
        registry.adapter_offered(name)
    except ProviderNotOffered as error:
        raise Unfit(f"cannot be {name}: {error}".rstrip(".")) from None
    return name


def credentials(provider: str) -> Callable[[str], str]:
    """What this provider takes to know whom to pay."""

    def rule(text: str) -> str:
        try:
            registry.adapter_offered(provider).check_credentials(text)
        except CredentialsRefused as error:
            raise Unfit(str(error)) from None
        return text

    return rule
