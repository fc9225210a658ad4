"""The limits hold for the server as a whole, whichever of its processes a request comes to."""

import hashlib
import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import jwt
import pytest
from django.conf import settings

from demo.serving import SERVER
from tests import migrated
from tests.api.serving import empty_database, manage, started
from tests.eventually import eventually

KEY, FAILED, ASKED = 40, 15, 120


@contextmanager
def limited_server(folder):
    command = [*SERVER[1:], "--workers", "2", "--host", "127.0.0.1", "--port", "PORT", "config.asgi:application"]
    limits = {"RATE_LIMIT_KEY": str(KEY), "RATE_LIMIT_FAILED_KEYS": str(FAILED)}
    with empty_database(folder) as url, started(folder, command, url, SANDBOX="1", **limits) as running:
        migrated.fill(settings.DATABASE_URL, url)
        made = (json.loads(manage(running.environment, "create_partner", name, "--json")) for name in ("Shop", "Rival"))
        running.key, running.rivals_key = (one["test_api_key"] for one in made)
        yield running


def ask_many(server, number, key):
    def ask(_):
        return server.ask("GET", "/api/savings", key=key)[0]

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(ask, range(number)))


def test_two_processes_count_together(tmp_path):
    """Each request on a connection of its own, so that both get some. Counted apart, twice as many would pass."""
    with limited_server(tmp_path) as server:
        statuses = ask_many(server, ASKED, server.key)
        assert set(statuses) == {200, 429}
        assert KEY <= statuses.count(200) <= KEY * 1.5, "a minute may pass meanwhile, but not a second limit"
        assert ask_many(server, KEY // 2, server.rivals_key) == [200] * (KEY // 2)
        refused = ask_many(server, FAILED * 3, "wr_test_" + "A" * 43)
        assert set(refused) == {401, 429}
        assert FAILED <= refused.count(401) <= FAILED * 1.5
        eventually(lambda: server.log.read_text().count("request") > ASKED, server.log.read_text, seconds=10)


@pytest.mark.full  # a second server; the test before has one in every tier
def test_a_signed_post_and_a_held_poll_come_once(tmp_path):
    """The front door makes requests anew: that is no replay."""

    def signed(verb, path, body=""):
        now, digest = int(time.time()), hashlib.sha256(body.encode()).hexdigest()
        claims = {"method": verb, "uri": path, "body_sha256": digest, "iat": now, "exp": now + 60, "jti": f"{verb}{now}{path}"}
        return jwt.encode(claims, made["secret"], "HS256", {"kid": made["kid"]})

    with limited_server(tmp_path) as server:
        made = json.loads(manage(server.environment, "create_api_key", "Shop", "--test", "--sign", "--json"))
        body = '{"State": "x"}' + " " * 50_000
        token = signed("POST", "/api/savings", body)
        asked = [server.ask("POST", "/api/savings", body, key=token, Content_Type="application/json") for _ in range(2)]
        assert [status for status, *_ in asked] == [400, 401], "the first was read, and had faults"
        assert b"used before" in asked[1][2]
        path = "/api/Events?after=latest&wait=2"
        assert server.ask("GET", path, key=signed("GET", path))[0] == 200
