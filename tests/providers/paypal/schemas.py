"""PayPal's own OpenAPI files as judges of every request and every answer.

They are looked for where tests.conftest.SHARED says; without them nothing is judged, and `available` says so.
The files are a snapshot of 2024: what PayPal is known to have said since is in SINCE_THEN.
"""

import copy
import functools
import json
from collections.abc import Mapping
from typing import Any

from tests.conftest import SHARED

FOLDER = SHARED / "specs" / "paypal"
ORDERS, PAYMENTS, WEBHOOKS = "checkout_orders_v2.json", "payments_payment_v2.json", "notifications_webhooks_v1.json"
VAULT = "vault_payment_tokens_v3.json"

OPERATIONS = {
    "create": (ORDERS, "/v2/checkout/orders", "post"),
    "get": (ORDERS, "/v2/checkout/orders/{id}", "get"),
    "capture": (ORDERS, "/v2/checkout/orders/{id}/capture", "post"),
    "authorize": (ORDERS, "/v2/checkout/orders/{id}/authorize", "post"),
    "get_authorization": (PAYMENTS, "/v2/payments/authorizations/{authorization_id}", "get"),
    "capture_authorization": (PAYMENTS, "/v2/payments/authorizations/{authorization_id}/capture", "post"),
    "reauthorize": (PAYMENTS, "/v2/payments/authorizations/{authorization_id}/reauthorize", "post"),
    "void": (PAYMENTS, "/v2/payments/authorizations/{authorization_id}/void", "post"),
    "get_capture": (PAYMENTS, "/v2/payments/captures/{capture_id}", "get"),
    "refund": (PAYMENTS, "/v2/payments/captures/{capture_id}/refund", "post"),
    "get_refund": (PAYMENTS, "/v2/payments/refunds/{refund_id}", "get"),
    "save_wallet": (VAULT, "/v3/vault/setup-tokens", "post"),
    "get_setup": (VAULT, "/v3/vault/setup-tokens/{id}", "get"),
    "exchange": (VAULT, "/v3/vault/payment-tokens", "post"),
    "list_wallets": (VAULT, "/v3/vault/payment-tokens", "get"),
    "get_wallet": (VAULT, "/v3/vault/payment-tokens/{id}", "get"),
    "delete_wallet": (VAULT, "/v3/vault/payment-tokens/{id}", "delete"),
    "verify": (WEBHOOKS, "/v1/notifications/verify-webhook-signature", "post"),
    "get_webhook": (WEBHOOKS, "/v1/notifications/webhooks/{webhook_id}", "get"),
}

SINCE_THEN = {
    ("capture", "ACTION_DOES_NOT_MATCH_INTENT"),
    ("authorize", "ORDER_NOT_APPROVED"),
    ("reauthorize", "REAUTHORIZATION_TOO_SOON"),
    ("reauthorize", "AUTHORIZATION_EXPIRED"),
}
"""(operation, issue) that PayPal answers though the snapshot's list of that operation does not have it."""


def available() -> bool:
    return all((FOLDER / name).is_file() for name in (ORDERS, PAYMENTS, WEBHOOKS, VAULT))


@functools.cache
def _specification(name: str) -> dict[str, Any]:
    found = json.loads((FOLDER / name).read_text())
    if name == VAULT:  # the snapshot knows only BILLING_AGREEMENT; https://developer.paypal.com/api/payment-tokens/v3 (2026-11)
        found["components"]["schemas"]["token_id_request"]["properties"]["type"]["enum"].append("SETUP_TOKEN")
    return found


@functools.cache
def _validator(name: str, schema: str) -> Any:
    from openapi_schema_validator import OAS30Validator, oas30_format_checker

    wanted = json.loads(schema) | {"components": _specification(name)["components"]}
    return OAS30Validator(wanted, format_checker=oas30_format_checker)


def _faults(name: str, schema: dict[str, Any], value: Any) -> list[str]:
    found = _validator(name, json.dumps(schema, sort_keys=True)).iter_errors(value)
    return [f"{'/'.join(map(str, fault.absolute_path)) or 'the whole'}: {fault.message[:300]}" for fault in found]


def _resolved(name: str, what: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in what:
        _, *steps = what["$ref"].split("/")
        what = functools.reduce(lambda found, step: found[step], steps, _specification(name))
    return what


def component_faults(file: str, schema: str, value: Any) -> list[str]:
    """What the named schema, such as "order" or "capture-2", does not accept of a value."""
    return _faults(file, {"$ref": f"#/components/schemas/{schema}"}, value)


def request_faults(
    operation: str, headers: dict[str, str], values: dict[str, str], body: Any, query: Mapping[str, str] | None = None
) -> list[str]:
    """What PayPal's specification does not accept of a request; `values` are those in its path, `body` None for none."""
    if operation not in OPERATIONS or not available():
        return []
    name, path, method = OPERATIONS[operation]
    described = _specification(name)["paths"][path][method]
    found = []
    for parameter in (_resolved(name, one) for one in described.get("parameters", [])):
        given = {"header": headers, "path": values, "query": query or {}}.get(parameter["in"], {}).get(
            parameter["name"].lower()
        )
        if given is not None:
            found += [f"{parameter['name']} {fault}" for fault in _faults(name, parameter["schema"], given)]
        elif parameter.get("required"):
            found.append(f"{parameter['name']} is missing")
    wanted = described.get("requestBody", {})
    content = wanted.get("content", {}).get("application/json")
    if content and body is not None:
        found += _faults(name, content["schema"], body)
    elif content and wanted.get("required"):
        found.append("no body, where one belongs")
    elif body:  # PayPal overlooks an empty object
        found.append("a body, where none belongs")
    return found


def answer_faults(operation: str, status: int, body: Any) -> list[str]:
    """What PayPal's specification does not accept of an answer; `body` None for none."""
    if operation not in OPERATIONS or not available():
        return []
    name, path, method = OPERATIONS[operation]
    answers = _specification(name)["paths"][path][method]["responses"]
    if status == 200 and "200" not in answers:  # a replay: the orders' operations describe it, the payments' do not
        status = 201
    if str(status) not in answers and "default" not in answers:
        return []
    described = _resolved(name, answers.get(str(status)) or answers["default"])
    content = described.get("content", {}).get("application/json")
    if content is None:
        if status >= 400 and body is not None:  # a 500 that the specification describes in words only
            return component_faults(name, "error_500" if status == 500 else "error_default", body)
        return ["a body, where none belongs"] if body is not None else []
    if body is None:
        return ["no body, where one belongs"]
    return _faults(name, content["schema"], _judged(operation, status, body))


def _judged(operation: str, status: int, body: Any) -> Any:
    """An error without the wording of its details, which differs between operations, and without what came since."""
    if status < 400 or not isinstance(body, dict) or "details" not in body:
        return body
    body = copy.deepcopy(body)
    for detail in body["details"]:
        detail.pop("description", None)
    body["details"] = [detail for detail in body["details"] if (operation, detail.get("issue")) not in SINCE_THEN]
    return body
