"""?ValidateOnly=1: what would be refused is refused, what would be repaired is told, and nothing is stored."""

import json

import pytest
from django.apps import apps

from goals.models import SavingGoal
from partners.models import Partner
from tests.api.in_json import GOAL
from tests.conftest import PAYPAL, contribution_xml, goal_xml
from tests.xml_schemas.answers import check_fits_both_schemas, sentences_of

ONLY = "?ValidateOnly=1"
NOTHING = b"<?xml version='1.0' encoding='UTF-8'?>\n<Validation/>"
NOTICE = "ExternamItemId is an old name; it was read as ExternalItemId: write ExternalItemId."
PAYEE = "<PaymentAccount><ProviderName>PayPal</ProviderName><Credentials>anna@example.org</Credentials></PaymentAccount>"
VERSION = "<RecordVersionNumber>1</RecordVersionNumber>"
ENDPOINT = "<WebhookEndpoint><URL>https://8.8.8.8/hooks</URL></WebhookEndpoint>"


def everything():
    """Every row of every table but the keys, on whose use something is noted."""
    return {
        model.__name__: sorted(map(repr, model.objects.values_list()))
        for model in apps.get_models()
        if model._meta.app_label in {"api", "goals", "contributions", "notifications", "rehearsals"} or model is Partner
    }


@pytest.fixture
def settled(shop, goal, giver):
    made = shop.new_contribution(goal)
    giver.pay(made.value("ProviderURL"), "approve")
    return made.value("Id")


@pytest.fixture
def places(shop, goal, settled):
    payee = shop.post("/api/PaymentAccounts", PAYEE).value("Id")
    return {
        "POST goal": ("POST", "/api/savings", goal_xml()),
        "PUT goal": ("PUT", f"/api/SavingGoal/{goal}", goal_xml(RecordVersionNumber="1", Name="Other")),
        "PATCH goal": ("PATCH", f"/api/SavingGoal/{goal}", f"<SavingGoal>{VERSION}<Name>Other</Name></SavingGoal>"),
        "POST contribution": ("POST", f"/api/SavingGoal/{goal}/Contributions", contribution_xml()),
        "POST refund": ("POST", f"/api/Contribution/{settled}/Refunds", "<Refund><Amount>1</Amount></Refund>"),
        "POST payee": ("POST", "/api/PaymentAccounts", PAYEE),
        "PUT payee": ("PUT", f"/api/PaymentAccount/{payee}", PAYEE.replace("</PaymentA", f"{VERSION}</PaymentA")),
        "PUT endpoint": ("PUT", "/api/WebhookEndpoint", ENDPOINT),
    }


def test_what_was_only_looked_at_has_no_tag(shop, goal):
    """A client would take it for the record's."""
    path = f"/api/SavingGoal/{goal}"
    assert "ETag" not in shop.put(f"{path}{ONLY}", goal_xml(RecordVersionNumber="1")).headers
    assert "ETag" not in shop.post(f"/api/savings{ONLY}", goal_xml()).headers


def test_validate_only_answers_200_and_stores_nothing(shop, places):
    """With an Idempotency-Key as well, which is as new afterwards."""
    before = everything()
    for name, (verb, path, body) in places.items():
        for argument in (ONLY, "?validateonly=true", "?VALIDATEONLY=1"):
            valid = shop.call(verb, path + argument, body, Idempotency_Key="k")
            assert (valid.status, valid.body, "Location" in valid.headers) == (200, NOTHING, False), (name, valid.text)
        assert everything() == before, name
    check_fits_both_schemas(NOTHING)
    made = shop.post("/api/savings?ValidateOnly=0", goal_xml(), Idempotency_Key="k")
    assert (made.status, "Idempotent-Replayed" in made.headers) == (201, False)


def test_validate_only_tells_the_notices_in_both_formats(shop):
    body = goal_xml(ExternalItemId="", ExternamItemId="1")
    valid = shop.post(f"/api/savings{ONLY}", body)
    check_fits_both_schemas(valid.body)
    assert ([one.text for one in valid.xml], valid.headers["Notice"]) == ([NOTICE], NOTICE)
    in_json = {name: value for name, value in GOAL.items() if name != "ExternalItemId"} | {"ExternamItemId": "1"}
    assert shop.post(f"/api/savings{ONLY}", json.dumps(in_json), media="application/json").json == {"Notice": [NOTICE]}
    strict = shop.post(f"/api/savings{ONLY}", body, Prefer="handling=strict")
    assert sentences_of(strict) == ["ExternamItemId is an old name: write ExternalItemId."]


