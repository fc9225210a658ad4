"""Partners and keys by command: listed, changed, and each change in the audit log."""

import json

import pytest

from partners import keys
from partners.models import AuditEntry, Partner
from providers.registry import PROVIDER_NAMES
from tests.conftest import PartnerClient, contribution_xml, goal_xml
from tests.console.running import run

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop_keys(db):
    return json.loads(run("create_partner", "Anna's Shop", "--redirect-host", "shop.example", "--json").text)


def test_keys_are_listed_named_and_revoked(shop_keys):
    live, test = shop_keys["api_key"], shop_keys["test_api_key"]
    third = json.loads(run("create_api_key", "Anna's Shop", "--key-name", "ci", "--expires", "2099-12-31", "--json").text)[
        "api_key"
    ]
    assert run("keys", "--rename", live[:16], "the shop's server").status == 0
    assert run("keys", "--revoke", test[:16]).text == f"Revoked {test[:16]}… of Anna's Shop.\n"
    told = {line.split()[0]: line for line in run("keys").lines}
    assert told[f"{live[:16]}…"].endswith('  good  "the shop\'s server"')
    assert "  revoked 20" in told[f"{test[:16]}…"]
    assert told[f"{third[:16]}…"].endswith("good until 2099-12-31 23:59 UTC  'ci'")
    listed = json.loads(run("keys", "Anna's Shop", "--json").text)
    assert [(one["prefix"], one["mode"], one["name"]) for one in listed] == [
        (live[:16], "live", "the shop's server"),
        (third[:16], "live", "ci"),
        (test[:16], "test", ""),
    ]
    assert not any(key[16:] in run("keys").text for key in (live, test, third))
    assert keys.partner_of(test) is None
    renamed = AuditEntry.objects.get(action="api_key.renamed")
    assert (renamed.before, renamed.after) == ({"name": ""}, {"name": "the shop's server"})


@pytest.mark.parametrize("name", ["x" * 101, "a\nb", "\x1b[2J"])
def test_a_name_that_no_key_can_have(shop_keys, name):
    assert run("keys", "--rename", shop_keys["api_key"][:16], name).status == 2
    assert run("create_api_key", "Anna's Shop", "--key-name", name).status == 2


@pytest.mark.parametrize(
    "command",
    [["keys", "Nobody"], ["keys", "--revoke", "wr_live_nobody"], ["keys", "--rename", "wr_live_nobody", "x"]]
    + [["partners", deed, "Nobody", *more] for deed, *more in (["show"], ["rename", "x"], ["add-host", "a.example"], ["fee"])]
    + [["partners", "provider-off", "Nobody", "PayPal"], ["partners", "remove-host", "Nobody", "shop.example"]],
)
def test_a_name_that_nobody_has(shop_keys, command):
    before = AuditEntry.objects.count()
    ended = run(*command)
    assert (ended.status, len(ended.lines), AuditEntry.objects.count()) == (2, 1, before), ended.text


def test_a_partner_is_listed_and_shown(shop_keys):
    assert [line.rpartition("  since")[0] for line in run("partners").lines] == [
        "Anna's Shop  live  1 keys",
        "Anna's Shop  test  1 keys",
    ]
    assert run("partners", "show", "Anna's Shop").lines[:4] == [
        "Anna's Shop (live)",
        "    redirect hosts  shop.example",
        "    fee             as the settings say",
        "    providers off   none",
    ]
    assert json.loads(run("partners", "show", "Anna's Shop", "--json").text)[1]["mode"] == "test"


def test_redirect_hosts_are_added_and_removed(shop_keys):
    """Live and in test alike, from the next request on, and each change is told with what was before."""
    shop = PartnerClient(shop_keys["test_api_key"])
    body = goal_xml(ConfirmationURL="https://new.example:8443/")
    assert shop.post("/api/savings", body).status == 400
    assert run("partners", "add-host", "Anna's Shop", "New.example:8443").status == 0
    assert shop.post("/api/savings", body).status == 201
    assert run("partners", "remove-host", "Anna's Shop", "new.example:8443").status == 0
    assert shop.post("/api/savings", body).status == 400
    assert run("partners", "remove-host", "Anna's Shop", "new.example:8443").status == 2
    assert run("partners", "add-host", "Anna's Shop", "https://x.example/").status == 2
    added = AuditEntry.objects.filter(action="partner.redirect_host_added").order_by("pk")
    assert [row.partner.is_test for row in added] == [False, True]
    assert added[0].before == {"redirect_hosts": ["shop.example"]}
    assert added[0].after == {"redirect_hosts": ["new.example:8443", "shop.example"]}
    assert AuditEntry.objects.filter(action="partner.redirect_host_removed").count() == 2


