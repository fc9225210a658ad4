"""Metadata: pairs of a name and a value that a client keeps with its record, exactly as they were given."""

from api.records import rules
from api.records.reading import Element, Members, items_of
from xml_schemas.reader import Fault, Node

MOST_ITEMS, LONGEST_NAME, LONGEST_VALUE = 20, 40, 500

ELEMENTS = (
    Element("Name", key="name", rule=rules.own_id(1, LONGEST_NAME), kept_exactly=True),
    Element("Value", key="value", rule=rules.own_id(0, LONGEST_VALUE), kept_exactly=True),
)
"""Of one Item, in the order in which they are written."""

REQUIRED = ("Name", "Value")


def read(node: Node, faults: list[Fault]) -> list[list[str]]:
    """The pairs in a Metadata element, in their order; what is wrong with them goes into `faults`."""
    items = list(items_of(node, "Item", faults))
    if len(items) > MOST_ITEMS:
        detail = f"Metadata must have at most {MOST_ITEMS} Items; it has {len(items)}."
        faults.append(Fault(node.path, detail, node.line))
        return []
    pairs: dict[str, str] = {}
    for item in items:
        one = Members(item, ELEMENTS, faults)
        one.require(*REQUIRED)
        values = one.read_all()
        name, value = values.get("name"), values.get("value")
        if name in pairs:
            one.fault(one.by_name["Name"], f"{name} stands here twice: give each Name once.")
        elif name is not None and value is not None:
            pairs[name] = value
    return [[name, value] for name, value in pairs.items()]
