"""A Refund: its elements, as they are read and as they are written."""

from dataclasses import dataclass
from typing import Any

from api.records import rules
from api.records.reading import Element, Members, check_root, written
from contributions.content import utc_text
from contributions.models import Contribution, Refund
from money import text_of
from xml_schemas.reader import BodyFaults, Fault, Node

ELEMENTS = (
    Element("Id", lambda refund: refund.public_id),
    Element("Amount", lambda refund: text_of(refund.amount_minor, refund.contribution.currency), "amount_minor",
            rule_for=rules.amount, number=True),
    Element("Reason", lambda refund: refund.reason, "reason", rules.free_text(0, rules.LONGEST_MESSAGE), kept_exactly=True),
    Element("Status", lambda refund: refund.status),
    Element("Date", lambda refund: utc_text(refund.created_at)),
    Element("ContributionId", lambda refund: refund.contribution.public_id),
    Element("StatusReason", lambda refund: refund.failure or None),
)  # fmt: skip
"""In the order in which they are written. The rules depend on the contribution's currency."""


@dataclass(frozen=True)
class RefundWish:
    """What a Refund body asks for; no amount: all that is left."""

    amount_minor: int | None = None
    reason: str | None = None


def read(node: Node, contribution: Contribution) -> RefundWish:
    """What a Refund body asks for. Raises BodyFaults."""
    faults: list[Fault] = []
    check_root(node, "Refund")
    values = Members(node, ELEMENTS, faults).read_all(contribution.currency)
    if faults:
        raise BodyFaults(faults)
    return RefundWish(**values)


def content(refund: Refund) -> dict[str, Any]:
    """A Refund."""
    return written(ELEMENTS, refund)
