"""/api/PaymentAccounts: payees kept once for a partner, and used by many goals."""

import time

import pytest

from api.records.payment_account import mask
from contributions.models import Attention, Checkout
from contributions.payees import request_for
from goals.models import Payee, PaymentAccount
from tests.conftest import PartnerClient, goal_xml
from tests.xml_schemas.answers import as_json, check_fits_both_schemas

pytestmark = pytest.mark.django_db


def account_xml(**elements: str) -> str:
    """A PaymentAccount body."""
    return "<PaymentAccount>" + "".join(f"<{n}>{v}</{n}>" for n, v in elements.items()) + "</PaymentAccount>"


def made(shop: PartnerClient, **elements: str) -> str:
    """The Id of a new one."""
    answer = shop.post("/api/PaymentAccounts", account_xml(**({"ProviderName": "PayPal"} | elements)))
    assert answer.status == 201, answer.text
    return answer.value("Id") or ""


def providers(account_id: str, name: str = "PayPal") -> str:
    named = f"<ProviderName>{name}</ProviderName><PaymentAccountId>{account_id}</PaymentAccountId>"
    return f"<PaymentProvider>{named}</PaymentProvider>"


def test_credentials_are_kept_encrypted_and_shown_masked(shop):
    answer = shop.post("/api/PaymentAccounts", account_xml(ProviderName="paypal", Credentials="anna@example.org"))
    assert answer.status == 201
    assert [child.tag for child in answer.xml] == [
        "Id",
        "ProviderName",
        "MaskedCredentials",
        "State",
        "Date",
        "RecordVersionNumber",
        "Test",
    ]
    assert (answer.value("ProviderName"), answer.value("MaskedCredentials")) == ("PayPal", "a***@example.org")
    assert (answer.value("State"), answer.value("RecordVersionNumber")) == ("Unchecked", "1")
    again = shop.get(answer.headers["Location"])
    assert (again.body, again.headers["ETag"]) == (answer.body, answer.headers["ETag"])
    assert "anna" not in str(list(Payee.objects.values()))


def test_the_list_is_paged_and_knows_its_arguments(shop, rival):
    ids = [made(shop, Credentials=f"payee{number}@example.org") for number in range(3)]
    made(rival, Credentials="rival@example.org")
    first = shop.get("/api/PaymentAccounts?limit=2")
    second = shop.get(first.xml.get("Next"))
    assert [one.findtext("Id") for answer in (first, second) for one in answer.xml] == ids[::-1]
    assert shop.get("/api/PaymentAccounts?State=Ready").status == 400


@pytest.mark.parametrize("verb", ["PUT", "PATCH"])
def test_a_change_names_its_version(shop, verb):
    account_id = made(shop, Credentials="anna@example.org")
    path, name = f"/api/PaymentAccount/{account_id}", {"ProviderName": "PayPal"}
    assert shop.call(verb, path, account_xml(**name)).status == 428
    assert shop.call(verb, path, account_xml(**name, RecordVersionNumber="7")).value("code") == "stale_payment_account"
    assert shop.call(verb, path, account_xml(**name), If_Match='"9.9x"').status == 412
    changed = shop.call(verb, path, account_xml(**name, Credentials="berta@example.org"), If_Match='"1.0x"')
    assert (changed.status, changed.value("MaskedCredentials"), changed.value("RecordVersionNumber")) == (
        200,
        "b***@example.org",
        "2",
    )
    sent_back = shop.call(verb, path, shop.get(path).body)
    assert (sent_back.status, sent_back.value("MaskedCredentials")) == (200, "b***@example.org")
    other = shop.call(verb, path, account_xml(ProviderName="Stripe", RecordVersionNumber="3"))
    assert (other.status, "must stay PayPal" in other.text) == (400, True)


def test_a_post_is_repeated_under_its_key(shop):
    body = account_xml(ProviderName="PayPal", Credentials="anna@example.org")
    first = shop.post("/api/PaymentAccounts", body, Idempotency_Key="once")
    again = shop.post("/api/PaymentAccounts", body, Idempotency_Key="once")
    assert (again.body, again.headers["Idempotent-Replayed"]) == (first.body, "true")
    assert Payee.objects.count() == 1


