"""Same key, same request: the same answer, and one record however often."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from api.models import IdempotencyKey
from contributions.models import Contribution
from partners import keys
from partners.models import Partner
from providers.base import ProviderRefused, ProviderUnavailable
from providers.sandbox.adapter import SandboxProvider
from providers.sandbox.models import SandboxCheckout
from tests.api.kinds import Kind
from tests.conftest import PartnerClient, contribution_xml, goal_xml
from tests.raising import raising

pytestmark = pytest.mark.django_db


def what_a_client_sees(answer):
    headers = {name: answer.headers.get(name) for name in ("Content-Type", "Location", "ETag", "Link", "Vary")}
    return answer.status, answer.body, headers


def test_the_first_answer_comes_again_byte_for_byte(shop, goal, kind):
    first = kind.post(shop, goal, "k-1")
    assert (first.status, "Idempotent-Replayed" in first.headers) == (201, False)
    for _ in range(3):
        again = kind.post(shop, goal, "k-1")
        assert what_a_client_sees(again) == what_a_client_sees(first)
        assert again.headers["Idempotent-Replayed"] == "true"
    assert kind.made() == 1


def test_the_first_answer_comes_again_whatever_happened_since(shop, goal, giver):
    body, key = contribution_xml(), {"Idempotency_Key": "k-1"}
    first = shop.post(f"/api/SavingGoal/{goal}/Contributions", body, **key)
    giver.pay(first.value("ProviderURL"))
    assert shop.post(f"/api/SavingGoal/{goal}/Contributions", body, **key).body == first.body
    made = shop.post("/api/savings", goal_xml(), Idempotency_Key="k-2")
    assert shop.delete(made.headers["Location"]).status == 204
    assert shop.post("/api/savings", goal_xml(), Idempotency_Key="k-2").body == made.body


def test_the_first_answer_comes_again_after_a_deletion(shop, goal, giver):
    """Of the record that the path names: else a refund that was made would look as if it had not been."""
    gifts, body, key = f"/api/SavingGoal/{goal}/Contributions", contribution_xml(), {"Idempotency_Key": "k-1"}
    first = shop.post(gifts, body, **key)
    giver.pay(first.value("ProviderURL"))
    gift, refund = f"/api/Contribution/{first.value('Id')}", {"Idempotency_Key": "k-2"}
    refunded = shop.post(f"{gift}/Refunds", "<Refund/>", **refund)
    assert (shop.delete(gift).status, shop.delete(f"/api/SavingGoal/{goal}").status) == (204, 204)
    assert shop.post(gifts, body, **key).body == first.body
    again = shop.post(f"{gift}/Refunds", "<Refund/>", **refund)
    assert (again.body, again.headers["Idempotent-Replayed"]) == (refunded.body, "true")
    assert shop.post(gifts, contribution_xml(Amount="99.00"), **key).status == 422
    assert [shop.post(gifts, body).status, shop.post(f"{gifts}?ValidateOnly=1", body, **key).status] == [404, 404]


def test_without_a_key_each_request_makes_its_own(shop, goal, kind):
    for number in (1, 2):
        assert shop.post(kind.path(goal), kind.body, media=kind.media).status == 201
        assert kind.made() == number


def test_a_slash_or_the_way_of_the_api_key_makes_no_difference(shop, goal, kind):
    """One request is known by what it says and not by how the key or slash came."""
    first = kind.post(shop, goal, "k-1")
    path, same = kind.path(goal), {"media": kind.media, "Accept": kind.media, "Idempotency_Key": "k-1"}
    ways = [
        shop.post(path + "/", kind.body, **same),
        PartnerClient(None).post(f"{path}?ApiKey={shop.key}", kind.body, **same),
    ]
    assert [(again.body, again.headers["Idempotent-Replayed"]) for again in ways] == [(first.body, "true")] * 2


def test_a_partner_may_change_its_api_key_between_two_tries(shop, goal, kind):
    first = kind.post(shop, goal, "k-1")
    new = PartnerClient(keys.issue(Partner.objects.get()))
    keys.revoke(shop.key)
    assert kind.post(shop, goal, "k-1").status == 401
    assert kind.post(new, goal, "k-1").body == first.body
    assert kind.made() == 1


def test_keys_are_a_partners_own(shop, rival, kind):
    first = kind.post(shop, shop.new_goal() if kind.what == "gift" else "", "k-1")
    other = kind.post(rival, rival.new_goal() if kind.what == "gift" else "", "k-1")
    assert (first.status, other.status, "Idempotent-Replayed" in other.headers) == (201, 201, False)
    assert first.headers["Location"] != other.headers["Location"]


def test_another_request_under_the_same_key_is_422(shop, goal, kind):
    first = kind.post(shop, goal, "k-1")
    others = [
        kind.post(shop, goal, "k-1", body=kind.other_body),
        kind.post(shop, goal, "k-1", body=kind.body + " "),
        kind.post(shop, goal, "k-1", body=b""),
        kind.post(shop, goal, "k-1", Accept="application/xml" if kind.media.endswith("json") else "application/json"),
        shop.post(
            kind.path(goal) + "?format=" + kind.media.rsplit("/")[1], kind.body, media=kind.media, Accept=kind.media,
            Idempotency_Key="k-1",
        ),
        shop.post(
            kind.path(goal), kind.body, media=f"{kind.media}; charset=utf-8", Accept=kind.media, Idempotency_Key="k-1"
        ),
        shop.post(
            "/api/savings" if kind.what == "gift" else f"/api/SavingGoal/{goal}/Contributions", kind.body, media=kind.media,
            Accept=kind.media, Idempotency_Key="k-1",
        ),
        *([kind.post(shop, shop.new_goal(), "k-1")] if kind.what == "gift" else []),
    ]  # fmt: skip
    assert [(other.status, "idempotency_key_reused" in other.text) for other in others] == [(422, True)] * len(others)
    unread = shop.post(kind.path(goal), kind.body, media="text/plain", Accept=kind.media, Idempotency_Key="k-1")
    assert unread.status == 415, "nobody looks at the body of a type that is not read, to know it again"
    assert kind.post(shop, goal, "k-1").body == first.body
    assert kind.made() == 1


def test_a_key_is_1_to_255_visible_letters_and_keeps_its_case(shop, goal, kind):
    for none in ("", " ", "a b", "a\tb", "\xe9", "k" * 256, "a\x7f", "a\x00", "k\n"):
        refused = kind.post(shop, goal, none)
        assert (refused.status, "invalid_header" in refused.text) == (400, True), none
    assert (kind.made(), IdempotencyKey.objects.count()) == (0, 0)
    keys_that_are = ("k", "K", "k" * 255, "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", "550e8400-e29b-41d4-a716-446655440000")
    for number, key in enumerate(keys_that_are, 1):
        first, again = kind.post(shop, goal, key), kind.post(shop, goal, key)
        assert (first.status, again.body, again.headers["Idempotent-Replayed"]) == (201, first.body, "true")
        assert kind.made() == number


def test_after_24_hours_the_key_is_new(shop, goal, kind):
    first = kind.post(shop, goal, "k-1")
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=23, minutes=59))
    unread = shop.post(kind.path(goal), kind.body, media="text/plain", Accept=kind.media, Idempotency_Key="k-1")
    assert unread.status == 415, "nobody looks at the body of a type that is not read, to know it again"
    assert kind.post(shop, goal, "k-1").body == first.body
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=24, seconds=1))
    later = kind.post(shop, goal, "k-1", body=kind.other_body)
    assert (later.status, "Idempotent-Replayed" in later.headers) == (201, False)
    assert (kind.made(), IdempotencyKey.objects.count()) == (2, 1)


def test_a_key_takes_no_others_with_it(shop, goal):
    """Rows whose time is over are the daily purge's: a request with a key makes its own, and looks at no other."""
    kind = Kind("goal", "application/xml")
    kind.post(shop, goal, "k-1")
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=30))
    with CaptureQueriesContext(connection) as asked:
        kind.post(shop, goal, "k-2")
    assert [one["sql"] for one in asked if one["sql"].startswith("DELETE")] == []
    assert set(IdempotencyKey.objects.values_list("key", flat=True)) == {"k-1", "k-2"}


