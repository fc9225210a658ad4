"""A PaymentAccount: its elements, as they are read and as they are written."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from api.records import rules
from api.records.reading import Element, Members, Unfit, check_root, written
from contributions.content import utc_text
from goals.models import Payee
from providers import registry
from providers.base import ProviderNotOffered
from providers.payees import OnboardingNotOffered, check_onboarding
from xml_schemas.reader import BodyFaults, Fault, Node


@dataclass(frozen=True)
class View:
    """A payee to be written; its onboarding link only where it was made this moment."""

    payee: Payee
    onboarding_url: str = ""


ELEMENTS = (
    Element("Id", lambda v: v.payee.public_id, read_apart=True),
    Element("ProviderName", lambda v: v.payee.provider, read_apart=True),
    Element("Credentials", read_apart=True, write_only=True),
    Element("MaskedCredentials", lambda v: _masked(v.payee)),
    Element("State", lambda v: v.payee.state),
    Element("StateReason", lambda v: v.payee.state_reason or None),
    Element("OnboardingURL", lambda v: v.onboarding_url or None),
    Element("Date", lambda v: utc_text(v.payee.created_at)),
    Element("RecordVersionNumber", lambda v: v.payee.version, read_apart=True, number=True),
    Element("Test", lambda v: v.payee.partner.is_test or None),
)
"""In the order in which they are written."""
REQUIRED = ("ProviderName",)
"""What a body must hold, but for a PATCH."""


# --- Written ----------------------------------------------------------------------------------------------------------


def content(payee: Payee, onboarding_url: str = "") -> dict[str, Any]:
    """A PaymentAccount."""
    return written(ELEMENTS, View(payee, onboarding_url))


def tag(payee: Payee) -> str:
    """What the ETag of a payment account says of it, in any format; without the link, which the next GET does not give."""
    return f"{payee.version}.{payee.activity}"


def _masked(payee: Payee) -> str | None:
    readable = payee.readable_credentials
    return "***" if readable is None else mask(readable) or None


def mask(credentials: str) -> str:
    """So much of them that their owner knows them again: a***@example.org, acct_...1234."""
    name, at, host = credentials.rpartition("@")
    if at and name:
        return f"{name[0]}***@{host}"
    prefix, underscore, rest = credentials.partition("_")
    if underscore and len(prefix) <= 8 and len(rest) > 8:
        return f"{prefix}_...{rest[-4:]}"
    return f"...{credentials[-4:]}" if len(credentials) > 10 else "***" if credentials else ""


# --- Read -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PayeeWish:
    """What a PaymentAccount body asks for; no credentials: to be onboarded, or as they are."""

    provider: str
    credentials: str | None = None
    version: int | None = None


def read(node: Node, *, is_test: bool, stored: Payee | None = None, partial: bool = False) -> PayeeWish:
    """What a PaymentAccount body asks for: a new one, or with `stored` a change, where what is left out stays.

    Raises BodyFaults.
    """
    faults: list[Fault] = []
    check_root(node, "PaymentAccount")
    members = Members(node, ELEMENTS, faults)
    if not partial:
        members.require(*REQUIRED)
    offered = rules.payees_provider(is_test=is_test)
    provider = members.read("ProviderName", offered if stored is None else rules.known_provider)
    if stored is not None:
        if provider not in {None, stored.provider}:
            sentence = f"ProviderName must stay {stored.provider}: make another payment account for another provider."
            members.fault(members.by_name["ProviderName"], sentence)
        provider = stored.provider
    given_id = members.read("Id", str) if stored else None
    if stored and given_id is not None and given_id != stored.public_id:
        members.fault(members.by_name["Id"], "Id must be the one in the path, or be left out.")
    credentials = members.read("Credentials", _credentials(provider, is_test=is_test)) if provider else None
    if stored is None and provider and "Credentials" not in members:
        _check_can_be_onboarded(members, provider, is_test=is_test)
    version = members.read("RecordVersionNumber", rules.version, number=True) if stored else None
    if faults:
        raise BodyFaults(faults)
    return PayeeWish(provider or "", credentials, version)


def _credentials(provider: str, *, is_test: bool) -> Callable[[str], str]:
    def rule(text: str) -> str:
        try:
            return rules.credentials(provider, is_test=is_test)(text)
        except ProviderNotOffered as error:  # of a payee that was kept while it was
            raise Unfit(str(error).rstrip(".")) from None

    return rule


def _check_can_be_onboarded(members: Members, provider: str, *, is_test: bool) -> None:
    try:
        check_onboarding(provider, registry.adapter_offered(provider, is_test=is_test))
    except OnboardingNotOffered as error:
        members.fault(members.node, f"Credentials is missing: {error}")
