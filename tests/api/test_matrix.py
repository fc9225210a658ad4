"""Every path, every verb, every kind of key: who gets what, and that a refusal writes and tells nothing."""

from contextlib import nullcontext
from datetime import timedelta
from itertools import product

import pytest
from django.utils import timezone

from api import urls
from ids import new_id
from partners import keys
from partners.models import ApiKey
from tests.api.conftest import all_rows, new_canary_shop
from tests.api.matrix import HOOKS, KEYED, MATRIX, PATHS, RECORDS, address_of, ask, body_for, undone
from tests.conftest import PartnerClient
from tests.tiers import sample

pytestmark = pytest.mark.django_db

VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
each_path = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.address)

NAMED = (
    *("goal", "contribution", "event", "matcher", "giver", "permission", "certificate", "pledge"),
    *("account", "endpoint", "rehearsal"),
)

MALFORMED = (
    "", "Bearer", "Bearer ", "{key}", "Basic {key}", "Bearer: {key}", "Bearer={key}", "Bearer\t{key}", "Bearer {key} {key}",
    "Bearer {key}, Bearer {key}", 'Bearer "{key}"', "Bearer {key}\xe9", "ApiKey shop:{key}", "Token token={key}",
    "Bearer " + "a" * 5000,
)  # fmt: skip
"""Authorization headers that are no key in either of the two forms, most of them round a key that would be valid."""


@pytest.fixture(scope="module")
def canary_shop(module_db):
    with module_db():
        return new_canary_shop()


@pytest.fixture
def bad_authorizations(canary_shop):
    """A header for each way in which a key can be wrong; None: there is no header at all."""
    partner = canary_shop.partner
    revoked, expired = keys.issue(partner), keys.issue(partner, expires_at=timezone.now() + timedelta(days=1))
    keys.revoke(revoked)
    ApiKey.objects.filter(prefix=expired[:16]).update(expires_at=timezone.now() - timedelta(seconds=1))
    wrong = (f"Bearer {key}" for key in ("wr_" + "A" * 43, "x", revoked, expired, canary_shop.client.key[:-1]))
    return [None, *wrong, *(text.format(key=canary_shop.client.key) for text in MALFORMED)]


def test_every_route_under_api_is_in_the_matrix():
    routes = [str(pattern.pattern) for pattern in urls.urlpatterns]
    assert [route for route in routes if route.startswith("^api/")] == list(MATRIX)
    assert [route for route in routes if "api" in route and route not in MATRIX] == [r"^api(?:/.*)?$"]


@each_path
def test_the_owner_gets_what_the_path_has_and_405_for_the_rest(canary_shop, path):
    for verb, override in product(VERBS, (None, "DELETE", "PATCH")):
        with undone():
            answer = ask(canary_shop.client, verb, path, canary_shop, override)
        assert answer.status == path.verbs.get(verb, 405), (verb, override)
        if answer.status == 405:
            assert set(answer.headers["Allow"].split(", ")) == set(path.verbs)
            assert verb == "HEAD" or answer.value("code") == "verb_not_allowed"
        if verb == "HEAD" and "HEAD" in path.verbs:
            assert answer.body == b""
            assert int(answer.headers["Content-Length"]) == len(ask(canary_shop.client, "GET", path, canary_shop).body)


@each_path
def test_every_bad_key_gets_the_same_401_and_changes_nothing(canary_shop, bad_authorizations, path, pytestconfig):
    before = all_rows()
    bad_authorizations = sample(pytestconfig, bad_authorizations, PATHS.index(path))
    for verb in VERBS:
        bodies = set()
        for authorization, override in product(bad_authorizations, (None, "GET")):
            headers = {} if authorization is None else {"Authorization": authorization}
            answer = ask(PartnerClient(None), verb, path, canary_shop, override, **headers)
            assert answer.status == (405 if verb not in path.verbs else 401 if path.needs_a_key else 200), (verb, authorization)
            if answer.status == 401:
                assert answer.headers["WWW-Authenticate"] == 'Bearer realm="whipround", ApiKey realm="whipround"'
            if path.needs_a_key:
                canary_shop.assert_silent_about_me(answer)
            bodies.add(answer.body)
        assert len(bodies) == 1
    assert all_rows() == before


