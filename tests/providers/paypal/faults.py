"""Everything that can go wrong between the service and PayPal: a table, by name.

`paypal.next("capture", "do_then_drop")` makes the next capture go wrong in that way. Whatever else is in
errors.ISSUES can be asked for as well: `paypal.next("capture", "TRANSACTION_REFUSED")`.
"""

import json
from collections.abc import Callable
from typing import Any

BEFORE = {
    "drop": "the connection is closed; nothing has been done",
    "reset": "the connection is reset; nothing has been done",
    "silence": "nothing is done and nothing said for paypal.slow_seconds; then the connection is closed",
    "error_500": "500 with PayPal's error body; nothing has been done",
    "error_502": "502 with a proxy's HTML; nothing has been done",
    "error_503": "503 with PayPal's error body and Retry-After; nothing has been done",
    "rate_limited": "429 with Retry-After: 7; nothing has been done",
    "unauthorized": "401, though the token is right",
    "token_dies": "401, and every token given out so far is worth nothing from now on",
    "forbidden": "403 NOT_AUTHORIZED, PERMISSION_DENIED",
    "in_progress": "409 PREVIOUS_REQUEST_IN_PROGRESS",
    "redirect": "302 to another host (localhost instead of 127.0.0.1), where somebody writes down what arrives",
    "redirect_307": "307 to that host: method and body would be repeated there",
    "teapot": "418, a status that PayPal does not use, with an empty object",
}
"""Instead of doing anything."""

AFTER = {
    "do_then_drop": "it is done, then the connection is closed without an answer",
    "do_then_500": "it is done, then 500",
    "do_then_503": "it is done, then 503",
    "do_then_html_502": "it is done, then a proxy's 502",
    "slow": "it is done, and the answer comes byte by byte for paypal.slow_seconds",
    "slow_start": "it is done, and the answer comes whole after paypal.slow_seconds",
    "early_hints": "the right answer, 0.05 s after a 103 Early Hints",
    "truncated": "the right answer, cut off in the middle with a right Content-Length for what is there",
    "cut_off": "the right answer, the connection closed in the middle of it",
    "rubbish": "200 with a page in HTML",
    "endless": "an answer that never ends",
    "huge": "the right answer with 20 MB of blanks in front",
    "empty": "the right status and no body",
    "wrong_content_type": "the right answer as text/html",
    "duplicate_keys": "the right answer, each member of it said twice: first wrongly, then rightly",
    "deep": "an object with an array 100,000 deep",
    "not_utf8": "the right answer with bytes in it that are not UTF-8",
    "not_a_number": 'the right answer with a member "NaN" in front that is NaN',
    "a_list": "the right answer in an array",
    "null": "null",
    "a_string": "a JSON string",
}
"""It is done, and how that is told goes wrong."""


def everywhere(answer: Any, change: Callable[[dict[str, Any]], None]) -> Any:
    """Every object in an answer, changed from the inside out."""
    if isinstance(answer, dict):
        for value in answer.values():
            everywhere(value, change)
        change(answer)
    elif isinstance(answer, list):
        for value in answer:
            everywhere(value, change)
    return answer


def setting(name: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(found: dict[str, Any]) -> None:
        if name in found:
            found[name] = value

    return change


def without(*names: str) -> Callable[[dict[str, Any]], None]:
    def change(found: dict[str, Any]) -> None:
        for name in names:
            found.pop(name, None)

    return change


def _payee_by_merchant_id(found: dict[str, Any]) -> None:
    if "payee" in found:
        found["payee"].pop("email_address", None)


def _amounts(of: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], None]:
    def change(found: dict[str, Any]) -> None:
        if isinstance(found.get("amount"), dict):
            found["amount"] = of(found["amount"])

    return change


def _links_to(host: str) -> Callable[[dict[str, Any]], None]:
    def change(found: dict[str, Any]) -> None:
        for link in found.get("links", []):
            if link["rel"] in ("approve", "payer-action", "redirect"):
                link["href"] = f"{host}/checkoutnow?{link['href'].partition('?')[2]}"

    return change


