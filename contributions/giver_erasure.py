"""A giver is erased: what names them goes at once, their permissions end, and their gifts are redacted, now or by the worker.

Amounts stay. A gift whose provider has not answered yet is redacted once it has.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet

import clock
import log_context
from contributions import erasure, followers, kept_answers
from contributions.causes import Cause
from contributions.models import Contribution
from givers import people, permissions
from givers.models import Giver, Permission
from givers.states import OVER
from ownership import row_key

log = logging.getLogger(__name__)

MOST_AT_ONCE = 20
"""So many gifts are redacted while a client waits; the worker goes on with the rest."""

AGAIN_AFTER = timedelta(minutes=10)


def begin(giver: Giver) -> None:
    """The person is gone from here on, for partners and pages; and whatever can be done at once is done."""
    if people.forget(giver):
        kept_answers.forget(giver)
    go_on(giver, most=MOST_AT_ONCE)


def idle_since(moment: datetime) -> QuerySet[Giver]:
    """Givers who were made before it, have given nothing since, and have agreed to nothing that is good yet."""
    whose = {"giver": OuterRef("pk"), "partner": OuterRef("partner_id")}
    living = Permission.objects.filter(**whose).exclude(state__in=OVER)
    given = Contribution.objects.filter(**whose, created_at__gte=moment)
    old = Giver.objects.select_related("partner").filter(erased_at=None, created_at__lt=moment)
    return old.exclude(Exists(living)).exclude(Exists(given))


def go_on(giver: Giver, *, most: int = 1000) -> bool:
    """Whether everything is erased."""
    living = Permission.objects.select_related("giver__partner").filter(giver=giver).exclude(state__in=OVER)
    for permission in living:
        permissions.revoke(permission, "giver_erased")
    Permission.objects.filter(giver=giver).update(confirmation_url="", cancel_url="")
    followers.forget(giver)
    left = list(Contribution.objects.whole().filter(giver=giver, erased_at=None).order_by("pk")[: most + 1])
    erased = [_erased(gift) for gift in left[:most]]
    later = clock.now() + AGAIN_AFTER if len(left) <= most else clock.now()
    done = all(erased) and len(left) <= most
    Giver.objects.filter(**row_key(giver)).update(due_at=None if done else later)
    return done


def _erased(gift: Contribution) -> bool:
    try:
        erasure.erase(gift, cause=Cause.CLIENT)
    except (erasure.BeingAsked, erasure.KeepsChanging) as error:
        log.warning("gift is erased later", extra={"contribution": gift.public_id, "because": str(error)})
        return False
    # Nothing may have been left to be erased, as where names were purged before.
    Contribution.objects.filter(**row_key(gift), erased_at=None).update(erased_at=clock.now())
    return True


def go_on_with_all(stopped: Callable[[], bool] = lambda: False) -> int:
    """Every giver whose erasure is due; returns how many there were. One that goes wrong waits for another time."""
    due = list(Giver.objects.select_related("partner").filter(due_at__lte=clock.now()).order_by("due_at")[:100])
    for giver in due:
        if stopped():
            break
        Giver.objects.filter(**row_key(giver)).update(due_at=clock.now() + AGAIN_AFTER)  # should we die of it
        with log_context.bound(request_id=log_context.new_request_id()):
            try:
                go_on(giver)
            except Exception:  # the next one must not pay for it
                log.exception("giver not erased", extra={"giver": giver.public_id})
    return len(due)
