"""Who is refused for asking too often, how it is told, and that nobody else notices."""

import shutil
import socket
import subprocess
import time
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client

import clock
from contributions.models import Checkout, StatusChange
from partners import keys
from partners.models import ApiKey, Partner
from tests.api.serving import free_port
from tests.conftest import Giver, PartnerClient, goal_xml
from tests.eventually import eventually
from tests.raising import raising
from web import rate_limits
from web.count_file import CountFile

pytestmark = pytest.mark.django_db

NO_KEY = PartnerClient(None)
WRONG = PartnerClient("wr_test_" + "A" * 43)


def test_a_key_that_asks_too_often_is_told_when_to_come_back(shop, rival, settings, moment):
    settings.RATE_LIMIT_KEY = 3
    answers = [shop.get("/api/savings") for _ in range(5)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429, 429]
    assert [answer.headers["RateLimit-Policy"] for answer in answers] == ['"key";q=3;w=60'] * 5
    assert [answer.headers["RateLimit"].partition(";t=")[0] for answer in answers] == [
        '"key";r=2', '"key";r=1', '"key";r=0', '"key";r=0', '"key";r=0',
    ]  # fmt: skip
    refused = answers[3]
    assert refused.headers["Content-Type"] == "application/problem+xml; charset=utf-8"
    assert (refused.value("code"), refused.value("status")) == ("too_many_requests", "429")
    assert refused.xml.findtext("{*}violated-policies/{*}i") == "key"
    assert 1 <= int(refused.headers["Retry-After"]) <= 61
    assert refused.headers["RateLimit"].endswith(f";t={refused.headers['Retry-After']}")
    assert shop.get("/api/savings", Accept="application/json").json["violated-policies"] == ["key"]
    assert rival.get("/api/savings").status == 200


def test_who_waits_as_long_as_told_is_answered(shop, settings, moment):
    settings.RATE_LIMIT_KEY = 6
    for at in (0, 7, 31, 59.9):
        moment[0] = 1_800_000_000.0 + 600 * at + at
        while (answer := shop.get("/api/savings")).status == 200:
            pass
        for _ in range(3):  # and again and again: the sliding window lets through as it slides
            moment[0] += int(answer.headers["Retry-After"])
            assert shop.get("/api/savings").status == 200, at
            while (answer := shop.get("/api/savings")).status == 200:
                pass


def test_no_minute_has_much_more_than_the_limit(shop, settings, moment):
    """A burst at the end of one window and one at the beginning of the next would be twice as much in fixed windows."""
    settings.RATE_LIMIT_KEY = 20
    moment[0] += 59
    assert [shop.get("/api/savings").status for _ in range(25)].count(200) == 20
    moment[0] += 2
    assert [shop.get("/api/savings").status for _ in range(25)].count(200) <= 1
    moment[0] += 30
    assert [shop.get("/api/savings").status for _ in range(25)].count(200) in range(9, 12)
    moment[0] += 200
    assert [shop.get("/api/savings").status for _ in range(25)].count(200) == 20


def test_a_partner_can_have_a_limit_of_its_own(shop, rival, settings):
    settings.RATE_LIMIT_KEY = 2
    Partner.objects.filter(name="Anna's Shop").update(requests_per_minute=4)
    assert [shop.get("/api/savings").status for _ in range(6)].count(429) == 2
    assert [rival.get("/api/savings").status for _ in range(6)].count(429) == 4
    Partner.objects.filter(name="Anna's Shop").update(requests_per_minute=0)
    unlimited = shop.get("/api/savings")
    assert (unlimited.status, "RateLimit" in unlimited.headers) == (200, False)


