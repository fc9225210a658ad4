"""The statements of prepared.py against Django's querysets: the same histories leave the same rows, value for value."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Q, Value

import notifications.outbox
import prepared
import prepared_models
from contributions.models import Checkout, Contribution, LedgerEntry, ProviderRequest, Refund, StatusChange
from contributions.worker import sync_all_due
from goals.models import SavingGoal
from notifications.models import Event
from providers.sandbox.scenarios import SCENARIOS
from tests.conftest import Giver, PartnerClient, contribution_xml, register

pytestmark = pytest.mark.django_db

TABLES = (SavingGoal, Contribution, Checkout, StatusChange, LedgerEntry, ProviderRequest, Refund, Event)
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
HISTORIES, STEPS = 12, 14


class LongWay:
    """What prepared.py and prepared_models.py do, by querysets and save()."""

    @staticmethod
    def update(model, where, columns, *, reads=()):
        rows = found(model, where)
        keys = [key for (key,) in rows.values_list("pk")]
        if not keys or not rows.update(**{name: said(name, value) for name, value in columns.items()}):
            return None
        return list(model._base_manager.values_list(*reads).get(pk=keys[0])) if reads else 1

    @staticmethod
    def update_one(model, where, columns):
        read = LongWay.update(model, where, columns, reads=["pk"])
        return None if read is None else model._base_manager.get(pk=read[0])

    @staticmethod
    def lock(model, where, *, reads=("pk",)):
        return next((list(row) for row in found(model, where).select_for_update().values_list(*reads)), None)

    @staticmethod
    def insert(row):
        row.save(force_insert=True)

    @staticmethod
    def insert_if_absent(row):
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            row.pk = None
            return False
        return True

    @staticmethod
    def one_where(rows, where):
        return rows().filter(**where).first()

    @staticmethod
    def every_where(rows, where):
        return list(rows().filter(**where))


def found(model, where):
    said_of = {name: said(name, value) for name, value in where.items()}
    conditions = [value for value in said_of.values() if isinstance(value, Q)]
    equal = {name: value for name, value in said_of.items() if not isinstance(value, Q)}
    return model._base_manager.filter(*conditions, **equal)


def said(name, value):
    if not isinstance(value, prepared.Computed):
        return value
    return value.expression(name, *[None if one is None else Value(one, output_field=field) for one, field in value.given])


def go_the_long_way(patch):
    for name in ("update", "update_one", "lock", "insert", "insert_if_absent"):
        patch.setattr(prepared, name, getattr(LongWay, name))
    for name in ("one_where", "every_where"):
        patch.setattr(prepared_models, name, getattr(LongWay, name))
    patch.setattr(notifications.outbox, "every_where", LongWay.every_where)


class History:
    """Partners, givers and a worker, who do the same for the same seed."""

    def __init__(self, seed, moved_clock, patch):
        self.chance, self.now, self.move = random.Random(seed), datetime(2026, 3, 1, 12, tzinfo=UTC), moved_clock
        ids = random.Random(seed)
        patch.setattr("shortuuid.uuid", lambda: "".join(ids.choices(LETTERS, k=22)))
        patch.setattr("secrets.token_hex", lambda size=16: "".join(ids.choices("0123456789abcdef", k=2 * size)))
        patch.setattr("random.uniform", lambda least, most: least)  # of due times
        patch.setattr("random.random", lambda: 0.5)
        patch.setattr("django.utils.timezone.now", lambda: self.now)  # of auto_now_add
        self.move(self.now)
        self.shop, self.giver = PartnerClient(register(f"Shop {seed}").api_key), Giver()
        policies = [{}, {"CapturePolicy": "Manual"}, {"CapturePolicy": "OnGoalReached", "EndDate": "2026-09-01T00:00:00Z"}]
        self.goal = self.shop.new_goal(**self.chance.choice(policies))
        self.gifts, self.back = [], []

    def play(self):
        for _ in range(STEPS):
            step = self.chance.choice([self.give, self.give, self.pay, self.pay, self.come_back, self.ask, self.work])
            step()
            self.now += timedelta(minutes=self.chance.choice([0, 1, 30, 1500]))
            self.move(self.now)
        self.work()

    def give(self):
        scenario = self.chance.choice(["", "", *[name for name in SCENARIOS if name not in {"slow", "report_first"}]])
        headers = {"Sandbox_Scenario": scenario} if scenario else {}
        amount = self.chance.choice(["20.00", "250.00", "7.50"])
        path = f"/api/SavingGoal/{self.goal}/Contributions"
        made = self.shop.post(path, contribution_xml(Amount=amount), **headers)
        if made.status == 201:
            self.gifts.append((made.value("Id"), made.value("ProviderURL")))

    def pay(self):
        if self.gifts:
            page = self.giver.visit(self.chance.choice(self.gifts)[1])
            if page.status == 303 and "/sandbox/checkout/" in page.headers["Location"]:
                outcome = self.chance.choice(["approve", "approve", "approve", "decline", "cancel", "pending"])
                self.back.append(self.giver.choose(page.headers["Location"], outcome))
                self.giver.visit(f"{self.back[-1]}&looks=3")

    def come_back(self):
        if self.back:
            self.giver.visit(f"{self.chance.choice(self.back)}&looks=3")

    def ask(self):
        """A client does something about a gift."""
        if self.gifts:
            path = f"/api/Contribution/{self.chance.choice(self.gifts)[0]}"
            verb, below, body = self.chance.choice(
                [
                    ("POST", "/Refunds", "<Refund><Amount>3.00</Amount></Refund>"),
                    ("POST", "/Refunds", "<Refund/>"),
                    ("POST", "/Capture", ""),
                    ("POST", "/Check", ""),
                    ("DELETE", "", ""),
                ]
            )
            self.shop.call(verb, path + below, body)

    def work(self):
        sync_all_due()


def rows_of(model, numbers):
    """Without the numbers that the database counts: these by who came first."""
    for row in model._base_manager.order_by("pk"):
        values = {}
        for field in model._meta.concrete_fields:
            value = getattr(row, field.attname)
            counted = field.related_model if field.is_relation else model if field.primary_key else None
            if counted is not None and value is not None:
                value = numbers.setdefault(counted, {}).setdefault(value, len(numbers[counted]))
            values[field.attname] = value
        yield values


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_both_ways_leave_the_same_rows(seed, moved_clock):
    left = []
    for is_long in (False, True):
        with pytest.MonkeyPatch.context() as patch, transaction.atomic():
            if is_long:
                go_the_long_way(patch)
            History(seed, moved_clock, patch).play()
            numbers = {}
            left.append({model.__name__: list(rows_of(model, numbers)) for model in TABLES})
            transaction.set_rollback(True)
    assert left[0] == left[1]
    assert left[0]["StatusChange"]
