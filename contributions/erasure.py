"""A giver is erased: whatever says who gave and what they said is replaced everywhere, and the money stays in the books.

The gift's version rises, and its partner is told by a `contribution.updated` that shows the placeholder: it has copies to
erase too. Amounts, ids of the provider's, the ledger, the history and the requests to providers stay: they prove the books.
"""

import logging
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

import clock
from contributions import erased_matchers, followers, kept_answers
from contributions.causes import Cause
from contributions.models import Attention, Contribution, ImportedLine, ProviderRequest, Refund
from contributions.redaction import EVERYTHING, PLACEHOLDER, columns_of, redacted_text
from contributions.status import AUTHORIZED, OPEN, Status
from contributions.transitions import advance
from notifications.models import Event
from notifications.outbox import events_about
from ownership import row_key
from partners import audit_log
from partners.models import Partner
from providers.sandbox.models import SandboxCheckout

log = logging.getLogger(__name__)
TRIES = 5


class BeingAsked(Exception):
    """A provider has not answered yet what it was asked for this gift: the same request has to be sent again unchanged."""


class KeepsChanging(Exception):
    """Somebody else has changed the gift each time that it was to be erased."""


@dataclass(frozen=True)
class Erased:
    """How many rows were changed, beside the gift's own."""

    gift_id: str
    columns: int = 0
    events: int = 0
    answers: int = 0
    refunds: int = 0
    followed: int = 0

    def __bool__(self) -> bool:
        return bool(self.columns or self.events or self.answers or self.refunds or self.followed)


def gifts_of(word: str, partner_name: str = "") -> list[Contribution]:
    """The gifts that this word names: one by its Id; within a partner also those of this exact name or Reference, and those
    that have the word as a value in their Metadata, an e-mail address say. Deleted ones too, the oldest first."""
    found = Contribution.objects.whole().order_by("pk")
    if not partner_name:
        return list(found.filter(public_id=word))
    found = found.filter(partner_id__in=list(Partner.objects.filter(name=partner_name).values_list("pk", flat=True)))
    named = set(found.filter(Q(public_id=word) | Q(contributor=word) | Q(reference=word)).values_list("pk", flat=True))
    with_metadata = found.exclude(metadata=[]).values_list("pk", "metadata")
    named |= {pk for pk, pairs in with_metadata.iterator(chunk_size=1000) if word in [value for _, value in pairs]}
    return list(found.filter(pk__in=named))


def erase(gift: Contribution, elements: frozenset[str] = EVERYTHING, *, cause: Cause = Cause.OPERATOR) -> Erased:
    """Erase these elements of the gift everywhere. Safe to repeat: what is erased already is left as it is.

    Raises BeingAsked, KeepsChanging; then nothing is changed.
    """
    for _ in range(TRIES):
        gift = Contribution.objects.whole().get(**row_key(gift))
        _check_nothing_is_asked(gift)
        with transaction.atomic():
            erased = _erase_as_read(gift, elements, cause)
            if erased is not None:
                return erased
            transaction.set_rollback(True)
    raise KeepsChanging(f"gift {gift.public_id} has changed {TRIES} times meanwhile: try again")


def _check_nothing_is_asked(gift: Contribution) -> None:
    """Its Memo goes to the provider with the request that opens a checkout, which is sent again until it is answered."""
    unfinished = gift.status in (*OPEN, AUTHORIZED)
    if unfinished and gift.provider_requests.filter(outcome=ProviderRequest.Outcome.UNKNOWN).exists():
        raise BeingAsked(f"gift {gift.public_id}: its provider has not answered yet; try again when it has")


def _erase_as_read(gift: Contribution, elements: frozenset[str], cause: Cause) -> Erased | None:
    """None: somebody has changed the gift since it was read, and the transaction is to be rolled back.

    The gate comes last: it locks the row in which the partner's events are counted.
    """
    columns = columns_of(gift, elements)
    whole = elements == EVERYTHING
    erased = Erased(
        gift.public_id,
        columns=len(columns),
        events=_redact_events(gift, elements),
        answers=kept_answers.redact(gift, elements),
        refunds=_redact_refunds(gift) if "Message" in elements else 0,
        followed=followers.erase(gift, elements),
    )
    if whole:
        matcher = erased_matchers.of_match(gift)
        if matcher is not None:
            erased_matchers.erase(matcher)
        of_it = {"partner_id": gift.partner_id, "about": gift.public_id}
        ImportedLine.objects.filter(**of_it).update(line_digest="")  # it was made of the name too
        Attention.objects.filter(**of_it).exclude(detail="").update(detail="")
    if "Memo" in elements:
        SandboxCheckout.objects.filter(reference=gift.public_id).update(description=PLACEHOLDER)
    if erased:
        note(gift, erased, cause)
    if columns or erased.followed:
        columns["erased_at"] = clock.now() if whole else gift.erased_at
        if not advance(gift, Status(gift.status), cause=cause, reason="erased", **columns):
            return None
    return erased


def _redact_events(gift: Contribution, elements: frozenset[str]) -> int:
    """In the content as it was told; the feed serves it and webhooks that are on their way send it from now on."""
    number = 0
    for event in events_about(gift).filter(type__startswith="contribution."):
        number += redact_event(event, elements)
    return number


def redact_event(event: Event, elements: frozenset[str] = EVERYTHING) -> bool:
    """Its content without these elements; False where they are not in it."""
    content = redacted_text(event.content, elements)
    return content != event.content and bool(Event.objects.filter(**row_key(event)).update(content=content))


def _redact_refunds(gift: Contribution) -> int:
    said = Refund.objects.filter(contribution=gift).exclude(reason=None).exclude(reason__in=["", PLACEHOLDER])
    return said.update(reason=PLACEHOLDER)


def note(gift: Contribution, erased: Erased, cause: Cause) -> None:
    """That it was done, and by what; the one place that tells it, without a word of what is gone."""
    gone = {"columns": erased.columns, "events": erased.events, "answers": erased.answers, "refunds": erased.refunds}
    audit_log.record("gift.erased", gift.public_id, partner_id=gift.partner_id, after=gone | {"cause": cause})
    log.warning("giver erased", extra={"contribution": gift.public_id, "partner": gift.partner_id, "cause": cause} | gone)
