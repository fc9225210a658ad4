"""The database is away, locked or full in the middle of a gift: a clear 503, nothing half-written, and it ends right."""

import json
import sqlite3
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from unittest import mock

import psycopg
import pytest
from django.db import connection
from django.test import Client

import leases
from contributions.audit import faults_in_the_books
from contributions.models import Contribution, StatusChange
from contributions.worker import sync_all_due
from providers.sandbox.models import SandboxRequest
from providers.sandbox.webhooks import sign_webhook
from tests.conftest import Giver, PartnerClient, contribution_xml, register
from tests.contributions.conftest import Gift

pytestmark = pytest.mark.django_db(transaction=True)

only_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's full disk has a test of its own")
only_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's full file has a test of its own")


def new_gift(number=0):
    return Gift(PartnerClient(register(f"Shop {number}").api_key), Giver())


@pytest.fixture
def approved(provider, giver):
    """A gift whose giver is still at the provider's page, and has approved; `body` is the webhook's."""
    gift = new_gift()
    gift.way_back = giver.choose(gift.provider_url, "approve")
    event = {"id": "report-1", "checkout_id": gift.checkout.provider_checkout_id, "what": "approve"}
    gift.body = json.dumps(event).encode()
    return gift


def is_untouched(gift):
    return (gift.status, gift.version, gift.totals(), gift.entries()) == ("Submitted", "1", ("0.00", "0.00"), [])


def settles_once_the_lease_is_over(moved_clock, *gifts):
    moved_clock(datetime.now(UTC) + timedelta(seconds=leases.LEASE_SECONDS + 1))
    sync_all_due()
    return all(is_settled_once(gift) for gift in gifts)


def post_report(body):
    client = Client(SERVER_NAME="give.example.test", raise_request_exception=False)
    headers = {"Sandbox-Signature": sign_webhook(body)}
    return client.post("/providers/paypal/webhook", body, content_type="application/json", headers=headers)


def go_away():
    """From now on nobody can connect."""
    connection.close()
    if connection.vendor == "sqlite":
        connection.settings_dict["NAME"] = "/nowhere/whipround.sqlite3"
    else:
        connection.settings_dict.update(HOST="127.0.0.1", PORT="1")


@pytest.fixture
def database():
    """Whatever was done to the connection's settings is undone by `come_back`, at the latest after the test."""
    as_it_was = dict(connection.settings_dict)

    def come_back():
        connection.close()
        connection.settings_dict.update(as_it_was)

    yield come_back
    come_back()


@contextmanager
def locked():
    """Somebody else has the contributions locked, and nobody waits for it for long."""
    if connection.vendor == "sqlite":
        other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
    else:
        other = psycopg.connect(**{**connection.get_connection_params(), "cursor_factory": psycopg.Cursor})
        other.execute("LOCK TABLE contributions_contribution")
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 50")
    try:
        with mock.patch("config.fair_sqlite3.base.PATIENCE_SECONDS", 0.05):
            yield
    finally:
        other.rollback()
        other.close()
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = 0")


def is_busy(response):
    return (response.status_code, response["Retry-After"]) == (503, "5")


def is_settled_once(gift):
    captures = SandboxRequest.objects.filter(checkout__reference=gift.id, operation="capture").count()
    found = (list(faults_in_the_books()), gift.status, gift.totals(), captures, gift.entries())
    assert found == ([], "Settled", ("20.00", "0.00"), 1, ["capture"])
    return True


def test_a_webhook_while_the_database_is_away_is_503(approved, provider, database):
    """And the next one settles."""
    go_away()
    assert is_busy(post_report(approved.body))
    database()
    assert (is_untouched(approved), provider.calls["find"]) == (True, 0)
    assert post_report(approved.body).status_code == 200
    assert is_settled_once(approved)


