"""What contributions.xsd defines, as plain values: the records with their elements in order, and the types of texts.

Only what that file uses is understood; anything else in it raises UnknownConstruct, so that nothing is left out unseen.
"""

from dataclasses import dataclass
from functools import cache

from lxml import etree

from xml_schemas.files import XSD

_XS = "{http://www.w3.org/2001/XMLSchema}"


class UnknownConstruct(ValueError):
    """The schema holds something that is not read here; the message names it."""


@dataclass(frozen=True)
class TextType:
    """What an element's text may be. `name` is empty for one of XML Schema's own types, which is then `base`."""

    name: str
    base: str
    patterns: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    shortest: int | None = None
    longest: int | None = None
    members: tuple["TextType", ...] = ()
    """Where it is a union: one of these."""


@dataclass(frozen=True)
class Part:
    """One element within another: `least` to `most` times, where `most` None is any number."""

    name: str
    holds: "TextType | Record"
    least: int = 1
    most: int | None = 1

    @property
    def is_list(self) -> bool:
        return self.most != 1


@dataclass(frozen=True)
class Record:
    """An element that holds others, in this order. `attributes` are all optional."""

    name: str
    parts: tuple[Part, ...]
    attributes: tuple[tuple[str, TextType], ...] = ()


@cache
def records() -> dict[str, Record]:
    """The elements that can stand alone, by name. Raises UnknownConstruct."""
    return _Reader(etree.parse(str(XSD)).getroot()).records()


class _Reader:
    def __init__(self, schema: etree._Element) -> None:
        self.elements = {one.get("name"): one for one in schema.findall(f"{_XS}element")}
        self.types = {one.get("name"): one for one in schema.findall(f"{_XS}simpleType")}
        self.read: dict[str, Record] = {}

    def records(self) -> dict[str, Record]:
        return {name: self.record(name) for name in self.elements}

    def record(self, name: str) -> Record:
        if name not in self.read:
            self.read[name] = self.complex(name, self.elements[name])
        return self.read[name]

    def complex(self, name: str, element: etree._Element) -> Record:
        body = element.find(f"{_XS}complexType")
        if body is None:
            raise UnknownConstruct(f"The element {name} has no complexType of its own.")
        parts: list[Part] = []
        attributes = []
        for child in body:
            if child.tag == f"{_XS}sequence":
                parts += [part for one in child for part in self.parts(one, least=None)]
            elif child.tag == f"{_XS}attribute":
                attributes.append((child.get("name"), self.text_type(child.get("type"))))
            else:
                raise UnknownConstruct(f"{child.tag} in {name}.")
        return Record(name, tuple(parts), tuple(attributes))

    def parts(self, one: etree._Element, least: int | None) -> list[Part]:
        """`least`: what a choice around it says."""
        if one.tag == f"{_XS}choice":
            return [part for child in one for part in self.parts(child, least=0)]
        if one.tag != f"{_XS}element":
            raise UnknownConstruct(f"{one.tag} in a sequence.")
        most = one.get("maxOccurs", "1")
        name = one.get("ref") or one.get("name")
        if one.get("ref"):
            holds: TextType | Record = self.record(name)
        elif one.get("type"):
            holds = self.text_type(one.get("type"))
        else:
            holds = self.complex(name, one)
        found = int(one.get("minOccurs", "1")) if least is None else least
        return [Part(name, holds, found, None if most == "unbounded" else int(most))]

    def text_type(self, name: str) -> TextType:
        if name.startswith("xs:"):
            return TextType("", name)
        (body,) = (one for one in self.types[name] if one.tag != f"{_XS}annotation")
        if body.tag == f"{_XS}union":
            members = tuple(self.text_type(one) for one in body.get("memberTypes").split())
            return TextType(name, "xs:string", members=members)
        if body.tag != f"{_XS}restriction":
            raise UnknownConstruct(f"{body.tag} in {name}.")
        return self.restriction(name, body)

    def restriction(self, name: str, body: etree._Element) -> TextType:
        facets: dict[str, list[str]] = {}
        for one in body:
            facets.setdefault(one.tag.removeprefix(_XS), []).append(one.get("value"))
        if unknown := set(facets) - {"pattern", "enumeration", "minLength", "maxLength"}:
            raise UnknownConstruct(f"{', '.join(sorted(unknown))} in {name}.")
        lengths = {facet: int(values[0]) for facet, values in facets.items() if facet.endswith("Length")}
        return TextType(
            name,
            body.get("base"),
            patterns=tuple(facets.get("pattern", ())),
            choices=tuple(facets.get("enumeration", ())),
            shortest=lengths.get("minLength"),
            longest=lengths.get("maxLength"),
        )
