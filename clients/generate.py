"""`python clients/generate.py`: write what the client packages know of the records; `--check`: say whether that is done.

Made from clients/shapes.py, so that an element that is new comes to all three languages in one line.
"""

import re
import sys
from pathlib import Path

from elements import Element, Record
from shapes import NAMES, RECORDS

HERE = Path(__file__).resolve().parent
NOTE = "Written by `python clients/generate.py` from clients/shapes.py: change it there."


def snake(name: str) -> str:
    """An element's name as Python spells it."""
    return NAMES.get(name) or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def camel(name: str) -> str:
    """An element's name as JavaScript and PHP spell it."""
    first, *rest = snake(name).split("_")
    return first + "".join(word.capitalize() for word in rest)


# --- Python -----------------------------------------------------------------------------------------------------------

PYTHON_TYPES = {"text": "str", "decimal": "Decimal", "integer": "int", "moment": "datetime", "flag": "bool"}
PYTHON_LISTS = {"texts": "tuple[str, ...]", "decimals": "tuple[Decimal, ...]", "pairs": "Mapping[str, str]"}


def _python_field(element: Element) -> str:
    name = snake(element.name)
    if element.kind in PYTHON_LISTS:
        default = "field(default_factory=dict)" if element.kind == "pairs" else "()"
        return f"    {name}: {PYTHON_LISTS[element.kind]} = {default}"
    if element.kind in {"list", "inline"}:
        return f'    {name}: tuple["{element.inner}", ...] = ()'
    kind = PYTHON_TYPES.get(element.kind) or f'"{element.inner}"'
    if element.optional:
        # Quoted as a whole: a name in quotes and None cannot be joined by a bar.
        return (
            f"    {name}: {kind} | None = None" if element.kind != "record" else f'    {name}: "{element.inner} | None" = None'
        )
    return f"    {name}: {kind}" + (" = False" if element.kind == "flag" else "")


def _python(record: Record) -> str:
    lines = ["@dataclass(frozen=True, kw_only=True)", f"class {record.name}(Record):", f'    """{record.sentence}"""', ""]
    lines += [_python_field(element) for element in record.elements]
    lines += ["", "    ELEMENTS: ClassVar[tuple[Element, ...]] = ("]
    for one in record.elements:
        kind = f"{one.kind}:{one.inner}" if one.inner else one.kind
        lines.append(f'        Element("{snake(one.name)}", "{one.name}", "{kind}", {not one.optional}, {one.writable}),')
    return "\n".join([*lines, "    )"])


def python_module() -> str:
    head = f'''"""The records of the API. {NOTE}"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from whipround.reading import Element, Record
'''
    everything = "".join(f'    "{record.name}": {record.name},\n' for record in RECORDS)
    foot = f'RECORDS: dict[str, type[Record]] = {{\n{everything}}}\n"""Each by its name on the wire."""\n'
    return "\n\n".join([head, *(_python(record) + "\n" for record in RECORDS), foot])


# --- JavaScript -------------------------------------------------------------------------------------------------------

SCRIPT_TYPES = {"text": "string", "decimal": "string", "integer": "number", "moment": "string", "flag": "boolean"}
SCRIPT_LISTS = {"texts": "string[]", "decimals": "string[]", "pairs": "Record<string, string>"}


def _script_type(element: Element) -> str:
    if element.kind in {"list", "inline"}:
        return f"{element.inner}[]"
    return SCRIPT_LISTS.get(element.kind) or SCRIPT_TYPES.get(element.kind) or element.inner


def _script(record: Record) -> str:
    lines = ["/**", f" * {record.sentence}", f" * @typedef {{object}} {record.name}"]
    for one in record.elements:
        mark = "?" if one.optional else ""
        lines.append(f" * @property {{{_script_type(one)}}} {f'[{camel(one.name)}]' if mark else camel(one.name)}")
    lines += [
        " * @property {string} etag what If-None-Match and If-Match take; empty where the record came within another",
        " */",
    ]
    return "\n".join(lines)


