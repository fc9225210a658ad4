"""The proof that every row belongs to the partner of what it hangs on.

Where the tables are spread by partner their foreign keys prove it; elsewhere nothing but the code does (ownership.py).
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Exists, Model, OuterRef, QuerySet

from ownership import SamePartnerKey, SamePartnerOneToOne

MOST_TOLD = 20


def faults() -> Iterator[str]:
    """One sentence for each row that is another partner's, or nobody's; of each kind the first twenty."""
    for model in apps.get_models():
        for key in model._meta.concrete_fields:
            if isinstance(key, SamePartnerKey | SamePartnerOneToOne):
                yield from _of(model, key)


def _of(model: type[Model], key: Any) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(*_statement(model, key, connection.alias))
        for number, partner in cursor.fetchall():
            yield f"{model._meta.verbose_name} {number}: it is partner {partner}'s, and its {key.name} is not"


@cache  # dozens of statements that are always the same: compiling them takes longer than small books do
def _statement(model: type[Model], key: Any, database: str) -> tuple[str, tuple[Any, ...]]:
    parents = key.related_model._default_manager.filter(pk=OuterRef(key.attname), partner_id=OuterRef("partner_id"))
    rows: QuerySet[Any] = model._default_manager.filter(**{f"{key.name}__isnull": False}).filter(~Exists(parents))
    told = rows.order_by("pk").values_list("pk", "partner_id")[:MOST_TOLD]
    text, values = told.query.get_compiler(database).as_sql()
    return text, values
