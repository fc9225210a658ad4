"""The one writer of XML: plain dictionaries in, bytes out.

A member that is a list becomes that many elements, a dictionary an element with children, text or a whole number an
element with text, True or False one with `true` or `false`, and a member whose name starts with "@" an attribute. What
JSON shows, XML shows.
"""

from collections.abc import Mapping
from typing import Any

from lxml import etree


def write_xml(name: str, content: Mapping[str, Any], *, namespace: str | None = None) -> bytes:
    """A whole document with `name` as its root, in UTF-8."""
    root = etree.Element(f"{{{namespace}}}{name}" if namespace else name, nsmap={None: namespace} if namespace else None)
    _fill(root, content, f"{{{namespace}}}" if namespace else "")
    document: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return document


def _fill(element: etree._Element, content: Mapping[str, Any], prefix: str) -> None:
    for name, value in content.items():
        if name.startswith("@"):
            element.set(name[1:], value)
            continue
        for item in value if isinstance(value, list) else [value]:
            child = etree.SubElement(element, prefix + name)
            if isinstance(item, Mapping):
                _fill(child, item, prefix)
            else:
                child.text = str(item).lower() if isinstance(item, bool) else str(item)
