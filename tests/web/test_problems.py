"""What goes wrong is told as a problem document under /api/ and as a page elsewhere; never as a traceback."""

import logging
import re
from html import escape
from itertools import product

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.test import Client

from api import errors
from api.records import goal as goal_record
from api.resources.base import PartnerResource
from api.resources.goals import GoalResource
from api.serializer import StrictSerializer
from contributions import giving
from contributions.models import Contribution
from encryption import UnreadableSecret
from goals import rules
from partners import keys
from tests.conftest import PartnerClient, contribution_xml, goal_xml
from tests.raising import raising

pytestmark = pytest.mark.django_db

UNKNOWN = (
    "/api", "/api/", "/api/nothing", "/api/savings/1", "/api/savings//", "/api/SavingGoal", "/api/SavingGoal/",
    "/api/SavingGoal//Contributions", "/api/Contribution", "/api//savings", "/api/savings;limit=1", "/api/Savings",
    "/api/savinggoal/x", "/api/savings%00", "/api/savings%0A", "/api/savings%0D%0ASet-Cookie:%20a=b", "/api/savings%20",
    "/api/%2e%2e/healthz", "/api/../healthz", "/api/..%2fhealthz", "/api/%2fsavings", "/api/savings%2f%2f", "/api/%ff%fe",
    "/api/%C3%28", "/api/%", "/api/%zz", "/api/" + "a" * 7_000, "/api/" + "x/" * 3_500, "/api/schema/contributions.xml",
    "/api/schema/contributions.xsd/..", "/api/schema/", "/api/set/1;2/", "/api/savings/schema/", "/api/savings/set/1;2/",
    "/api/.git/config", "/api/<script>alert(1)</script>", "/api/admin/",
)  # fmt: skip

OUTSIDE = (
    "//api/savings", "/API/savings", "/apisavings", "/%2e%2e/api/savings", "/", "/admin/", "/nothing%00", "/%ff", "/;/api",
    "/static/",
)  # fmt: skip

HTML = re.compile(r"<html|<!doctype", re.IGNORECASE)


def test_a_path_that_is_not_there_is_a_problem_document(shop, stranger):
    for path, client, verb in product(UNKNOWN, (shop, stranger), ("GET", "POST", "DELETE", "OPTIONS")):
        answer = client.call(verb, path, goal_xml() if verb == "POST" else "")
        assert (answer.status, answer.value("code"), answer.value("status")) == (404, "no_such_path", "404"), path
        assert answer.headers["Content-Type"] == "application/problem+xml; charset=utf-8"
        as_json = client.call(verb, path, Accept="application/json")
        assert (as_json.status, as_json.json["code"]) == (404, "no_such_path")
        assert as_json.headers["Content-Type"] == "application/problem+json"


def test_a_path_that_is_not_there_outside_the_api_is_a_page(stranger):
    for path in OUTSIDE:
        answer = stranger.get(path)
        assert (answer.status, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8"), path
        assert "There is nothing at this path" in answer.text


def test_the_address_in_type_explains_every_code(stranger):
    page = stranger.get("/problems")
    assert page.status == 200
    for row in errors.every_row():
        assert f'id="{row.code}"' in page.text
        assert escape(row.title) in page.text


SECRET_DETAIL = "SELECT password FROM vault -- /srv/app/secret.py"


GOAL, GIFTS = "/api/SavingGoal/{goal}", "/api/SavingGoal/{goal}/Contributions"
STAGES = [
    ((keys, "recognise"), ("GET", "/api/savings", "")),
    ((GoalResource, "stored"), ("DELETE", GOAL, "")),
    ((PartnerResource, "body_node"), ("POST", "/api/savings", goal_xml())),
    ((rules, "create"), ("POST", "/api/savings", goal_xml())),
    ((rules, "edit"), ("PUT", GOAL, goal_xml(RecordVersionNumber="1"))),
    ((giving, "record_gift"), ("POST", GIFTS, contribution_xml())),
    ((goal_record, "content"), ("GET", GOAL, "")),
    ((StrictSerializer, "serialize"), ("GET", "/api/savings", "")),
]
"""What breaks, and a request that meets it: one for each stage that a request passes."""


def answers_where_it_breaks(shop, monkeypatch, error):
    """The answer to a request that meets the error, for each of the stages."""
    goal = shop.new_goal()
    for (owner, name), (verb, path, body) in STAGES:
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, raising(error))
            yield shop.call(verb, path.format(goal=goal), body)


