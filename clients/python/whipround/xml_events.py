"""Webhooks in XML (`Format` `XML`), read with defusedxml: no entity, no DOCTYPE, nothing fetched."""

from typing import Any
from xml.etree.ElementTree import Element as XmlElement  # nosec B405 - a type, defusedxml reads
from xml.etree.ElementTree import ParseError  # nosec B405 - what defusedxml raises

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException

from whipround.errors import UnexpectedAnswer
from whipround.records import RECORDS


def document_of(body: bytes) -> dict[str, Any]:
    """The document that the same record is in JSON. Raises UnexpectedAnswer."""
    try:
        root = defusedxml.ElementTree.fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, LookupError, ValueError) as error:
        raise UnexpectedAnswer("the XML cannot be read, or is of a kind that is not read") from error
    if root.tag not in RECORDS:
        raise UnexpectedAnswer(f"the XML is no record, but a {root.tag[:50]}")
    return _document(root)


def _document(element: XmlElement) -> dict[str, Any]:
    """One record. What it says of its elements decides which of them hold others."""
    kinds = {one.name: one.kind for one in RECORDS[element.tag].ELEMENTS}
    made: dict[str, Any] = {}
    for child in element:
        kind, _, inner = kinds.get(child.tag, "text").partition(":")
        if kind == "list":
            made[child.tag] = {inner: [_document(one) for one in child if one.tag == inner]}
        elif kind == "inline":
            made.setdefault(child.tag, []).append(_document(child))
        elif kind == "record":
            made[child.tag] = _document(child)
        elif kind in {"texts", "decimals"}:
            made[child.tag] = {inner: [one.text or "" for one in child]}
        elif kind == "pairs":
            made[child.tag] = {"Item": [{part.tag: part.text or "" for part in one} for one in child]}
        else:
            made[child.tag] = child.text or ""
    return made
