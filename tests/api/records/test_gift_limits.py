"""What a goal says of itself and of its gifts: amount rules, suggestions, Description, ImageURL, Metadata."""

import json

import pytest

from tests.conftest import contribution_xml, goal_xml
from tests.xml_schemas.answers import sentences_of

pytestmark = pytest.mark.django_db

ITEMS = "<Item><Name> a&amp;b </Name><Value> &lt;kept&gt; exactly\n</Value></Item><Item><Name>empty</Name><Value/></Item>"
AMOUNTS = "<Amount>5</Amount><Amount>10.5</Amount>"
FULL = {
    "Overfunding": "LastGift",
    "MinimumAmount": "5",
    "MaximumAmount": "100.5",
    "SuggestedAmounts": AMOUNTS,
    "Description": " A bicycle\n&amp; a bell ",
    "ImageURL": "https://shop.example/bike.png?a=1&amp;b=2",
    "Metadata": ITEMS,
}
READ = {
    "Overfunding": "LastGift",
    "MinimumAmount": "5.00",
    "MaximumAmount": "100.50",
    "SuggestedAmounts": {"Amount": ["5.00", "10.50"]},
    "Description": " A bicycle\n& a bell ",
    "ImageURL": "https://shop.example/bike.png?a=1&b=2",
    "Metadata": {"Item": [{"Name": " a&b ", "Value": " <kept> exactly\n"}, {"Name": "empty", "Value": ""}]},
}


@pytest.fixture
def path(shop):
    """Of a goal with everything."""
    return f"/api/SavingGoal/{shop.new_goal(**FULL)}"


def read(shop, path):
    goal = shop.get(path, Accept="application/json").json
    return {name: goal[name] for name in READ if name in goal}


def test_what_is_given_comes_back_in_both_formats(shop, path):
    assert read(shop, path) == READ
    as_json = shop.get(path, Accept="application/json")
    assert as_json.json["AcceptsGifts"] is True
    as_xml = shop.get(path)
    assert as_xml.value("AcceptsGifts") == "true"
    assert shop.put(path, as_json.body, media="application/json").status == 200
    assert shop.put(path, shop.get(path).body).status == 200
    assert read(shop, path) == READ


def test_a_put_of_2011_loses_none_of_it(shop, path):
    """A client of 2011 cannot know these elements, and must not lose them by not sending them."""
    assert shop.put(path, goal_xml(RecordVersionNumber="1")).status == 200
    assert read(shop, path) == READ


def test_an_empty_element_takes_it_away(shop, path):
    names = [name for name in READ if name != "Overfunding"]
    body = "".join(f"<{name}/>" for name in names)
    changed = shop.patch(path, f"<SavingGoal>{body}<RecordVersionNumber>1</RecordVersionNumber></SavingGoal>")
    assert changed.status == 200, changed.text
    assert read(shop, path) == {"Overfunding": "LastGift", "Description": ""}
    nothing = json.dumps({"Description": None, "MinimumAmount": None, "RecordVersionNumber": 2})
    assert shop.patch(path, nothing, media="application/json").status == 200
    assert read(shop, path) == {"Overfunding": "LastGift"}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"Overfunding": "never"}, "Overfunding must be one of Allowed, LastGift, Never."),
        ({"MinimumAmount": "0"}, "MinimumAmount must be more than 0."),
        ({"MaximumAmount": "1.234"}, "MaximumAmount must have at most 2 digits after the point in USD."),
        ({"MinimumAmount": "101"}, "MinimumAmount must not be more than MaximumAmount: no gift could be made."),
        ({"SuggestedAmounts": "<Amount>4.99</Amount>"}, "can be given: at least 5.00 and at most 100.50."),
        ({"SuggestedAmounts": "<Amount>5</Amount>" * 7}, "SuggestedAmounts must hold at most 6 Amounts; it has 7."),
        ({"SuggestedAmounts": "<Sum>5</Sum>"}, "Sum is not an element of SuggestedAmounts; it knows Amount."),
        ({"SuggestedAmounts": "<Amount>five</Amount>"}, "Amount must be a plain decimal"),
        ({"Description": "x" * 5001}, "Description must have 0 to 5000 characters; it has 5001."),
        ({"ImageURL": "bike.png"}, "ImageURL must be an absolute address"),
        ({"ImageURL": "javascript:alert(1)"}, "ImageURL must be an absolute address"),
        ({"Metadata": "<Item><Name>a</Name></Item>"}, "Value is missing: it is required here."),
        ({"Metadata": f"<Item><Name>{'n' * 41}</Name><Value/></Item>"}, "Name must have 1 to 40 characters; it has 41."),
        ({"Metadata": f"<Item><Name>n</Name><Value>{'v' * 501}</Value></Item>"}, "Value must have 0 to 500 characters"),
        ({"Metadata": "<Item><Name>n</Name><Value/></Item>" * 2}, "n stands here twice: give each Name once."),
        (
            {"Metadata": "".join(f"<Item><Name>{n}</Name><Value/></Item>" for n in range(21))},
            "Metadata must have at most 20 Items; it has 21.",
        ),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(shop, changes, sentence):
    said = sentences_of(shop.post("/api/savings", goal_xml(**FULL | changes)))
    assert any(sentence in one for one in said), said


def test_a_change_is_held_against_what_is_stored(shop, path):
    body = "<SavingGoal><MaximumAmount>4</MaximumAmount><RecordVersionNumber>1</RecordVersionNumber></SavingGoal>"
    assert sentences_of(shop.patch(path, body)) == ["MinimumAmount must not be more than MaximumAmount: no gift could be made."]


def test_another_currency_wants_the_amounts_anew(shop, path):
    body = goal_xml(Currency="JPY", GoalAmount="25000", RecordVersionNumber="1")
    said = sentences_of(shop.put(path, body))
    assert said == [f"{n} is missing: it is required here." for n in ("MinimumAmount", "MaximumAmount", "SuggestedAmounts")]


def test_a_gift_keeps_to_minimum_and_maximum_amount(shop, path):
    gifts = f"{path}/Contributions"
    assert sentences_of(shop.post(gifts, contribution_xml(Amount="4.99"))) == [
        "Amount must be at least 5.00: the goal takes nothing less."
    ]
    assert sentences_of(shop.post(gifts, contribution_xml(Amount="100.51"))) == [
        "Amount must be at most 100.50: the goal takes nothing more."
    ]
    for amount in ("5.00", "100.50"):
        assert shop.post(gifts, contribution_xml(Amount=amount)).status == 201


def test_the_last_gift_may_be_smaller_than_the_minimum(shop, giver):
    """Else nobody could give what is missing, where no gift may overshoot."""
    goal_id = shop.new_goal(GoalAmount="22.00", MinimumAmount="5.00", Overfunding="Never")
    giver.pay(shop.new_contribution(goal_id).value("ProviderURL"))
    assert shop.post(f"/api/SavingGoal/{goal_id}/Contributions", contribution_xml(Amount="1.99")).status == 400
    assert shop.new_contribution(goal_id, Amount="2.00").status == 201