def test_validate_only_tells_the_faults_of_the_body(shop, places):
    for verb, path, body in places.values():
        faulty = body.replace("</", "<Nonsense/></", 1) if "<URL>" not in body else "<WebhookEndpoint/>"
        assert shop.call(verb, path + ONLY, faulty).value("code") == "invalid_body", path
    assert shop.put(f"/api/WebhookEndpoint{ONLY}", ENDPOINT.replace("8.8.8.8", "127.0.0.1")).value("code") == "invalid_body"
    assert SavingGoal.objects.count() == 1


def test_validate_only_tells_what_the_rules_would_refuse(shop, goal, settled):
    path, gift, money = f"/api/SavingGoal/{goal}", contribution_xml(), f"/api/Contribution/{settled}/Refunds"
    ended = shop.new_goal(EndDate="2001-01-01")
    for status, code, verb, address, body, headers in (
        (409, "stale_version", "PUT", path, goal_xml(RecordVersionNumber="7"), {}),
        (412, "stale_entity_tag", "PUT", path, goal_xml(), {"If_Match": '"7"'}),
        (428, "version_not_named", "PATCH", path, "<SavingGoal><Name>B</Name></SavingGoal>", {}),
        (409, "currency_is_fixed", "PUT", path, goal_xml(RecordVersionNumber="1", Currency="EUR"), {}),
        (409, "goal_has_ended", "POST", f"/api/SavingGoal/{ended}/Contributions", gift, {}),
        (404, "no_such_record", "POST", "/api/SavingGoal/none/Contributions", gift, {}),
        (409, "refund_too_large", "POST", money, "<Refund><Amount>20.01</Amount></Refund>", {}),
        (400, "invalid_argument", "POST", "/api/savings", goal_xml(), {}),
    ):  # fmt: skip
        argument = "?ValidateOnly=maybe" if code == "invalid_argument" else ONLY
        refused = shop.call(verb, address + argument, body, **headers)
        assert (refused.status, refused.value("code")) == (status, code), refused.text
    submitted = shop.new_contribution(goal).value("Id")
    assert shop.post(f"/api/Contribution/{submitted}/Refunds{ONLY}", "<Refund/>").value("code") == "cannot_refund"


def test_validate_only_knows_which_provider_is_not_offered(shop, settings):
    goal = shop.new_goal(PaymentProviders=PAYPAL)
    Partner.objects.update(is_test=False)  # as of a live goal whose provider has no live keys any more
    refused = shop.post(f"/api/SavingGoal/{goal}/Contributions{ONLY}", contribution_xml())
    assert (refused.status, "PayPal" in refused.text) == (400, True)


def refused_alike(shop, verb, path, body="", **headers):
    """What the request is refused with: looked at first, when nothing is stored, and then in earnest."""
    before = everything()
    looked_at = shop.call(verb, path + ONLY, body, **headers)
    assert everything() == before, path
    real = shop.call(verb, path, body, **headers)
    assert looked_at.status == real.status >= 400, (path, looked_at.text, real.text)
    names = ("code", "detail", "RemainingAmount", "RecordVersionNumber")
    assert [looked_at.value(name) for name in names] == [real.value(name) for name in names]
    return real.value("code")


@pytest.mark.parametrize("rule", ["Never", "LastGift"])
def test_a_gift_without_room_is_refused_when_only_looked_at(shop, giver, rule):
    goal = shop.new_goal(GoalAmount="30.00", Overfunding=rule)
    path = f"/api/SavingGoal/{goal}/Contributions"
    if rule == "Never":
        assert refused_alike(shop, "POST", path, contribution_xml(Amount="30.01")) == "goal_is_full"
    first = shop.new_contribution(goal, Amount="30.00").value("ProviderURL")
    assert refused_alike(shop, "POST", path, contribution_xml(Amount="5.00")) == "goal_is_reserved"
    giver.pay(first)
    assert refused_alike(shop, "POST", path, contribution_xml(Amount="5.00")) == "goal_is_full"
    shop.post(f"/api/SavingGoal/{goal}/Close")
    assert refused_alike(shop, "POST", path, contribution_xml(Amount="5.00")) == "goal_closed"


