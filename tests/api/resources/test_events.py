"""The feed of a partner's events, and what it can do for itself with its webhook endpoint."""

import pytest

from notifications.models import Event, WebhookEndpoint
from tests.xml_schemas.answers import check_fits_both_schemas, sentences_of

pytestmark = pytest.mark.django_db

ENDPOINT = "/api/WebhookEndpoint"
URL = "https://198.41.0.4/hooks"


def endpoint_xml(**changes):
    elements = {"URL": URL} | changes
    return "<WebhookEndpoint>" + "".join(f"<{n}>{v}</{n}>" for n, v in elements.items() if v) + "</WebhookEndpoint>"


@pytest.fixture
def five_events(shop, giver):
    """The Ids of the gifts that were settled, oldest first."""
    goal = shop.new_goal()
    gifts = []
    for _ in range(5):
        gift = shop.new_contribution(goal)
        giver.pay(gift.value("ProviderURL"))
        gifts.append(gift.value("Id"))
    return gifts


def twice(gifts):
    """Each was made and settled before the next."""
    return [gift for gift in gifts for _ in range(2)]


def test_the_feed_tells_the_oldest_first_in_xml_and_in_json(shop, giver, request):
    empty = shop.get("/api/Events")
    assert (empty.status, len(empty.xml)) == (200, 0)
    check_fits_both_schemas(empty.body)
    assert shop.get("/api/Events?format=json").json == {"Event": []}
    five_events = request.getfixturevalue("five_events")
    answer = shop.get("/api/Events", If_None_Match=empty.headers["ETag"])
    check_fits_both_schemas(answer.body)
    assert [one.findtext("Contribution/Id") for one in answer.xml] == twice(five_events)
    assert [one.findtext("Type") for one in answer.xml] == ["contribution.submitted", "contribution.settled"] * 5
    assert shop.get("/api/Events", If_None_Match=answer.headers["ETag"]).status == 304
    told = shop.get("/api/Events", Accept="application/json").json
    assert list(told["Event"][0]) == ["Id", "Type", "Date", "Contribution"]
    assert [one["Contribution"]["Id"] for one in told["Event"]] == twice(five_events)
    gift = shop.get(f"/api/Contribution/{five_events[0]}", Accept="application/json").json
    assert told["Event"][1]["Contribution"] == gift


def test_following_the_feed_page_by_page(shop, five_events):
    first = shop.get("/api/Events?limit=4")
    assert first.xml.get("Next").startswith("http://give.example.test/api/Events?limit=4&after=evt_000000000004_")
    assert first.headers["Link"] == f'<{first.xml.get("Next")}>; rel="next"'
    second = shop.get(first.xml.get("Next"))
    third = shop.get(second.xml.get("Next"))
    assert third.xml.get("Next") is None
    seen = [one.findtext("Contribution/Id") for page in (first, second, third) for one in page.xml]
    assert seen == twice(five_events)
    last = third.xml[-1].findtext("Id")
    assert len(shop.get(f"/api/Events?after={last}").xml) == 0


def test_an_event_stays_as_it_was_when_the_gift_goes_on(shop, five_events):
    refund = "<Refund/>"
    assert shop.post(f"/api/Contribution/{five_events[0]}/Refunds", refund).status == 201
    told = [(one.findtext("Type"), one.findtext("Contribution/Status")) for one in shop.get("/api/Events").xml]
    assert told[1] == ("contribution.settled", "Settled")
    assert told[-1] == ("contribution.refunded", "Refunded")


def test_a_query_that_cannot_be_answered(shop, five_events):
    for query in (
        "limit=0", "limit=101", "limit=-1", "limit=x", "limit=1&limit=2", "after=x", "after=", "Delivery=x", "unknown=1",
        "after=evt_000000000001_" + "2" * 22, "wait=31", "wait=-1", "wait=x", "wait=1.5", "wait=", "wait=٣",
    ):  # fmt: skip
        answer = shop.get(f"/api/Events?{query}")
        assert (answer.status, answer.value("code")) == (400, "invalid_argument"), query


def test_another_partners_cursor_is_none(shop, rival, five_events):
    answer = rival.get(f"/api/Events?after={Event.objects.first().public_id}", Request_Id="r-1")
    nobodys = rival.get(f"/api/Events?after=evt_000000000001_{'2' * 22}", Request_Id="r-1")
    assert (answer.status, answer.body) == (400, nobodys.body)
    assert len(rival.get("/api/Events").xml) == 0


def test_an_endpoint_is_made_and_its_secret_is_shown_once(shop):
    assert shop.get(ENDPOINT).status == 404
    made = shop.put(ENDPOINT, endpoint_xml())
    assert made.status == 201
    check_fits_both_schemas(made.body)
    assert made.value("Secret").startswith("whsec_")
    assert made.headers["Location"] == "http://give.example.test/api/WebhookEndpoint"
    read = shop.get(ENDPOINT)
    check_fits_both_schemas(read.body)
    assert read.value("Secret") is None
    assert read.headers["ETag"] == made.headers["ETag"]
    assert (read.value("URL"), read.value("Format"), read.value("State")) == (URL, "JSON", "On")
    assert shop.get(ENDPOINT, Accept="application/json").json == {
        "Id": made.value("Id"), "URL": URL, "EventTypes": {"EventType": []}, "Format": "JSON", "State": "On",
        "RecordVersionNumber": 1, "Date": read.value("Date"),
    }  # fmt: skip