def test_a_partner_is_renamed(shop_keys):
    assert run("partners", "rename", "Anna's Shop", "Wishes & Co").status == 0
    shop = PartnerClient(shop_keys["test_api_key"])
    assert (
        shop.get(f"/api/SavingGoal/{shop.new_goal(ConfirmationURL='https://shop.example/')}").value("RecordOwner")
        == "Wishes & Co"
    )
    run("create_partner", "Anna's Shop")
    refused = run("partners", "rename", "Anna's Shop", "Wishes & Co")
    assert (refused.status, refused.text) == (2, "there is a partner named 'Wishes & Co' already\n")


def test_the_fee_of_a_partner(shop_keys):
    assert run("partners", "fee", "Anna's Shop", "--percent", "2.5", "--fixed", "0.30").status == 0
    assert "    fee             2.5 percent, 0.3 fixed" in run("partners", "show", "Anna's Shop").lines
    assert run("partners", "fee", "Anna's Shop", "--percent", "101").status == 2
    assert run("partners", "fee", "Anna's Shop").status == 0
    assert set(Partner.objects.values_list("fee_percent", "fee_fixed")) == {(None, None)}
    assert AuditEntry.objects.filter(action="partner.fee_changed").count() == 4


def test_a_provider_is_turned_off_and_on(shop_keys, giver):
    """No new checkout is opened there; one that is open goes on, and gifts at other providers are made as ever."""
    shop = PartnerClient(shop_keys["test_api_key"])
    goal = shop.new_goal(ConfirmationURL="https://shop.example/", CancelURL="https://shop.example/")
    path, body = f"/api/SavingGoal/{goal}/Contributions", contribution_xml()
    under_way = shop.new_contribution(goal)
    assert run("partners", "provider-off", "Anna's Shop", "paypal").text == "PayPal is off for Anna's Shop.\n"
    for ways in (body, contribution_xml(ProviderName="PayPal")):
        refused = shop.post(path, ways)
        assert (refused.status, refused.value("code")) == (400, "provider_not_offered"), refused.text
        assert "the operator has turned it off" in refused.text
    giver.pay(under_way.value("ProviderURL"))
    assert shop.get(f"/api/Contribution/{under_way.value('Id')}").value("Status") == "Settled"
    assert run("partners", "provider-on", "--all", "PayPal").status == 0
    assert shop.post(path, body).status == 201
    assert [row.action for row in AuditEntry.objects.filter(action__startswith="partner.provider", partner__is_test=True)] == [
        "partner.provider_off",
        "partner.provider_on",
    ]


def test_a_provider_that_is_none(shop_keys):
    told = run("partners", "provider-off", "Anna's Shop", "Cash")
    assert (told.status, told.text) == (2, f"there is no provider 'Cash': {', '.join(PROVIDER_NAMES)}\n")
    assert run("partners", "provider-off", "PayPal").text == "give the NAME of one partner, or --all\n"


def test_the_audit_log_is_shown_with_filters(shop_keys):
    run("create_partner", "Rival")
    run("keys", "--revoke", shop_keys["api_key"][:16])
    assert [line[21:].split()[0] for line in run("audit_log", "--partner", "Rival").lines].count("api_key.made") == 2
    (revoked,) = run("audit_log", "--about", shop_keys["api_key"][:16], "--action", "api_key.revoked").lines
    assert f"api_key.revoked {shop_keys['api_key'][:16]}… of Anna's Shop (live)  by operator " in revoked
    assert ": keys, from " in revoked
    assert len(run("audit_log", "--limit", "2").lines) == 2
    assert json.loads(run("audit_log", "--action", "api_key.revoked", "--json").text)["after"]["revoked"]
    assert run("audit_log", "--since", "2099-01-01").text == "Nothing of the kind was recorded.\n"
    for wrong in (["--partner", "Nobody"], ["--since", "yesterday"], ["--since", "2027-13-01"], ["--limit", "0"]):
        assert run("audit_log", *wrong).status == 2
