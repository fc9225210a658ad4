"""Everything that can go wrong between the service and Amazon Pay: a table, by name.

`amazon.next("complete", "do_then_drop")` makes the next completion go wrong in that way; so does a status and a reasonCode:
`amazon.next("refund", "422 TransactionAmountExceeded")`. Faults of the line itself are those of the fake PayPal's.
"""

from collections.abc import Callable
from typing import Any

from tests.providers.paypal.faults import AFTER, BEFORE, without

SKIPPED = {"token_dies", "in_progress", "redirect_307"}
"""What only PayPal does."""


def _set(name: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(found: dict[str, Any]) -> None:
        if found.get(name) is not None:
            found[name] = value

    return change


def _amounts(of: Callable[[str], Any]) -> Callable[[dict[str, Any]], None]:
    def change(found: dict[str, Any]) -> None:
        if "currencyCode" in found:
            found["amount"] = of(found["amount"])

    return change


CONTENT: dict[str, tuple[str, Callable[[dict[str, Any]], None]]] = {
    "unknown_state": ("every state is a word that nobody knows: Simmering", _set("state", "Simmering")),
    "no_state": ("no state anywhere", without("state")),
    "state_number": ("every state is a number", _set("state", 7)),
    "no_status_details": ("no statusDetails", without("statusDetails")),
    "other_currency": ("every amount is in another currency: SEK", _set("currencyCode", "SEK")),
    "other_amount": ("every amount is 0.01", _amounts(lambda _: "0.01")),
    "amount_number": ("every amount is a number, not a string", _amounts(float)),
    "amount_negative": ("every amount is negative", _amounts(lambda amount: f"-{amount}")),
    "amount_words": ("every amount is 2e1, which Amazon never writes", _amounts(lambda _: "2e1")),
    "amount_wide": ("every amount has digits of another script", _amounts(lambda _: "２０.００")),
    "no_amount": ("no amount anywhere", without("chargeAmount", "captureAmount", "refundAmount")),
    "other_store": ("the store is somebody else's", _set("storeId", "amzn1.application-oa2-client.somebody-else")),
    "no_store": ("no store anywhere", without("storeId")),
    "other_reference": ("the merchantReferenceId is another one", _set("merchantReferenceId", "somebody-elses-gift")),
    "no_reference": ("no merchantMetadata anywhere", without("merchantMetadata")),
    "other_session": ("the session's id is another one", _set("checkoutSessionId", "7efe55c3-38c7-4a1b-944d-aded27032b9a")),
    "other_charge": ("the charge's id is another one", _set("chargeId", "S01-9999999-9999999-C999999")),
    "charge_rubbish": ("the charge's id is an address", _set("chargeId", "../../elsewhere")),
    "other_refund": ("the refund's id is rubbish", _set("refundId", "../R")),
    "missing_fields": (
        "ids and nothing else",
        without("statusDetails", "paymentDetails", "merchantMetadata", "storeId", "chargeAmount", "refundAmount"),
    ),
}
"""It is done, and what is told of it is not what was asked for."""

OUTCOMES = {
    "slow_authorization": "202: the authorization takes its time",
    "declined_in_the_end": "422: the session is cancelled, the card was declined",
    "only_held": "the money is held although it was to be taken",
}
"""Not faults of the line: it comes out otherwise."""

FAULTS = {name: told for name, told in (BEFORE | AFTER).items() if name not in SKIPPED}
FAULTS |= {name: told for name, (told, _) in CONTENT.items()} | OUTCOMES
