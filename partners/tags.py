"""From a public id to its partner, for whoever comes with an id alone: a giver, a provider's webhook.

A database that is spread by partner would have to ask every machine for such an id. Its tag leads to the partner by a table
that every machine has. A partner's tag never changes, so that each process reads it once.
"""

from functools import cache
from typing import Any

from django.conf import settings

from ids import new_id, new_tag, tag_of
from partners.models import Partner

_NOBODY = 0


def new_id_of(partner_id: int) -> str:
    """An id for a new record of this partner's."""
    return new_id(_tag_of(partner_id)) if settings.PARTNER_IN_IDS else new_id()


def by_public_id(public_id: str) -> dict[str, Any]:
    """What finds the record with this id, for filter(): the id, and its partner where the id tells it."""
    tag = tag_of(public_id)
    if not tag:
        return {"public_id": public_id}
    return {"public_id": public_id, "partner_id": partner_of(public_id)}


def partner_of(public_id: str) -> int | None:
    """The partner's number; 0, which nobody has, for a tag of nobody's; None where the id has no tag."""
    tag = tag_of(public_id)
    if not tag:
        return None
    try:
        return _partner_with(tag)
    except Partner.DoesNotExist:  # not kept: it may be made yet
        return _NOBODY


@cache
def _partner_with(tag: str) -> int:
    number: int = Partner.objects.values_list("pk", flat=True).get(tag=tag)
    return number


@cache
def _tag_of(partner_id: int) -> str:
    rows = Partner.objects.filter(pk=partner_id)
    tag = rows.values_list("tag", flat=True).get()
    if tag is None:  # made by a process of the release before
        rows.filter(tag=None).update(tag=new_tag())
        tag = rows.values_list("tag", flat=True).get()
    return str(tag)
