"""What the security log hears of: each of these is told once, with where it came from, and without a secret."""

import io

import pytest
from django.core.management import call_command
from django.test import Client

from notifications import posting
from partners.key_text import new_key
from tests.conftest import PartnerClient, contribution_xml, goal_xml

pytestmark = pytest.mark.django_db(transaction=True)


def names(told):
    return [name for name, _ in told]


def test_keys_that_fail_are_told_and_not_repeated(told, shop):
    key = new_key()
    told.clear()
    for wrong in (None, "nonsense", key):
        assert PartnerClient(wrong).get("/api/savings", Request_Id="r-1", X_Forwarded_For="192.0.2.1").status == 401
    assert names(told) == ["key_refused"] * 3
    for _, line in told:
        assert "src=192.0.2.1 requestMethod=GET request=/api/savings" in line
        assert "externalId=r-1" in line
        assert key[:12] not in line
    told.clear()
    assert shop.get("/api/savings").status == 200
    assert told == []


def test_another_partners_record_is_told(told, shop, rival):
    goal = shop.new_goal()
    told.clear()
    assert rival.get(f"/api/SavingGoal/{goal}").status == 403
    assert names(told) == ["foreign_record"]


def test_odd_hosts_requests_and_addresses_are_told(told, shop):
    told.clear()
    assert shop.get("/api/savings", Host="evil.example").status == 400
    assert shop.get("/api/savings?" + "a=1&" * 200).status == 400
    assert shop.post("/api/savings", goal_xml(ConfirmationURL="javascript:alert(1)")).status == 400
    assert Client().get("/metrics", REMOTE_ADDR="192.0.2.1").status_code == 404
    assert posting.post("http://127.0.0.1/x", {}, b"").failure == "not_public"
    assert names(told) == ["host_refused", "request_refused", "url_refused", "metrics_refused", "url_refused"]
    assert "cs6=evil.example cs6Label=detail" in told[0][1]
    assert "cs4=SavingGoal/ConfirmationURL cs4Label=about" in told[2][1]


def test_a_forged_webhook_is_told_and_a_broken_one_is_not(told, shop):
    told.clear()
    assert Client().post("/providers/paypal/webhook", "{}", content_type="application/json").status_code == 400
    assert Client().post("/providers/paypal/webhook", "x" * 70_000, content_type="application/json").status_code == 400
    assert names(told) == ["webhook_refused"]
    assert "cs3=paypal cs3Label=provider" in told[0][1]


def test_changes_are_told_once_they_are_done(told, settings):
    settings.SECURITY_LOG = {"class": "logging.StreamHandler"}  # without it the audit log alone has commands
    call_command("create_partner", "Tellers", "--json", stdout=io.StringIO())
    assert sorted(set(names(told))) == ["key_changed", "operator_command", "partner_changed"]
    assert "act=create_partner" in told[0][1]
    assert "wr_live_" not in "".join(line for _, line in told)
    told.clear()
    call_command("keys", stdout=io.StringIO())
    assert names(told) == ["operator_command"]


def test_whoever_is_paid_otherwise_is_told(told, shop):
    goal = shop.new_goal()
    told.clear()
    body = goal_xml(RecordVersionNumber="1").replace("anna@example.org", "eve@example.org")
    changed = shop.put(f"/api/SavingGoal/{goal}", body)
    assert changed.status == 200, changed.text
    assert names(told) == ["credentials_changed"]
    assert "eve@" not in told[0][1]
    assert f"cs4={goal}" in told[0][1]
    told.clear()
    assert shop.post(f"/api/SavingGoal/{goal}/Contributions", contribution_xml()).status == 201
    assert told == []