def _twice_a_unit(found: dict[str, Any]) -> None:
    if isinstance(found.get("purchase_units"), list):
        found["purchase_units"] = found["purchase_units"] * 2


CONTENT: dict[str, tuple[str, Callable[[dict[str, Any]], None]]] = {
    "unknown_status": ("every status is a word that nobody knows: SIMMERING", setting("status", "SIMMERING")),
    "no_status": ("no status anywhere", without("status")),
    "null_status": ("every status is null", setting("status", None)),
    "status_number": ("every status is a number", setting("status", 7)),
    "other_currency": ("every amount is in another currency: SEK", _amounts(lambda a: a | {"currency_code": "SEK"})),
    "other_amount": ("every amount is 0.01 (1 where there are no decimals)", _amounts(lambda a: a | {"value": _least(a)})),
    "amount_number": ("every amount's value is a number, not a string", _amounts(lambda a: a | {"value": float(a["value"])})),
    "amount_negative": ("every amount is negative", _amounts(lambda a: a | {"value": f"-{a['value']}"})),
    "amount_words": ("every amount's value is 2e1, which PayPal never writes", _amounts(lambda a: a | {"value": "2e1"})),
    "amount_wide": ("every amount has digits of another script", _amounts(lambda a: a | {"value": "２０.００"})),
    "no_amount": ("no amount anywhere", without("amount")),
    "other_payee": (
        "every payee is somebody else",
        setting("payee", {"email_address": "mallory@example.org", "merchant_id": "MALLQRY222222"}),
    ),
    "other_merchant_id": ("every payee is a merchant id: somebody else's", setting("payee", {"merchant_id": "MALLQRY222222"})),
    "merchant_id_alone": ("every payee is named by merchant id alone", _payee_by_merchant_id),
    "no_payee": ("no payee anywhere", without("payee")),
    "other_custom_id": ("every custom_id is another one", setting("custom_id", "somebody-elses-gift")),
    "no_custom_id": ("no custom_id anywhere", without("custom_id")),
    "other_id": ("every id is another one", setting("id", "9ZZ99999ZZ999999Z")),
    "no_id": ("no id anywhere", without("id")),
    "missing_fields": (
        "ids and nothing else",
        without("status", "links", "purchase_units", "amount", "payer", "payment_source"),
    ),
    "no_units": ("no purchase units", setting("purchase_units", [])),
    "two_units": ("each purchase unit twice", _twice_a_unit),
    "no_payments": ("no payments in any purchase unit", without("payments")),
    "no_links": ("no links anywhere", without("links")),
    "foreign_link": ("the way to the giver leads to https://paypal.example.net", _links_to("https://paypal.example.net")),
    "lookalike_link": (
        "the way to the giver leads to https://www.paypal.com@example.net",
        _links_to("https://www.paypal.com@example.net"),
    ),
    "javascript_link": ("the way to the giver is a script", _links_to("javascript:alert(1)//www.paypal.com")),
}
"""It is done, and what is told of it is not what was asked for."""

OUTCOMES = {
    "pending": "the capture is PENDING, reason ECHECK; the refund is PENDING",
    "pending_review": "the capture or authorization is PENDING, reason PENDING_REVIEW",
    "declined_capture": "the order is COMPLETED and its capture DECLINED; the authorization DENIED",
    "failed_capture": "the order is COMPLETED and its capture FAILED",
    "unilateral": "the capture is PENDING, reason UNILATERAL",
}
"""Not faults of the line: PayPal does it, and it comes out otherwise."""

FAULTS = BEFORE | AFTER | {name: told for name, (told, _) in CONTENT.items()} | OUTCOMES


def _least(amount: dict[str, str]) -> str:
    return "0.01" if "." in amount["value"] else "1"


def said_twice(body: bytes) -> bytes:
    """JSON whose every member at the top is there twice, the first time as an empty string."""
    members = json.loads(body)
    return (
        b"{" + b", ".join(f'{json.dumps(k)}: "", {json.dumps(k)}: {json.dumps(v)}'.encode() for k, v in members.items()) + b"}"
    )
