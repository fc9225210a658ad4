"""The database is away, locked or full in the middle of a gift: a clear 503, nothing half-written, and it ends right."""

import io
import json
import sqlite3
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

import leases
from contributions.models import Contribution, LedgerEntry, StatusChange
from contributions.worker import sync_all_due
from partners.registration import register
from providers.sandbox.models import SandboxRequest
from providers.sandbox.webhooks import sign_webhook
from tests.conftest import Giver, PartnerClient
from tests.contributions.conftest import Gift

pytestmark = pytest.mark.django_db(transaction=True)

only_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's full disk has a test of its own")
only_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's full file has a test of its own")


def new_gift(number=0):
    return Gift(PartnerClient(register(f"Shop {number}").api_key), Giver())


def report_about(gift):
    return json.dumps({"id": "report-1", "checkout_id": gift.checkout.provider_checkout_id, "what": "approve"}).encode()


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
        patience = "PRAGMA busy_timeout = 50", "PRAGMA busy_timeout = 20000"
    else:
        other = psycopg.connect(**{**connection.get_connection_params(), "cursor_factory": psycopg.Cursor})
        other.execute("LOCK TABLE contributions_contribution")
        patience = "SET lock_timeout = 50", "SET lock_timeout = 0"
    with connection.cursor() as cursor:
        cursor.execute(patience[0])
    try:
        yield
    finally:
        other.rollback()
        other.close()
        with connection.cursor() as cursor:
            cursor.execute(patience[1])


def is_busy(response):
    return (response.status_code, response["Retry-After"]) == (503, "5")


def is_settled_once(gift):
    audited = io.StringIO()
    call_command("audit", stdout=audited)
    captures = SandboxRequest.objects.filter(checkout__reference=gift.id, operation="capture").count()
    entries = LedgerEntry.objects.filter(contribution__public_id=gift.id).count()
    found = (audited.getvalue(), gift.status, gift.totals(), captures, entries)
    assert found == ("The books are right.\n", "Settled", ("20.00", "0.00"), 1, 1)
    return True


# --- Away ---------------------------------------------------------------------------------------------------------------


def test_a_webhook_while_the_database_is_away_is_503(provider, giver, database):
    gift = new_gift()
    giver.choose(gift.provider_url, "approve")
    body = report_about(gift)
    go_away()
    assert is_busy(post_report(body))
    database()
    assert (gift.status, gift.version, provider.calls["find"]) == ("Submitted", "1", 0)
    assert post_report(body).status_code == 200
    assert is_settled_once(gift)


def test_a_database_that_goes_after_the_capture_ends_settled(provider, giver, database, moved_clock):
    """A report whose database goes away after the money was taken is 503 and ends settled."""
    gift = new_gift()
    giver.choose(gift.provider_url, "approve")
    body = report_about(gift)
    provider.afterwards("capture", go_away)
    assert is_busy(post_report(body))
    database()
    assert (gift.status, gift.version, gift.totals()) == ("Submitted", "1", ("0.00", "0.00"))
    assert SandboxRequest.objects.filter(operation="capture").count() == 1
    assert (LedgerEntry.objects.count(), StatusChange.objects.count()) == (0, 1)
    assert post_report(body).status_code == 200, "heard, though the lease of whoever broke down has not ended"
    moved_clock(datetime.now(UTC) + timedelta(seconds=leases.LEASE_SECONDS + 1))
    sync_all_due()
    assert is_settled_once(gift)


def test_a_webhook_while_the_rows_are_locked_is_503(provider, giver):
    """A report while the contributions are locked is 503 and the next one settles."""
    gift = new_gift()
    giver.choose(gift.provider_url, "approve")
    body = report_about(gift)
    with locked():
        assert is_busy(post_report(body))
    assert (gift.status, gift.version, provider.calls["find"]) == ("Submitted", "1", 0)
    assert post_report(body).status_code == 200
    assert is_settled_once(gift)


# --- Full ---------------------------------------------------------------------------------------------------------------


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
    """A gift that is taken when the disk is full is 503 and ends settled once there is space."""
    gifts = [new_gift(number) for number in range(40)]
    ways_back = [giver.choose(gift.provider_url, "approve") for gift in gifts]
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")  # leaves no free page behind that could be written to
    answers = []
    for way_back in ways_back:
        provider.afterwards("capture", fill_up)  # the provider has room for its own books
        answers.append(giver.visit(way_back))
        most_pages(1_000_000)
    broken = [gift for gift, answer in zip(gifts, answers, strict=True) if answer.status == 503]
    assert {answer.status for answer in answers} == {303, 503}
    assert {answer.headers.get("Retry-After") for answer in answers if answer.status == 503} == {"5"}
    for gift in broken:
        assert (gift.status, gift.version, gift.totals()) == ("Submitted", "1", ("0.00", "0.00"))
        assert LedgerEntry.objects.filter(contribution__public_id=gift.id).count() == 0
    moved_clock(datetime.now(UTC) + timedelta(seconds=leases.LEASE_SECONDS + 1))
    sync_all_due()
    assert all(is_settled_once(gift) for gift in gifts)


@only_sqlite
def test_a_gift_that_cannot_be_written_is_503_and_no_2xx_lost(provider):
    shop = PartnerClient(register("Shop").api_key)
    goal_id = shop.new_goal()
    body = "<Contribution><Amount>20.00</Amount><Contributor>Uncle Bob</Contributor><Message>Ride!</Message></Contribution>"
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
    fill_up()
    answers = [shop.post(f"/api/SavingGoal/{goal_id}/Contributions", body) for _ in range(60)]
    most_pages(1_000_000)
    made = [answer.value("Id") for answer in answers if answer.status == 201]
    assert {answer.status for answer in answers} <= {201, 503}
    refused = next(answer for answer in answers if answer.status == 503)
    assert (refused.value("code"), refused.headers["Retry-After"]) == ("busy", "5")
    assert "disk" not in refused.text
    assert all(shop.get(f"/api/Contribution/{public_id}").status == 200 for public_id in made)
    histories = StatusChange.objects.values_list("contribution_id", flat=True)
    assert sorted(histories) == sorted(Contribution.objects.values_list("pk", flat=True))
    assert shop.post(f"/api/SavingGoal/{goal_id}/Contributions", body).status == 201


@only_postgresql
def test_a_commit_without_space_on_postgresql_ends_settled(provider, giver, moved_clock):
    gift = new_gift()
    way_back = giver.choose(gift.provider_url, "approve")
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
        answer = giver.visit(way_back)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION no_space CASCADE")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert (gift.status, gift.version, gift.totals()) == ("Submitted", "1", ("0.00", "0.00"))
    assert SandboxRequest.objects.filter(operation="capture").count() == 1
    moved_clock(datetime.now(UTC) + timedelta(seconds=leases.LEASE_SECONDS + 1))
    sync_all_due()
    assert is_settled_once(gift)


# --- Durable ------------------------------------------------------------------------------------------------------------


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
