"""A GiftCertificate, and a Claim: their elements as they are read. They are written by certificates/content.py, since events
carry certificates too.

A test holds the two together: each element that is written is in the table here.
"""

from dataclasses import dataclass
from typing import Any

from api.records import moments, rules
from api.records.partners_own import giver_of, ways_back
from api.records.reading import Element, Members, Unfit, check_root
from certificates import codes
from certificates.buying import Wish
from certificates.content import certificate_content, spendable_minor
from certificates.models import GiftCertificate
from givers.models import Giver
from goals.models import Payee
from ids import is_id
from lookups import one_or_none
from partners.models import Partner
from providers import registry
from providers.base import AmountRefused, ProviderNotOffered
from xml_schemas.reader import BodyFaults, Fault, Node

content = certificate_content

ELEMENTS = (
    Element("Id"),
    Element("Amount", key="amount_minor", rule_for=rules.amount, number=True),
    Element("Currency", read_apart=True),
    Element("PaymentAccountId", read_apart=True),
    Element("RecipientName", key="recipient_name", rule=rules.free_text(1, rules.LONGEST_NAME), kept_exactly=True),
    Element("Message", key="message", rule=rules.free_text(0, rules.LONGEST_MESSAGE), kept_exactly=True),
    Element("ExpiresDate", read_apart=True),
    Element("Status"),
    Element("StatusReason"),
    Element("ProviderName"),
    Element("ProviderURL"),
    Element("Date"),
    Element("Balance"),
    Element("ClaimCode"),
    Element("ClaimURL"),
    Element("GiverId"),
    Element("ClaimedDate"),
    Element("RefundedAmount"),
    Element("ReversedAmount"),
    Element("ExpiredAmount"),
    Element("Contributor", key="contributor", rule=rules.free_text(1, rules.LONGEST_NAME), kept_exactly=True),
    Element("Reference", key="reference", rule=rules.own_id(1, rules.LONGEST_NAME)),
    Element("ConfirmationURL", read_apart=True),
    Element("CancelURL", read_apart=True),
    Element("RecordVersionNumber"),
    Element("Test"),
)
"""In the order in which they are written. The rules depend on the currency."""
REQUIRED = ("Amount", "Currency", "PaymentAccountId", "RecipientName")
"""What a body must hold."""

CLAIM_ELEMENTS = (
    Element("GiverId", read_apart=True, write_only=True),
    Element("ClaimCode", read_apart=True, write_only=True),
)
CLAIM_REQUIRED = ("GiverId",)


def tag(certificate: GiftCertificate) -> str:
    """What the ETag of a certificate says of it, in any format: its version, and what can be spent of it now."""
    return f"{certificate.version}.{certificate.purchase.version}.{spendable_minor(certificate)}"


def read(node: Node, partner: Partner) -> Wish:
    """What a GiftCertificate body asks for. Raises BodyFaults."""
    faults: list[Fault] = []
    check_root(node, "GiftCertificate")
    members = Members(node, ELEMENTS, faults)
    members.require(*REQUIRED)
    currency = members.read("Currency", rules.currency)
    values: dict[str, Any] = members.read_all(currency) if currency else {}
    payee = members.read("PaymentAccountId", lambda text: _payee(text, partner))
    values |= ways_back(members, partner)
    ends_at, with_the_day = members.read("ExpiresDate", moments.end_date) or (None, False)
    moments.check_future(members, "ExpiresDate", ends_at)
    values |= {"expires_at": ends_at, "expires_with_the_day": with_the_day}
    if payee is not None and currency is not None:
        _check_currency(members, payee, currency)
    if faults or payee is None or currency is None:
        raise BodyFaults(faults)
    return Wish(currency=currency, payee=payee, **values)


def _payee(public_id: str, partner: Partner) -> Payee:
    rows = Payee.objects.select_related("partner").filter(public_id=public_id, partner=partner, deleted_at=None)
    payee = one_or_none(rows) if is_id(public_id) else None
    if payee is None:
        raise Unfit("must be the Id of a payment account of yours")
    try:
        registry.adapter_offered(payee.provider, is_test=partner.is_test)
    except ProviderNotOffered as error:
        raise Unfit(f"is of a payment account at {payee.provider}: {error}".rstrip(".")) from None
    return payee


def _check_currency(members: Members, payee: Payee, currency: str) -> None:
    adapter = registry.adapter_offered(payee.provider, is_test=payee.partner.is_test)
    try:
        adapter.check_currency(currency, payee=payee.readable_credentials or "")
    except AmountRefused as error:
        members.fault(members.by_name["Currency"], f"Currency does not go with {payee.provider}: {error}")


@dataclass(frozen=True)
class ClaimWish:
    """What a Claim body asks for: for whom, and by which code, which is never shown."""

    giver: Giver
    code: str | None

    def __repr__(self) -> str:
        return "ClaimWish()"


def read_claim(node: Node, partner: Partner, *, needs_code: bool) -> ClaimWish:
    """What a Claim body asks for. Raises BodyFaults."""
    faults: list[Fault] = []
    check_root(node, "Claim")
    members = Members(node, CLAIM_ELEMENTS, faults)
    members.require("GiverId", *(["ClaimCode"] if needs_code else []))
    giver = members.read("GiverId", giver_of(partner))
    code = members.read("ClaimCode", _code)
    if faults or giver is None:
        raise BodyFaults(faults)
    return ClaimWish(giver, code)


def _code(text: str) -> str:
    """Whether it is one is found out where tries are counted."""
    if not 0 < len(text) <= codes.LONGEST_TYPED:
        raise Unfit(f"must have 1 to {codes.LONGEST_TYPED} characters")
    return text
