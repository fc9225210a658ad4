"""The audit log: who changed what of keys, payees, addresses and money, and that nobody can change it afterwards."""

import json
import re
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction

from notifications import endpoints
from partners import audit_log, redirect_secrets
from partners.models import AuditEntry, Partner
from tests.conftest import goal_xml

pytestmark = pytest.mark.django_db

FINGERPRINT = re.compile(r"#[0-9a-f]{16}")
PAYEE = "<PaymentAccount><ProviderName>PayPal</ProviderName><Credentials>{}</Credentials></PaymentAccount>"


def rows(action):
    return list(AuditEntry.objects.filter(action__startswith=action).order_by("pk"))


def everything_kept():
    return json.dumps([[row.before, row.after, row.about, row.actor] for row in AuditEntry.objects.all()])


def run(*arguments):
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def paid_to(credentials):
    provider = f"<ProviderName>PayPal</ProviderName><Credentials>{credentials}</Credentials>"
    return goal_xml(PaymentProviders=f"<PaymentProvider>{provider}</PaymentProvider>")


def swap(shop, goal, credentials):
    tag = shop.get(f"/api/SavingGoal/{goal}").headers["ETag"]
    changed = shop.put(f"/api/SavingGoal/{goal}", paid_to(credentials), If_Match=tag, Request_Id="req-1")
    assert changed.status == 200, changed.text


def test_credentials_swapped_and_swapped_back(shop):
    """Two rows: which key, from where, under which request id; and the second tells that the first was undone."""
    goal = shop.new_goal()
    swap(shop, goal, "mallory@example.org")
    swap(shop, goal, "anna@example.org")
    (made,), (first, second) = rows("goal.made"), rows("goal.changed")
    for row in (first, second):
        assert (row.actor_kind, row.actor, row.address) == ("key", f"{shop.key[:16]}…", "127.0.0.1")
        assert (row.request_id, row.partner.name, row.about) == ("req-1", "Anna's Shop", goal)
    anna, mallory = (told["PaymentProviders"]["PayPal"] for told in (first.before, first.after))
    assert second.before["PaymentProviders"]["PayPal"] == mallory != anna
    assert second.after["PaymentProviders"]["PayPal"] == made.after["PaymentProviders"]["PayPal"] == anna
    assert FINGERPRINT.fullmatch(anna)
    assert "@" not in everything_kept()


def test_a_goal_that_sends_givers_elsewhere(shop):
    goal = shop.new_goal(ConfirmationURL="https://shop.example/thanks")
    tag = shop.get(f"/api/SavingGoal/{goal}").headers["ETag"]
    evil = goal_xml(ConfirmationURL="https://evil.example/")
    assert shop.put(f"/api/SavingGoal/{goal}", evil, If_Match=tag).status == 200
    (row,) = rows("goal.changed")
    assert row.before == {"ConfirmationURL": "https://shop.example/thanks"}
    assert row.after == {"ConfirmationURL": "https://evil.example/"}


def test_an_edit_that_moves_no_money_is_not_told(shop):
    goal = shop.new_goal()
    tag = shop.get(f"/api/SavingGoal/{goal}").headers["ETag"]
    assert shop.put(f"/api/SavingGoal/{goal}", goal_xml(Name="A faster bicycle"), If_Match=tag).status == 200
    assert rows("goal.changed") == []


def test_a_payment_account_swapped_and_swapped_back(shop):
    made = shop.post("/api/PaymentAccounts", PAYEE.format("anna@example.org"))
    path = f"/api/PaymentAccount/{made.value('Id')}"
    for credentials in ("mallory@example.org", "anna@example.org"):
        tag = shop.get(path).headers["ETag"]
        body = f"<PaymentAccount><Credentials>{credentials}</Credentials></PaymentAccount>"
        assert shop.patch(path, body, If_Match=tag).status == 200
    assert shop.delete(path, If_Match=shop.get(path).headers["ETag"]).status == 204
    new, first, second, gone = rows("payment_account.")
    assert [row.action.partition(".")[2] for row in (new, first, gone)] == ["made", "credentials_changed", "deleted"]
    assert (first.after, second.before) == (second.before, first.after)
    assert first.before == second.after == new.after == gone.before != first.after
    assert "@" not in everything_kept()


