"""A partner that rehearses a bad day, a clock that can be moved, and the service behind a real address."""

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command

import clock
from contributions.models import Attention, Contribution
from contributions.worker import sync_all_due
from providers.kit import retries
from providers.sandbox.models import SandboxRefund, SandboxRequest
from providers.sandbox.scenarios import SCENARIOS
from tests.conftest import Answer, Giver, PartnerClient, contribution_xml
from tests.contributions import conftest as contributions
from tests.demo import conftest as demo
from tests.providers import in_a_browser

pytest.register_assert_rewrite(
    *(f"tests.providers.{name}" for name in ("contract", "contract_money", "contract_steps", "fault_table"))
)

provider, gift = contributions.provider, contributions.gift
partner_site = in_a_browser.partner_site
_a_better_live_server, live_server = demo._a_better_live_server, demo.live_server


@pytest.fixture
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked again is asked again at once: a fake needs no time to recover."""
    monkeypatch.setattr(retries, "PAUSE_SECONDS", 0.01)


@pytest.fixture
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call may be tried again though its time is nearly over: the time of these tests is short."""
    monkeypatch.setattr(retries, "LEAST_SECONDS_FOR_A_TRY", 0.1)


@pytest.fixture
def later() -> Iterator[Callable[..., None]]:
    """Stops the clock, and moves it: later(days=3)."""
    now = datetime.now(UTC)
    clock.use(lambda: now)

    def move(**by: float) -> None:
        nonlocal now
        now += timedelta(**by)

    yield move
    clock.use(None)


@pytest.fixture
def live(transactional_db: None, live_server: Any, settings: Any) -> None:
    """The service can be reached over HTTP at its own address, as the simulator's webhooks need it."""
    settings.PUBLIC_BASE_URL = live_server.url


MAGIC = {name: f"4040.{number:02}" for number, name in enumerate(SCENARIOS, 1)}


HELD_FIRST = ("captured_in_part", "hold_ended", "capture_refused")
"""Scenarios that need a goal whose policy holds the money first."""


