"""Several webhook endpoints through the API: made, listed, limited, and the first of them at its own path."""

import pytest

from tests.xml_schemas.answers import check_fits_both_schemas

pytestmark = pytest.mark.django_db

LIST = "/api/WebhookEndpoints"
BODY = "<WebhookEndpoint><URL>https://198.41.0.4/{}</URL></WebhookEndpoint>"


def made(shop, number):
    return shop.post(LIST, BODY.format(number))


def test_ten_endpoints_can_be_made_and_no_more(shop):
    answers = [made(shop, number) for number in range(10)]
    assert {answer.status for answer in answers} == {201}
    check_fits_both_schemas(answers[0].body)
    assert len({answer.value("Secret") for answer in answers}) == 10
    refused = made(shop, 10)
    assert (refused.status, refused.value("code")) == (409, "too_many_webhook_endpoints")
    assert shop.delete(f"{LIST}/{answers[3].value('Id')}").status == 204
    assert made(shop, 11).status == 201
    listed = shop.get(f"{LIST}?limit=4")
    check_fits_both_schemas(listed.body)
    assert [one.findtext("URL")[-2:] for one in listed.xml] == ["11", "/9", "/8", "/7"]
    assert [one.findtext("URL")[-2:] for one in shop.get(listed.xml.get("Next")).xml] == ["/6", "/5", "/4", "/2"]


def test_the_first_path_is_the_oldest_endpoint(shop):
    first = shop.put("/api/WebhookEndpoint", BODY.format("first"))
    second = made(shop, "second")
    assert shop.get("/api/WebhookEndpoint").value("Id") == first.value("Id")
    assert second.headers["Location"] == f"http://give.example.test{LIST}/{second.value('Id')}"
    assert shop.delete("/api/WebhookEndpoint").status == 204
    assert shop.get("/api/WebhookEndpoint").value("Id") == second.value("Id")
    assert shop.get(f"{LIST}/{first.value('Id')}").status == 404


def test_a_secret_is_shown_once_also_to_a_repeated_request(shop):
    first = shop.post(LIST, BODY.format(1), Idempotency_Key="e-1")
    again = shop.post(LIST, BODY.format(1), Idempotency_Key="e-1")
    assert (first.value("Secret") is not None, again.value("Secret")) == (True, None)
    assert (again.status, again.value("Id")) == (201, first.value("Id"))


def test_an_event_goes_again_to_the_endpoint_that_is_named(shop, rival):
    first, second, foreign = made(shop, 1).value("Id"), made(shop, 2).value("Id"), made(rival, 1).value("Id")
    test = shop.post(f"{LIST}/{second}/Test").value("Id")
    again = f"/api/Events/{test}/Redeliver"
    assert shop.post(f"{again}?WebhookEndpointId={first}").status == 202
    shown = shop.get(f"/api/Events/{test}/Deliveries")
    check_fits_both_schemas(shown.body)
    assert [one.findtext("WebhookEndpointId") for one in shown.xml.findall("Recipient")] == [first, second]
    for unknown in (foreign, "x", ""):
        assert shop.post(f"{again}?WebhookEndpointId={unknown}").value("code") == "invalid_argument"


def test_the_id_in_a_body_must_be_the_endpoints(shop):
    one, other = made(shop, 1).value("Id"), made(shop, 2).value("Id")
    body = f"<WebhookEndpoint><Id>{other}</Id><URL>https://198.41.0.4/</URL><RecordVersionNumber>1</RecordVersionNumber></WebhookEndpoint>"
    assert shop.put(f"{LIST}/{one}", body).status == 400
    assert shop.put(f"{LIST}/{other}", body).status == 200
