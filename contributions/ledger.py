"""The books: what each kind of entry does to a goal's two totals, and the proof that the totals are right."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import BigIntegerField, Count, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from bigint import bigint
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
        return None if _is_captured(contribution) else capture_entry(contribution)
    if to == AUTHORIZED:
        return Entry(Kind.AUTHORIZATION, amount, 0, amount)
    if held:
        return Entry(Kind.VOID, amount, 0, -amount)  # invariant: a-void-frees-what-was-held
    return None


def _is_captured(contribution: Contribution) -> bool:
    """Money for what the client cancelled is entered when it comes, whatever becomes of the status."""
    return contribution.status == CANCELED and contribution.ledger_entries.filter(kind=Kind.CAPTURE).exists()


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


def reversal_entry(amount_minor: int) -> Entry:
    """So much taken back by the provider."""
    return Entry(Kind.REVERSAL, amount_minor, -amount_minor)


def _reversal(contribution: Contribution) -> Entry | None:
    """What a chargeback takes: everything that is not given back, nor on its way back, already."""
    rest = contribution.amount_minor - contribution.refunds_reserved_minor  # invariant: a-chargeback-takes-only-what-is-left
    return reversal_entry(rest) if rest else None


def _reversal_won(contribution: Contribution) -> Entry | None:
    """What chargebacks have taken and disputes have not brought back yet."""
    entries = contribution.ledger_entries.filter(kind__in=[Kind.REVERSAL, Kind.REVERSAL_WON])
    lost = -sum(entries.values_list("collected_delta_minor", flat=True))
    return Entry(Kind.REVERSAL_WON, lost, lost) if lost else None  # invariant: a-won-dispute-is-entered


def faults_in_the_books() -> Iterator[str]:
    """One sentence for each total that is not the sum of its entries, and for each contribution whose status, captures
    or refunds do not fit its entries. Streams: its memory does not grow with the books."""
    yield from _wrong_totals()
    yield from _wrong_contributions()


def goals_with_wrong_totals() -> QuerySet[Any]:
    """Goals whose totals are not the sums of their entries, which stand in `collected_sum` and `authorized_sum`."""
    return with_ledger_sums(SavingGoal.objects.all()).exclude(
        collected_sum=F("collected_minor"), authorized_sum=F("authorized_minor")
    )


def with_ledger_sums(goals: QuerySet[SavingGoal]) -> QuerySet[Any]:
    """The goals with what their entries add up to, in minor units, as `collected_sum` and `authorized_sum`."""
    entries = LedgerEntry.objects.filter(goal=OuterRef("pk")).order_by().values("goal")
    return goals.annotate(
        collected_sum=Coalesce(Subquery(entries.annotate(sum=Sum("collected_delta_minor")).values("sum")), bigint(0)),
        authorized_sum=Coalesce(Subquery(entries.annotate(sum=Sum("authorized_delta_minor")).values("sum")), bigint(0)),
    )


def _wrong_totals() -> Iterator[str]:
    for goal in goals_with_wrong_totals().iterator():
        for what, cached, proven in (
            ("settled", goal.collected_minor, goal.collected_sum),
            ("authorized", goal.authorized_minor, goal.authorized_sum),
        ):
            if cached != proven:
                yield (
                    f"goal {goal.public_id}: {what} total is {text_of(cached, goal.currency)} {goal.currency}, "
                    f"its ledger says {text_of(proven, goal.currency)}"
                )


def _wrong_contributions() -> Iterator[str]:
    for row in _with_their_entries().iterator():
        for fault in (_wrong_captures(row), _wrong_refunds(row), _wrong_status(row)):
            if fault:
                yield f"contribution {row.public_id}: {fault}"


def _with_their_entries() -> Any:
    """A named tuple for each contribution, with the sums of its ledger entries and refunds. A look-up in an index for each
    sum, so that nothing has to be sorted."""
    entries = LedgerEntry.objects.filter(contribution=OuterRef("pk"))
    captures = entries.filter(kind=Kind.CAPTURE)
    its_own = captures.filter(amount_minor=OuterRef("amount_minor"), currency=OuterRef("currency"))
    disputed = entries.filter(kind__in=[Kind.REVERSAL, Kind.REVERSAL_WON])
    refunds = Refund.objects.filter(contribution=OuterRef("pk"))
    sums = {
        "captures": _total(captures, Count("pk")),
        "same_amount": _total(its_own, Count("pk")),
        "held": _total(entries, Sum("authorized_delta_minor")),
        "kept": _total(entries, Sum("collected_delta_minor")),
        "reversed": _total(disputed, Sum("collected_delta_minor") * bigint(-1)),
        "booked": _total(entries.filter(kind=Kind.REFUND), Sum("amount_minor")),
        "asked": _total(refunds.exclude(status=Refund.Status.FAILED), Sum("amount_minor")),
        "pending": _total(refunds.filter(status=Refund.Status.PENDING), Sum("amount_minor")),
    }
    own = ("public_id", "status", "currency", "amount_minor", "unwanted_since", "refunded_minor", "refunds_reserved_minor")
    return Contribution.objects.order_by().annotate(**sums).values_list(*own, *sums, named=True)


def _total(rows: QuerySet[Any], aggregate: Any) -> Coalesce:
    of_one = rows.order_by().values("contribution").annotate(total=aggregate).values("total")
    return Coalesce(Subquery(of_one), bigint(0), output_field=BigIntegerField())


def _wrong_captures(one: Any) -> str:
    """Settled, Refunded and Reversed have exactly one capture, over their own amount; the others none, but for what was
    cancelled and paid all the same, which has one and owes it back."""
    taken = one.status in {SETTLED, REFUNDED, REVERSED}
    given_back = one.status == CANCELED and one.unwanted_since is not None
    right = (one.captures, one.same_amount) == (1, 1) if taken else one.captures == 0
    if right or (given_back and (one.captures, one.same_amount) == (1, 1)):
        return ""
    return f"{one.status} with {one.captures} captures, {one.same_amount} of them over its own amount"


def _wrong_refunds(one: Any) -> str:
    if (one.booked, one.asked) == (one.refunded_minor, one.refunds_reserved_minor):
        return ""
    return (
        f"says {text_of(one.refunded_minor, one.currency)} {one.currency} refunded and "
        f"{text_of(one.refunds_reserved_minor, one.currency)} asked for, its rows say "
        f"{text_of(one.booked, one.currency)} and {text_of(one.asked, one.currency)}"
    )


def _wrong_status(one: Any) -> str:
    """What is Authorized is held whole and nothing else is; what a status says has happened to the money has happened.

    Reversed keeps only what is still on its way back to the giver.
    """
    amount, held_right = one.amount_minor, one.held == (one.amount_minor if one.status == AUTHORIZED else 0)
    money_right = {
        SETTLED: one.reversed == 0 and one.booked < amount,
        REFUNDED: one.reversed == 0 and one.booked == amount,
        REVERSED: amount - one.booked - one.reversed == one.pending,
        CANCELED: one.reversed == 0 and one.booked <= amount,
    }.get(one.status, one.reversed == one.booked == 0)
    # How much was taken, and that all of it was, is _wrong_captures's.
    if held_right and money_right and one.kept == one.captures * amount - one.booked - one.reversed:
        return ""
    held, kept, booked, taken_back = (text_of(minor, one.currency) for minor in (one.held, one.kept, one.booked, one.reversed))
    return (
        f"{one.status} over {text_of(amount, one.currency)} {one.currency}, but its entries say {held} held, {kept} kept, "
        f"{booked} refunded, {taken_back} taken back by the provider"
    )
