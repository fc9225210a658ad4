"""`manage.py reencrypt`: everything under the newest key, whatever happens meanwhile; what is lost is told."""

import pytest
from django.db import models

import encryption
from console import reencryption
from goals.models import Payee, PaymentAccount
from notifications import endpoints
from notifications.models import WebhookSecret
from partners import redirect_secrets
from partners.models import AuditEntry, Partner
from tests.console.running import run

pytestmark = pytest.mark.django_db

PAYEE = "<PaymentAccount><ProviderName>PayPal</ProviderName><Credentials>bob@example.org</Credentials></PaymentAccount>"


@pytest.fixture
def under_old(settings, shop):
    """One secret of each kind, under the old key; the new one stands in front now."""
    settings.CREDENTIALS_KEYS = ["old"]
    goal = shop.new_goal()
    shop.new_contribution(goal)
    shop.post("/api/PaymentAccounts", PAYEE)
    giver = shop.post("/api/Givers", "<Giver><ExternalId>1</ExternalId><Email>bob@example.org</Email></Giver>").value("Id")
    shop.post(f"/api/Giver/{giver}/Pin", "<GiverPin><Pin>4711</Pin></GiverPin>")
    partner = Partner.objects.get()
    endpoints.create(partner, "https://shop.example/hooks")
    redirect_secrets.create(partner)
    settings.CREDENTIALS_KEYS = ["new", "old"]
    return settings


def stored() -> list[str]:
    return [
        token
        for model, name in reencryption.columns()
        for token in model._default_manager.exclude(**{name: ""}).values_list(name, flat=True)
    ]


def test_every_encrypted_column_is_known():
    """A column with secrets under another name would be left out."""
    found = {f"{model._meta.db_table}.{name}" for model, name in reencryption.columns()}
    assert found == {
        "partners_partner.redirect_secret_encrypted",
        "partners_apikey.verifier_encrypted",
        "givers_giver.email_encrypted",
        "givers_giver.pin_encrypted",
        "givers_permission.token_encrypted",
        "goals_payee.credentials_encrypted",
        "goals_paymentaccount.credentials_encrypted",
        "notifications_webhooksecret.secret_encrypted",
        "sandbox_sandboxcheckout.payee_encrypted",
        "sandbox_sandboxpermission.token_encrypted",
        "certificates_giftcertificate.code_encrypted",
        "console_readiness.canary_encrypted",
        "demo_demoshop.api_key_encrypted",
    }
    assert all(isinstance(model._meta.get_field(name), models.TextField) for model, name in reencryption.columns())


def test_the_old_key_is_not_needed_any_more(under_old):
    before = stored()
    assert len(before) == 7
    ended = run("reencrypt")
    assert ended.status == 0, ended.text
    assert ended.lines[-1] == "Everything is under the newest key: the older ones can be taken out of CREDENTIALS_KEYS."
    assert "goals_payee.credentials_encrypted: 1 put under the newest key, 0 were already, 0 unreadable" in ended.lines
    under_old.CREDENTIALS_KEYS = ["new"]
    assert (Payee.objects.get().credentials, PaymentAccount.objects.get().credentials) == (
        "bob@example.org",
        "anna@example.org",
    )
    assert [encryption.decrypt(token) for token in stored()]
    assert not set(before) & set(stored())


def test_it_goes_on_where_it_stopped(under_old):
    account = PaymentAccount.objects.get()
    anew = encryption.encrypt(account.credentials)
    PaymentAccount.objects.update(credentials_encrypted=anew)
    assert (
        "goals_paymentaccount.credentials_encrypted: 0 put under the newest key, 1 were already, 0 unreadable"
        in run("reencrypt").text
    )
    assert PaymentAccount.objects.get().credentials_encrypted == anew
    again = run("reencrypt").text
    assert ": 0 put under the newest key, 1 were already" in again
    assert ": 1 put under" not in again


def test_what_no_key_can_read_is_named(under_old):
    lost = WebhookSecret.objects.get()
    WebhookSecret.objects.update(secret_encrypted="gAAAAA")
    ended = run("reencrypt")
    assert ended.status == 1
    assert f"    no key in CREDENTIALS_KEYS can read the rows with id {lost.pk}" in ended.lines
    assert ended.lines[-1] == "1 secrets cannot be read: put the key that they are under at the end of CREDENTIALS_KEYS."
    assert WebhookSecret.objects.get().secret_encrypted == "gAAAAA"
    assert Payee.objects.get().credentials == "bob@example.org"
    told = AuditEntry.objects.get(action="secrets.reencrypted").after
    assert told["notifications_webhooksecret.secret_encrypted"] == {"renewed": 0, "unreadable": 1}
    assert told["goals_payee.credentials_encrypted"] == {"renewed": 1, "unreadable": 0}


def test_whoever_changes_a_secret_meanwhile_wins(under_old, monkeypatch):
    """Read under the old key, replaced by somebody, and only then written: the replacement stays."""
    real = encryption.decrypt

    def replaced_meanwhile(token):
        PaymentAccount.objects.update(credentials_encrypted=encryption.encrypt("mallory@example.org"))
        return real(token)

    monkeypatch.setattr(encryption, "decrypt", replaced_meanwhile)
    run("reencrypt")
    monkeypatch.undo()
    assert PaymentAccount.objects.get().credentials == "mallory@example.org"
