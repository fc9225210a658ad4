"""The filters of lists across goals: query arguments in, conditions on rows out.

From and To, SettledFrom and SettledTo take a day, which counts whole, or a moment: `From` is the first that counts, a `To`
that is a moment the first that does not.
"""

import re
from collections.abc import Callable
from typing import Any

from django.db.models import Q
from django.http import HttpRequest

from api import notices
from api.records import moments, rules
from api.records.reading import XML_BLANKS, Repaired, Unfit
from goals.models import SavingGoal
from partners.models import Partner
from web.problems import BadArgument
from xml_schemas.repairs import Repair

WINDOWS = {"From": "created_at", "To": "created_at", "SettledFrom": "settled_at", "SettledTo": "settled_at"}
OTHERS = ("Status", "Reference", "ExternalItemId", "ProviderName")
FILTERS = (*OTHERS, *WINDOWS)

_AN_OFFSET_AFTER_A_BLANK = re.compile(r" (?=[0-9]{2}:[0-9]{2}$)")


def conditions(
    request: HttpRequest, partner: Partner, given: dict[str, str], *, statuses: tuple[str, ...], gift: str = ""
) -> Q:
    """What the given filters ask of a row. `gift` leads from it to its contribution, as in "contribution__".

    Raises BadArgument.
    """
    asked = Q()
    if "Status" in given:
        asked &= Q(status=_value("Status", given, rules.one_of(*statuses)))
    if "Reference" in given:
        own_id = _value("Reference", given, rules.text(1, rules.LONGEST_NAME))
        asked &= Q(**{f"{gift}partner": partner, f"{gift}reference": own_id})
    if "ExternalItemId" in given:
        item = _value("ExternalItemId", given, rules.text(1, rules.LONGEST_NAME))
        asked &= Q(**{f"{gift}goal__in": SavingGoal.objects.filter(partner=partner, external_item_id=item)})
        asked &= Q(**{f"{gift}partner": partner}) if gift else Q()  # the index of a goal's gifts begins with the partner
    if "ProviderName" in given:
        asked &= Q(**{f"{gift}checkout__account__provider": _value("ProviderName", given, rules.provider_of_gifts)})
    return asked & _within(request, given)


def dated_by(given: dict[str, str]) -> str:
    """The column by which the rows that match are in order of time: of the money, else of their making; empty: by neither."""
    columns = {WINDOWS[name] for name in given if name in WINDOWS}
    return max(columns, default="")  # settled_at before created_at


def _within(request: HttpRequest, given: dict[str, str]) -> Q:
    asked = Q()
    for first, last in (("From", "To"), ("SettledFrom", "SettledTo")):
        since = _span(request, first, given) if first in given else None
        until = _span(request, last, given) if last in given else None
        if since and until and not (since.begin < until.end or since.begin == until.begin):
            raise BadArgument(f"{last} must not be before {first}.")
        asked &= Q(**{f"{WINDOWS[first]}__gte": since.begin}) if since else Q()
        asked &= Q(**{f"{WINDOWS[last]}__lt": until.end}) if until else Q()
    return asked


def _span(request: HttpRequest, name: str, given: dict[str, str]) -> moments.Span:
    """When it begins and ends. What had to be repaired is told by a Notice, or refused. Raises BadArgument."""
    text, blanks = _AN_OFFSET_AFTER_A_BLANK.subn("+", given[name].strip(XML_BLANKS))
    if blanks:
        notices.repair_argument(
            request, Repair(f"{name} has a blank before its offset", "it was read as +", "write + as %2B in a query")
        )
    read: moments.Span | Repaired = _value(name, {name: text}, moments.day_or_moment)
    if not isinstance(read, Repaired):
        return read
    notices.repair_argument(request, Repair(f"{name} {read.reason}", read.done, read.right))
    span: moments.Span = read.value
    return span


def _value(name: str, given: dict[str, str], rule: Callable[[str], Any]) -> Any:
    try:
        return rule(given[name].strip(XML_BLANKS))
    except Unfit as unfit:
        raise BadArgument(f"{name} {unfit}.") from None
