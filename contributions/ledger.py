"""The books: what each kind of entry does to a goal's two totals, and the proof that the totals are right."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, F, Q, Sum, Value
from django.db.models.functions import Coalesce

from contributions.models import Contribution, LedgerEntry
from contributions.status import AUTHORIZED, REFUNDED, REVERSED, SETTLED, Status
from goals.models import SavingGoal
from money import text_of

Kind = LedgerEntry.Kind


@dataclass(frozen=True)
class Entry:
    """What a move writes into the books, in minor units of the contribution's currency."""

    kind: str
    provider_reference: str
    correlation_id: str
    collected_delta_minor: int
    authorized_delta_minor: int


def entry_for(contribution: Contribution, to: Status, *, provider_reference: str, correlation_id: str) -> Entry | None:
    """The entry that moving this contribution to `to` takes; None where no money is held, taken or let go."""
    amount, held = contribution.amount_minor, contribution.status == AUTHORIZED
    if to == SETTLED:
        return Entry(Kind.CAPTURE, provider_reference, correlation_id, amount, -amount if held else 0)
    if to == AUTHORIZED:
        return Entry(Kind.AUTHORIZATION, provider_reference, correlation_id, 0, amount)
    if held:
        return Entry(Kind.VOID, provider_reference, correlation_id, 0, -amount)
    return None


def faults_in_the_books() -> Iterator[str]:
    """One sentence for each total that is not the sum of its entries and each contribution without its capture."""
    yield from _wrong_totals()
    yield from _wrong_captures()


def _wrong_totals() -> Iterator[str]:
    nothing = Value(0)
    goals = SavingGoal.objects.annotate(
        collected_sum=Coalesce(Sum("ledger_entries__collected_delta_minor"), nothing),
        authorized_sum=Coalesce(Sum("ledger_entries__authorized_delta_minor"), nothing),
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
    taken = [SETTLED, REFUNDED, REVERSED]
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
    ).exclude(Q(status__in=taken, captures=1, same_amount=1) | (~Q(status__in=taken) & Q(captures=0)))
    for contribution in contributions.iterator():
        yield (
            f"contribution {contribution.public_id}: {contribution.status} with {contribution.captures} captures, "
            f"{contribution.same_amount} of them over its own amount"
        )
