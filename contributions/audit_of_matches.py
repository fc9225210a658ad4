"""The proof of what no provider has: what a goal marks apart of what it has collected, and what matchers have added.

Each sentence rests on one statement, so that what moves meanwhile is no fault.
"""

from collections.abc import Iterator
from typing import Any

from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from bigint import bigint
from contributions.booking import MARKED_APART
from contributions.matching import kept_minor, share_minor
from contributions.models import Contribution, LedgerEntry, MatchDue, MatchedGift
from goals.models import Matcher, PaymentAccount, SavingGoal
from money import text_of


def faults() -> Iterator[str]:
    """One sentence for each thing that does not fit."""
    for goal in goals_with_wrong_marks().order_by("pk").iterator():
        for provider, column in MARKED_APART.items():
            cached, proven = getattr(goal, column), getattr(goal, f"{column}_sum")
            if cached != proven:
                yield (
                    f"goal {goal.public_id}: of its settled total {text_of(cached, goal.currency)} {goal.currency} are marked "
                    f"as {provider}, its ledger says {text_of(proven, goal.currency)}"
                )
    yield from _wrong_matches()
    yield from _wrong_matchers()


def with_marked_sums(goals: QuerySet[SavingGoal]) -> QuerySet[Any]:
    """The goals with what their entries say of each column of MARKED_APART, as `COLUMN_sum`."""
    entries = LedgerEntry.objects.filter(goal=OuterRef("pk"), partner=OuterRef("partner_id")).order_by()
    sums = {
        f"{column}_sum": _total(
            entries.filter(contribution__checkout__account__provider=provider), "goal", "collected_delta_minor"
        )
        for provider, column in MARKED_APART.items()
    }
    return goals.annotate(**sums)


def goals_with_wrong_marks() -> QuerySet[Any]:
    """Goals that mark apart what their entries do not say. Looked at are those alone that ever had such gifts, or say so."""
    accounts = PaymentAccount.objects.filter(goal=OuterRef("pk"), partner=OuterRef("partner_id"), provider__in=MARKED_APART)
    says = Q(*(Q(**{column: 0}) for column in MARKED_APART.values()))
    goals = SavingGoal.objects.filter(~says | Exists(accounts))
    return with_marked_sums(goals).exclude(**{f"{column}_sum": F(column) for column in MARKED_APART.values()})


def _wrong_matches() -> Iterator[str]:
    """Each gift's matches are what is kept of them, and never more than their share of what is left of it."""
    of_row = {"partner": OuterRef("partner_id"), "match_of": OuterRef("gift__public_id")}
    matches = Contribution.objects.filter(**of_row, checkout__account=OuterRef("matcher__account")).order_by()
    left = {name: _total(matches, "match_of", name) for name in ("settled_minor", "refunded_minor")}
    due = MatchDue.objects.filter(partner=OuterRef("partner_id"), gift=OuterRef("gift"))
    rows: QuerySet[Any] = MatchedGift.objects.select_related("gift", "matcher").annotate(is_due=Exists(due), **left)
    for row in rows.order_by("pk").iterator():
        gift, most = row.gift, share_minor(row.kept_minor, row.matcher.percent)
        there, kept, share, rests_on, is_left = (
            f"{text_of(minor, gift.currency)} {gift.currency}"
            for minor in (row.settled_minor - row.refunded_minor, row.matched_minor, most, row.kept_minor, kept_minor(gift))
        )
        about = f"gift {gift.public_id}: its matches by {row.matcher.public_id}"
        if there != kept:
            yield f"{about} are {there}, and {kept} is kept of"
        if row.matched_minor > most:
            yield f"{about} are {kept}, more than their share {share}"
        if not row.is_due and rests_on != is_left:
            yield f"{about} rest on {rests_on}, and {is_left} is left"
    known = MatchedGift.objects.filter(
        partner=OuterRef("partner_id"), gift__public_id=OuterRef("match_of"), matcher__account=OuterRef("checkout__account")
    )
    for match in Contribution.objects.exclude(match_of=None).exclude(Exists(known)).order_by("pk").iterator():
        yield f"contribution {match.public_id}: it is a match of {match.match_of}, and nothing is kept of that"


def _wrong_matchers() -> Iterator[str]:
    """What counts against a matcher's cap is what its gifts' matches come to."""
    rows = MatchedGift.objects.filter(matcher=OuterRef("pk"), partner=OuterRef("partner_id")).order_by()
    wrong: QuerySet[Any] = Matcher.objects.select_related("goal").annotate(proven=_total(rows, "matcher", "matched_minor"))
    for one in wrong.exclude(proven=F("matched_minor")).order_by("pk").iterator():
        says, proven = (text_of(minor, one.goal.currency) for minor in (one.matched_minor, one.proven))
        yield f"matcher {one.public_id}: it has added {says} {one.goal.currency}, its gifts say {proven}"


def _total(rows: QuerySet[Any], by: str, column: str) -> Coalesce:
    total = rows.values(by).annotate(total=Sum(column)).values("total")
    return Coalesce(Subquery(total), bigint(0), output_field=BigIntegerField())
