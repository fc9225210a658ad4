"""The people in the storm: shops and givers who use the service over HTTP, ask again until they are answered, and
remember every answer (told.py).
"""

import time
import traceback
from collections.abc import Callable
from random import Random
from typing import Any

import requests

from tests.crashes.told import (
    ASKED,
    DONE,
    LEFT_ALONE_SECONDS,
    NO,
    LeftAlone,
    Person,
    TheirGift,
    TheirGoal,
    TheirRefund,
    Town,
    code_of,
    minor_of,
    text_of,
)

POLICIES = ("Immediate", "OnGoalReached", "Manual")

OUTCOMES = {"approve": 58, "pending": 8, "second_try": 8, "decline": 8, "cancel": 10, "none": 8}
"""What a giver does at the provider's: `second_try` is declined first, `none` closes the window. Out of 100."""

SCENARIOS = {
    "": 62, "call_lost": 5, "answer_lost": 5, "error_500": 5, "report_first": 3, "report_twice": 3, "report_never": 4,
    "refund_pending": 4, "refund_answer_lost": 3, "refund_in_dashboard": 2, "chargeback": 2, "chargeback_won": 2,
}  # fmt: skip
"""What else goes wrong at the provider's when the giver pays. Out of 100."""


class ShopAndGivers:
    """One shop with one giver at a time: each gift from its beginning to whatever end chance gives it."""

    def __init__(self, person: Person, town: Town, chance: Random, name: str, *, begins_with: str = "") -> None:
        """`begins_with`: what goes wrong with the first gift, for what is too rare to be left to chance in a short storm."""
        self.person, self.town, self.chance, self.name, self.begins_with = person, town, chance, name, begins_with
        self.number = 0

    def live(self) -> None:
        """One gift after the other until the storm is over; the last one is finished."""
        while not self.town.over.is_set():
            try:
                self.the_first_gift() if self.begins_with else self.one_gift()
            except LeftAlone:
                continue  # it is noted; on with the next gift
            except Exception:  # noqa: BLE001 - whatever confuses a client is a fault, and not the end of a thread
                self.town.told.faults.append(f"{self.name} does not understand: {traceback.format_exc()}")

    def new_key(self) -> str:
        self.number += 1
        return f"{self.name}-{self.number}"

    def happens(self, probability: float) -> bool:
        return self.chance.random() < probability

    def the_first_gift(self) -> None:
        """Paid for, to a goal of its own that takes it at once."""
        scenario, self.begins_with = self.begins_with, ""
        goal = self.make_goal("Immediate")
        gift, provider_url = self.make(goal) if goal else (None, "")
        if gift is not None:
            gift.outcome, gift.scenario = "approve", scenario
            self.come_back(gift, self.choose(gift, provider_url, "approve", scenario))

    def one_gift(self) -> None:
        goal = self.a_goal()
        if goal is None:
            return
        gift, provider_url = self.make(goal)
        if gift is None:
            return
        back = self.at_the_provider(gift, provider_url)
        if back and self.happens(0.75):
            self.come_back(gift, back)
        self.afterwards(gift)
        if self.happens(0.03):
            self.delete_goal(goal)

    # --- The shop ---------------------------------------------------------------------------------------------------

    def a_goal(self) -> TheirGoal | None:
        with self.town.noting():
            if len(self.town.collecting) >= 4 and not self.happens(0.08):
                return self.chance.choice(self.town.collecting)
        goal = self.make_goal(self.chance.choice(POLICIES))
        if goal is not None:
            with self.town.noting():
                self.town.collecting = [*self.town.collecting[-5:], goal]
        return goal

    def make_goal(self, policy: str) -> TheirGoal | None:
        goal = TheirGoal(self.new_key(), policy, self.chance.choice([6000, 20000, 100000]))
        with self.town.noting() as told:
            told.goals.append(goal)
        body = {
            "ExternalItemId": goal.key,
            "Name": f"Goal {goal.key}",
            "GoalAmount": text_of(goal.goal_minor),
            "CapturePolicy": goal.policy,
            "PaymentProviders": {"PaymentProvider": [{"ProviderName": "PayPal", "Credentials": "anna@example.org"}]},
            "ConfirmationURL": "https://shop.example/thanks",
            "CancelURL": "https://shop.example/pity",
        }
        answer = self.asked_twice("/api/savings", body, goal.key)
        if answer.status_code != 201:
            self.person.unexpected(answer)
            return None
        goal.id = answer.json()["Id"]
        return goal

    def make(self, goal: TheirGoal) -> tuple[TheirGift | None, str]:
        gift = TheirGift(self.new_key(), goal.id, goal.policy, self.chance.randint(1, 30) * 50)
        with self.town.noting() as told:
            told.gifts.append(gift)
        body = {"Amount": text_of(gift.amount_minor), "Contributor": gift.key}
        answer = self.asked_twice(f"/api/SavingGoal/{goal.id}/Contributions", body, gift.key, below=goal)
        if answer.status_code == 201:
            made = answer.json()
            gift.id = made["Id"]
            if not made["ProviderURL"] or made["Status"] != "Submitted":
                if not (made["Status"] == "Canceled" and goal.deletion != NO):  # with its goal, at that very moment
                    self.person.unexpected(answer)
                return None, ""
            return gift, made["ProviderURL"]
        gift.refused = True
        if goal.deletion == NO or answer.status_code not in {404, 409}:
            self.person.unexpected(answer)
        return None, ""

    def asked_twice(self, path: str, body: dict[str, Any], key: str, below: TheirGoal | None = None) -> requests.Response:
        """The answer to a POST; now and then it is asked for again, as a client does that lost it.

        `below`: the goal under which it is made, which may be deleted in between.
        """
        first, _ = self.person.post(path, body, key)
        if first.status_code == 201 and self.happens(0.1):
            again, _ = self.person.post(path, body, key)
            replayed = again.content == first.content and again.headers.get("Idempotent-Replayed") == "true"
            gone = again.status_code == 404 and below is not None and below.deletion != NO
            if not replayed and not gone:
                self.person.unexpected(again)
        return first

    # --- The giver --------------------------------------------------------------------------------------------------

    def at_the_provider(self, gift: TheirGift, provider_url: str) -> str:
        """What the giver does there; returns where the provider sends them then."""
        outcome = self.any_of(OUTCOMES)
        if outcome == "none":
            return ""
        if outcome == "second_try":
            gift.outcome = "decline"
            self.come_back(gift, self.choose(gift, provider_url, "decline", ""))
            gift.bounced_to, outcome = "", "approve"
        scenario = self.any_of(SCENARIOS) if outcome == "approve" else ""
        gift.outcome, gift.scenario = outcome, scenario
        return self.choose(gift, provider_url, outcome, scenario)

    def choose(self, gift: TheirGift, provider_url: str, outcome: str, scenario: str) -> str:
        page = self.led_to(gift, provider_url)
        answer, _ = self.person.until_answered("POST", page, data={"outcome": outcome, "scenario": scenario})
        if answer.status_code != 303:
            self.person.unexpected(answer)
            raise LeftAlone
        return answer.headers["Location"]

    def led_to(self, gift: TheirGift, provider_url: str) -> str:
        """The provider's page to which ProviderURL leads; opened there and then where the last one was declined."""
        answer, _ = self.person.until_answered("GET", provider_url)
        if answer.status_code != 303:
            if not self.town.has_given_up(gift.goal) or "This gift was withdrawn" not in answer.text:
                self.person.unexpected(answer)
            raise LeftAlone
        return answer.headers["Location"]

    def come_back(self, gift: TheirGift, address: str) -> None:
        """The giver's browser is sent back; some reload a page that does not come, some close it, some come twice."""
        give_up = time.monotonic() + LEFT_ALONE_SECONDS
        answer = self.person.once("GET", address)
        while answer is None or answer.status_code == 503:
            if self.happens(0.3) or time.monotonic() > give_up:
                return
            time.sleep(0.2)
            answer = self.person.once("GET", address)
        self.note_bounce(gift, answer)
        if self.happens(0.2):
            again, _ = self.person.until_answered("GET", address)
            self.note_bounce(gift, again)

    def note_bounce(self, gift: TheirGift, answer: requests.Response) -> None:
        where, _, query = answer.headers.get("Location", "").partition("?")
        if answer.status_code != 303 or query != f"Id={gift.id}":
            self.person.unexpected(answer)
        gift.bounced_to = where
        given_up = gift.deletion != NO or self.town.has_given_up(gift.goal)
        if gift.outcome in {"approve", "pending"} and where.endswith("/pity") and not given_up:
            self.town.told.faults.append(f"{gift.id}: the giver approved and was sent to the CancelURL")

    # --- The shop again ---------------------------------------------------------------------------------------------

    def afterwards(self, gift: TheirGift) -> None:
        paid = gift.outcome in {"approve", "pending"}
        if not paid or not gift.bounced_to:
            if self.happens(0.35):
                self.delete(gift)
        elif gift.policy == "Manual":
            self.one_of([(0.6, lambda: self.capture(gift)), (0.2, lambda: self.delete(gift))])
        elif self.happens(0.15):
            self.delete(gift)
        if paid and gift.policy != "OnGoalReached" and self.happens(0.35):
            self.refund(gift)

    def capture(self, gift: TheirGift) -> None:
        gift.capture, key = ASKED, self.new_key()
        for _ in range(5):
            answer, _ = self.person.post(f"/api/Contribution/{gift.id}/Capture", None, key)
            if answer.status_code != 409:
                break
            time.sleep(0.3)  # not held yet: a refusal does not use the key up
        if answer.status_code == 200:
            gift.capture = DONE
            if answer.json()["Status"] not in {"Authorized", "Settled"} | self.elsewhere(gift):
                self.person.unexpected(answer)
        elif not self.may_be_refused(gift, answer):
            self.person.unexpected(answer)

    def elsewhere(self, gift: TheirGift) -> set[str]:
        """What others (the bank, the provider's dashboard, whoever deletes the goal) may have made of it in the meantime."""
        if self.town.has_given_up(gift.goal) or gift.scenario == "refund_in_dashboard":
            return {"Refunded"}
        return {"Reversed"} if gift.scenario.startswith("chargeback") else set()

    def may_be_refused(self, gift: TheirGift, answer: requests.Response) -> bool:
        """409 for what is not (or no longer) held or taken; 404 only for what was deleted."""
        return answer.status_code == 409 or (answer.status_code == 404 and gift.deletion != NO)

    def refund(self, gift: TheirGift) -> None:
        for _ in range(self.chance.choice([1, 1, 2])):
            refund = TheirRefund(self.new_key(), self.chance.choice([None, 50, gift.amount_minor // 3 + 1]))
            gift.refunds.append(refund)
            body = {"Reason": refund.key}
            body |= {"Amount": text_of(refund.amount_minor)} if refund.amount_minor else {}
            answer = self.asked_twice(f"/api/Contribution/{gift.id}/Refunds", body, refund.key)
            if answer.status_code == 201:
                refund.id = answer.json()["Id"]
                refund.acknowledged_minor = minor_of(answer.json()["Amount"])
            else:
                refund.refused = True
                if not self.may_be_refused(gift, answer):
                    self.person.unexpected(answer)

    def delete(self, gift: TheirGift) -> None:
        gift.deletion = ASKED
        for _ in range(10):
            answer, in_the_dark = self.person.delete(f"/api/Contribution/{gift.id}")
            if code_of(answer) != "being_settled":
                break
            time.sleep(0.3)
        if answer.status_code == 204 or (answer.status_code == 404 and in_the_dark):
            gift.deletion = DONE
        elif answer.status_code == 409:
            gift.deletion = NO if not in_the_dark else ASKED
        else:
            self.person.unexpected(answer)

    def delete_goal(self, goal: TheirGoal) -> None:
        with self.town.noting():
            if goal.deletion != NO:
                return
            goal.deletion = ASKED
            self.town.collecting = [other for other in self.town.collecting if other is not goal]
        answer, in_the_dark = self.person.delete(f"/api/SavingGoal/{goal.id}")
        if answer.status_code == 204 or (answer.status_code == 404 and in_the_dark):
            goal.deletion = DONE
        else:
            self.person.unexpected(answer)

    def any_of(self, weights: dict[str, int]) -> str:
        return self.chance.choices(list(weights), list(weights.values()))[0]

    def one_of(self, deeds: list[tuple[float, Callable[[], None]]]) -> None:
        drawn = self.chance.random()
        for probability, deed in deeds:
            if drawn < probability:
                deed()
                return
            drawn -= probability
