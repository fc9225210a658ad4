"""How the fake PayPal reads a request."""

import base64
import json
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from tests.providers.line import Call
from tests.providers.paypal.errors import Refusal, refusal


def with_query(address: str, **arguments: str) -> str:
    """The address with arguments added to those that it has."""
    parts = urlsplit(address)
    query = "&".join(filter(None, [parts.query, urlencode(arguments)]))
    return urlunsplit(parts._replace(query=query))


def wants_all(call: Call) -> bool:
    return "return=representation" in call.headers.get("prefer", "")


def check_json(call: Call) -> None:
    kind = call.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and (call.body or call.operation != "void"):  # the only POST without a body
        raise Refusal(415)
    try:
        said = json.loads(call.body) if call.body else {}
    except ValueError:
        raise refusal("MALFORMED_REQUEST_JSON") from None
    if not isinstance(said, dict):
        raise refusal("MALFORMED_REQUEST_JSON")


def json_object(call: Call) -> dict[str, Any]:
    return call.json or {}


def basic_credentials(header: str) -> tuple[str, str]:
    scheme, _, told = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        client_id, _, client_secret = base64.b64decode(told, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return client_id, client_secret


def claims_of(assertion: str) -> dict[str, Any]:
    """What a PayPal-Auth-Assertion claims: an unsigned JWT of two parts and an empty signature. Empty for a wrong one."""
    try:
        head, claims, signature = assertion.split(".")
        algorithm = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["alg"]
        told = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    except (ValueError, KeyError, TypeError):
        return {}
    return told if algorithm == "none" and not signature and isinstance(told, dict) else {}


def raw_member(body: bytes, name: str) -> bytes:
    """The bytes of one member of a JSON object, as they were sent."""
    text = body.decode()
    start = text.index(f'"{name}"') + len(name) + 2
    start = text.index(":", start) + 1
    while text[start] in " \t\r\n":
        start += 1
    _, end = json.JSONDecoder().raw_decode(text, start)
    return text[start:end].encode()
