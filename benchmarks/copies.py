"""Gifts by the hundred thousand: the rows of one gift, which the service itself has made, written again and again.

Columns are taken as the tables have them, so that nothing here has to be changed when one is added: keys are counted on, what
names another copied row names its copy, and every text that holds an id of the first gift holds a new one.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.models import F, Max

ENDS_IN_ID = re.compile(r"(?:^|[-_])[2-9A-HJ-NP-Za-km-z]{22}$")
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
BATCH = 2000
Row = dict[str, Any]


@dataclass(frozen=True)
class Target:
    """A goal that copies are made for."""

    partner: int
    goal: int
    account: int
    goal_public_id: str


class Template:
    """The rows of one gift: of the API's tables, and with `simulated` of the simulator's."""

    def __init__(self, public_id: str, home: Target, *, simulated: bool) -> None:
        gift = apps.get_model("contributions", "Contribution").objects.get(public_id=public_id)
        self.home, self.public_id = home, public_id
        self.rows: list[tuple[type[models.Model], Row]] = []
        self._take(type(gift), pk=gift.pk)
        for model in _of_app("contributions"):
            self._take_all_that_name(model, type(gift), gift.pk)
        self._take(apps.get_model("notifications", "Event"), about=public_id)
        if simulated:
            checkouts = apps.get_model("sandbox", "SandboxCheckout")
            self._take(checkouts, reference=public_id)
            for checkout in checkouts.objects.filter(reference=public_id):
                self._take_all_that_name(apps.get_model("sandbox", "SandboxRequest"), checkouts, checkout.pk)
        self.tokens = self._unique_texts()

    def _take_all_that_name(self, model: type[models.Model], named: type[models.Model], pk: int) -> None:
        for field in model._meta.concrete_fields:
            if field.is_relation and field.related_model is named and model is not named:
                self._take(model, **{field.attname: pk})

    def _take(self, model: type[models.Model], **which: Any) -> None:
        pks = set(model._default_manager.filter(**which).values_list("pk", flat=True))
        known = {row[model._meta.pk.column] for kept, row in self.rows if kept is model}
        self.rows += [(model, row) for row in _read(model, sorted(pks)) if row[model._meta.pk.column] not in known]

    def _unique_texts(self) -> list[str]:
        """Every id that a column ends in which is unique."""
        found = {self.public_id}
        for model, row in self.rows:
            for field in model._meta.concrete_fields:
                value = row[field.column]
                if isinstance(value, str) and field.name in _unique_fields(model) and ENDS_IN_ID.search(value):
                    found.add(value[-22:])
        return sorted(found)


def _unique_fields(model: type[models.Model]) -> set[str]:
    """Those that are unique by themselves or with others."""
    found = {field.name for field in model._meta.concrete_fields if field.unique}
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint):
            found |= set(constraint.fields)
    return found


def _of_app(label: str) -> list[type[models.Model]]:
    return list(apps.get_app_config(label).get_models())


def _read(model: type[models.Model], pks: Sequence[int]) -> list[Row]:
    """The rows as the database writes them down: on PostgreSQL each value as a text."""
    if not pks:
        return []
    as_text = "::text" if connection.vendor == "postgresql" else ""
    names = [field.column for field in model._meta.concrete_fields]
    columns = ", ".join(f'"{name}"{as_text}' for name in names)
    key = model._meta.pk.column
    marks = ", ".join(["%s"] * len(pks))
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT {columns} FROM "{model._meta.db_table}" WHERE "{key}" IN ({marks}) ORDER BY "{key}"', pks)  # noqa: S608
        return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


class Copier:
    """Writes copies of a template, each for one of the targets in turn."""

    def __init__(self, template: Template, targets: Sequence[Target]) -> None:
        self.template, self.targets = template, targets
        self.random = random.Random()
        self.next_pk = {model: _greatest(model) + 1 for model, _ in template.rows}
        sequences = apps.get_model("notifications", "EventSequence").objects
        begun = {one.partner: sequences.get_or_create(pk=one.partner, defaults={"last_position": 0})[0] for one in targets}
        self.position = {partner: sequence.last_position for partner, sequence in begun.items()}
        self.makers = [_Maker(model, row, template) for model, row in template.rows]

    def write(self, number: int) -> list[dict[str, str]]:
        """So many copies; returns for each what the template's ids have become."""
        made: list[dict[str, str]] = []
        with transaction.atomic():
            for first in range(0, number, BATCH):
                made += self._write_batch(range(first, min(number, first + BATCH)))
            self._count(number)
        return made

    def _write_batch(self, numbers: range) -> list[dict[str, str]]:
        lines: list[list[tuple[Any, ...]]] = [[] for _ in self.makers]
        made = []
        for number in numbers:
            target = self.targets[number % len(self.targets)]
            texts = {token: "".join(self.random.choices(LETTERS, k=22)) for token in self.template.tokens}
            texts[self.template.home.goal_public_id] = target.goal_public_id
            keys = {}
            for maker in self.makers:
                keys[maker.name] = self.next_pk[maker.model]
                self.next_pk[maker.model] += 1
            for maker, into in zip(self.makers, lines, strict=True):
                if maker.is_event:
                    self.position[target.partner] += 1
                into.append(maker.line(target, keys, texts, self.position[target.partner]))
            made.append(texts | {"goal": target.goal_public_id})
        for maker, rows in zip(self.makers, lines, strict=True):
            _insert(maker.model, maker.columns, rows)
        return made

    def _count(self, number: int) -> None:
        """Totals, positions of events and the next keys."""
        taken = sum(int(row["collected_delta_minor"]) for model, row in self.template.rows if model.__name__ == "LedgerEntry")
        goals = apps.get_model("goals", "SavingGoal").objects
        for place, target in enumerate(self.targets):
            copies = len(range(place, number, len(self.targets)))
            column = models.Value(taken * copies, output_field=models.BigIntegerField())
            goals.filter(pk=target.goal).update(activity=F("activity") + copies, collected_minor=F("collected_minor") + column)
        for partner, position in self.position.items():
            apps.get_model("notifications", "EventSequence").objects.filter(pk=partner).update(last_position=position)
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), list(self.next_pk)):
                cursor.execute(statement)


