"""What each value of a body may be."""

import pytest

import money
from api.records.rules import LONGEST_MESSAGE, LONGEST_NAME
from tests.api.in_xml import post_goal, refusal_of
from tests.conftest import contribution_xml, goal_xml
from tests.xml_schemas.answers import sentences_of

NO_DECIMAL = "must be a plain decimal such as 100.00: digits and at most one point."


NO_CURRENCY = "Currency must be the three-letter code of an active ISO 4217 currency, such as USD, EUR or JPY."


@pytest.mark.parametrize("letter", ["x", "é", "🚲", "&amp;"])
def test_a_text_is_counted_in_characters(shop, letter):
    goal = shop.new_goal(Name=letter * LONGEST_NAME, ExternalItemId=letter * LONGEST_NAME)
    for name in ("Name", "ExternalItemId"):
        assert refusal_of(shop, **{name: letter * 256}) == [f"{name} must have 1 to 255 characters; it has 256."]
    path = f"/api/SavingGoal/{goal}/Contributions"
    made = shop.post(path, contribution_xml(Contributor=letter * LONGEST_NAME, Message=letter * LONGEST_MESSAGE))
    assert made.status == 201, made.text
    refused = shop.post(path, contribution_xml(Contributor=letter * 256, Message=letter * 2001))
    assert sentences_of(refused) == [
        "Contributor must have 1 to 255 characters; it has 256.",
        "Message must have 0 to 2000 characters; it has 2001.",
    ]


def test_an_empty_text_is_refused_and_blanks_are_a_name(shop):
    for name in ("Name", "ExternalItemId"):
        empty = goal_xml().replace(f"<{name}>", f"<{name}/><!--").replace(f"</{name}>", "-->")
        assert sentences_of(shop.post("/api/savings", empty)) == [f"{name} must have 1 to 255 characters; it has 0."]
    assert refusal_of(shop, ExternalItemId=" \n\t") == ["ExternalItemId must have 1 to 255 characters; it has 0."]
    assert post_goal(shop, Name=" ").value("Name") == " "
    assert post_goal(shop, ExternalItemId=f"  {'x' * 255}  ").status == 201, "blanks that are trimmed do not count"


def test_what_is_no_amount_is_refused(shop):
    """With what would be one."""
    digits = "must have at most 12 digits before the point."
    for name, text, why in (
        ("GoalAmount", "0", "must be more than 0."), ("GoalAmount", "0.00", "must be more than 0."),
        ("StartingAmount", "-0.01", NO_DECIMAL), ("GoalAmount", "1 000", NO_DECIMAL),
        ("GoalAmount", "1<!-- -->e<!-- -->3", NO_DECIMAL), ("StartingAmount", "1e400", NO_DECIMAL),
        ("GoalAmount", "0.001", "must have at most 2 digits after the point in USD."),
        ("GoalAmount", "1234567890123", digits), ("GoalAmount", "9" * 5000, digits),
    ):  # fmt: skip
        assert refusal_of(shop, **{name: text}) == [f"{name} {why}"]


def test_amounts_have_the_decimals_of_their_currency(shop):
    plain = {0: "1.0", 2: "1.001", 3: "1.0001", 4: "1.00001"}
    for currency, decimals in sorted(money.DECIMALS.items()):
        (sentence,) = refusal_of(shop, Currency=currency, GoalAmount=plain[decimals])
        assert sentence == (
            f"GoalAmount must have at most {decimals} digits after the point in {currency}."
            if decimals
            else f"GoalAmount must be a whole number: {currency} has no decimals."
        )


def test_a_currency_is_the_code_of_an_active_one(shop):
    for text in ["usd", "US", "USDX", "XXX", "XAU", "XTS", "DEM", "BTC", "840", "$", "ＵＳＤ", "USD,EUR", "&#x2028;", "U S D"]:
        assert refusal_of(shop, Currency=text) == [NO_CURRENCY]


def test_a_contribution_is_judged_by_its_goals_currency(shop):
    yen = f"/api/SavingGoal/{shop.new_goal(Currency='JPY', GoalAmount='5000')}/Contributions"
    assert sentences_of(shop.post(yen, contribution_xml(Amount="20.00"))) == [
        "Amount must be a whole number: JPY has no decimals."
    ]
    assert shop.post(yen, contribution_xml(Amount="20")).value("Amount") == "20"
    dinar = f"/api/SavingGoal/{shop.new_goal(Currency='KWD')}/Contributions"
    assert shop.post(dinar, contribution_xml(Amount="20.001")).value("Amount") == "20.001"
    assert shop.post(yen, contribution_xml(Amount="20", Currency="USD")).value("Currency") == "JPY", (
        "a contribution has its goal's"
    )


