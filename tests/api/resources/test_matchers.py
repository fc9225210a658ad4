"""A goal's matchers over the API: made, seen, listed, ended; whose they are; what a body may say."""

import pytest

from contributions.models import Contribution
from goals.models import Matcher
from partners.models import AuditEntry
from tests.xml_schemas.answers import in_both_formats

pytestmark = pytest.mark.django_db

BODY = "<Matcher><Name>Acme</Name><Percent>50</Percent><MaximumTotal>100.00</MaximumTotal></Matcher>"


@pytest.fixture
def path(shop):
    return f"/api/SavingGoal/{shop.new_goal()}/Matchers"


def test_one_is_made_seen_listed_and_ended(shop, path):
    made = shop.post(path, BODY)
    assert made.status == 201
    address = f"/api/Matcher/{made.value('Id')}"
    assert made.headers["Location"].endswith(address)
    assert in_both_formats(shop, address).body == made.body
    assert [one.findtext("Name") for one in in_both_formats(shop, path).xml.iter("Matcher")] == ["Acme"]
    seen = shop.get(address)
    assert (seen.headers["ETag"], shop.get(address, If_None_Match=seen.headers["ETag"]).status) == (made.headers["ETag"], 304)
    assert shop.delete(address, If_Match='"99x"').status == 412
    assert shop.delete(address, If_Match=seen.headers["ETag"]).status == 204
    assert (shop.get(address).status, shop.get(path).xml.findall("Matcher")) == (404, [])
    rows = AuditEntry.objects.filter(action__startswith="matcher.").order_by("pk")
    assert [(one.action, one.about) for one in rows] == [(f"matcher.{deed}", made.value("Id")) for deed in ("made", "deleted")]
    assert "Acme" not in repr([(one.before, one.after) for one in rows]), "a name is a person's perhaps"


def test_percent_is_100_without_it_and_json_says_the_same(shop, path):
    body = '{"Name": "Acme", "MaximumTotal": "5.00"}'
    made = shop.post(path, body, media="application/json", Accept="application/json")
    assert (made.status, made.json["Percent"], made.json["MatchedTotal"]) == (201, 100, "0.00")


@pytest.mark.parametrize(
    ("element", "value", "sentence"),
    [
        ("Name", "", "Name must have 1 to 255 characters"),
        ("Name", "4111 1111 1111 1111", "card number"),
        ("Percent", "0", "Percent must be a whole number from 1 to 100"),
        ("Percent", "101", "Percent must be a whole number from 1 to 100"),
        ("Percent", "12.5", "Percent must be a whole number from 1 to 100"),
        ("MaximumTotal", "0", "MaximumTotal must be more than 0"),
        ("MaximumTotal", "1.005", "MaximumTotal must have at most 2 digits after the point"),
        ("Currency", "EUR", ""),
        ("Nmae", "x", "did you mean Name?"),
    ],
)
def test_what_a_body_may_say(shop, path, element, value, sentence):
    elements = {"Name": "Acme", "MaximumTotal": "100.00"} | {element: value}
    body = "<Matcher>" + "".join(f"<{name}>{text}</{name}>" for name, text in elements.items()) + "</Matcher>"
    answer = shop.post(f"{path}?ValidateOnly=1", body)
    assert (answer.status, sentence in answer.text) == (400 if sentence else 200, True), answer.text
    assert Matcher.objects.count() == 0


def test_the_same_key_makes_one(shop, path):
    first, again = (shop.post(path, BODY, Idempotency_Key="m-1") for _ in range(2))
    assert (again.body, Matcher.objects.count()) == (first.body, 1)


def test_a_goal_has_ten_at_most(shop, path):
    for _ in range(10):
        shop.post(path, BODY)
    assert shop.post(f"{path}?ValidateOnly=1", BODY).value("code") == "too_many_matchers"
    refused = shop.post(path, BODY)
    assert (refused.status, refused.value("code")) == (409, "too_many_matchers")
    shop.delete(f"/api/Matcher/{Matcher.objects.latest('pk').public_id}")
    assert shop.post(path, BODY).status == 201


def test_pages_of_matchers(shop, path):
    ids = [shop.post(path, BODY).value("Id") for _ in range(3)]
    page = shop.get(f"{path}?limit=2")
    rest = shop.get(page.xml.get("Next"))
    seen = [one.findtext("Id") for answer in (page, rest) for one in answer.xml.iter("Matcher")]
    assert seen == ids[::-1]


def test_anothers_are_403_and_a_deleted_goals_404(shop, rival, path):
    matcher = f"/api/Matcher/{shop.post(path, BODY).value('Id')}"
    assert (rival.get(matcher).status, rival.delete(matcher).status, rival.post(path, BODY).status) == (403, 403, 403)
    shop.delete(path.removesuffix("/Matchers"))
    assert (shop.get(matcher).status, shop.post(path, BODY).status) == (404, 404)


def test_a_goal_with_a_matcher_keeps_its_currency(shop, path):
    shop.post(path, BODY)
    goal = path.removesuffix("/Matchers")
    body = "<SavingGoal><Currency>EUR</Currency><GoalAmount>10</GoalAmount></SavingGoal>"
    refused = shop.patch(goal, body, If_Match=shop.get(goal).headers["ETag"])
    assert (refused.status, refused.value("code")) == (409, "currency_is_fixed")
    assert Contribution.objects.count() == 0
