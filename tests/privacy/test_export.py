"""All that is kept of a partner or a giver in one document, and no secret in it."""

import json
import os
import stat
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from contributions import everything_kept
from contributions.models import Contribution
from notifications import endpoints
from tests.conftest import PartnerClient, register
from tests.privacy.test_erasure import WORDS, give


def run(*arguments):
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


@pytest.mark.no_database
def test_every_table_is_exported_or_says_why_not():
    labels = {model._meta.label for model in apps.get_models()}
    assert labels == {*everything_kept.TABLES} | {*everything_kept.OF_NOBODY}
    assert not {*everything_kept.TABLES} & {*everything_kept.OF_NOBODY}


@pytest.mark.django_db
def test_a_partner_gets_all_that_is_kept_of_it_and_of_no_other(shop, rival, giver):
    gift = give(shop, giver, shop.new_goal(Name="The goal of Anna"))
    give(rival, giver, rival.new_goal(Name="The goal of the rival"))
    text = run("export", "--partner", "Anna's Shop")
    told = json.loads(text)
    assert told["partner"] == "Anna's Shop"
    assert [one["public_id"] for one in told["contributions.Contribution"]] == [gift]
    for label in ("Checkout", "StatusChange", "LedgerEntry", "Refund", "ProviderRequest"):
        assert told[f"contributions.{label}"], label
    assert told["notifications.Event"]
    assert told["api.IdempotencyKey"]
    assert told["sandbox.SandboxCheckout"][0]["reference"] == gift
    assert "The goal of Anna" in text
    assert "rival" not in text.lower()


@pytest.mark.django_db
def test_no_secret_is_in_an_export(giver):
    new = register("Anna's Shop")
    _, webhook_secret = endpoints.create(new.partner, "https://8.8.8.8/hook")
    shop = PartnerClient(new.api_key)
    give(shop, giver, shop.new_goal())
    secret = shop.post("/api/RedirectSecret").value("Secret")
    account = (
        "<PaymentAccount><ProviderName>PayPal</ProviderName><Credentials>payee-zz@example.org</Credentials></PaymentAccount>"
    )
    assert shop.post("/api/PaymentAccounts", account, Idempotency_Key="a").status == 201
    text = run("export", "--partner", "Anna's Shop")
    stored = [
        str(value)
        for model in apps.get_models()
        for row in model._default_manager.all()
        for field in model._meta.concrete_fields
        if any(part in field.attname for part in ("encrypted", "digest", "lookup", "fingerprint"))
        and (value := getattr(row, field.attname))
    ]
    assert len(stored) > 5
    for one in (new.api_key, webhook_secret, secret, "payee-zz@example.org", "anna@example.org", *stored):
        assert one
        assert one not in text


@pytest.mark.django_db
def test_a_giver_gets_the_own_gifts_alone(shop, giver):
    goal = shop.new_goal(Name="The goal of Anna")
    gift = give(shop, giver, goal)
    shop.new_contribution(goal, Contributor="Somebody else")
    for arguments in (["--giver", gift], ["--giver", "zacharias@example.org", "--partner", "Anna's Shop"]):
        text = run("export", *arguments)
        told = json.loads(text)
        assert [one["public_id"] for one in told["contributions.Contribution"]] == [gift]
        assert {one["about"] for one in told["notifications.Event"]} == {gift}
        assert len(told["api.IdempotencyKey"]) == 3
        assert all(word in text for word in WORDS[:-1])
        assert "partners.ApiKey" not in told
    shop.post(f"/api/SavingGoal/{goal}/Close")
    run("erase", gift, "--keep-file")
    assert not [word for word in WORDS if word in run("export", "--giver", gift)]


@pytest.mark.django_db
def test_it_is_written_as_it_is_read(shop):
    """However much there is, one piece of it is in memory at a time."""
    goal = shop.new_goal()
    for _ in range(3):
        shop.new_contribution(goal)
    pieces = list(everything_kept.of_partner("Anna's Shop"))
    assert max(map(len, pieces)) < 2500
    assert len(json.loads("".join(pieces))["contributions.Contribution"]) == Contribution.objects.count()


@pytest.mark.django_db
def test_a_file_is_new_and_for_its_owner_alone(shop, tmp_path):
    file = tmp_path / "kept.json"
    assert "Written to" in run("export", "--partner", "Anna's Shop", "--to", str(file))
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    assert json.loads(file.read_text())["partner"] == "Anna's Shop"
    for arguments in (["--partner", "Anna's Shop", "--to", str(file)], [], ["--partner", "x"], ["--giver", "Uncle Bob"]):
        with pytest.raises(CommandError):
            run("export", *arguments)
