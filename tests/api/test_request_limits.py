"""What is too large is refused before any parser has seen it, with the reason, by both ways into the service."""

import asyncio
import gc
import json
import time

import pytest

from config.wsgi import application as wsgi
from tests.conftest import goal_xml
from tests.web.test_holding import Request
from tests.web.test_negotiation import over_wsgi
from tests.xml_schemas.answers import faults_of
from web.front_door import FrontDoor

QUADRATIC = 'a/b;x="' + ";" * 100_000
"""python-mimeparse needs ten seconds for it."""


def refused_at_once(ask):
    """The answer, which must not take half a second of CPU: its own, not that of collecting what earlier tests have left."""
    gc.disable()
    try:
        started = time.process_time()
        answer = ask()
        took = time.process_time() - started
    finally:
        gc.enable()
    assert took < 0.5
    return answer


def test_an_accept_that_takes_long_is_431(stranger):
    for path in ("/healthz", "/readyz", "/api/savings", "/pay/x", "/nowhere", "/problems"):
        assert refused_at_once(lambda path=path: stranger.get(path, Accept=QUADRATIC)).status == 431


HEADERS = (
    "Accept", "Accept-Language", "Authorization", "Cookie", "Expect", "If-Match", "If-None-Match", "Idempotency-Key", "Prefer",
    "Sandbox-Scenario", "Stripe-Signature", "Transfer-Encoding", "X-Anything",
)  # fmt: skip


@pytest.mark.parametrize("name", HEADERS)
def test_every_header_has_its_limit(shop, name):
    most = 1024 if name == "Accept" else 8192
    fits, too_long = ((";" * length) for length in (most, most + 1))
    assert shop.get("/api/savings", **{name.replace("-", "_"): fits}).status != 431
    refused = refused_at_once(lambda: shop.get("/api/savings", **{name.replace("-", "_"): too_long}))
    assert (refused.status, refused.value("code")) == (431, "headers_too_large")
    assert refused.value("detail") == f"The header {name} may have at most {most} bytes; it has {most + 1}."
    assert refused.headers["Content-Type"] == "application/problem+xml; charset=utf-8"


def test_the_content_type_is_limited_and_told_in_json(shop):
    refused = refused_at_once(lambda: over_wsgi(shop, "POST", "/api/savings?format=json", media=QUADRATIC))
    assert (refused.status, refused.json["code"]) == (431, "headers_too_large")
    assert refused.json["detail"] == "The header Content-Type may have at most 1024 bytes; it has 100007."


def test_all_headers_together_have_a_limit(stranger):
    large = {f"X_{number}": "x" * 8000 for number in range(5)}
    assert stranger.get("/api/savings", **large).value("detail") == "All headers may have 32768 bytes together."
    many = {f"X_{number}": "x" for number in range(101)}
    assert stranger.get("/api/savings", **many).value("detail") == "A request may have at most 100 headers."
    assert stranger.get("/api/savings", **{"X" * 1100: "x"}).status == 431


def test_a_long_address_is_414_and_over_100_arguments_are_400(stranger):
    for path in ("/api/" + "a" * 8000, "/api/savings?Id=" + "a" * 8000, "/healthz?" + "&" * 8000):
        assert refused_at_once(lambda path=path: stranger.get(path)).status == 414
    for path in ("/api/savings", "/healthz", "/thank-you"):
        assert stranger.get(path + "?" + "&".join(["Id=a"] * 101)).status == 400


def test_what_is_too_long_is_told_in_the_format_of_the_headers(stranger):
    long, many = "/api/savings?Id=" + "a" * 8000, "/api/savings?" + "&".join(["Id=a"] * 101)
    for path, code in ((long, "address_too_long"), (many, "invalid_argument")):
        for answer in (stranger.get(path, Accept="application/json"), stranger.post(path, "{}", media="application/json")):
            assert (answer.headers["Content-Type"], answer.json["code"]) == ("application/problem+json", code)
        assert stranger.get(path, Accept="application/xml").headers["Content-Type"].startswith("application/problem+xml")


