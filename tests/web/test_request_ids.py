"""One id from the client to the provider's number and back: in the answer, in every log line, in the problem document."""

import json
import logging
import re

import pytest
from django.test import Client

from config.log_lines import JsonLines
from contributions import worker
from contributions.models import Checkout
from tests.conftest import PartnerClient

pytestmark = pytest.mark.django_db


def is_id(text):
    """One of ours."""
    return re.fullmatch(r"[0-9a-f]{32}", text) is not None


KEY = f"wr_live_{'a' * 43}"
SENSIBLE = ["a", "A-1.b_c:9", "x" * 128, "4bf92f3577b34da6a3ce929d0e0e4736"]
NOT_SENSIBLE = [
    "", " ", "a b", "x" * 129, "a\tb", "é", "a;b", "<a>", '"', "a,b", KEY, f"id-{KEY}", "sk_live_abcdefghijkl",
    "4111111111111111", "4111-1111-1111-1111", "a@b.example",
]  # fmt: skip


@pytest.mark.parametrize("sent", SENSIBLE)
def test_a_sensible_id_of_the_clients_is_kept(sent, stranger):
    for path in ("/api/savings", "/healthz", "/nothing", "/docs/"):
        assert stranger.get(path, Request_Id=sent).headers["Request-Id"] == sent


@pytest.mark.parametrize("sent", NOT_SENSIBLE)
def test_any_other_is_replaced_by_one_of_ours(sent, stranger):
    told = stranger.get("/api/savings", Request_Id=sent).headers["Request-Id"]
    assert is_id(told)


def test_every_kind_of_answer_has_one_and_each_another(shop):
    goal = shop.new_goal()
    answers = [
        shop.get("/api/savings"), shop.get(f"/api/SavingGoal/{goal}"), shop.get("/api/Contribution/x"),
        shop.post("/api/savings", "<a/>"), shop.call("TRACE", "/api/savings"),
        shop.get("/api/savings", Host="evil.example"),
        shop.get("/api/savings", Accept="image/png"), shop.get("/api/savings?" + "a=1&" * 200), shop.get("/x" * 5000),
        shop.delete(f"/api/SavingGoal/{goal}"), shop.get("/pay/nothing"), shop.post("/providers/paypal/webhook", "{}"),
    ]  # fmt: skip
    ids = [answer.headers["Request-Id"] for answer in answers]
    assert all(map(is_id, ids))
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("media", ["application/xml", "application/json"])
def test_a_problem_document_holds_it(media, shop):
    answer = shop.get("/api/SavingGoal/nothing", Accept=media, Request_Id="mine-1")
    assert answer.headers["Request-Id"] == "mine-1"
    told = answer.json["request_id"] if media.endswith("json") else answer.xml.findtext("{urn:ietf:rfc:7807}request_id")
    assert told == "mine-1"


def test_a_givers_page_that_says_no_names_it(client):
    answer = client.get("/pay/nothing", headers={"Request-Id": "mine-2"})
    assert answer.status_code == 404
    assert "mine-2" in answer.content.decode()


def test_a_repeated_answer_has_the_id_of_its_own_request(shop):
    goal, body = shop.new_goal(), "<Contribution><Amount>5.00</Amount><Contributor>A</Contributor></Contribution>"
    path = f"/api/SavingGoal/{goal}/Contributions"
    first, again = (shop.post(path, body, Idempotency_Key="k", Request_Id=name) for name in ("first", "again"))
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.body == first.body
    assert (first.headers["Request-Id"], again.headers["Request-Id"]) == ("first", "again")


@pytest.fixture
def lines():
    """Whatever is logged, as it is written at that moment."""
    written = []

    class Kept(logging.Handler):
        def emit(self, record):
            written.append(json.loads(self.format(record)))

    handler, root = Kept(), logging.getLogger()
    handler.setFormatter(JsonLines())
    root.addHandler(handler)
    before = root.level
    root.setLevel(logging.INFO)
    yield written
    root.setLevel(before)
    root.removeHandler(handler)


def test_it_stands_in_every_line_of_the_request(shop: PartnerClient, giver, lines):
    goal = shop.new_goal()
    lines.clear()
    gift = shop.post(
        f"/api/SavingGoal/{goal}/Contributions",
        "<Contribution><Amount>5.00</Amount><Contributor>A</Contributor></Contribution>",
        Request_Id="gift-1",
    )
    shop.get("/api/SavingGoal/nothing", Request_Id="gift-2")
    assert gift.status == 201
    assert {line["event"] for line in lines} >= {"request"}
    assert {line["request_id"] for line in lines} == {"gift-1", "gift-2"}


def test_a_crash_is_logged_under_it(shop, lines, monkeypatch):
    def crash(*arguments, **named):
        raise RuntimeError("planted")

    monkeypatch.setattr("api.resources.goals.GoalResource.get_list", crash)
    answer = shop.get("/api/savings", Accept="application/json", Request_Id="crash-1")
    assert answer.status == 500
    assert answer.json["request_id"] == "crash-1"
    told = [line for line in lines if "planted" in line.get("traceback", "")]
    assert [line["request_id"] for line in told] == ["crash-1"]


def test_each_piece_of_the_workers_work_has_one(shop, giver, lines):
    goal = shop.new_goal()
    for _ in range(2):
        giver.checkout(shop.new_contribution(goal).value("ProviderURL"))
    Checkout.objects.update(expires_at=None)
    lines.clear()

    def crash(*arguments, **named):
        logging.getLogger("planted").info("at it")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "sync_checkout", crash)
        worker.sync_all_due(whether_due_or_not=True)
    ids = [line["request_id"] for line in lines if line["event"] == "at it"]
    assert len(ids) == 2
    assert len(set(ids)) == 2
    assert all(map(is_id, ids))


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_monitoring_is_answered_whatever_the_host_is(path):
    assert Client().get(path, headers={"Host": "10.1.2.3:8000"}).status_code == 200
    assert Client().get("/api/savings", headers={"Host": "10.1.2.3:8000"}).status_code == 400
