"""A database of release 0.1.0 is brought to this one: nothing is lost, what is under way goes on, old processes are refused.

release_0_1.sql holds rows that the code of that release has written itself, in a little over an hour of one morning: every
status, gifts and refunds on their way, processes that died in the middle. A gift is known by its contributor's name.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction

import clock
from contributions import provider_requests, refunds
from contributions.audit import faults_in_the_books
from contributions.causes import Cause
from contributions.models import Checkout, Contribution, LedgerEntry, ProviderRequest, Refund
from contributions.sync import sync
from contributions.worker import sync_all_due
from goals.models import SavingGoal
from notifications.models import Event
from providers.sandbox.models import SandboxCheckout, SandboxWebhook
from tests.conftest import Giver
from tests.contributions.release_before import Before, books_that_can_be_rewritten, upgraded_database

STOPPED_AT = datetime(2026, 11, 20, 10, 13, tzinfo=UTC)
"""When the old processes were stopped. What had died before then is still leased for some seconds."""

CARRIED_OVER = {
    # contributor: (status, stage of its checkout, intent, intent_reason)
    "settled": ("Settled", "taken", "collect", ""),
    "refunded": ("Refunded", "taken", "collect", ""),
    "partly refunded": ("Settled", "taken", "collect", ""),
    "refund pending": ("Settled", "taken", "collect", ""),
    "refund refused": ("Settled", "taken", "collect", ""),
    "charged back": ("Reversed", "taken", "collect", ""),
    "dispute won": ("Settled", "taken", "collect", ""),
    "declined": ("Failed", "open", "collect", ""),
    "refused": ("Failed", "recorded", "collect", ""),
    "silent": ("Failed", "recorded", "collect", ""),
    "gave up": ("Canceled", "open", "collect", ""),
    "deleted": ("Canceled", "open", "release", "client_deleted"),
    "deleted and paid": ("Canceled", "taken", "release", "client_deleted"),
    "held": ("Authorized", "held", "collect", ""),
    "void": ("Canceled", "open", "release", "client_deleted"),
    "capture lost": ("Authorized", "held", "capture", ""),
    "capture asked": ("Authorized", "held", "capture", ""),
    "saving up": ("Authorized", "held", "collect", ""),
    "large": ("Settled", "taken", "collect", ""),
    "unwanted": ("Pending", "approved", "release", "goal_deleted"),
    "unwanted hold": ("Authorized", "held", "release", "goal_deleted"),
    "reviewed": ("Pending", "approved", "collect", ""),
    "order lost": ("Pending", "approved", "collect", ""),
    "undecided": ("Submitted", "recorded", "collect", ""),
    "picked": ("Submitted", "open", "collect", ""),
    "gave up undecided": ("Canceled", "recorded", "collect", ""),
    "submitted": ("Submitted", "open", "collect", ""),
    "to be held": ("Submitted", "open", "collect", ""),
    "approved": ("Submitted", "open", "collect", ""),
    "being opened": ("Submitted", "recorded", "collect", ""),
    "being captured": ("Submitted", "open", "collect", ""),
    "being refunded": ("Settled", "taken", "collect", ""),
}

MOVED_TO_THE_CHECKOUT = {
    # column of a contribution in the release before: column of its checkout now
    "account_id": "account_id",
    "adapter": "adapter",
    "capture_policy": "capture_policy",
    "checkout_id": "provider_checkout_id",
    "payment_reference": "payment_reference",
    "payee_id": "payee_id",
    "authorization_expires_at": "hold_expires_at",
    "claim_token": "lease_token",
    "claimed_until": "lease_until",
    "follow_up_at": "due_at",
    "follow_ups": "attempts",
}
NAMES_OF_A_LEASE = {
    old: new for old, new in MOVED_TO_THE_CHECKOUT.items() if new in {"lease_token", "lease_until", "due_at", "attempts"}
}


@pytest.fixture(scope="module")
def upgraded(django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Before]:
    with django_db_blocker.unblock(), upgraded_database(tmp_path_factory.mktemp("upgrade")) as before:
        yield before


@pytest.fixture
def before(upgraded: Before, django_db_blocker: Any) -> Iterator[Before]:
    """The upgraded database at the moment at which the new processes start; as it was again after the test."""
    clock.use(lambda: STOPPED_AT)
    with django_db_blocker.unblock(), transaction.atomic():
        yield upgraded
        transaction.set_rollback(True)
    clock.use(None)


def _gift(contributor: str) -> Contribution:
    return Contribution.objects.whole().get(contributor=contributor)


def _later(seconds: int) -> None:
    moment = STOPPED_AT + timedelta(seconds=seconds)
    clock.use(lambda: moment)


def _work(rounds: int = 1) -> None:
    """The worker, beginning once the leases of the dead have run out."""
    for number in range(1, rounds + 1):
        _later(120 * number)
        sync_all_due(whether_due_or_not=True)


def test_every_gift_stands_where_it_stood(before: Before):
    now = {
        one.contributor: (one.status, one.current_checkout.stage, one.intent, one.intent_reason)
        for one in Contribution.objects.whole()
    }
    assert now == CARRIED_OVER
    for name, was in before.contributions.items():
        one = Contribution.objects.filter(contributor=name).values().get()
        kept = was.keys() & one.keys() - {"checkout_id"}
        assert {key: one[key] for key in kept} == {key: was[key] for key in kept}
        assert kept >= {"id", "public_id", "amount_minor", "currency", "status", "status_reason", "version", "refunded_minor"}


def test_each_attempt_becomes_one_checkout(before: Before):
    for name, was in before.contributions.items():
        checkout = Checkout.objects.filter(contribution__contributor=name).values().get()
        assert Contribution.objects.get(contributor=name).checkout_id == checkout["id"]
        assert {new: checkout[new] for new in MOVED_TO_THE_CHECKOUT.values()} == {
            new: was[old] for old, new in MOVED_TO_THE_CHECKOUT.items()
        }
        assert checkout["number"] == 1
        assert checkout["url"] == (was["provider_url"] if was["account_id"] else "")
        assert checkout["created_at"] == (was["picked_at"] or was["created_at"])


def _listed(refund: dict[str, Any]) -> dict[str, Any]:
    """Whose it is, and when it was done by the books as they were."""
    done = LedgerEntry.objects.filter(refund=refund["id"], kind="refund").first()
    goal = Contribution.objects.get(pk=refund["contribution_id"]).goal
    return {"partner_id": goal.partner_id, "settled_at": done and done.at}


def _whose(row: dict[str, Any]) -> dict[str, int]:
    return {"partner_id": Contribution.objects.get(pk=row["contribution_id"]).goal.partner_id}


def test_books_and_history_are_unchanged(before: Before):
    for model, was in ((LedgerEntry, before.entries), (Refund, before.refunds), (ProviderRequest, before.requests)):
        key = {LedgerEntry: "id", Refund: "public_id", ProviderRequest: "request_id"}[model]
        now = {row[key]: row for row in model.objects.values()}
        assert now.keys() == was.keys()
        for name, row in was.items():
            renamed = {NAMES_OF_A_LEASE.get(column, column): value for column, value in row.items()}
            if model is ProviderRequest and row["operation"].startswith("open:"):
                renamed["operation"] = "open"  # the giver of "picked" picked at the first try
            since = {
                Refund: {"is_of_the_rest": False, "platform_fee_minor": 0, **_listed(now[name])},
                LedgerEntry: {"platform_fee_minor": None},
            }.get(model, {})
            assert now[name] == renamed | {"checkout_number": 1, **_whose(row)} | since
    changes = [row | _whose(row) for row in before.changes.values()]
    assert changes == list(_gift("settled").status_changes.model.objects.order_by("pk").values())
    assert {goal.public_id: goal.collected_minor for goal in SavingGoal.objects.all()} == {
        name: goal["collected_minor"] for name, goal in before.goals.items()
    }
    assert list(faults_in_the_books()) == []


def test_books_are_append_only_all_the_way(before: Before):
    """SQLite makes a table anew to change it, and would lose its triggers."""
    assert books_that_can_be_rewritten() == []
    assert list(before.writable_after.values()) == [[], [], []]


IN_DELIVERIES = {"delivery", "attempts", "due_at", "lease_token", "lease_until", "step"}
"""Columns of events that are rows of their own now: tests/notifications/test_migration.py."""


def test_webhooks_and_events_keep_their_place(before: Before):
    for model, key, was in ((Event, "public_id", before.events), (SandboxWebhook, "id", before.webhooks)):
        renames = {"claim_token": "lease_token", "claimed_until": "lease_until", "report_id": "event_id"}
        renames |= {"next_attempt_at": "due_at", "next_try_at": "due_at", "tries": "attempts"}
        now = {row[key]: row for row in model.objects.values()}
        before_us = {name: {renames.get(column, column): value for column, value in row.items()} for name, row in was.items()}
        gone = {column for name, row in before_us.items() for column in row.keys() - now[name].keys()}
        assert gone == (IN_DELIVERIES if model is Event else set())
        since = {"permission_id": None} if model is SandboxWebhook else {}
        assert now == {name: {c: v for c, v in row.items() if c not in gone} | since for name, row in before_us.items()}


def test_a_second_migrate_does_nothing(before: Before, capsys: pytest.CaptureFixture[str]):
    call_command("migrate")
    assert "No migrations to apply." in capsys.readouterr().out


@pytest.mark.parametrize(("contributor", "becomes"), [("submitted", "Settled"), ("to be held", "Authorized")])
def test_a_gift_under_way_can_be_paid(before: Before, contributor: str, becomes: str):
    """Its giver was at the provider's page while the service was upgraded, and comes back."""
    Giver().pay(_gift(contributor).current_checkout.url)
    assert _gift(contributor).status == becomes
    assert list(faults_in_the_books()) == []


