"""The API page of 2011 had its oddities, and clients that were written against it have them still: each one is understood."""

import json

import pytest

from tests.conftest import PAYPAL, goal_xml

CREDENTIALS = {"ProviderName": "PayPal", "Credentials": "anna@example.org"}


@pytest.mark.parametrize("name", ["Paypal", "PayPal", "paypal", "PAYPAL", "pAYpAL", " Paypal ", "\n\tPaypal\n"])
def test_paypal_may_be_written_in_any_case(shop, name):
    """Paypal may be written in any case as the examples of 2011 do and is printed in one."""
    providers = PAYPAL.replace("PayPal", name)
    goal = shop.new_goal(PaymentProviders=providers)
    assert shop.get(f"/api/SavingGoal/{goal}").value("ProviderName") == "PayPal"
    gift = shop.new_contribution(goal, ProviderName=name)
    assert gift.value("ProviderName") == "PayPal"
    twice = shop.post("/api/savings", goal_xml(PaymentProviders=PAYPAL + providers))
    assert (twice.status, "PayPal stands here twice: give each provider once." in twice.text) == (400, True)


def test_blanks_round_values_are_trimmed(shop):
    """Blanks round values are trimmed as the examples of 2011 have them."""
    made = shop.post(
        "/api/savings",
        goal_xml(
            ExternalItemId="  bike-7\n", StartingAmount=" 10.00 ", GoalAmount="\t250 \r\n", EndDate=" 2099-06-30 ",
            ConfirmationURL="\n  https://shop.example/thanks\n", CancelURL=" https://shop.example/oh ", Currency=" EUR ",
            CapturePolicy=" Manual ", PaymentProviders=PAYPAL.replace("anna@example.org", " anna@example.org "),
        ),
    )  # fmt: skip
    assert made.status == 201, made.text
    values = [made.value(name) for name in (
        "ExternalItemId", "StartingAmount", "GoalAmount", "EndDate", "ConfirmationURL", "CancelURL", "Currency",
        "CapturePolicy",
    )]  # fmt: skip
    assert values == [
        "bike-7", "10.00", "250.00", "2099-06-30", "https://shop.example/thanks", "https://shop.example/oh", "EUR", "Manual",
    ]  # fmt: skip
    gift = shop.new_contribution(made.value("Id"), Amount=" 20.00\n", ProviderName=" Paypal\t")
    assert (gift.value("Amount"), gift.value("ProviderName")) == ("20.00", "PayPal")
    path = f"/api/SavingGoal/{made.value('Id')}"
    changed = shop.patch(path, goal_xml(RecordVersionNumber=" 1 ", Id=f" {made.value('Id')} "))
    assert (changed.status, changed.xml.findtext("RecordVersionNumber")) == (200, "2")


def test_blanks_round_names_and_messages_are_kept(shop):
    goal = shop.new_goal(Name="  A bicycle \n")
    assert shop.get(f"/api/SavingGoal/{goal}").value("Name") == "  A bicycle \n"
    gift = shop.new_contribution(goal, Contributor=" Uncle  Bob ", Message="\n\tRide well!  ")
    assert (gift.value("Contributor"), gift.value("Message")) == (" Uncle  Bob ", "\n\tRide well!  ")


def test_no_other_blank_than_those_of_xml_is_trimmed(shop):
    goal = shop.new_goal(ExternalItemId="\u00a0bike-7\u2003")
    assert shop.get(f"/api/SavingGoal/{goal}").value("ExternalItemId") == "\u00a0bike-7\u2003"
    refused = shop.post("/api/savings", goal_xml(GoalAmount="\u00a0250"))
    assert "GoalAmount must be a plain decimal such as 100.00: digits and at most one point." in refused.text


@pytest.mark.parametrize(
    ("of_2011", "name", "value"),
    [
        ("ExternamItemId", "ExternalItemId", "bike-8"),
        ("ConfirmationUrl", "ConfirmationURL", "https://shop.example/thanks"),
        ("CancelUrl", "CancelURL", "https://shop.example/oh"),
    ],
)
def test_a_misspelt_name_of_2011_is_read_as_the_name_it_means(shop, of_2011, name, value):
    body = goal_xml(**{"ExternalItemId": "", of_2011: value, **({} if name == "ExternalItemId" else {"ExternalItemId": "x"})})
    made = shop.post("/api/savings", body)
    assert (made.status, made.value(name), made.value(of_2011)) == (201, value, None), made.text
    as_json = {"Name": "A", "GoalAmount": "1", "ExternalItemId": "x", "PaymentProviders": {"PaymentProvider": [CREDENTIALS]}}
    as_json.pop(name, None)
    made = shop.post("/api/savings", json.dumps(as_json | {of_2011: value}), media="application/json")
    assert (made.status, made.value(name)) == (201, value)
    changed = shop.patch(
        f"/api/SavingGoal/{made.value('Id')}",
        f"<SavingGoal><{of_2011}>{value}2</{of_2011}><RecordVersionNumber>1</RecordVersionNumber></SavingGoal>",
    )
    assert (changed.status, changed.value(name)) == (200, value + "2")
    both = shop.post("/api/savings", goal_xml(**{name: value, of_2011: value}))
    assert (both.status, f"{name} stands here twice: give it once." in both.text) == (400, True)


