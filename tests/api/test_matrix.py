"""Every path, every verb, every kind of key: who gets what, and that a refusal writes and tells nothing."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.utils import timezone

from api import urls
from ids import new_id
from partners import keys
from partners.models import ApiKey
from tests.api.conftest import all_rows
from tests.conftest import PartnerClient, contribution_xml, goal_xml

pytestmark = pytest.mark.django_db

VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")

BODIES = {
    ("POST", "/api/Contribution/{contribution}/Refunds"): "<Refund/>",
    ("PUT", "/api/WebhookEndpoint"): "<WebhookEndpoint><URL>https://198.41.0.4/</URL></WebhookEndpoint>",
    ("POST", "/api/savings"): goal_xml(),
    ("PUT", "/api/SavingGoal/{goal}"): goal_xml(RecordVersionNumber="1"),
    (
        "PATCH",
        "/api/SavingGoal/{goal}",
    ): "<SavingGoal><Name>New</Name><RecordVersionNumber>1</RecordVersionNumber></SavingGoal>",
    ("POST", "/api/SavingGoal/{goal}/Contributions"): contribution_xml(),
}
"""Bodies that would work, so that what is refused is not refused for its body."""


@dataclass(frozen=True)
class Path:
    """What the wire contract says of one path: its verbs with the owner's status, and whether it names one record."""

    address: str
    verbs: dict[str, int]
    names_a_record: bool = field(default=True)
    needs_a_key: bool = field(default=True)
    takes_no_body: bool = field(default=False)


MATRIX = {
    r"^api/savings/?$": [Path("/api/savings", {"GET": 200, "HEAD": 200, "POST": 201}, names_a_record=False)],
    r"^api/SavingGoal/(?P<goal_id>[^/]+)/?$": [
        Path("/api/SavingGoal/{goal}", {"GET": 200, "HEAD": 200, "PUT": 200, "PATCH": 200, "DELETE": 204})
    ],
    r"^api/SavingGoal/(?P<goal_id>[^/]+)/Contributions/?$": [
        Path("/api/SavingGoal/{goal}/Contributions", {"GET": 200, "HEAD": 200, "POST": 201})
    ],
    r"^api/Contribution/(?P<contribution_id>[^/]+)/?$": [
        Path("/api/Contribution/{contribution}", {"GET": 200, "HEAD": 200, "DELETE": 204})
    ],
    r"^api/Contribution/(?P<contribution_id>[^/]+)/Capture/?$": [
        Path("/api/Contribution/{contribution}/Capture", {"POST": 409})  # nothing is held
    ],
    r"^api/Contribution/(?P<contribution_id>[^/]+)/Check/?$": [Path("/api/Contribution/{contribution}/Check", {"POST": 200})],
    r"^api/Contribution/(?P<contribution_id>[^/]+)/Refunds/?$": [
        Path("/api/Contribution/{contribution}/Refunds", {"GET": 200, "HEAD": 200, "POST": 409})  # nothing was taken
    ],
    r"^api/Events/?$": [Path("/api/Events", {"GET": 200, "HEAD": 200}, names_a_record=False)],
    r"^api/Events/(?P<event_id>[^/]+)/Deliveries/?$": [Path("/api/Events/{event}/Deliveries", {"GET": 200, "HEAD": 200})],
    r"^api/Events/(?P<event_id>[^/]+)/Redeliver/?$": [
        Path("/api/Events/{event}/Redeliver", {"POST": 409})  # nobody listens
    ],
    r"^api/WebhookEndpoint/?$": [
        Path("/api/WebhookEndpoint", {"GET": 404, "HEAD": 404, "PUT": 201, "DELETE": 404}, names_a_record=False)
    ],
    r"^api/WebhookEndpoint/Rotate/?$": [Path("/api/WebhookEndpoint/Rotate", {"POST": 404}, False, takes_no_body=True)],
    r"^api/WebhookEndpoint/Test/?$": [Path("/api/WebhookEndpoint/Test", {"POST": 409}, False, takes_no_body=True)],
    r"^api/schema/contributions\.(?P<kind>xsd|dtd)/?$": [
        Path(f"/api/schema/contributions.{kind}", {"GET": 200, "HEAD": 200}, names_a_record=False, needs_a_key=False)
        for kind in ("xsd", "dtd")
    ],
}
"""By route, as api/urls.py has it: a route that is not here fails the first test below."""