def test_a_picked_gift_is_cancelled_by_its_request(before: Before):
    """PayPal names no order when a giver cancels: the request id under which it was opened is brought back."""
    opened = next(name for name, row in before.requests.items() if row["operation"].startswith("open:"))
    assert provider_requests.opened_under(_gift("picked").current_checkout) == opened


def test_what_died_in_the_old_release_is_finished(before: Before):
    """A lease of the release before is respected for as long as it lasts, and is taken over then; nothing is taken twice."""
    assert not sync(_gift("being captured"), cause=Cause.WORKER).asked
    assert refunds.sync_refund(Refund.objects.get(amount_minor=500, cause="client", status="Pending"), cause=Cause.WORKER)
    assert _gift("being refunded").refunded_minor == 0
    _work()
    assert _gift("being captured").status == "Settled"
    assert _gift("being refunded").refunded_minor == 500
    requests = ProviderRequest.objects.filter(contribution=_gift("being captured"), operation="capture")
    was = [
        name
        for name, row in before.requests.items()
        if (row["operation"], row["contribution_id"]) == ("capture", _gift("being captured").pk)
    ]
    assert [request.request_id for request in requests] == was


def test_the_worker_ends_what_was_pending(before: Before):
    SandboxCheckout.objects.filter(reference=_gift("reviewed").public_id).update(state="captured", payment_id="PAY-1")
    _work(rounds=3)
    ends = {
        "order lost": "Settled",
        "reviewed": "Settled",
        "approved": "Settled",
        "capture lost": "Settled",
        "capture asked": "Settled",
        "unwanted": "Refunded",  # taken, its goal deleted meanwhile: given back
        "unwanted hold": "Canceled",
        "held": "Authorized",
        "saving up": "Authorized",
        "undecided": "Submitted",
        "deleted and paid": "Canceled",
        "being opened": "Submitted",  # its checkout is opened when the giver comes
    }
    assert {name: _gift(name).status for name in ends} == ends
    assert _gift("refund pending").refunded_minor == 750
    assert _gift("deleted and paid").refunded_minor == 2000
    assert list(faults_in_the_books()) == []


