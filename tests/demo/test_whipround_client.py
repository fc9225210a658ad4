"""The sample client on the wire: what it sends, and what it makes of answers good and bad."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

import pytest
from lxml import etree

from demo import whipround_client
from demo.whipround_client import Problem, ServiceUnreachable, WhiproundClient
from tests.demo.conftest import serving

GIFT = """<Contribution><Id>abc</Id><Amount>20.00</Amount><Date>2026-11-21T10:00:00Z</Date><Contributor>Bob</Contributor>
<Status>Submitted</Status><ProviderURL>https://pay.example/1</ProviderURL><RecordVersionNumber>1</RecordVersionNumber>
<Currency>USD</Currency><RefundedAmount>0.00</RefundedAmount><SavingGoalId>def</SavingGoalId></Contribution>"""

IN_USE = """<problem xmlns="urn:ietf:rfc:7807"><status>409</status><code>idempotency_key_in_use</code>
<detail>The first request with this Idempotency-Key is still running.</detail></problem>"""


Heard = list[tuple[str, dict[str, str], bytes]]
"""What the service was asked, in order: verb and path, headers by lower-case name, body."""


@contextmanager
def service_that_answers(*answers: tuple[int, str]) -> Iterator[tuple[WhiproundClient, Heard]]:
    """A service with these answers, one after the other; the last one again and again."""
    heard, left, lock = Heard(), list(answers), threading.Lock()

    class Script(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            with lock:
                headers = {name.lower(): value for name, value in self.headers.items()}
                heard.append((f"{self.command} {self.path}", headers, body))
                status, text = left.pop(0) if len(left) > 1 else left[0]
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_POST = do_PATCH = answer  # noqa: N815 - http.server's names

        def log_message(self, *args: object) -> None:
            pass

    with serving(Script) as address, WhiproundClient(address + "/", "wr_key") as client:
        yield client, heard


def test_a_request_carries_the_key_and_asks_for_xml(monkeypatch: pytest.MonkeyPatch) -> None:
    """And no proxy of this machine sees the key."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    with service_that_answers((200, GIFT)) as (client, heard):
        gift = client.contribution("abc")
        client.contribution("../savings?x=y")
    assert (gift.id, gift.amount, gift.currency, gift.status) == ("abc", "20.00", "USD", "Submitted")
    assert (gift.message, gift.reason, gift.provider, gift.provider_url) == ("", "", "", "https://pay.example/1")
    (line, headers, _), (path_in_the_id, *_) = heard
    assert (line, "idempotency-key" in headers) == ("GET /api/Contribution/abc", False)
    assert path_in_the_id == "GET /api/Contribution/..%2Fsavings%3Fx%3Dy", "an Id leads to no other path"
    assert (headers["authorization"], headers["accept"]) == ("Bearer wr_key", "application/xml")


def test_what_a_giver_typed_is_sent_as_text() -> None:
    with service_that_answers((201, GIFT)) as (client, heard):
        client.contribute("def", amount="20.00", contributor="Bob & <i>Eve</i>", message="Grüße \x00🎉", idempotency_key="k1")
    ((line, headers, body),) = heard
    assert line == "POST /api/SavingGoal/def/Contributions"
    assert (headers["idempotency-key"], headers["content-type"]) == ("k1", "application/xml; charset=utf-8")
    sent = {element.tag: element.text for element in etree.fromstring(body)}
    assert sent == {"Amount": "20.00", "Contributor": "Bob & <i>Eve</i>", "Message": "Grüße 🎉"}


def test_it_waits_for_the_first_requests_answer() -> None:
    with service_that_answers((409, IN_USE), (409, IN_USE), (201, GIFT)) as (client, heard):
        assert client.contribute("def", amount="1", contributor="Bob", idempotency_key="k1").id == "abc"
    assert [headers["idempotency-key"] for _, headers, _ in heard] == ["k1", "k1", "k1"]


def test_it_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whipround_client, "PATIENCE_SECONDS", 0.3)
    with (
        service_that_answers((409, IN_USE)) as (client, heard),
        pytest.raises(Problem, match="idempotency_key_in_use"),
    ):
        client.contribute("def", amount="1", contributor="Bob", idempotency_key="k1")
    assert len(heard) >= 2
    ended = IN_USE.replace("idempotency_key_in_use", "goal_has_ended")
    with service_that_answers((409, ended)) as (client, heard), pytest.raises(Problem, match="goal_has_ended"):
        client.contribute("def", amount="1", contributor="Bob", idempotency_key="k1")
    assert len(heard) == 1, "another conflict is told at once"


def test_a_problem_says_what_is_wrong_and_where() -> None:
    problem = """<problem xmlns="urn:ietf:rfc:7807"><type>t</type><title>t</title><status>400</status><code>invalid_body</code>
        <detail>There are 2 faults in the body.</detail><errors>
        <i><path>Contribution/Amount</path><line>2</line><detail>Amount must be more than 0.</detail></i>
        <i><path>Contribution/Contributor</path><detail>Contributor is missing.</detail></i></errors></problem>"""
    with service_that_answers((400, problem)) as (client, _), pytest.raises(Problem) as raised:
        client.contribution("abc")
    assert (raised.value.status, raised.value.code) == (400, "invalid_body")
    assert raised.value.detail == "There are 2 faults in the body."
    assert raised.value.in_words == "Amount must be more than 0. Contributor is missing."
    assert raised.value.faults == [
        ("Contribution/Amount", "Amount must be more than 0."),
        ("Contribution/Contributor", "Contributor is missing."),
    ]


@pytest.mark.parametrize(
    ("status", "text"),
    [(200, "<html>not closed"), (200, ""), (502, "Bad gateway"), (200, "<Savings/>"), (200, "<html><p/></html>"), (302, "")],
)
def test_an_answer_that_is_no_contribution_is_not_taken_for_one(status: int, text: str) -> None:
    with service_that_answers((status, text)) as (client, heard), pytest.raises(ServiceUnreachable):
        client.contribution("abc")
    assert len(heard) == 1


def test_nobody_listening_is_said_without_the_key() -> None:
    with service_that_answers((200, GIFT)) as (client, _):
        pass
    with client, pytest.raises(ServiceUnreachable) as raised:
        client.contribution("abc")
    assert str(raised.value) == f"{client.address} did not answer (ConnectionError)"
