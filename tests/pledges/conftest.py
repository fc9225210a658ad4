"""Ann has agreed once and for all; what she pledges."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

import clock
from contributions.models import Contribution
from contributions.worker import sync_all_due
from notifications.models import Event
from pledges import due
from pledges.models import Pledge
from tests.conftest import Answer
from tests.givers.conftest import Ann, _a_hash_that_costs_little, ann, body  # noqa: F401


@dataclass
class Pledging:
    """Ann, and the time."""

    ann: Ann
    now: datetime

    def post(self, **changes: str) -> Answer:
        asked = {"GiverId": self.ann.id, "Amount": "20.00", "Every": "Month"} | changes
        headers = {name: asked.pop(name) for name in ("Idempotency_Key",) if name in asked}
        return self.ann.shop.post(f"/api/SavingGoal/{self.ann.goal_id}/Pledges", body("Pledge", **asked), **headers)

    def pledge(self, **changes: str) -> str:
        """The Id of one that was made."""
        made = self.post(**changes)
        assert made.status == 201, made.text
        return made.value("Id") or ""

    def get(self, pledge_id: str) -> Answer:
        return self.ann.shop.get(f"/api/Pledge/{pledge_id}")

    def at(self, text: str) -> None:
        """It is this moment, in UTC, and no worker has seen it."""
        self.now = datetime.fromisoformat(text).replace(tzinfo=UTC)

    def work(self, text: str = "") -> None:
        """It is this moment, and a worker does all that is to be done in the next minutes."""
        if text:
            self.at(text)
        for _ in range(3):
            due.follow_all_due(whether_due_or_not=True)
            sync_all_due(whether_due_or_not=True)

    def row(self, pledge_id: str) -> Pledge:
        return Pledge.objects.get(public_id=pledge_id)

    def gifts(self) -> list[tuple[str, str]]:
        """Day and status of each gift, the oldest first."""
        return [(f"{one.created_at:%Y-%m-%d}", one.status) for one in Contribution.objects.order_by("pk")]

    def told(self) -> list[str]:
        """The events of pledges, the oldest first."""
        found = Event.objects.filter(type__startswith="pledge.").order_by("position")
        return [one.type.removeprefix("pledge.") for one in found]


@pytest.fixture
def pledging(ann: Ann, monkeypatch: Any) -> Any:  # noqa: F811
    ann.permission(MaximumTotal="")
    it = Pledging(ann, datetime(2027, 1, 4, 12, tzinfo=UTC))
    clock.use(lambda: it.now)
    yield it
    clock.use(None)
