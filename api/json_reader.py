"""JSON from outside, as the same Nodes that the XML reader makes: one set of rules reads both."""

import json
from collections.abc import Iterator
from typing import Any, NoReturn

from xml_schemas.characters import first_illegal
from xml_schemas.reader import DEEPEST, LONGEST_NAME, LONGEST_PATH, MOST_ELEMENTS, BodyFaults, Fault, Node

REPEATED = {"SavingGoal", "Contribution", "PaymentProvider", "Refund", "EventType", "Item", "Amount"}
"""The elements of which a list may hold several: only these may be JSON lists."""


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

    def node(self, name: str, value: Any, path: str, depth: int) -> Node:
        self.nodes += 1
        if depth > DEEPEST:
            raise _fault(f"The JSON is nested more than {DEEPEST} deep.")
        if self.nodes > MOST_ELEMENTS:
            raise _fault(f"The JSON has more than {MOST_ELEMENTS} members.")
        if isinstance(value, _Members):
            return Node(name, path, children=list(self.children(value, path, depth)))
        if value is None:
            return Node(name, path, is_null=True)
        if isinstance(value, bool) or not isinstance(value, str):
            return Node(name, path, wrong_type="must be a text")
        return Node(name, path, text=str(value), is_number=isinstance(value, _Number), illegal=first_illegal(value))

    def children(self, members: _Members, path: str, depth: int) -> Iterator[Node]:
        for name, value in members:
            if len(name) > LONGEST_NAME:
                raise BodyFaults([Fault(path, f"A name has more than {LONGEST_NAME} characters.")])
            if type(value) is not list or name not in REPEATED:
                yield self.node(name, value, f"{path}/{name}"[:LONGEST_PATH], depth + 1)
                continue
            for number, item in enumerate(value, 1):
                where = f"{path}/{name}[{number}]" if len(value) > 1 else f"{path}/{name}"
                yield self.node(name, item, where[:LONGEST_PATH], depth + 1)


def _no_constant(word: str) -> NoReturn:
    raise _fault(f"{word} is not JSON.")


def _fault(detail: str) -> BodyFaults:
    return BodyFaults([Fault("/", detail)])
