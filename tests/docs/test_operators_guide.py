"""docs/operators.md, followed to the letter."""

import json
import re
import subprocess
import sys

import pytest
from django.db.models import F

import clock
from contributions import refunds
from contributions.models import Contribution
from contributions.worker import sync_all_due
from goals.models import SavingGoal
from ids import new_id
from partners import keys
from partners.models import Partner
from pledges.due import follow_all_due
from pledges.models import Pledge
from providers.sandbox.models import SandboxCheckout, SandboxPermission
from tests.conftest import Giver, PartnerClient, register
from tests.docs.comparison import Memory
from tests.docs.examples import ROOT, blocks_of, steps_of
from tests.docs.running import HOST, Reader
from tests.eventually import SECONDS
from tests.givers.conftest import Ann, body

GUIDE = ROOT / "docs" / "operators.md"


@pytest.fixture(autouse=True)
def _the_address_that_the_guide_uses(settings):
    settings.PUBLIC_BASE_URL = f"https://{HOST}"
    settings.ALLOWED_HOSTS = [HOST, "give.example.test"]


def _a_gift(name: str, outcome: str) -> str:
    shop = PartnerClient(keys.issue(Partner.objects.filter(name=name, is_test=True).first() or register(name).partner))
    gift = shop.new_contribution(shop.new_goal())
    Giver().pay(gift.value("ProviderURL") or "", outcome)
    return gift.value("Id") or ""


def _a_gift_is_pending(memory: Memory) -> None:
    memory["gift"] = _a_gift("Somebody's Shop", "pending")


def _somebody_edited_a_total(memory: Memory) -> None:
    memory["gift"] = _a_gift("Somebody's Shop", "approve")
    memory["goal"] = Contribution.objects.get(public_id=memory["gift"]).goal.public_id
    SavingGoal.objects.filter(public_id=memory["goal"]).update(collected_minor=F("collected_minor") + 500)


def _a_refund(memory: Memory, scenario: str, becomes: str) -> None:
    memory["gift"] = _a_gift("Somebody's Shop", "approve")
    SandboxCheckout.objects.filter(reference=memory["gift"]).update(scenario=scenario)
    gift = Contribution.objects.whole().get(public_id=memory["gift"])
    asked = refunds.ask(gift, amount_minor=None, reason=None, public_id=new_id())
    assert asked.status == becomes
    memory.pop("refund", None)


def _a_refund_was_refused(memory: Memory) -> None:
    _a_refund(memory, "refund_refused", "Failed")


def _a_refund_takes_its_time(memory: Memory) -> None:
    _a_refund(memory, "refund_pending", "Pending")


def _a_bank_took_the_money_back(memory: Memory) -> None:
    memory["gift"] = _a_gift("Somebody's Shop", "approve")
    SandboxCheckout.objects.filter(reference=memory["gift"]).update(state=SandboxCheckout.State.REVERSED)


def _a_pledges_gift_was_declined(memory: Memory) -> None:
    shop = PartnerClient(keys.issue(Partner.objects.get(name="Somebody's Shop", is_test=True)))
    made = shop.post("/api/Givers", body("Giver", ExternalId="customer-7", Name="Ann")).value("Id") or ""
    ann = Ann(shop, Giver(), made, shop.new_goal())
    ann.permission()
    SandboxPermission.objects.update(scenario="declined", trouble_made=False)
    asked = body("Pledge", GiverId=ann.id, Amount="20.00", Every="Month")
    memory["pledge"] = shop.post(f"/api/SavingGoal/{ann.goal_id}/Pledges", asked).value("Id") or ""
    Pledge.objects.update(next_at=clock.now())
    for _ in range(2):
        follow_all_due(whether_due_or_not=True)
        sync_all_due(whether_due_or_not=True)
    memory["gift"] = Contribution.objects.get(pledge_public_id=memory["pledge"]).public_id


def _a_key_is_known_to_others(memory: Memory) -> None:
    memory["leaked-key"] = keys.issue(Partner.objects.get(name="Anna's Shop", is_test=True))
    memory["goal"] = PartnerClient(memory["leaked-key"]).new_goal()


@pytest.mark.django_db
def test_every_example_of_the_operators_guide_is_what_happens():
    steps = steps_of(GUIDE)
    before = {
        "A gift is stuck in Pending": _a_gift_is_pending,
        "audit reports faults": _somebody_edited_a_total,
        "A refund failed": _a_refund_was_refused,
        "A refund is stuck in Pending": _a_refund_takes_its_time,
        "A chargeback came in": _a_bank_took_the_money_back,
        "A provider is down": _a_gift_is_pending,
        "A pledge makes no gifts": _a_pledges_gift_was_declined,
        "A key leaked": _a_key_is_known_to_others,
    }
    assert set(before) <= {step.block.heading for step in steps}
    Reader().follow(steps, before)


@pytest.mark.django_db
def test_encrypting_anew_makes_the_old_key_unnecessary(settings, shop):
    settings.CREDENTIALS_KEYS = ["old"]
    goal = shop.new_goal()
    settings.CREDENTIALS_KEYS = ["new", "old"]
    (snippet,) = [step for step in steps_of(GUIDE) if step.block.heading == "Secrets"]
    Reader().run(snippet)
    settings.CREDENTIALS_KEYS = ["new"]
    assert SavingGoal.objects.get(public_id=goal).payment_accounts.get().credentials == "anna@example.org"


def test_granian_knows_every_option_that_is_shown_for_it():
    [server] = [line for line in _shell_lines("In production") if line.startswith("python -m config.serve ")]
    options = re.findall(r"--[a-z0-9-]+", server)
    assert len(options) >= 10
    command = [sys.executable, "-m", "granian", "--help"]
    known = subprocess.run(command, capture_output=True, text=True, check=True, timeout=SECONDS).stdout
    assert [option for option in options if not re.search(rf"{option}(?![a-z0-9-])", known)] == []


def test_the_shown_log_line_has_the_members_of_a_real_one(shop, caplog):
    from config.log_lines import JsonLines

    shown = json.loads(re.search(r'^    (\{"at".*\})$', GUIDE.read_text(), re.MULTILINE)[1])
    with caplog.at_level("INFO", "access"):
        caplog.handler.setFormatter(JsonLines())  # at once: what is bound to the request is there no longer afterwards
        shop.get("/api/savings")
    real = json.loads(caplog.text.splitlines()[-1])
    assert list(shown) == list(real)
    assert {name: shown[name] for name in ("event", "method", "path", "status")} == {
        "event": "request",
        "method": "GET",
        "path": "/api/savings",
        "status": 200,
    }
    assert real["path"] == shown["path"]


def _shell_lines(heading: str) -> list[str]:
    return [line for block in blocks_of(GUIDE, "sh") if block.heading == heading for line in block.text.splitlines()]


def test_no_step_is_a_snippet():
    """At 3 a.m. nobody is to paste Python."""
    assert re.findall(r"manage\.py (?:db)?shell|^ *\$? *python -c", GUIDE.read_text(), re.MULTILINE) == []
