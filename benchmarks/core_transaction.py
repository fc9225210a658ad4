"""A pgbench script of the core of a settlement: `python -m benchmarks.core_transaction` on a filled PostgreSQL.

One transaction of six statements, which any service that keeps these books has to make: the status by compare and set, the
history, the entry, the goal's totals, the partner's event with its position. Columns without a word here are left empty.
pgbench settles each gift of its own again and again: they have copies of their own, which the service never sees.
"""

import json
import os
import sys
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

TABLES = {
    ("contributions", "StatusChange"): {
        "contribution_id": ":gift",
        "version": ":version",
        "from_status": "'Submitted'",
        "to_status": "'Settled'",
        "event": "'contribution.settled'",
        "at": "now()",
    },
    ("contributions", "LedgerEntry"): {
        "contribution_id": ":gift",
        "goal_id": ":goal",
        "checkout_number": "1",
        "kind": "'adjustment'",  # not 'capture', of which there is one for each checkout
        "currency": "'USD'",
        "amount_minor": "2000",
        "collected_delta_minor": "2000",
        "authorized_delta_minor": "0",
        "cause": "'return'",
        "at": "now()",
    },
    ("notifications", "Event"): {
        "public_id": "'evt_' || gen_random_uuid()",
        "position": ":position",
        "type": "'contribution.settled'",
        "about": ":public",
        "version": ":version",
        "content": "repeat('x', 500)",
        "at": "now()",
    },
}


def script() -> str:
    from django.apps import apps

    inserts = [_insert(apps.get_model(*which), values) for which, values in TABLES.items()]
    return "\n".join(
        [
            "\\set n :n + 1",
            "\\set gift :first + :client_id * :share + mod(:n, :share)",
            "BEGIN;",
            "UPDATE contributions_contribution SET status = 'Settled', version = version + 1, settled_minor = amount_minor,",
            "  settled_at = now() WHERE id = :gift AND status IN ('Submitted', 'Settled')",
            "  RETURNING version, goal_id AS goal, partner_id AS partner, public_id AS public \\gset",
            inserts[0],
            inserts[1],
            "UPDATE goals_savinggoal SET activity = activity + 1, collected_minor = collected_minor + 2000 WHERE id = :goal;",
            "UPDATE notifications_eventsequence SET last_position = last_position + 1 WHERE partner_id = :partner",
            "  RETURNING last_position AS position \\gset",
            inserts[2],
            "COMMIT;",
            "",
        ]
    )


def _insert(model: Any, values: dict[str, str]) -> str:
    """With every column that must hold something."""
    values = values | {"partner_id": ":partner"}
    columns = {}
    for field in model._meta.concrete_fields:
        if field.column in values:
            columns[field.column] = values[field.column]
        elif not field.primary_key and not field.null:
            columns[field.column] = "''"
    return f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) VALUES ({', '.join(columns.values())});"  # noqa: S608


def main() -> None:
    import django

    django.setup()
    from django.db.models import Max

    from benchmarks.copies import Copier, Target, Template, settled_down
    from contributions.models import Contribution
    from goals.models import SavingGoal

    order = json.load(sys.stdin)
    goals = SavingGoal.objects.order_by("pk").prefetch_related("payment_accounts")
    targets = [Target(one.partner_id, one.pk, one.payment_accounts.all()[0].pk, one.public_id) for one in goals]
    gift = Contribution.objects.filter(status="Submitted").order_by("pk")[0]
    home = next(one for one in targets if one.goal == gift.goal_id)
    first = int(Contribution.objects.aggregate(last=Max("pk"))["last"]) + 1
    Copier(Template(gift.public_id, home, simulated=False), [home] if order["hot"] else targets).write(order["gifts"])
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in settled_down():
            cursor.execute(statement)
    json.dump({"script": script(), "first": first, "gifts": order["gifts"]}, sys.stdout)


if __name__ == "__main__":
    main()
