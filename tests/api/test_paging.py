"""Lists: filters, pages, and what they do not take."""

from urllib.parse import parse_qsl, quote, urlsplit

import pytest

from goals.models import SavingGoal
from goals.rules import GoalChange, create
from ids import new_id
from partners.models import Partner
from tests.conftest import contribution_xml, goal_xml
from tests.xml_schemas.answers import in_both_formats

pytestmark = pytest.mark.django_db

NEXT_LINK = '<{}>; rel="next"'


def ids(answer):
    return [one.findtext("Id") for one in answer.xml]


def many_goals(number):
    """Stored without the API, which is what is listed here and not what is made; their Ids, oldest first."""
    partner = Partner.objects.get()
    values = {"external_item_id": "x", "name": "A bicycle", "currency": "USD", "goal_minor": 100}
    return [create(partner, GoalChange(values, {"PayPal": "anna"}), public_id=new_id()).public_id for _ in range(number)]


def follow(shop, path):
    """Every page from `path` on, as a client that knows nothing but Next."""
    while path:
        page = in_both_formats(shop, path)
        assert page.headers.get("Link") == (NEXT_LINK.format(page.xml.get("Next")) if page.xml.get("Next") else None)
        yield page
        path = page.xml.get("Next")


@pytest.mark.parametrize(("query", "sizes"), [("", [50, 50, 20]), ("?limit=100", [100, 20]), ("?limit=60", [60, 60])])
def test_following_next_meets_each_goal_once_newest_first(shop, query, sizes):
    made = many_goals(120)
    pages = list(follow(shop, f"/api/savings{query}"))
    assert [len(page.xml) for page in pages] == sizes
    assert [one for page in pages for one in ids(page)] == made[::-1]


def test_next_is_in_json_too(shop):
    made = many_goals(3)
    page = shop.get("/api/savings?limit=2&format=json")
    assert [goal["Id"] for goal in page.json["SavingGoal"]] == [made[2], made[1]]
    assert page.json["Next"] == f"http://give.example.test/api/savings?limit=2&format=json&after={made[1]}"
    assert page.headers["Link"] == NEXT_LINK.format(page.json["Next"])
    last = shop.get(page.json["Next"])
    assert ([goal["Id"] for goal in last.json["SavingGoal"]], "Next" in last.json) == ([made[0]], False)


def test_pages_stay_whole_while_goals_come_and_go(shop):
    made = many_goals(20)
    seen, doomed = [], made[4]
    for number, page in enumerate(follow(shop, "/api/savings?limit=3")):
        seen += ids(page)
        many_goals(2)  # newer than all that was seen: not in the pages to come
        if number == 1:
            assert shop.delete(f"/api/SavingGoal/{doomed}").status == 204
            assert shop.delete(f"/api/SavingGoal/{seen[-1]}").status == 204  # the very one that Next goes on from
    assert seen == [one for one in reversed(made) if one != doomed]


def test_a_page_after_the_last_is_empty_without_next(shop):
    made = many_goals(3)
    page = shop.get(f"/api/savings?after={made[0]}")
    assert (ids(page), page.xml.get("Next"), "Link" in page.headers) == ([], None, False)
    for limit, shown in (("1", 1), ("2", 2), ("02", 2), ("3", 3), ("100", 3)):
        page = shop.get(f"/api/savings?limit={limit}")
        assert (ids(page), page.xml.get("Next") is None) == (made[::-1][:shown], shown == 3)


def test_next_takes_the_filters_along(shop):
    odd = "a&b=c d/ü+%41<>\"'"
    written = odd.replace("&", "&amp;").replace("<", "&lt;")
    made = [shop.new_goal(ExternalItemId=written) for _ in range(3)]
    shop.new_goal()
    pages = list(follow(shop, f"/api/savings?LIMIT=2&externalitemid={quote(odd)}"))
    assert [one for page in pages for one in ids(page)] == made[::-1]
    carried = dict(parse_qsl(urlsplit(pages[0].xml.get("Next")).query))
    assert carried == {"limit": "2", "ExternalItemId": odd, "after": made[1]}


def test_filters_find_by_id_and_by_item(shop):
    bike, ball = shop.new_goal(ExternalItemId="bike-7"), shop.new_goal(ExternalItemId="ball-8")
    for query, found in {
        "ExternalItemId=bike-7": [bike], "ExternalItemId=BIKE-7": [], "ExternalItemId=bike": [], "ExternalItemId=bike%25": [],
        "ExternalItemId=": [], f"Id={ball}": [ball], f"id={ball}&externalitemid=ball-8": [ball],
        f"Id={ball}&ExternalItemId=bike-7": [], f"Id={new_id()}": [], "Id=1": [], "Id=%25": [], "Id='+OR+1=1+--": [],
        "Id=" + "x" * 3000: [],
    }.items():  # fmt: skip
        assert ids(shop.get(f"/api/savings?{query}")) == found, query


