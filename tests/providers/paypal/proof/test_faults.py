"""Every fault of the table does what its line says, seen from the other end of the line."""

import http.client
import json
import re
import socket
import time
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.eventually import eventually
from tests.providers.paypal import faults, schemas
from tests.providers.paypal.errors import ISSUES
from tests.providers.paypal.fake import FakePayPal
from tests.providers.paypal.proof.steps import Caller, an_order, issue_of

pytestmark = pytest.mark.no_database

DONE = {"captures": 1}
NOTHING_DONE = {"captures": 0}


class Tried:
    """One capture under a fault: what the caller saw, and what has been done."""

    def __init__(self, paypal: FakePayPal, fault: str, *, seconds: float = 20.0, most_bytes: int = 30_000_000) -> None:
        with Caller(paypal) as caller:
            self.order = caller.approved()
            paypal.next("capture", fault)
            self.status, self.content, self.headers, self.broken = 0, b"", {}, ""
            self._send(paypal, caller, seconds, most_bytes)
        self.captures = len(self.order.captures)
        self.call = paypal.calls_of("capture")[-1]

    def _send(self, paypal: FakePayPal, caller: Caller, seconds: float, most_bytes: int) -> None:
        """A bare connection: nothing here retries, follows or unpacks."""
        headers = {"Authorization": f"Bearer {caller.token}", "Content-Type": "application/json"}
        headers |= {"PayPal-Request-Id": "capture-1", "Prefer": "return=representation"}
        connection = http.client.HTTPConnection(urlsplit(paypal.base_url).netloc, timeout=seconds)
        try:
            connection.request("POST", f"/v2/checkout/orders/{self.order.id}/capture", b"{}", headers)
            answer = connection.getresponse()
            self.status, self.headers = answer.status, answer.headers
            started = time.monotonic()
            while (piece := answer.read1(65536)) and len(self.content) < most_bytes:
                self.content += piece
                if time.monotonic() - started > seconds:
                    raise TimeoutError("the deadline is over")
            if answer.length:
                raise http.client.IncompleteRead(self.content, answer.length)
        except (OSError, http.client.HTTPException) as error:
            self.broken = type(error).__name__
        finally:
            connection.close()

    @property
    def json(self):
        return json.loads(self.content)


def test_every_fault_has_a_line_and_there_are_many_of_them():
    assert len(faults.FAULTS) >= 60
    assert all(told and told[0] != " " for told in faults.FAULTS.values())
    assert not set(faults.FAULTS) & set(ISSUES)


def test_a_fault_or_an_operation_that_is_not_there_is_refused(paypal):
    with pytest.raises(ValueError, match="fault must be one of"):
        paypal.next("capture", "surprise")
    with pytest.raises(ValueError, match="operation must be one of"):
        paypal.next("give", "drop")


@pytest.mark.parametrize("fault", [*faults.BEFORE, "TRANSACTION_REFUSED"])
def test_before_anything_is_done_nothing_is_done(paypal, fault):
    paypal.slow_seconds = 0.2
    assert Tried(paypal, fault).captures == 0


@pytest.mark.parametrize("fault", [*faults.AFTER, *faults.CONTENT])
def test_after_it_is_done_it_is_done_once_whatever_is_told(paypal, fault):
    paypal.slow_seconds = 0.2
    tried = Tried(paypal, fault)
    assert tried.captures == 1
    with Caller(paypal) as caller:
        again = caller.post(f"/v2/checkout/orders/{tried.order.id}/capture", key="capture-1")
    assert (again.status_code, again.json()["status"]) == (200, "COMPLETED")
    assert tried.order.taken == Decimal(20)


