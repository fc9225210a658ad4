"""Documents to records and back, by the tables in records.py."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar, NamedTuple, Self

from whipround.errors import UnexpectedAnswer

Amount = Decimal | str | int
"""How an amount is given: `Decimal("20.00")`, `"20.00"` or `20`. Never a float: 0.1 is not ten cents."""


class Element(NamedTuple):
    """An element of a record: its attribute here, its name on the wire, its kind (clients/shapes.py lists them)."""

    attribute: str
    name: str
    kind: str
    required: bool
    writable: bool


@dataclass(frozen=True, kw_only=True)
class Record:
    """Something that the service keeps, as it was when it was read."""

    ELEMENTS: ClassVar[tuple[Element, ...]] = ()

    etag: str = field(default="", compare=False)
    """What If-None-Match and If-Match take; empty where the record came within another."""
    document: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """The record as it came, with whatever this package does not know yet."""

    @classmethod
    def read(cls, document: object, etag: str = "") -> Self:
        """The record in a JSON document. Raises UnexpectedAnswer where it is not one."""
        if not isinstance(document, dict):
            raise UnexpectedAnswer(f"the answer holds no {cls.__name__}")
        values: dict[str, Any] = {"etag": etag, "document": document}
        for element in cls.ELEMENTS:
            given = document.get(element.name)
            if given is not None:
                values[element.attribute] = _read(given, element, cls.__name__)
            elif element.required and element.kind in {"text", "decimal", "integer", "moment"}:
                raise UnexpectedAnswer(f"the answer holds a {cls.__name__} without {element.name}")
        return cls(**values)

    def written(self) -> dict[str, Any]:
        """What a client may write of it, as a JSON document; what is empty is left out."""
        values = {one.attribute: getattr(self, one.attribute) for one in self.ELEMENTS if one.writable}
        return written(type(self), {name: value for name, value in values.items() if value not in (None, False, (), {}, "")})


def written(record: type[Record], values: Mapping[str, Any]) -> dict[str, Any]:
    """A JSON document of these attributes; None takes an element away (in a PATCH). Raises TypeError, ValueError."""
    elements = {one.attribute: one for one in record.ELEMENTS if one.writable}
    unknown = sorted(set(values) - set(elements))
    if unknown:
        raise TypeError(f"a {record.__name__} has no {', '.join(unknown)} that can be written")
    return {elements[name].name: _write(value, elements[name]) for name, value in values.items()}


def decimal_text(amount: Amount) -> str:
    """An amount as it stands on the wire. Raises TypeError for a float, ValueError for what is not finite.

    A text goes out as it is, so that the service says what is wrong with it.
    """
    if isinstance(amount, bool | float) or not isinstance(amount, Decimal | str | int):
        raise TypeError(f"an amount is a Decimal, a text or a whole number, not a {type(amount).__name__}")
    if isinstance(amount, Decimal):
        if not amount.is_finite():
            raise ValueError(f"{amount} is no amount")
        return format(amount, "f")
    return str(amount)


def parse(body: bytes) -> Any:
    """A JSON document; numbers with a point become Decimal. Raises UnexpectedAnswer."""
    try:
        return json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise UnexpectedAnswer("the answer is not the JSON that was asked for") from error


def _read(given: Any, element: Element, owner: str) -> Any:
    kind, _, inner = element.kind.partition(":")
    try:
        return _READERS[kind](given, inner)
    except (ValueError, TypeError, KeyError, AttributeError, InvalidOperation) as error:
        raise UnexpectedAnswer(f"{element.name} of the {owner} in the answer cannot be read") from error


def _records(given: Any, inner: str) -> tuple[Record, ...]:
    from whipround.records import RECORDS  # the records are made of what is defined here

    many = given if isinstance(given, list) else [given]
    return tuple(RECORDS[inner].read(one) for one in many)


def _within(given: Any, inner: str) -> list[Any]:
    """What stands in a wrapper, `{"Item": [...]}`, or in a bare array."""
    found = given.get(inner, []) if isinstance(given, dict) else given
    return found if isinstance(found, list) else [found]


def _moment(given: str, _: str) -> datetime:
    moment = datetime.fromisoformat(given)
    if moment.tzinfo is None:
        raise ValueError("a moment without an offset")
    return moment


def _text(given: Any, _: str) -> str:
    if not isinstance(given, str | int | Decimal):
        raise TypeError("no text")
    return str(given)


def _decimal(given: Any, _: str) -> Decimal:
    amount = Decimal(given)
    if not amount.is_finite():
        raise ValueError("no amount")
    return amount


def _record(given: Any, inner: str) -> Record:
    return _records([given], inner)[0]


_READERS: dict[str, Any] = {
    "text": _text,
    "decimal": _decimal,
    "integer": lambda given, _: int(given),
    "moment": _moment,
    "flag": lambda given, _: {True: True, False: False, "true": True, "false": False}[given],
    "list": lambda given, inner: _records(_within(given, inner), inner),
    "inline": _records,
    "record": _record,
    "texts": lambda given, inner: tuple(str(one) for one in _within(given, inner)),
    "decimals": lambda given, inner: tuple(Decimal(one) for one in _within(given, inner)),
    "pairs": lambda given, _: {one["Name"]: one["Value"] for one in _within(given, "Item")},
}


def _write(value: Any, element: Element) -> Any:
    kind, _, inner = element.kind.partition(":")
    if value is None:
        return None
    if kind == "decimal":
        return decimal_text(value)
    if kind == "decimals":
        return {inner: [decimal_text(one) for one in value]}
    if kind == "texts":
        return {inner: list(value)}
    if kind == "list":
        return {inner: [one.written() for one in value]}
    if kind == "pairs":
        return {"Item": [{"Name": name, "Value": text} for name, text in value.items()]}
    return value
