"""The floor: what the statements of something cost where nothing is done but to send them, by Django's cursor, in their order.

They are written down while it is really done, in a transaction that is rolled back; then they are sent again, with the same
values, in the same transactions.
"""

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, transaction

BEGIN, END = object(), object()
Script = list[tuple[Any, Any]]
"""A statement with its values, or where a transaction begins and ends."""


def record(do: Callable[[], object]) -> Script:
    """What `do` sends; afterwards nothing of it has been done."""
    script: Script = []

    def write_down(execute: Any, sql: str, values: Any, many: bool, context: Any) -> Any:
        if sql.startswith("SAVEPOINT"):
            script.append((BEGIN, None))
        elif sql.startswith("RELEASE"):
            script.append((END, None))
        else:
            script.append((sql, values))
        return execute(sql, values, many, context)

    with transaction.atomic():
        with connection.execute_wrapper(write_down):
            do()
        transaction.set_rollback(True)
    with connection.cursor() as cursor:  # keys are counted on as if it had never been done
        for statement in connection.ops.sequence_reset_sql(no_style(), apps.get_models()):
            cursor.execute(statement)
    return script


def play(script: Script) -> None:
    """Send it."""
    steps = iter(script)
    for sql, values in steps:
        if sql is BEGIN:
            with transaction.atomic():
                for inside, its_values in steps:
                    if inside is END:
                        break
                    _send(inside, its_values)
        else:
            _send(sql, values)


def _send(sql: str, values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        if cursor.description:
            cursor.fetchall()
