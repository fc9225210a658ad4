"""Statements that are compiled once, compared with what Django sends for the same: letter for letter, value for value."""

import random
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import F

import prepared
import prepared_models
import returning
from api.models import IdempotencyKey
from bigint import bigint
from contributions.models import Checkout, Contribution
from goals.models import SavingGoal

pytestmark = pytest.mark.django_db

PRODUCT = [model for model in apps.get_models() if not model.__module__.startswith(("django.", "tastypie."))]


NOT_LOOKED_FOR = (bool, Decimal, list, dict)
"""Nothing finds its row by these: Django says them in another way where they are in a query, `NOT x` for `x = false`."""


class NotSent(Exception):
    """What would have been sent is known."""


@contextmanager
def caught():
    """What is sent inside: text and parameters; nothing reaches the database."""
    sent = []

    def keep(execute, sql, parameters, many, context):
        sent.append((sql, [(type(one), repr(bytes(one) if isinstance(one, memoryview) else one)) for one in parameters]))
        raise NotSent

    with connection.execute_wrapper(keep), pytest.raises(NotSent):
        yield sent


def made_up(field, chance):
    """A value that the field can hold; now and then none, where it may be none."""
    if field.null and chance.random() < 0.3:
        return None
    if field.is_relation:
        return chance.choice([1, 77, 2**31 - 1, 2**40])
    if isinstance(field, models.BooleanField):
        return chance.random() < 0.5
    if isinstance(field, models.DateTimeField):
        return datetime(2026, 2, 28, 12, 30, 15, 999999, tzinfo=UTC) + timedelta(days=chance.randrange(-900, 900))
    if isinstance(field, models.DateField):
        return datetime(2026, 2, 28, tzinfo=UTC).date() + timedelta(days=chance.randrange(900))
    if isinstance(field, models.IntegerField):
        least, most = connection.ops.integer_field_range(field.get_internal_type())
        return chance.choice([number for number in (0, 1, -1, 255, 2**15, 2**31 - 1, 2**40) if least <= number <= most])
    if isinstance(field, models.JSONField):
        return chance.choice([[], [["a", "ä"]], {"a": [1, None, "%s"]}])
    if isinstance(field, models.BinaryField):
        return b"\x00\xff<a/>"
    if isinstance(field, models.DecimalField):
        return Decimal(chance.choice(["0", "0.25", "3"]))
    if isinstance(field, models.FloatField):
        return chance.choice([0.0, 1.5])
    return chance.choice(["", "a", "ä%s'\"", "x" * 40])


def columns_of(model, chance, *, most):
    fields = [field for field in model._meta.concrete_fields if not field.primary_key and not field.generated]
    return {field.attname: made_up(field, chance) for field in chance.sample(fields, min(len(fields), chance.randint(1, most)))}


@pytest.mark.parametrize("model", PRODUCT, ids=lambda model: model.__name__)
def test_an_insert_is_the_one_that_django_sends(model, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: datetime(2026, 2, 28, tzinfo=UTC))  # of auto_now_add
    for seed in range(5):
        chance = random.Random(seed)
        fields = [field for field in model._meta.concrete_fields if not field.primary_key]
        values = {field.attname: made_up(field, chance) for field in fields}
        with caught() as theirs:
            model(**values).save(force_insert=True)
        with caught() as ours:
            prepared.insert(model(**values))
        assert ours == theirs


@pytest.mark.parametrize("model", PRODUCT, ids=lambda model: model.__name__)
def test_an_update_is_the_one_that_django_sends(model):
    for seed in range(20):
        chance = random.Random(seed)
        where, columns = {"pk": 7} | columns_of(model, chance, most=4), columns_of(model, chance, most=9)
        where = {name: value for name, value in where.items() if not isinstance(value, NOT_LOOKED_FOR)}
        with caught() as theirs:
            model._base_manager.filter(**where).update(**columns)
        with caught() as ours:
            prepared.update(model, where, columns)
        assert ours == theirs
        with caught() as ours:
            prepared.update(model, where, columns, reads=["pk"])
        ((text, parameters),) = ours
        assert text.partition(" RETURNING ")[0] == theirs[0][0]
        assert parameters == theirs[0][1]


@pytest.mark.parametrize("model", PRODUCT, ids=lambda model: model.__name__)
def test_a_lock_is_the_one_that_django_takes(model):
    for seed in range(10):
        where = {"pk": 7} | columns_of(model, random.Random(seed), most=4)
        where = {name: value for name, value in where.items() if not isinstance(value, NOT_LOOKED_FOR)}
        with caught() as theirs:
            list(model._base_manager.filter(**where).select_for_update(no_key=True).values_list("pk"))
        with caught() as ours:
            prepared.lock(model, where)
        assert ours == theirs


def test_a_lock_is_taken_in_a_transaction(transactional_db):
    with pytest.raises(RuntimeError, match="inside a transaction"):
        prepared.lock(Contribution, {"pk": 1})


# --- What the database computes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [0, 1, -5, 2**31, 2**32 + 1, -(2**63), 2**63 - 1])
def test_a_sum_is_the_one_that_django_asks_for(number):
    with caught() as theirs:
        SavingGoal.objects.filter(pk=1).update(activity=F("activity") + bigint(number))
    with caught() as ours:
        prepared.update(SavingGoal, {"pk": 1}, {"activity": prepared.Plus(number)})
    assert ours == theirs


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1])
def test_no_sum_beyond_64_bits_is_asked_for(number):
    with pytest.raises(OverflowError):
        prepared.Plus(number)


