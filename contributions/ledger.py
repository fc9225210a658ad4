"""The books: what each kind of entry does to a goal's two totals, and the proof that the totals are right."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.db.models import Count, F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from contributions.models import Contribution, LedgerEntry, Refund
from contributions.status import AUTHORIZED, CANCELED, REFUNDED, REVERSED, SETTLED, Status
from goals.models import SavingGoal
from money import text_of
from providers.base import Payment

Kind = LedgerEntry.Kind


@dataclass(frozen=True)
class Entry:
    """What is written into the books, in minor units of the contribution's currency."""

    kind: str
    amount_minor: int
    collected_delta_minor: int
    authorized_delta_minor: int = 0
    provider_reference: str = ""
    correlation_id: str = ""
    fee_minor: int | None = None
    net_minor: int | None = None
    refund: Refund | None = None


def entry_for(contribution: Contribution, to: Status, payment: Payment | None) -> Entry | None:
    """The entry that moving this contribution to `to` takes; None where no money is held, taken, let go or taken back."""
    entry = _entry_for(contribution, to)
    if entry is None or payment is None:
        return entry
    entry = replace(entry, provider_reference=payment.provider_reference, correlation_id=payment.correlation_id)
    if entry.kind == Kind.CAPTURE:
        entry = replace(entry, fee_minor=payment.fee_minor, net_minor=payment.net_minor)
    return entry


def _entry_for(contribution: Contribution, to: Status) -> Entry | None:
    amount, held = contribution.amount_minor, contribution.status == AUTHORIZED
    if to == REVERSED:
        return _reversal(contribution)
    if to == SETTLED and contribution.status == REVERSED:
        return _reversal_won(contribution)
    if to == SETTLED:
        return capture_entry(contribution)
    if to == AUTHORIZED:
        return Entry(Kind.AUTHORIZATION, amount, 0, amount)
    if held:
        return Entry(Kind.VOID, amount, 0, -amount)
    return None


def capture_entry(contribution: Contribution) -> Entry:
    """The whole amount taken, out of what is held where it is held."""
    amount = contribution.amount_minor
    return Entry(Kind.CAPTURE, amount, amount, -amount if contribution.status == AUTHORIZED else 0)


def refund_entry(refund: Refund, *, correlation_id: str) -> Entry:
    """One refund, done."""
    return Entry(
        Kind.REFUND,
        refund.amount_minor,
        -refund.amount_minor,
        provider_reference=refund.provider_reference,
        correlation_id=correlation_id,
        refund=refund,
    )


def _reversal(contribution: Contribution) -> Entry | None:
    """What a chargeback takes: everything that is not given back, nor on its way back, already."""
    rest = contribution.amount_minor - contribution.refunds_reserved_minor
    return Entry(Kind.REVERSAL, rest, -rest) if rest else None


def _reversal_won(contribution: Contribution) -> Entry | None:
    """What chargebacks have taken and disputes have not brought back yet."""
    entries = contribution.ledger_entries.filter(kind__in=[Kind.REVERSAL, Kind.REVERSAL_WON])
    lost = -sum(entries.values_list("collected_delta_minor", flat=True))
    return Entry(Kind.REVERSAL_WON, lost, lost) if lost else None


def faults_in_the_books() -> Iterator[str]:
    """One sentence for each total that is not the sum of its entries, and for each contribution whose captures,
    refunds or status do not fit its entries. Streams: its memory does not grow with the books."""
    yield from _wrong_totals()
    yield from _wrong_captures()
    yield from _wrong_refunds()


def _wrong_totals() -> Iterator[str]:
    nothing = Value(0)
    entries = LedgerEntry.objects.filter(goal=OuterRef("pk")).order_by().values("goal")
    goals = SavingGoal.objects.annotate(
        collected_sum=Coalesce(Subquery(entries.annotate(sum=Sum("collected_delta_minor")).values("sum")), nothing),
        authorized_sum=Coalesce(Subquery(entries.annotate(sum=Sum("authorized_delta_minor")).values("sum")), nothing),
    ).exclude(collected_sum=F("collected_minor"), authorized_sum=F("authorized_minor"))
    for goal in goals.iterator():
        for what, cached, proven in (
            ("settled", goal.collected_minor, goal.collected_sum),
            ("authorized", goal.authorized_minor, goal.authorized_sum),
        ):
            if cached != proven:
                yield (
                    f"goal {goal.public_id}: {what} total is {text_of(cached, goal.currency)} {goal.currency}, "
                    f"its ledger says {text_of(proven, goal.currency)}"
                )


def _wrong_captures() -> Iterator[str]:
    """Settled, Refunded and Reversed have exactly one capture, over their own amount; the others none, but for what
    was cancelled and paid all the same, which has one and owes it back."""
    taken, given_back = [SETTLED, REFUNDED, REVERSED], Q(status=CANCELED, unwanted_since__isnull=False)
    contributions = Contribution.objects.annotate(
        captures=Count("ledger_entries", filter=Q(ledger_entries__kind=Kind.CAPTURE)),
        same_amount=Count(
            "ledger_entries",
            filter=Q(
                ledger_entries__kind=Kind.CAPTURE,
                ledger_entries__amount_minor=F("amount_minor"),
                ledger_entries__currency=F("currency"),
            ),
        ),
    ).exclude((Q(status__in=taken) | given_back) & Q(captures=1, same_amount=1) | (~Q(status__in=taken) & Q(captures=0)))
    for contribution in contributions.iterator():
        yield (
            f"contribution {contribution.public_id}: {contribution.status} with {contribution.captures} captures, "
            f"{contribution.same_amount} of them over its own amount"
        )


def _wrong_refunds() -> Iterator[str]:
    nothing = Value(0)
    entries = LedgerEntry.objects.filter(contribution=OuterRef("pk"), kind=Kind.REFUND).order_by().values("contribution")
    refunds = Refund.objects.filter(contribution=OuterRef("pk")).exclude(status=Refund.Status.FAILED)
    reserved = refunds.order_by().values("contribution")
    contributions = Contribution.objects.annotate(
        booked=Coalesce(Subquery(entries.annotate(sum=Sum("amount_minor")).values("sum")), nothing),
        asked=Coalesce(Subquery(reserved.annotate(sum=Sum("amount_minor")).values("sum")), nothing),
    ).exclude(booked=F("refunded_minor"), asked=F("refunds_reserved_minor"))
    for one in contributions.iterator():
        yield (
            f"contribution {one.public_id}: says {text_of(one.refunded_minor, one.currency)} {one.currency} refunded and "
            f"{text_of(one.refunds_reserved_minor, one.currency)} asked for, its rows say "
            f"{text_of(one.booked, one.currency)} and {text_of(one.asked, one.currency)}"
        )
