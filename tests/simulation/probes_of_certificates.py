"""As probes.py, of gift certificates: two who spend, and two who claim, at the same statement."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import connection, transaction

from certificates import buying, claiming
from certificates.models import GiftCertificate
from certificates.spending import BalanceTooLow, Purse, account_for
from givers import people, permissions
from givers.models import Giver
from goals import payees, rules
from goals.models import SavingGoal
from partners import registration
from tests.conftest import Giver as Browser


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
    partner = registration.register(f"Shop {GiftCertificate.objects.count()}", is_test=True).partner
    giver = people.create(partner, {"external_id": "1"}, public_id=permissions.new_id())
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
    "two spend the same certificate": _spends_the_same,
    "two claim the same certificate": _claims_the_same,
}
