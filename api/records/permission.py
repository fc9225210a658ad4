"""A Permission: its elements as they are read. They are written by givers/content.py, since events carry them too.

A test holds the two together: each element that is written is in the table here.
"""

from typing import Any

from api.records import moments, rules
from api.records.partners_own import ways_back
from api.records.reading import Element, Members, Unfit, check_root
from givers.content import permission_content
from givers.models import Giver, Permission
from givers.permissions import Wish
from providers import registry
from providers.permissions import PermissionNotOffered, check_keeps_permissions
from xml_schemas.reader import BodyFaults, Fault, Node

content = permission_content

ELEMENTS = (
    Element("Id"),
    Element("GiverId"),
    Element("ProviderName", read_apart=True),
    Element("Currency", read_apart=True),
    Element("MaximumAmount", key="maximum_minor", rule_for=rules.amount, number=True),
    Element("MaximumTotal", key="total_minor", rule_for=rules.amount, number=True),
    Element("UsedTotal"),
    Element("EndDate", read_apart=True),
    Element("ConfirmationURL", read_apart=True),
    Element("CancelURL", read_apart=True),
    Element("State"),
    Element("StateReason"),
    Element("PermissionURL"),
    Element("Date"),
    Element("RecordVersionNumber"),
    Element("Test"),
)
"""In the order in which they are written. The rules depend on the currency."""
REQUIRED = ("ProviderName", "Currency", "MaximumAmount")
"""What a body must hold."""


def tag(permission: Permission) -> str:
    """What the ETag of a permission says of it, in any format: its version, and what is used of it."""
    return f"{permission.version}.{permission.used_minor}"


def read(node: Node, giver: Giver) -> Wish:
    """What a Permission body asks for. Raises BodyFaults."""
    faults: list[Fault] = []
    check_root(node, "Permission")
    members = Members(node, ELEMENTS, faults)
    members.require(*REQUIRED)
    partner = giver.partner
    currency = members.read("Currency", rules.currency)
    values: dict[str, Any] = members.read_all(currency) if currency else {}
    values["provider"] = members.read("ProviderName", _provider(is_test=partner.is_test))
    values |= ways_back(members, partner)
    ends_at, with_the_day = members.read("EndDate", moments.end_date) or (None, False)
    moments.check_future(members, "EndDate", ends_at)
    values |= {"ends_at": ends_at, "ends_with_the_day": with_the_day}
    least, most = values.get("maximum_minor"), values.get("total_minor")
    if least is not None and most is not None and most < least:
        members.fault(members.by_name["MaximumTotal"], "MaximumTotal must be at least MaximumAmount.")
    if faults:
        raise BodyFaults(faults)
    return Wish(currency=currency or "", **values)


def _provider(*, is_test: bool) -> Any:
    def rule(text: str) -> str:
        name = rules.provider_name(is_test=is_test)(text)
        try:
            check_keeps_permissions(name, registry.adapter_offered(name, is_test=is_test))
        except PermissionNotOffered as error:
            raise Unfit(f"cannot be {name}: {error}") from None
        return name

    return rule
