"""Requests that are signed: what is accepted, what each refusal says, and that none comes twice."""

import base64
import hashlib
import hmac
import json
import threading
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection

import clock
from api.models import UsedToken
from partners import keys, signing
from partners.models import ApiKey, Partner
from tests.api.conftest import all_rows
from tests.api.signing import LEAVE_OUT, NO_KEY, Signer, pem_of, send, signer_of
from tests.conftest import goal_xml
from tests.eventually import join
from web import made_anew

pytestmark = pytest.mark.django_db


@pytest.fixture
def partner(shop):
    return keys.partner_of(shop.key)


@pytest.fixture(params=["HS256", "EdDSA"])
def signer(partner, request):
    return signer_of(partner, request.param)


def refused(answer):
    return answer.status, answer.value("code")


def test_a_signed_request_is_the_partners(shop, signer):
    made = signer.call("POST", "/api/savings", goal_xml())
    assert made.status == 201
    goal = made.value("Id")
    assert shop.get(f"/api/SavingGoal/{goal}").status == 200
    assert signer.call("GET", f"/api/SavingGoal/{goal}").status == 200
    assert signer.call("HEAD", "/api/savings?limit=1&Id=").status in {200, 400}
    assert signer.call("GET", "/api/savings?limit=1", body_sha256=LEAVE_OUT).status == 200
    assert signer.call("GET", "/api/savings", aud="http://give.example.test").status == 200
    assert send("GET", "/api/savings", signer.token("GET", "/api/savings"), scheme="ApiKey").status == 200
    assert ApiKey.objects.get(prefix=signer.kid).last_used_at is not None


WRONG_CLAIMS = {
    "another method": {"method": "POST"},
    "another path": {"uri": "/api/Events"},
    "a query that was not signed": {"uri": "/api/savings"},
    "another query": {"uri": "/api/savings?limit=20"},
    "a part of the query": {"uri": "/api/savings?limit=2#2"},
    "an address with a host": {"uri": "http://give.example.test/api/savings?limit=2"},
    "no address": {"uri": LEAVE_OUT},
    "no method": {"method": LEAVE_OUT},
    "another body": {"body_sha256": hashlib.sha256(b"x").hexdigest()},
    "a number for a body": {"body_sha256": 1},
    "another service": {"aud": "https://elsewhere.example"},
    "no jti": {"jti": LEAVE_OUT},
    "an empty jti": {"jti": ""},
    "a long jti": {"jti": "x" * 129},
    "a jti with a blank": {"jti": "a b"},
    "no end": {"exp": LEAVE_OUT},
    "no beginning": {"iat": LEAVE_OUT},
    "a beginning in words": {"iat": "now"},
    "an end that is no whole number": {"exp": 2e9 + 0.5},
    "an end for ever": {"exp": 2**62},
    "an end before the beginning": {"exp": 1},
}


@pytest.mark.parametrize("wrong", WRONG_CLAIMS)
def test_what_was_not_signed_is_refused(signer, wrong):
    """With the right key: the sentence says what does not fit."""
    before = all_rows()
    answer = signer.call("GET", "/api/savings?limit=2", **WRONG_CLAIMS[wrong])
    assert refused(answer) == (401, "signed_request_refused")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert all_rows() == before


def test_a_body_that_was_changed_on_its_way_makes_nothing(signer):
    before = all_rows()
    token = signer.token("POST", "/api/savings", goal_xml())
    for body in (goal_xml(GoalAmount="9999.00"), goal_xml() + " ", ""):
        assert refused(send("POST", "/api/savings", token, body)) == (401, "signed_request_refused")
    assert all_rows() == before
    assert send("POST", "/api/savings", token, goal_xml()).status == 201, "a refusal does not use the token up"


