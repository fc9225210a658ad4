"""Everything that is stored encrypted, put under the newest of CREDENTIALS_KEYS, so that the older ones can go.

Resumable: what is under the newest key already is passed over. Safe while the service runs: a row is written only where it
is still as it was read, and whoever changes it meanwhile writes under the newest key.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import models, transaction

import encryption
from partners import audit_log

SUFFIX = "_encrypted"
"""How the name of every encrypted column ends."""
BATCH = 200


@dataclass
class Count:
    """What became of one column's rows."""

    column: str
    renewed: int = 0
    were_newest: int = 0
    unreadable: list[int] | None = None
    """The keys of rows that no key can read."""

    def cannot_be_read(self, pk: int) -> None:
        self.unreadable = [*(self.unreadable or []), pk]


def columns() -> list[tuple[type[models.Model], str]]:
    """Every encrypted column that there is, of whichever model."""
    return [
        (model, field.attname)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.attname.endswith(SUFFIX)
    ]


def reencrypt() -> Iterator[Count]:
    """Go through all columns; yields what became of each when it is through. Recorded in the audit log."""
    counts = []
    for model, name in columns():
        count = Count(f"{model._meta.db_table}.{name}")
        for pk, token in _stored(model, name):
            _renew(model, name, pk, token, count)
        counts.append(count)
        yield count
    told = {one.column: {"renewed": one.renewed, "unreadable": len(one.unreadable or [])} for one in counts}
    with transaction.atomic():
        audit_log.record("secrets.reencrypted", "CREDENTIALS_KEYS", after=told)


def _stored(model: type[models.Model], name: str) -> Iterator[tuple[int, str]]:
    last, rows = 0, model._default_manager.exclude(**{name: ""})
    while batch := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", name)[:BATCH]):
        yield from batch
        last = batch[-1][0]


def _renew(model: type[models.Model], name: str, pk: int, token: str, count: Count) -> None:
    if encryption.is_under_newest_key(token):
        count.were_newest += 1
        return
    try:
        renewed = encryption.encrypt(encryption.decrypt(token))
    except encryption.UnreadableSecret:
        count.cannot_be_read(pk)
        return
    # Nothing written: somebody has changed or removed it meanwhile, under the newest key.
    count.renewed += model._default_manager.filter(pk=pk, **{name: token}).update(**{name: renewed})