@pytest.mark.parametrize("error", [RuntimeError, ValueError, UnreadableSecret, RecursionError, MemoryError])
def test_a_crash_is_500_and_its_cause_is_in_the_log(shop, monkeypatch, caplog, error):
    error = error(SECRET_DETAIL)
    for answer in answers_where_it_breaks(shop, monkeypatch, error):
        assert (answer.status, answer.value("code")) == (500, "internal_error")
        assert answer.value("title") == "Something went wrong on our side"
        assert answer.headers["Content-Type"] == "application/problem+xml; charset=utf-8"
        for given_away in ("SELECT", "secret.py", "Traceback", "File ", type(error).__name__):
            assert given_away not in answer.text
        logged = [record for record in caplog.records if record.levelno == logging.ERROR]
        assert [(record.getMessage(), record.exc_info[1]) for record in logged] == [("request failed", error)]
        caplog.clear()


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_silent_database_is_503_with_a_time_to_come_back(shop, monkeypatch, error):
    for answer in answers_where_it_breaks(shop, monkeypatch, error(SECRET_DETAIL)):
        assert (answer.status, answer.value("code"), answer.headers["Retry-After"]) == (503, "busy", "5")
        assert "SELECT" not in answer.text


def test_a_page_that_meets_a_crash_is_still_a_page(giver, monkeypatch):
    for error, status, later in ((OperationalError(SECRET_DETAIL), 503, "5"), (RuntimeError(SECRET_DETAIL), 500, None)):
        with monkeypatch.context() as patch:
            patch.setattr(Contribution.objects, "whole", raising(error))
            page = giver.visit("/thank-you?Id=" + "x" * 22)
        assert (page.status, page.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
        assert (page.headers.get("Retry-After"), "SELECT" in page.text) == (later, False)


def test_readyz_says_503_while_the_database_does_not_answer(stranger, monkeypatch):
    assert stranger.get("/readyz").status == 200
    for error in (OperationalError(SECRET_DETAIL), InterfaceError(SECRET_DETAIL)):
        with monkeypatch.context() as patch:
            patch.setattr(connection, "cursor", raising(error))
            answer = stranger.get("/readyz")
        assert (answer.status, answer.text) == (503, "the database does not answer\n")
    assert stranger.get("/healthz").text == "ok\n"


FOREIGN_HOSTS = (
    "evil.example", "give.example.test.evil.example", "give.example.test@evil.example", "", "a b", "[", "give.example.test:x",
    "\xe9",
)  # fmt: skip


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_a_host_that_is_not_ours_is_400(shop, stranger, host):
    for client, path in ((shop, "/api/savings"), (stranger, "/api/savings"), (shop, "/api/nothing")):
        answer = client.get(path, Host=host)
        assert (answer.status, answer.value("code")) == (400, "bad_request")
        assert answer.headers["Content-Type"] == "application/problem+xml; charset=utf-8"
        assert client.get(path, Host=host, Accept="application/json").json["code"] == "bad_request"
        assert "evil" not in answer.text
    page = stranger.get("/thank-you", Host=host)
    assert (page.status, page.headers["Content-Type"]) == (400, "text/html; charset=utf-8")


def test_links_are_built_from_our_own_address(shop):
    claimed = {
        "X_Forwarded_Host": "evil.example", "X_Forwarded_Proto": "https", "X_Forwarded_Port": "666",
        "Forwarded": "host=evil.example", "X_Original_URL": "/evil", "X_Rewrite_URL": "/evil", "Host": "localhost",
    }  # fmt: skip
    made = shop.post("/api/savings/", goal_xml(), **claimed)
    assert made.headers["Location"] == f"http://give.example.test/api/SavingGoal/{made.value('Id')}"
    gift = shop.post(f"/api/SavingGoal/{made.value('Id')}/Contributions", contribution_xml(), **claimed)
    assert gift.value("ProviderURL") == f"http://give.example.test/pay/{gift.value('Id')}"
    assert "evil" not in gift.text + shop.get("/api/nothing", **claimed).text


def everything_there_is(shop, stranger, giver):
    goal = shop.new_goal()
    gift = shop.new_contribution(goal)
    yield from (
        shop.get(path) for path in ("/api/savings", f"/api/SavingGoal/{goal}", "/api/nothing", "/api/schema/contributions.xsd")
    )
    yield shop.put(f"/api/SavingGoal/{goal}", goal_xml())
    yield shop.call("TRACE", "/api/savings")
    yield stranger.get("/api/savings")
    yield stranger.get("/api/savings", Host="evil.example")
    yield giver.visit(gift.value("ProviderURL"))
    yield giver.pay(gift.value("ProviderURL"))
    for path in (
        "/thank-you?Id=" + gift.value("Id"), "/cancelled?Id=" + gift.value("Id"), "/thank-you", "/nothing", "/problems",
        "/healthz", "/readyz", f"/pay/{gift.value('Id')}", "/sandbox/checkout/none",
    ):  # fmt: skip
        yield giver.visit(path)
    yield shop.delete(f"/api/SavingGoal/{goal}")


@pytest.mark.parametrize("https", [True, False])
def test_every_answer_carries_the_headers_that_protect_it(settings, shop, stranger, giver, https):
    settings.IS_HTTPS = https
    pages = 0
    for answer in everything_there_is(shop, stranger, giver):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; ")
        assert answer.headers.get("Strict-Transport-Security") == ("max-age=31536000; includeSubDomains" if https else None)
        for absent in ("Set-Cookie", "Access-Control-Allow-Origin", "Server", "X-Powered-By"):
            assert absent not in answer.headers
        if answer.headers.get("Content-Type", "").startswith("text/html") and answer.body:
            pages += 1
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "base-uri 'none'" in policy
            assert "unsafe" not in policy
            assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
            assert answer.headers["X-Frame-Options"] == "DENY"
            assert answer.headers["Permissions-Policy"].startswith("camera=(), ")
        elif answer.body:
            assert not HTML.search(answer.text)
    assert pages == 7


def test_another_sites_script_is_not_let_in(shop):
    asked = shop.call("OPTIONS", "/api/savings", Origin="https://evil.example", Access_Control_Request_Method="POST")
    assert asked.status == 405
    assert "evil" not in repr(asked.headers.items())
    for path in ("/api/savings", "/api/nothing"):
        answer = shop.get(path, Origin="https://evil.example")
        assert ("Access-Control-Allow-Origin" in answer.headers, answer.headers["Vary"]) == (False, "Accept")


def test_the_test_client_is_not_what_catches_a_crash(shop, monkeypatch):
    """In process, Django's client re-raises what got past the handlers: nothing may."""
    monkeypatch.setattr(keys, "recognise", raising(RuntimeError("boom")))
    strict = Client(SERVER_NAME="give.example.test", raise_request_exception=True)
    assert strict.get("/api/savings", headers={"Authorization": "Bearer x"}).status_code == 500
    assert PartnerClient("x").get("/api/savings").status == 500


def test_an_unknown_code_is_404_and_no_fault_of_ours(stranger, caplog):
    answer = stranger.get("/docs/errors/no_such_code/")
    assert answer.status == 404
    assert [one for one in caplog.records if one.levelname == "ERROR"] == []
    assert [stranger.delete(path).status for path in ("/problems", "/docs/errors/not_yours/")] == [405, 405]
