"""Lists: filters, pages, and what they do not take."""

from urllib.parse import parse_qsl, quote, urlsplit

import pytest

from goals.models import SavingGoal
from goals.rules import GoalChange, create
from ids import new_id
from partners.models import Partner
from tests.conftest import contribution_xml, goal_xml

pytestmark = pytest.mark.django_db

NEXT_LINK = '<{}>; rel="next"'


def ids(answer):
    return [one.findtext("Id") for one in answer.xml]


def many_goals(number):
    """Stored without the API, which is what is listed here and not what is made; their Ids, oldest first."""
    partner = Partner.objects.get()
    values = {"external_item_id": "x", "name": "A bicycle", "currency": "USD", "goal_minor": 100}
    return [create(partner, GoalChange(values), public_id=new_id()).public_id for _ in range(number)]


def follow(shop, path):
    """Every page from `path` on, as a client that knows nothing but Next."""
    while path:
        page = shop.get(path)
        assert page.status == 200
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
    """A page of a list that has ended is empty and has no next."""
    made = many_goals(2)
    page = shop.get(f"/api/savings?after={made[0]}")
    assert (ids(page), page.xml.get("Next"), "Link" in page.headers) == ([], None, False)
    assert shop.get("/api/savings?limit=2").xml.get("Next") is None


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
    assert ids(shop.get("/api/savings?ExternalItemId=bike-7")) == [bike]
    assert ids(shop.get("/api/savings?ExternalItemId=BIKE-7")) == []
    assert ids(shop.get("/api/savings?ExternalItemId=bike")) == []
    assert ids(shop.get("/api/savings?ExternalItemId=bike%25")) == []
    assert ids(shop.get("/api/savings?ExternalItemId=")) == []
    assert ids(shop.get(f"/api/savings?Id={ball}")) == [ball]
    assert ids(shop.get(f"/api/savings?id={ball}&externalitemid=ball-8")) == [ball]
    assert ids(shop.get(f"/api/savings?Id={ball}&ExternalItemId=bike-7")) == []
    for nobodys in (new_id(), "1", "%", "' OR 1=1 --", "x" * 3000):
        assert ids(shop.get(f"/api/savings?Id={nobodys.replace('%', '%25').replace(' ', '+')}")) == []


@pytest.mark.parametrize(("limit", "shown"), [("1", 1), ("2", 2), ("3", 3), ("100", 3), ("02", 2)])
def test_a_limit_that_is_one(shop, limit, shown):
    many_goals(3)
    assert len(shop.get(f"/api/savings?limit={limit}").xml) == shown


REFUSED_ARGUMENTS = (
    "limit=1&limit=1", "limit=1&LIMIT=2", "after={id}&After={id}", "format=xml&format=xml", "Id={id}&id={id}", "offset=0",
    "order_by=name", "partner__name=x", "owner__password__startswith=a", "Status=Settled", "Limit[]=1", "limit=1&x", "=1",
    "after=", "after=nobody", "after={id}x", "%00=1", "ExternalItemId=%00", "ExternalItemId=a%EF%BF%BF", "callback=x",
    "api_key=x",
)  # fmt: skip


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


def test_a_goal_holds_its_newest_50_contributions(shop):
    goal = shop.new_goal()
    made = [shop.new_contribution(goal).value("Id") for _ in range(50)]
    nested = shop.get(f"/api/SavingGoal/{goal}").xml.find("Contributions")
    assert [one.findtext("Id") for one in nested] == made[::-1]
    assert nested.get("Next") is None

    made += [shop.new_contribution(goal).value("Id") for _ in range(3)]
    nested = shop.get(f"/api/SavingGoal/{goal}").xml.find("Contributions")
    assert [one.findtext("Id") for one in nested] == made[:2:-1]
    assert nested.get("Next") == f"http://give.example.test/api/SavingGoal/{goal}/Contributions?after={made[3]}"
    assert ids(shop.get(nested.get("Next"))) == made[2::-1]
    in_the_list = shop.get("/api/savings").xml.find("SavingGoal/Contributions")
    assert (len(in_the_list), in_the_list.get("Next")) == (50, nested.get("Next"))
    in_json = shop.get(f"/api/SavingGoal/{goal}", Accept="application/json").json["Contributions"]
    assert ([one["Id"] for one in in_json["Contribution"]], in_json["Next"]) == (made[:2:-1], nested.get("Next"))


def test_next_keeps_the_format_of_the_query(shop):
    """A client that asked for JSON in the query is led to JSON."""
    goal = shop.new_goal()
    for _ in range(51):
        shop.new_contribution(goal)
    for path in (f"/api/SavingGoal/{goal}?format=json", "/api/savings?Format=json"):
        answer = shop.get(path).json
        nested = (answer["SavingGoal"][0] if "SavingGoal" in answer else answer)["Contributions"]
        following = shop.get(nested["Next"])
        assert following.headers["Content-Type"] == "application/json"
        assert len(following.json["Contribution"]) == 1


def test_the_contributions_of_a_goal_come_in_pages_and_by_status(shop, giver):
    goal, other = shop.new_goal(), shop.new_goal()
    path = f"/api/SavingGoal/{goal}/Contributions"
    gifts = [shop.new_contribution(goal) for _ in range(5)]
    shop.new_contribution(other)
    made = [gift.value("Id") for gift in gifts]
    for gift, outcome in ((gifts[0], "approve"), (gifts[1], "cancel"), (gifts[2], "decline"), (gifts[4], "approve")):
        giver.pay(gift.value("ProviderURL"), outcome)
    assert [one for page in follow(shop, path + "?limit=2") for one in ids(page)] == made[::-1]
    assert ids(shop.get(path + "?Status=Settled")) == [made[4], made[0]]
    assert ids(shop.get(path + "?status=Canceled")) == [made[1]]
    assert ids(shop.get(path + "?STATUS=Failed")) == [made[2]]
    assert ids(shop.get(path + "?Status=Submitted")) == [made[3]]
    for empty in ("Pending", "Authorized", "Refunded", "Reversed"):
        assert ids(shop.get(f"{path}?Status={empty}")) == []
    settled = list(follow(shop, path + "?Status=Settled&limit=1"))
    assert [ids(page) for page in settled] == [[made[4]], [made[0]]]
    for wrong in ("settled", "Paid", "", "Settled,Failed", "Settled%00"):
        assert shop.get(f"{path}?Status={wrong}").status == 400
    assert shop.get(f"{path}?Status=Settled&Status=Failed").status == 400
    assert (
        shop.get(f"{path}?after={shop.get(f'/api/SavingGoal/{other}').xml.findtext('Contributions/Contribution/Id')}").status
        == 400
    )


def test_a_deleted_contribution_is_in_no_list(shop):
    goal = shop.new_goal()
    made = [shop.new_contribution(goal).value("Id") for _ in range(3)]
    assert shop.delete(f"/api/Contribution/{made[1]}").status == 204
    assert ids(shop.get(f"/api/SavingGoal/{goal}/Contributions")) == [made[2], made[0]]
    assert [one.findtext("Id") for one in shop.get(f"/api/SavingGoal/{goal}").xml.find("Contributions")] == [made[2], made[0]]
    assert ids(shop.get(f"/api/SavingGoal/{goal}/Contributions?after={made[1]}")) == [made[0]]
