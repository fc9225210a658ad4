"""The service as it runs: a gift from end to end, what its answers look like on a socket, and its log."""

import json
import select
import socket
from urllib.parse import quote, urlencode, urlsplit

import pytest
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
    for path in (
        goal,
        f"{goal}/Contributions",
        "/api/savings?limit=1",
        "/api/schema/contributions.xsd",
        "/problems",
        "/healthz",
        "/api/nothing",
        goal + "x",
    ):
        status, headers, body = server.ask("GET", path)
        connection = server.connect()
        for _ in range(2):  # a body that came after all would be read as the next answer
            same, told, nothing = server.ask("HEAD", path, connection=connection)
            assert (same, nothing) == (status, b"")
            assert int(told["Content-Length"]) == len(body)
            assert [told[name] for name in ("Content-Type", "ETag", "Vary")] == [
                headers[name] for name in ("Content-Type", "ETag", "Vary")
            ]
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


def test_a_connection_outlives_every_refusal(server):
    """A client that was refused asks again on the same connection: nothing of its refused body may be left in it."""
    connection = server.connect()
    _, made, _ = server.ask("POST", "/api/savings", goal_xml(), connection=connection, Idempotency_Key="kept")
    goal = urlsplit(made["Location"]).path
    body, socket_before = goal_xml().encode().ljust(20_000), connection.sock
    refusals = [
        (400, "POST", "/api/savings", {"Content_Type": "application/json"}),
        (400, "POST", "/api/savings?x=1", {}),
        (401, "POST", "/api/savings", {"Authorization": "Bearer nobody"}),
        (403, "PUT", goal, {"key": server.rivals_key}),
        (404, "PUT", goal + "x", {}),
        (404, "POST", "/api/nothing", {}),
        (405, "PUT", "/api/savings", {}),
        (406, "POST", "/api/savings", {"Accept": "image/png"}),
        (412, "PUT", goal, {"If_Match": '"7"'}),
        (415, "POST", "/api/savings", {"Content_Type": "image/png"}),
        (422, "POST", "/api/savings", {"Idempotency_Key": "kept"}),
        (428, "PUT", goal, {}),
    ]
    for status, verb, path, headers in refusals:
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
    for status, verb, path, headers in (
        (400, "POST", "/api/savings?x=1", {}),
        (401, "POST", "/api/savings", {"Authorization": "Bearer nobody"}),
        (403, "PUT", goal, {"Authorization": f"Bearer {server.rivals_key}"}),
        (404, "POST", "/api/nothing", {}),
        (405, "PUT", "/api/savings", {}),
        (406, "POST", "/api/savings", {"Accept": "image/png"}),
        (415, "POST", "/api/savings", {"Content_Type": "image/png"}),
    ):
        with socket.create_connection(("127.0.0.1", server.port), PATIENCE_SECONDS) as wire:
            wire.sendall(server.head(verb, path, **headers) + b"Content-Length: %d\r\n\r\n" % len(body))
            assert not select.select([wire], [], [], 0.2)[0], path
            assert Server._send(wire, [body], verb, half_close=False)[0] == status
            assert Server._send(wire, [server.head("GET", goal) + b"\r\n"], "GET", half_close=False)[0] == 200


PATHS = (
    *(
        "//",
        "//api/savings",
        "/api//savings",
        "/api/%2e%2e/healthz",
        "/api/../healthz",
        "/api/%00",
        "/api/savings%00",
        "/api/;x",
    ),
    *("/api/%ff%fe", "/api/%", "/api/%zz", "/api/" + "a" * 20_000, "/api/savings?%ff=%fe", "/api/savings?" + "a=1&" * 2_000),
    *("/api/savings?" + "a" * 20_000, "/api/savings?Id=%00", "/api/savings?ExternalItemId=%ff%00", "/api/SavingGoal/%ff"),
    *("/thank-you?Id=%00", "/thank-you?Id=%ff", "/pay/%00", "/providers/paypal/return/%00?token=%00", "/sandbox/checkout/%00"),
    *("/sandbox/checkout/%ff", "/%ff", "*", "/problems?%00", "/healthz?%00"),
)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path[:40])
def test_an_odd_path_is_never_a_crash_and_under_api_never_html(server, path):
    for verb in ("GET", "POST", "DELETE"):
        status, headers, body = server.raw(server.head(verb, path) + b"Content-Length: 0\r\n\r\n", verb=verb)
        assert status < 500
        if path.startswith("/api"):
            assert headers.get("Content-Type", "application/").startswith("application/")
            assert b"<html" not in body.lower()


