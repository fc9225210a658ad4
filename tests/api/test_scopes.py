"""What a narrowed key may do: every path, every verb, every scope."""

import json

import pytest
from django.core.management import call_command

from partners import keys, scopes
from tests.api.conftest import all_rows, new_canary_shop
from tests.api.matrix import KEYED, ask, undone
from tests.conftest import PartnerClient

pytestmark = pytest.mark.django_db

MOVES_MONEY_BACK_OR_IN = {
    "/api/Contribution/{contribution}/Capture",
    "/api/Contribution/{contribution}/Refunds",
    "/api/GiftCertificate/{certificate}/Refunds",
}


@pytest.fixture(scope="module")
def canary_shop(module_db):
    with module_db():
        return new_canary_shop()


def needed(verb, path):
    """As the guide has it."""
    if verb in {"GET", "HEAD"}:
        return "read"
    return "refund" if path.address in MOVES_MONEY_BACK_OR_IN else "write"


@pytest.mark.parametrize("path", KEYED, ids=lambda path: path.address)
def test_each_scope_does_what_it_names_and_no_more(canary_shop, path):
    narrowed = {scope: PartnerClient(keys.issue(canary_shop.partner, may=[scope])) for scope in scopes.ALL}
    before = all_rows()
    for verb, status in path.verbs.items():
        for scope, client in narrowed.items():
            with undone():
                answer = ask(client, verb, path, canary_shop)
            if scope == needed(verb, path):
                assert answer.status == status, (verb, scope)
            else:
                assert answer.status == 403, (verb, scope)
                assert verb == "HEAD" or (answer.value("code"), answer.value("Scope")) == ("scope_missing", needed(verb, path))
                canary_shop.assert_silent_about_me(answer)
                refused = ask(client, verb, path, canary_shop)
                assert refused.status == 403
    assert all_rows() == before


def test_a_missing_scope_is_named_and_so_is_what_there_is(shop, goal):
    partner = keys.partner_of(shop.key)
    reader = PartnerClient(keys.issue(partner, may=["refund", "read"]))
    refused = reader.delete(f"/api/SavingGoal/{goal}")
    sentence = "This key lacks the scope write (making and changing); it has: read, refund."
    assert (refused.status, refused.value("detail")) == (403, sentence)
    assert shop.get(f"/api/SavingGoal/{goal}").status == 200


def test_only_validating_needs_the_scope_too(shop):
    reader = PartnerClient(keys.issue(keys.partner_of(shop.key), may=["read"]))
    assert reader.post("/api/savings?ValidateOnly=1", "<").status == 403


def test_the_command_makes_narrowed_keys(shop, capsys):
    call_command("create_api_key", "Anna's Shop", "--test", "--scope", "read", "--scope", "refund", "--json")
    told = json.loads(capsys.readouterr().out)
    assert told["scopes"] == ["read", "refund"]
    client = PartnerClient(told["api_key"])
    assert (client.get("/api/savings").status, client.post("/api/savings", "<a/>").status) == (200, 403)
    call_command("create_api_key", "Anna's Shop", "--test", "--json")
    assert json.loads(capsys.readouterr().out)["scopes"] == ["read", "write", "refund"]


def test_a_key_that_was_there_before_has_every_scope(shop):
    """So do rows that a process of the release before writes, which does not know the column."""
    assert keys.recognise(shop.key).scopes == "read write refund"