def test_every_path_refuses_an_unknown_argument(shop):
    goal = shop.new_goal()
    gift = shop.new_contribution(goal).value("Id")
    before = shop.get(f"/api/SavingGoal/{goal}").body
    asked = [
        shop.post("/api/savings?Id=x", goal_xml()), shop.get(f"/api/SavingGoal/{goal}?limit=1"),
        shop.put(f"/api/SavingGoal/{goal}?Version=1", goal_xml(RecordVersionNumber="1")),
        shop.patch(f"/api/SavingGoal/{goal}?x=", goal_xml(RecordVersionNumber="1")),
        shop.delete(f"/api/SavingGoal/{goal}?force=1"), shop.get(f"/api/SavingGoal/{goal}/Contributions?Id={gift}"),
        shop.post(f"/api/SavingGoal/{goal}/Contributions?Amount=1", contribution_xml()),
        shop.get(f"/api/Contribution/{gift}?after=x"), shop.delete(f"/api/Contribution/{gift}?after=x"),
        shop.get("/api/schema/contributions.xsd?x=1"),
    ]  # fmt: skip
    assert [(answer.status, answer.value("code")) for answer in asked] == [(400, "invalid_argument")] * 10
    assert shop.get(f"/api/SavingGoal/{goal}").body == before
    assert SavingGoal.objects.count() == 1


def test_a_goal_holds_its_newest_50_contributions(shop, goal):
    path = f"/api/SavingGoal/{goal}"
    made = [shop.new_contribution(goal).value("Id") for _ in range(50)]
    nested = in_both_formats(shop, path).xml.find("Contributions")
    assert ([one.findtext("Id") for one in nested], nested.get("Next")) == (made[::-1], None)

    made += [shop.new_contribution(goal).value("Id") for _ in range(3)]
    nested = in_both_formats(shop, path).xml.find("Contributions")
    assert [one.findtext("Id") for one in nested] == made[:2:-1]
    assert nested.get("Next") == f"http://give.example.test{path}/Contributions?after={made[3]}"
    assert ids(in_both_formats(shop, nested.get("Next"))) == made[2::-1]
    in_the_list = in_both_formats(shop, "/api/savings").xml.find("SavingGoal/Contributions")
    assert (len(in_the_list), in_the_list.get("Next")) == (50, nested.get("Next"))
    assert [one for page in follow(shop, f"{path}/Contributions?limit=20&status=Submitted") for one in ids(page)] == made[::-1]

    for asked in (f"{path}?format=json", "/api/savings?Format=json"):  # who asked for JSON in the query is led to JSON
        answer = shop.get(asked).json
        following = shop.get((answer["SavingGoal"][0] if "SavingGoal" in answer else answer)["Contributions"]["Next"])
        assert following.headers["Content-Type"] == "application/json"
        assert len(following.json["Contribution"]) == 3


def test_contributions_of_a_goal_come_in_pages_and_by_status(shop, giver, goal):
    path = f"/api/SavingGoal/{goal}/Contributions"
    gifts = [shop.new_contribution(goal) for _ in range(5)]
    elsewhere = shop.new_contribution(shop.new_goal()).value("Id")
    made = [gift.value("Id") for gift in gifts]
    for gift, outcome in ((gifts[0], "approve"), (gifts[1], "cancel"), (gifts[2], "decline"), (gifts[4], "approve")):
        giver.pay(gift.value("ProviderURL"), outcome)
    assert [one for page in follow(shop, path + "?limit=2") for one in ids(page)] == made[::-1]
    for query, found in {
        "Status=Settled": [made[4], made[0]], "status=Canceled": [made[1]], "STATUS=Failed": [made[2]],
        "Status=Submitted": [made[3]], "Status=Pending": [], "Status=Authorized": [], "Status=Refunded": [],
        "Status=Reversed": [],
    }.items():  # fmt: skip
        assert ids(shop.get(f"{path}?{query}")) == found, query
    assert [ids(page) for page in follow(shop, path + "?Status=Settled&limit=1")] == [[made[4]], [made[0]]]
    for wrong in ("settled", "Paid", "", "Settled,Failed", "Settled%00", "Settled&Status=Failed"):
        assert shop.get(f"{path}?Status={wrong}").status == 400
    assert shop.get(f"{path}?after={elsewhere}").status == 400


def test_a_deleted_contribution_is_in_no_list(shop):
    goal = shop.new_goal()
    made = [shop.new_contribution(goal).value("Id") for _ in range(3)]
    assert shop.delete(f"/api/Contribution/{made[1]}").status == 204
    assert ids(shop.get(f"/api/SavingGoal/{goal}/Contributions")) == [made[2], made[0]]
    assert [one.findtext("Id") for one in shop.get(f"/api/SavingGoal/{goal}").xml.find("Contributions")] == [made[2], made[0]]
    assert ids(shop.get(f"/api/SavingGoal/{goal}/Contributions?after={made[1]}")) == [made[0]]