@pytest.mark.parametrize(
    ("fault", "status", "name"),
    [
        ("error_500", 500, "INTERNAL_SERVER_ERROR"),
        ("error_503", 503, "SERVICE_UNAVAILABLE"),
        ("rate_limited", 429, "RATE_LIMIT_REACHED"),
        ("unauthorized", 401, "AUTHENTICATION_FAILURE"),
        ("token_dies", 401, "AUTHENTICATION_FAILURE"),
        ("forbidden", 403, "NOT_AUTHORIZED"),
        ("in_progress", 409, "RESOURCE_CONFLICT"),
        ("do_then_500", 500, "INTERNAL_SERVER_ERROR"),
        ("do_then_503", 503, "SERVICE_UNAVAILABLE"),
    ],
)
def test_an_error_is_told_as_paypal_tells_it(paypal, fault, status, name):
    tried = Tried(paypal, fault)
    assert (tried.status, tried.json["name"]) == (status, name)
    assert tried.json["debug_id"] == tried.headers["PayPal-Debug-Id"]
    assert (tried.headers.get("Retry-After") == "7") == (status in (429, 503))


def test_a_token_that_dies_takes_all_others_with_it_and_a_new_one_is_good(paypal, caller):
    order = caller.created()
    paypal.next("get", "token_dies")
    path = f"/v2/checkout/orders/{order.id}"
    assert [caller.get(path).status_code for _ in range(2)] == [401, 401]
    caller.log_in()
    assert caller.get(path).status_code == 200


def test_a_401_that_comes_once_comes_once(paypal, caller):
    order = caller.created()
    paypal.next("get", "unauthorized")
    assert [caller.get(f"/v2/checkout/orders/{order.id}").status_code for _ in range(2)] == [401, 200]


@pytest.mark.parametrize(
    ("fault", "broken"),
    [("drop", "RemoteDisconnected"), ("do_then_drop", "RemoteDisconnected"), ("reset", "ConnectionResetError")],
)
def test_a_connection_ends_without_an_answer(paypal, fault, broken):
    tried = Tried(paypal, fault)
    assert (tried.broken, tried.status) == (broken, 0)


@pytest.mark.parametrize("fault", ["silence", "slow", "slow_start"])
def test_an_answer_comes_later_than_anybody_waits(paypal, fault):
    paypal.slow_seconds = 60.0
    assert Tried(paypal, fault, seconds=0.3).broken == "TimeoutError"


@pytest.mark.parametrize("fault", ["slow", "slow_start"])
def test_a_slow_answer_is_the_right_one_for_whoever_waits(paypal, fault):
    paypal.slow_seconds = 0.3
    assert Tried(paypal, fault).json["status"] == "COMPLETED"


def test_an_answer_is_cut_off(paypal):
    cut, short = Tried(paypal, "cut_off"), Tried(paypal, "truncated")
    assert cut.broken == "IncompleteRead"
    assert short.broken == ""
    for tried in (cut, short):
        with pytest.raises(json.JSONDecodeError):
            tried.json  # noqa: B018


def test_an_endless_answer_has_no_end(paypal):
    tried = Tried(paypal, "endless", most_bytes=2_000_000)
    assert len(tried.content) >= 2_000_000
    assert "Content-Length" not in tried.headers


def test_a_huge_answer_is_right_behind_its_blanks(paypal):
    tried = Tried(paypal, "huge")
    assert len(tried.content) > 20_000_000
    assert tried.json["status"] == "COMPLETED"


@pytest.mark.parametrize(("fault", "status"), [("redirect", 302), ("redirect_307", 307)])
def test_a_redirect_leads_to_another_host_where_it_is_seen_who_follows(paypal, fault, status):
    tried = Tried(paypal, fault)
    assert (tried.status, urlsplit(tried.headers["Location"]).hostname) == (status, "localhost")
    assert paypal.calls_of("elsewhere") == []
    assert requests.get(tried.headers["Location"], timeout=20).json()["id"] == "ELSEWHERE"
    assert len(paypal.calls_of("elsewhere")) == 1