def test_changes_of_a_partner_have_an_end_each_day(shop, rival, settings, moment):
    """Whichever key they come with; what was refused or repeated does not count, and reading goes on."""
    settings.RATE_LIMIT_CHANGES = 3
    other = PartnerClient(keys.issue(keys.partner_of(shop.key)))
    first = shop.post("/api/savings", goal_xml(), Idempotency_Key="one")
    assert first.headers["RateLimit-Policy"] == '"key";q=30000;w=60, "changes";q=3;w=86400'
    assert ', "changes";r=2;t=' in first.headers["RateLimit"]
    assert [shop.post("/api/savings", goal_xml(), Idempotency_Key="one").status for _ in range(3)] == [201] * 3
    assert [shop.post("/api/savings", "<x/>").status for _ in range(3)] == [400] * 3
    assert [client.post("/api/savings", goal_xml()).status for client in (other, shop)] == [201, 201]
    for refused in (shop.post("/api/savings", goal_xml()), other.delete(f"/api/SavingGoal/{first.value('Id')}")):
        assert (refused.status, refused.value("code")) == (429, "too_many_requests")
        assert refused.headers["RateLimit-Policy"] == '"changes";q=3;w=86400'
    assert shop.get("/api/savings").status == 200
    assert rival.post("/api/savings", goal_xml()).status == 201
    moment[0] += int(refused.headers["Retry-After"])
    assert shop.post("/api/savings", goal_xml()).status == 201


def test_a_gift_can_be_tried_so_often_and_no_more(shop, monkeypatch):
    """Whoever has its address could make rows without end."""
    monkeypatch.setattr("contributions.reopening.MOST_CHECKOUTS", 3)
    goal, giver = shop.new_goal(), Giver()
    pay = shop.new_contribution(goal).value("ProviderURL")
    for _ in range(3):
        giver.pay(pay, "decline")
    before = Checkout.objects.count(), StatusChange.objects.count()
    refused = giver.visit(pay)
    assert (refused.status, "tried too often" in refused.text) == (409, True)
    assert (Checkout.objects.count(), StatusChange.objects.count()) == before == (3, before[1])
    assert giver.visit(shop.new_contribution(goal).value("ProviderURL")).status == 303


def test_two_keys_of_one_partner_are_counted_apart(shop, settings):
    settings.RATE_LIMIT_KEY = 1
    other = PartnerClient(keys.issue(keys.partner_of(shop.key)))
    assert [shop.get("/api/savings").status, shop.get("/api/savings").status, other.get("/api/savings").status] == [
        200,
        429,
        200,
    ]


def test_wrong_keys_are_limited_and_right_ones_pass(shop, settings):
    """Also from the same address: who guesses keys behind a partner's own proxy does not shut the partner out."""
    settings.RATE_LIMIT_FAILED_KEYS = 2
    answers = [WRONG.get("/api/savings") for _ in range(4)]
    assert [answer.status for answer in answers] == [401, 401, 429, 429]
    assert answers[2].headers["RateLimit-Policy"] == '"failed-keys";q=2;w=60'
    assert int(answers[2].headers["Retry-After"]) >= 1
    assert shop.get("/api/savings").status == 200
    elsewhere = Client(SERVER_NAME="give.example.test", REMOTE_ADDR="198.51.100.7")
    assert elsewhere.get("/api/savings", headers={"Authorization": f"Bearer {WRONG.key}"}).status_code == 401


def test_strangers_are_limited_by_address_at_each_door(shop, settings):
    settings.RATE_LIMIT_ADDRESS = 2
    gift = shop.new_contribution(shop.new_goal()).value("Id")
    at_the_doors = {
        "/api/schema/openapi.json": "strangers", f"/pay/{gift}": "pages", "/providers/paypal/webhook": "webhooks",
    }  # fmt: skip
    for path, policy in at_the_doors.items():
        verb = "POST" if "webhook" in path else "GET"
        answers = [NO_KEY.call(verb, path) for _ in range(3)]
        assert [answer.status == 429 for answer in answers] == [False, False, True], path
        assert answers[2].headers["RateLimit"].startswith(f'"{policy}";r=0')
        is_api = path.startswith("/api")
        assert answers[2].headers["Content-Type"].startswith("application/problem" if is_api else "text/html")
    for path in ("/healthz", "/readyz"):
        assert {NO_KEY.get(path).status for _ in range(5)} == {200}
    assert shop.get("/api/savings").status == 200


def test_a_header_that_is_no_key_is_no_way_round(settings):
    settings.RATE_LIMIT_ADDRESS = 2
    asked = [NO_KEY.get("/api/schema/openapi.json", Authorization="Basic x").status for _ in range(3)]
    assert asked == [200, 200, 429]
    assert NO_KEY.get("/api/nothing?apikey=x").status == 429


