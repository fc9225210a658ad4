"""What an element's text may be: each rule makes a value of it, or raises Unfit with what would be right."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import partial

import money
from api.records.reading import Repaired, Unfit
from goals.models import CapturePolicy, Overfunding
from partners.models import Partner
from partners.redirects import BadRedirectURL, check_redirect_url, check_web_address
from providers import registry
from providers.base import CredentialsRefused, ProviderNotOffered

LONGEST_NAME, LONGEST_MESSAGE, LONGEST_MEMO, LONGEST_LANGUAGE, LONGEST_DESCRIPTION = 255, 2000, 127, 35, 5000

_ZONE = r"(Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})" + _ZONE)
_DATE_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9])"
    r"(?:(\.[0-9]{1,6})[0-9]*)?" + _ZONE  # .NET writes seven digits; what is finer than a microsecond is let go
)
_A_DAY_OR_MOMENT = "must be a day such as 2027-06-30 or a moment with its offset such as 2027-06-30T18:00:00+02:00"
_VERSION = re.compile(r"[0-9]{1,18}")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_LANGUAGE = re.compile(
    r"(?:[A-Za-z]{2,3}(?:-[A-Za-z]{3}){0,3}|[A-Za-z]{4,8})"  # the language
    r"(?:-[A-Za-z]{4})?"  # its script
    r"(?:-(?:[A-Za-z]{2}|[0-9]{3}))?"  # the region
    r"(?:-(?:[A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*"  # variants
    r"(?:-[A-WYZa-wyz0-9](?:-[A-Za-z0-9]{2,8})+)*"  # extensions
    r"(?:-[Xx](?:-[A-Za-z0-9]{1,8})+)?"  # what is agreed in private
)
"""A well-formed tag of RFC 5646, section 2.1, without those that were registered before it."""


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


def _address(check: Callable[[str], object]) -> Callable[[str], str]:
    """An address that passes the check; an empty text stands for none."""

    def rule(text: str) -> str:
        if text:
            try:
                check(text)
            except BadRedirectURL as error:
                raise Unfit(str(error)) from None
        return text

    return rule


image_url = _address(check_web_address)


def redirect_url(partner: Partner) -> Callable[[str], str]:
    """An address that this partner's givers may be sent to; an empty text stands for none."""
    return _address(partial(check_redirect_url, partner))


def boolean(text: str) -> bool:
    """true or false, as XML Schema writes them."""
    if text not in _BOOLEANS:
        raise Unfit("must be true or false")
    return _BOOLEANS[text]


def language(text: str) -> str:
    """A BCP 47 tag."""
    if len(text) > LONGEST_LANGUAGE or not _LANGUAGE.fullmatch(text):
        raise Unfit(f"must be a BCP 47 tag of at most {LONGEST_LANGUAGE} characters, such as de, pt-BR or zh-Hant")
    return text


def version(text: str) -> int:
    """A RecordVersionNumber."""
    if not _VERSION.fullmatch(text):
        raise Unfit("must be the whole number that the last GET gave")
    return int(text)


def end_date(text: str) -> tuple[datetime | None, bool] | Repaired:
    """The moment in UTC, and whether it is the end of a day there; (None, False) for an empty text.

    A day with a zone ends there, which is a day of ours only where that is UTC; a moment without one is taken as UTC.
    """
    if not text:
        return None, False
    try:
        if found := _DATE.fullmatch(text):
            ends_at = _on_day(found, time.max)
            return ends_at, ends_at.time() == time.max
        if found := _DATE_TIME.fullmatch(text):
            moment = _moment(found)
            if found[3]:
                return moment, False
            return Repaired((moment, False), "has no offset", "it was taken as UTC", f"write {text}Z")
    except (ValueError, OverflowError):
        pass  # shaped like a date, but there is no such day: the same sentence helps
    raise Unfit(_A_DAY_OR_MOMENT)


@dataclass(frozen=True)
class Span:
    """The moments where something begins and where it ends: for a moment they are the same."""

    begin: datetime
    end: datetime
    lacks_offset: bool = False


def day_or_moment(text: str) -> Span:
    """A day, in its zone or UTC, or a moment; one without an offset is taken as UTC."""
    try:
        if found := _DATE.fullmatch(text):
            begin = _on_day(found, time.min)
            is_the_last = begin.date() == date.max  # which people write for "without an end"
            return Span(begin, datetime.max.replace(tzinfo=UTC) if is_the_last else begin + timedelta(days=1))
        if found := _DATE_TIME.fullmatch(text):
            moment = _moment(found)
            return Span(moment, moment, lacks_offset=found[3] is None)
    except (ValueError, OverflowError):
        pass  # as in end_date
    raise Unfit(_A_DAY_OR_MOMENT)


def _on_day(found: re.Match[str], at: time) -> datetime:
    """This time of the day that _DATE has found, in UTC. Raises ValueError, OverflowError: there is no such day."""
    return datetime.combine(date.fromisoformat(found[1]), at, _zone(found[2])).astimezone(UTC)


def _moment(found: re.Match[str]) -> datetime:
    """What _DATE_TIME has found, in UTC. Raises ValueError, OverflowError: there is no such moment."""
    return datetime.fromisoformat(found[1] + (found[2] or "")).replace(tzinfo=_zone(found[3])).astimezone(UTC)


def _zone(text: str | None) -> tzinfo:
    """The offset, which XML Schema and RFC 3339 write alike; none is UTC."""
    return UTC if text is None else datetime.strptime(text, "%z").tzinfo or UTC


def known_provider(text: str) -> str:
    """A provider's name as the registry writes it, whatever its case."""
    name = registry.canonical_name(text)
    if name is None:
        raise Unfit(f"must be one of {', '.join(registry.PROVIDER_NAMES)}")
    return name


def provider_name(*, is_test: bool) -> Callable[[str], str]:
    """A provider that is offered here, to live records or to test records."""

    def rule(text: str) -> str:
        name = known_provider(text)
        try:
            registry.adapter_offered(name, is_test=is_test)
        except ProviderNotOffered as error:
            raise Unfit(f"cannot be {name}: {error}".rstrip(".")) from None
        return name

    return rule


def credentials(provider: str, *, is_test: bool) -> Callable[[str], str]:
    """What this provider takes to know whom to pay."""

    def rule(text: str) -> str:
        try:
            registry.adapter_offered(provider, is_test=is_test).check_credentials(text)
        except CredentialsRefused as error:
            raise Unfit(str(error)) from None
        return text

    return rule
