"""Whose records they are: a partner reads and changes its own, live or in test as its key is, and nobody else's."""

from typing import Any

from django.db.models import QuerySet
from tastypie.authorization import Authorization
from tastypie.bundle import Bundle
from tastypie.exceptions import Unauthorized

from api.authentication import partner_of


class OfTheOtherMode(LookupError):
    """The record is the same partner's, live where the key is for tests, or the other way round: to this key there is none."""


class OwnRecords(Authorization):
    """`owner` leads from a record to its partner, as in a query: "goal__partner"."""

    def __init__(self, owner: str = "partner") -> None:
        self.owner = owner

    def read_list(self, object_list: QuerySet[Any], bundle: Bundle) -> QuerySet[Any]:
        """The caller's own of these."""
        return object_list.filter(**{self.owner: partner_of(bundle.request)})

    def read_detail(self, object_list: object, bundle: Bundle) -> bool:
        """Raises Unauthorized, OfTheOtherMode."""
        record, caller = bundle.obj, partner_of(bundle.request)
        *way, partner = self.owner.split("__")
        for step in way:
            record = getattr(record, step)
        if getattr(record, f"{partner}_id") != caller.pk:
            if getattr(record, partner).name == caller.name:
                raise OfTheOtherMode
            raise Unauthorized("This record belongs to another partner.")
        return True

    create_detail = update_detail = delete_detail = read_detail