def script_module() -> str:
    tables = []
    for record in RECORDS:
        rows = []
        for one in record.elements:
            rest = f'{one.inner or ""}", {str(not one.optional).lower()}, {str(one.writable).lower()}'
            rows.append(f'    ["{camel(one.name)}", "{one.name}", "{one.kind}", "{rest}],')
        tables.append("\n".join([f"  {record.name}: [", *rows, "  ],"]))
    table = "\n".join(
        [
            "/**",
            " * Name, element, kind, inner kind, whether it is always there, whether a client may write it.",
            " * @typedef {[string, string, string, string, boolean, boolean]} Row",
            " */",
            "",
            "/** @type {Record<string, Row[]>} Each record by its name on the wire. */",
            "export const RECORDS = {",
            *tables,
            "};",
        ]
    )
    return "\n\n".join([f"// The records of the API. {NOTE}", *(_script(record) for record in RECORDS), table]) + "\n"


# --- PHP --------------------------------------------------------------------------------------------------------------

PHP_TYPES = {"text": "string", "decimal": "string", "integer": "int", "moment": r"\DateTimeImmutable", "flag": "bool"}
PHP_LISTS = {
    "list": "list<{}>", "inline": "list<{}>", "texts": "list<string>", "decimals": "list<string>",
    "pairs": "array<string, string>",
}  # fmt: skip


def _php_property(element: Element) -> list[str]:
    name = camel(element.name)
    if element.kind in PHP_LISTS:
        return [
            f"        /** @var {PHP_LISTS[element.kind].format(element.inner)} */",
            f"        public readonly array ${name} = [],",
        ]
    kind = PHP_TYPES.get(element.kind) or element.inner
    if element.optional:
        return [f"        public readonly ?{kind} ${name} = null,"]
    return [f"        public readonly {kind} ${name}" + (" = false," if element.kind == "flag" else ",")]


def php_class(record: Record) -> str:
    """One record as a class; what may be absent stands behind what may not, as PHP wants it."""
    required = [one for one in record.elements if not one.optional and one.kind in PHP_TYPES and one.kind != "flag"]
    ordered = [*required, *(one for one in record.elements if one not in required)]
    lines = ["<?php", f"// {NOTE}", "", "declare(strict_types=1);", "", r"namespace Whipround;", ""]
    lines += [
        "/**",
        f" * {record.sentence}",
        " */",
        f"final class {record.name} extends Record",
        "{",
        "    public const ELEMENTS = [",
    ]
    for one in record.elements:
        flags = f"{str(not one.optional).lower()}, {str(one.writable).lower()}"
        lines.append(f"        ['{camel(one.name)}', '{one.name}', '{one.kind}', '{one.inner}', {flags}],")
    lines += ["    ];", "", "    public function __construct("]
    for one in ordered:
        lines += _php_property(one)
    lines += ["        /** What If-None-Match and If-Match take; empty where the record came within another. */"]
    lines += ["        public readonly string $etag = '',", "    ) {", "    }", "}"]
    return "\n".join(lines) + "\n"


def files() -> dict[Path, str]:
    """Every file that is written, and what stands in it."""
    made = {
        HERE / "python" / "whipround" / "records.py": python_module(),
        HERE / "javascript" / "src" / "records.js": script_module(),
    }
    return made | {HERE / "php" / "src" / f"{record.name}.php": php_class(record) for record in RECORDS}


def main(arguments: list[str]) -> int:
    stale = [path for path, text in files().items() if not path.exists() or path.read_text() != text]
    if "--check" in arguments:
        sys.stdout.write("".join(f"{path.relative_to(HERE)} is not as clients/shapes.py says\n" for path in stale))
        return 1 if stale else 0
    for path in stale:
        path.write_text(files()[path])
        sys.stdout.write(f"{path.relative_to(HERE)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
