"""The service as it runs: a gift from end to end, what its answers look like on a socket, and its log."""

import json
import re
import select
import socket
from itertools import product
from urllib.parse import quote, urlencode, urlsplit

from lxml import etree

from tests.api.serving import PATIENCE_SECONDS, Server, value
from tests.conftest import contribution_xml, goal_xml
from tests.eventually import eventually


def test_before_migrating_it_lives_but_is_not_ready(server):
    assert server.before_migrating == {
        "/healthz": (200, "ok\n"),
        "/readyz": (503, "migrations are waiting: run manage.py migrate\n"),
    }
    status, _, body = server.ask("GET", "/readyz")
    assert (status, body) == (200, b"ready\n")


def test_a_gift_goes_through(server):
    query = urlencode({"ApiKey": server.key})
    _, made, _ = server.ask("POST", f"/api/savings?{query}", goal_xml(), Authorization="")
    assert made["Location"] is None  # an empty header is a header
    connection = server.connect()
    connection.request("POST", f"/api/savings?{query}", goal_xml(), {"Content-Type": "application/xml"})
    goal = urlsplit(connection.getresponse().headers["Location"]).path
    connection.close()
    status, _, gift = server.ask("POST", f"{goal}/Contributions", contribution_xml())
    assert status == 201
    pay = urlsplit(value(gift, "ProviderURL")).path
    status, led_on, _ = server.ask("GET", pay)
    assert status == 303
    page = urlsplit(led_on["Location"]).path
    status, sent_back, _ = server.ask("POST", page, "outcome=approve", Content_Type="application/x-www-form-urlencoded")
    back = urlsplit(sent_back["Location"])
    status, bounced, _ = server.ask("GET", f"{back.path}?{back.query}")
    assert (status, bounced["Location"]) == (303, f"http://127.0.0.1:{server.port}/thank-you?Id={value(gift, 'Id')}")
    assert value(server.ask("GET", goal)[2], "CurrentAmount") == "20.00"


def test_head_is_get_without_its_body(server):
    goal = urlsplit(server.ask("POST", "/api/savings", goal_xml())[1]["Location"]).path
    more = ("/api/savings?limit=1", "/api/schema/contributions.xsd", "/problems", "/healthz", "/api/nothing")
    for path in (goal, f"{goal}/Contributions", f"{goal}x", *more):
        status, headers, body = server.ask("GET", path)
        connection = server.connect()
        for _ in range(2):  # a body that came after all would be read as the next answer
            same, told, nothing = server.ask("HEAD", path, connection=connection)
            assert (same, nothing, int(told["Content-Length"])) == (status, b"", len(body))
            for name in ("Content-Type", "ETag", "Vary"):
                assert told[name] == headers[name]
        connection.close()


def test_204_and_304_have_no_body_and_no_type_of_one(server):
    _, made, _ = server.ask("POST", "/api/savings", goal_xml())
    goal = urlsplit(made["Location"]).path
    connection = server.connect()
    for verb in ("GET", "HEAD"):
        status, headers, body = server.ask(verb, goal, connection=connection, If_None_Match=made["ETag"])
        assert (status, body, headers["ETag"], headers["Content-Type"]) == (304, b"", made["ETag"], None)
        assert headers["Content-Length"] is None
    status, headers, body = server.ask("DELETE", goal, connection=connection)
    assert (status, body, headers["Content-Type"]) == (204, b"", None)
    assert server.ask("GET", goal, connection=connection)[0] == 404
    connection.close()


