"""A Matcher: its elements, as they are read and as they are written."""

from typing import Any

from api.records import rules
from api.records.reading import Element, Members, check_root, written
from contributions.content import utc_text
from contributions.matchers import NewMatcher
from goals.models import Matcher, SavingGoal
from money import text_of
from xml_schemas.reader import BodyFaults, Fault, Node

ELEMENTS = (
    Element("Id", lambda matcher: matcher.public_id),
    Element("Name", lambda matcher: matcher.name, "name", rules.free_text(1, rules.LONGEST_NAME), kept_exactly=True),
    Element("Percent", lambda matcher: matcher.percent, "percent", rules.percent, number=True),
    Element("MaximumTotal", lambda matcher: text_of(matcher.maximum_minor, matcher.goal.currency), "maximum_minor",
            rule_for=rules.amount, number=True),
    Element("MatchedTotal", lambda matcher: text_of(matcher.matched_minor, matcher.goal.currency)),
    Element("Currency", lambda matcher: matcher.goal.currency),
    Element("SavingGoalId", lambda matcher: matcher.goal.public_id),
    Element("Date", lambda matcher: utc_text(matcher.created_at)),
    Element("RecordVersionNumber", lambda matcher: matcher.version),
    Element("Test", lambda matcher: matcher.partner.is_test or None),
)  # fmt: skip
"""In the order in which they are written. The rules depend on the goal's currency."""
REQUIRED = ("Name", "MaximumTotal")
"""What a body must hold."""


def read(node: Node, goal: SavingGoal) -> NewMatcher:
    """What a Matcher body asks for. Raises BodyFaults."""
    faults: list[Fault] = []
    check_root(node, "Matcher")
    members = Members(node, ELEMENTS, faults)
    members.require(*REQUIRED)
    values = members.read_all(goal.currency)
    if faults:
        raise BodyFaults(faults)
    return NewMatcher(**values)


def content(matcher: Matcher) -> dict[str, Any]:
    """A Matcher."""
    return written(ELEMENTS, matcher)


def tag(matcher: Matcher) -> str:
    """What the ETag of a matcher says of it, in any format: what it has added moves it."""
    return str(matcher.version)
