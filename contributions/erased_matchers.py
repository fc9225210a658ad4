"""A matcher's name, which may be a person's: erased with the matches that bear it, and let go after its time."""

from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet

from bigint import bigint
from contributions import kept_answers
from contributions.models import Contribution
from contributions.redaction import PLACEHOLDER
from goals.models import Matcher
from ownership import row_key
from partners import audit_log
from partners.models import Partner


def named(word: str, partner_name: str) -> list[Matcher]:
    """The partner's matchers of this exact name, live and test, deleted or not."""
    partners = list(Partner.objects.filter(name=partner_name).values_list("pk", flat=True))
    return list(Matcher.objects.filter(partner_id__in=partners, name=word).order_by("pk"))


def of_match(gift: Contribution) -> Matcher | None:
    """Whose match the gift is; None: nobody's."""
    if gift.match_of is None:
        return None
    return Matcher.objects.filter(account=gift.current_checkout.account_id, partner=gift.partner_id).first()


def ended_before(moment: datetime) -> QuerySet[Matcher]:
    """Matchers that were deleted before, and still bear their name."""
    return Matcher.objects.filter(deleted_at__lt=moment).exclude(name=PLACEHOLDER)


def erase(matcher: Matcher) -> bool:
    """Replace its name, here and in kept answers; it goes on matching, unless it is deleted. False: it was erased before."""
    with transaction.atomic():
        mine = Matcher.objects.filter(**row_key(matcher)).exclude(name=PLACEHOLDER)
        if not mine.update(name=PLACEHOLDER, version=F("version") + bigint(1)):
            return False
        answers = kept_answers.redact_matcher(matcher)
        audit_log.record("matcher.erased", matcher.public_id, partner_id=matcher.partner_id, after={"answers": answers})
    return True
