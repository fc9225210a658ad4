# ruff: noqa: S608 - the tables are our own
"""Nothing financial is ever erased, replaced or rewritten, not even by somebody with the database open."""

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Value

from certificates.models import CertificateEntry
from contributions import append_only
from contributions.models import Dispute, LedgerEntry, StatusChange
from partners.models import AuditEntry
from tests.certificates.conftest import Counter, body
from tests.conftest import Giver, PartnerClient, register
from tests.contributions.conftest import Gift, in_place_of_every_provider
from tests.troublesome_provider import TroublesomeProvider

pytestmark = pytest.mark.django_db

MODELS = {model._meta.db_table: model for model in apps.get_models()}
EVERY = (*append_only.TABLES, *append_only.KEPT)
on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="REPLACE is SQLite's")


@pytest.fixture(scope="module")
def books(module_db):
    """At least one row in each table that is guarded."""
    with module_db(), in_place_of_every_provider(TroublesomeProvider()):
        shop = PartnerClient(register("Anna's Shop").api_key)
        gift = Gift(shop, Giver())
        gift.pay("approve")
        gift.refund("5.00")
        Dispute.objects.create(contribution=gift.row, provider_reference="dispute-1", heard_at=gift.row.created_at)
        spend_a_certificate(shop, gift.goal_id)
        return rows()


def spend_a_certificate(shop, goal_id):
    """Bought, claimed, spent, and given back."""
    account = shop.post("/api/PaymentAccounts", body("PaymentAccount", ProviderName="PayPal", Credentials="anna@example.org"))
    counter = Counter(shop, Giver(), account.value("Id"))
    ann = counter.new_giver()
    counter.claimed(ann)
    paid = counter.give(goal_id, ann)
    assert shop.post(f"/api/Contribution/{paid.value('Id')}/Refunds", "<Refund/>").status == 201


def rows():
    return {table: list(MODELS[table].objects.order_by("pk").values()) for table in EVERY}


def is_refused(books, statement):
    """By the database, and the rows are as they were."""
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    return rows() == books


