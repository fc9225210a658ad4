"""A record's Metadata: the client's own names and values, kept exactly, in the order in which they were given."""

from collections.abc import Sequence
from typing import Any

from api.records import rules
from api.records.reading import Element, Members, check_container, unknown
from xml_schemas.reader import Fault

MOST_ITEMS, LONGEST_ITEM_NAME, LONGEST_ITEM_VALUE = 20, 40, 500

ITEM_ELEMENTS = (
    Element("Name", read_apart=True),
    Element("Value", read_apart=True),
)


def content(pairs: Sequence[Sequence[str]]) -> dict[str, Any] | None:
    """The element Metadata; None, so that it is left out, where there is none. `pairs`: of a name and a value."""
    return {"Item": [{"Name": name, "Value": value} for name, value in pairs]} if pairs else None


def read(members: Members, faults: list[Fault]) -> list[list[str]]:
    """The pairs of name and value that the record's Metadata holds, as they are stored; empty where there is none."""
    container = members.by_name.get("Metadata")
    if container is None:
        return []
    check_container(container, faults)
    pairs: list[list[str]] = []
    for node in container.children:
        if node.name != "Item":
            members.fault(node, unknown(node.name, "Metadata", ("Item",)))
            continue
        item = Members(node, ITEM_ELEMENTS, faults)
        item.require("Name", "Value")
        name = item.read("Name", rules.text(1, LONGEST_ITEM_NAME), kept_exactly=True)
        value = item.read("Value", rules.text(0, LONGEST_ITEM_VALUE), kept_exactly=True)
        if name is None or value is None:
            continue
        if any(name == known for known, _ in pairs):
            item.fault(node, "Metadata holds this Name twice: give each once.")
        pairs.append([name, value])
    if len(container.children) > MOST_ITEMS:
        members.fault(container, f"Metadata must hold at most {MOST_ITEMS} Items; it has {len(container.children)}.")
    return pairs
