"""An operator has the provider asked about one gift now, whatever its schedule says, and is told what that has changed."""

from dataclasses import dataclass

from django.db import transaction

from contributions.causes import Cause
from contributions.models import Contribution, Refund
from contributions.refunds import sync_refund
from contributions.story import Row, Story, story_of
from contributions.sync import sync
from ownership import row_key
from partners import audit_log


@dataclass(frozen=True)
class Asked:
    """What came of it."""

    story: Story
    """As it is now."""
    was_asked: bool
    """False: somebody else is at it at this moment."""
    silent: bool
    """The provider did not answer."""
    changes: list[str]
    """A sentence for each thing that has become different."""


def ask_now(gift: Contribution) -> Asked:
    """Sync the gift and its refunds that have no outcome yet; recorded in the audit log, whatever comes of it."""
    before = story_of(gift)
    with transaction.atomic():
        audit_log.record("gift.asked_now", gift.public_id, partner_id=gift.partner_id, before=_status(before.gift))
    for refund in Refund.objects.filter(contribution=gift, status=Refund.Status.PENDING).order_by("pk"):
        sync_refund(refund, cause=Cause.WORKER)
    result = sync(Contribution.objects.whole().get(**row_key(gift)), cause=Cause.WORKER)
    after = story_of(Contribution.objects.whole().get(**row_key(gift)))
    return Asked(after, result.asked, result.silent, _changes(before, after))


def _status(gift: Row) -> dict[str, str]:
    return {"status": gift["status"], "status_reason": gift["status_reason"]}


def _changes(before: Story, after: Story) -> list[str]:
    moved = [
        f"{one['from_status']} -> {one['to_status']} ({one['reason'] or one['event']})"
        for one in _new(before, after, "history")
    ]
    entered = [
        f"entered in the books: {one['kind']} {one['amount']} {one['currency']}" for one in _new(before, after, "ledger")
    ]
    known = {one["id"]: one["status"] for one in before.refunds}
    refunds = [
        f"refund {one['id']}: {known.get(one['id'], 'none')} -> {one['status']}"
        for one in after.refunds
        if known.get(one["id"]) != one["status"]
    ]
    kinds = ({one["kind"] for one in story.attention} for story in (before, after))
    were, are = kinds
    waits = [f"waits for a person now: {kind}" for kind in sorted(are - were)]
    return moved + entered + refunds + waits + [f"waits for a person no more: {kind}" for kind in sorted(were - are)]


def _new(before: Story, after: Story, name: str) -> list[Row]:
    """Rows of a kind that is only ever added to, which were not there before."""
    known: list[Row] = getattr(before, name)
    now: list[Row] = getattr(after, name)
    return [one for one in now if one not in known]
