"""Every bad day that a partner can rehearse, as the partner sees it, start to end.

Most in three ways: by the header, by the magic amount, by the checkout page.
"""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from contributions.models import LedgerEntry, ProviderRequest, Refund
from contributions.worker import sync_all_due
from providers.sandbox import operations as sandbox
from providers.sandbox.models import SandboxCheckout, SandboxWebhook
from providers.sandbox.scenarios import SCENARIOS, scenario_of
from tests.conftest import contribution_xml
from tests.providers.conftest import Rehearsal

pytestmark = pytest.mark.django_db

HEADER, SENT, EVERY_WAY = ("header",), ("header", "amount"), ("header", "amount", "page")

PENDING_THEN_TAKEN = "pay -> thanks, nothing; find_out -> taken"
FOUND_TAKEN = "pay -> thanks, ordered; find_out -> taken"
REFUSED_BY_US = "find_out -> nothing; pay -> pity, nothing"

BAD_DAYS = {
    "call_lost": (EVERY_WAY, PENDING_THEN_TAKEN, "capture by worker"),
    "answer_lost": (EVERY_WAY, FOUND_TAKEN, "capture by worker"),
    "error_500": (EVERY_WAY, PENDING_THEN_TAKEN, "capture by worker"),
    "slow": (EVERY_WAY, "pay -> thanks, taken", "capture by return"),
    "declined": (EVERY_WAY, "pay -> pity, nothing", ""),
    "review_passed": (EVERY_WAY, FOUND_TAKEN, "capture by worker"),
    "review_denied": (EVERY_WAY, "pay -> thanks, ordered; find_out -> ordered", ""),
    "amount_differs": (EVERY_WAY, REFUSED_BY_US, ""),
    "currency_differs": (EVERY_WAY, REFUSED_BY_US, ""),
    "report_never": (EVERY_WAY, "choose -> nothing; find_out -> taken", "capture by worker"),
    "refund_refused": (EVERY_WAY, "pay -> thanks, taken; refund -> Failed, taken", "capture by return; refund_refused"),
    "refund_answer_lost": (
        EVERY_WAY,
        "pay -> thanks, taken; refund -> Pending, refund ordered; find_out -> given back",
        "capture by return, refund by worker; client",
    ),
    "capture_refused": (HEADER, "pay -> thanks, nothing; capture -> Authorized, nothing", "authorization by return"),
}
"""By which ways; what is done and what stands then in whose books; what wrote it into ours, and for each refund why it
failed or else who asked for it."""

BY_WEBHOOK = {
    "report_first": (("header", "page"), "choose -> taken", "capture by webhook"),
    "report_twice": (HEADER, "choose -> nothing; work -> taken", "capture by webhook"),
    "refund_pending": (
        HEADER,
        "pay -> thanks, taken; refund -> Pending, refund ordered; work -> given back",
        "capture by return, refund by webhook; client",
    ),
    "refund_denied": (
        HEADER,
        "pay -> thanks, taken; refund -> Pending, refund ordered; work -> taken",
        "capture by return; refund_denied",
    ),
    "refund_in_dashboard": (
        HEADER,
        "pay -> thanks, taken; work -> given back; work -> given back",
        "capture by return, refund by webhook; provider",
    ),
    "chargeback": (
        HEADER,
        "pay -> thanks, taken; work -> ordered; work -> ordered",
        "capture by return, reversal by webhook",
    ),
    "chargeback_won": (
        HEADER,
        "pay -> thanks, taken; work -> ordered; work -> taken; work -> taken",
        "capture by return, reversal by webhook, reversal_won by webhook",
    ),
    "chargeback_in_part": (
        HEADER,
        "pay -> thanks, taken; work -> a part taken; work -> a part taken",
        "capture by return, reversal by webhook",
    ),
    "refund_undone": (
        HEADER,
        "pay -> thanks, taken; refund -> Completed, given back; work -> taken; work -> taken",
        "capture by return, refund by client, refund_undone by webhook; refund_denied",
    ),
    "captured_in_part": (
        HEADER,
        "pay -> thanks, nothing; work -> a part taken in the dashboard; work -> a part taken in the dashboard",
        "authorization by return, capture by webhook",
    ),
    "hold_ended": (
        HEADER,
        "pay -> thanks, nothing; work -> nothing; work -> nothing",
        "authorization by return, void by webhook",
    ),
}
"""The same, where the simulator's webhooks come over HTTP."""