def test_an_old_key_that_is_used_again_is_as_a_new_one(shop, goal, kind):
    """Refused, it is free; answered, it is answered like that for another day, and not as it was before."""
    kind.post(shop, goal, "k-1")
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=30))
    assert kind.post(shop, goal, "k-1", body="<x/>" if kind.media.endswith("xml") else "{").status == 400
    second = kind.post(shop, goal, "k-1", body=kind.other_body)
    again = kind.post(shop, goal, "k-1", body=kind.other_body)
    assert (second.status, what_a_client_sees(again)) == (201, what_a_client_sees(second))
    assert again.headers["Idempotent-Replayed"] == "true"
    assert kind.post(shop, goal, "k-1").status == 422
    assert kind.made() == 2


def test_an_old_key_that_is_at_work_is_nobody_elses(shop, goal, kind):
    """Its first try died nearly a day ago, and the next one is still running when the day is over."""
    kind.post(shop, goal, "k-1")
    now = timezone.now()
    running = {"answer_status": None, "running_until": now + timedelta(seconds=60)}
    IdempotencyKey.objects.update(created_at=now - timedelta(hours=24, seconds=1), **running)
    assert kind.post(shop, goal, "k-1").value("code") == "idempotency_key_in_use"
    assert kind.made() == 1


def test_a_refused_request_does_not_use_its_key_up(shop, goal, kind):
    refused = [
        kind.post(shop, goal, "k-1", body="nonsense").status,
        kind.post(shop, goal, "k-1", body=kind.body.replace("PayPal", "Nobody").replace("20.00", "-20.00")).status,
        kind.post(shop, goal, "k-1", body="x" * 70_000).status,
        shop.post(kind.path(goal), kind.body, media="image/png", Idempotency_Key="k-1").status,
        shop.post(kind.path(goal) + "?x=1", kind.body, media=kind.media, Idempotency_Key="k-1").status,
        shop.post(kind.path(goal), kind.body, media=kind.media, Accept="image/png", Idempotency_Key="k-1").status,
        PartnerClient("x").post(kind.path(goal), kind.body, media=kind.media, Idempotency_Key="k-1").status,
    ]
    assert refused == [400, 400, 413, 415, 400, 406, 401]
    assert IdempotencyKey.objects.count() == 0
    assert kind.post(shop, goal, "k-1").status == 201
    assert kind.made() == 1


