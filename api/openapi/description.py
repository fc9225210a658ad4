"""The whole description, as a dictionary."""

from collections.abc import Iterable
from typing import Any

from api.openapi import refusals
from api.openapi.operations import CHECKED, OPERATIONS, TAGS, Operation
from api.openapi.parameters import answer_header, argument, format_argument, header, in_path
from api.openapi.routes import Route, routes
from api.openapi.schemas import CHANGE, NEW, REPLACEMENT, Schemas
from providers.scenario_header import NAME as SCENARIO
from web.negotiation import CSV, JSON, TEXT_XML, XML

Schema = dict[str, Any]

VERSION = "1.0.0"
"""Of the description: the second number rises with what is added, the first would with what is taken away."""

_KINDS = {"POST": NEW, "PUT": REPLACEMENT, "PATCH": CHANGE}

_ABOUT = """Partner sites let people chip in towards a saving goal.

Every record is the same in XML and in JSON: the same names, the same nesting. A list is an object that holds an array,
`{"Contribution": [...]}`, and in XML an element that holds the items. XML stands in no namespace. What a body says beside this
description (old names, other spellings of a date, a number for an amount) is read where it can be, and told in a `Notice`.
Read-only elements in a body are ignored. More elements, codes and types of events may come: ignore what you do not know."""


def describe(patterns: Iterable[Any], base_url: str) -> Schema:
    """The OpenAPI document for these URL patterns, served under this address."""
    schemas = Schemas()
    schemas.made["Problem"] = refusals.problem_schema()
    paths: Schema = {}
    for route in routes(patterns):
        item: Schema = {"parameters": [in_path(*one) for one in route.parameters.items()]} if route.parameters else {}
        for verb in route.verbs:
            item[verb.lower()] = _operation(route, verb, OPERATIONS[f"{verb} {route.path}"], schemas)
        paths[route.path] = item
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Whipround",
            "version": VERSION,
            "description": _ABOUT,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": base_url}],
        "tags": [{"name": name, "description": about} for name, about in TAGS.items()],
        "security": [{"key": []}, {"keyInQuery": []}],
        "paths": paths,
        "webhooks": {"event": {"post": _webhook(schemas)}},
        "components": {"schemas": dict(sorted(schemas.made.items())), "securitySchemes": _security()},
    }


def _operation(route: Route, verb: str, operation: Operation, schemas: Schemas) -> Schema:
    described: Schema = {"operationId": operation.name, "tags": [operation.tag], "summary": operation.about}
    if not route.needs_a_key:
        described["security"] = []
    parameters = [argument(name, operation.answer) for name in operation.arguments]
    if route.needs_a_key:
        parameters.append(format_argument(csv=CSV in operation.media))
    parameters += [header(name) for name in _headers(route, verb, operation)]
    if parameters:
        described["parameters"] = parameters
    if operation.body:
        schema = {"schema": schemas.body(operation.body, _KINDS[verb])}
        described["requestBody"] = {"required": not operation.body_may_be_left_out, "content": {JSON: schema, XML: schema}}
    good = _good_answers(route, verb, operation, schemas)
    described["responses"] = good | refusals.answers(refusals.codes_of(route, verb, operation))
    return described


def _headers(route: Route, verb: str, operation: Operation) -> list[str]:
    if verb == "GET":
        return ["If-None-Match", *(["Prefer"] if _repairs(operation) else [])]
    names = ["Idempotency-Key"] if verb == "POST" else ["If-Match"]
    names += ["Prefer"] if operation.body else []
    return names + ([SCENARIO] if operation.body == "Contribution" else [])


def _repairs(operation: Operation) -> bool:
    """Whether there is something in a request that may have to be repaired: a body, or a day or moment in the query."""
    return bool(operation.body) or "From" in operation.arguments


