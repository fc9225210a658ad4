"""What is particular in a goal's body: its providers, its Id and its version."""

import pytest

from goals.models import PaymentAccount
from providers.registry import PROVIDER_NAMES
from tests.api.conftest import all_rows
from tests.api.in_xml import post_goal, refusal_of
from tests.conftest import PAYPAL, contribution_xml, goal_xml
from tests.xml_schemas.answers import faults_of, sentences_of

AMAZON = "<PaymentProvider><ProviderName>Amazon</ProviderName><Credentials>A2EXAMPLE</Credentials></PaymentProvider>"


NO_NAME = "ProviderName is missing: it is required here."


NO_CREDENTIALS = (
    "Credentials must be 1 to 255 characters: what identifies the payee at the provider, such as an e-mail address."
)


def provider(name, credentials="anna@example.org"):
    inner = "" if credentials is None else f"<Credentials>{credentials}</Credentials>"
    return f"<PaymentProvider><ProviderName>{name}</ProviderName>{inner}</PaymentProvider>"


NO_PROVIDERS = (
    "Bitcoin", "Pay Pal", "Pay-Pal", "PayPal!", "", " ", "1", "sandbox", "ＰａｙＰａｌ", "Pay&#xAD;Pal", "STRİPE", "Google Pay",
)  # fmt: skip


def test_an_unknown_provider_is_refused_with_the_known(shop, path):
    known = [f"ProviderName must be one of {', '.join(PROVIDER_NAMES)}."]
    for name in NO_PROVIDERS:
        assert refusal_of(shop, PaymentProviders=provider(name)) == known
        body = contribution_xml(ProviderName=name or "<!-- -->")
        assert sentences_of(shop.post(f"{path}/Contributions", body)) == known


def test_a_contribution_names_one_of_its_goals_providers(shop):
    one = f"/api/SavingGoal/{shop.new_goal()}/Contributions"
    two = f"/api/SavingGoal/{shop.new_goal(PaymentProviders=PAYPAL + AMAZON)}/Contributions"
    assert shop.post(one, contribution_xml()).value("ProviderName") == "PayPal", "with just one it may be left out"
    assert shop.post(two, contribution_xml()).xml.find("ProviderName") is None, "with several it is left to the giver"
    assert shop.post(two, contribution_xml(ProviderName="AMAZON")).value("ProviderName") == "Amazon"
    assert sentences_of(shop.post(one, contribution_xml(ProviderName="Amazon"))) == [
        "ProviderName must be one of the goal's providers: PayPal."
    ]
    assert sentences_of(shop.post(two, contribution_xml(ProviderName="Stripe"))) == [
        "ProviderName must be one of the goal's providers: PayPal, Amazon."
    ]


@pytest.mark.parametrize(
    ("providers", "sentences"),
    [
        (" ", ["PaymentProviders must hold at least one PaymentProvider."]),
        ("PayPal", [
            "PaymentProviders holds elements, and no text of its own.",
            "PaymentProviders must hold at least one PaymentProvider.",
        ]),
        (provider("PayPal", None), ["Credentials is missing: it is required here."]),
        (provider("PayPal", ""), [NO_CREDENTIALS]),
        (provider("PayPal", " \n "), [NO_CREDENTIALS]),
        (provider("PayPal", "x" * 256), [NO_CREDENTIALS]),
        (provider("PayPal", "<a>secret</a>"), ["Credentials must hold a text, no further elements."]),
        (provider("PayPal") + provider("PayPal", "bert@example.org"), ["PayPal stands here twice: give each provider once."]),
        ("<PaymentProvider><Credentials>anna</Credentials></PaymentProvider>", [NO_NAME]),
        ("<PaymentProvider/>", [NO_NAME]),
        (provider("PayPal") + "<PayPal/>", ["PayPal is not an element of PaymentProviders; it knows PaymentProvider."]),
        (provider("PayPal").replace("Credentials", "Password"), [
            "Password is not an element of PaymentProvider; it knows Credentials, PaymentAccountId, ProviderName.",
            "Credentials is missing: it is required here.",
        ]),
    ],
)  # fmt: skip
def test_providers_are_read_strictly_and_not_echoed(shop, providers, sentences):
    refused = post_goal(shop, PaymentProviders=providers)
    assert sentences_of(refused) == sentences
    for secret in ("anna", "bert", "secret", "xxxx"):
        assert secret not in refused.text


