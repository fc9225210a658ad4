"""The API page of 2011 had its oddities, and clients that were written against it have them still: each one is understood."""

import pytest

from goals.models import PaymentAccount
from tests.api.in_json import GOAL, post
from tests.conftest import PAYPAL, goal_xml
from tests.xml_schemas.answers import sentences_of


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
    """As the examples of 2011 have them."""
    given = {
        "ExternalItemId": "  bike-7\n", "StartingAmount": " 10.00 ", "GoalAmount": "\t250.00 \r\n", "EndDate": " 2099-06-30 ",
        "ConfirmationURL": "\n  https://shop.example/thanks\n", "CancelURL": " https://shop.example/oh ", "Currency": " EUR ",
        "CapturePolicy": " Manual ",
    }  # fmt: skip
    made = shop.post("/api/savings", goal_xml(**given, PaymentProviders=PAYPAL.replace("anna@example.org", " anna ")))
    assert made.status == 201, made.text
    assert {name: made.value(name) for name in given} == {name: value.strip() for name, value in given.items()}
    assert PaymentAccount.objects.get().credentials == "anna"
    gift = shop.new_contribution(made.value("Id"), Amount=" 20.00\n", ProviderName=" Paypal\t")
    assert (gift.value("Amount"), gift.value("ProviderName")) == ("20.00", "PayPal")
    body = goal_xml(RecordVersionNumber=" 1 ", Id=f" {made.value('Id')} ")
    changed = shop.patch(f"/api/SavingGoal/{made.value('Id')}", body)
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
    made = shop.post("/api/savings", goal_xml(**{name: "", of_2011: value}))
    assert (made.status, made.value(name), made.value(of_2011)) == (201, value, None), made.text
    in_json = post(shop, "/api/savings", {one: GOAL[one] for one in GOAL if one != name} | {of_2011: value})
    assert (in_json.status, in_json.json[name]) == (201, value)
    patch = f"<SavingGoal><{of_2011}>{value}2</{of_2011}><RecordVersionNumber>1</RecordVersionNumber></SavingGoal>"
    changed = shop.patch(f"/api/SavingGoal/{made.value('Id')}", patch)
    assert (changed.status, changed.value(name)) == (200, value + "2")
    both = shop.post("/api/savings", goal_xml(**{name: value, of_2011: value}))
    assert sentences_of(both) == [f"{name} stands here twice: give it once."]


def test_a_goal_is_found_by_id_in_any_case_of_the_argument(shop, rival):
    goal, _ = shop.new_goal(), shop.new_goal()
    for name in ("Id", "id", "ID", "iD"):
        assert [one.findtext("Id") for one in shop.get(f"/api/savings?{name}={goal}").xml] == [goal]
        assert len(rival.get(f"/api/savings?{name}={goal}").xml) == 0
        assert len(shop.get(f"/api/savings?{name}=").xml) == 0


VERSIONS = {
    "application/xml": "<RecordVersionNumber>{}</RecordVersionNumber><RecordOwner>",
    "application/json": '"RecordVersionNumber": {}, "RecordOwner"',
}


def test_what_get_gave_can_be_sent_back_with_put_as_it_is(shop, giver):
    back = {"ConfirmationURL": "https://shop.example/thanks?a=b&amp;c", "CancelURL": "https://shop.example/oh"}
    more = {"StartingAmount": "5", "EndDate": "2099-06-30T18:00:00+02:00", "Currency": "EUR", "CapturePolicy": "Manual"}
    goal = shop.new_goal(Name=" Anna &amp;&#13; Co ", **back, **more)
    for outcome in ("approve", "decline", "cancel", None):
        gift = shop.new_contribution(goal, Contributor=" Bob &lt;b&gt; ", Message="a&#13;b")
        if outcome:
            giver.pay(gift.value("ProviderURL"), outcome)
    for _ in range(47):  # with these there are more than stand within a goal, so that there is a Next too
        shop.new_contribution(goal)
    path, version = f"/api/SavingGoal/{goal}", 1
    for media, says in VERSIONS.items():
        before = shop.get(path, Accept=media)
        assert "after=" in before.text
        put = shop.put(path, before.body, media=media, Accept=media)
        assert put.status == 200, put.text
        assert before.text.count(says.format(version)) == 1
        unchanged = before.text.replace(says.format(version), says.format(version + 1))
        assert put.text == unchanged, "nothing has changed but the goal's version"
        assert shop.get(path, Accept=media).body == put.body
        assert shop.put(path, before.body, media=media).value("code") == "stale_version"
        assert shop.put(path, put.body, media=media).status == 200, "and again with the new version"
        version += 2
    assert shop.new_contribution(goal).status == 201, "the credentials that were not sent are still there"


def test_what_is_written_into_read_only_elements_is_ignored(shop, goal, path):
    gift = shop.new_contribution(goal)
    lie = {
        "Contributions": "<Contribution><Id>x</Id><Amount>1e9</Amount><Nonsense/></Contribution>", "CurrentAmount": "999999.99",
        "AuthorizedAmount": "not a number", "RecordOwner": "Rival Shop",
    }  # fmt: skip
    put = shop.put(path, goal_xml(RecordVersionNumber="1", **lie))
    assert put.status == 200, put.text
    assert (put.value("CurrentAmount"), put.value("AuthorizedAmount")) == ("0.00", "0.00")
    assert put.value("RecordOwner") == "Anna's Shop"
    assert [one.findtext("Id") for one in put.xml.find("Contributions")] == [gift.value("Id")]
    made = shop.new_contribution(
        goal, Id="mine", Status="Settled", Currency="JPY", RefundedAmount="-5", Date="1999-01-01", RecordVersionNumber="99",
        ProviderURL="http://evil.example", SavingGoalId="other", StatusReason="x",
    )  # fmt: skip
    assert (made.value("Status"), made.value("Currency"), made.value("RefundedAmount")) == ("Submitted", "USD", "0.00")
    assert (made.value("SavingGoalId"), made.value("RecordVersionNumber")) == (goal, "1")
    assert made.value("ProviderURL") == f"http://give.example.test/pay/{made.value('Id')}"
    assert (made.value("Id") != "mine", made.value("StatusReason"), made.value("Date")[:2]) == (True, None, "20")
    created = shop.post("/api/savings", goal_xml(Id=goal, RecordVersionNumber="77", RecordOwner="x", CurrentAmount="x"))
    assert (created.status, created.value("RecordVersionNumber")) == (201, "1")
    assert created.value("Id") != goal
