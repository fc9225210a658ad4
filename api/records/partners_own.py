"""Elements of several records that depend on the partner: where its givers go back to, and which giver of its is meant."""

from collections.abc import Callable

from api.records import rules
from api.records.reading import Members, Unfit
from givers.models import Giver
from ids import is_id
from lookups import one_or_none
from partners.models import Partner


def ways_back(members: Members, partner: Partner) -> dict[str, str]:
    """What of ConfirmationURL and CancelURL is there, by its column; empty where it stands for none, or has a fault."""
    rule = rules.redirect_url(partner)
    names = {"ConfirmationURL": "confirmation_url", "CancelURL": "cancel_url"}
    return {key: members.read(name, rule) or "" for name, key in names.items() if name in members}


def giver_of(partner: Partner) -> Callable[[str], Giver]:
    """The Id of one who is not erased."""

    def rule(public_id: str) -> Giver:
        rows = Giver.objects.select_related("partner").filter(public_id=public_id, partner=partner, erased_at=None)
        giver = one_or_none(rows) if is_id(public_id) else None
        if giver is None:
            raise Unfit("must be the Id of a giver of yours")
        return giver

    return rule
