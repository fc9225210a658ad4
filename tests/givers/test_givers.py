"""/api/Givers and /api/Giver/{id}: whom a partner knows again, and how a person is erased."""

import json

import pytest

from api.models import IdempotencyKey
from contributions import retention
from contributions.models import Contribution
from contributions.worker import sync_all_due
from givers import permissions
from givers.models import Giver, Permission
from notifications.models import Event
from partners.models import AuditEntry
from tests.conftest import PartnerClient, register
from tests.givers.conftest import PIN, body

pytestmark = pytest.mark.django_db

ANN = {"ExternalId": "customer-7", "Name": "Ann", "Email": "ann@example.org"}


def test_a_giver_comes_back_with_a_masked_address(ann, shop):
    got = shop.get(f"/api/Giver/{ann.id}", Accept="application/json").json
    assert (got["ExternalId"], got["Name"], got["Email"], got["PinSet"]) == ("customer-7", "Ann", "a***@example.org", False)
    assert (got["RecordVersionNumber"], got["Test"]) == (1, True)
    assert ann.row.email == "ann@example.org"
    assert "ann@" not in ann.row.email_encrypted


def test_an_external_id_is_one_givers_alone(ann, shop, rival):
    """Of one partner and one world; and erasing frees it."""
    again = shop.post("/api/Givers", body("Giver", **ANN))
    assert (again.status, again.value("code"), again.value("Id")) == (409, "external_id_taken", ann.id)
    assert rival.post("/api/Givers", body("Giver", **ANN)).status == 201
    live = register("Anna's Shop, live", is_test=False)
    assert PartnerClient(live.api_key).post("/api/Givers", body("Giver", **ANN)).status == 201
    other = shop.post("/api/Givers", body("Giver", ExternalId="customer-8"))
    taken = shop.patch(
        f"/api/Giver/{other.value('Id')}", body("Giver", ExternalId="customer-7"), If_Match=other.headers["ETag"]
    )
    assert (taken.status, taken.value("code")) == (409, "external_id_taken")
    assert shop.delete(f"/api/Giver/{ann.id}").status == 204
    assert shop.post("/api/Givers", body("Giver", **ANN)).status == 201


def test_a_patch_changes_what_it_holds_and_no_more(ann, shop):
    path, version = f"/api/Giver/{ann.id}", {"RecordVersionNumber": "1"}
    assert shop.patch(path, body("Giver", Name="Anne")).status == 428
    changed = shop.patch(path, body("Giver", Name="Anne", Email="a***@example.org", **version))
    assert (changed.status, changed.value("Name"), changed.value("RecordVersionNumber")) == (200, "Anne", "2")
    assert ann.row.email == "ann@example.org", "an address sent back as it was shown is none"
    stale = shop.patch(path, body("Giver", Name="Annie", **version))
    assert (stale.status, stale.value("code")) == (409, "stale_giver")
    away = json.dumps({"Name": None, "Email": None, "RecordVersionNumber": 2})
    emptied = shop.patch(path, away, media="application/json")
    assert (emptied.status, emptied.json.get("Name"), emptied.json.get("Email")) == (200, None, None), emptied.text


@pytest.mark.parametrize(
    ("element", "value", "sentence"),
    [
        ("Email", "ann", "Email must be an e-mail address such as ann@example.org."),
        ("Name", "x" * 256, "Name must have 1 to 255 characters; it has 256."),
        ("ExternalId", "", "ExternalId is missing: it is required here."),
        ("PinSet", "true", ""),
        ("Pin", "1234", "Pin is not an element of Giver"),
    ],
)
def test_what_a_giver_cannot_be_is_told(shop, element, value, sentence):
    made = shop.post("/api/Givers", body("Giver", **(ANN | {element: value})))
    assert made.status == (400 if sentence else 201)
    assert sentence in made.text


