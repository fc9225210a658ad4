"""What the fake Stripe answers to each call, and expands where it is asked to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.providers.line import Call
from tests.providers.stripe import accounts
from tests.providers.stripe import representations as shown
from tests.providers.stripe.books import Books
from tests.providers.stripe.faults import OUTCOMES
from tests.providers.stripe.objects import FakeIntent, Refusal
from tests.providers.stripe.representations import Json
from tests.providers.stripe.transfers import group_of

if TYPE_CHECKING:
    from tests.providers.stripe.fake import FakeStripe

EXPANDABLE = {
    "checkout.session": {"payment_intent", "setup_intent"},
    "setup_intent": {"payment_method"},
    "payment_intent": {"latest_charge"},
    "charge": {"balance_transaction", "transfer", "refunds", "application_fee"},
    "refund": {"charge"},
}
MOST_DEPTH = 4
REFUNDS_SHOWN = 10
"""How many refunds a charge tells of itself; the rest is in the list."""


def expanded(books: Books, value: Json, path: list[str]) -> Json:
    """The object with one of its members told whole."""
    if len(path) > MOST_DEPTH:
        raise Refusal(400, "You cannot expand more than 4 levels of a property.")
    name = path[0]
    if name not in EXPANDABLE.get(value["object"], ()):
        raise Refusal(400, f"This property cannot be expanded ({name}).", code="parameter_unknown", param="expand")
    inner = value.get(name)
    if isinstance(inner, str) or name == "refunds":
        inner = _whole(books, value, name)
    if inner is not None and len(path) > 1:
        inner = expanded(books, inner, path[1:])
    return value | {name: inner}


def _whole(books: Books, value: Json, name: str) -> Json:
    if name == "payment_intent":
        return shown.intent(books.intents[value[name]])
    if name == "setup_intent":
        return shown.setup_intent(books.setups[value["id"]])
    if name == "payment_method":
        return shown.saved_card(books.saved[value[name]])
    if name == "charge":
        return shown.charge(books.intents[value["payment_intent"]])
    intent = books.intents[value["id"] if name == "latest_charge" else value["payment_intent"]]
    if name == "refunds":
        told = shown.refunds(intent)
        return shown.a_list(told[:REFUNDS_SHOWN], f"/v1/charges/{intent.charge_id}/refunds", has_more=len(told) > REFUNDS_SHOWN)
    whole = {"latest_charge": shown.charge, "balance_transaction": shown.balance_transaction, "transfer": shown.transfer}
    whole["application_fee"] = shown.application_fee
    return whole[name](intent)


def _page_of(everything: list[Json], asked: Json, url: str) -> Json:
    ids = [one["id"] for one in everything]
    start = ids.index(asked["starting_after"]) + 1 if "starting_after" in asked else 0
    limit = int(asked.get("limit", 10))
    return shown.a_list(everything[start : start + limit], url, has_more=start + limit < len(everything))


def _intent(it: FakeStripe, call: Call) -> FakeIntent:
    return it.books.intent(call.values["id"])


def _capture(it: FakeStripe, call: Call, asked: Json) -> Json:
    amount = int(asked["amount_to_capture"]) if "amount_to_capture" in asked else None
    return shown.intent(it.books.capture(_intent(it, call), amount))


def _refund(it: FakeStripe, call: Call, asked: Json) -> Json:
    return shown.refund(it.books.refund(asked, call.fault if call.fault in OUTCOMES else "succeeded"))


def _refunds(it: FakeStripe, call: Call, asked: Json) -> Json:
    return _page_of(shown.refunds(it.books.intent(asked["payment_intent"])), asked, call.path)


def _intents(it: FakeStripe, call: Call, asked: Json) -> Json:
    """The newest first, as Stripe lists them."""
    of_customer = [one for one in it.books.intents.values() if one.customer == asked.get("customer")]
    return _page_of([shown.intent(one) for one in reversed(of_customer)], asked, call.path)


def _disputes(it: FakeStripe, call: Call, asked: Json) -> Json:
    return _page_of([shown.dispute(one) for one in it.books.intent(asked["payment_intent"]).disputes], asked, call.path)


def _reverse(it: FakeStripe, call: Call, asked: Json) -> Json:
    reversal, currency = it.books.reverse(call.values["id"], asked)
    return shown.reversal(reversal, currency, call.values["id"])


def _transfers(it: FakeStripe, call: Call, asked: Json) -> Json:
    """The newest first, as Stripe lists them."""
    told = []
    for intent in it.books.intents.values():
        if group_of(intent) == asked.get("transfer_group"):
            told += [*map(shown.another_transfer, intent.sent_again), shown.transfer(intent)]
    return _page_of(told, asked, call.path)


OPERATES: dict[str, Callable[[FakeStripe, Call, Json], Json]] = {
    "create": lambda it, call, asked: shown.session(it.books.create(asked, it.new_page)),
    "get": lambda it, call, asked: shown.session(it.books.session(call.values["id"])),
    "expire": lambda it, call, asked: shown.session(it.books.expire(it.books.session(call.values["id"]))),
    "create_intent": lambda it, call, asked: shown.intent(it.books.create_intent(asked)),
    "list_intents": _intents,
    "get_card": lambda it, call, asked: shown.saved_card(it.books.card(call.values["id"])),
    "detach": lambda it, call, asked: shown.saved_card(it.books.detach(it.books.card(call.values["id"]))),
    "take_token": lambda it, call, asked: shown.payment_method(it.books.take_token(asked)),
    "confirm": lambda it, call, asked: shown.intent(it.books.confirm(_intent(it, call), asked, it.bank_page_of)),
    "get_intent": lambda it, call, asked: shown.intent(_intent(it, call)),
    "capture": _capture,
    "cancel": lambda it, call, asked: shown.intent(it.books.cancel(_intent(it, call), asked.get("cancellation_reason"))),
    "refund": _refund,
    "get_refund": lambda it, call, asked: shown.refund(it.books.the_refund(call.values["id"])),
    "list_refunds": _refunds,
    "list_disputes": _disputes,
    "reverse": _reverse,
    "send": lambda it, call, asked: shown.another_transfer(it.books.transfer(asked)),
    "list_transfers": _transfers,
    "account": lambda it, call, asked: dict(it.account),
    "list_accounts": lambda it, call, asked: _page_of(list(it.connected.by_id.values()), asked, call.path),
    "create_account": lambda it, call, asked: it.connected.make(asked),
    "get_account": lambda it, call, asked: it.connected.find(call.values["id"]),
    "create_link": accounts.link,
    "list_webhooks": lambda it, call, asked: shown.a_list(it.endpoints, call.path),
}
