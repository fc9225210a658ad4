"""The strict reading of any record: which elements it may have, which must be there, and every fault at once.

What an element may hold is a rule (api/records/rules.py) in the table of its record (api/records/*.py).
"""

import difflib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from api.json_reader import LISTS
from xml_schemas.reader import MOST_FAULTS_TOLD, BodyFaults, Fault, Node
from xml_schemas.repairs import Repair

XML_BLANKS = " \t\r\n"

ALIASES = {"ExternamItemId": "ExternalItemId", "ConfirmationUrl": "ConfirmationURL", "CancelUrl": "CancelURL"}
"""Names that stand on the API page of 2011 as well."""

Value = TypeVar("Value")


class Unfit(ValueError):
    """A value that the rules do not allow; the message goes on after the element's name."""


class HoldsCardNumber(Unfit):
    """A value with a card number in it, which is kept nowhere here."""


@dataclass(frozen=True)
class Repaired:
    """What a rule makes of a text that was not quite right; `reason` goes on after the element's name."""

    value: Any
    reason: str
    done: str
    right: str


@dataclass(frozen=True)
class Element:
    """One element of a record: how it is written, and how it is read where a client may send it.

    `write` makes its value of what the record's file calls a view; None leaves the element out. `rule` makes a value of its
    text, which is called `key` where it is read; `rule_for` makes the rule where it depends on something, such as a currency.
    `read_apart`: a client may send it, but it is a structure, or others depend on it, so that the record's file reads it.
    `write_only`: it never stands in an answer. `can_be_taken_away`: a change may leave the record without it.
    """

    name: str
    write: Callable[[Any], Any] | None = None
    key: str = ""
    rule: Callable[[str], Any] | None = None
    rule_for: Callable[[Any], Callable[[str], Any]] | None = None
    read_apart: bool = False
    number: bool = False
    boolean: bool = False
    kept_exactly: bool = False
    write_only: bool = False
    can_be_taken_away: bool = False

    @property
    def is_writable(self) -> bool:
        """Whether a client may send it; what it may not send is ignored where it sends it back."""
        return bool(self.rule or self.rule_for or self.read_apart)


def written(elements: Iterable[Element], view: Any) -> dict[str, Any]:
    """The record's content, in the order of its table."""
    made = ((element.name, element.write(view)) for element in elements if element.write is not None)
    return {name: value for name, value in made if value is not None}


