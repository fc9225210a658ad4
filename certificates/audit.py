"""The proof of the certificates' books: both sides of each entry are there, and every sum is that of its entries."""

from collections.abc import Iterator
from typing import Any

from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from bigint import bigint
from certificates.entries import OF_GIFTS, SIGN, SUMS
from certificates.models import CertificateEntry, GiftCertificate
from contributions.models import Contribution
from money import text_of
from providers.local.spec import CERTIFICATE

ADAPTERS = (CERTIFICATE.key, CERTIFICATE.test_key)


def faults() -> Iterator[str]:
    """One sentence for each sum that its entries do not prove, and for each entry without its other side."""
    yield from _sums()
    yield from _purchases()
    yield from _gifts()


def _sums() -> Iterator[str]:
    """Every certificate's sums, and its balance, are those of its entries."""
    entries = CertificateEntry.objects.filter(certificate=OuterRef("pk"), partner=OuterRef("partner_id"))
    proven: dict[str, Any] = {"balance_minor": _total(entries, "certificate")}
    for column, kinds in SUMS.items():
        of_kinds = entries.filter(kind__in=[kind for kind in kinds if kind])
        proven[column] = _total(of_kinds, "certificate", sign=SIGN[kinds[0]])
    wrong = Q()
    for column in proven:
        wrong |= ~Q(**{column: F(f"proven_{column}")})
    rows: QuerySet[Any] = GiftCertificate.objects.annotate(**{f"proven_{name}": total for name, total in proven.items()})
    for one in rows.filter(wrong).order_by("pk").iterator():
        for column in proven:
            says, proves = getattr(one, column), getattr(one, f"proven_{column}")
            if says != proves:
                what = column.removesuffix("_minor")
                yield (
                    f"certificate {one.public_id}: {what} is {text_of(says, one.currency)} {one.currency}, "
                    f"its entries say {text_of(proves, one.currency)}"
                )


def _purchases() -> Iterator[str]:
    """A certificate repeats its purchase, and each purchase has one."""
    settled = Coalesce(F("purchase__settled_minor"), bigint(0), output_field=BigIntegerField())
    rows = GiftCertificate.objects.select_related("purchase").annotate(settled=settled)
    wrong = ~Q(issued_minor=F("settled")) | ~Q(refunded_minor=F("purchase__refunded_minor"))
    wrong |= ~Q(reversed_minor=F("purchase__reversed_minor")) | ~Q(status=F("purchase__status"))
    wrong |= ~Q(held_minor=F("purchase__refunds_reserved_minor") - F("purchase__refunded_minor"))
    wrong |= ~Q(currency=F("purchase__currency")) | ~Q(public_id=F("purchase__public_id"))
    for one in rows.filter(wrong).order_by("pk").iterator():
        yield f"certificate {one.public_id}: its sums or its status are not those of its purchase ({one.purchase.status})"
    theirs = GiftCertificate.objects.filter(purchase=OuterRef("pk"), partner=OuterRef("partner_id"))
    alone = Contribution.objects.filter(goal__certificates_of__isnull=False).filter(~Exists(theirs))
    for public_id in alone.order_by("pk").values_list("public_id", flat=True).iterator():
        yield f"contribution {public_id}: it is the purchase of a certificate that is not there"


def _gifts() -> Iterator[str]:
    """What certificates have paid of a gift is what the gift has kept; nobody's gift was paid by somebody else's."""
    entries = CertificateEntry.objects.filter(contribution=OuterRef("pk"), partner=OuterRef("partner_id"))
    gifts: QuerySet[Any] = Contribution.objects.filter(checkout__adapter__in=ADAPTERS)
    kept = Coalesce(F("settled_minor"), bigint(0), output_field=BigIntegerField()) - F("refunded_minor")
    gifts = gifts.annotate(kept=kept, paid=_total(entries, "contribution", sign=-1))
    for gift in gifts.exclude(kept=F("paid")).order_by("pk").iterator():
        kept_text, paid = (text_of(minor, gift.currency) for minor in (gift.kept, gift.paid))
        yield f"contribution {gift.public_id}: it keeps {kept_text} {gift.currency}, certificates have paid {paid} of it"
    of_gifts = CertificateEntry.objects.filter(kind__in=OF_GIFTS)
    wrong = ~Q(contribution__checkout__adapter__in=ADAPTERS) | ~Q(contribution__currency=F("certificate__currency"))
    wrong |= Q(certificate__giver=None) | ~Q(contribution__giver_id=F("certificate__giver_id"))
    for entry in of_gifts.filter(wrong).select_related("certificate", "contribution").order_by("pk").iterator():
        yield (
            f"certificate {entry.certificate.public_id}: it has paid contribution {entry.contribution}, which is not one of "
            "its giver's gifts by certificates"
        )


def _total(rows: QuerySet[Any], of: str, *, sign: int = 1) -> Coalesce:
    total = rows.order_by().values(of).annotate(total=Sum("delta_minor") * bigint(sign)).values("total")
    return Coalesce(Subquery(total), bigint(0), output_field=BigIntegerField())