PATHS = [path for paths in MATRIX.values() for path in paths]
KEYED = [path for path in PATHS if path.needs_a_key]
RECORDS = [path for path in PATHS if path.names_a_record]
EVERY_PATH_AND_VERB = [pytest.param(path, verb, id=f"{verb} {path.address}") for path in PATHS for verb in VERBS]

MALFORMED = (
    "", "Bearer", "Bearer ", "{key}", "Basic {key}", "Bearer: {key}", "Bearer={key}", "Bearer\t{key}", "Bearer {key} {key}",
    "Bearer {key}, Bearer {key}", 'Bearer "{key}"', "Bearer {key}\xe9", "ApiKey shop:{key}", "Token token={key}",
    "Bearer " + "a" * 5000,
)  # fmt: skip
"""Authorization headers that are no key in either of the two forms, most of them round a key that would be valid."""


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


@pytest.mark.parametrize(("path", "verb"), EVERY_PATH_AND_VERB)
@pytest.mark.parametrize("override", [None, "DELETE", "PATCH"])
def test_the_owner_gets_what_the_path_has_and_405_for_the_rest(canary_shop, path, verb, override):
    answer = ask(canary_shop.client, verb, path, canary_shop, override)
    assert answer.status == path.verbs.get(verb, 405)
    if answer.status == 405:
        assert set(answer.headers["Allow"].split(", ")) == set(path.verbs)
        assert verb == "HEAD" or answer.value("code") == "verb_not_allowed"
    if verb == "HEAD" and "HEAD" in path.verbs:
        assert answer.body == b""
        assert int(answer.headers["Content-Length"]) == len(ask(canary_shop.client, "GET", path, canary_shop).body)


@pytest.mark.parametrize(("path", "verb"), EVERY_PATH_AND_VERB)
def test_every_bad_key_gets_the_same_401_and_changes_nothing(canary_shop, bad_authorizations, path, verb):
    before, bodies = all_rows(), set()
    for authorization in bad_authorizations:
        headers = {} if authorization is None else {"Authorization": authorization}
        for override in (None, "GET"):
            answer = ask(PartnerClient(None), verb, path, canary_shop, override, **headers)
            if verb not in path.verbs:
                assert answer.status == 405
            elif path.needs_a_key:
                assert answer.status == 401
                assert answer.headers["WWW-Authenticate"] == 'Bearer realm="whipround", ApiKey realm="whipround"'
            else:
                assert answer.status == 200
            if path.needs_a_key:
                canary_shop.assert_silent_about_me(answer)
            bodies.add(answer.body)
    assert len(bodies) == 1
    if path.verbs.get(verb, 405) != 405 and path.needs_a_key:
        assert all_rows() == before


@pytest.mark.parametrize(("path", "verb"), EVERY_PATH_AND_VERB)
def test_a_foreign_record_is_403_whatever_the_verb(canary_shop, rival, path, verb):
    """Another partner gets 403 for a foreign record whatever the verb."""
    before = all_rows()
    for override in (None, "DELETE", "GET"):
        answer = ask(rival, verb, path, canary_shop, override)
        if verb not in path.verbs:
            assert answer.status == 405
        elif path.names_a_record:
            assert answer.status == 403
            assert verb == "HEAD" or answer.value("code") == "not_yours"
        else:  # the caller's own; what the first PUT made, the second must name
            assert answer.status == path.verbs[verb] or (verb == "PUT" and override and answer.status == 428)
        if path.needs_a_key:
            canary_shop.assert_silent_about_me(answer)
    if path.names_a_record:
        assert all_rows() == before


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.address)
def test_a_record_that_never_was_is_404_whatever_the_verb(canary_shop, path):
    nobodys = [
        new_id(), "1", "0", "x" * 22, "I" * 22, new_id() + "A", new_id()[:-1], "a" * 3000, "%00", "%0A", "a%20b", ";x=1",
        "..", "%C3%A9", "%FF",
    ]  # fmt: skip
    before = all_rows()
    for unknown in nobodys:
        address = path.address.format(goal=unknown, contribution=unknown, event=unknown)
        for verb in path.verbs:
            answer = canary_shop.client.call(verb, address, BODIES.get((verb, path.address), ""))
            assert answer.status == 404, (verb, unknown)
            assert answer.headers["Content-Type"].startswith("application/problem+xml")
    assert all_rows() == before


