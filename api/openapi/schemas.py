"""JSON Schema of the records: what stands in an answer, and what a body may hold. The structure is that of the XSD."""

from typing import Any

from api.openapi.tables import TABLES, Table
from api.openapi.words import about_element
from xml_schemas.definitions import Part, Record, TextType, records

Schema = dict[str, Any]

NEW, REPLACEMENT, CHANGE, INPUT = "New{}", "{}Replacement", "{}Change", "{}Input"
"""How the schema of a body is called: of a POST, a PUT, a PATCH, and of what stands in one of them."""

_COMPONENT_NAMES = {"Item": "MetadataItem"}
"""An element whose name alone would say too little in a generated program."""

_OWN_TYPES: dict[str, Schema] = {
    "xs:string": {"type": "string"},
    "xs:token": {"type": "string"},
    "xs:anyURI": {"type": "string", "format": "uri"},
    "xs:boolean": {"type": "boolean"},
    "xs:positiveInteger": {"type": "integer", "minimum": 1},
    "xs:nonNegativeInteger": {"type": "integer", "minimum": 0},
    "xs:decimal": {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$"},
    "xs:date": {"type": "string", "format": "date"},
    "xs:dateTime": {"type": "string", "format": "date-time"},
}


class Schemas:
    """Makes the components as they are asked for; `made` holds them by name."""

    def __init__(self) -> None:
        self.made: dict[str, Schema] = {}

    def answer(self, name: str) -> Schema:
        """A reference to what an answer holds under this root element."""
        return self._of_record(records()[name])

    def body(self, name: str, kind: str) -> Schema:
        """A reference to what a body of this record may hold; `kind` is NEW, REPLACEMENT or CHANGE."""
        record, table = records()[name], TABLES[name]
        properties = {part.name: self._given(part, record, table, kind) for part in record.parts}
        schema = _object(name, properties, () if kind == CHANGE else table.required)
        schema["additionalProperties"] = False
        return self._kept(kind.format(name), schema)

    # --- In an answer ---------------------------------------------------------------------------------------------

    def _of_record(self, record: Record) -> Schema:
        name = _COMPONENT_NAMES.get(record.name, record.name)
        if name not in self.made:
            self.made[name] = {}  # so that it is not made again within itself
            written = TABLES[record.name].written if record.name in TABLES else None
            shown = [part for part in record.parts if written is None or part.name in written]
            properties = {part.name: self._of_part(part, record) for part in shown}
            for attribute, kind in record.attributes:
                about = about_element(record.name, attribute)
                properties[attribute] = self._of_text(kind) | {"description": about, "xml": {"attribute": True}}
            # JSON tells an empty list as an empty array, where XML has no element at all.
            self.made[name] = _object(record.name, properties, [part.name for part in shown if part.least or part.is_list])
        return _ref(name)

    def _of_part(self, part: Part, record: Record) -> Schema:
        holds = self._of_record(part.holds) if isinstance(part.holds, Record) else self._of_text(part.holds)
        return _described(holds, part, record)

    def _of_text(self, kind: TextType) -> Schema:
        if not kind.name:
            return dict(_OWN_TYPES[kind.base])
        if kind.name not in self.made:
            self.made[kind.name] = self._text_schema(kind)
        return _ref(kind.name)

    def _text_schema(self, kind: TextType) -> Schema:
        if kind.members:
            return {"anyOf": [self._of_text(one) for one in kind.members]}
        schema = dict(_OWN_TYPES[kind.base])
        if schema["type"] != "string":
            return schema  # in XML its spelling is narrowed as well
        facets = {"enum": list(kind.choices) or None, "minLength": kind.shortest, "maxLength": kind.longest}
        schema |= {name: value for name, value in facets.items() if value is not None}
        if kind.patterns:
            schema["pattern"] = f"^(?:{'|'.join(kind.patterns)})$" if len(kind.patterns) > 1 else f"^{kind.patterns[0]}$"
        return schema

    # --- In a body ------------------------------------------------------------------------------------------------

    def _given(self, part: Part, record: Record, table: Table, kind: str) -> Schema:
        if part.name not in table.writable:
            return self._of_part(part, record) | {"readOnly": True}
        holds = self._given_record(part.holds) if isinstance(part.holds, Record) else self._of_text(part.holds)
        if kind == CHANGE and not part.least and not part.is_list:
            holds = {"anyOf": [holds, {"type": "null"}]}
        schema = _described(holds, part, record)
        return schema if part.name in table.written else schema | {"writeOnly": True}

    def _given_record(self, record: Record) -> Schema:
        """What stands within a body: as in an answer, unless it can hold more or less than that."""
        table = TABLES.get(record.name)
        properties = {
            part.name: self._given(part, record, table, INPUT)
            if table
            else _described(
                self._given_record(part.holds) if isinstance(part.holds, Record) else self._of_text(part.holds), part, record
            )
            for part in record.parts
        }
        required = table.required if table else [part.name for part in record.parts if part.least or part.is_list]
        schema = _object(record.name, properties, required)
        answered = self._of_record(record)
        if schema == self.made[_COMPONENT_NAMES.get(record.name, record.name)]:
            return answered
        return self._kept(INPUT.format(record.name), schema | {"additionalProperties": False})

    def _kept(self, name: str, schema: Schema) -> Schema:
        self.made[name] = schema
        return _ref(name)


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(name: str, properties: dict[str, Schema], required: Any) -> Schema:
    schema: Schema = {"type": "object", "properties": properties, "xml": {"name": name}}
    if required:
        schema["required"] = list(required)
    return schema


def _described(holds: Schema, part: Part, record: Record) -> Schema:
    """One element, or the array of them, with its sentence."""
    if part.is_list:
        holds = {"type": "array", "items": holds}
        holds |= {"minItems": part.least} if part.least else {}
        holds |= {"maxItems": part.most} if part.most is not None else {}
    return holds | {"description": about_element(record.name, part.name)}
