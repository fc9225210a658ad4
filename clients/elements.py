"""What a record of the API is made of, for the tables in clients/shapes.py and clients/giver_shapes.py."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Element:
    name: str
    kind: str
    inner: str
    optional: bool
    writable: bool


@dataclass(frozen=True)
class Record:
    name: str
    sentence: str
    elements: tuple[Element, ...]


def record(name: str, sentence: str, table: str) -> Record:
    elements = []
    for line in table.strip().splitlines():
        element, kind, *rest = line.split()
        kind, _, inner = kind.partition(":")
        elements.append(Element(element, kind.rstrip("?"), inner, kind.endswith("?"), rest == ["w"]))
    return Record(name, sentence, tuple(elements))