@pytest.mark.parametrize("path", [path for path in RECORDS if "{event}" not in path.address], ids=lambda path: path.address)
def test_a_deleted_record_is_404_to_its_owner_403_to_others(canary_shop, rival, path):
    kind = "SavingGoal" if "SavingGoal" in path.address else "Contribution"
    deleted = canary_shop.goal_id if kind == "SavingGoal" else canary_shop.contribution_id
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
    before = all_rows()
    for verb in path.verbs:
        if verb in {"GET", "HEAD"}:
            continue
        for body, media in ((b"<<<", "application/xml"), (b"{", "application/json"), (b"x", "image/png"), (b"", "")):
            address = path.address.format(
                goal=canary_shop.goal_id, contribution=canary_shop.contribution_id, event=canary_shop.event_id
            )
            nobodys = path.address.format(goal=new_id(), contribution=new_id(), event=new_id())
            assert PartnerClient(None).call(verb, address, body, media=media).status == 401
            if path.names_a_record:
                assert rival.call(verb, address, body, media=media).status == 403
                assert canary_shop.client.call(verb, nobodys, body, media=media).status == 404
            else:
                without_a_body = {400, path.verbs[verb]} if verb == "DELETE" or path.takes_no_body else set()
                assert rival.call(verb, address, body, media=media).status in without_a_body | {400, 415}
    assert all_rows() == before


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.address)
def test_a_slash_at_the_end_of_a_path_is_accepted(canary_shop, path):
    for verb, status in path.verbs.items():
        if verb == "DELETE":
            continue
        version = canary_shop.client.get(f"/api/SavingGoal/{canary_shop.goal_id}").value("RecordVersionNumber")
        body = BODIES.get((verb, path.address), "").replace(">1</RecordVersionNumber>", f">{version}</RecordVersionNumber>")
        address = path.address.format(
            goal=canary_shop.goal_id, contribution=canary_shop.contribution_id, event=canary_shop.event_id
        )
        assert canary_shop.client.call(verb, address + "/", body).status == status


def test_links_have_no_slash_at_their_end(canary_shop):
    made = canary_shop.client.call("POST", "/api/savings/", goal_xml())
    assert made.headers["Location"] == f"http://give.example.test/api/SavingGoal/{made.value('Id')}"


def test_a_list_holds_the_callers_own_records_only(canary_shop, rival):
    """A list and its filters hold the callers own records only."""
    own = rival.new_goal(ExternalItemId="canary-item-5122")
    for query in ("", "?ExternalItemId=canary-item-5122", "?limit=100"):
        answer = rival.get(f"/api/savings{query}")
        assert [goal.findtext("Id") for goal in answer.xml] == [own]
    assert len(rival.get(f"/api/savings?Id={canary_shop.goal_id}").xml) == 0
    after_a_foreign_one = rival.get(f"/api/savings?after={canary_shop.goal_id}")
    after_no_one = rival.get(f"/api/savings?after={new_id()}")
    assert (after_a_foreign_one.status, after_a_foreign_one.body) == (400, after_no_one.body)


def ask(client, verb, path, shop, override=None, **headers):
    """One request to the canary shop's record, with a body that fits where the path takes one."""
    address = path.address.format(goal=shop.goal_id, contribution=shop.contribution_id, event=shop.event_id)
    if override:
        headers |= {"X_HTTP_Method_Override": override, "X_HTTP_Method": override, "X_Method_Override": override}
    return client.call(verb, address, BODIES.get((verb, path.address), ""), **headers)