STANDS = {
    ("0", "0", 0, 0): "nothing",
    ("0", "0", 1, 0): "ordered",  # and not, or no longer, in the goal's total
    ("all", "0", 1, 0): "taken",
    ("all", "0", 1, 1): "refund ordered",
    ("0", "all", 1, 1): "given back",
    ("a part", "0", 1, 0): "a part taken",
    ("a part", "0", 0, 0): "a part taken in the dashboard",
}
"""(collected, refunded) as the partner is told, and (captures, refunds) in the simulator's books."""

DEEDS = {
    "choose": lambda day: day.choose() and None,
    "pay": Rehearsal.pay,
    "capture": Rehearsal.capture,
    "refund": lambda day: day.ask_for_a_refund().value("Status"),
    "find_out": Rehearsal.find_out,
    "work": Rehearsal.work,
}


def each_way(days):
    params = [
        pytest.param((scenario, way), steps, entries, id=f"{scenario}-{way}")
        for scenario, (ways, steps, entries) in days.items()
        for way in ways
    ]
    return pytest.mark.parametrize(("day", "steps", "entries"), params, indirect=["day"])


@pytest.fixture
def day(request, shop, giver):
    return Rehearsal(shop, giver, *request.param)


def goes(day, steps, entries):
    """Step by step as the table says; each order was made once."""
    for number, step in enumerate(steps.split("; "), 1):
        deed, _, expected = step.partition(" -> ")
        came_of_it = DEEDS[deed](day)
        ours = ({"0.00": "0", day.amount: "all", "15.00": "a part"}[text] for text in (day.collected, day.refunded))
        now = STANDS[*ours, *day.in_the_simulators_books]
        assert (f"{came_of_it}, " if came_of_it else "") + now == expected, f"step {number}, {deed}"
    refunds = [failure or cause for failure, cause in Refund.objects.values_list("failure", "cause")]
    written = ", ".join(f"{kind} by {cause}" for kind, cause in LedgerEntry.objects.order_by("pk").values_list("kind", "cause"))
    assert "; ".join([written, *refunds]) == entries
    assert ProviderRequest.objects.filter(operation="capture").count() <= 1, "asked again under the same request id"
    day.ends()


@each_way(BAD_DAYS)
def test_a_bad_day_goes_as_the_table_says(day, steps, entries, monkeypatch):
    slept = []
    monkeypatch.setattr(sandbox, "time", SimpleNamespace(sleep=slept.append))
    goes(day, steps, entries)
    assert slept == ([3] if day.scenario == "slow" else [])


@pytest.mark.usefixtures("live")
@each_way(BY_WEBHOOK)
def test_a_bad_day_with_webhooks_goes_as_the_table_says(day, steps, entries):
    goes(day, steps, entries)
    events = SandboxWebhook.objects.exclude(delivered_at=None).filter(what="approve").values_list("event_id", flat=True)
    assert (len(events), len(set(events))) == ((2, 1) if day.scenario == "report_twice" else (1, 1)), "one and the same"


def test_every_scenario_is_rehearsed():
    of_permissions = {"authentication_required", "permission_revoked"}  # in tests/givers
    assert {*SCENARIOS} == {"open_refused", "open_silent", *BAD_DAYS, *BY_WEBHOOK} | of_permissions


# --- What the tables do not tell --------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", SENT)
def test_a_provider_that_refuses_to_open_a_checkout(shop, giver, way):
    day = Rehearsal(shop, giver, "open_refused", way)
    assert (day.made.status, day.made.value("code")) == (502, "checkout_refused")
    assert (day.collected, day.in_the_simulators_books) == ("0.00", (0, 0))
    day.ends()


@pytest.mark.parametrize("way", SENT)
def test_a_provider_that_is_silent_at_the_post(shop, giver, way):
    """By the header the checkout opens when the giver comes; by the amount the provider stays silent."""
    day = Rehearsal(shop, giver, "open_silent", way)
    day.ends()
    if way == "header":
        assert (day.pay(), day.statuses[-1], day.collected) == ("thanks", "Settled", day.amount)
    else:
        waiting = day.giver.visit(day.provider_url)
        assert (waiting.status, waiting.headers["Retry-After"]) == (503, "5")
        assert (day.statuses, SandboxCheckout.objects.count()) == (["Submitted"], 0)