def test_rubbish_is_told(paypal):
    assert Tried(paypal, "empty").content == b""
    assert Tried(paypal, "teapot").status == 418
    assert Tried(paypal, "null").json is None
    assert Tried(paypal, "a_string").json == "COMPLETED"
    assert Tried(paypal, "a_list").json[0]["status"] == "COMPLETED"
    assert Tried(paypal, "wrong_content_type").headers["Content-Type"].startswith("text/html")
    assert b"<title>" in Tried(paypal, "rubbish").content
    assert b"NaN" in Tried(paypal, "not_a_number").content
    for fault in ("error_502", "do_then_html_502"):
        assert (Tried(paypal, fault).status, Tried(paypal, fault).headers["Content-Type"]) == (502, "text/html")
    with pytest.raises(UnicodeDecodeError):
        Tried(paypal, "not_utf8").content.decode()
    with pytest.raises(RecursionError):
        Tried(paypal, "deep").json  # noqa: B018
    twice = json.loads(Tried(paypal, "duplicate_keys").content, object_pairs_hook=list)
    assert [value for name, value in twice if name == "status"] == ["", "COMPLETED"]


def told_under(paypal: FakePayPal, fault: str) -> str:
    """The answer, ids and addresses of this run taken out."""
    tried = Tried(paypal, fault)
    assert tried.status == 201
    return re.sub(r"http://127[^\"?]*", "", json.dumps(tried.json, ensure_ascii=False)).replace(tried.order.id, "ORDER")


@pytest.mark.parametrize(
    ("fault", "seen", "unseen"),
    [
        ("unknown_status", '"status": "SIMMERING"', '"status": "COMPLETED"'),
        ("no_status", '"intent"', '"status": "'),
        ("null_status", '"status": null', '"status": "COMPLETED"'),
        ("status_number", '"status": 7', '"status": "COMPLETED"'),
        ("other_currency", '"amount": {"currency_code": "SEK", "value": "20.00"}', '"amount": {"currency_code": "USD"'),
        (
            "other_amount",
            '"amount": {"currency_code": "USD", "value": "0.01"}',
            '"amount": {"currency_code": "USD", "value": "20',
        ),
        ("amount_number", '"value": 20.0}', '"amount": {"currency_code": "USD", "value": "20'),
        ("amount_negative", '"value": "-20.00"', '"amount": {"currency_code": "USD", "value": "20'),
        ("amount_words", '"value": "2e1"', '"amount": {"currency_code": "USD", "value": "20'),
        ("amount_wide", '"value": "２０.００"', '"amount": {"currency_code": "USD", "value": "20'),
        ("no_amount", '"id"', '"amount"'),
        ("other_payee", '"email_address": "mallory@example.org"', "anna@example.org"),
        ("no_payee", '"id"', '"payee"'),
        ("other_custom_id", '"custom_id": "somebody-elses-gift"', '"gift-1"'),
        ("no_custom_id", '"id"', "custom_id"),
        ("other_id", '"id": "9ZZ99999ZZ999999Z"', '"id": "ORDER"'),
        ("no_id", '"status"', '"id"'),
        ("missing_fields", '"id": "ORDER"', '"purchase_units"'),
        ("no_units", '"purchase_units": []', '"captures"'),
        ("no_payments", '"purchase_units"', '"captures"'),
        ("no_links", '"id"', '"links"'),
    ],
)
def test_what_is_told_is_not_what_was_asked_for(paypal, fault, seen, unseen):
    right, wrong = told_under(paypal, "wrong_content_type"), told_under(paypal, fault)
    assert unseen in right
    assert seen in wrong
    assert unseen not in wrong


def test_two_units_are_told_where_one_was_ordered(paypal):
    assert len(Tried(paypal, "two_units").json["purchase_units"]) == 2


