"""What the fake Amazon Pay answers to each call of its API."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.providers.amazon.books import FakeCharge
from tests.providers.amazon.faults import OUTCOMES
from tests.providers.amazon.representations import (
    charge_json,
    dispute_json,
    permission_json,
    refund_json,
    session_json,
    standing_json,
)
from tests.providers.line import Call, Reply

if TYPE_CHECKING:
    from tests.providers.amazon.fake import FakeAmazon

Operation = Callable[["FakeAmazon", Call, Any], Reply]
"""Its last argument is what was told of the same order before, if it is one that comes again."""

OUTCOMES_PAY_WITH = {"slow_authorization": "slow", "declined_in_the_end": "declined", "only_held": "only_held"}
assert set(OUTCOMES_PAY_WITH) == set(OUTCOMES)


def _complete(it: FakeAmazon, call: Call, told: Any) -> Reply:
    session = it.books.session(call.values["id"])
    session.pays_with = OUTCOMES_PAY_WITH.get(call.fault, session.pays_with)
    status = it.books.complete(session, call.json or {})
    return Reply(status, session_json(session))


def _change_charge(change: Callable[[FakeAmazon, Call, FakeCharge], None]) -> Operation:
    def operate(it: FakeAmazon, call: Call, told: Any) -> Reply:
        charge = it.books.charge(call.values["id"])
        if told is None:
            change(it, call, charge)
        return Reply(200, charge_json(charge))

    return operate


def _refund(it: FakeAmazon, call: Call, told: Any) -> Reply:
    refund = it.books.refund(call.json or {}) if told is None else it.refunds[told["refundId"]]
    return Reply(201 if told is None else 200, refund_json(refund))


def _charge(it: FakeAmazon, call: Call, told: Any) -> Reply:
    pays_with = OUTCOMES_PAY_WITH.get(call.fault, "")
    charge = it.books.charge_under(call.json or {}, pays_with) if told is None else it.charges[told["chargeId"]]
    return Reply(201 if told is None else 200, charge_json(charge))


def _close(it: FakeAmazon, call: Call, told: Any) -> Reply:
    permission = it.books.standing_permission(call.values["id"])
    it.books.close(permission)
    return Reply(200, standing_json(permission))


def _permission(it: FakeAmazon, call: Call, told: Any) -> Reply:
    if call.values["id"] in it.books.permissions:
        return Reply(200, standing_json(it.books.standing_permission(call.values["id"])))
    return Reply(200, permission_json(it.books.permission(call.values["id"])))


OPERATES: dict[str, Operation] = {
    "get_session": lambda it, call, _: Reply(200, session_json(it.books.session(call.values["id"]))),
    "complete": _complete,
    "get_charge": lambda it, call, _: Reply(200, charge_json(it.books.charge(call.values["id"]))),
    "capture": _change_charge(lambda it, call, charge: it.books.capture(charge, call.json or {})),
    "cancel": _change_charge(lambda it, call, charge: it.books.cancel(charge)),
    "create_charge": _charge,
    "close": _close,
    "get_permission": _permission,
    "refund": _refund,
    "get_refund": lambda it, call, _: Reply(200, refund_json(it.books.refund_of(call.values["id"]))),
    "get_dispute": lambda it, call, _: Reply(200, dispute_json(it.books.dispute_of(call.values["id"]))),
}
