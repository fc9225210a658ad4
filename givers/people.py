"""Givers: made, changed, and made to be erased."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F

import clock
import encryption
import returning
from bigint import bigint
from givers.models import Giver
from lookups import one_or_none
from ownership import row_key
from partners import audit_log
from partners.models import Partner

PLACEHOLDER = "[erased]"


class ExternalIdTaken(Exception):
    """The partner has a giver with this ExternalId already."""

    def __init__(self, giver_id: str) -> None:
        super().__init__(f"You have a giver with this ExternalId already: {giver_id}.")
        self.extra = {"Id": giver_id}


class StaleGiver(Exception):
    """The giver has changed since the client read them."""


def create(partner: Partner, values: Mapping[str, Any], *, public_id: str) -> Giver:
    """Store a new giver; the one that is there already where the id was used before.

    `values`: external_id, and name and email where they are known. Raises ExternalIdTaken.
    """
    columns = _columns(values)
    giver = Giver(public_id=public_id, partner=partner, created_at=clock.now(), **columns)
    with transaction.atomic():
        if returning.insert_if_absent(giver):
            audit_log.record("giver.made", public_id, partner=partner)
            return giver
    known = one_or_none(_givers(partner).filter(public_id=public_id))
    if isinstance(known, Giver):
        return known
    check_is_free(partner, columns["external_id"])
    raise StaleGiver  # that of the other one was given up at this moment


def check_is_free(partner: Partner, external_id: str, *, beside: Giver | None = None) -> None:
    """Raises ExternalIdTaken."""
    taken = _givers(partner).filter(external_id=external_id, erased_at=None)
    if beside is not None:
        taken = taken.exclude(pk=beside.pk)
    other = one_or_none(taken)
    if other is not None:
        raise ExternalIdTaken(other.public_id)


def edit(giver: Giver, values: Mapping[str, Any]) -> Giver:
    """Change the giver as they were read; the version rises where anything is changed. Raises StaleGiver, ExternalIdTaken."""
    columns = {name: value for name, value in _columns(values).items() if not _is(giver, name, value, values)}
    unchanged = Giver.objects.filter(**row_key(giver), version=giver.version, erased_at=None)
    if not columns:
        if not unchanged.exists():
            raise StaleGiver
        return giver
    with transaction.atomic():
        if "external_id" in columns:
            # Locked with all others of the partner's whose ExternalId is to change, so that nobody takes it meanwhile.
            Partner.objects.select_for_update(no_key=True).get(pk=giver.partner_id)
            check_is_free(giver.partner, columns["external_id"], beside=giver)
        if not unchanged.update(version=F("version") + bigint(1), **columns):
            raise StaleGiver
        changed = {"changed": sorted(name.removesuffix("_encrypted") for name in columns)}
        audit_log.record("giver.changed", giver.public_id, partner_id=giver.partner_id, after=changed)
    giver.refresh_from_db()
    return giver


def forget(giver: Giver) -> bool:
    """What names the person goes at once; False where that was done before. What is left to be erased is due from here on."""
    columns = {"external_id": PLACEHOLDER, "name": None, "email_encrypted": "", "pin_encrypted": ""}
    with transaction.atomic():
        rows = Giver.objects.filter(**row_key(giver), erased_at=None)
        now = clock.now()
        if not rows.update(erased_at=now, due_at=now, version=F("version") + bigint(1), **columns):
            return False
        audit_log.record("giver.erased", giver.public_id, partner_id=giver.partner_id)
    giver.refresh_from_db()
    return True


def _givers(partner: Partner) -> Any:
    return Giver.objects.select_related("partner").filter(partner=partner)


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    columns = {name: value for name, value in values.items() if name != "email"}
    if "email" in values:
        columns["email_encrypted"] = encryption.encrypt(values["email"]) if values["email"] else ""
    return columns


def _is(giver: Giver, column: str, value: Any, values: Mapping[str, Any]) -> bool:
    """Whether the giver has this value already. What is encrypted is another text each time."""
    if column != "email_encrypted":
        return bool(getattr(giver, column) == value)
    try:
        return giver.email == (values["email"] or "")
    except encryption.UnreadableSecret:
        return False
