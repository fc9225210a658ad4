"""Short stories for mistakes that take two at the same statement, or a page: an AssertionError where one goes wrong."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import connection, transaction

import clock
from certificates import buying, claiming
from certificates.models import GiftCertificate
from certificates.spending import BalanceTooLow, Purse, account_for
from givers import people, permissions, pins
from givers.models import Giver, Permission
from goals import payees, rules
from goals.models import SavingGoal
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


def _spends_the_same() -> None:
    """Another process spends it between the question and the answer, if there is anything between them."""
    certificate, giver, goal = _sold()
    others: list[int] = []

    def beside(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith('UPDATE "certificates_giftcertificate"') and not others:
            others.append(0)
            others.append(_spends(giver, goal))
        return execute(sql, params, many, context)

    with transaction.atomic(), connection.execute_wrapper(beside):
        spent = _spends(giver, goal) + sum(others)
    certificate.refresh_from_db()
    assert spent * 4000 == certificate.spent_minor <= 5000, (spent, certificate.spent_minor)


def _sold() -> tuple[GiftCertificate, Giver, SavingGoal]:
    """A certificate of 50.00 that a giver has claimed."""
    giver = _giver()
    payee = payees.create(giver.partner, "PayPal", "a@example.org", public_id=permissions.new_id())
    wish = buying.Wish(amount_minor=5000, currency="USD", payee=payee, recipient_name="Ann")
    certificate = buying.buy(giver.partner, wish, public_id=permissions.new_id())
    Browser().pay(certificate.purchase.pay_url)
    certificate = claiming.claim(certificate, giver)
    values = {"external_item_id": "1", "name": "Goal", "currency": "USD", "goal_minor": 10**6}
    change = rules.GoalChange(values, {"Offline": ""})
    return certificate, giver, rules.create(giver.partner, change, public_id=permissions.new_id())


def _spends(giver: Giver, goal: SavingGoal) -> int:
    try:
        Purse(giver, "USD", 4000, account_for(goal)).begin()
    except BalanceTooLow:
        return 0
    return 1


def _claims_the_same() -> None:
    """Another giver claims it at the same moment."""
    certificate, first, _ = _sold()
    GiftCertificate.objects.filter(pk=certificate.pk).update(giver=None, claimed_at=None)
    values = {"external_id": "2"}
    second = people.create(first.partner, values, public_id=permissions.new_id())
    told, others = [], []

    def beside(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith('UPDATE "certificates_giftcertificate"') and not others:
            others.append(True)
            told.append(_claims(certificate, second))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(beside):
        told.append(_claims(certificate, first))
    certificate.refresh_from_db()
    assert told == [True, False], told
    assert certificate.giver_id == second.pk


def _claims(certificate: GiftCertificate, giver: Giver) -> bool:
    try:
        claiming.claim(certificate, giver)
    except claiming.CannotClaim:
        return False
    return True


PROBES: Mapping[str, Callable[[], None]] = {
    "two take the same rest": _takes_the_same_rest,
    "two spend the same certificate": _spends_the_same,
    "two claim the same certificate": _claims_the_same,
    "another process tries a PIN": _another_process_tries,
    "a giver comes back with a made-up address": _a_made_up_address,
}