def test_it_is_short_lived(signer):
    """By the service's clock, with a minute for clocks that differ."""
    start = now = datetime.now(UTC).replace(microsecond=0)
    clock.use(lambda: now)
    try:
        path = "/api/savings"
        issued = int(start.timestamp())
        tokens = [signer.token("GET", path, iat=issued, exp=issued + 300) for _ in range(4)]
        for seconds, token, status in ((-61, 0, 401), (-60, 0, 200), (359, 1, 200), (360, 2, 401), (9999, 3, 401)):
            now = start + timedelta(seconds=seconds)
            assert send("GET", path, tokens[token]).status == status, seconds
        now = start
        assert refused(signer.call("GET", path, exp=issued + 301)) == (401, "signed_request_refused")
    finally:
        clock.use(None)


def test_a_token_is_good_once(signer):
    token = signer.token("POST", "/api/savings", goal_xml())
    assert send("POST", "/api/savings", token, goal_xml()).status == 201
    again = send("POST", "/api/savings", token, goal_xml())
    assert refused(again) == (401, "signed_request_refused")
    assert "used before" in again.value("detail")
    same_jti = [signer.call("GET", "/api/savings", jti="mine").status for _ in range(2)]
    assert same_jti == [200, 401]
    other = signer_of(ApiKey.objects.get(prefix=signer.kid).partner, "HS256")
    assert other.call("GET", "/api/savings", jti="mine").status == 200


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_is_answered(partner):
    signer = signer_of(partner, "HS256")
    token, statuses = signer.token("POST", "/api/savings", goal_xml()), []
    together = threading.Barrier(8)

    def ask():
        together.wait(30)
        statuses.append(send("POST", "/api/savings", token, goal_xml()).status)
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    join(*threads)
    assert sorted(statuses) == [201] + [401] * 7


def test_used_tokens_are_forgotten_when_they_are_over(signer, monkeypatch):
    signer.call("GET", "/api/savings")
    UsedToken.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    monkeypatch.setattr("api.signed_requests._SWEPT_WITH", "")  # with each, and not with one in 256
    signer.call("GET", "/api/savings")
    assert UsedToken.objects.count() == 1


def test_a_limited_request_uses_no_token_up_and_stores_nothing(signer, settings):
    settings.RATE_LIMIT_KEY = 1
    assert signer.call("GET", "/api/savings").status == 200
    assert signer.call("GET", "/api/savings").status == 429
    assert UsedToken.objects.count() == 1


def test_a_held_request_that_is_made_anew_is_the_same_one(signer, settings):
    """By config/waiting.py: it comes once from the client's side, and is neither a replay nor counted twice."""
    settings.RATE_LIMIT_KEY = 1
    path = "/api/Events?wait=5"
    authorization = f"Bearer {signer.token('GET', path)}"
    hold = made_anew.Hold()
    ask = NO_KEY.client.get
    for _ in range(3):
        answer = ask(path, HTTP_AUTHORIZATION=authorization, **{made_anew.HOLD: hold})
        assert answer.status_code == 200
    assert ask(path, HTTP_AUTHORIZATION=authorization, **{made_anew.HOLD: made_anew.Hold()}).status_code == 429


