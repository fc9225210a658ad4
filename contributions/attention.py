"""What only a person can decide: one row for each kind and record, from when it arises until it is solved.

Written beside what was found out, told once in the log at level error, listed by `manage.py attention`.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.db import transaction

import card_numbers
import clock
from contributions.models import Attention, Contribution
from goals.models import Payee
from partners import audit_log

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Kind:
    """What has happened, and what a person can do about it. `told` is the line in the log."""

    told: str
    what: str
    to_do: str
    record: str = "gift"
    """What the id is of that stands in `about`."""


def _mismatch(what: str) -> Kind:
    return Kind(
        "payment does not match",
        f"The provider says another {what} than was asked for. Nothing of it is counted.",
        "Compare the payment at the provider with the gift. Give it back there, or ask the provider how it came about.",
    )


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "amount_mismatch": _mismatch("amount"),
        "currency_mismatch": _mismatch("currency"),
        "payee_mismatch": _mismatch("payee"),
        "reference_mismatch": _mismatch("reference"),
        "cannot_be_taken": Kind(
            "held money cannot be taken",
            "The provider holds the money and refuses to let it be taken. It is asked again every day until the hold ends.",
            "Give the service the permission that is missing at the provider, or have the payee's account put in order, then "
            "let the partner POST Capture, or wait for the next day.",
        ),
        "dispute_to_answer": Kind(
            "a dispute waits for an answer",
            "The giver's bank disputes the payment, and the provider waits for evidence.",
            "Answer it in the provider's dashboard before its deadline, or accept it there.",
        ),
        "dispute_unclear": Kind(
            "a chargeback waits for a person",
            "There is or was a dispute, and what the provider says of it does not tell how much of the money is lost.",
            "Look at it in the provider's dashboard. What is decided there is booked once the provider tells it.",
        ),
        "money_cannot_go_back": Kind(
            "money cannot go back",
            "Money that is not wanted was taken, and the provider refuses to give it back.",
            "Give it back to the giver in another way, and note that in the provider's dashboard.",
        ),
        "payee_owes": Kind(
            "money cannot be taken back from the payee",
            "A dispute has taken money back from the operator that the payee has, and the provider refuses to pull it back.",
            "Agree with the payee on how it gives the money back. The provider is asked again every day.",
        ),
        "payee_is_owed": Kind(
            "money cannot be sent to the payee again",
            "A dispute was won, and the provider refuses to send the payee again what was pulled back when it began.",
            "See that the operator's balance at the provider suffices and the payee can receive. It is tried again every day.",
        ),
        "payee_restricted": Kind(
            "a payee cannot be paid",
            "The provider lets nobody pay a payee whom goals name: their gifts are refused.",
            "Let the partner send the payee through Onboarding, or give the payment account other Credentials. It is "
            "asked about every day, and leaves this list by itself.",
            record="payment account",
        ),
        "certificate_overspent": Kind(
            "money of a gift certificate is gone, and it is spent",
            "What was paid for a gift certificate was taken back or given back at the provider, and more of it is spent than "
            "is left. The gifts that it paid stand; the payee has had the money of them no more.",
            "Agree with the partner on who bears it. It leaves this list by itself where the money comes back, or where the "
            "partner refunds the gifts that the certificate paid.",
        ),
        "refund_undone": Kind(
            "a refund failed after it was done",
            "The provider called a refund done, and says now that it failed. The money is with the payee again.",
            "Ask the giver for another way to be paid back, or refund once more; then mark this as solved.",
        ),
        "refund_not_counted": Kind(
            "a provider's refund cannot be counted",
            "The provider tells of a refund that does not fit into what is left of the gift.",
            "Compare the refunds at the provider with those of the gift.",
        ),
        "no_outcome": Kind(
            "a payment has no outcome",
            "The provider has been asked for weeks, and does not say what became of an approved payment.",
            "Look for the payment in the provider's dashboard, and ask its support with the ids in the log.",
        ),
        "refund_without_end": Kind(
            "a refund has no outcome",
            "The provider has been asked for weeks, and does not say what became of a refund.",
            "Look for the refund in the provider's dashboard, and ask its support with the ids in the log.",
        ),
        "refund_mismatch": Kind(
            "refund does not match",
            "The provider says another amount of a refund than was asked for.",
            "Compare the refund at the provider with the one in the books.",
        ),
    }
)
"""By name, in the order in which they are listed."""


def arise(kind: str, record: Contribution | Payee, *, detail: str = "") -> bool:
    """A person has to see to this record; False where that was known already. `detail`: the provider's own words or numbers."""
    about = record.public_id
    row, is_new = Attention.objects.get_or_create(
        partner_id=record.partner_id,
        kind=kind,
        about=about,
        defaults={"detail": card_numbers.masked(detail)[:200], "since": clock.now()},
    )
    if is_new:
        named = "contribution" if KINDS[kind].record == "gift" else "payment_account"
        log.error(KINDS[kind].told, extra={named: about, "kind": kind, "detail": row.detail})
    return is_new


def take_off(number: int) -> bool:
    """A person has seen to the one with this number; False where there is none."""
    with transaction.atomic():
        row = Attention.objects.filter(pk=number).first()
        if row is None:
            return False
        before = {"kind": row.kind, "detail": row.detail, "since": row.since.isoformat()}
        row.delete()
        audit_log.record("attention.solved", row.about, partner_id=row.partner_id, before=before)
    return True


def solve(record: Contribution | Payee, *kinds: str) -> None:
    """These have come to an end for the record, or were never there."""
    Attention.objects.filter(partner_id=record.partner_id, about=record.public_id, kind__in=kinds).delete()