@each_path
def test_a_foreign_record_is_403_whatever_the_verb(canary_shop, rival, path):
    rival.post("/api/WebhookEndpoints", HOOKS)
    rival.post("/api/RedirectSecret")
    before = all_rows()
    for verb, override in product(VERBS, (None, "DELETE", "GET")):
        with nullcontext() if path.names_a_record else undone():
            answer = ask(rival, verb, path, canary_shop, override)
        refused = 403 if path.names_a_record else path.verbs.get(verb)  # what names no record is the caller's own
        if verb == "POST" and path.body_names_records:
            refused = 400  # it names records that are not
        assert answer.status == (405 if verb not in path.verbs else refused), (verb, override)
        if answer.status == 403:
            assert verb == "HEAD" or answer.value("code") == "not_yours"
        if path.needs_a_key:
            canary_shop.assert_silent_about_me(answer)
    assert all_rows() == before


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.address)
def test_a_record_that_never_was_is_404_whatever_the_verb(canary_shop, path, pytestconfig):
    nobodys = [
        new_id(), "1", "0", "x" * 22, "I" * 22, new_id() + "A", new_id()[:-1], "a" * 3000, "%00", "%0A", "a%20b", ";x=1",
        "..", "%C3%A9", "%FF",
    ]  # fmt: skip
    before = all_rows()
    for unknown in sample(pytestconfig, nobodys, RECORDS.index(path)):
        address = path.address.format(**dict.fromkeys(NAMED, unknown))
        for verb in path.verbs:
            answer = canary_shop.client.call(verb, address, body_for(verb, path, canary_shop))
            assert answer.status == 404, (verb, unknown)
            assert answer.headers["Content-Type"].startswith("application/problem+xml")
    assert all_rows() == before


@pytest.mark.parametrize(
    "path",
    [path for path in RECORDS if not {"Events", "Rehearsal", "Permission", "Pledge"} & set(path.address.split("/"))],
    ids=lambda path: path.address,
)
def test_a_deleted_record_is_404_to_its_owner_403_to_others(canary_shop, rival, path):
    kinds = {
        "SavingGoal": "goal_id",
        "Contribution": "contribution_id",
        "PaymentAccount": "account_id",
        "Matcher": "matcher_id",
        "Giver": "giver_id",
        "GiftCertificate": "certificate_id",
        "WebhookEndpoints": "endpoint_id",
    }
    kind = path.address.split("/")[2]
    deleted = getattr(canary_shop, kinds[kind])
    assert canary_shop.client.delete(f"/api/{kind}/{deleted}").status == 204
    before = all_rows()
    for verb in path.verbs:
        assert ask(canary_shop.client, verb, path, canary_shop).status == 404
        assert ask(rival, verb, path, canary_shop).status == 403
        assert ask(PartnerClient(None), verb, path, canary_shop).status == 401
    assert all_rows() == before


@pytest.mark.parametrize("path", KEYED, ids=lambda path: path.address)
def test_key_comes_before_record_and_record_before_body(canary_shop, rival, path):
    """Whoever has no business here learns nothing about how a body should look, or whether one was right."""
    before, address = all_rows(), address_of(path, canary_shop)
    nobodys = path.address.format(**{name: new_id() for name in NAMED})
    for verb in set(path.verbs) - {"GET", "HEAD"}:
        for body, media in ((b"<<<", "application/xml"), (b"{", "application/json"), (b"x", "image/png"), (b"", "")):
            if path.works_without_a_body and verb == "POST" and not body:
                continue
            assert PartnerClient(None).call(verb, address, body, media=media).status == 401
            if path.names_a_record:
                assert rival.call(verb, address, body, media=media).status == 403
                assert canary_shop.client.call(verb, nobodys, body, media=media).status == 404
            else:
                without_a_body = {400, 404, 409} if verb == "DELETE" or path.takes_no_body else set()
                assert rival.call(verb, address, body, media=media).status in without_a_body | {400, 415}
    assert all_rows() == before


@each_path
def test_a_slash_at_the_end_of_a_path_is_accepted(canary_shop, path):
    for verb, status in path.verbs.items():
        with undone():
            answer = canary_shop.client.call(verb, address_of(path, canary_shop) + "/", body_for(verb, path, canary_shop))
        assert answer.status == status
        assert not answer.headers.get("Location", "").endswith("/"), "our own links have none"


def test_a_list_holds_the_callers_own_records_only(canary_shop, rival):
    own = rival.new_goal(ExternalItemId="canary-item-5122")
    for query in ("", "?ExternalItemId=canary-item-5122", "?limit=100"):
        answer = rival.get(f"/api/savings{query}")
        assert [goal.findtext("Id") for goal in answer.xml] == [own]
    assert len(rival.get(f"/api/savings?Id={canary_shop.goal_id}").xml) == 0
    after_a_foreign_one = rival.get(f"/api/savings?after={canary_shop.goal_id}", Request_Id="r-1")
    after_no_one = rival.get(f"/api/savings?after={new_id()}", Request_Id="r-1")
    assert (after_a_foreign_one.status, after_a_foreign_one.body) == (400, after_no_one.body)