def test_who_was_declined_pays_at_the_same_page(shop, giver):
    """With another instrument."""
    day = Rehearsal(shop, giver, "declined", "header")
    page = day.page()
    assert day.pay(at=page) == "pity"
    assert day.pay(scenario="", at=page) == "thanks"
    assert (day.statuses[-1], day.collected, day.in_the_simulators_books) == ("Settled", day.amount, (1, 0))


@pytest.mark.parametrize(
    ("way", "ends", "status"), [("header", "thanks", "Settled"), ("amount", "pity", "Failed (instrument_declined)")]
)
def test_a_second_try_at_provider_url_after_a_decline(shop, giver, way, ends, status):
    """In a new checkout. A scenario of the header belongs to the first one; an amount plays it in each."""
    day = Rehearsal(shop, giver, "declined", way)
    first = day.page()
    assert day.pay(at=first) == "pity"
    assert (day.page() != first, SandboxCheckout.objects.count()) == (True, 2)
    assert day.pay() == ends
    assert day.statuses == ["Submitted", "Failed (instrument_declined)", "Submitted", status]


def test_after_a_review_was_denied_there_is_a_new_checkout(shop, giver):
    day = Rehearsal(shop, giver, "review_denied", "header")
    page = day.page()
    day.pay(at=page)
    day.find_out()
    assert "finished" in giver.visit(page).text
    assert day.page() != page


# --- Held money -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scenario", ["call_lost", "answer_lost", "review_passed"])
def test_the_same_goes_wrong_where_money_is_held_first(shop, giver, scenario):
    goal = shop.new_goal(CapturePolicy="Manual")
    made = shop.post(f"/api/SavingGoal/{goal}/Contributions", contribution_xml(), Sandbox_Scenario=scenario)
    giver.pay(made.value("ProviderURL"))
    contribution = f"/api/Contribution/{made.value('Id')}"
    assert shop.get(contribution).value("Status") == "Pending"
    sync_all_due(whether_due_or_not=True)
    assert shop.get(contribution).value("Status") == "Authorized"
    assert shop.post(f"{contribution}/Capture").value("Status") == "Settled"


# --- Magic amounts ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scenario", "amounts"),
    [
        ("open_refused", [(404001, 2), (4040010, 3)]),
        ("answer_lost", [(404004, 2), (40400400, 4)]),
        ("chargeback_won", [(404021, 2), (4040210, 3)]),
        ("", [(404000, 2), (404030, 2), (404101, 2), (403901, 2), (40401, 2), (4040010, 2), (2000, 2)]),
        ("", [(4040011, 3), (4040001, 3), (404001, 3), (40400401, 4), (4040, 0), (404001, 0), (404001, 1)]),
    ],
)
def test_a_magic_amount_names_its_scenario_in_any_currency(amounts, scenario):
    """In minor units, with so many decimals; other amounts play nothing."""
    assert {scenario_of(amount_minor, decimals) for amount_minor, decimals in amounts} == {scenario}


def test_every_way_plays_the_same_scenario(shop, giver):
    for way in ("header", "amount", "page"):
        Rehearsal(shop, giver, "chargeback", way).choose("cancel" if way != "page" else "decline")
        assert SandboxCheckout.objects.latest("pk").scenario == "chargeback"


@pytest.mark.parametrize(("currency", "amount", "scenario"), [("KWD", "4040.040", "answer_lost"), ("JPY", "4040", "")])
def test_a_magic_amount_works_by_the_decimals_of_its_currency(shop, currency, amount, scenario):
    shop.new_contribution(shop.new_goal(Currency=currency, GoalAmount="9999"), Amount=amount)
    assert SandboxCheckout.objects.get().scenario == scenario


# --- The page of the docs ---------------------------------------------------------------------------------------------


def test_the_table_in_the_docs_is_the_table():
    page = (Path(__file__).parents[2] / "docs" / "guide" / "sandbox.md").read_text()
    rows = re.findall(r"^\| `(4040\.\d\d)` \| `(\w+)` \| (.+?) \| (.+?) \|$", page, re.MULTILINE)
    table = [(f"4040.{n:02}", name, one.what, one.seen) for n, (name, one) in enumerate(SCENARIOS.items(), 1)]
    assert rows == table