def test_new_credentials_hold_for_goals_not_gifts_under_way(shop, giver):
    account_id = made(shop, Credentials="anna@example.org")
    goals = [shop.new_goal(PaymentProviders=providers(account_id)) for _ in range(2)]
    gift = shop.new_contribution(goals[0])
    body = account_xml(Credentials="berta@example.org", RecordVersionNumber="1")
    assert shop.patch(f"/api/PaymentAccount/{account_id}", body).status == 200
    assert [one.credentials for one in PaymentAccount.objects.filter(retired_at=None)] == ["berta@example.org"] * 2
    assert Checkout.objects.get().account.credentials == "anna@example.org"
    giver.pay(gift.value("ProviderURL"))
    assert shop.get(f"/api/Contribution/{gift.value('Id')}").value("Status") == "Settled"
    shop.new_contribution(goals[0])
    assert Checkout.objects.latest("pk").account.credentials == "berta@example.org"
    goal = shop.get(f"/api/SavingGoal/{goals[0]}")
    assert goal.xml.findtext("PaymentProviders/PaymentProvider/PaymentAccountId") == account_id
    assert shop.put(f"/api/SavingGoal/{goals[0]}", goal.body).status == 200
    assert PaymentAccount.objects.filter(retired_at=None).count() == 2


def test_a_goal_names_one_payee_of_its_own_partner(shop, rival):
    account_id, foreign = made(shop, Credentials="anna@example.org"), made(rival, Credentials="r@example.org")
    both = "<PaymentProvider><ProviderName>PayPal</ProviderName><Credentials>a@b.example</Credentials>" + (
        f"<PaymentAccountId>{account_id}</PaymentAccountId></PaymentProvider>"
    )
    for wrong, told in (
        (providers(foreign), "PaymentAccountId must be the Id of a payment account of yours."),
        (providers(account_id, "Stripe"), "PaymentAccountId is of a payment account at PayPal: give one at Stripe."),
        (both, "Give Credentials or PaymentAccountId, not both."),
    ):
        answer = shop.post("/api/savings", goal_xml(PaymentProviders=wrong))
        assert (answer.status, told in answer.text) == (400, True), answer.text


def test_a_payee_in_use_cannot_be_deleted(shop):
    account_id = made(shop, Credentials="anna@example.org")
    goal = shop.new_goal(PaymentProviders=providers(account_id))
    path = f"/api/PaymentAccount/{account_id}"
    assert shop.delete(path).value("code") == "payment_account_in_use"
    assert shop.delete(f"/api/SavingGoal/{goal}").status == 204
    assert shop.delete(path, If_Match='"7.0x"').status == 412
    assert [shop.delete(path).status, shop.get(path).status] == [204, 404]


def test_a_payee_without_credentials_is_onboarded_by_link(shop, giver):
    account_id = made(shop, ProviderName="Stripe")
    goal = shop.new_goal(PaymentProviders=providers(account_id, "Stripe"))
    path, gift = (
        f"/api/PaymentAccount/{account_id}",
        "<Contribution><Amount>5</Amount><Contributor>Bob</Contributor></Contribution>",
    )
    refused = shop.post(f"/api/SavingGoal/{goal}/Contributions", gift)
    assert (refused.status, refused.value("code")) == (409, "payee_cannot_be_paid")
    assert "OnboardingNeeded" in refused.value("detail")
    onboarding = shop.post(f"{path}/Onboarding")
    link = onboarding.value("OnboardingURL")
    assert shop.get(path).value("OnboardingURL") is None
    assert "acct_" in onboarding.value("MaskedCredentials")
    back = giver.choose(link, "finish")
    assert back == f"http://give.example.test/providers/stripe/onboarded/{account_id}"
    assert "You can be paid" in giver.visit(back).text
    ready = shop.get(path)
    assert (ready.value("State"), ready.value("RecordVersionNumber")) == ("Ready", "1")
    assert ready.headers["ETag"] != onboarding.headers["ETag"]
    assert shop.post(f"/api/SavingGoal/{goal}/Contributions", gift).status == 201