def _is_written(write: Callable[[], object]) -> bool:
    try:
        with transaction.atomic():
            write()
    except DatabaseError:
        return False
    return True


def _a_row_like(rows: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    """The first one, without its id."""
    return {name: value for name, value in next(iter(rows.values())).items() if name != "id"}


def test_old_processes_are_refused_not_half_obeyed(before: Before):
    """Whatever a process of the release before still writes fails as a whole: stopping them first loses nothing."""
    get = before.apps.get_model
    OldContribution, OldRefund = get("contributions", "Contribution"), get("contributions", "Refund")  # noqa: N806
    was = before.contributions["settled"]
    new = {name: value for name, value in was.items() if name != "id"} | {"public_id": "0000000000000000000001"}
    entry, request, refund, event = map(_a_row_like, (before.entries, before.requests, before.refunds, before.events))
    writes = {
        "a new gift": lambda: OldContribution.objects.create(**new),
        "a claim": lambda: OldContribution.objects.update(claim_token="x", claimed_until=STOPPED_AT),
        "a new question": lambda: OldContribution.objects.update(follow_up_at=STOPPED_AT),
        "a deletion": lambda: OldContribution.objects.update(unwanted_since=STOPPED_AT, unwanted_reason="client_deleted"),
        "a capture": lambda: OldContribution.objects.update(capture_wanted_since=STOPPED_AT),
        "a refund": lambda: OldRefund.objects.create(**refund | {"public_id": "new", "provider_reference": "new"}),
        "an entry": lambda: get("contributions", "LedgerEntry").objects.create(**entry | {"kind": "void", "refund_id": None}),
        "an order": lambda: get("contributions", "ProviderRequest").objects.create(**request | {"request_id": "new"}),
        "an event": lambda: get("notifications", "Event").objects.create(**event | {"public_id": "new"}),
    }
    assert [what for what, write in writes.items() if _is_written(write)] == []


def test_an_old_move_is_rolled_back_as_a_whole(before: Before):
    """The one write of the old gate that still fits, status and version, stands in a transaction with what does not."""
    get, one = before.apps.get_model, _gift("submitted")
    entry = _a_row_like(before.entries)

    def move() -> None:
        old = get("contributions", "Contribution").objects.filter(pk=one.pk, version=one.version, status=one.status)
        assert old.update(status="Settled", version=one.version + 1) == 1
        get("contributions", "LedgerEntry").objects.create(**entry | {"contribution_id": one.pk})

    assert not _is_written(move)
    now = _gift("submitted")
    assert (now.status, now.version) == ("Submitted", one.version)
    assert list(faults_in_the_books()) == []
