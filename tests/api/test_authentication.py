"""Where a key may stand, and that it never comes back."""

import logging
from datetime import timedelta
from itertools import product
from urllib.parse import urlsplit

import pytest
from django.db import OperationalError
from django.utils import timezone

from api.records import goal as goal_record
from config.log_lines import JsonLines
from contributions import opening
from partners import keys
from partners.models import ApiKey, Partner
from tests.conftest import PartnerClient, contribution_xml, goal_xml
from tests.raising import raising

pytestmark = pytest.mark.django_db

NO_KEY = PartnerClient(None)


@pytest.fixture
def key(shop):
    return shop.key


def test_a_key_in_the_header(key):
    for form in ("Bearer {}", "bearer {}", "BEARER {}", "ApiKey {}", "apikey {}", "APIKEY {}", "Bearer    {}", "  Bearer {}  "):
        assert NO_KEY.get("/api/savings", Authorization=form.format(key)).status == 200


def test_a_key_in_the_query_as_in_2011(shop, key):
    goal = shop.new_goal()
    for name in ("ApiKey", "apikey", "APIKEY", "aPiKeY"):
        for blanks in ("{}", "+{}", "{}%20", "%09{}%0D%0A"):
            assert NO_KEY.get(f"/api/savings?{name}={blanks.format(key)}").status == 200
        assert NO_KEY.post(f"/api/SavingGoal/{goal}/Contributions?{name}={key}", contribution_xml()).status == 201


def test_a_query_that_holds_no_single_key(key):
    for query in (
        "ApiKey=", "ApiKey", "ApiKey={0}&ApiKey={0}", "ApiKey={0}&apikey={0}", "ApiKey={0}%C3%A9", "ApiKey=%00", "ApiKey=%FF",
        "ApiKey=+", "Api-Key={0}", "key={0}", "ApiKey={0}+{0}", "ApiKey={0}%C2%A0", "ApiKey=" + "a" * 5000,
    ):  # fmt: skip
        answer = NO_KEY.get("/api/savings?" + query.format(key))
        assert (answer.status, answer.value("code")) == (401, "no_valid_key"), query


def test_the_query_can_be_closed_to_keys(settings, key):
    settings.ALLOW_QUERY_API_KEY = False
    closed, without = (NO_KEY.get(path, Request_Id="r-1") for path in (f"/api/savings?ApiKey={key}", "/api/savings"))
    assert (closed.status, closed.body) == (401, without.body)
    assert NO_KEY.get("/api/savings", Authorization=f"Bearer {key}").status == 200


def test_a_header_outranks_the_query(key, rival):
    """A key in the query is for clients that can send no header; whoever sends one means it."""
    own, other = PartnerClient(key).new_goal(), rival.new_goal()
    both = NO_KEY.get(f"/api/savings?ApiKey={rival.key}", Authorization=f"Bearer {key}")
    assert [goal.findtext("Id") for goal in both.xml] == [own]
    assert NO_KEY.get(f"/api/SavingGoal/{other}?ApiKey={rival.key}", Authorization=f"Bearer {key}").status == 403
    for useless in ("Basic x", "", "Bearer nonsense"):
        assert NO_KEY.get(f"/api/savings?ApiKey={key}", Authorization=useless).status == 401


def test_a_key_in_a_form_or_a_cookie_is_none(key):
    form = NO_KEY.post("/api/savings", f"ApiKey={key}", media="application/x-www-form-urlencoded")
    assert form.status == 401
    assert NO_KEY.get("/api/savings", Cookie=f"ApiKey={key}", X_Api_Key=key).status == 401


def test_revoking_one_of_two_keys_leaves_the_other(shop, key):
    goal = shop.new_goal()
    second = keys.issue(Partner.objects.get(), expires_at=timezone.now() + timedelta(hours=1))
    assert PartnerClient(second).get(f"/api/SavingGoal/{goal}").status == 200
    keys.revoke(key[:12])
    assert PartnerClient(key).get(f"/api/SavingGoal/{goal}").status == 401
    assert PartnerClient(second).get(f"/api/SavingGoal/{goal}").status == 200
    ApiKey.objects.filter(prefix=second[:16]).update(expires_at=timezone.now())
    assert PartnerClient(second).get(f"/api/SavingGoal/{goal}").status == 401


