"""Who may do what. A key does what its scopes say; a partner reads and changes its own records, live or in test as its key
is, and nobody else's."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from tastypie.authorization import Authorization
from tastypie.bundle import Bundle
from tastypie.exceptions import Unauthorized

from api.authentication import partner_of
from api.request_errors import ScopeMissing
from partners import scopes
from partners.models import ApiKey


class OfTheOtherMode(LookupError):
    """The record is the same partner's, live where the key is for tests, or the other way round: to this key there is none."""


SCOPE_OF_VERB = {"get": scopes.READ}
"""Whatever changes something needs `write`, where the resource names no other scope."""

_MEANT = {
    scopes.READ: "reading",
    scopes.WRITE: "making and changing",
    scopes.REFUND: "refunds and captures",
}


def check_scope(key: ApiKey, method: str, named: Mapping[str, str]) -> None:
    """`method` such as "post_list"; `named`: the scopes that the resource names for its methods. Raises ScopeMissing."""
    needed = named.get(method) or SCOPE_OF_VERB.get(method.partition("_")[0], scopes.WRITE)
    if needed not in key.scopes.split():
        sentence = f"This key lacks the scope {needed} ({_MEANT[needed]}); it has: {key.scopes.replace(' ', ', ')}."
        raise ScopeMissing(sentence, Scope=needed)


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