def test_what_only_looks_reserves_no_room(shop):
    goal = shop.new_goal(GoalAmount="20.00", Overfunding="Never")
    path = f"/api/SavingGoal/{goal}/Contributions"
    for _ in range(2):
        assert shop.post(path + ONLY, contribution_xml(Amount="20.00")).status == 200
    assert shop.post(path, contribution_xml(Amount="20.00")).status == 201


def test_the_11th_endpoint_is_refused_when_only_looked_at(shop):
    for _ in range(10):
        assert shop.post("/api/WebhookEndpoints", ENDPOINT).status == 201
    assert refused_alike(shop, "POST", "/api/WebhookEndpoints", ENDPOINT) == "too_many_webhook_endpoints"


def test_a_rehearsal_is_refused_when_only_looked_at(shop, settings, monkeypatch):
    assert shop.post(f"/api/Rehearsal{ONLY}").body == NOTHING
    with monkeypatch.context() as nothing_simulated:
        nothing_simulated.setattr("rehearsals.gifts.registry.COMPANY_NAMES", ())
        assert refused_alike(shop, "POST", "/api/Rehearsal") == "cannot_rehearse"
    assert shop.post("/api/Rehearsal").status == 202
    assert refused_alike(shop, "POST", "/api/Rehearsal") == "rehearsal_running"


def test_an_idempotency_key_is_looked_at_as_well(shop, goal):
    """Unfit, or of another request: refused. Of the same request, which would be answered again: nothing is wrong."""
    path, gift = f"/api/SavingGoal/{goal}/Contributions", contribution_xml()
    assert refused_alike(shop, "POST", path, gift, Idempotency_Key="a b") == "invalid_header"
    assert shop.post(path, gift, Idempotency_Key="k").status == 201
    other = contribution_xml(Amount="1.00")
    assert refused_alike(shop, "POST", path, other, Idempotency_Key="k") == "idempotency_key_reused"
    shop.post(f"/api/SavingGoal/{goal}/Close")
    assert shop.post(path + ONLY, gift, Idempotency_Key="k").status == 200
    assert shop.post(path, gift, Idempotency_Key="k").headers["Idempotent-Replayed"] == "true"


def test_actions_on_our_own_records_can_be_looked_at(shop, goal):
    """Close and Reopen of a goal, and secrets: whether they are done is known without asking anybody."""
    path, old = f"/api/SavingGoal/{goal}", {"If_Match": '"old"'}
    assert refused_alike(shop, "POST", "/api/RedirectSecret/Rotate") == "no_such_record"
    before = everything()
    for action in (f"{path}/Close", f"{path}/Reopen", "/api/RedirectSecret"):
        valid = shop.post(action + ONLY, Accept="application/json")
        assert (valid.status, valid.json, everything() == before) == (200, {"Notice": []}, True), action
        assert refused_alike(shop, "POST", action, "<x/>") == "invalid_body"
    for action in (f"{path}/Close", f"{path}/Reopen"):
        assert refused_alike(shop, "POST", action, **old) == "stale_entity_tag"
    shop.post("/api/RedirectSecret")
    shop.put("/api/WebhookEndpoint", ENDPOINT)
    before = everything()
    for action in ("/api/RedirectSecret/Rotate", "/api/WebhookEndpoint/Rotate"):
        assert shop.post(action + ONLY).body == NOTHING
        assert refused_alike(shop, "POST", action, "<x/>") == "invalid_body"
    assert everything() == before
    assert refused_alike(shop, "POST", "/api/RedirectSecret") == "has_redirect_secret"
    assert refused_alike(shop, "POST", "/api/RedirectSecret/Rotate", **old) == "stale_entity_tag"
    shop.delete(path)
    assert refused_alike(shop, "POST", f"{path}/Close") == "no_such_record"


def test_paths_that_only_act_do_not_know_validate_only(shop, settled):
    """They have nothing to validate, so that a request which means to change nothing is refused and changes nothing."""
    before = everything()
    for path in (f"/api/Contribution/{settled}/Capture", f"/api/Contribution/{settled}/Check", "/api/WebhookEndpoint/Test"):
        refused = shop.post(path + ONLY)
        assert (refused.status, refused.value("code")) == (400, "invalid_argument")
    assert shop.get(f"/api/savings{ONLY}").value("code") == "invalid_argument"
    assert everything() == before
