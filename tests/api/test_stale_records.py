"""409 and 412 name the current version, and hold the current record and the names of the elements that differ."""

import json

import pytest
from lxml import etree

import leases
from api.records import goal as goal_record
from contributions.models import Contribution
from goals.models import SavingGoal
from notifications import endpoints
from notifications.models import WebhookEndpoint
from tests.api.conftest import CANARIES
from tests.conftest import contribution_xml, goal_xml

pytestmark = pytest.mark.django_db

JSON = "application/json"
SECOND = "<PaymentProvider><ProviderName>Stripe</ProviderName><Credentials>acct_1abcdefghijk</Credentials></PaymentProvider>"
ACCOUNT = "<PaymentAccount><ProviderName>PayPal</ProviderName><Credentials>{}</Credentials>{}</PaymentAccount>"
ENDPOINT = "<WebhookEndpoint><URL>https://198.41.0.4/{}</URL>{}</WebhookEndpoint>"
VERSION = "<RecordVersionNumber>{}</RecordVersionNumber>"

CHANGES = {
    "ExternalItemId": "bike-8", "Name": "Other", "StartingAmount": "1", "GoalAmount": "300", "EndDate": "2031-12-24",
    "PaymentProviders": SECOND, "ConfirmationURL": "https://shop.example/a", "CancelURL": "https://shop.example/b",
    "Currency": "EUR", "CapturePolicy": "Manual", "Overfunding": "Never", "MinimumAmount": "2", "MaximumAmount": "90",
    "SuggestedAmounts": "<Amount>5</Amount>", "Description": "It is red.", "ImageURL": "https://shop.example/bike.png",
    "Metadata": "<Item><Name>a</Name><Value>b</Value></Item>",
}  # fmt: skip
"""Another value for everything of a goal that its client can change."""


def differs(answer):
    """The names in a problem, in either format."""
    if answer.headers["Content-Type"].endswith("json"):
        return answer.json["Differs"]
    return [one.text for one in answer.xml.findall("{urn:ietf:rfc:7807}Differs/*")]


def shown(answer, root):
    """The record in a problem, as GET would give it: the document in JSON, or XML without the problem's namespace."""
    if answer.headers["Content-Type"].endswith("json"):
        return answer.json[root]
    record = answer.xml.find(f"{{urn:ietf:rfc:7807}}{root}")
    return etree.tostring(record, with_tail=False).replace(b' xmlns="urn:ietf:rfc:7807"', b"")


def got(answer):
    is_json = answer.headers["Content-Type"].startswith(JSON)
    return answer.json if is_json else etree.tostring(answer.xml)


@pytest.fixture
def records(shop):
    """Of each kind its path, a body that names the version that is put in, and one member of it that is another."""
    goal = shop.new_goal()
    for _ in range(2):
        shop.new_contribution(goal)
    account = shop.post("/api/PaymentAccounts", ACCOUNT.format("a@example.org", "")).value("Id")
    endpoint = shop.post("/api/WebhookEndpoints", ENDPOINT.format(1, "")).value("Id")
    return {
        "SavingGoal": (f"/api/SavingGoal/{goal}", goal_xml(Name="Other", RecordVersionNumber="VERSION"), "Name"),
        "PaymentAccount": (f"/api/PaymentAccount/{account}", ACCOUNT.format("b@example.org", "VERSION"), "Credentials"),
        "WebhookEndpoint": (f"/api/WebhookEndpoints/{endpoint}", ENDPOINT.format(2, "VERSION"), "URL"),
    }


def naming(body, version):
    number = VERSION.format(version) if version else ""
    return body.replace(VERSION.format("VERSION"), "VERSION").replace("VERSION", number)


@pytest.mark.parametrize("media", ["application/xml", JSON])
@pytest.mark.parametrize("root", ["SavingGoal", "PaymentAccount", "WebhookEndpoint"])
def test_a_stale_change_is_told_with_what_get_gives(shop, records, root, media):
    path, body, name = records[root]
    read = shop.get(path, Accept=media)
    for version, headers, status in ((7, {}, 409), (0, {"If_Match": '"old"'}, 412), (1, {"If_Match": '"old"'}, 412)):
        refused = shop.put(path, naming(body, version), Accept=media, **headers)
        assert (refused.status, refused.value("RecordVersionNumber")) == (status, "1")
        assert shown(refused, root) == got(read)
        assert refused.headers["ETag"] == read.headers["ETag"]
        assert differs(refused) == [name]
        assert name in refused.value("detail")
    assert shop.put(path, naming(body, 0), If_Match=refused.headers["ETag"]).status == 200
    assert differs(shop.put(path, naming(body, 1), Accept=media)) == [], "as with a change whose answer got lost"
    assert "all that you sent" in shop.put(path, naming(body, 1)).value("detail")


