"""Thirty-two at once: what is on a certificate is spent once, and one giver alone has claimed it."""

import pytest

from contributions.models import Contribution
from tests.at_once import all_at_once
from tests.certificates.conftest import row

pytestmark = pytest.mark.django_db(transaction=True)

CROWD = 32


def test_what_is_there_is_spent_once(counter, ann, room_for_everybody):
    first, last = counter.claimed(ann, Amount="7.00", ExpiresDate="2031-01-01"), counter.claimed(ann, Amount="8.00")
    goal_id = counter.shop.new_goal()
    answers = all_at_once(CROWD, lambda _: counter.give(goal_id, ann, "2.00").status)
    assert sorted(answers) == [201] * 7 + [409] * (CROWD - 7)
    assert (row(first).balance_minor, row(last).balance_minor) == (0, 100)
    assert Contribution.objects.filter(goal__public_id=goal_id).count() == 7


def test_one_of_them_claims_it(counter):
    certificate_id = counter.sold()
    givers = [counter.new_giver(f"customer-{number}") for number in range(CROWD)]
    answers = all_at_once(CROWD, lambda number: counter.claim(certificate_id, givers[number]).status)
    assert sorted(answers) == [200] + [409] * (CROWD - 1)
    assert counter.events().count("giftcertificate.claimed") == 1


def test_refunds_and_gifts_do_not_take_the_same_money(counter, ann, room_for_everybody):
    certificate_id = counter.claimed(ann)
    goal_id = counter.shop.new_goal()

    def act(number):
        if number % 2:
            return counter.refund(certificate_id, Amount="2.00").status
        return counter.give(goal_id, ann, "2.00").status

    answers = all_at_once(CROWD, act)
    assert set(answers) == {201, 409}
    assert answers.count(201) == 12
    assert row(certificate_id).balance_minor == 100