def test_a_patch_of_the_currency_states_the_amounts_again(shop):
    def patch(goal, **elements):
        body = "".join(f"<{name}>{value}</{name}>" for name, value in (elements | {"RecordVersionNumber": "1"}).items())
        return shop.patch(f"/api/SavingGoal/{goal}", f"<SavingGoal>{body}</SavingGoal>")

    goal, missing = shop.new_goal(StartingAmount="5.50", GoalAmount="100.50"), "{} is missing: it is required here."
    for amounts, sentences in (
        ({}, [missing.format("GoalAmount"), missing.format("StartingAmount")]),
        ({"GoalAmount": "100"}, [missing.format("StartingAmount")]),
        ({"GoalAmount": "100.50", "StartingAmount": "5"}, ["GoalAmount must be a whole number: JPY has no decimals."]),
    ):
        assert sentences_of(patch(goal, Currency="JPY", **amounts)) == sentences
    kept = shop.get(f"/api/SavingGoal/{goal}")
    assert (kept.value("GoalAmount"), kept.value("Currency")) == ("100.50", "USD")
    changed = patch(goal, Currency="JPY", GoalAmount="10050", StartingAmount="550")
    names = ("Currency", "GoalAmount", "StartingAmount", "CurrentAmount")
    assert [changed.value(name) for name in names] == ["JPY", "10050", "550", "550"]

    without_start = shop.new_goal(GoalAmount="100.50")
    assert sentences_of(patch(without_start, Currency="KWD")) == [missing.format("GoalAmount")]
    assert patch(without_start, Currency="KWD", GoalAmount="30.125").value("GoalAmount") == "30.125"
    same = shop.new_goal(GoalAmount="100.50")
    assert patch(same, Currency="USD").value("GoalAmount") == "100.50", "the currency it has already is no change"


def test_another_capture_policy_is_refused(shop):
    for text in ("immediate", "IMMEDIATE", "On Goal Reached", "ongoalreached", "Automatic", "Manual;", "0"):
        assert refusal_of(shop, CapturePolicy=text) == ["CapturePolicy must be one of Immediate, OnGoalReached, Manual."]


NO_END_DATE = "EndDate must be a day such as 2027-06-30 or a moment with its offset such as 2027-06-30T18:00:00+02:00."


NO_END_DATES = (
    "2027-06-31", "2027-02-29", "2027-13-01", "2027-00-10", "2027-06-00", "0000-01-01", "10000-01-01", "-0001-01-01",
    "27-06-30", "2027-6-3", "2027/06/30", "30.06.2027", "06/30/2027", "20270630", "2027-W26-3", "2027-181", "tomorrow", "0",
    "1782864000", "2027-06-30T18:00Z", "2027-06-30T18Z", "2027-06-30T",
    "2027-06-30+2:00", "2027-06-30+15:00", "2027-06-30 Z", "2027-06-30T24:00:01Z", "2027-06-30T24:00:00.1Z",
    "2027-06-30T24:01:00Z", "9999-12-31T24:00:00Z", "2027-06-30T23:59:60Z", "2027-06-30  18:00:00Z",
    "2016-12-31T23:59:60Z", "2027-06-30T25:00:00Z",
    "2027-06-30T18:60:00Z", "2027-06-30T18:00:00+0200",
    "2027-06-30T18:00:00+02", "2027-06-30T18:00:00+14:01", "2027-06-30T18:00:00+15:00", "2027-06-30T18:00:00-24:00",
    "2027-06-30T18:00:00+02:60", "2027-06-30T18:00:00.Z", "2027-06-30T18:00:00,5Z", "2027-06-30T18:00:00Z+",
    "2027-06-30T18:00:00UTC", "٢٠٢٧-٠٦-٣٠", "２０２７-06-30", "2027-06-30&#10;2027", "0001-01-01T00:00:00+14:00",
    "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "9999-12-31T23:00:00-14:00", "NaN",
    "2027-06-30T18:00:00Z[UTC]", "June 30, 2027", "2027-06-30T18:00:00 Z",
    "2027-06-30T18:00:00 Europe/Berlin",
)  # fmt: skip


def test_what_is_no_day_and_no_moment_is_no_end_date(shop):
    for text in NO_END_DATES:
        assert refusal_of(shop, EndDate=text) == [NO_END_DATE], text