@pytest.mark.parametrize("media", ["application/xml", JSON])
@pytest.mark.parametrize("root", ["SavingGoal", "PaymentAccount", "WebhookEndpoint", "Contribution"])
def test_a_stale_deletion_is_told_with_what_get_gives(shop, records, root, media):
    path = records[root][0] if root in records else f"/api/Contribution/{shop.new_contribution(shop.new_goal()).value('Id')}"
    read = shop.get(path, Accept=media)
    refused = shop.delete(path, If_Match='"old"', Accept=media)
    assert (refused.status, refused.value("RecordVersionNumber"), differs(refused)) == (412, "1", [])
    assert shown(refused, root) == got(read)
    assert shop.delete(path, If_Match=refused.headers["ETag"]).status == 204


@pytest.mark.parametrize("rotates", [True, False])
def test_a_redirect_secret_that_was_changed_is_told_without_it(shop, rotates):
    """Nobody has sent an element of it: so nothing differs, and the secret itself is shown to nobody."""
    secret = shop.post("/api/RedirectSecret").value("Secret")
    read = shop.get("/api/RedirectSecret", Accept=JSON)
    path = f"/api/RedirectSecret{'/Rotate' if rotates else ''}"
    act = (lambda **headers: shop.post(path, **headers)) if rotates else (lambda **headers: shop.delete(path, **headers))
    refused = act(If_Match='"old"', Accept=JSON)
    assert (refused.status, refused.json["code"], refused.json["Differs"]) == (412, "stale_entity_tag", [])
    assert (refused.json["RedirectSecret"], refused.headers["ETag"]) == (read.json, read.headers["ETag"])
    assert secret not in refused.text
    assert act(If_Match=refused.headers["ETag"]).status in {200, 204}


@pytest.mark.parametrize("media", ["application/xml", JSON])
def test_a_deletion_that_cannot_be_is_told_with_the_record(shop, giver, records, media):
    """409 in its own words: what was given already, what is being paid at this moment, who is still paid."""
    goal = shop.new_goal()
    settled, in_the_making = (shop.new_contribution(goal) for _ in range(2))
    giver.pay(settled.value("ProviderURL"))
    leases.take(Contribution.objects.get(public_id=in_the_making.value("Id")).current_checkout)
    account = records["PaymentAccount"][0]
    provider = f"<ProviderName>PayPal</ProviderName><PaymentAccountId>{account.rpartition('/')[2]}</PaymentAccountId>"
    shop.new_goal(PaymentProviders=f"<PaymentProvider>{provider}</PaymentProvider>")
    for path, root, code in (
        (f"/api/Contribution/{settled.value('Id')}", "Contribution", "cannot_delete"),
        (f"/api/Contribution/{in_the_making.value('Id')}", "Contribution", "being_settled"),
        (account, "PaymentAccount", "payment_account_in_use"),
    ):
        read, refused = shop.get(path, Accept=media), shop.delete(path, Accept=media)
        assert (refused.status, refused.value("code"), differs(refused)) == (409, code, [])
        assert (shown(refused, root), refused.headers["ETag"]) == (got(read), read.headers["ETag"])
        assert refused.value("RecordVersionNumber") == read.value("RecordVersionNumber")


@pytest.mark.parametrize("action", ["Close", "Reopen"])
def test_closing_a_goal_by_a_stale_tag_tells_the_goal(shop, path, action):
    refused = shop.post(f"{path}/{action}", If_Match='"old"', Accept=JSON)
    assert (refused.status, refused.json["SavingGoal"]) == (412, shop.get(path, Accept=JSON).json)
    assert (refused.json["Differs"], refused.json["RecordVersionNumber"]) == ([], 1)
    assert shop.post(f"{path}/{action}", If_Match=refused.headers["ETag"]).status == 200


def test_each_element_a_client_can_change_is_told_to_differ(shop, path, verb):
    writable = {one.name for one in goal_record.ELEMENTS if one.is_writable} - {"Id", "RecordVersionNumber"}
    assert writable == CHANGES.keys()
    as_it_is = goal_xml(RecordVersionNumber="9")
    assert differs(shop.call(verb, path, as_it_is)) == []
    for name, other in CHANGES.items():
        body = goal_xml(**{name: other, "RecordVersionNumber": "9"}) if verb == "PUT" else one_element(name, other)
        refused = shop.call(verb, path, body)
        assert (refused.status, differs(refused)) == (409, [name])