def test_a_goal_that_had_ended_may_be_given_to_once_it_goes_on(shop):
    goal = shop.new_goal(EndDate="2020-01-01")
    path, key = f"/api/SavingGoal/{goal}/Contributions", {"Idempotency_Key": "k-1"}
    assert shop.post(path, contribution_xml(), **key).status == 409
    longer = "<SavingGoal><EndDate/><RecordVersionNumber>1</RecordVersionNumber></SavingGoal>"
    assert shop.patch(f"/api/SavingGoal/{goal}", longer).status == 200
    assert shop.post(path, contribution_xml(), **key).status == 201


@pytest.mark.parametrize("kind", ["gift-xml", "gift-json"], indirect=True)
def test_a_refused_checkout_is_a_failed_gift_to_go_on_with(shop, goal, monkeypatch, kind):
    with monkeypatch.context() as patch:
        patch.setattr(SandboxProvider, "open_checkout", raising(ProviderRefused("payee_unknown", "no such payee")))
        told = kind.post(shop, goal, "k-1", Accept="application/json")
    assert (told.status, told.json["code"], told.headers.get("Retry-After")) == (502, "checkout_refused", None)
    assert "no such payee" not in told.text
    assert (told.json["StatusReason"], "payee_unknown" in told.json["detail"]) == ("payee_unknown", True)
    failed = shop.get(f"/api/Contribution/{told.json['Id']}")
    assert (failed.status, failed.value("Status"), failed.value("StatusReason")) == (200, "Failed", "payee_unknown")
    assert told.json["Id"] in told.json["detail"]
    assert shop.get(f"/api/SavingGoal/{goal}").value("CurrentAmount") == "0.00"

    again = kind.post(shop, goal, "k-1", Accept="application/json")
    assert (again.status, "Idempotent-Replayed" in again.headers) == (201, False)
    assert (again.json["Id"], again.json["Status"]) == (told.json["Id"], "Submitted"), "one key, one gift"
    assert kind.post(shop, goal, "k-1", Accept="application/json").body == again.body
    assert Contribution.objects.count() == 1


@pytest.mark.parametrize("kind", ["gift-xml", "gift-json"], indirect=True)
def test_a_silent_provider_is_201_and_the_giver_pays_later(shop, giver, goal, monkeypatch, kind):
    """The gift is there from the start; /pay/{id} opens its checkout when the giver comes."""
    with monkeypatch.context() as patch:
        patch.setattr(SandboxProvider, "open_checkout", raising(ProviderUnavailable("read timed out")))
        told = kind.post(shop, goal, "k-1", Accept="application/json")
    assert (told.status, told.json["Status"], told.json.get("StatusReason")) == (201, "Submitted", None)
    assert "timed out" not in told.text
    again = kind.post(shop, goal, "k-1", Accept="application/json")
    assert (again.status, again.body, again.headers["Idempotent-Replayed"]) == (201, told.body, "true")
    giver.pay(told.json["ProviderURL"])
    assert shop.get(told.headers["Location"]).value("Status") == "Settled"
    assert shop.get(f"/api/SavingGoal/{goal}").value("CurrentAmount") == "20.00"
    assert (kind.made(), SandboxCheckout.objects.count()) == (1, 1)
