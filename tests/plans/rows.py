"""Rows made by INSERT .. SELECT, and what stands in them as SQL expressions of the number i of a gift."""

from typing import Any

from django.apps import apps
from django.db import connection, models

FIRST = 1_000_000
"""The keys of what is filled in begin above it, those of what is made later are higher."""

BEGAN = 1_600_000_000
"""When the first gift came, in seconds since 1970; then one came every minute."""

STATUS = (
    "CASE WHEN i % 400 = 1 THEN 'Authorized' WHEN i % 400 = 2 THEN 'Pending' WHEN i % 100 = 3 THEN 'Submitted' "
    "WHEN i % 20 = 4 THEN 'Canceled' WHEN i % 50 = 6 THEN 'Failed' ELSE 'Settled' END"
)
IS_SETTLED = f"{STATUS} = 'Settled'"

IS_MATCHED = "i % 2 = 1"
"""Of a goal's number: it has matchers."""

IS_PLEDGED = "i % 4 = 1"
"""Of a gift: a pledge made it."""

GIVER, PERMISSION, REVOKED, PLEDGE, MATCHER = (kind * FIRST for kind in range(10, 15))
"""Ids of no two kinds are alike: each is made of one of these and a number. Those of all others are made of their number."""

REGULARS = 50
"""Givers who have given by turns whatever the popular goal was given. Of others every second gift has a giver of its own."""


class Rows:
    """So many gifts, given to so many goals of these partners, each of which has the endpoint of the same place in the list.

    The first tenth of all gifts was given to goals of the first partner, half of them to one that was popular; then came all
    the others.
    """

    def __init__(self, gifts: int, goals: int, partners: list[int], endpoints: list[int]) -> None:
        self.gifts, self.partners, self.endpoints = gifts, partners, endpoints
        self.goals = goals
        self.old_goals = self.goals // 10
        """Those of the first partner."""
        self.is_postgresql = connection.vendor == "postgresql"
        self.number = f"""CASE WHEN i <= {gifts // 20} THEN 1 WHEN i <= {gifts // 10} THEN 1 + i % {self.old_goals}
            ELSE {self.old_goals + 1} + i % {self.goals - self.old_goals} END"""
        """Of its goal."""
        self.goal = f"{FIRST} + {self.number}"
        self.partner, self.endpoint = self.of_goal(partners, self.number), self.of_goal(endpoints, self.number)
        self.at = self.moment(f"{BEGAN} + 60 * i")
        popular, apart = gifts // 20, goals - self.old_goals
        self.earlier = f"CASE WHEN i <= {popular} THEN i - 1 WHEN i > {gifts // 10 + apart} THEN i - {apart} END"
        """The number of another gift to the same goal; nothing: none is known."""
        self.is_match = f"(i % 20 = 8 AND ({self.number}) % 2 = 1 AND {self.earlier} IS NOT NULL)"
        """Whether it is a matcher's."""
        regular = f"WHEN i <= {popular} THEN 1 + 4 * (i % {REGULARS})"
        self.giver = f"CASE WHEN {self.is_match} THEN NULL {regular} WHEN i % 2 = 1 THEN i END"
        """The number of its giver, who has a permission; nothing: nobody knows who gave."""

    def insert(self, model: Any, most: int, *, first: int = FIRST, where: str = "TRUE", **columns: str) -> None:
        """A row for each i from 1 to `most`; each column an SQL expression of i, the others as their fields have it."""
        fields = model._meta.concrete_fields
        values = {field.column: columns.get(field.column) or _usual(field) for field in fields}
        if isinstance(model._meta.pk, models.AutoField):
            values[model._meta.pk.column] = f"{first} + i"
        assert columns.keys() <= values.keys(), columns.keys() - values.keys()
        names = ", ".join(f'"{name}"' for name in values)
        rows = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {most})"  # noqa: S608 - our own text
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {model._meta.db_table} ({names}) {rows} SELECT {', '.join(values.values())} FROM n WHERE {where}"  # noqa: S608 - our own text
            )

    def id(self, number: str) -> str:
        """An id as ids.py makes them, of this number."""
        padded = f"lpad(({number})::text, 22, '0')" if self.is_postgresql else f"printf('%022d', {number})"
        return f"replace(replace({padded}, '0', 'X'), '1', 'Y')"

    def key_of(self, number: str) -> str:
        """The key of what has this number; nothing where there is none."""
        return f"{FIRST} + {number}"

    def id_of(self, kind: int, number: str) -> str:
        """The Id of the record of this kind (GIVER and so on) and number; nothing where there is none."""
        return f"CASE WHEN {number} IS NOT NULL THEN {self.id(f'{kind} + {number}')} END"

    def moment(self, seconds: str) -> str:
        if self.is_postgresql:
            return f"to_timestamp({seconds})"
        return f"strftime('%Y-%m-%d %H:%M:%f', {seconds}, 'unixepoch')"

    def of_goal(self, keys: list[int], number: str) -> str:
        """The first of them for the old goals, the others by turns for those that came later."""
        cases = " ".join(f"WHEN {place} THEN {key}" for place, key in enumerate(keys[1:]))
        return f"CASE WHEN {number} <= {self.old_goals} THEN {keys[0]} ELSE CASE ({number}) % {len(keys) - 1} {cases} END END"

    def count_on(self) -> None:
        """PostgreSQL: what is made later gets keys above those that were given here."""
        if not self.is_postgresql:
            return
        with connection.cursor() as cursor:
            for model in apps.get_models():
                if isinstance(model._meta.pk, models.AutoField):
                    table = model._meta.db_table
                    cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {3 * FIRST})")


def _usual(field: Any) -> str:
    """What a column has where nothing is said of it, as SQL."""
    if field.null:
        return "NULL"
    default = field.get_default()
    if isinstance(default, bool):
        return "TRUE" if default else "FALSE"
    return str(default) if isinstance(default, int) else f"'{default}'"
