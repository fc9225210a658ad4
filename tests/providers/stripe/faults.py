"""Everything that can go wrong between the service and Stripe: a table, by name. The faults of the line are PayPal's as well.

`stripe.next("capture", "do_then_drop")` makes the next capture go wrong in that way.
"""

import json
from collections.abc import Callable
from typing import Any

from tests.providers.paypal.faults import AFTER, everywhere, setting, without
from tests.providers.paypal.faults import BEFORE as ON_EVERY_LINE

BEFORE = {name: told for name, told in ON_EVERY_LINE.items() if name != "token_dies"} | {
    "error_500_kept": "500, which every later request with the same Idempotency-Key gets again; nothing has been done",
    "other_parameters": "400, idempotency_error: the key was used with other parameters",
    "no_json_error": "400 with a page in HTML",
    "a_string_error": "400 whose error is a string",
    "api_error": "400, of the type api_error",
    "card_declined": "402, card_error",
    "rate_limited_as_400": "400 with the code rate_limit",
    "lock_timeout": "400 with the code lock_timeout",
    "resource_missing": "404, resource_missing",
    "unexpected_state": "400, payment_intent_unexpected_state",
    "destination_missing": "400, the account of the payee is unknown",
}
"""Instead of doing anything."""


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


def _bank_at(url: str) -> Callable[[dict[str, Any]], None]:
    def changed_object(found: dict[str, Any]) -> None:
        if found.get("next_action"):
            found["next_action"]["redirect_to_url"]["url"] = url

    return changed_object


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
    "other_id": (
        "every id is another one",
        lambda found: found.update(id=f"{str(found['id']).rpartition('_')[0]}_elsewhere") if found.get("id") else None,
    ),
    "no_id": ("no id anywhere", without("id")),
    "bare_intent": (
        "the payment is named, and not told of",
        _in("checkout.session", lambda found: found.update(payment_intent="pi_1")),
    ),
    "a_list_for_an_intent": (
        "the payment is an array",
        _in("checkout.session", lambda found: found.update(payment_intent=[found["payment_intent"]])),
    ),
    "missing_fields": ("ids and objects and nothing else", lambda found: _only(found, "id", "object", "data", "url")),
    "no_url": ("no page for the giver", without("url")),
    "foreign_page": ("the page is https://stripe.example.net", _page_at("https://stripe.example.net/c/pay/cs")),
    "lookalike_page": (
        "the page is https://checkout.stripe.com@example.net",
        _page_at("https://checkout.stripe.com@example.net/"),
    ),
    "javascript_page": ("the page is a script", _page_at("javascript:alert(1)//checkout.stripe.com")),
    "foreign_bank": ("the bank's page is https://stripe.example.net", _bank_at("https://stripe.example.net/3ds")),
    "lookalike_bank": (
        "the bank's page is https://hooks.stripe.com@example.net",
        _bank_at("https://hooks.stripe.com@example.net/"),
    ),
    "javascript_bank": ("the bank's page is a script", _bank_at("javascript:alert(1)//hooks.stripe.com")),
    "plain_bank": ("the bank's page is without TLS", _bank_at("http://hooks.stripe.com/3ds")),
    "no_bank": ("the bank's page is nowhere", without("next_action")),
    "plain_page": ("the page is without TLS", _page_at("http://checkout.stripe.com/c/pay/cs")),
}
"""It is done, and what is told of it is not what was asked for."""

OUTCOMES = {
    "pending": "the refund is pending",
    "failed": "the refund has failed",
}
"""Not faults of the line: Stripe does it, and it comes out otherwise."""

FAULTS = BEFORE | AFTER | {name: told for name, (told, _) in CONTENT.items()} | OUTCOMES


def _only(found: dict[str, Any], *names: str) -> None:
    for name in [name for name in found if name not in names]:
        del found[name]


def changed(fault: str, answer: Any) -> Any:
    """The answer as a fault of CONTENT tells it."""
    return everywhere(json.loads(json.dumps(answer)), CONTENT[fault][1])
