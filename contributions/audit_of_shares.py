"""The proof of who kept what: the columns of a contribution that contributions/shares.py writes, against its ledger."""

from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    ExpressionWrapper,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    When,
)
from django.db.models.functions import Coalesce

from bigint import bigint
from contributions.content import amount_or_none
from contributions.entries import CAPTURES, REFUNDS, Kind
from contributions.models import LedgerEntry
from contributions.shares import SHARES

OWN = (*SHARES, "settled_at", "provider_reference")

_TAKEN = Q(kind__in=CAPTURES)
_KEPT_AGAIN = Case(
    When(kind=Kind.REFUND, then=bigint(-1)),
    When(kind=Kind.REFUND_UNDONE, then=bigint(1)),
    default=bigint(0),
)
_UNKNOWN_OF_OURS = Q(kind__in=REFUNDS, platform_fee_minor=None) & ~Q(asked=0)


def proven(entries: QuerySet[LedgerEntry]) -> dict[str, Subquery]:
    """What the entries of a contribution's current checkout say: to be annotated to contributions."""
    of_captures = entries.filter(_TAKEN)
    named = of_captures.exclude(provider_reference="")
    captured_fee = Case(When(_TAKEN, then=F("fee_minor")), default=bigint(0))
    captured_ours = Case(When(_TAKEN, then=F("platform_fee_minor")), default=bigint(0))
    fee = _KEPT_AGAIN * Coalesce("fee_minor", bigint(0))
    ours = _KEPT_AGAIN * Coalesce("platform_fee_minor", bigint(0))
    net = Case(When(_TAKEN, then="net_minor"), default="collected_delta_minor") - fee - ours
    return {
        "fee_proven": _sum_of(entries, captured_fee + fee, unknown=Q(_TAKEN, fee_minor=None)),
        "platform_fee_proven": _sum_of(
            entries,
            captured_ours + ours,
            unknown=Q(_TAKEN, platform_fee_minor=None) | _UNKNOWN_OF_OURS,
        ),
        "net_proven": _sum_of(entries, net, unknown=Q(_TAKEN, net_minor=None) | _UNKNOWN_OF_OURS),
        "settled_proven": Subquery(_of_one(of_captures).annotate(first=Min("at")).values("first")),
        "reference_proven": Subquery(named.order_by("-pk").values("provider_reference")[:1]),
    }


def wrong(one: Any) -> str:
    """A sentence about what the contribution says and its entries do not; empty where they agree.

    Before anything is taken the provider's reference rests on no capture.
    """
    says = (one.fee_minor, one.net_minor, one.platform_fee_minor)
    told = (one.fee_proven, one.net_proven, one.platform_fee_proven)
    if says != told:
        both = (", ".join(amount_or_none(minor, one.currency) or "unknown" for minor in three) for three in (says, told))
        return "says fee, net and platform fee {}, its entries say {}".format(*both)
    if one.settled_at != one.settled_proven:
        return f"says it was settled at {one.settled_at}, its entries say {one.settled_proven}"
    if one.reference_proven is not None and one.provider_reference != one.reference_proven:
        return f"says its payment is {one.provider_reference}, its entries say {one.reference_proven}"
    return ""


def _of_one(entries: QuerySet[LedgerEntry]) -> QuerySet[Any]:
    return entries.order_by().values("contribution")


def _sum_of(entries: QuerySet[LedgerEntry], part: Any, *, unknown: Q) -> Subquery:
    """None where nothing was taken, and where one entry that counts does not tell."""
    asked = entries.annotate(asked=ExpressionWrapper(OuterRef("checkout__platform_fee_minor"), output_field=BigIntegerField()))
    counted = _of_one(asked).annotate(
        taken=Count("pk", filter=_TAKEN), unknown=Count("pk", filter=unknown), told=Sum(part, output_field=BigIntegerField())
    )
    total = Case(When(taken__gt=0, unknown=0, then=F("told")), output_field=BigIntegerField())
    return Subquery(counted.annotate(total=total).values("total"))
