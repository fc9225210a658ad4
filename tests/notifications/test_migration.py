"""Deliveries of a partner's one endpoint become rows of their own: nothing is sent twice, and what is due goes on."""

import importlib
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from contributions import append_only
from notifications.models import Delivery, DeliveryAttempt, WebhookEndpoint
from partners.registration import register
from tests import migrated

MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)
ONE_ENDPOINT = ("notifications", "0004_events_are_leased")

STATES = {
    # state: (tries, failures of this round, when it is due)
    "NotAskedFor": (0, 0, None),
    "Due": (3, 3, MONDAY + timedelta(hours=2)),
    "Delivered": (2, 1, None),
    "GivenUp": (10, 10, None),
}


@pytest.fixture
def before():
    """The tables as they were; the newest again afterwards."""
    if migrated.partitions():
        pytest.skip("a database in partitions is not migrated backwards")
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    executor = MigrationExecutor(connection)
    executor.migrate([ONE_ENDPOINT, ("contributions", "0014_append_only_everywhere")])
    yield executor.loader.project_state([ONE_ENDPOINT]).apps
    MigrationExecutor(connection).migrate(newest)


def forward():
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def events_of(apps, partner_id, first):
    """One in each state, and the tries that there were."""
    event_table, attempt_table = apps.get_model("notifications", "Event"), apps.get_model("notifications", "DeliveryAttempt")
    for position, (state, (attempts, step, due_at)) in enumerate(STATES.items(), first):
        event = event_table.objects.create(
            public_id=f"evt_{partner_id}_{position}", partner_id=partner_id, position=position, type="contribution.settled",
            about="", content="{}", at=MONDAY, delivery=state, attempts=attempts, step=step, due_at=due_at,
        )  # fmt: skip
        for number in range(1, attempts + 1):
            attempt_table.objects.create(
                event=event, number=number, at=MONDAY, seconds=0.1, url="https://shop.example/", answer=500
            )


@pytest.mark.full  # what is released stays as it is; contributions/test_migration.py goes this way in every tier
@pytest.mark.django_db(transaction=True, reset_sequences=True)  # it goes from id 0 to the last, three at a time
def test_each_delivery_is_carried_over_as_it_stood(before, monkeypatch):
    moving = importlib.import_module("notifications.migrations.0006_events_have_deliveries")
    monkeypatch.setattr(moving, "BATCH", 3)  # the last one is not full
    listening, removed = register("Listening Shop").partner, register("Quiet Shop").partner
    before.get_model("notifications", "WebhookEndpoint").objects.create(
        partner_id=listening.pk, url="https://shop.example/", created_at=MONDAY
    )
    events_of(before, listening.pk, 1)
    events_of(before, removed.pk, 1)
    forward()
    live, gone = WebhookEndpoint.objects.get(partner=listening), WebhookEndpoint.objects.get(partner=removed)
    assert (len(live.public_id), live.is_on(), gone.is_on()) == (22, True, False)
    for endpoint in (live, gone):
        rows = Delivery.objects.filter(endpoint=endpoint).order_by("event")
        carried = {row.state: (row.attempts, row.step, row.due_at) for row in rows}
        assert carried == {state: stood for state, stood in STATES.items() if state != "NotAskedFor"}
        assert {row.event.partner_id for row in rows} == {endpoint.partner_id}
    assert DeliveryAttempt.objects.count() == 2 * 15
    assert append_only.missing(connection) == []