REFUSED_BY_THE_HEAD = [
    (400, "POST", "/api/savings?x=1", {}),
    (401, "POST", "/api/savings", {"Authorization": "Bearer nobody"}),
    (403, "PUT", "{goal}", {"Authorization": "Bearer {rival}"}),
    (404, "POST", "/api/nothing", {}),
    (405, "PUT", "/api/savings", {}),
    (406, "POST", "/api/savings", {"Accept": "image/png"}),
    (415, "POST", "/api/savings", {"Content_Type": "image/png"}),
]
REFUSED_WITH_THE_BODY = [
    (400, "POST", "/api/savings", {"Content_Type": "application/json", "Accept": "application/xml"}),
    (404, "PUT", "{goal}x", {}),
    (412, "PUT", "{goal}", {"If_Match": '"7"'}),
    (422, "POST", "/api/savings", {"Idempotency_Key": "kept"}),
    (428, "PUT", "{goal}", {}),
]


def refusals(server, goal, table):
    for status, verb, path, headers in table:
        yield status, verb, path.format(goal=goal), {name: v.format(rival=server.rivals_key) for name, v in headers.items()}


def test_a_connection_outlives_every_refusal(server):
    """A client that was refused asks again on the same connection: nothing of its refused body may be left in it."""
    connection = server.connect()
    _, made, _ = server.ask("POST", "/api/savings", goal_xml(), connection=connection, Idempotency_Key="kept")
    goal = urlsplit(made["Location"]).path
    body, socket_before = goal_xml().encode().ljust(20_000), connection.sock
    for status, verb, path, headers in refusals(server, goal, REFUSED_BY_THE_HEAD + REFUSED_WITH_THE_BODY):
        found, told, problem = server.ask(verb, path, body, connection=connection, **headers)
        assert (found, told["Content-Type"]) == (status, "application/problem+xml; charset=utf-8"), path
        assert etree.fromstring(problem).tag == "{urn:ietf:rfc:7807}problem"
        assert server.ask("GET", goal, connection=connection)[0] == 200
    assert connection.sock is socket_before
    connection.close()


def test_a_refusal_reaches_a_client_that_still_sends(server):
    """A body that comes late, after a refusal that needs none of it: hanging up would break off the client's sending."""
    _, made, _ = server.ask("POST", "/api/savings", goal_xml())
    goal, body = urlsplit(made["Location"]).path, goal_xml().encode().ljust(20_000)
    for status, verb, path, headers in refusals(server, goal, REFUSED_BY_THE_HEAD):
        with socket.create_connection(("127.0.0.1", server.port), PATIENCE_SECONDS) as wire:
            wire.sendall(server.head(verb, path, **headers) + b"Content-Length: %d\r\n\r\n" % len(body))
            assert not select.select([wire], [], [], 0.1)[0], path
            assert Server._send(wire, [body], verb, half_close=False)[0] == status
            assert Server._send(wire, [server.head("GET", goal) + b"\r\n"], "GET", half_close=False)[0] == 200


PATHS = (
    "//", "//api/savings", "/api//savings", "/api/%2e%2e/healthz", "/api/../healthz", "/api/%00", "/api/savings%00", "/api/;x",
    "/api/%ff%fe", "/api/%", "/api/%zz", "/api/" + "a" * 20_000, "/api/savings?%ff=%fe", "/api/savings?" + "a=1&" * 2_000,
    "/api/savings?" + "a" * 20_000, "/api/savings?Id=%00", "/api/savings?ExternalItemId=%ff%00", "/api/SavingGoal/%ff",
    "/thank-you?Id=%00", "/thank-you?Id=%ff", "/pay/%00", "/providers/paypal/return/%00?token=%00", "/sandbox/checkout/%00",
    "/sandbox/checkout/%ff", "/%ff", "*", "/problems?%00", "/healthz?%00",
)  # fmt: skip


def test_an_odd_path_is_never_a_crash_and_under_api_never_html(server):
    for path, verb in product(PATHS, ("GET", "POST", "DELETE")):
        status, headers, body = server.raw(server.head(verb, path) + b"Content-Length: 0\r\n\r\n", verb=verb)
        assert status < 500, (verb, path)
        if path.startswith("/api"):
            assert headers.get("Content-Type", "application/").startswith("application/"), (verb, path)
            assert b"<html" not in body.lower()


