"""The reference of the site, made of the OpenAPI description: a page for each record, one of types, one of arguments.

The description is made of the code's own tables (api/openapi), so the pages say what the service does today. Nothing here is
written by hand but what ABOUT says of each record.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from docs.reference_words import ABOUT, cell, codes, in_words, is_record, name_of, named, type_page, without_null

Schema = dict[str, Any]
_NOWHERE: Schema = {"properties": {}}
"""What an answer holds of a record that is only sent."""


@dataclass(frozen=True)
class Call:
    """One verb of one path. `told` is what the description says of it."""

    verb: str
    path: str
    told: Schema

    @property
    def anchor(self) -> str:
        return str(self.told["operationId"])

    @property
    def answers(self) -> Iterator[tuple[str, list[str]]]:
        """The statuses of good answers, each with the schemas that it can hold."""
        for status, answer in self.told["responses"].items():
            if int(status) < 400:
                kinds = answer.get("content", {}).get("application/json", {}).get("schema", {})
                yield status, [name_of(one) for one in kinds.get("anyOf", [kinds]) if "$ref" in one]

    @property
    def refusals(self) -> set[str]:
        return {code for answer in self.told["responses"].values() for code in answer.get("x-codes", ())}


class Reference:
    """Makes the pages of one OpenAPI document."""

    def __init__(self, description: Schema) -> None:
        self.schemas: Schema = description["components"]["schemas"]
        self.tags: list[Schema] = description["tags"]
        self.webhooks: Schema = description["webhooks"]
        self.calls = [
            Call(verb.upper(), path, told)
            for path, item in description["paths"].items()
            for verb, told in item.items()
            if verb != "parameters"
        ]
        self.in_paths = [one for item in description["paths"].values() for one in item.get("parameters", ())]

    def pages(self) -> dict[str, str]:
        """Markdown by the name of the page."""
        made = {"index": self._index()}
        made |= {record: self._record_page(record) for record in self.records}
        return made | {"arguments": self._arguments(), "types": type_page(self.schemas)}

    # --- What is where --------------------------------------------------------------------------------------------

    @cached_property
    def homes(self) -> dict[str, str]:
        """By the name of what answers hold: the record that it is, or lists."""
        roots = [name for call in self.calls for _, names in call.answers for name in names]
        return {name: self._listed(name) or name for name in [*dict.fromkeys(roots), "Problem"]}

    @property
    def records(self) -> list[str]:
        """Those with a page, in the order of the paths."""
        return list(dict.fromkeys(self.homes.values()))

    def _listed(self, name: str) -> str:
        """The record that this one only lists; empty for one that is more than a list."""
        elements = {key: one for key, one in self.schemas[name]["properties"].items() if key != "Next"}
        ((_, only), *more) = elements.items()
        return name_of(only["items"]) if not more and "$ref" in only.get("items", ()) else ""

    def page_of(self, call: Call) -> str:
        """The record that the path names last; the index for paths that name none."""
        by_part = {name.lower(): home for name, home in self.homes.items()}
        named_last = [by_part[part.lower()] for part in call.path.split("/") if part.lower() in by_part]
        return named_last[-1] if named_last else "index"

    def _link(self, call: Call) -> str:
        return f"[`{call.verb} {call.path}`]({self.page_of(call)}.md#{call.anchor})"

    def told_by(self, code: str) -> list[str]:
        """Links, from a page beside the reference's, to all that can be refused with this code."""
        found = [call for call in self.calls if code in call.refusals]
        return [self._link(call).replace("](", "](../reference/") for call in found]

    def of_guide(self, page: str) -> list[str]:
        """Links from a page of the guide to the records that it tells of."""
        told = {record: {where.partition("#")[0] for where in guide} for record, (_, guide) in ABOUT.items()}
        return [f"[{record}](reference/{record}.md)" for record in self.records if page in told[record]]

    # --- Pages ----------------------------------------------------------------------------------------------------

    def _index(self) -> str:
        lines = [
            "# All requests",
            "",
            "Every path, element, code and type below is made from the tables by which the service reads and writes. "
            "For programs the same stands in [the OpenAPI description](../openapi.md); what to do with it tells the "
            "[guide](../index.md).",
        ]
        for tag in self.tags:
            calls = [call for call in self.calls if tag["name"] in call.told["tags"]]
            rows = [f"| {self._link(call)} | {cell(call.told['summary'])} |" for call in calls]
            lines += ["", f"## {tag['name']}", "", tag["description"], "", "| Request | What it does |", "| --- | --- |", *rows]
        lines += ["", "## What any request can be refused with", "", "Beside what stands with each request.", ""]
        lines += ["| Verb | Codes |", "| --- | --- |"]
        lines += [f"| {verb} | {codes(self._of_any(verb))} |" for verb in ("GET", "POST", "PUT", "PATCH", "DELETE")]
        for call in self.calls:
            if self.page_of(call) == "index":
                lines += self._call(call)
        return "\n".join([*lines, ""])

    def _record_page(self, record: str) -> str:
        about, guide = ABOUT[record]
        pages = [f"[{title}](../{page})" for page, title in guide.items()]
        lines = [f"# {record}", "", f"{about} In the guide: {', '.join(pages)}."]
        calls = [call for call in self.calls if self.page_of(call) == record]
        rows = [f"| [`{call.verb} {call.path}`](#{call.anchor}) | {cell(call.told['summary'])} |" for call in calls]
        lines += ["", "| Request | What it does |", "| --- | --- |", *rows] if rows else []
        lines += ["", "## Elements", *self._elements(record)]
        for nested in self._nested(record):
            lines += ["", f"### {nested}", *self._elements(nested)]
        for call in calls:
            lines += self._call(call)
        lines += self._webhook() if record == "Event" else []
        return "\n".join([*lines, ""])

    def _webhook(self) -> list[str]:
        told = self.webhooks["event"]["post"]
        headers = ", ".join(f"`{one['name']}`" for one in told["parameters"])
        answers = [f"- **{status}**. {answer['description']}" for status, answer in told["responses"].items()]
        return ["", "## As a webhook", "", told["summary"], "", f"- **Headers**: {headers}", *answers]

    def _nested(self, record: str) -> list[str]:
        """What stands on the page of a record beside it: what it holds that has no page, and its lists."""
        found = [name for name, home in self.homes.items() if home == record and name != record]
        found += self._only_sent(record)
        waiting = [record]
        while waiting:
            for one in self._properties(waiting.pop()).values():
                for name in named(one, self.schemas):
                    if name not in self.homes and name not in found:
                        found.append(name)
                        waiting.append(name)
        return found

    def _only_sent(self, record: str) -> list[str]:
        """What bodies of its requests hold that stands in no answer."""
        calls = [call for call in self.calls if self.page_of(call) == record and "requestBody" in call.told]
        sent = [name_of(call.told["requestBody"]["content"]["application/json"]["schema"]) for call in calls]
        names = [name.removeprefix("New") for name in dict.fromkeys(sent)]
        return [name for name in names if f"New{name}" in self.schemas and name not in self.schemas]

    # --- Elements -------------------------------------------------------------------------------------------------

    def _body(self, record: str) -> Schema | None:
        """What a body of this record may hold, or what it may hold within another's."""
        kinds = (f"New{record}", f"{record}Replacement", f"{record}Input")
        found = next((self.schemas[name] for name in kinds if name in self.schemas), None)
        return found or (self.schemas[record] if record in self._sent else None)

    @cached_property
    def _sent(self) -> set[str]:
        """Records that stand in bodies exactly as they stand in answers."""
        bodies = [name_of(call.told["requestBody"]["content"]["application/json"]["schema"])
                  for call in self.calls if "requestBody" in call.told]  # fmt: skip
        found: set[str] = set()
        while bodies:
            for one in self.schemas[bodies.pop()]["properties"].values():
                new = [name for name in _refs(one) if is_record(self.schemas[name]) and name not in found]
                if not one.get("readOnly"):
                    found |= {*new}
                    bodies += new
        return found

    def _properties(self, record: str) -> dict[str, Schema]:
        """Those of bodies and of answers."""
        answered = self.schemas.get(record, _NOWHERE)["properties"]
        return {**(self._body(record) or {}).get("properties", {}), **answered} if self._body(record) else answered

    def _elements(self, record: str) -> list[str]:
        body, answer = self._body(record), self.schemas.get(record, _NOWHERE)
        heads = ["Element", "Meaning", *(["In a request"] if body else []), "In an answer"]
        lines = ["", f"| {' | '.join(heads)} |", f"| {' | '.join('---' for _ in heads)} |"]
        for name, one in self._properties(record).items():
            cells = [f"`{name}`<br>{in_words(without_null(one), self._where)}", cell(one.get("description", ""))]
            cells += [_sent_as(name, body)] if body else []
            cells.append(_answered_as(name, answer))
            lines.append(f"| {' | '.join(cells)} |")
        return lines

    def _where(self, name: str) -> str:
        """A link to what a schema is called after."""
        if not is_record(self.schemas[name]):
            return f"[{name}](types.md#{name.lower()})"
        if name in self.homes:
            home = self.homes[name]
            return f"[{name}]({home}.md)" if home == name else f"[{name}]({home}.md#{name.lower()})"
        return f"[{name}](#{name.lower()})"

    # --- Calls ----------------------------------------------------------------------------------------------------

    def _of_any(self, verb: str) -> set[str]:
        """Codes that every request of this verb with a key can be refused with."""
        each = [call.refusals for call in self.calls if call.verb == verb and "security" not in call.told]
        return set.intersection(*each)

    def _call(self, call: Call) -> list[str]:
        lines = ["", f"## {call.verb} {call.path} {{ #{call.anchor} }}", "", call.told["summary"], ""]
        takes = call.told.get("parameters", ())
        for place, title, there in (("query", "Arguments", "query-arguments"), ("header", "Headers", "headers-of-requests")):
            shown = [f"[`{one['name']}`](arguments.md#{there})" for one in takes if one["in"] == place]
            lines += [f"- **{title}**: {', '.join(shown)}"] if shown else []
        if "requestBody" in call.told:
            schema = name_of(call.told["requestBody"]["content"]["application/json"]["schema"])
            change = ", of which nothing is required" if call.verb == "PATCH" else ""
            lines.append(f"- **Body**: {self._sent_record(schema)}{change}")
        for status, names in call.answers:
            about = call.told["responses"][status]["description"]
            holds = f": {' or '.join(self._where(name) for name in names)}" if names else ""
            lines.append(f"- **{status}**{holds}. {about}")
        special = call.refusals - (self._of_any(call.verb) if "security" not in call.told else set())
        rest = f"what [any {call.verb}](index.md#what-any-request-can-be-refused-with) can be refused with"
        lines.append(f"- **Refused** with {codes(special)}{', and ' if special else ''}{rest}" if "security" not in call.told
                     else f"- **Refused** with {codes(special)}; no key is needed")  # fmt: skip
        return lines

    def _sent_record(self, schema: str) -> str:
        """A link to the record that a body is; one that no answer holds is told here, element by element."""
        record, told = self.schemas[schema]["xml"]["name"], self.schemas[schema]["properties"]
        if record in self.schemas:
            return self._where(record)
        elements = [f"`{name}` ({cell(one['description']).rstrip('.')})" for name, one in told.items()]
        return f"{record}, of {', '.join(elements)}"

    def _arguments(self) -> str:
        lines = ["# Arguments and headers", ""]
        every = [*self.in_paths, *(one for call in self.calls for one in call.told.get("parameters", ()))]
        for place, title in (("query", "Query arguments"), ("header", "Headers of requests"), ("path", "Parts of paths")):
            rows = [
                f"| `{one['name']}` | {in_words(one['schema'], self._where)} | {cell(one['description'])} |"
                for one in every
                if one["in"] == place
            ]
            lines += [f"## {title}", "", "| Name | Type | Meaning |", "| --- | --- | --- |", *sorted(set(rows)), ""]
        answered = {
            f"| `{name}` | {cell(one['description'])} |"
            for call in self.calls
            for answer in call.told["responses"].values()
            for name, one in answer.get("headers", {}).items()
        }
        return "\n".join([*lines, "## Headers of answers", "", "| Name | Meaning |", "| --- | --- |", *sorted(answered), ""])


def _refs(schema: Schema) -> list[str]:
    """The names that a property leads to."""
    inner = [schema, schema.get("items", {}), *schema.get("anyOf", ())]
    return [name_of(one) for one in inner if "$ref" in one]


def _sent_as(name: str, body: Schema) -> str:
    one = body["properties"].get(name)
    if one is None or one.get("readOnly"):
        return "ignored" if one else "no"
    return "**required**" if name in body.get("required", ()) else "optional"


def _answered_as(name: str, answer: Schema) -> str:
    if name not in answer["properties"]:
        return "never"
    return "always" if name in answer.get("required", ()) else "if any"