def test_a_page_tells_a_person_what_is_too_large(stranger):
    page = stranger.get("/thank-you", Cookie="a" * 9000)
    assert (page.status, page.headers["Content-Type"]) == (431, "text/html; charset=utf-8")
    assert "The header Cookie may have at most 8192 bytes" in page.text


def test_a_large_form_with_files_is_413(shop, giver, settings, tmp_path):
    """Django keeps no more than 64 KiB of other forms, but writes files of any size to the disk."""
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    page = shop.new_contribution(shop.new_goal()).value("ProviderURL")
    head = '--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
    for size, status in ((100, 400), (70_000, 413), (5_000_000, 413)):
        body = head + "x" * size + "\r\n--b--\r\n"
        assert shop.post(page, body, media="Multipart/form-data; boundary=b").status == status


def test_another_version_of_http_is_505(stranger):
    for path in ("/api/savings", "/healthz"):
        answer = stranger.client.post(path, SERVER_PROTOCOL="HTTP/2.0", CONTENT_LENGTH="100")
        assert answer.status_code == 505


@pytest.mark.django_db(transaction=True)
def test_who_waits_meets_the_same_limits():
    application = FrontDoor(wsgi)
    try:
        for headers, status in (({"Accept": QUADRATIC}, 431), ({"X-A": "a" * 8193}, 431), ({"Cookie": "a"}, 401)):
            request = Request(application, "none", "/api/Events?wait=30", **headers)
            refused_at_once(lambda: asyncio.run(application(request.scope, request.receive, request.send)))  # noqa: B023
            assert request.sent[0]["status"] == status
    finally:
        application.close()


@pytest.mark.parametrize(
    ("body", "media", "number"),
    [
        ("<SavingGoal>" + "<GoalAmounts/>" * 1998 + "</SavingGoal>", "application/xml", 2002),
        (json.dumps({"&" * 96 + f"{n:04d}": n for n in range(550)}), "application/json", 554),
        (json.dumps({"PaymentProviders": {"PaymentProvider": [{}] * 1900}}), "application/json", 1903),
    ],
    ids=["unknown elements", "long JSON names", "empty providers"],
)
def test_of_many_faults_thirty_are_told(shop, body, media, number):
    for accept in ("application/xml", "application/json"):
        refused = refused_at_once(lambda accept=accept: shop.post("/api/savings", body, media=media, Accept=accept))
        assert len(faults_of(refused)) == 30
        assert f"There are {number} faults in the body." in refused.text
        assert f"Here are the first 30, and {number - 30} more are not shown." in refused.text
        assert len(refused.body) < 64 * 1024


def test_thirty_faults_are_all_told(shop):
    refused = shop.post("/api/savings", goal_xml()[: -len("</SavingGoal>")] + "<b/>" * 30 + "</SavingGoal>")
    assert len(faults_of(refused)) == 30
    assert refused.value("detail") == "There are 30 faults in the body."


HOSTILE_JSON = {
    "long number": '{"GoalAmount": ' + "9" * 65_000 + "}",
    "long exponent": '{"GoalAmount": 1e' + "9" * 65_000 + "}",
    "negative": '{"RecordVersionNumber": -' + "9" * 65_000 + "}",
    "long list": '{"a": [' + "1," * 32_000 + "1]}",
    "deep objects": '{"a": ' * 9_000 + "1" + "}" * 9_000,
    "deep lists": '{"a": ' + "[" * 65_000,
    "long name": '{"' + "k" * 65_000 + '": 1}',
    "many members": '{"a": 1' + ', "a": 1' * 7000 + "}",
}


@pytest.mark.parametrize("what", HOSTILE_JSON)
def test_hostile_json_is_400_with_a_short_answer(shop, what):
    refused = refused_at_once(lambda: shop.post("/api/savings", HOSTILE_JSON[what], media="application/json"))
    assert (refused.status, len(refused.body) < 4000) == (400, True)
