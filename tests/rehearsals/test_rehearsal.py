"""The go-live rehearsal: what a partner built is told from what a partner should have built."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

import clock
from contributions.models import Contribution
from goals.models import SavingGoal
from notifications.models import Delivery, DeliveryAttempt, Event
from partners import keys, redirect_secrets, registration
from rehearsals import days, gifts, play, stage
from rehearsals.models import Rehearsal
from tests.conftest import PartnerClient

pytestmark = [pytest.mark.django_db]

ONLY_SHOWN = {"forged_redirect"}


def sheet(site, **urls):
    """Played to its end: the outcome of each line."""
    urls = urls or {"confirmation_url": site.thanks, "cancel_url": site.pity}
    rehearsal = play.begin(site.partner, **urls)
    assert play.play(rehearsal)
    return {name: passed for name, passed, _ in Rehearsal.objects.get(pk=rehearsal.pk).checks}


def details(name):
    return next(detail for one, _, detail in Rehearsal.objects.latest("pk").checks if one == name)


def test_a_site_that_does_all_right_passes(site):
    assert sheet(site) == {name: None if name in ONLY_SHOWN else True for name in days.DAYS}
    assert len(site.seen) > len(set(site.seen))  # some came twice
    assert play.passed(Rehearsal.objects.get())
    assert not DeliveryAttempt.objects.exclude(failure="").exists()
    wanted = "submitted pending settled failed reversed refunded refund_failed"
    assert {f"contribution.{one}" for one in wanted.split()} <= set(Event.objects.values_list("type", flat=True))


def test_a_site_that_believes_everything_fails_three_times(site):
    site.believes = True
    failed = {name for name, passed in sheet(site).items() if passed is False}
    assert failed == {"forged_signature", "changed_body", "old_timestamp"}
    assert "answered 200. Wanted: 4xx" in details("forged_signature")


def test_a_webhook_that_crashes_passes_nothing(site):
    """A 500 for everything is no refusal of a forgery either. The endpoint stays on, and the worker goes on trying."""
    site.answers_webhook, site.believes = 500, True
    told = sheet(site)
    assert {name for name, passed in told.items() if passed} == {"confirmation_page", "cancel_page"}
    assert "contribution.reversed at http://127.0.0.1" in details("chargeback")
    assert Delivery.objects.filter(state=Delivery.State.DUE).exists()


def test_a_slow_webhook_is_told_so(site, monkeypatch):
    monkeypatch.setattr(days, "SLOW_SECONDS", 0.2)
    site.pause = 0.3
    told = sheet(site)
    assert {name for name, passed in told.items() if passed is False} == {"quick_answer"}


def test_a_redirect_for_a_redirect_is_not_followed(site):
    site.answers_page = 302
    assert sheet(site)["confirmation_page"] is True
    assert "the redirect was not followed" in details("confirmation_page")


@pytest.mark.parametrize("answer", [404, 500])
def test_a_page_that_crashes_fails_and_404_is_only_shown(site, answer):
    """The gifts of a rehearsal are none of the shop's orders: it may say so."""
    site.answers_page = answer
    told = sheet(site)
    seen = False if answer == 500 else None
    assert [told[name] for name in ("confirmation_page", "cancel_page")] == [seen, seen]
    assert told["forged_redirect"] is (False if answer == 500 else None)


def test_the_forged_redirect_is_signed_with_another_secret(site):
    """A gift that nobody paid; the true visits are signed with the partner's own secret."""
    secret = redirect_secrets.create(site.partner)
    sheet(site)
    queries = [dict(pair.split("=") for pair in path.split("?")[1].split("&")) for path in site.visited]
    rightly = [
        query["Signature"] == redirect_secrets.signature(secret, query["Id"], query["Status"], int(query["Time"]))
        for query in queries
    ]
    assert ([query["Status"] for query in queries], rightly) == (["Settled", "Failed", "Settled"], [True, True, False])
    assert Contribution.objects.get(public_id=queries[2]["Id"]).status == "Submitted"


def test_only_public_addresses_are_called(site, settings):
    """The same rule as for webhooks: a rehearsal is no way into the operator's network."""
    settings.ALLOW_PRIVATE_WEBHOOKS = False
    told = sheet(site)
    assert [told[name] for name in ("paid", "event_twice", "confirmation_page", "forged_redirect")] == [False] * 4
    assert "not_public" in details("confirmation_page")
    assert site.seen == site.visited == []


def test_without_webhook_and_pages_nothing_is_judged(shop):
    partner = registration.named("Anna's Shop", is_test=True)
    assert play.play(play.begin(partner))
    rehearsal = Rehearsal.objects.get()
    assert [one[1] for one in rehearsal.checks] == [None] * len(days.DAYS)