def test_links_never_hold_the_key_of_the_query(shop, key):
    """The links of a client whose key is in the query are without it."""
    goals = [shop.new_goal() for _ in range(3)]
    gifts = [shop.new_contribution(goals[0]).value("Id") for _ in range(3)]
    for path, newest in (("/api/savings", goals[-1]), (f"/api/SavingGoal/{goals[0]}/Contributions", gifts[-1])):
        page = NO_KEY.get(f"{path}?aPIkEY={key}&limit=1")
        assert page.xml.get("Next") == f"http://give.example.test{path}?limit=1&after={newest}"
        assert page.headers["Link"] == f'<{page.xml.get("Next")}>; rel="next"'
        following = page.xml.get("Next") + f"&ApiKey={key}"
        assert NO_KEY.get(following).status == 200
    made = NO_KEY.post(f"/api/savings?ApiKey={key}", goal_xml())
    assert urlsplit(made.headers["Location"]).query == ""


BREAKING = ((goal_record, "content"), (opening, "payment_request_for"))
VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def test_no_answer_and_no_log_line_holds_a_key(shop, rival, giver, caplog, monkeypatch):
    """A day's mishaps, with the key in the header, in the query and where it never belonged."""
    caplog.set_level(logging.DEBUG)
    key, told = shop.key, []

    def note(answer):
        told.append(answer.text + repr(sorted(answer.headers.items())))
        return answer

    goal, foreign = shop.new_goal(), rival.new_goal()
    gift = shop.new_contribution(goal).value("Id")
    paths = (
        "/api/savings", f"/api/SavingGoal/{goal}", f"/api/SavingGoal/{goal}/Contributions", "/api/nothing",
        f"/api/SavingGoal/{foreign}", f"/api/Contribution/{gift}x", "/api/schema/contributions.xsd",
    )  # fmt: skip
    for client, query in ((shop, ""), (NO_KEY, f"ApiKey={key}"), (NO_KEY, f"APIKEY={key}&format=json")):
        for verb, path, body in product(VERBS, paths, ("", "<SavingGoal><Name/></SavingGoal>")):
            if not (verb == "DELETE" and path.endswith(goal)):
                note(client.call(verb, f"{path}?{query}", body, If_Match='"7"'))
        for more in (f"after={key}", f"{key}=1", f"limit={key}"):
            note(client.get(f"/api/savings?{query}&{more}"))
        for path in (f"SavingGoal/{key}", key):
            note(client.get(f"/api/{path}?{query}"))
        for headers in ({"Host": f"{key}.example"}, {"Accept": f"application/{key}"}):
            note(client.get(f"/api/savings?{query}", **headers))
        note(client.post(f"/api/savings?{query}", f"<{key}/>"))
        note(client.post(f"/api/savings?{query}", "<SavingGoal/>", Idempotency_Key=f"{key} {key}"))
    for trouble, (owner, name) in product((RuntimeError, OperationalError), BREAKING):
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, raising(trouble("a table is locked")))
            read = note(NO_KEY.get(f"/api/SavingGoal/{goal}?ApiKey={key}"))
            assert read.status in ({500, 503} if owner is goal_record else {200})
            note(NO_KEY.post(f"/api/SavingGoal/{goal}/Contributions?ApiKey={key}", contribution_xml()))
    giver.visit(f"/thank-you?Id={gift}&ApiKey={key}")
    giver.visit(f"/nowhere/{key}?ApiKey={key}")
    check_key_is_in_none(key, told, [JsonLines().format(record) for record in caplog.records])


def check_key_is_in_none(key, told, lines):
    assert len(told) > 250
    assert len(lines) > 250
    assert [text for text in told if key in text] == []
    assert [line for line in lines if key in line] == []
