"""Many workers at once, and one that dies at any statement: one gift for each number."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from contributions.models import Contribution
from contributions.worker import sync_all_due
from pledges import changes, due, steps
from pledges.models import PledgedGift
from tests.at_once import all_at_once

AT = datetime(2027, 1, 5, 9, tzinfo=UTC)


class Died(BaseException):
    """The process is gone: nothing catches it."""


@pytest.mark.django_db(transaction=True)
def test_of_eight_workers_one_makes_the_gift(pledging):
    pledging.pledge(Every="Week", StartDate="2027-01-05")
    pledging.now = AT
    _at_once([due.follow_all_due] * 8)
    assert PledgedGift.objects.count() == Contribution.objects.count() == 1
    _at_once([lambda: sync_all_due(whether_due_or_not=True)] * 2 + [due.follow_all_due] * 4)
    pledging.work()
    assert pledging.gifts() == [("2027-01-05", "Settled")]
    assert pledging.told() == ["made", "gift_made"]


@pytest.mark.django_db(transaction=True)
def test_a_pause_and_a_worker_at_once(pledging):
    """Either the gift is made and then it is paused, or it is paused and no gift is there; or it was called off."""
    for _ in range(5):
        pledge_id = pledging.pledge(Every="Week", StartDate="2027-01-05")
        row = changes.whole().get(public_id=pledge_id)
        pledging.now = AT
        _at_once([due.follow_all_due, lambda row=row: changes.pause(row, "client_paused"), due.follow_all_due])
        paused = pledging.row(pledge_id)
        assert paused.state == "Paused"
        made = PledgedGift.objects.filter(pledge=paused).count()
        pledging.work("2027-01-20T09:00:00")
        assert PledgedGift.objects.filter(pledge=paused).count() == made <= 1
        pledging.now = datetime(2027, 1, 4, 12, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
def test_whoever_dies_at_any_statement_makes_no_second_gift(pledging, monkeypatch):
    """The worker is killed at its first statement, at its second, and so on; the next one goes on."""
    real = steps.follow
    for number in range(1, 40):
        pledge_id = pledging.pledge(Every="Week", StartDate="2027-01-05", Amount="1.00")
        row = changes.whole().get(public_id=pledge_id)
        pledging.now = AT
        died = _dies_at(number, lambda row=row: real(row))
        for _ in range(2):
            pledging.work()
        gifts = PledgedGift.objects.filter(pledge=row)
        assert (gifts.count(), pledging.row(pledge_id).gifts_made) == (1, 1), number
        assert Contribution.objects.filter(pledge_public_id=pledge_id).count() == 1, number
        pledging.now = datetime(2027, 1, 4, 12, tzinfo=UTC)
        if not died:
            assert number > 10
            return
    pytest.fail("a step has more than 40 statements")


def _dies_at(number: int, work: Callable[[], object]) -> bool:
    """Whether it did; False: it had fewer statements."""
    left = number

    def count(execute: Any, sql: str, *arguments: Any) -> Any:
        nonlocal left
        left -= 1
        if not left:
            raise Died
        return execute(sql, *arguments)

    try:
        with connection.execute_wrapper(count):
            work()
    except Died:
        return True
    return False


def _at_once(works: list[Callable[[], object]]) -> None:
    all_at_once(len(works), lambda which: works[which]())