def test_a_rehearsal_ends_in_time(site, monkeypatch):
    monkeypatch.setattr(play, "SECONDS_IN_ALL", 0)
    assert set(sheet(site).values()) == {False}
    assert "not played to its end" in details("chargeback")
    assert stage.SECONDS_A_DAY < 60  # a lease


def test_no_transaction_is_open_while_the_site_is_called(site, monkeypatch):
    """Each call is made at the depth of the test itself."""
    depth, seen = len(connection.savepoint_ids), []
    monkeypatch.setattr(days, "get", lambda url, **how: seen.append(len(connection.savepoint_ids)) or days.Answer(200))
    for module in ("rehearsals.told", "notifications.delivery"):
        monkeypatch.setattr(f"{module}.post", lambda *a, **how: seen.append(len(connection.savepoint_ids)) or days.Answer(200))
    sheet(site)
    assert len(seen) > 5
    assert set(seen) == {depth}


# --- Over the API -----------------------------------------------------------------------------------------------------

BODY = "<Rehearsal><ConfirmationURL>{0.thanks}</ConfirmationURL><CancelURL>{0.pity}</CancelURL></Rehearsal>"


def test_a_rehearsal_is_asked_for_and_its_sheet_read(site):
    asked = site.client.post("/api/Rehearsal", BODY.format(site), Idempotency_Key="r-1")
    assert (asked.status, asked.value("State"), asked.value("Passed")) == (202, "Waiting", None)
    where = asked.headers["Location"]
    assert where == f"http://give.example.test/api/Rehearsal/{asked.value('Id')}"
    assert site.client.post("/api/Rehearsal", BODY.format(site), Idempotency_Key="r-1").body == asked.body
    assert site.client.post("/api/Rehearsal").value("code") == "rehearsal_running"
    assert play.play_all_due() == 1
    seen = site.client.get(where)
    assert (seen.value("State"), seen.value("Passed")) == ("Over", "true")
    assert [one.findtext("Name") for one in seen.xml.findall("Check")] == list(days.DAYS)
    assert [one.findtext("Passed") for one in seen.xml.findall("Check")] == ["true"] * (len(days.DAYS) - 1) + [None]
    assert site.client.get(f"/api/SavingGoal/{seen.value('SavingGoalId')}").value("Name") == "Go-live rehearsal"
    told = site.client.get(where, Accept="application/json").json
    assert told["Passed"] is True
    assert set(told["Check"][0]) == {"Name", "Passed", "Detail"}
    assert site.client.post("/api/Rehearsal").status == 202  # with the addresses of the newest goal
    assert Rehearsal.objects.latest("pk").confirmation_url == site.thanks


def test_a_live_key_is_refused_and_nothing_live_is_touched(site):
    live = registration.in_mode(site.partner, is_test=False)
    refused = PartnerClient(keys.issue(live)).post("/api/Rehearsal", BODY.format(site))
    assert (refused.status, refused.value("code")) == (403, "test_key_needed")
    with pytest.raises(gifts.CannotRehearse):
        play.begin(live)
    sheet(site)
    assert {goal.partner_id for goal in SavingGoal.objects.all()} == {site.partner.pk}
    assert not Event.objects.filter(partner=live).exists()


def test_addresses_keep_to_the_redirect_hosts(site):
    site.partner.redirect_hosts.create(host="shop.example")
    told = site.client.post("/api/Rehearsal", BODY.format(site))
    assert (told.status, told.value("code")) == (400, "invalid_body")
    assert Rehearsal.objects.count() == 0


def test_a_rehearsal_whose_worker_died_twice_is_over(site, moved_clock):
    rehearsal = play.begin(site.partner)
    Rehearsal.objects.update(attempts=play.MOST_ATTEMPTS, lease_token="x", lease_until=clock.now())
    moved_clock(clock.now() + timedelta(seconds=1))
    assert play.play(rehearsal)
    assert [one[1] for one in Rehearsal.objects.get().checks] == [False]
    assert Rehearsal.objects.get().over_at is not None


# --- The command ------------------------------------------------------------------------------------------------------


def test_the_command_prints_the_sheet_and_says_how_it_ended(site):
    out, urls = StringIO(), {"confirmation_url": site.thanks, "cancel_url": site.pity}
    call_command("rehearse", "Rehearsing Shop", **urls, stdout=out)
    lines = out.getvalue().splitlines()
    assert [line.split(":")[0].split() for line in lines[-2:]] == [["passed", "cancel_page"], ["look", "forged_redirect"]]
    assert len(lines) == len(days.DAYS)
    site.believes = True
    with pytest.raises(SystemExit) as ended:
        call_command("rehearse", "Rehearsing Shop", **urls, stdout=out)
    assert ended.value.code == 1
    with pytest.raises(CommandError, match="no partner in test"):
        call_command("rehearse", "Nobody")
