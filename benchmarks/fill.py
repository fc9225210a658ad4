"""Fills a database for a measurement: `python -m benchmarks.fill`, with an order as JSON on stdin; tells what it made as JSON.

    partners, goals     so many partners, each with so many goals
    NAME                so many gifts to all of the goals in turn: settled, approved (at the simulator, not heard of yet), slow
                        (approved, and the simulator takes three seconds for its capture)
    hot                 so many approved gifts to the first goal alone
    popular             so many settled gifts to the first goal alone, before all others
    lean                settled gifts get no rows of the simulator's, as if another company had been paid

Goals and the first gift of each kind are made through the API; copies.py does the rest.
"""

import json
import os
import sys
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

GOAL = (
    "<SavingGoal><ExternalItemId>bike</ExternalItemId><Name>A bicycle</Name><GoalAmount>1000000.00</GoalAmount>"
    "<PaymentProviders><PaymentProvider><ProviderName>PayPal</ProviderName><Credentials>anna@example.org</Credentials>"
    "</PaymentProvider></PaymentProviders></SavingGoal>"
)
GIFT = "<Contribution><Amount>20.00</Amount><Contributor>Uncle Bob</Contributor><Message>For you</Message></Contribution>"
TOLD = 20_000
"""Of how many gifts of a kind the addresses are told."""


class Filling:
    """One database and what was made in it."""

    def __init__(self, order: dict[str, Any]) -> None:
        from partners.registration import register

        self.order = order
        self.keys = [register(f"Benchmark {number}", is_test=True).api_key for number in range(order.get("partners", 1))]
        self.targets: list[list[Any]] = [[self._goal(key) for _ in range(order.get("goals", 1))] for key in self.keys]
        self.every = [target for goals in zip(*self.targets, strict=True) for target in goals]

    def gifts(self, kind: str, number: int) -> list[dict[str, Any]]:
        """Their paths, and which partner's they are."""
        from benchmarks.copies import Copier, Template

        home = self.targets[0][0]
        public_id, back = self._first(home, kind)
        simulated = kind in {"approved", "slow", "hot"} or not self.order.get("lean")
        targets = [home] if kind in {"hot", "popular"} else self.every
        template = Template(public_id, home, simulated=simulated)
        whose = {target.goal_public_id: place for place, goals in enumerate(self.targets) for target in goals}
        told = []
        for texts in Copier(template, targets).write(number)[:TOLD]:
            there = back
            for token in template.tokens:
                there = there.replace(token, texts[token])
            told.append({"id": texts[public_id], "partner": whose[texts["goal"]], "return": there})
        return told

    def told(self) -> dict[str, Any]:
        goals = [[target.goal_public_id for target in targets] for targets in self.targets]
        return {"keys": self.keys, "goals": goals}

    def _goal(self, key: str) -> Any:
        from benchmarks.copies import Target
        from goals.models import SavingGoal

        goal = SavingGoal.objects.get(public_id=_element(_post("/api/savings", GOAL, key), "Id"))
        return Target(goal.partner_id, goal.pk, goal.payment_accounts.get().pk, goal.public_id)

    def _first(self, home: Any, kind: str) -> tuple[str, str]:
        """The id of a gift of this kind, and the path on which its giver returns."""
        headers = {"Sandbox-Scenario": "slow"} if kind == "slow" else {}
        made = _post(f"/api/SavingGoal/{home.goal_public_id}/Contributions", GIFT, self.keys[0], **headers)
        page = _browser().get(_element(made, "ProviderURL"))["Location"]
        back = _browser().post(page, {"outcome": "approve"})["Location"]
        if kind in {"settled", "popular"}:
            _browser().get(back)
        return _element(made, "Id"), "/" + back.partition("://")[2].partition("/")[2]


def _browser() -> Any:
    from django.test import Client

    return Client(SERVER_NAME="127.0.0.1")


def _post(path: str, body: str, key: str, **headers: str) -> Any:
    headers = {"Authorization": f"Bearer {key}", **headers}
    answer = _browser().post(path, body, content_type="application/xml", headers=headers)
    if answer.status_code != 201:
        raise RuntimeError(f"{path}: {answer.status_code} {answer.content.decode()}")
    return answer


def _element(answer: Any, name: str) -> str:
    return str(answer.content.decode().partition(f"<{name}>")[2].partition("<")[0])


def main() -> None:
    import django

    django.setup()
    from django.db import connection

    from benchmarks.copies import settled_down

    order = json.load(sys.stdin)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=OFF")
    filling = Filling(order)
    told = filling.told()
    for kind in ("popular", "settled", "approved", "hot", "slow"):
        if order.get(kind):
            told[kind] = filling.gifts(kind, order[kind])
    with connection.cursor() as cursor:
        for statement in settled_down():
            cursor.execute(statement)
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