def test_an_endpoint_is_changed_by_its_version(shop):
    secret = shop.put(ENDPOINT, endpoint_xml()).value("Secret")
    types = "<EventType>contribution.settled</EventType><EventType>contribution.failed</EventType>"
    assert shop.put(ENDPOINT, endpoint_xml(EventTypes=types)).status == 428
    changed = shop.put(ENDPOINT, endpoint_xml(EventTypes=types, Format="XML", RecordVersionNumber="1"))
    assert (changed.status, changed.value("Secret"), changed.value("RecordVersionNumber")) == (200, None, "2")
    check_fits_both_schemas(changed.body)
    stale = shop.put(ENDPOINT, endpoint_xml(RecordVersionNumber="1"))
    assert (stale.status, stale.value("code")) == (409, "stale_webhook_endpoint")
    assert shop.put(ENDPOINT, endpoint_xml(), If_Match='"1x"').status == 412
    assert shop.put(ENDPOINT, endpoint_xml(), If_Match=changed.headers["ETag"]).status == 200
    assert WebhookEndpoint.objects.get().live_secrets(WebhookEndpoint.objects.get().created_at) == [secret]


def test_what_get_gave_can_be_sent_back(shop):
    shop.put(ENDPOINT, endpoint_xml())
    assert shop.put(ENDPOINT, shop.get(ENDPOINT).body).status == 200
    as_json = shop.get(ENDPOINT, Accept="application/json").body
    assert shop.put(ENDPOINT, as_json, media="application/json").status == 200


def test_an_endpoint_that_cannot_be(shop):
    for body, sentence in (
        ("<WebhookEndpoint/>", "URL is missing: it is required here."),
        (endpoint_xml(URL="ftp://x"), "URL must be an absolute http or https address"),
        (endpoint_xml(URL="http://127.0.0.1/"), "URL must lead to a public address"),
        (endpoint_xml(URL="http://2130706433/"), "URL must name its host"),
        (endpoint_xml(Format="YAML"), "Format must be one of JSON, XML."),
        (endpoint_xml(EventTypes="<EventType>gift</EventType>"), "EventType must be one of contribution.authorized"),
        (endpoint_xml(EventTypes="<Type>x</Type>"), "Type is not an element of EventTypes"),
        (endpoint_xml(Colour="red"), "Colour is not an element of WebhookEndpoint"),
    ):
        assert any(one.startswith(sentence) for one in sentences_of(shop.put(ENDPOINT, body)))
    assert WebhookEndpoint.objects.count() == 0


def test_a_rotated_secret_is_shown_once_also_on_a_repeat(shop):
    first = shop.put(ENDPOINT, endpoint_xml()).value("Secret")
    rotated = shop.post(f"{ENDPOINT}/Rotate", Idempotency_Key="r-1")
    second = rotated.value("Secret")
    assert rotated.status == 200
    assert second not in (None, first)
    again = shop.post(f"{ENDPOINT}/Rotate", Idempotency_Key="r-1")
    assert (again.status, again.headers["Idempotent-Replayed"], again.value("Secret")) == (200, "true", None)
    endpoint = WebhookEndpoint.objects.get()
    assert endpoint.live_secrets(endpoint.created_at) == [second, first]


def test_an_endpoint_is_removed_and_everything_for_it_is_kept(shop, five_events):
    shop.put(ENDPOINT, endpoint_xml())
    assert shop.post(f"{ENDPOINT}/Test").status == 202
    assert shop.delete(ENDPOINT).status == 204
    assert shop.get(ENDPOINT).status == 404
    assert [one.findtext("Type") for one in shop.get("/api/Events?Delivery=GivenUp").xml] == ["webhook.test"]
    refused = shop.post(f"{ENDPOINT}/Test")
    assert (refused.status, refused.value("code")) == (409, "no_webhook_endpoint")


def test_an_event_is_sent_again_on_demand(shop, five_events):
    (event, *_) = [one.findtext("Id") for one in shop.get("/api/Events").xml]
    assert shop.get(f"/api/Events/{event}/Deliveries").value("State") == "NotAskedFor"
    assert shop.post(f"/api/Events/{event}/Redeliver").status == 409
    shop.put(ENDPOINT, endpoint_xml())
    again = shop.post(f"/api/Events/{event}/Redeliver")
    assert (again.status, again.value("Id")) == (202, event)
    check_fits_both_schemas(again.body)
    deliveries = shop.get(f"/api/Events/{event}/Deliveries")
    check_fits_both_schemas(deliveries.body)
    assert (deliveries.value("State"), len(deliveries.xml.findall("Delivery"))) == ("Due", 0)


def test_a_body_where_none_is_taken(shop, five_events):
    shop.put(ENDPOINT, endpoint_xml())
    for path in (f"{ENDPOINT}/Rotate", f"{ENDPOINT}/Test", f"/api/Events/{Event.objects.first().public_id}/Redeliver"):
        assert sentences_of(shop.post(path, "<x/>")) == ["This takes no body: leave it empty."]