def test_pages_and_another_partners_key(ann, shop, rival):
    ids = [shop.post("/api/Givers", body("Giver", ExternalId=f"c-{number}")).value("Id") for number in range(3)]
    first = shop.get("/api/Givers?limit=2", Accept="application/json").json
    assert [one["Id"] for one in first["Giver"]] == ids[:0:-1]
    rest = shop.get(first["Next"], Accept="application/json").json
    assert [one["Id"] for one in rest["Giver"]] == [ids[0], ann.id]
    assert shop.get("/api/Givers?ExternalId=customer-7").value("Id") == ann.id
    for verb, path in (
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "/Pin"),
        ("GET", "/Permissions"),
        ("POST", "/Rotate"),
    ):
        assert rival.call(verb, f"/api/Giver/{ann.id}{path}", body("Giver")).status == 403, (verb, path)


def test_erasing_a_giver_keeps_amounts_and_no_word_of_them(ann, shop):
    """In records, events, answers that are kept for retries; and permissions are over at the provider as well."""
    permission = ann.permission(ConfirmationURL="https://shop.example/ann")
    paid = ann.post_gift(Idempotency_Key="gift-1", Message="From Ann")
    assert shop.post("/api/Givers", body("Giver", ExternalId="customer-7b", Name="Ann"), Idempotency_Key="ann-1").status == 201
    other = Giver.objects.get(external_id="customer-7b")
    assert shop.delete(f"/api/Giver/{other.public_id}").status == 204
    ann.set_pin()
    assert shop.delete(f"/api/Giver/{ann.id}").status == 204
    assert shop.get(f"/api/Giver/{ann.id}").status == 404
    row, gift = ann.row, Contribution.objects.get()
    assert (row.external_id, row.name, row.email_encrypted, row.pin_encrypted, row.due_at) == ("[erased]", None, "", "", None)
    assert (gift.contributor, gift.message, gift.status, gift.settled_minor) == ("[erased]", "[erased]", "Settled", 2000)
    permission.refresh_from_db()
    assert (permission.state, permission.state_reason, permission.confirmation_url) == ("Revoked", "giver_erased", "")
    assert permission.told_at is not None
    kept = [bytes(one.answer_body).decode() for one in IdempotencyKey.objects.all()]
    told = [
        *Event.objects.values_list("content", flat=True),
        *kept,
        *map(str, AuditEntry.objects.values_list("after", flat=True)),
    ]
    assert [text for text in told if "Ann" in text.replace("Anna", "") or "shop.example/ann" in text] == []
    assert shop.get(f"/api/Contribution/{paid.value('Id')}").value("GiverId") == ann.id
    assert ann.browser.visit(_page_of(row)).status == 404


def _page_of(row):
    from givers.private_page import page_url

    return page_url(row)


def test_what_cannot_be_erased_yet_is_erased_by_the_worker(ann, shop, later):
    """A gift whose provider has not answered: its Memo may have to be sent once more."""
    ann.permission()
    assert ann.post_gift(Sandbox_Scenario="open_silent").value("Status") == "Pending"
    assert shop.delete(f"/api/Giver/{ann.id}").status == 204
    assert Contribution.objects.get().contributor == "Ann"
    assert ann.row.due_at is not None
    for hours in (1, 2):
        later(hours=hours)
        sync_all_due()
    assert Contribution.objects.get().contributor == "[erased]"
    assert ann.row.due_at is None


def test_a_pin_and_a_name_are_in_no_audit_row(ann, shop):
    ann.set_pin(PIN)
    rows = str(list(AuditEntry.objects.values_list("action", "before", "after")))
    assert "giver.pin_set" in rows
    assert PIN not in rows
    assert Permission.objects.count() == 0


def test_a_giver_who_gives_no_more_is_purged(ann, later, settings):
    """Once nothing was given for as long as names are kept, and no permission is good."""
    settings.RETAIN_NAMES_DAYS = 30
    permission = ann.permission()
    ann.post_gift()
    later(days=20)
    ann.post_gift()
    later(days=40)
    assert retention.purge().numbers["givers"] == 0
    later(days=60)
    assert retention.purge().numbers["givers"] == 0, "a permission is good"
    permissions.revoke(Permission.objects.select_related("giver__partner").get(pk=permission.pk), "giver_revoked")
    assert retention.purge(dry_run=True).numbers["givers"] == 1
    assert retention.purge().numbers["givers"] == 1
    assert (ann.row.name, ann.row.external_id) == (None, "[erased]")
    assert retention.purge().numbers["givers"] == 0