def test_a_header_cannot_be_smuggled_into_an_answer(server):
    poison = quote("x\r\nSet-Cookie: mark=1\r\n\r\n<script>")
    arguments = (f"limit={poison}", f"{poison}=1", f"ExternalItemId={poison}&limit=1")
    elsewhere = (f"thank-you?Id={poison}", f"pay/{poison}", f"providers/paypal/return/{poison}?token={poison}", poison)
    for path in (f"api/{poison}", *(f"api/savings?{argument}" for argument in arguments), *elsewhere):
        status, headers, body = server.ask("GET", f"/{path}")
        assert status < 500
        assert "Set-Cookie" not in headers
        assert b"<script>" not in body
    for line in (b"X-A: b\rSet-Cookie: mark=1", b"X-A: b\x00c", b"X-A: b\r\n continued", b"Idempotency-Key: a\rb", b"X A: b"):
        status, headers, _, closes = server.raw_and_closes(server.head("GET") + line + b"\r\n\r\n", verb="GET")
        assert (status, closes, "Set-Cookie" in headers) == (400, True, False)
    forged = {
        "CancelURL": f"https://shop.example/{poison}",
        "ConfirmationURL": "https://shop.example/&#13;&#10;Set-Cookie: a=b",
    }
    assert server.ask("POST", "/api/savings", goal_xml(**forged))[0] == 400


def test_a_header_given_twice_is_not_two_truths(server):
    two_keys = server.head("GET") + b"Authorization: Bearer " + server.rivals_key.encode() + b"\r\n\r\n"
    assert server.raw(two_keys, verb="GET")[0] == 401
    two_hosts = server.head("GET") + b"Host: evil.example\r\n\r\n"
    assert server.raw(two_hosts, verb="GET")[0] == 400
    no_host = b"GET /api/savings HTTP/1.1\r\nAuthorization: Bearer " + server.key.encode() + b"\r\n\r\n"
    assert server.raw(no_host, verb="GET")[0] == 400


def test_log_lines_are_json_and_hold_no_query_and_no_key(server):
    server.ask("GET", f"/api/savings?ApiKey={server.key}&ExternalItemId=canary-item")
    server.ask("GET", "/thank-you?Id=canary-gift")
    server.ask("GET", "/providers/paypal/return/canary?token=canary-token")
    server.ask("GET", "/api/canary-last%0A%7B%22level%22:%22forged%22%7D?canary=1")
    lines = wait_for_line(server, "canary-last")
    written_by_us = [json.loads(line) for line in lines if not line.startswith("[")]
    assert {line["level"] for line in written_by_us} <= {"info", "warning"}
    (last,) = (line for line in written_by_us if "canary-last" in line.get("path", ""))
    assert {name: last[name] for name in ("logger", "event", "method", "status", "path")} == {
        "logger": "access", "event": "request", "method": "GET", "status": 404,
        "path": '/api/canary-last\n{"level":"forged"}',
    }  # fmt: skip
    canaries = ("canary-item", "canary-gift", "canary-token", "canary=1", "ApiKey", "anna@example.org")
    for absent in (server.key, server.rivals_key, *canaries):
        assert absent not in "\n".join(lines)


def wait_for_line(server, text):
    eventually(lambda: text in server.log.read_text(), f"the line {text}", seconds=PATIENCE_SECONDS, every=0.05)
    return server.log.read_text().splitlines()


def test_no_answer_says_what_it_is_made_with(server):
    """But for what is no HTTP, which the server refuses before we see it."""
    for path in ("/healthz", "/nothing", "/api/savings", "/pay/nobodys"):
        status, headers, body = server.ask("GET", path)
        assert headers.get_all("Server") == ["whipround"], (path, status)
        assert {"X-Powered-By", "Via"}.isdisjoint(headers)
        assert re.search(rb"granian|django|python|hyper", body, re.IGNORECASE) is None
    assert server.raw(server.head("GET", "/healthz") + b"\r\n", verb="GET")[1]["Server"] == "whipround"