def forged_tokens(partner, signer):
    """By what each tries; whoever sends one has no key."""
    private, _ = pem_of(Ed25519PrivateKey.generate())
    of_another = Signer(signer.kid, private if signer.algorithm == "EdDSA" else "x" * 43, signer.algorithm)
    token = signer.token("GET", "/api/savings")
    head, claims, signature = token.split(".")

    def with_header(**changes):
        told = json.dumps({"alg": signer.algorithm, "typ": "JWT", "kid": signer.kid} | changes).encode()
        return base64.urlsafe_b64encode(told).rstrip(b"=").decode()

    eddsa = signer_of(partner, "EdDSA")
    public_pem = signing.verifier_of(ApiKey.objects.get(prefix=eddsa.kid))
    now = int(clock.now().timestamp())
    plain = {"method": "GET", "uri": "/api/savings", "iat": now, "exp": now + 60, "jti": "x"}
    parts = [
        base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=").decode()
        for one in ({"alg": "HS256", "kid": eddsa.kid}, plain)
    ]
    confused = hmac.new(public_pem.encode(), ".".join(parts).encode(), hashlib.sha256).digest()
    return {
        "another secret": of_another.token("GET", "/api/savings"),
        "no algorithm": f"{with_header(alg='none')}.{claims}.x",
        "an empty signature": f"{with_header(alg='none')}.{claims}.",
        "the public key as a secret": ".".join([*parts, base64.urlsafe_b64encode(confused).rstrip(b"=").decode()]),
        "another algorithm": f"{with_header(alg='HS512')}.{claims}.{signature}",
        "an unknown kid": f"{with_header(kid='sig_test_AAAAAAA')}.{claims}.{signature}",
        "a plain key as kid": f"{with_header(kid='wr_test_AAAAAAAA')}.{claims}.{signature}",
        "no kid": f"{with_header(kid=None)}.{claims}.{signature}",
        "a list as kid": f"{with_header(kid=['x'])}.{claims}.{signature}",
        "a critical extension": f"{with_header(crit=['b64'], b64=False)}.{claims}.{signature}",
        "other claims": f"{head}.{parts[1]}.{signature}",
        "no signature": f"{head}.{claims}.AAAA",
        "no token": "a.b.c",
        "the kid alone": signer.kid,
    }


FORGED = (
    "another secret", "no algorithm", "an empty signature", "the public key as a secret", "another algorithm", "an unknown kid",
    "a plain key as kid", "no kid", "a list as kid", "a critical extension", "other claims", "no signature", "no token",
    "the kid alone",
)  # fmt: skip


@pytest.mark.parametrize("forged", FORGED)
def test_a_forged_token_is_the_401_of_any_unknown_key(partner, signer, forged):
    tokens = forged_tokens(partner, signer)
    assert set(tokens) == set(FORGED)
    before = all_rows()
    answer = send("GET", "/api/savings", tokens[forged])
    assert (answer.status, answer.body) == (401, send("GET", "/api/savings", "wr_test_" + "A" * 43).body)
    assert all_rows() == before


def test_a_signing_key_ends_as_any_key_does(partner, signer):
    ApiKey.objects.filter(prefix=signer.kid).update(expires_at=clock.now() - timedelta(seconds=1))
    assert refused(signer.call("GET", "/api/savings")) == (401, "no_valid_key")
    ApiKey.objects.filter(prefix=signer.kid).update(expires_at=None)
    assert signer.call("GET", "/api/savings").status == 200
    keys.revoke(signer.kid)
    assert refused(signer.call("GET", "/api/savings")) == (401, "no_valid_key")


def test_a_signing_key_can_be_narrowed(partner):
    for algorithm in ("HS256", "EdDSA"):
        reader = signer_of(partner, algorithm, may=["read"])
        assert reader.call("GET", "/api/savings").status == 200
        assert refused(reader.call("POST", "/api/savings", goal_xml())) == (403, "scope_missing")


def test_a_partner_can_switch_plain_keys_off(shop, rival, partner, signer):
    Partner.objects.filter(pk=partner.pk).update(signed_only=True)
    answer = shop.get("/api/savings")
    assert refused(answer) == (401, "signature_needed")
    assert refused(NO_KEY.get(f"/api/savings?ApiKey={shop.key}")) == (401, "signature_needed")
    assert signer.call("GET", "/api/savings").status == 200
    assert rival.get("/api/savings").status == 200


def test_a_token_in_the_query_is_no_key(signer):
    token = signer.token("GET", "/api/savings")
    assert NO_KEY.get(f"/api/savings?ApiKey={token}").status == 401


def test_signing_keys_are_not_in_the_database_in_clear(partner):
    kid, secret = signing.issue_secret(partner)
    row = ApiKey.objects.get(prefix=kid)
    assert secret not in repr({field.name: getattr(row, field.name) for field in row._meta.fields})
    assert signing.verifier_of(row) == secret
