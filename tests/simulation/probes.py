"""Short stories for mistakes that take two at the same statement, or a page: an AssertionError where one goes wrong."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import connection, transaction

import clock
from givers import people, permissions, pins
from givers.models import Giver, Permission
from partners import registration
from tests.conftest import Giver as Browser


def _giver() -> Giver:
    partner = registration.register(f"Shop {Giver.objects.count()} {Permission.objects.count()}", is_test=True).partner
    return people.create(partner, {"external_id": "1"}, public_id=permissions.new_id())


def _active(giver: Giver, **columns: Any) -> Permission:
    return Permission.objects.create(
        public_id=permissions.new_id(),
        giver=giver,
        provider="PayPal",
        adapter="sandbox",
        currency="USD",
        maximum_minor=5000,
        request_id=permissions.new_id(),
        created_at=clock.now(),
        **columns,
    )


def _takes_the_same_rest() -> None:
    """Another process takes it between the question and the answer, if there is anything between them."""
    permission = _active(_giver(), state="Active", token_encrypted="x", total_minor=5000)
    taken, others = 0, []

    def beside(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith('UPDATE "givers_permission"') and not others:
            others.append(True)
            with transaction.atomic():
                others.append(_takes(permission))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(beside):
        taken = _takes(permission) + sum(others[1:])
    permission.refresh_from_db()
    assert taken * 4000 == permission.used_minor <= 5000, (taken, permission.used_minor)


def _takes(permission: Permission) -> int:
    try:
        with transaction.atomic():
            permissions.reserve(permission, 4000)
    except permissions.NoRoom:
        return 0
    return 1


def _another_process_tries() -> None:
    """What a process keeps for itself is not there in the next one."""
    giver = pins.replace(_giver(), "4711", old=None)
    told = []
    for number in range(10):
        if number == 5:
            vars(pins).pop("_tried", None)
        try:
            pins.verify(giver, "0000")
        except (pins.PinWrong, pins.PinLocked) as refused:
            told.append(type(refused).__name__)
    vars(pins).pop("_tried", None)
    assert told == ["PinWrong"] * 4 + ["PinLocked"] * 6, told


def _a_made_up_address() -> None:
    giver = _giver()
    permission = _active(giver)
    permission = permissions.open_setup(permission)
    address = f"/providers/paypal/agreed/{permission.public_id}?token={permission.setup_id}&state=active"
    Browser().visit(address)
    permission.refresh_from_db()
    assert permission.state == "Requested", permission.state


PROBES: Mapping[str, Callable[[], None]] = {
    "two take the same rest": _takes_the_same_rest,
    "another process tries a PIN": _another_process_tries,
    "a giver comes back with a made-up address": _a_made_up_address,
}