def test_a_restricted_payee_refuses_gifts_and_a_person_hears(shop):
    restricted, good = (
        made(shop, Credentials="restricted@example.org"),
        made(shop, ProviderName="Stripe", Credentials="acct_good"),
    )
    goal = shop.new_goal(PaymentProviders=providers(restricted))
    path = f"/api/PaymentAccount/{restricted}"
    told = shop.post(f"{path}/Check")
    assert (told.status, told.value("State"), told.value("StateReason")) == (200, "Restricted", "rejected_by_simulator")
    assert Attention.objects.get().kind == "payee_restricted"
    gift = "<Contribution><Amount>5</Amount><Contributor>Bob</Contributor>{}</Contribution>"
    refused = shop.post(f"/api/SavingGoal/{goal}/Contributions", gift.format(""))
    assert (refused.status, "Restricted, rejected_by_simulator" in refused.text) == (409, True)
    two = shop.new_goal(PaymentProviders=providers(restricted) + providers(good, "Stripe"))
    assert shop.post(f"/api/SavingGoal/{two}/Contributions", gift.format("")).status == 201
    named = gift.format("<ProviderName>PayPal</ProviderName>")
    assert shop.post(f"/api/SavingGoal/{two}/Contributions", named).value("code") == "payee_cannot_be_paid"
    version = shop.get(path).value("RecordVersionNumber")
    shop.patch(path, account_xml(Credentials="anna@example.org", RecordVersionNumber=version))
    assert shop.post(f"{path}/Check").value("State") == "Ready"
    assert not Attention.objects.exists()
    assert shop.post(f"/api/SavingGoal/{goal}/Contributions", gift.format("")).status == 201


def test_new_credentials_do_not_stand_as_the_ones_before_did(shop, giver):
    account_id = made(shop, Credentials="anna@example.org")
    path = f"/api/PaymentAccount/{account_id}"
    giver.choose(shop.post(f"{path}/Onboarding").value("OnboardingURL"), "finish")
    assert shop.post(f"{path}/Check").value("State") == "Ready"
    shop.patch(path, account_xml(Credentials="restricted@example.org", RecordVersionNumber="1"))
    assert shop.post(f"{path}/Check").value("State") == "Restricted"


def test_an_overdue_link_is_renewed_for_a_day_only(shop, giver, monkeypatch):
    account_id = made(shop, ProviderName="Stripe")
    assert shop.post(f"/api/PaymentAccount/{account_id}/Onboarding").status == 200
    refresh = request_for(Payee.objects.get()).refresh_url
    assert "/sandbox/onboarding/" in giver.visit(refresh).headers["Location"]
    assert giver.visit(refresh.replace("token=", "token=x")).status == 400
    tomorrow = time.time() + 24 * 3600 + 1
    monkeypatch.setattr("django.core.signing.time.time", lambda: tomorrow)
    assert giver.visit(refresh).status == 400


def test_answers_fit_both_schemas_and_json_says_the_same(shop):
    body = '{"ProviderName": "Stripe"}'
    in_json = shop.post("/api/PaymentAccounts", body, media="application/json", Accept="application/json")
    account = in_json.json
    assert (in_json.status, account["State"]) == (201, "OnboardingNeeded")
    onboarding = shop.post(f"/api/PaymentAccount/{account['Id']}/Onboarding")
    shop.new_goal(PaymentProviders=providers(account["Id"], "Stripe"))
    for answer in (onboarding, shop.get("/api/PaymentAccounts?limit=1"), shop.get("/api/savings")):
        check_fits_both_schemas(answer.body)
    listed = shop.get("/api/PaymentAccounts", Accept="application/json").json["PaymentAccount"]
    assert as_json(onboarding.xml) == {
        **listed[0], "OnboardingURL": onboarding.value("OnboardingURL"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("credentials", "shown"),
    [
        ("anna@example.org", "a***@example.org"),
        ("acct_1PgafTB7WZ01zgkW", "acct_...zgkW"),
        ("acct_anna", "***"),
        ("ABCDEFGHJKLM2", "...KLM2"),
        ("short", "***"),
        ("", ""),
    ],
)
def test_a_mask_shows_little(credentials, shown):
    assert mask(credentials) == shown