def test_a_header_cannot_be_smuggled_into_an_answer(server):
    poison = "x\r\nSet-Cookie: mark=1\r\n\r\n<script>"
    for path in (
        f"/api/{quote(poison)}",
        f"/api/savings?limit={quote(poison)}",
        f"/api/savings?{quote(poison)}=1",
        f"/api/savings?ExternalItemId={quote(poison)}&limit=1",
        f"/thank-you?Id={quote(poison)}",
        f"/pay/{quote(poison)}",
        f"/providers/paypal/return/{quote(poison)}?token={quote(poison)}",
        f"/{quote(poison)}",
    ):
        status, headers, body = server.ask("GET", path)
        assert status < 500
        assert "Set-Cookie" not in headers
        assert b"<script>" not in body
    for line in (
        b"X-A: b\rSet-Cookie: mark=1\r\n",
        b"X-A: b\x00c\r\n",
        b"X-A: b\r\n continued\r\n",
        b"Idempotency-Key: a\rb\r\n",
        b"X A: b\r\n",
    ):
        status, headers, _, closes = server.raw_and_closes(server.head("GET") + line + b"\r\n", verb="GET")
        assert (status, closes, "Set-Cookie" in headers) == (400, True, False)
    forged = goal_xml(
        CancelURL=f"https://shop.example/{quote(poison)}", ConfirmationURL="https://shop.example/&#13;&#10;Set-Cookie: a=b"
    )
    assert server.ask("POST", "/api/savings", forged)[0] == 400


def test_a_header_given_twice_is_not_two_truths(server):
    two_keys = server.head("GET") + b"Authorization: Bearer " + server.rivals_key.encode() + b"\r\n\r\n"
    assert server.raw(two_keys, verb="GET")[0] == 401
    two_hosts = server.head("GET") + b"Host: evil.example\r\n\r\n"
    assert server.raw(two_hosts, verb="GET")[0] == 400
    no_host = b"GET /api/savings HTTP/1.1\r\nAuthorization: Bearer " + server.key.encode() + b"\r\n\r\n"
    assert server.raw(no_host, verb="GET")[0] == 400


def test_log_lines_are_json_and_hold_no_query_and_no_key(server):
    connection = server.connect()
    connection.request("GET", f"/api/savings?ApiKey={server.key}&ExternalItemId=canary-item")
    assert connection.getresponse().read()
    connection.close()
    server.ask("GET", "/thank-you?Id=canary-gift")
    server.ask("GET", "/providers/paypal/return/canary?token=canary-token")
    server.ask("GET", "/api/canary-last%0A%7B%22level%22:%22forged%22%7D?canary=1")
    lines = wait_for_line(server, "canary-last")
    written_by_us = [json.loads(line) for line in lines if not line.startswith("[")]
    assert {line["level"] for line in written_by_us} <= {"info", "warning"}
    (last,) = (line for line in written_by_us if "canary-last" in line.get("path", ""))
    assert {name: last[name] for name in ("logger", "event", "method", "status", "path")} == {
        "logger": "access",
        "event": "request",
        "method": "GET",
        "status": 404,
        "path": '/api/canary-last\n{"level":"forged"}',
    }
    whole = "\n".join(lines)
    for absent in (
        server.key,
        server.rivals_key,
        "canary-item",
        "canary-gift",
        "canary-token",
        "canary=1",
        "ApiKey",
        "anna@example.org",
    ):
        assert absent not in whole


def wait_for_line(server, text):
    eventually(lambda: text in server.log.read_text(), f"the line {text}", seconds=PATIENCE_SECONDS, every=0.05)
    return server.log.read_text().splitlines()