def test_a_key_made_and_revoked_by_an_operator():
    key = json.loads(run("create_partner", "Shop", "--json"))["api_key"]
    second = json.loads(run("create_api_key", "Shop", "--json"))["api_key"]
    AuditEntry.objects.get(action="partner.made", partner__is_test=False)
    before = AuditEntry.objects.count()
    run("revoke_api_key", second[:16])
    assert AuditEntry.objects.count() == before + 1
    made, revoked = AuditEntry.objects.filter(about=f"{second[:16]}…").order_by("pk")
    assert (made.action, revoked.action) == ("api_key.made", "api_key.revoked")
    assert made.actor.endswith(": create_api_key")
    assert revoked.actor.endswith(": revoke_api_key")
    assert {made.actor_kind, revoked.actor_kind} == {"operator"}
    assert made.address == revoked.address != ""
    assert (revoked.before["revoked"], revoked.after["revoked"] is not None) == (None, True)
    assert not any(one in everything_kept() for one in (key, second, key[20:], second[20:]))


def test_webhook_endpoints_and_secrets(partner):
    endpoint, secret = endpoints.create(partner, "https://shop.example/hooks")
    endpoints.replace(endpoint, "https://shop.example/v2", event_types=["contribution.settled"], message_format="XML")
    new = endpoints.rotate(endpoint)
    endpoints.remove(endpoint)
    made, changed, rotated, removed = rows("webhook_endpoint.")
    assert changed.before["url"] == made.after["url"] == "https://shop.example/hooks"
    assert changed.after == removed.before
    assert rotated.before["secret"] == made.after["secret"] == audit_log.fingerprint(secret)
    assert rotated.after["secret"] == audit_log.fingerprint(new)
    assert {row.actor_kind for row in (made, changed, rotated, removed)} == {"service"}
    assert not any(one[6:] in everything_kept() for one in (secret, new))


def test_redirect_secrets(partner):
    first = redirect_secrets.create(partner)
    second = redirect_secrets.rotate(partner)
    redirect_secrets.remove(partner)
    made, rotated, removed = rows("redirect_secret.")
    assert made.before is removed.after is None
    assert made.after == rotated.before == {"secret": audit_log.fingerprint(first)}
    assert rotated.after == removed.before == {"secret": audit_log.fingerprint(second)}
    assert not any(one[5:] in everything_kept() for one in (first, second))


def test_money_that_a_key_moves(shop, giver):
    """A refund, a capture and a deletion each tell which key wanted it; one that is refused tells nothing."""
    goal = shop.new_goal(CapturePolicy="Manual")
    held = shop.new_contribution(goal)
    giver.pay(held.value("ProviderURL"))
    gift = held.value("Id")
    assert shop.post(f"/api/Contribution/{gift}/Refunds", "<Refund/>").status == 409
    assert shop.post(f"/api/Contribution/{gift}/Capture").status == 200
    assert shop.post(f"/api/Contribution/{gift}/Refunds", "<Refund><Amount>5.00</Amount></Refund>").status == 201
    other = shop.new_contribution(goal)
    deleted = shop.delete(f"/api/Contribution/{other.value('Id')}", If_Match=other.headers["ETag"])
    assert deleted.status == 204, deleted.text
    captured, refunded, gone = rows("gift.")
    assert [row.action for row in (captured, refunded, gone)] == ["gift.capture_asked", "gift.refund_asked", "gift.deleted"]
    assert {row.actor for row in (captured, refunded, gone)} == {f"{shop.key[:16]}…"}
    assert (refunded.about, refunded.after["amount_minor"], refunded.after["currency"]) == (gift, 500, "USD")
    assert gone.before == {"status": "Submitted"}


def test_what_is_undone_is_not_told(partner):
    """The row is written in the transaction of the change: neither stays without the other."""
    with transaction.atomic():
        audit_log.record("partner.renamed", partner.name, partner=partner)
        transaction.set_rollback(True)
    assert rows("partner.renamed") == []


@pytest.mark.parametrize("deed", ["update", "delete", "replace"])
def test_the_database_lets_nobody_rewrite_it(partner, deed):
    row = AuditEntry.objects.get(action="partner.made")
    deeds = {
        "update": lambda: AuditEntry.objects.filter(pk=row.pk).update(actor="nobody"),
        "delete": lambda: AuditEntry.objects.all()._raw_delete("default"),
        "replace": AuditEntry(pk=row.pk, at=row.at, actor_kind="key", action="x", about="y").save,
    }
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        deeds[deed]()
    assert AuditEntry.objects.get(pk=row.pk).action == "partner.made"
    assert Partner.objects.count() == 1
