"""A Rehearsal: its elements, as they are read and as they are written."""

from dataclasses import dataclass
from typing import Any

from api.records import rules
from api.records.reading import Element, Members, check_root, written
from contributions.content import utc_text
from partners.models import Partner
from rehearsals import play
from rehearsals.models import Rehearsal
from xml_schemas.reader import BodyFaults, Fault, Node

ELEMENTS = (
    Element("Id", lambda v: v.public_id),
    Element("State", lambda v: _state(v)),
    Element("Date", lambda v: utc_text(v.created_at)),
    Element("ConfirmationURL", lambda v: v.confirmation_url or None, read_apart=True),
    Element("CancelURL", lambda v: v.cancel_url or None, read_apart=True),
    Element("SavingGoalId", lambda v: v.goal_id_shown or None),
    Element("Passed", lambda v: play.passed(v) if v.over_at else None),
    Element("Check", lambda v: [_check(*one) for one in v.checks]),
)
"""In the order in which they are written."""


@dataclass(frozen=True)
class RehearsalWish:
    """What a Rehearsal body asks for; empty: an address of the partner's newest goal."""

    confirmation_url: str = ""
    cancel_url: str = ""


def content(rehearsal: Rehearsal) -> dict[str, Any]:
    """A Rehearsal."""
    return written(ELEMENTS, rehearsal)


def read(node: Node, partner: Partner) -> RehearsalWish:
    """What a Rehearsal body asks for. Raises BodyFaults."""
    faults: list[Fault] = []
    check_root(node, "Rehearsal")
    members = Members(node, ELEMENTS, faults)
    urls = [members.read(name, rules.redirect_url(partner)) or "" for name in ("ConfirmationURL", "CancelURL")]
    if faults:
        raise BodyFaults(faults)
    return RehearsalWish(*urls)


def _state(rehearsal: Rehearsal) -> str:
    return "Over" if rehearsal.over_at else "Playing" if rehearsal.attempts else "Waiting"


def _check(name: str, passed: bool | None, detail: str) -> dict[str, Any]:
    return {"Name": name, **({} if passed is None else {"Passed": passed}), "Detail": detail}