@pytest.mark.parametrize(
    ("fault", "start"),
    [
        ("foreign_link", "https://paypal.example.net/checkoutnow?token="),
        ("lookalike_link", "https://www.paypal.com@example.net/checkoutnow?token="),
        ("javascript_link", "javascript:alert(1)//www.paypal.com/checkoutnow?token="),
    ],
)
def test_the_way_to_the_giver_leads_elsewhere(paypal, caller, fault, start):
    paypal.next("create", fault)
    answer = caller.post("/v2/checkout/orders", an_order()).json()
    (way,) = [link["href"] for link in answer["links"] if link["rel"] == "payer-action"]
    assert way == start + answer["id"]


@pytest.mark.parametrize(
    ("fault", "status", "reason"),
    [
        ("pending", "PENDING", "ECHECK"),
        ("pending_review", "PENDING", "PENDING_REVIEW"),
        ("unilateral", "PENDING", "UNILATERAL"),
        ("declined_capture", "DECLINED", ""),
        ("failed_capture", "FAILED", ""),
    ],
)
def test_an_outcome_can_be_asked_for_once(paypal, caller, fault, status, reason):
    paypal.next("capture", fault)
    capture, next_one = caller.captured(), caller.captured()
    assert (capture.status, capture.reason) == (status, reason)
    assert (next_one.status, capture.order.pays_with, capture.order.payee.confirmed) == ("COMPLETED", "balance", True)


@pytest.mark.parametrize("issue", [issue for issue, (status, _) in ISSUES.items() if status == 422])
def test_every_refusal_can_be_asked_for(paypal, caller, issue):
    order = caller.approved()
    paypal.next("capture", issue)
    answer = caller.post(f"/v2/checkout/orders/{order.id}/capture")
    assert (answer.status_code, issue_of(answer), order.captures) == (422, issue, [])


def test_faults_queue_up_and_are_used_up(paypal, caller):
    order = caller.created()
    paypal.next("get", "error_500", times=2)
    paypal.next("get", "rate_limited")
    path = f"/v2/checkout/orders/{order.id}"
    assert [caller.get(path).status_code for _ in range(4)] == [500, 500, 429, 200]
    assert [call.fault for call in paypal.calls_of("get")] == ["error_500", "error_500", "rate_limited", ""]
    paypal.next("get", "error_500")
    paypal.no_more_faults()
    assert caller.get(path).status_code == 200


def test_a_fault_of_the_token_is_one_too(paypal, caller):
    paypal.next("token", "error_503")
    form = {"grant_type": "client_credentials"}
    auth = (paypal.client_id, paypal.client_secret)
    assert requests.post(f"{paypal.base_url}/v1/oauth2/token", auth=auth, data=form, timeout=20).status_code == 503


def test_a_fake_that_is_left_lets_nobody_wait():
    with FakePayPal() as paypal, Caller(paypal) as caller:
        paypal.slow_seconds = 3600.0
        order = caller.created()
        paypal.next("get", "silence")
        waiting = socket.create_connection(("127.0.0.1", urlsplit(paypal.base_url).port), timeout=20)
        request = f"GET /v2/checkout/orders/{order.id} HTTP/1.1\r\nAuthorization: Bearer {caller.token}\r\n\r\n"
        waiting.sendall(request.encode())
        eventually(lambda: paypal.calls_of("get"), "the call")
    with waiting:
        assert waiting.recv(1) == b""


def test_every_answer_of_the_tables_that_speak_for_paypal_is_judged(careless_paypal, specification):
    """A fake that lied of its own accord would be caught: here one is made to."""
    with Caller(careless_paypal) as caller:
        order = caller.created()
        order.status = "SIMMERING"
        caller.get(f"/v2/checkout/orders/{order.id}")
    (sentence,) = careless_paypal.violations
    assert sentence.startswith(f"answer 200 to GET /v2/checkout/orders/{order.id}: status: 'SIMMERING' is not one of")


def test_the_specification_is_the_one_that_is_looked_for():
    assert Path(schemas.FOLDER).parts[-2:] == ("specs", "paypal")
