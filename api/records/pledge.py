"""A Pledge: its elements as they are read. They are written by pledges/content.py, since events carry them too.

A test holds the two together: each element that is written is in the table here.
"""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import clock
from api.records import rules
from api.records.contribution import check_amount
from api.records.giver import pin
from api.records.partners_own import giver_of
from api.records.reading import Element, Members, Unfit, check_root
from givers.models import Giver, Permission
from goals.models import SavingGoal
from ids import is_id
from lookups import one_or_none
from pledges.agreeing import NewPledge
from pledges.content import pledge_content
from pledges.models import Pledge
from pledges.schedule import Every
from xml_schemas.reader import BodyFaults, Fault, Node

content = pledge_content

UTC_NAME = "UTC"
LAST_START_YEARS = 2
"""So far ahead a first gift may be."""

ELEMENTS = (
    Element("Id"),
    Element("SavingGoalId"),
    Element("GiverId", read_apart=True),
    Element("PermissionId", read_apart=True),
    Element("Amount", key="amount_minor", rule_for=rules.amount, number=True),
    Element("Currency"),
    Element("Every", key="every", rule=rules.one_of(*Every)),
    Element("StartDate", read_apart=True),
    Element("EndDate", read_apart=True),
    Element("TimeZone", read_apart=True),
    Element("Contributor", key="contributor", rule=rules.free_text(1, rules.LONGEST_NAME), kept_exactly=True),
    Element("Message", key="message", rule=rules.free_text(0, rules.LONGEST_MESSAGE), kept_exactly=True),
    Element("Anonymous", key="is_anonymous", rule=rules.boolean, boolean=True),
    Element("Reference", key="reference", rule=rules.own_id(1, rules.LONGEST_NAME)),
    Element("State"),
    Element("StateReason"),
    Element("NextNumber"),
    Element("NextDate"),
    Element("FailedTries"),
    Element("FailureReason"),
    Element("GiftsMade"),
    Element("GiftsSkipped"),
    Element("Date"),
    Element("RecordVersionNumber"),
    Element("Test"),
    Element("Pin", key="pin", rule=pin, write_only=True),
)
"""In the order in which they are written. The rules depend on the goal's currency."""
REQUIRED = ("GiverId", "Amount", "Every")
"""What a body must hold."""


def tag(pledge: Pledge) -> str:
    """What the ETag of a pledge says of it, in any format."""
    return str(pledge.version)


def read(node: Node, goal: SavingGoal) -> NewPledge:
    """What a Pledge body asks for. Raises BodyFaults."""
    faults: list[Fault] = []
    check_root(node, "Pledge")
    members = Members(node, ELEMENTS, faults)
    members.require(*REQUIRED)
    values: dict[str, Any] = {"message": None} | members.read_all(goal.currency)
    check_amount(members, goal, values.get("amount_minor"))
    giver = members.read("GiverId", giver_of(goal.partner))
    values["permission"] = members.read("PermissionId", lambda text: _permission(text, giver)) if giver else None
    if "contributor" not in values and giver is not None and "Contributor" not in members:
        if giver.name:
            values["contributor"] = giver.name
        else:
            members.fault(node, "Contributor is missing, and the giver has no Name.")
    values |= _when(members)
    if faults or giver is None:
        raise BodyFaults(faults)
    return NewPledge(giver=giver, **values | {"every": Every(values["every"])})


def _permission(public_id: str, giver: Giver) -> Permission:
    found = one_or_none(giver.permissions.filter(public_id=public_id)) if is_id(public_id) else None
    if found is None:
        raise Unfit("must be the Id of a permission of this giver's")
    return found


def _when(members: Members) -> dict[str, Any]:
    """The giver's zone, and the days in it."""
    zone = members.read("TimeZone", _zone) or ZoneInfo(UTC_NAME)
    today = clock.now().astimezone(zone).date()
    start = members.read("StartDate", lambda text: _day_from(text, today)) or today
    end = members.read("EndDate", _day)
    if end is not None and end < start:
        members.fault(members.by_name["EndDate"], "EndDate must not be before StartDate.")
    return {"zone": zone, "start": start, "end": end}


NO_ZONES = frozenset({"localtime", "Factory"})
"""Files beside those of the zones: the zone of whatever machine reads it, and that of one where nobody has set it."""


def _zone(text: str) -> ZoneInfo:
    if text not in available_timezones() - NO_ZONES:
        raise Unfit("must be a zone of the IANA time zone database such as Europe/Berlin")
    return ZoneInfo(text)


def _day(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.isoformat() != text:
        raise Unfit("must be a day such as 2027-06-30")
    return found


def _day_from(text: str, today: date) -> date:
    day = _day(text)
    if day < today:
        raise Unfit(f"must not be before today, which is {today.isoformat()} in the giver's zone")
    if day > today.replace(year=today.year + LAST_START_YEARS, day=min(today.day, 28)):
        raise Unfit(f"must be within {LAST_START_YEARS} years")
    return day
