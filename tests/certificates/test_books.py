"""The proof of the books finds what is wrong; what persons have typed is erased; what is outstanding is told."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from certificates.models import CertificateEntry, GiftCertificate
from contributions import append_only, erasure
from contributions.audit import faults_in_the_books
from contributions.causes import Cause
from contributions.models import Contribution
from contributions.sync import sync
from contributions.worker import sync_all_due
from givers.models import Giver
from partners.models import Partner
from providers.sandbox.events import let_it_happen
from providers.sandbox.models import SandboxCheckout
from tests.console.running import run

pytestmark = pytest.mark.django_db


@pytest.fixture
def spent(counter, ann):
    """A certificate of which a gift has taken 10.00."""
    certificate_id = counter.claimed(ann)
    assert counter.give(counter.shop.new_goal(), ann).status == 201
    return GiftCertificate.objects.get(public_id=certificate_id)


@pytest.fixture
def without_triggers():
    append_only.uninstall(connection)
    yield
    append_only.install(connection)


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"balance_minor": 2500, "spent_minor": 0}, "spent is 0.00 USD, its entries say 10.00"),
        ({"issued_minor": 3000, "balance_minor": 2000}, "its sums or its status are not those of its purchase"),
        ({"held_minor": 1}, "its sums or its status are not those of its purchase"),
        ({"status": "Refunded"}, "its sums or its status are not those of its purchase"),
        ({"giver_id": None, "claimed_at": None}, "which is not one of its giver's gifts by certificates"),
    ],
)
def test_audit_finds_a_certificate_that_is_wrong(spent, wrong, fault):
    right = {name: getattr(spent, name) for name in wrong}
    GiftCertificate.objects.filter(pk=spent.pk).update(**wrong)
    assert any(fault in one for one in faults_in_the_books())
    GiftCertificate.objects.filter(pk=spent.pk).update(**right)


def test_audit_finds_a_side_that_is_missing(spent, without_triggers):
    entry = CertificateEntry.objects.get(kind="spent")
    columns = {field.attname: getattr(entry, field.attname) for field in entry._meta.concrete_fields}
    GiftCertificate.objects.filter(pk=spent.pk).update(balance_minor=2500, spent_minor=0)
    entry.delete()
    assert any("certificates have paid 0.00 of it" in one for one in faults_in_the_books())
    CertificateEntry.objects.create(**columns)
    GiftCertificate.objects.filter(pk=spent.pk).update(balance_minor=1500, spent_minor=1000)


def test_the_books_cannot_be_rewritten(spent, django_db_blocker):
    from django.db import DatabaseError, transaction

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        CertificateEntry.objects.filter(kind="spent").update(delta_minor=-1)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        GiftCertificate.objects.filter(pk=spent.pk).update(code_lookup="x")


def test_what_was_typed_is_erased_and_the_money_stays(counter, ann):
    certificate_id = counter.claimed(ann, Message="Dear Ann", Contributor="Bob", Reference="order-1", Idempotency_Key="s-1")
    erasure.erase(Contribution.objects.whole().get(public_id=certificate_id))
    shown = counter.get(certificate_id)
    names = ("RecipientName", "Message", "Contributor", "Reference", "Balance")
    assert [shown.value(name) for name in names] == ["[erased]"] * 4 + ["25.00"]
    replayed = counter.post(Message="Dear Ann", Contributor="Bob", Reference="order-1", Idempotency_Key="s-1")
    assert [replayed.value(name) for name in names[:4]] == ["[erased]"] * 4
    assert erasure.erase(Contribution.objects.whole().get(public_id=certificate_id)) == erasure.Erased(certificate_id)


def test_an_erased_giver_leaves_no_name_behind(counter, ann):
    certificate_id = counter.claimed(ann, Message="Dear Ann")
    assert counter.shop.delete(f"/api/Giver/{ann}").status == 204
    shown = counter.get(certificate_id)
    assert [shown.value(name) for name in ("RecipientName", "Message")] == ["[erased]"] * 2
    assert counter.refund(certificate_id).value("Amount") == "25.00", "the partner can still give the money back"
    assert Giver.objects.get().erased_at is not None


def test_what_is_outstanding_is_told(counter, ann, later):
    counter.claimed(ann, ExpiresDate="2031-12-31")
    counter.sold(Amount="7.00")
    counter.post(Amount="99.00")
    counter.sold(Currency="EUR", Amount="3.00")
    assert counter.give(counter.shop.new_goal(), ann).status == 201
    dollars, euros = json.loads(told("--json", "--days", "36500"))[::-1]
    assert dollars == {
        "partner": "Anna's Shop", "mode": "test", "currency": "USD", "certificates": 2, "issued": "32.00",
        "spent": "10.00", "expired": "0.00", "refunded": "0.00", "reversed": "0.00", "outstanding": "22.00",
        "unclaimed": "7.00", "expiring": "15.00", "overdue": "0.00", "missing": "0.00",
    }  # fmt: skip
    assert (euros["currency"], euros["outstanding"], euros["unclaimed"]) == ("EUR", "3.00", "3.00")
    assert "outstanding 22.00  7.00 of it unclaimed, 0.00 expiring within 30 days" in told()
    assert told("--partner", "Nobody") == "No gift certificate was paid for.\n"
    later(days=3650)
    assert json.loads(told("--json"))[1]["overdue"] == "15.00"
    sync_all_due()
    now = json.loads(told("--json"))[1]
    assert (now["overdue"], now["expired"], now["outstanding"]) == ("0.00", "15.00", "7.00")


def told(*options):
    out = StringIO()
    call_command("certificates", *options, stdout=out)
    return out.getvalue()


def finding():
    """What `manage.py status` says of certificates."""
    found = json.loads(run("status", "--json").text)["findings"]
    return next((one["level"], one["what"]) for one in found if one["name"] == "certificates")


def test_status_tells_what_is_outstanding_by_currency(counter, ann, later):
    assert finding() == ("ok", "nothing is outstanding")
    counter.claimed(ann, ExpiresDate="2031-12-31")
    counter.sold(Amount="7.00")
    counter.post(Amount="99.00")
    counter.sold(Currency="EUR", Amount="3.00")
    assert counter.give(counter.shop.new_goal(), ann).status == 201
    assert finding() == ("ok", "3.00 EUR in test, 22.00 USD in test is outstanding")
    Partner.objects.update(is_test=False)
    assert finding() == ("ok", "3.00 EUR, 22.00 USD is outstanding")
    later(days=3650)
    level, what = finding()
    assert (level, what.startswith("3.00 EUR, 7.00 USD is outstanding; an expiry is ")) == ("warning", True)
    sync_all_due()
    assert finding() == ("ok", "3.00 EUR, 7.00 USD is outstanding")


def test_status_tells_what_was_taken_back_after_it_was_spent(spent):
    let_it_happen("chargeback", SandboxCheckout.objects.get(reference=spent.public_id))
    sync(Contribution.objects.whole().get(public_id=spent.public_id), cause=Cause.WORKER)
    assert finding() == ("warning", "nothing is outstanding; 1 were taken back after they were spent: manage.py attention")