def one_element(name, value):
    amounts = "<GoalAmount>250</GoalAmount>" if name == "Currency" else ""
    return f"<SavingGoal><{name}>{value}</{name}>{amounts}{VERSION.format(9)}</SavingGoal>"


def test_what_means_the_same_written_otherwise_is_not_told(shop):
    path = f"/api/SavingGoal/{shop.new_goal(**CHANGES | {'Currency': 'USD'})}"
    stored = shop.get(path, Accept=JSON).json
    sent_back = stored | {"RecordVersionNumber": 9, "GoalAmount": 300.0, "StartingAmount": "1.0", "EndDate": "2031-12-24Z"}
    refused = shop.put(path, json.dumps(sent_back), media=JSON)
    assert (refused.status, differs(refused)) == (409, [])


def test_a_put_tells_what_it_would_put_back_to_its_default(shop):
    path = f"/api/SavingGoal/{shop.new_goal(**CHANGES | {'Currency': 'USD'})}"
    base = {name: CHANGES[name] for name in ("ExternalItemId", "Name", "GoalAmount", "PaymentProviders")}
    refused = shop.put(path, goal_xml(**base, RecordVersionNumber="9"))
    assert differs(refused) == ["StartingAmount", "EndDate", "ConfirmationURL", "CancelURL"]


def test_no_credential_stands_in_a_refusal(canary_shop):
    """Whoever is paid differs; that is all that is told of it."""
    shop = canary_shop.client
    goal, account = f"/api/SavingGoal/{canary_shop.goal_id}", f"/api/PaymentAccount/{canary_shop.account_id}"
    for refused in (
        shop.put(goal, goal_xml(RecordVersionNumber="99")),
        shop.put(account, ACCOUNT.format("other@example.org", VERSION.format(99)), Accept=JSON),
        shop.put(f"/api/WebhookEndpoints/{canary_shop.endpoint_id}", ENDPOINT.format(2, VERSION.format(99))),
    ):
        assert refused.status == 409
        for secret in (CANARIES["Credentials"], "anna@example.org", "other@example.org", "whsec_", "OnboardingURL"):
            assert secret not in refused.text
    assert "PaymentProviders" in differs(shop.put(goal, goal_xml(RecordVersionNumber="99")))


def test_the_addresses_in_it_keep_the_format_that_was_asked_for(shop, path):
    SavingGoal.objects.update(version=2)
    for number in range(51):
        shop.post(f"{path}/Contributions", contribution_xml(Contributor=f"Giver {number}"))
    for query in ("?format=xml", "?format=json"):
        refused, read = shop.put(path + query, goal_xml(RecordVersionNumber="1")), shop.get(path + query)
        assert shown(refused, "SavingGoal") == got(read)
        assert b"Contributions?format=" in refused.body


def test_another_endpoint_that_is_put_first_meanwhile_is_told(shop, partner, monkeypatch):
    """Two programs PUT the first webhook endpoint at once: the later one learns of the other's."""
    create = endpoints.create

    def late(*arguments, **options):
        monkeypatch.setattr(endpoints, "create", create)
        assert shop.put("/api/WebhookEndpoint", ENDPOINT.format("first", "")).status == 201
        return create(*arguments, **options)

    monkeypatch.setattr(endpoints, "create", late)
    refused = shop.put("/api/WebhookEndpoint", ENDPOINT.format("second", ""), Accept=JSON)
    assert (refused.status, refused.json["code"], differs(refused)) == (409, "stale_webhook_endpoint", ["URL"])
    assert refused.json["WebhookEndpoint"] == shop.get("/api/WebhookEndpoint", Accept=JSON).json


def test_the_tag_of_an_endpoint_that_fails_can_be_named(shop, records):
    """The ETag stands for State too; If-Match with the one that GET gives fits."""
    path, body, _ = records["WebhookEndpoint"]
    healthy = shop.get(path).headers["ETag"]
    endpoint = WebhookEndpoint.objects.get()
    WebhookEndpoint.objects.update(failing_since=endpoint.created_at)
    assert shop.put(path, naming(body, 0), If_Match=healthy).status == 412
    assert shop.put(path, naming(body, 0), If_Match=shop.get(path).headers["ETag"]).status == 200
