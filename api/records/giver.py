"""A Giver, and a GiverPin: their elements, as they are read and as they are written."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

import card_numbers
from api.records import rules
from api.records.reading import Element, HoldsCardNumber, Members, Unfit, check_root, written
from givers.content import giver_content, masked_email
from givers.models import Giver
from xml_schemas.reader import BodyFaults, Fault, Node

content = giver_content

LONGEST_EMAIL = 254
SHORTEST_PIN, LONGEST_PIN = 4, 8


def _email(text: str) -> str:
    """An e-mail address; an empty text stands for none."""
    if not text:
        return text
    try:
        validate_email(text)
    except ValidationError:
        raise Unfit("must be an e-mail address such as ann@example.org") from None
    if len(text) > LONGEST_EMAIL:
        raise Unfit(f"must have at most {LONGEST_EMAIL} characters")
    if card_numbers.holds_one(text):
        raise HoldsCardNumber("must not hold a card number, and this looks like one")
    return text


def pin(text: str) -> str:
    """A PIN. What is wrong with it is told without it."""
    if not (SHORTEST_PIN <= len(text) <= LONGEST_PIN and text.isascii() and text.isdecimal()):
        raise Unfit(f"must have {SHORTEST_PIN} to {LONGEST_PIN} digits, as a string")
    return text


ELEMENTS = (
    Element("Id", read_apart=True),
    Element("ExternalId", key="external_id", rule=rules.own_id(1, rules.LONGEST_NAME)),
    Element("Name", read_apart=True, can_be_taken_away=True),
    Element("Email", read_apart=True, can_be_taken_away=True),
    Element("PinSet"),
    Element("GiverURL"),
    Element("Date"),
    Element("RecordVersionNumber", read_apart=True, number=True),
    Element("Test"),
)
"""In the order in which they are written."""
REQUIRED = ("ExternalId",)
"""What a body must hold, but for a PATCH."""

PIN_ELEMENTS = (
    Element("Verify", key="verify", rule=pin, write_only=True),
    Element("Pin", key="pin", rule=pin, write_only=True),
    Element("PinSet", lambda giver: giver.has_pin),
)
"""Of a GiverPin, whose view is the giver."""


def pin_content(giver: Giver) -> dict[str, Any]:
    """A GiverPin: whether there is one, and nothing else of it."""
    return written(PIN_ELEMENTS, giver)


def tag(giver: Giver) -> str:
    """What the ETag of a giver says of it, in any format."""
    return str(giver.version)


@dataclass(frozen=True)
class GiverWish:
    """What a Giver body asks for."""

    values: Mapping[str, Any]
    version: int | None = None


def read(node: Node, *, stored: Giver | None = None) -> GiverWish:
    """What a Giver body asks for: a new one, or with `stored` a change, where what is left out stays. Raises BodyFaults."""
    faults: list[Fault] = []
    check_root(node, "Giver")
    members = Members(node, ELEMENTS, faults, null_empties=stored is not None)
    if stored is None:
        members.require(*REQUIRED)
    values = members.read_all()
    if "Name" in members:
        is_taken_away = members.by_name["Name"].is_null
        values["name"] = (
            None if is_taken_away else members.read("Name", rules.free_text(1, rules.LONGEST_NAME), kept_exactly=True)
        )
    if "Email" in members:
        values |= _email_in(members, stored)
    given_id = members.read("Id", str) if stored else None
    if stored and given_id is not None and given_id != stored.public_id:
        members.fault(members.by_name["Id"], "Id must be the one in the path, or be left out.")
    version = members.read("RecordVersionNumber", rules.version, number=True) if stored else None
    if faults:
        raise BodyFaults(faults)
    return GiverWish(values, version)


def _email_in(members: Members, stored: Giver | None) -> dict[str, Any]:
    """Nothing where it is sent back as it was shown."""
    shown = masked_email(stored) if stored else None
    if shown and members.by_name["Email"].text.strip() == shown:
        return {}
    return {"email": members.read("Email", _email)}


def differing(wish: GiverWish, now: Giver) -> list[str]:
    """The elements in which what was asked for would change the giver as they are now."""
    named = {"external_id": "ExternalId", "name": "Name"}
    names = [element for key, element in named.items() if key in wish.values and wish.values[key] != getattr(now, key)]
    if "email" in wish.values and (wish.values["email"] or "") != now.email:
        names.append("Email")
    return names


@dataclass(frozen=True)
class PinWish:
    """What a GiverPin body asks for. Neither of them is ever shown."""

    verify: str | None
    pin: str | None

    def __repr__(self) -> str:
        return "PinWish()"


def read_pin(node: Node) -> PinWish:
    """A PIN to be set, to be checked (`Verify`), or both: to be replaced. Raises BodyFaults."""
    faults: list[Fault] = []
    check_root(node, "GiverPin")
    members = Members(node, PIN_ELEMENTS, faults)
    values = members.read_all()
    if not values and not faults:
        members.fault(node, "GiverPin must hold Pin (to set it), Verify (to check it), or both (to replace it).")
    if faults:
        raise BodyFaults(faults)
    return PinWish(values.get("verify"), values.get("pin"))
