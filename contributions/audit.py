"""The proof of the books: every total is the sum of its entries, and every contribution is what its entries say."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from django.db.models import BigIntegerField, Count, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from bigint import bigint
from contributions import audit_of_matches, audit_of_partners, audit_of_shares, followers
from contributions.entries import CAPTURES, DISPUTES, REFUNDS, Kind
from contributions.models import Contribution, LedgerEntry, Refund
from contributions.status import AUTHORIZED, CANCELED, SETTLED, TAKEN, Intent, after_taking
from goals.models import SavingGoal
from money import text_of


def faults_in_the_books() -> Iterator[str]:
    """One sentence for each total that is not the sum of its entries, and for each contribution whose status, captures
    or refunds do not fit its entries. Streams: its memory does not grow with the books."""
    yield from _wrong_totals()
    yield from _wrong_contributions()
    yield from audit_of_matches.faults()
    yield from audit_of_partners.faults()
    yield from followers.faults()


def goals_with_wrong_totals() -> QuerySet[Any]:
    """Goals whose totals are not the sums of their entries, which stand in `collected_sum` and `authorized_sum`."""
    return with_ledger_sums(SavingGoal.objects.all()).exclude(
        collected_sum=F("collected_minor"), authorized_sum=F("authorized_minor")
    )


def with_ledger_sums(goals: QuerySet[SavingGoal]) -> QuerySet[Any]:
    """The goals with what their entries add up to, in minor units, as `collected_sum` and `authorized_sum`."""
    entries = LedgerEntry.objects.filter(goal=OuterRef("pk"), partner=OuterRef("partner_id")).order_by().values("goal")
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
    yield from _fees_that_do_not_fit()
    for row in _with_their_entries().iterator():
        # What one fault says, the next ones would say again in other words.
        current = _wrong_captures(row) or _wrong_sums(row) or _wrong_status(row) or audit_of_shares.wrong(row)
        for fault in (current, _wrong_older_checkouts(row)):
            if fault:
                yield f"contribution {row.public_id}: {fault}"


def _fees_that_do_not_fit() -> Iterator[str]:
    """What the payee got and what was kept of a capture make up its amount, where all three are told.

    The provider's own fee is the payee's (PayPal) or the operator's (Stripe, whose transfer is not less for it).
    """
    told = LedgerEntry.objects.filter(kind__in=CAPTURES, fee_minor__isnull=False)
    told = told.filter(net_minor__isnull=False, platform_fee_minor__isnull=False)
    in_all = F("net_minor") + F("platform_fee_minor")
    wrong = told.annotate(shared=in_all).exclude(shared=F("amount_minor")).exclude(shared=F("amount_minor") - F("fee_minor"))
    for entry in wrong.select_related("contribution").order_by("pk").iterator():
        amount, net, kept, fee = (
            text_of(minor, entry.currency)
            for minor in (entry.amount_minor, entry.net_minor or 0, entry.platform_fee_minor or 0, entry.fee_minor or 0)
        )
        yield (
            f"contribution {entry.contribution.public_id}: {entry.kind} of {amount} {entry.currency}, but {net} for the payee, "
            f"{kept} for the operator and {fee} for the provider"
        )


@cache
def _with_their_entries() -> Any:
    """A named tuple for each contribution, with the sums of its ledger entries and refunds. A look-up in an index for each
    sum, so that nothing has to be sorted. The query is put together once; iterator() asks it anew each time."""
    of_it = {"partner": OuterRef("partner_id"), "contribution": OuterRef("pk")}
    every = LedgerEntry.objects.filter(**of_it)
    entries = every.filter(checkout_number=OuterRef("checkout__number"))
    captures = entries.filter(kind=Kind.CAPTURE)
    taken = entries.filter(kind__in=CAPTURES, currency=OuterRef("currency"))
    disputed = entries.filter(kind__in=DISPUTES)
    given_back = entries.filter(kind__in=REFUNDS)
    refunds = Refund.objects.filter(**of_it, checkout_number=OuterRef("checkout__number"))
    sums = {
        "captures": _total(captures, Count("pk")),
        "taken": _total(taken, Sum("amount_minor")),
        "held": _total(entries, Sum("authorized_delta_minor")),
        "kept": _total(entries, Sum("collected_delta_minor")),
        "lost": _total(disputed, Sum("collected_delta_minor") * bigint(-1)),
        "booked": _total(given_back, Sum("collected_delta_minor") * bigint(-1)),
        "done": _total(refunds.filter(status=Refund.Status.COMPLETED), Sum("amount_minor")),
        "asked": _total(refunds.exclude(status=Refund.Status.FAILED), Sum("amount_minor")),
        **audit_of_shares.proven(entries),
        "kept_of_older": _total(every.exclude(checkout_number=OuterRef("checkout__number")), Sum("collected_delta_minor")),
    }
    own = ("public_id", "status", "currency", "amount_minor", "intent", *_OWN_SUMS, *audit_of_shares.OWN)
    return Contribution.objects.order_by().annotate(**sums).values_list(*own, *sums, named=True)


_OWN_SUMS = ("settled_minor", "reversed_minor", "refunded_minor", "refunds_reserved_minor")


def _total(rows: QuerySet[Any], aggregate: Any) -> Coalesce:
    of_one = rows.order_by().values("contribution").annotate(total=aggregate).values("total")
    return Coalesce(Subquery(of_one), bigint(0), output_field=BigIntegerField())


def _wrong_captures(one: Any) -> str:
    """Settled, Refunded and Reversed have exactly one first capture, over their own amount or a part of it; the others none,
    but for what was cancelled and paid all the same, which has one and owes it back."""
    may = one.status in TAKEN or (one.status == CANCELED and one.intent == Intent.RELEASE)
    if one.captures == 0 and one.status not in TAKEN:
        return ""
    if may and one.captures == 1 and 0 < one.taken <= one.amount_minor:
        return ""
    return f"{one.status} with {one.captures} captures, {text_of(one.taken, one.currency)} {one.currency} of them in all"


def _wrong_sums(one: Any) -> str:
    """What a contribution says of itself is what its ledger and its refunds say."""
    says = (one.settled_minor or 0, one.reversed_minor, one.refunded_minor, one.refunds_reserved_minor)
    proven = (one.taken, one.lost, one.booked, one.asked)
    if says == proven and one.booked == one.done:
        return ""
    sums = (
        f"{text_of(sum_minor, one.currency)} {what}"
        for both in (says, proven)
        for what, sum_minor in zip(("taken", "taken back", "refunded", "asked for"), both, strict=True)
    )
    parts = list(sums)
    return f"says {', '.join(parts[:4])} ({one.currency}), its rows say {', '.join(parts[4:])}"


def _wrong_status(one: Any) -> str:
    """What is Authorized is held whole and nothing else is; what a status says has happened to the money has happened."""
    held_right = one.held == (one.amount_minor if one.status == AUTHORIZED else 0)
    money_right = one.status == CANCELED or one.lost == one.booked == 0
    if one.status in TAKEN:
        # Whatever is still on its way back counts as gone where a dispute has taken the rest, and as there where none has.
        money_right = one.status == after_taking(
            captured_minor=one.taken, refunded_minor=one.booked, reserved_minor=one.asked, lost_minor=one.lost
        ) or (one.status == SETTLED and one.asked > one.booked)
    within = one.lost >= 0 and one.asked + one.lost <= one.taken
    if held_right and money_right and within and one.kept == one.taken - one.booked - one.lost:
        return ""
    amount, held, kept, booked, lost = (
        text_of(minor, one.currency) for minor in (one.amount_minor, one.held, one.kept, one.booked, one.lost)
    )
    return (
        f"{one.status} over {amount} {one.currency}, but its entries say {held} held, {kept} kept, "
        f"{booked} refunded, {lost} taken back by the provider"
    )


def _wrong_older_checkouts(one: Any) -> str:
    """What was taken in a checkout that another one has replaced goes back: never more than was taken."""
    if one.kept_of_older >= 0:
        return ""
    return f"gave back {text_of(-one.kept_of_older, one.currency)} {one.currency} more than its older checkouts took"