def test_the_pages_of_one_gift_are_limited_and_others_pass(shop, settings):
    settings.RATE_LIMIT_GIFT = 3
    goal = shop.new_goal()
    one, other = (shop.new_contribution(goal).value("Id") for _ in range(2))
    paths = [f"/pay/{one}", f"/providers/paypal/cancel/{one}x", f"/pay/{one}/", f"/pay/{one}", f"/pay/{one}"]
    statuses = [NO_KEY.get(path).status for path in paths]
    assert (statuses[-1], [status == 429 for status in statuses[:-1]]) == (429, [False] * 4)
    refused = NO_KEY.get(f"/providers/paypal/return/{one}?token=x")
    assert (refused.status, refused.headers["RateLimit"].partition(";t=")[0]) == (429, '"gift";r=0')
    assert NO_KEY.get(f"/pay/{other}").status == 303


@pytest.mark.parametrize(
    ("one", "same", "other"),
    [
        ("192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2"),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::", "2001:db8:1:3::1"),
        ("", "unix:", "127.0.0.1"),
    ],
)
@pytest.mark.no_database
def test_one_customer_is_one_address(rf, one, same, other):
    told = [rate_limits.of_address(rf.get("/", REMOTE_ADDR=address)) for address in (one, same, other)]
    assert told[0] == told[1] != told[2]


def test_a_store_that_fails_stops_nobody_and_is_told(shop, settings, tmp_path, caplog):
    settings.RATE_LIMIT_KEY = 1
    rate_limits.use(CountFile(str(tmp_path / "no" / "such" / "folder")))
    assert {shop.get("/api/savings").status for _ in range(4)} == {200}
    told = [record for record in caplog.records if "not counted" in record.getMessage()]
    assert len(told) == 1, "once, not with each request"
    broken = tmp_path / "broken"
    broken.write_bytes(b"no database" * 1000)
    rate_limits.use(CountFile(str(broken)))
    assert {shop.get("/api/savings").status for _ in range(3)} == {200}


@pytest.mark.no_database
def test_redis_that_is_away_stops_nobody(rf, settings, caplog):
    settings.RATE_LIMIT_STORE = "redis://127.0.0.1:1/0"
    rate_limits.use(None)
    began = time.monotonic()
    policy = rate_limits.Policy("key", 1)
    assert [rate_limits.count(rf.get("/"), policy, "somebody") for _ in range(20)] == [None] * 20
    assert time.monotonic() - began < 5
    assert "not counted" in caplog.text


@pytest.mark.no_database
@pytest.mark.skipif(not shutil.which("redis-server"), reason="there is no redis-server on this machine")
def test_redis_counts_alike(rf, settings, tmp_path):
    port = free_port()
    command = ["redis-server", "--port", str(port), "--save", ""]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL) as redis:
        try:
            settings.RATE_LIMIT_STORE = f"redis://127.0.0.1:{port}/0"
            eventually(lambda: _listens(port), str, seconds=10)
            rate_limits.use(None)
            policy = rate_limits.Policy("key", 3, seconds=4)
            stands = [rate_limits.count(rf.get("/"), policy, "somebody") for _ in range(5)]
            assert [one.remaining for one in stands] == [2, 1, 0, 0, 0]
            assert [one.is_over for one in stands] == [False, False, False, True, True]
            assert rate_limits.count(rf.get("/"), policy, "another").remaining == 2
            time.sleep(stands[-1].seconds)
            assert not rate_limits.count(rf.get("/"), policy, "somebody").is_over
        finally:
            redis.terminate()


def _listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_the_last_use_of_a_key_is_written_seldom(shop, settings, django_assert_num_queries, monkeypatch):
    now = clock.now()
    clock.use(lambda: now)
    try:
        shop.get("/api/savings")
        assert ApiKey.objects.get().last_used_at == now
        with django_assert_num_queries(2):
            shop.get("/api/savings")
        first, now = now, now + timedelta(minutes=9)
        shop.get("/api/savings")
        assert ApiKey.objects.get().last_used_at == first
        now += timedelta(minutes=2)
        with monkeypatch.context() as patch:
            patch.setattr(keys, "note_use", raising(OperationalError("database is locked")))
            assert shop.get("/api/savings").status == 200
        WRONG.get("/api/savings")
        shop.get("/api/nothing")
        assert ApiKey.objects.get().last_used_at == first
        shop.get("/api/savings")
        assert ApiKey.objects.get().last_used_at == now
    finally:
        clock.use(None)
