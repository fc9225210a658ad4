"""Everything that can go wrong between the service and Stripe: a table, by name. The faults of the line are PayPal's as well.

`stripe.next("capture", "do_then_drop")` makes the next capture go wrong in that way.
"""

from collections.abc import Callable
from typing import Any

from tests.providers.paypal.faults import AFTER, setting, without
from tests.providers.paypal.faults import BEFORE as ON_EVERY_LINE

IN_SESSION = "payment_intent_data[transfer_data][destination]"
REFUSALS: dict[str, tuple[int, str, dict[str, Any]]] = {
    "error_500": (500, "Sorry! There was an error.", {"kind": "api_error"}),
    "error_500_kept": (500, "Sorry! There was an error.", {"kind": "api_error"}),
    "error_503": (503, "Stripe is down.", {"kind": "api_error"}),
    "rate_limited": (429, "Request rate limit exceeded.", {"code": "rate_limit"}),
    "rate_limited_as_400": (400, "Request rate limit exceeded.", {"code": "rate_limit"}),
    "unauthorized": (401, "Invalid API Key provided", {}),
    "forbidden": (403, "The provided key does not have the required permissions for this endpoint.", {}),
    "in_progress": (409, "There is currently another in-progress request.", {"code": "idempotency_key_in_use"}),
    "lock_timeout": (400, "This object cannot be accessed right now.", {"code": "lock_timeout"}),
    "other_parameters": (400, "Keys can only be used with the same parameters.", {"kind": "idempotency_error", "kept": False}),
    "api_error": (400, "Something went wrong on Stripe's end.", {"kind": "api_error"}),
    "card_declined": (402, "Declined.", {"kind": "card_error", "code": "card_declined", "decline_code": "lost_card"}),
    "resource_missing": (404, "No such thing", {"code": "resource_missing", "param": "id"}),
    "unexpected_state": (400, "This PaymentIntent could not be ...", {"code": "payment_intent_unexpected_state"}),
    "destination_missing": (400, "No such destination", {"code": "resource_missing", "param": IN_SESSION}),
}
"""Errors of Stripe's own: the status, the sentence, the other members. Every later request with the same Idempotency-Key gets
`error_500_kept` again."""

BEFORE = set(ON_EVERY_LINE) - {"token_dies"} | set(REFUSALS) | {"no_json_error", "a_string_error"}
"""Instead of doing anything; the last two are a page in HTML and a string for an error."""


def _units(change: Callable[[Any], Any]) -> Callable[[dict[str, Any]], None]:
    def changed_object(found: dict[str, Any]) -> None:
        for name in ("amount", "amount_total", "amount_received", "amount_capturable"):
            if found.get(name):
                found[name] = change(found[name])

    return changed_object


def _in(kind: str, change: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any]], None]:
    def changed_object(found: dict[str, Any]) -> None:
        if found.get("object") == kind:
            change(found)

    return changed_object


def _page_at(url: str) -> Callable[[dict[str, Any]], None]:
    return _in("checkout.session", lambda found: found.update(url=url))


def _paid_by(payment: Callable[[Any], Any]) -> Callable[[dict[str, Any]], None]:
    return _in("checkout.session", lambda found: found.update(payment_intent=payment(found["payment_intent"])))


def _bank_at(url: str) -> Callable[[dict[str, Any]], None]:
    def changed_object(found: dict[str, Any]) -> None:
        if found.get("next_action"):
            found["next_action"]["redirect_to_url"]["url"] = url

    return changed_object


def _other_id(found: dict[str, Any]) -> None:
    if found.get("id"):
        found["id"] = f"{str(found['id']).rpartition('_')[0]}_elsewhere"


def _other_payee(found: dict[str, Any]) -> None:
    if "payee" in found:
        found["payee"] = "acct_mallory"
    if found.get("destination"):
        found["destination"] = "acct_mallory"


def _other_reference(found: dict[str, Any]) -> None:
    for name in ("client_reference_id", "contribution", "refund"):
        if isinstance(found.get(name), str):
            found[name] = "somebody-elses-gift"


CONTENT: dict[str, tuple[str, Callable[[dict[str, Any]], None]]] = {
    "unknown_status": ("every status is a word that nobody knows: simmering", setting("status", "simmering")),
    "no_status": ("no status anywhere", without("status")),
    "null_status": ("every status is null", setting("status", None)),
    "status_number": ("every status is a number", setting("status", 7)),
    "other_currency": ("every amount is in another currency: sek", setting("currency", "sek")),
    "no_currency": ("no currency anywhere", without("currency")),
    "other_amount": ("every amount is 1", _units(lambda units: 1)),
    "amount_text": ("every amount is a text", _units(str)),
    "amount_float": ("every amount is a number with a point", _units(float)),
    "amount_negative": ("every amount is negative", _units(lambda units: -units)),
    "amount_true": ("every amount is true", _units(lambda units: True)),
    "no_amount": ("no amount anywhere", without("amount", "amount_total", "amount_received", "amount_capturable")),
    "other_payee": ("the payee is somebody else", _other_payee),
    "no_payee": ("no payee anywhere", without("payee", "transfer_data")),
    "other_reference": ("our id of the gift, or of the refund, is another one", _other_reference),
    "no_reference": ("our id is nowhere", without("client_reference_id", "metadata")),
    "other_id": ("every id is another one", _other_id),
    "no_id": ("no id anywhere", without("id")),
    "bare_intent": ("the payment is named, and not told of", _paid_by(lambda _: "pi_1")),
    "a_list_for_an_intent": ("the payment is an array", _paid_by(lambda payment: [payment])),
    "missing_fields": ("ids and objects and nothing else", lambda found: _only(found, "id", "object", "data", "url")),
    "no_url": ("no page for the giver", without("url")),
    "foreign_page": ("the page is another host's", _page_at("https://stripe.example.net/c/pay/cs")),
    "lookalike_page": ("the page is not what it seems", _page_at("https://checkout.stripe.com@example.net/")),
    "javascript_page": ("the page is a script", _page_at("javascript:alert(1)//checkout.stripe.com")),
    "plain_page": ("the page is without TLS", _page_at("http://checkout.stripe.com/c/pay/cs")),
    "foreign_bank": ("the bank's page is another host's", _bank_at("https://stripe.example.net/3ds")),
    "lookalike_bank": ("the bank's page is not what it seems", _bank_at("https://hooks.stripe.com@example.net/")),
    "javascript_bank": ("the bank's page is a script", _bank_at("javascript:alert(1)//hooks.stripe.com")),
    "plain_bank": ("the bank's page is without TLS", _bank_at("http://hooks.stripe.com/3ds")),
    "no_bank": ("the bank's page is nowhere", without("next_action")),
}
"""It is done, and what is told of it is not what was asked for."""

OUTCOMES = {"pending", "failed"}
"""What becomes of a refund. No faults of the line: Stripe does it, and it comes out otherwise."""

FAULTS = BEFORE | set(AFTER) | set(CONTENT) | OUTCOMES


def _only(found: dict[str, Any], *names: str) -> None:
    for name in [name for name in found if name not in names]:
        del found[name]