def credentials_of(goal_id):
    live = PaymentAccount.objects.filter(goal__public_id=goal_id, retired_at=None).order_by("pk")
    return {account.provider: account.credentials for account in live}


def test_a_change_without_credentials_keeps_the_stored_ones(shop, verb):
    goal = shop.new_goal(PaymentProviders=PAYPAL + AMAZON)
    stored = {"PayPal": "anna@example.org", "Amazon": "A2EXAMPLE"}
    assert credentials_of(goal) == stored

    def change(version, *providers):
        body = goal_xml(PaymentProviders="".join(providers), RecordVersionNumber=version, Name=f"After version {version}")
        return shop.call(verb, f"/api/SavingGoal/{goal}", body)

    missing = ["Credentials is missing: it is required here."]
    assert change("1", provider("PayPal", None), provider("Amazon", None)).status == 200
    assert credentials_of(goal) == stored
    assert change("2", provider("PayPal", None), provider("Amazon", "A3OTHER")).status == 200
    assert credentials_of(goal) == stored | {"Amazon": "A3OTHER"}
    for empty in ("", " "):
        assert sentences_of(change("3", provider("PayPal", empty))) == [NO_CREDENTIALS]
    assert sentences_of(change("3", provider("Stripe", None))) == missing
    assert change("3", provider("Stripe", "acct_1"), provider("Amazon", None)).status == 200
    assert credentials_of(goal) == {"Amazon": "A3OTHER", "Stripe": "acct_1"}
    assert sentences_of(change("4", provider("PayPal", None))) == missing, "PayPal had left"
    assert credentials_of(goal) == {"Amazon": "A3OTHER", "Stripe": "acct_1"}


def test_a_patch_without_providers_leaves_them_alone(shop):
    goal = shop.new_goal(PaymentProviders=PAYPAL + AMAZON)
    patched = shop.patch(
        f"/api/SavingGoal/{goal}", "<SavingGoal><Name>B</Name><RecordVersionNumber>1</RecordVersionNumber></SavingGoal>"
    )
    assert [one.text for one in patched.xml.iter("ProviderName")] == ["PayPal", "Amazon"]
    assert credentials_of(goal) == {"PayPal": "anna@example.org", "Amazon": "A2EXAMPLE"}


def test_an_id_in_the_body_must_be_the_one_in_the_path(shop, goal, path, verb):
    for wrong in (shop.new_goal(), goal.lower() + "x", "1", f"{goal}{goal}", "&#x200b;"):
        refused = shop.call(verb, path, goal_xml(Id=wrong, RecordVersionNumber="1"))
        assert faults_of(refused) == [("SavingGoal/Id", 1, "Id must be the one in the path, or be left out.")]
    assert shop.call(verb, path, goal_xml(Id=goal, RecordVersionNumber="1")).status == 200


def test_a_version_is_a_whole_number(shop, path, verb):
    whole = ["RecordVersionNumber must be the whole number that the last GET gave."]
    for text in ("one", "1.0", "-1", "+1", "1e0", "0x1", "<!-- -->", "9" * 19, "9" * 5000, "１", "1 2"):
        assert sentences_of(shop.call(verb, path, goal_xml(RecordVersionNumber=text))) == whole
    for stale in ("0", "2", "999999999999999999", "00"):
        assert shop.call(verb, path, goal_xml(RecordVersionNumber=stale)).value("code") == "stale_version"
    assert shop.call(verb, path, goal_xml(RecordVersionNumber="001")).status == 200


def test_a_refused_change_changes_nothing(shop, path, verb):
    before = shop.get(path), all_rows()
    body = goal_xml(Name="Changed", GoalAmount="999", RecordVersionNumber="1", EndDate="never", PaymentProviders=AMAZON)
    assert shop.call(verb, path, body).status == 400
    assert (shop.get(path).body, all_rows()) == (before[0].body, before[1])