def _good_answers(route: Route, verb: str, operation: Operation, schemas: Schemas) -> Schema:
    made: Schema = {}
    for status in operation.statuses:
        made[str(status)] = _good_answer(status, verb, operation, schemas)
    if operation.arguments[:1] == CHECKED:
        valid = schemas.answer("Validation")
        if "200" not in made:
            made["200"] = _with_content("With ValidateOnly: nothing is wrong, and nothing was stored.", valid)
        else:
            both = {"anyOf": [schemas.answer(operation.answer), valid]}
            made["200"] |= _with_content("Done; with ValidateOnly, nothing is wrong and nothing was stored.", both)
            made["200"]["headers"]["ETag"] = answer_header("ETag")  # what was only looked at has none
    if verb == "GET":
        made["304"] = {"description": "You have it already.", "headers": {"ETag": answer_header("ETag", required=True)}}
    return dict(sorted(made.items()))


_DONE = {200: "Done.", 201: "Made.", 202: "On its way.", 204: "Gone."}


def _good_answer(status: int, verb: str, operation: Operation, schemas: Schemas) -> Schema:
    if status == 204:
        return {"description": _DONE[status]}
    headers = {"ETag": answer_header("ETag", required=True)}
    if not operation.answer:
        content = {media: {"schema": {"type": "object"} if media == JSON else {"type": "string"}} for media in operation.media}
        return {"description": _DONE[status], "headers": headers, "content": content}
    if status == 201 or (status == 202 and operation.body):
        headers["Location"] = answer_header("Location", required=True)
    if "limit" in operation.arguments:
        headers["Link"] = answer_header("Link")
    if "wait" in operation.arguments:
        headers["Retry-After"] = answer_header("Retry-After")
    if _repairs(operation):
        headers |= {name: answer_header(name) for name in ("Notice", "Preference-Applied")}
    if verb == "POST":
        headers["Idempotent-Replayed"] = answer_header("Idempotent-Replayed")
    if operation.media:  # a file that is streamed has no ETag
        headers["ETag"] = answer_header("ETag")
        headers["Content-Disposition"] = answer_header("Content-Disposition")
    answer = _with_content(_DONE[status], schemas.answer(operation.answer)) | {"headers": headers}
    answer["content"] |= {media: {"schema": {"type": "string"}} for media in operation.media}
    return answer


def _with_content(about: str, schema: Schema) -> Schema:
    return {"description": about, "content": {media: {"schema": schema} for media in (JSON, XML, TEXT_XML)}}


def _security() -> Schema:
    return {
        "key": {
            "type": "http",
            "scheme": "bearer",
            "description": "Authorization: Bearer KEY. Live or test is decided by the key.",
        },
        "keyInQuery": {
            "type": "apiKey",
            "in": "query",
            "name": "ApiKey",
            "description": "As in 2011, where the operator allows it. Prefer the header: addresses are written to logs.",
        },
    }


def _webhook(schemas: Schemas) -> Schema:
    """What is POSTed to a partner's endpoint (notifications/messages.py)."""
    event = schemas.answer("Event")
    told = {
        "type": "object",
        "properties": {
            "type": {"$ref": "#/components/schemas/EventTypeWord", "description": "What has happened."},
            "timestamp": {"$ref": "#/components/schemas/Moment", "description": "When it happened."},
            "data": {
                "description": "The contribution, the goal or the permission as it was then; of a test, nothing.",
                "anyOf": [
                    *(schemas.answer(name) for name in ("Contribution", "SavingGoal", "Permission")),
                    {"type": "object", "maxProperties": 0},
                ],
            },
        },
        "required": ["type", "timestamp", "data"],
    }
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    return {
        "operationId": "receiveEvent",
        "tags": ["Events"],
        "summary": "An event, signed as Standard Webhooks says. The endpoint's Format decides which body it has.",
        "security": [],
        "parameters": [{"name": name, "in": "header", "required": True, "schema": {"type": "string"}} for name in names],
        "requestBody": {"required": True, "content": {JSON: {"schema": told}, XML: {"schema": event}}},
        "responses": {
            "2XX": {"description": "Heard. Anything else within 15 seconds, or nothing, is tried again."},
            "410": {"description": "Send no more: the endpoint is turned off."},
        },
    }