@pytest.mark.parametrize("table", EVERY)
def test_no_row_is_ever_deleted(books, table):
    assert books[table]
    assert is_refused(books, f"DELETE FROM {table}")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # TRUNCATE waits for no check
        assert is_refused(books, f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize("model", [LedgerEntry, StatusChange, AuditEntry, CertificateEntry])
def test_what_is_entered_stays_as_it_is(books, model):
    for field in model._meta.concrete_fields:
        assert is_refused(books, f'UPDATE {model._meta.db_table} SET "{field.column}" = "{field.column}"')


@pytest.mark.parametrize(("table", "column"), [(table, name) for table, names in append_only.KEPT.items() for name in names])
def test_what_a_row_is_about_stays_as_it_is(books, table, column):
    model = MODELS[table]
    field = next(field for field in model._meta.concrete_fields if field.column == column)
    text = field.get_internal_type() in {"CharField", "TextField"}
    later = "2099-01-01 00:00:00+00:00" if field.get_internal_type() == "DateTimeField" else None
    forged = Value(later) if later else Value("x") if text else F(field.attname) + 1
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        model.objects.update(**{field.attname: later or forged})
    assert list(model.objects.order_by("pk").values()) == books[table]


@on_sqlite
@pytest.mark.parametrize("table", EVERY)
@pytest.mark.parametrize("verb", ["REPLACE", "INSERT OR REPLACE"])
def test_no_row_is_replaced_under_its_id(books, table, verb):
    assert is_refused(books, f"{verb} INTO {table} SELECT * FROM {table}")


REPLACED = {
    "contributions_ledgerentry": ["contribution_id, checkout_number, partner_id (capture)", "refund_id, partner_id (refund)"],
    "contributions_statuschange": ["contribution_id, version, partner_id"],
    "contributions_contribution": ["public_id, partner_id", "checkout_id, partner_id"],
    "contributions_checkout": ["contribution_id, number, partner_id"],
    "contributions_refund": ["public_id, partner_id", "contribution_id, provider_reference, partner_id"],
    "contributions_providerrequest": [
        "request_id, partner_id",
        "contribution_id, checkout_number, operation, partner_id",
    ],
    "contributions_dispute": ["contribution_id, provider_reference, partner_id"],
    "partners_auditentry": [],
    "certificates_giftcertificate": ["public_id, partner_id", "purchase_id, partner_id", "code_lookup, partner_id"],
    "certificates_certificateentry": [
        "certificate_id, contribution_id, partner_id (spent)",
        "certificate_id, refund_id, partner_id (given_back)",
    ],
    "notifications_event": ["public_id, partner_id", "partner_id, position", "about, version, partner_id"],
}
"""Every unique index of a guarded table."""


def copies(table, kept):
    """SELECT of its rows under new ids and, but for `kept`, with other values wherever they must be unique."""
    unique = {"public_id": "'x' || id", "request_id": "'x' || id", "operation": "'x' || id", "position": "position + 100"}
    unique |= {"version": "version + 100", "number": "number + 100", "checkout_number": "checkout_number + 100"}
    unique |= {"purchase_id": "purchase_id + 100", "code_lookup": "'x' || id"}
    unique |= {"provider_reference": "'x' || id", "checkout_id": "NULL", "refund_id": "NULL"}
    others = {name: text for name, text in unique.items() if name not in kept} | {"id": "id + 1000"}
    columns = [field.column for field in MODELS[table]._meta.concrete_fields]
    return ", ".join(f'"{name}"' for name in columns), ", ".join(others.get(name, f'"{name}"') for name in columns)


@on_sqlite
@pytest.mark.parametrize(("table", "index"), [(table, one) for table, found in REPLACED.items() for one in found])
def test_no_row_is_replaced_by_what_is_unique(books, table, index):
    columns, condition = index.partition(" (")[::2]
    names, values = copies(table, columns.split(", "))
    which = f"WHERE kind = '{condition[:-1]}'" if condition else ""
    assert is_refused(books, f"REPLACE INTO {table} ({names}) SELECT {values} FROM {table} {which} LIMIT 1")


@on_sqlite
def test_what_replaces_nothing_is_inserted(books):
    """The conditions of a partial index count: a second entry of another kind is none of a second capture."""
    names, values = copies("contributions_ledgerentry", ["contribution_id", "checkout_number"])
    values = values.replace('"kind"', "'void'")
    with connection.cursor() as cursor:
        cursor.execute(
            f"REPLACE INTO contributions_ledgerentry ({names}) SELECT {values} FROM contributions_ledgerentry LIMIT 1"
        )
    assert LedgerEntry.objects.count() == len(books["contributions_ledgerentry"]) + 1


@on_sqlite
def test_no_row_is_replaced_by_an_update(books):
    dispute = Dispute.objects.get()
    Dispute.objects.create(contribution=dispute.contribution, provider_reference="", heard_at=dispute.heard_at)
    books = rows()
    assert is_refused(books, "UPDATE OR REPLACE contributions_dispute SET provider_reference = 'dispute-1'")
    by_a_column_that_may_change = "UPDATE OR REPLACE contributions_providerrequest SET operation = 'open'"
    assert is_refused(books, by_a_column_that_may_change)


@on_sqlite
def test_every_unique_index_is_tried(db):
    """Whoever adds one adds a line above."""
    found = {}
    with connection.cursor() as cursor:
        for table in EVERY:
            constraints = connection.introspection.get_constraints(cursor, table).values()
            unique = [one for one in constraints if one["unique"] and not one["primary_key"]]
            found[table] = sorted(", ".join(one["columns"]) for one in unique)
    assert found == {table: sorted(one.partition(" (")[0] for one in REPLACED[table]) for table in EVERY}


def test_every_trigger_is_there_after_all_migrations(db):
    assert append_only.missing(connection) == []


def test_what_is_to_change_still_changes(books):
    """A delivery, a lease, how far a refund has come."""
    for table in append_only.KEPT:
        model = MODELS[table]
        free = [one for one in model._meta.concrete_fields if one.column not in append_only.KEPT[table] and not one.unique]
        for field in free:
            with connection.cursor() as cursor:
                cursor.execute(f'UPDATE {table} SET "{field.column}" = "{field.column}"')