class _Maker:
    """One row of the template, and how a copy of it differs."""

    def __init__(self, model: type[models.Model], row: Row, template: Template) -> None:
        self.model, self.row = model, row
        self.columns = [field.column for field in model._meta.concrete_fields]
        self.name = _name(model, row[model._meta.pk.column])
        self.is_event = model.__name__ == "Event"
        self.kinds = [self._kind(field, template) for field in model._meta.concrete_fields]

    def _kind(self, field: Any, template: Template) -> tuple[str, Any]:
        value, home = self.row[field.column], template.home
        if field.primary_key:
            return "key", self.name
        if self.is_event and field.column in {"position", "public_id"}:
            return field.column, None
        if field.is_relation and value is not None:
            named = field.related_model
            ours = {"SavingGoal": home.goal, "PaymentAccount": home.account, "Partner": home.partner}.get(named.__name__)
            if ours is not None and str(ours) == str(value):
                return named.__name__, None
            copied = _name(named, value)
            if copied in {_name(model, row[model._meta.pk.column]) for model, row in template.rows}:
                return "key", copied
        tokens = [*template.tokens, home.goal_public_id]
        if isinstance(value, str) and any(token in value for token in tokens):
            return "text", [token for token in tokens if token in value]
        return "same", value

    def line(self, target: Target, keys: dict[str, int], texts: dict[str, str], position: int) -> tuple[Any, ...]:
        ours = {"SavingGoal": target.goal, "PaymentAccount": target.account, "Partner": target.partner, "position": position}
        values: list[Any] = []
        for column, (kind, what) in zip(self.columns, self.kinds, strict=True):
            if kind == "same":
                values.append(what)
            elif kind == "key":
                values.append(keys[what])
            elif kind == "text":
                text = self.row[column]
                for token in what:
                    text = text.replace(token, texts[token])
                values.append(text)
            elif kind == "public_id":
                values.append(f"evt_{position:012d}_{texts[self.row[column][-22:]]}")
            else:
                values.append(ours[kind])
        return tuple(values)


def _name(model: type[models.Model], pk: Any) -> str:
    return f"{model._meta.db_table}/{pk}"


def _greatest(model: type[models.Model]) -> int:
    return int(model._default_manager.aggregate(greatest=Max("pk"))["greatest"] or 0)


def _insert(model: type[models.Model], columns: list[str], rows: list[tuple[Any, ...]]) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f'COPY "{model._meta.db_table}" ({names}) FROM STDIN') as copy:
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join(["%s"] * len(columns))
        cursor.executemany(f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES ({marks})', rows)  # noqa: S608


def settled_down() -> Iterator[str]:
    """Statements after which a database answers as one that has been in use for a while."""
    yield from ["VACUUM ANALYZE"] if connection.vendor == "postgresql" else ["ANALYZE", "PRAGMA wal_checkpoint(TRUNCATE)"]