@pytest.mark.parametrize("name", ["Id", "id", "ID", "iD"])
def test_a_goal_is_found_by_id_in_any_case_of_the_argument(shop, rival, name):
    goal, _ = shop.new_goal(), shop.new_goal()
    found = shop.get(f"/api/savings?{name}={goal}")
    assert [one.findtext("Id") for one in found.xml] == [goal]
    assert len(rival.get(f"/api/savings?{name}={goal}").xml) == 0
    assert len(shop.get(f"/api/savings?{name}=").xml) == 0


@pytest.mark.parametrize("media", ["application/xml", "application/json"])
def test_what_get_gave_can_be_sent_back_with_put_as_it_is(shop, giver, media):
    goal = shop.new_goal(
        StartingAmount="5",
        EndDate="2099-06-30T18:00:00+02:00",
        ConfirmationURL="https://shop.example/thanks?a=b&amp;c",
        CancelURL="https://shop.example/oh",
        Currency="EUR",
        CapturePolicy="Manual",
        Name=" Anna &amp;&#13; Co ",
    )
    for outcome in ("approve", "decline", "cancel", None):
        gift = shop.new_contribution(goal, Contributor=" Bob &lt;b&gt; ", Message="a&#13;b")
        if outcome:
            giver.pay(gift.value("ProviderURL"), outcome)
    for _ in range(47):  # with these there are more than stand within a goal, so that there is a Next too
        shop.new_contribution(goal)
    path = f"/api/SavingGoal/{goal}"
    before = shop.get(path, Accept=media)
    assert "after=" in before.text
    put = shop.put(path, before.body, media=media, Accept=media)
    assert put.status == 200, put.text
    one, two = ('"RecordVersionNumber": 1, "RecordOwner"', '"RecordVersionNumber": 2, "RecordOwner"')
    if media == "application/xml":
        one, two = (
            "<RecordVersionNumber>1</RecordVersionNumber><RecordOwner>",
            "<RecordVersionNumber>2</RecordVersionNumber><RecordOwner>",
        )
    assert before.text.count(one) == 1
    assert put.text == before.text.replace(one, two), "nothing has changed but the goal's version"
    assert shop.get(path, Accept=media).body == put.body
    assert shop.put(path, before.body, media=media).value("code") == "stale_version"
    assert shop.put(path, put.body, media=media).status == 200, "and again with the new version"
    assert shop.new_contribution(goal).status == 201, "the credentials that were not sent are still there"


def test_what_a_client_writes_into_read_only_elements_is_ignored(shop):
    goal = shop.new_goal()
    path = f"/api/SavingGoal/{goal}"
    gift = shop.new_contribution(goal)
    lie = (
        "<Contributions><Contribution><Id>x</Id><Amount>1e9</Amount><Nonsense/></Contribution></Contributions>"
        "<CurrentAmount>999999.99</CurrentAmount><AuthorizedAmount>not a number</AuthorizedAmount>"
        "<RecordOwner>Rival Shop</RecordOwner>"
    )
    put = shop.put(path, goal_xml(RecordVersionNumber="1").replace("</SavingGoal>", f"{lie}</SavingGoal>"))
    assert put.status == 200, put.text
    assert (put.value("CurrentAmount"), put.value("AuthorizedAmount"), put.value("RecordOwner")) == (
        "0.00",
        "0.00",
        "Anna's Shop",
    )
    assert [one.findtext("Id") for one in put.xml.find("Contributions")] == [gift.value("Id")]
    made = shop.post(
        f"{path}/Contributions",
        "<Contribution><Id>mine</Id><Amount>20</Amount><Contributor>Bob</Contributor><Status>Settled</Status><Currency>JPY</Currency>"
        "<RefundedAmount>-5</RefundedAmount><Date>1999-01-01</Date><ProviderURL>http://evil.example</ProviderURL>"
        "<RecordVersionNumber>99</RecordVersionNumber><SavingGoalId>other</SavingGoalId><StatusReason>x</StatusReason></Contribution>",
    )
    assert made.status == 201, made.text
    assert (made.value("Status"), made.value("Currency"), made.value("RefundedAmount")) == ("Submitted", "USD", "0.00")
    assert (made.value("SavingGoalId"), made.value("RecordVersionNumber")) == (goal, "1")
    assert made.value("ProviderURL").startswith("http://give.example.test/")
    assert made.value("Id") != "mine"
    created = shop.post("/api/savings", goal_xml(Id=goal, RecordVersionNumber="77", RecordOwner="x", CurrentAmount="x"))
    assert (created.status, created.value("RecordVersionNumber")) == (201, "1")
    assert created.value("Id") != goal
