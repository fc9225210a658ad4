"""Many come over HTTP to one and the same gift at once: it has one effect, and everybody is answered by the contract."""

from collections import Counter
from functools import partial

import pytest

from tests.crowds.conftest import finish_everything, what_is_wrong_with_the_books
from tests.crowds.visitors import Visitor, all_at_once

ROUNDS = 3

ANSWERS = {
    "return": {(303, "")},
    "webhook": {(200, "")},
    "refund": {(201, ""), (409, "cannot_refund"), (409, "refund_too_large"), (404, "no_such_record")},
    "delete": {(204, ""), (409, "being_settled"), (409, "cannot_delete"), (404, "no_such_record")},
}
"""What the contract has for whoever comes while others are at the same contribution: a status and a problem's code."""


def code_of(answer):
    is_problem = answer.headers.get("Content-Type", "").startswith("application/problem+json")
    return answer.json()["code"] if is_problem else ""


def make_and_approve(shop, goal, amount="20.00"):
    """The Id, the checkout's page and the return address of a gift whose giver has approved and is not back yet."""
    made = shop.give(goal, amount).json()
    page = shop.checkout(made["ProviderURL"])
    return made["Id"], page, shop.choose(page, "approve").headers["Location"]


def everybody_at(shop, gift):
    """16 returns, 16 webhooks, 16 refunds of 3.00 and 4 deletions of one gift at once: how often which answer came."""
    contribution, page, back = gift
    deeds = [("return", lambda: Visitor(shop.base_url).come_back(back))] * 16
    deeds += [("webhook", partial(lambda number: Visitor(shop.base_url).report(page, number), number)) for number in range(16)]
    deeds += [("refund", lambda: shop.another().refund(contribution, "3.00"))] * 16
    deeds += [("delete", lambda: shop.another().ask("DELETE", f"/api/Contribution/{contribution}"))] * 4
    mixed = sorted(range(len(deeds)), key=lambda index: index % 13)
    answers = all_at_once([deeds[index][1] for index in mixed])
    kinds = [deeds[index][0] for index in mixed]
    return Counter((kind, answer.status_code, code_of(answer)) for kind, answer in zip(kinds, answers, strict=True))


def test_everybody_at_one_gift_at_once_has_one_effect(service, crowded_shop):
    goal, ends = crowded_shop.new_goal(), Counter()
    for _ in range(ROUNDS):
        gift = make_and_approve(crowded_shop, goal)
        answers = everybody_at(crowded_shop, gift)
        assert [answer for answer in answers if answer[1:] not in ANSWERS[answer[0]]] == []
        refunded, deleted = answers["refund", 201, ""], answers["delete", 204, ""]
        assert (refunded <= 6 and not deleted) or (deleted == 1 and not refunded)
        answer = crowded_shop.ask("GET", f"/api/Contribution/{gift[0]}")
        if deleted:
            assert answer.status_code == 404
        else:
            status, given_back = answer.json()["Status"], answer.json()["RefundedAmount"]
            assert (status, given_back) == ("Settled", f"{3 * refunded}.00")
        ends["deleted" if deleted else "settled"] += 1
    assert ends.total() == ROUNDS
    finish_everything(service)
    assert what_is_wrong_with_the_books(service) == []


@pytest.mark.full  # contributions/test_refunds.py has 32 of them in one process
def test_of_16_refunds_at_once_as_many_succeed_as_it_can_pay(service, crowded_shop):
    goal = crowded_shop.new_goal()
    gift = make_and_approve(crowded_shop, goal)
    assert Visitor(service.base_url).ask("GET", gift[2]).headers["Location"] == f"https://shop.example/thanks?Id={gift[0]}"
    assert everybody_at(crowded_shop, gift) == {
        ("return", 303, ""): 16,
        ("webhook", 200, ""): 16,
        ("refund", 201, ""): 6,
        ("refund", 409, "refund_too_large"): 10,
        ("delete", 409, "cannot_delete"): 4,
    }
    now = crowded_shop.read(f"/api/Contribution/{gift[0]}")
    assert (now["Status"], now["RefundedAmount"], now["RecordVersionNumber"]) == ("Settled", "18.00", 8)
    assert crowded_shop.read(f"/api/SavingGoal/{goal}")["CurrentAmount"] == "2.00"
    finish_everything(service)
    assert what_is_wrong_with_the_books(service) == []


@pytest.mark.parametrize("first", ["approve", "together"])
def test_who_approves_and_cancels_in_two_windows_gives_once(service, crowded_shop, first):
    goal = crowded_shop.new_goal()
    for _ in range(ROUNDS):
        made = crowded_shop.give(goal, "20.00").json()
        checkout = crowded_shop.checkout(made["ProviderURL"])
        if first == "approve":
            crowded_shop.choose(checkout, "approve")

        def come_back(outcome, page=checkout):
            giver = Visitor(service.base_url)
            answer = giver.come_back(giver.choose(page, outcome).headers["Location"])
            return outcome, answer.status_code, answer.headers["Location"]

        bounced = set(all_at_once([partial(come_back, ("approve", "cancel")[number % 2]) for number in range(16)]))
        thanks, pity = (f"https://shop.example/{page}?Id={made['Id']}" for page in ("thanks", "pity"))
        allowed = {("approve", 303, thanks), ("cancel", 303, thanks)}
        allowed |= {("cancel", 303, pity)} if first == "together" else set()
        assert bounced <= allowed
        assert ("approve", 303, thanks) in bounced
        assert crowded_shop.read(f"/api/Contribution/{made['Id']}")["Status"] == "Settled"
    assert crowded_shop.read(f"/api/SavingGoal/{goal}")["CurrentAmount"] == "60.00"
    finish_everything(service)
    assert what_is_wrong_with_the_books(service) == []
