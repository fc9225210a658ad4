"""JSON Schema in words, as the reference's tables show it."""

from collections.abc import Callable, Iterable
from typing import Any

from pledges.event_types import EVENT_TYPES

Schema = dict[str, Any]

ABOUT: dict[str, tuple[str, dict[str, str]]] = {
    "SavingGoal": (
        "What somebody saves for.",
        {"index.md": "first steps", "goals.md": "goals", "changing.md": "changing and deleting"},
    ),
    "Contribution": (
        "One gift to one goal.",
        {
            "gifts.md": "what you can say of a gift",
            "statuses.md": "statuses",
            "held_money.md": "held money",
            "lists.md": "lists across goals",
        },
    ),
    "Refund": ("What was given back of a contribution.", {"refunds.md": "refunds"}),
    "Change": ("One version that a contribution has had.", {"lists.md#what-became-of-a-gift": "what became of a gift"}),
    "Matcher": ("Somebody who adds to each gift of a goal.", {"offline.md#matching": "matching"}),
    "PaymentAccount": ("A payee, kept once for many goals.", {"payment_accounts.md": "payment accounts"}),
    "Giver": ("Somebody who gives, whom you know again.", {"givers.md": "givers"}),
    "GiverPin": ("A PIN to be set, checked or replaced; it is never shown.", {"givers.md#a-pin": "a PIN"}),
    "Permission": (
        "What a giver has agreed to, once and for all.",
        {"permissions.md": "standing permissions", "permissions.md#a-gift-under-a-permission": "gifts without a redirect"},
    ),
    "GiftCertificate": ("Bought like a gift, claimed by a code, and spent.", {"certificates.md": "gift certificates"}),
    "Pledge": ("An amount every week or month.", {"pledges.md": "pledges"}),
    "Event": ("Something that has happened.", {"feed.md": "the feed", "events.md": "events"}),
    "Deliveries": ("What became of an event on its way to your endpoints.", {"webhooks.md": "webhooks"}),
    "WebhookEndpoint": (
        "Where events are sent.",
        {"webhooks.md": "webhooks", "events.md#several-endpoints": "several endpoints"},
    ),
    "RedirectSecret": ("With what redirects to your site are signed.", {"signed_redirects.md": "signed redirects"}),
    "Rehearsal": ("Bad days, played against what you have built.", {"going_live.md#the-rehearsal": "the rehearsal"}),
    "Validation": ("What a request with `ValidateOnly` is answered with.", {"requests.md": "requests"}),
    "Problem": ("How every refusal is told.", {"errors.md": "errors, with a page for each code"}),
}
"""What each page says of its record, and where the guide tells more."""

_FORMATS = {"uri": "address", "date": "day", "date-time": "moment"}
_PLAIN = {"string": "text", "boolean": "true or false", "integer": "whole number", "object": "any"}


def name_of(schema: Schema) -> str:
    """What a reference leads to."""
    return str(schema["$ref"]).rpartition("/")[2]


def is_record(schema: Schema) -> bool:
    return schema.get("type") == "object"


def without_null(schema: Schema) -> Schema:
    """A property of a PATCH, which null empties, as it is elsewhere."""
    kinds = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    return kinds[0] if len(kinds) == 1 else schema


def named(schema: Schema, schemas: Schema) -> Iterable[str]:
    """The records that a property holds, as they are called in answers."""
    for one in (without_null(schema), schema.get("items", {})):
        if "$ref" in one and is_record(schemas[name_of(one)]):
            yield _called(name_of(one), schemas)


def _called(name: str, schemas: Schema) -> str:
    within = name.removesuffix("Input")
    return within if within in schemas else name


def cell(text: str) -> str:
    """A text in a table's cell."""
    return text.replace("|", "\\|").replace("\n", " ")


def codes(found: Iterable[str]) -> str:
    """Links to the pages of these codes."""
    return ", ".join(f"[`{code}`](../errors/{code}.md)" for code in sorted(found))


def in_words(schema: Schema, where: Callable[[str], str]) -> str:
    """The type of a property; `where` links to a schema by its name."""
    if "$ref" in schema:
        return where(name_of(schema).removesuffix("Input"))
    if schema.get("type") == "array":
        most = f", at most {schema['maxItems']}" if "maxItems" in schema else ""
        holds = schema["items"]
        return f"list, {_plain(holds)}" if "properties" in holds else f"list of {in_words(holds, where)}{most}"
    return cell(_plain(schema))


def _plain(schema: Schema) -> str:
    if "anyOf" in schema:
        return " or ".join(_plain(one) for one in schema["anyOf"])
    if "properties" in schema:
        return "each with " + ", ".join(f"`{one}`" for one in schema["properties"])
    if "enum" in schema:
        return "one of " + ", ".join(f"`{one}`" for one in schema["enum"])
    said = [_FORMATS.get(schema.get("format", ""), _PLAIN[schema["type"]])]
    said += [_between(schema, "minLength", "maxLength", " characters")] if schema["type"] == "string" else []
    said += [_between(schema, "minimum", "maximum", "")] if schema["type"] == "integer" else []
    said += [f"as `{schema['pattern']}`"] if "pattern" in schema else []
    said += [f"{schema['default']} without it"] if "default" in schema else []
    return ", ".join(one for one in said if one)


def _between(schema: Schema, least: str, most: str, of: str) -> str:
    if least in schema and most in schema:
        return f"{schema[least]} to {schema[most]}{of}"
    if most in schema:
        return f"at most {schema[most]}{of}"
    if least in schema and of:
        return "not empty"
    return f"at least {schema[least]}" if least in schema else ""


def type_page(schemas: Schema) -> str:
    """All types of texts and numbers that have a name."""
    lines = [
        "# Types",
        "",
        "Amounts and moments are texts, in JSON as well. [The XSD](../xml.md#schemas) has the same.",
        "",
    ]
    for name, schema in schemas.items():
        if is_record(schema):
            continue
        either = [f"[{name_of(one)}](#{name_of(one).lower()})" for one in schema.get("anyOf", ()) if "$ref" in one]
        said = " or ".join(either) or _plain(schema)
        lines += [f"## {name}", "", f"{said[0].upper()}{said[1:]}.", ""]
        if name == "EventTypeWord":
            lines += ["Today there are these, and `test`, which you get when you ask for it; more may come:", ""]
            lines += [*(f"- `{one}`" for one in EVENT_TYPES), ""]
    return "\n".join(lines)
