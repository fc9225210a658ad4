"""Writing and reading in one statement, compared with Django's own two."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.db.models import F

import returning
from api.models import IdempotencyKey
from bigint import bigint
from goals.models import SavingGoal

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(partner):
    """A key whose columns are of every kind: text, moments, JSON, bytes, and none."""
    now = datetime(2026, 2, 28, 12, 30, 15, 999999, tzinfo=UTC)
    answer = {"answer_status": 201, "answer_headers": {"ETag": '"1x"', "über": "ä"}, "answer_body": b"\x00\xff<a/>"}
    return IdempotencyKey(
        partner=partner, key="k-1", fingerprint="f" * 64, record_id="r", created_at=now, running_until=None, **answer
    )


def same(row, other):
    names = [field.attname for field in row._meta.concrete_fields]
    return [(name, getattr(row, name), getattr(other, name)) for name in names if _of(row, name) != _of(other, name)]


def _of(row, name):
    value = getattr(row, name)
    return bytes(value) if isinstance(value, memoryview) else value


def test_an_inserted_row_is_the_one_that_django_reads(key):
    assert returning.insert_if_absent(key)
    assert not same(key, IdempotencyKey.objects.get(pk=key.pk))
    key.key = "k-2"
    key.save()  # it is known to be there
    assert IdempotencyKey.objects.get().key == "k-2"


def test_a_row_in_the_way_stays_and_the_transaction_goes_on(key):
    returning.insert_if_absent(key)
    other = IdempotencyKey(partner=key.partner, key="k-1", fingerprint="other", record_id="other", created_at=key.created_at)
    with transaction.atomic():
        assert not returning.insert_if_absent(other)
        assert other.pk is None
        other.key = "k-2"
        assert returning.insert_if_absent(other)
    assert [*IdempotencyKey.objects.order_by("pk").values_list("key", "record_id")] == [("k-1", "r"), ("k-2", "other")]


def test_an_updated_row_is_the_one_that_django_reads(key, partner):
    returning.insert_if_absent(key)
    until = key.created_at + timedelta(seconds=90)
    rows = IdempotencyKey.objects.filter(pk=key.pk, partner=partner, answer_status=201)
    now = returning.update_one(rows, running_until=until, answer_headers={"a": [1, None]}, answer_status=None)
    assert now is not None
    assert not same(now, IdempotencyKey.objects.get(pk=key.pk))
    assert (now.running_until, now.answer_headers, now.answer_status) == (until, {"a": [1, None]}, None)
    assert returning.update_one(rows, running_until=None) is None, "no row is as it was"
    assert IdempotencyKey.objects.get().running_until == until


@pytest.mark.parametrize("minor", [2**31, 2**32 + 1])
def test_sums_beyond_32_bits_are_added_and_read(shop, minor):
    shop.new_goal()
    rows = SavingGoal.objects.all()
    for _ in range(2):
        read = returning.update_values(
            rows, {"collected_minor": F("collected_minor") + bigint(minor)}, reads=["collected_minor"]
        )
    assert read == [2 * minor]
    assert rows.get().collected_minor == 2 * minor
