"""JSON from outside, as the same Nodes that the XML reader makes: one set of rules reads both."""

import json
from collections.abc import Iterator
from typing import Any, NoReturn

from xml_schemas.characters import first_illegal
from xml_schemas.reader import DEEPEST, LONGEST_NAME, LONGEST_PATH, MOST_ELEMENTS, BodyFaults, Fault, Node
from xml_schemas.repairs import Sent

LISTS = {
    "Savings": "SavingGoal",
    "Contributions": "Contribution",
    "PaymentProviders": "PaymentProvider",
    "Refunds": "Refund",
    "EventTypes": "EventType",
    "SuggestedAmounts": "Amount",
    "Metadata": "Item",
}
"""The members that hold a list, and what each of its items is called: {"PaymentProviders": {"PaymentProvider": [...]}}.

The array may also stand in the place of the object that holds it.
"""


class _Number(str):
    """A JSON number as it was written, so that no float ever comes near an amount."""


class _Members(list[tuple[str, Any]]):
    """A JSON object with its members in order and its duplicates still there."""


def read_json(body: bytes, root_name: str) -> Node:
    """The document as a Node named `root_name`, which may also be written out as its only member.

    Raises BodyFaults.
    """
    if not body.strip(b" \t\r\n"):
        raise _fault("The body is empty: send one JSON object.")
    try:
        document = json.loads(
            body.decode("utf-8-sig"),
            object_pairs_hook=_Members,
            parse_int=_Number,
            parse_float=_Number,
            parse_constant=_no_constant,
        )
    except UnicodeDecodeError:
        raise _fault("The JSON is not UTF-8.") from None
    except RecursionError:
        raise _fault(f"The JSON is nested more than {DEEPEST} deep.") from None
    except json.JSONDecodeError as error:
        raise BodyFaults([Fault("/", f"The JSON is not well-formed: {error.msg}.", error.lineno)]) from None
    if not isinstance(document, _Members):
        raise _fault(f"The JSON must be an object: the members of a {root_name}.")
    if len(document) == 1 and document[0][0] == root_name and isinstance(document[0][1], _Members):
        document = document[0][1]
    return _Reader().node(root_name, document, root_name, 1)


class _Reader:
    """Turns the parsed document into Nodes, counting them."""

    def __init__(self) -> None:
        self.nodes = 0
        self.sent = Sent(is_json=True)

    def node(self, name: str, value: Any, path: str, depth: int) -> Node:
        self.nodes += 1
        if depth > DEEPEST:
            raise _fault(f"The JSON is nested more than {DEEPEST} deep.")
        if self.nodes > MOST_ELEMENTS:
            raise _fault(f"The JSON has more than {MOST_ELEMENTS} members.")
        if isinstance(value, _Members):
            return Node(name, path, children=list(self.children(name, value, path, depth)), sent=self.sent)
        if type(value) is list and name in LISTS:
            items = list(self.items(LISTS[name], value, path, depth))
            return Node(name, path, children=items, is_bare_list=True, sent=self.sent)
        if value is None:
            return Node(name, path, is_null=True, sent=self.sent)
        if isinstance(value, bool):
            return Node(name, path, text="true" if value else "false", is_boolean=True, sent=self.sent)
        if not isinstance(value, str):
            return Node(name, path, is_of_wrong_type=True, sent=self.sent)
        is_number = isinstance(value, _Number)
        return Node(name, path, text=str(value), is_number=is_number, illegal=first_illegal(value), sent=self.sent)

    def children(self, parent: str, members: _Members, path: str, depth: int) -> Iterator[Node]:
        for name, value in members:
            if len(name) > LONGEST_NAME:
                raise BodyFaults([Fault(path, f"A name has more than {LONGEST_NAME} characters.")])
            if type(value) is list and name == LISTS.get(parent):
                yield from self.items(name, value, f"{path}/{name}", depth)
            else:
                yield self.node(name, value, f"{path}/{name}"[:LONGEST_PATH], depth + 1)

    def items(self, name: str, values: list[Any], path: str, depth: int) -> Iterator[Node]:
        """The items of an array, each with its place in it where there are several."""
        for number, item in enumerate(values, 1):
            where = f"{path}[{number}]" if len(values) > 1 else path
            yield self.node(name, item, where[:LONGEST_PATH], depth + 1)


def _no_constant(word: str) -> NoReturn:
    raise _fault(f"{word} is not JSON.")


def _fault(detail: str) -> BodyFaults:
    return BodyFaults([Fault("/", detail)])
