"""What an element's text may be: each rule makes a value of it, or raises Unfit with what would be right."""

import re
from collections.abc import Callable
from functools import partial

import card_numbers
import money
from api.records.reading import HoldsCardNumber, Unfit
from goals.models import CapturePolicy, Overfunding
from partners.models import Partner
from partners.redirects import BadRedirectURL, check_redirect_url, check_web_address
from providers import registry
from providers.base import CredentialsRefused, ProviderNotOffered

LONGEST_NAME, LONGEST_MESSAGE, LONGEST_MEMO, LONGEST_LANGUAGE, LONGEST_DESCRIPTION = 255, 2000, 127, 35, 5000

_NO_CARD_NUMBER = "must not hold a card number, and this looks like one: none is ever kept here, leave it out"
_VERSION = re.compile(r"[0-9]{1,18}")
_PERCENT = re.compile(r"[1-9][0-9]?|100")
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


def free_text(shortest: int, longest: int) -> Callable[[str], str]:
    """A text of so many characters that a person may have written: no card number stands in it."""
    length = text(shortest, longest)

    def rule(text: str) -> str:
        if card_numbers.holds_one(length(text)):
            raise HoldsCardNumber(_NO_CARD_NUMBER)
        return text

    return rule


def own_id(shortest: int, longest: int) -> Callable[[str], str]:
    """What a client's program may have made, such as an order's number: what can only be a card number is none."""
    length = text(shortest, longest)
    return lambda text: no_card_number(length(text))


def no_card_number(text: str) -> str:
    """An id that is no card number. Raises HoldsCardNumber."""
    if card_numbers.is_one_in_an_id(text):
        raise HoldsCardNumber(f"{_NO_CARD_NUMBER}. If it is an id of yours, join something to it, such as order-")
    return text


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


def percent(text: str) -> int:
    """A whole number from 1 to 100."""
    if not _PERCENT.fullmatch(text):
        raise Unfit("must be a whole number from 1 to 100")
    return int(text)


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
        return address_without_card_number(text)

    return rule


def address_without_card_number(url: str) -> str:
    """An address with no card number in it as people write one. Raises HoldsCardNumber."""
    if card_numbers.is_one_in_an_address(url):
        raise HoldsCardNumber(_NO_CARD_NUMBER)
    return url


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


def known_provider(text: str) -> str:
    """The name of a provider that a client can ask for, as the registry writes it, whatever its case."""
    name = registry.canonical_name(text)
    if name in registry.NAMES_OF_GIFTS and name not in registry.PROVIDER_NAMES:
        raise Unfit(f"cannot be {name}: such gifts are made by the service alone, for a goal's Matchers")
    if name is None:
        raise Unfit(f"must be one of {', '.join(registry.PROVIDER_NAMES)}")
    return name


def provider_of_gifts(text: str) -> str:
    """As known_provider, or that of gifts which only the service makes: for a filter."""
    name = registry.canonical_name(text)
    if name is None:
        raise Unfit(f"must be one of {', '.join(registry.NAMES_OF_GIFTS)}")
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


def payees_provider(*, is_test: bool) -> Callable[[str], str]:
    """As provider_name, where somebody can be paid."""
    offered = provider_name(is_test=is_test)

    def rule(text: str) -> str:
        name = offered(text)
        if name in registry.LOCAL_NAMES:
            raise Unfit(f"cannot be {name}: nobody is paid through this service there, and it needs no payment account")
        return name

    return rule


def credentials(provider: str, *, is_test: bool) -> Callable[[str], str]:
    """What this provider takes to know whom to pay."""

    def rule(text: str) -> str:
        no_card_number(text)
        try:
            registry.adapter_offered(provider, is_test=is_test).check_credentials(text)
        except CredentialsRefused as error:
            raise Unfit(str(error)) from None
        return text

    return rule