class Rehearsal:
    """One contribution that goes wrong, as the partner sees it: every answer of the public API is looked at."""

    def __init__(self, shop: PartnerClient, giver: Giver, scenario: str, way: str) -> None:
        self.shop, self.giver, self.scenario, self.way = shop, giver, scenario, way
        self.amount = MAGIC[scenario] if way == "amount" else "20.00"
        policy = {"CapturePolicy": "Manual"} if scenario in HELD_FIRST else {}
        self.goal_id = shop.new_goal(
            GoalAmount="9999.00", ConfirmationURL="https://shop.example/thanks", CancelURL="https://shop.example/pity", **policy
        )
        headers = {"Sandbox_Scenario": scenario} if way == "header" else {}
        body = contribution_xml(Amount=self.amount)
        self.made: Answer = shop.post(f"/api/SavingGoal/{self.goal_id}/Contributions", body, **headers)
        self.id, self.provider_url = self.made.value("Id") or "", self.made.value("ProviderURL") or ""
        self.statuses: list[str] = []
        self.refunds: list[str] = []
        self.look()

    # --- what is done -----------------------------------------------------------------------------------------------

    def page(self) -> str:
        """The provider's page to which ProviderURL leads now."""
        return self.giver.checkout(self.provider_url)

    def choose(self, outcome: str = "approve", scenario: str | None = None, *, at: str = "") -> str:
        """Press a button on the checkout page (`at`: one that was opened before); returns the address that leads back."""
        wanted = self.scenario if self.way == "page" and scenario is None else scenario
        fields = {"outcome": outcome} | ({} if wanted is None else {"scenario": wanted})
        response = self.giver.client.post(self.giver._path(at or self.page()), fields)
        assert response.status_code == 303, response.content
        self.look()
        return response["Location"]

    def pay(self, outcome: str = "approve", scenario: str | None = None, *, at: str = "") -> str:
        """Press a button and come back; returns where the giver ends, "thanks" or "pity"."""
        bounced = self.giver.visit(self.choose(outcome, scenario, at=at))
        self.look()
        return bounced.headers["Location"].removeprefix("https://shop.example/").removesuffix(f"?Id={self.id}")

    def ask_for_a_refund(self) -> Answer:
        answer = self.shop.post(f"/api/Contribution/{self.id}/Refunds", "<Refund/>")
        assert answer.status == 201, answer.text
        self.look()
        return answer

    def capture(self) -> str | None:
        answer = self.shop.post(f"/api/Contribution/{self.id}/Capture")
        assert answer.status == 200, answer.text
        self.look()
        return answer.value("Status")

    def find_out(self) -> None:
        """The worker's round but for the webhooks, which nobody could receive."""
        sync_all_due(whether_due_or_not=True)
        self.look()

    def work(self) -> None:
        call_command("work", "--once", stdout=io.StringIO())
        self.look()

    # --- what is seen -----------------------------------------------------------------------------------------------

    def look(self) -> None:
        contribution = self.shop.get(f"/api/Contribution/{self.id}")
        reason = contribution.value("StatusReason")
        self._see(self.statuses, f"{contribution.value('Status')}" + (f" ({reason})" if reason else ""))
        refunds = self.shop.get(f"/api/Contribution/{self.id}/Refunds")
        for status in refunds.xml.findall("{*}Refund/{*}Status"):
            self._see(self.refunds, status.text)

    @staticmethod
    def _see(seen: list[str], now: str) -> None:
        if seen[-1:] != [now]:
            seen.append(now)

    @property
    def seen(self) -> str:
        """Every status after Submitted, in the words of the table."""
        statuses = [status for status in self.statuses if status != "Submitted"]
        if self.scenario.startswith("open_"):
            return f"{self.made.status}, {', then '.join(statuses or self.statuses)}"
        where = "where money is held first: " if self.scenario in HELD_FIRST else ""
        if not self.refunds:
            return where + ", then ".join(statuses) + self._amounts
        afterwards = ["", *[f": {status}" for status in statuses[1:]]][-len(self.refunds) :]
        afterwards = [""] * (len(self.refunds) - len(afterwards)) + afterwards
        refunds = (refund + after for refund, after in zip(self.refunds, afterwards, strict=True))
        return f"{statuses[0]}; the refund {', then '.join(refunds)}"

    @property
    def _amounts(self) -> str:
        contribution = self.shop.get(f"/api/Contribution/{self.id}")
        told = {
            ", with a SettledAmount": contribution.value("SettledAmount"),
            ", with a ReversedAmount in the end": self.collected != "0.00" and contribution.value("ReversedAmount"),
            " until the hold ends, and `manage.py attention` tells of it": Attention.objects.filter(kind="cannot_be_taken"),
        }
        return "".join(text for text, there in told.items() if there)

    @property
    def collected(self) -> str | None:
        return self.shop.get(f"/api/SavingGoal/{self.goal_id}").value("CurrentAmount")

    @property
    def refunded(self) -> str | None:
        return self.shop.get(f"/api/Contribution/{self.id}").value("RefundedAmount")

    @property
    def in_the_simulators_books(self) -> tuple[int, int]:
        """(captures, refunds that were not refused)"""
        captures = SandboxRequest.objects.filter(operation="capture")
        return captures.count(), SandboxRefund.objects.exclude(state="failed").count()

    def ends(self) -> None:
        """What was seen, start to end, is what the docs promise; nothing that comes late changes it; the books are right."""
        checkout = Contribution.objects.whole().get().current_checkout
        assert self.seen == SCENARIOS[self.scenario].seen
        self.find_out()
        self.giver.visit(f"/providers/paypal/return/{self.id}?token={checkout.provider_checkout_id}")
        self.look()
        assert self.seen == SCENARIOS[self.scenario].seen
        call_command("audit", stdout=io.StringIO())