def test_a_database_that_goes_after_the_capture_ends_settled(approved, provider, database, moved_clock):
    provider.afterwards("capture", go_away)
    assert is_busy(post_report(approved.body))
    database()
    assert is_untouched(approved)
    assert SandboxRequest.objects.filter(operation="capture").count() == StatusChange.objects.count() == 1
    assert post_report(approved.body).status_code == 200, "heard, though the lease of whoever broke down has not ended"
    assert settles_once_the_lease_is_over(moved_clock, approved)


def test_a_webhook_while_the_rows_are_locked_is_503(approved, provider):
    """And the next one settles."""
    with locked():
        assert is_busy(post_report(approved.body))
    assert (is_untouched(approved), provider.calls["find"]) == (True, 0)
    assert post_report(approved.body).status_code == 200
    assert is_settled_once(approved)


def most_pages(number):
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA max_page_count = {number}")


def fill_up():
    """From now on the file cannot grow."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
    most_pages(pages)


@only_sqlite
def test_what_is_taken_while_the_disk_is_full_ends_settled(provider, giver, moved_clock):
    """It is 503 until there is space."""
    gifts = [new_gift(number) for number in range(24)]
    ways_back = [giver.choose(gift.provider_url, "approve") for gift in gifts]
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")  # leaves no free page behind that could be written to
    answers = []
    for way_back in ways_back:
        provider.afterwards("capture", fill_up)  # the provider has room for its own books
        answers.append(giver.visit(way_back))
        most_pages(1_000_000)
    assert {(answer.status, answer.headers.get("Retry-After")) for answer in answers} == {(303, None), (503, "5")}
    assert all(is_untouched(gift) for gift, answer in zip(gifts, answers, strict=True) if answer.status == 503)
    assert settles_once_the_lease_is_over(moved_clock, *gifts)


@only_sqlite
def test_a_gift_that_cannot_be_written_is_503_and_no_2xx_lost(provider):
    shop = PartnerClient(register("Shop").api_key)
    goal_id = shop.new_goal()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
    fill_up()
    answers = [shop.post(f"/api/SavingGoal/{goal_id}/Contributions", contribution_xml()) for _ in range(40)]
    most_pages(1_000_000)
    made = [answer.value("Id") for answer in answers if answer.status == 201]
    assert {answer.status for answer in answers} <= {201, 503}
    refused = next(answer for answer in answers if answer.status == 503)
    assert (refused.value("code"), refused.headers["Retry-After"]) == ("busy", "5")
    assert "disk" not in refused.text
    assert all(shop.get(f"/api/Contribution/{public_id}").status == 200 for public_id in made)
    histories = StatusChange.objects.values_list("contribution_id", flat=True)
    assert sorted(histories) == sorted(Contribution.objects.values_list("pk", flat=True))
    assert shop.post(f"/api/SavingGoal/{goal_id}/Contributions", contribution_xml()).status == 201


@only_postgresql
def test_a_commit_without_space_on_postgresql_ends_settled(approved, giver, moved_clock):
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS $$ "
            "BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$"
        )
        cursor.execute(
            "CREATE CONSTRAINT TRIGGER no_space AFTER INSERT ON contributions_ledgerentry "
            "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION no_space()"
        )
    try:
        answer = giver.visit(approved.way_back)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION no_space CASCADE")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert is_untouched(approved)
    assert SandboxRequest.objects.filter(operation="capture").count() == 1
    assert settles_once_the_lease_is_over(moved_clock, approved)


def test_a_commit_that_was_answered_survives_a_power_cut():
    def told(question):
        with connection.cursor() as cursor:
            cursor.execute(question)
            return cursor.fetchone()[0]

    if connection.vendor == "sqlite":
        full = 2
        assert (told("PRAGMA journal_mode"), told("PRAGMA synchronous")) == ("wal", full)
    else:
        assert (told("SHOW synchronous_commit"), told("SHOW fsync"), told("SHOW full_page_writes")) == ("on", "on", "on")