class Members:
    """The children of one element by name. Whatever is wrong with them is collected in `faults`.

    JSON's null and xsi:nil are the same as leaving the member out. With `null_empties` (a PATCH) they are an empty value for
    what can be taken away. What can be repaired is repaired and told, or is a fault where the client wants it so.
    """

    def __init__(self, node: Node, elements: tuple[Element, ...], faults: list[Fault], *, null_empties: bool = False) -> None:
        self.node, self.elements, self.faults = node, elements, faults
        known = tuple(element.name for element in elements)
        emptied = {element.name for element in elements if element.can_be_taken_away and null_empties}
        self.by_name: dict[str, Node] = {}
        check_container(node, faults)
        seen: set[str] = set()
        for child in node.children:
            name = ALIASES.get(child.name, child.name)
            if name not in known:
                told = len(faults) < MOST_FAULTS_TOLD  # to look for what was meant takes longer than all the rest
                self.fault(child, unknown(child, node.name, known, with_hint=told))
            elif name in seen:
                self.fault(child, f"{name} stands here twice: give it once.")
            elif name in emptied or not child.is_null:
                self.by_name[name] = child
                self._repair(child, name)
            seen.add(name)

    def _repair(self, child: Node, name: str) -> None:
        """The name of 2011, or an array without the object that is to hold it."""
        if child.name != name:
            self.repair(child, Repair(f"{child.name} is an old name", f"it was read as {name}", f"write {name}"))
        if child.is_bare_list and any(one.name == name and one.is_writable for one in self.elements):
            item = LISTS[name]
            reason = f"{name} is an array without the object that holds it"
            right = f'write {{"{name}": {{"{item}": [...]}}}}'
            self.repair(child, Repair(reason, f"it was read as its {item} array", right))

    def repair(self, node: Node, repair: Repair) -> None:
        """Tell what was repaired, or refuse it."""
        if node.sent.is_strict:
            self.fault(node, repair.fault)
        else:
            node.sent.tell(repair)

    def fault(self, node: Node, sentence: str, *, is_card_number: bool = False) -> None:
        self.faults.append(Fault(node.path, sentence, node.line, is_card_number))

    def __contains__(self, name: str) -> bool:
        return name in self.by_name

    def require(self, *names: str) -> None:
        """A fault for each that is not there."""
        for name in names:
            if name not in self.by_name:
                self.faults.append(
                    Fault(f"{self.node.path}/{name}", f"{name} is missing: it is required here.", self.node.line)
                )

    def read(
        self,
        name: str,
        rule: Callable[[str], Value | Repaired],
        *,
        kept_exactly: bool = False,
        number: bool = False,
        boolean: bool = False,
    ) -> Value | None:
        """The value that `rule` makes of the element's text; None (and perhaps a fault) where there is none.

        `number`, `boolean`: in JSON it may be such a value as well as a text.
        """
        node = self.by_name.get(name)
        if node is None:
            return None
        how = {"kept_exactly": kept_exactly, "number": number, "boolean": boolean}
        return self.read_node(node, rule, name=name, **how)

    def read_node(
        self,
        node: Node,
        rule: Callable[[str], Value | Repaired],
        *,
        name: str,
        kept_exactly: bool = False,
        number: bool = False,
        boolean: bool = False,
    ) -> Value | None:
        """The value that `rule` makes of this node's text; None, and a fault that calls it `name`, where there is none."""
        if not self._is_leaf(node, number=number, boolean=boolean):
            return None
        try:
            value: Any = rule(node.text if kept_exactly else node.text.strip(XML_BLANKS))
        except Unfit as error:
            self.fault(node, f"{name} {error}.", is_card_number=isinstance(error, HoldsCardNumber))
            return None
        if isinstance(value, Repaired):
            self.repair(node, Repair(f"{name} {value.reason}", value.done, value.right))
            value = value.value
        return cast(Value, value)

    def read_all(self, depends_on: Any = None) -> dict[str, Any]:
        """What the rules make of the elements that are given, by their keys; None where there is a fault."""
        values: dict[str, Any] = {}
        for element in self.elements:
            rule = element.rule_for(depends_on) if element.rule_for else element.rule
            if rule is not None and element.name in self:
                values[element.key] = self.read(
                    element.name,
                    rule,
                    kept_exactly=element.kept_exactly,
                    number=element.number,
                    boolean=element.boolean,
                )
        return values

    def _is_leaf(self, node: Node, *, number: bool, boolean: bool) -> bool:
        if node.attributes:
            self.fault(node, f"{node.name} takes no attributes.")
        elif node.children or node.is_bare_list:
            what = _what_json_has(number, boolean) if node.sent.is_json else "must hold a text, no further elements"
            self.fault(node, f"{node.name} {what}.")
        elif node.is_of_wrong_type or (node.is_number and not number) or (node.is_boolean and not boolean):
            self.fault(node, f"{node.name} {_what_json_has(number, boolean)}.")
        elif node.illegal:
            self.fault(node, f"{node.name} holds the character {node.illegal}, which no value can have: leave it out.")
        else:
            return True
        return False


def _what_json_has(number: bool, boolean: bool) -> str:
    return "must be true or false" if boolean else "must be a string or a number" if number else "must be a string"


def check_container(node: Node, faults: list[Fault]) -> None:
    if node.attributes:
        names = ", ".join(sorted(node.attributes))[:100]
        faults.append(Fault(node.path, f"{node.name} takes no attributes; it has {names}.", node.line))
    if node.is_of_wrong_type or node.text.strip(XML_BLANKS):
        faults.append(Fault(node.path, f"{node.name} {_what_holds(node)}.", node.line))


def items_of(container: Node, name: str, faults: list[Fault]) -> Iterator[Node]:
    """The elements of this name that a list holds; one that is null is as if it were left out. Others are faults."""
    check_container(container, faults)
    for child in container.children:
        if child.name != name:
            faults.append(Fault(child.path, unknown(child, container.name, (name,)), child.line))
        elif not child.is_null:
            yield child


def _what_holds(node: Node) -> str:
    if not node.sent.is_json:
        return "holds elements, and no text of its own"
    item = LISTS.get(node.name)
    return f'must be an object: {{"{item}": [...]}}' if item else "must be an object"


def unknown(node: Node, parent: str, known: tuple[str, ...], *, with_hint: bool = True) -> str:
    """The sentence about a child that `parent` does not have."""
    name, what = node.name, "a member" if node.sent.is_json else "an element"
    if name.startswith("{") and not node.sent.is_json:
        return f"{name.split('}')[-1][:50]} stands in a namespace, and nothing does here: leave xmlns out."
    if not with_hint:
        return f"{name[:50]} is not {what} of {parent}."
    by_lower_case = {one.lower(): one for one in known}
    close = difflib.get_close_matches(name[:50].lower(), by_lower_case, n=1)
    hint = f"did you mean {by_lower_case[close[0]]}?" if close else f"it knows {', '.join(sorted(known))}."
    return f"{name[:50]} is not {what} of {parent}; {hint}"


def check_root(node: Node, name: str) -> None:
    if node.name != name:
        sentence = f"The document must be a {name}{', in no namespace' if node.name.startswith('{') else ''}."
        raise BodyFaults([Fault(node.path, sentence, node.line)])