@pytest.mark.parametrize("minor", [2**31, 2**32 + 1])
def test_sums_beyond_32_bits_are_added_and_read(shop, minor):
    shop.new_goal()
    goal = SavingGoal.objects.get()
    for times in (1, 2):
        added = {"collected_minor": prepared.Plus(minor)}
        assert prepared.update(SavingGoal, {"pk": goal.pk}, added, reads=["collected_minor"]) == [times * minor]
    goal.refresh_from_db()
    assert goal.collected_minor == 2 * minor


def test_an_expression_is_no_value():
    with pytest.raises(TypeError, match="part of a query"):
        prepared.update(SavingGoal, {"pk": 1}, {"activity": F("activity") + bigint(1)})


def test_another_text_is_what_django_excludes():
    with caught() as theirs:
        Contribution.objects.filter(~models.Q(intent="release"), pk=1).update(memo="a")
    with caught() as ours:
        prepared.update(Contribution, {"pk": 1, "intent": prepared.Not("release")}, {"memo": "a"})
    assert ours == theirs


# --- Rows -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def key(partner):
    """A key whose columns are of every kind: text, moments, JSON, bytes, and none."""
    now = datetime(2026, 2, 28, 12, 30, 15, 999999, tzinfo=UTC)
    answer = {"answer_status": 201, "answer_headers": {"ETag": '"1x"', "über": "ä"}, "answer_body": b"\x00\xff<a/>"}
    return IdempotencyKey(
        partner=partner, key="k-1", fingerprint="f" * 64, record_id="r", created_at=now, running_until=None, **answer
    )


def values_of(row):
    return {
        name: bytes(value) if isinstance(value, memoryview) else value for name, value in vars(row).items() if name[0] != "_"
    }


@pytest.mark.parametrize("insert", [prepared.insert, prepared.insert_if_absent])
def test_an_inserted_row_is_the_one_that_django_reads(key, insert):
    insert(key)
    assert values_of(key) == values_of(IdempotencyKey.objects.get(pk=key.pk))
    key.key = "k-2"
    key.save()  # it is known to be there
    assert IdempotencyKey.objects.get().key == "k-2"


def test_a_row_in_the_way_stays_and_the_transaction_goes_on(key):
    prepared.insert(key)
    other = IdempotencyKey(partner=key.partner, key="k-1", fingerprint="other", record_id="other", created_at=key.created_at)
    with transaction.atomic():
        assert not prepared.insert_if_absent(other)
        assert other.pk is None
        other.key = "k-2"
        assert prepared.insert_if_absent(other)
    assert [*IdempotencyKey.objects.order_by("pk").values_list("key", "record_id")] == [("k-1", "r"), ("k-2", "other")]


def test_an_updated_row_is_the_one_that_django_reads(key, partner):
    prepared.insert(key)
    where = {"pk": key.pk, "partner": partner.pk, "answer_status": 201}
    until = key.created_at + timedelta(seconds=90)
    now = prepared.update_one(
        IdempotencyKey, where, {"running_until": until, "answer_headers": {"a": [1, None]}, "answer_status": None}
    )
    assert values_of(now) == values_of(IdempotencyKey.objects.get(pk=key.pk))
    assert (now.running_until, now.answer_headers, now.answer_status) == (until, {"a": [1, None]}, None)
    assert prepared.update_one(IdempotencyKey, where, {"running_until": None}) is None, "no row is as it was"
    found = returning.update_one(IdempotencyKey.objects.filter(pk=key.pk), answer_status=F("pk") + bigint(1))
    assert values_of(found) == values_of(IdempotencyKey.objects.get(pk=key.pk))


def test_a_read_row_has_what_a_querysets_has(shop):
    """With its relations, which are not read again; and none where an outer join finds none."""
    for _ in range(2):
        shop.new_contribution(shop.new_goal())
    Contribution.objects.filter(pk=Contribution.objects.latest("pk").pk).update(checkout=None)
    for theirs in Contribution.objects.whole():
        where = {"public_id": theirs.public_id, "partner_id": theirs.partner_id}
        with connection.execute_wrapper(one_statement()):
            ours = prepared_models.one_where(Contribution.objects.whole, where)
            assert ours == theirs
            for of in (
                lambda gift: gift,
                lambda gift: gift.goal,
                lambda gift: gift.goal.partner,
                lambda gift: gift.checkout,
                lambda gift: gift.checkout and gift.checkout.account,
            ):
                mine, other = of(ours), of(theirs)
                assert (mine and values_of(mine)) == (other and values_of(other))
                assert mine is None or (mine._state.db, mine._state.adding) == (other._state.db, other._state.adding)
    assert prepared_models.one_where(Contribution.objects.whole, where | {"partner_id": 0}) is None
    assert prepared_models.every_where(Checkout.objects.all, {"number": 1}) == list(Checkout.objects.all())


def one_statement():
    sent = []

    def count(execute, sql, parameters, many, context):
        sent.append(sql)
        assert len(sent) == 1, sql
        return execute(sql, parameters, many, context)

    return count
