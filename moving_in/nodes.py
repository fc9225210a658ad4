"""A line as the Nodes that the readers of the API's records take: the same rules, whatever format something comes in."""

from collections.abc import Sequence

from moving_in.csv_lines import Line
from xml_schemas.characters import first_illegal
from xml_schemas.reader import Node
from xml_schemas.repairs import Sent


def record_of(name: str, line: Line, elements: Sequence[str]) -> Node:
    """A record with these elements, where the line has them. Nothing is repaired: a file is put right where it is made."""
    sent = Sent(is_strict=True)
    children = [element(one, line, sent, text=line.cells[one]) for one in elements if one in line.cells]
    return element(name, line, sent, children=children)


def element(name: str, line: Line, sent: Sent, *, text: str = "", children: Sequence[Node] = ()) -> Node:
    """One element, at the line."""
    return Node(name, name, line.number, text, list(children), illegal=first_illegal(text), sent=sent)
