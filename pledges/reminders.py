"""Mails to givers: before the first gift of a pledge, and after one that could not be taken. Only where mail is on.

A mail is stored with what it tells of, in one transaction, and sent by the worker, with no transaction open. Where that dies
between sending it and writing that down, it is sent again under the same Message-ID, by which mail programs know it again.
No log says to whom it went.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage

import clock
import leases
import log_context
from givers.private_page import page_url
from money import text_of
from pledges import mail_texts, rounds
from pledges.calling_off import gift_of
from pledges.decisions import Outcome
from pledges.knowing import outcome_of
from pledges.mail_texts import Facts, Text
from pledges.models import About, Pledge, Reminder
from pledges.schedule import Every
from pledges.states import ACTIVE, PAUSED

log = logging.getLogger(__name__)

DAYS_BEFORE_THE_FIRST = 2
AGAIN_AFTER = tuple(timedelta(minutes=minutes) for minutes in (5, 30, 120, 360))
"""When a mail that the server did not take is sent again; after the last one it is given up."""
BATCH = 100


# --- Stored -----------------------------------------------------------------------------------------------------------


def remind_of_first(pledge: Pledge) -> None:
    """In the transaction that makes the pledge."""
    _store(pledge, About.FIRST, due_at=max(clock.now(), pledge.next_at - timedelta(days=DAYS_BEFORE_THE_FIRST)))


def remind_of_failure(pledge: Pledge, number: int, failed_tries: int) -> None:
    """In the transaction that writes down that this gift has failed, so often."""
    _store(pledge, About.FAILED, number=number, failed_tries=failed_tries, due_at=clock.now())


def _store(pledge: Pledge, about: About, **columns: object) -> None:
    if not settings.MAIL_IS_ON or not pledge.giver.email_encrypted:
        return
    kept = {"number": 1, "created_at": clock.now(), **columns}
    Reminder.objects.create(pledge=pledge, about=about.value, **kept)


# --- Sent -------------------------------------------------------------------------------------------------------------


def send_all_due(stopped: Callable[[], bool] = lambda: False) -> int:
    """Send every mail whose time has come, each once; returns how many were sent. Nothing where mail is off."""
    if not settings.MAIL_IS_ON:
        return 0
    number = 0
    for reminder in Reminder.objects.filter(due_at__lte=clock.now()).order_by("due_at")[:BATCH]:
        if stopped():
            break
        leased = leases.take(reminder, if_due=True, also=("pledge__goal__partner", "pledge__giver__partner"))
        if leased is not None:
            with log_context.bound(request_id=log_context.new_request_id()):
                number += _send(leased)
    return number


def _send(leased: Reminder) -> bool:
    pledge = leased.pledge
    about = {"pledge": pledge.public_id, "about": leased.about, "number": leased.number}
    try:
        text, address = _text_of(leased), pledge.giver.email
        if text is None or not address:
            leases.give_back(leased, due_at=None)  # nobody needs it any more
            return False
        _message(leased, text, address).send()
    except Exception as error:  # noqa: BLE001 - whatever a mail server does; its words may hold the address, so none is logged
        _later(leased, about | {"error": type(error).__name__})
        return False
    leases.give_back(leased, due_at=None, sent_at=clock.now())
    log.info("reminder sent", extra=about)
    return True


def _later(leased: Reminder, about: dict[str, object]) -> None:
    if leased.attempts >= len(AGAIN_AFTER):
        leases.give_back(leased, due_at=None)
        log.error("reminder given up", extra=about)
        return
    leases.give_back(leased, due_at=clock.now() + AGAIN_AFTER[leased.attempts], attempts=leased.attempts + 1)
    log.warning("reminder not sent", extra=about)


def _message(leased: Reminder, text: Text, address: str) -> EmailMessage:
    host = urlsplit(settings.PUBLIC_BASE_URL).hostname
    one = f"{leased.pledge.public_id}.{leased.about}.{leased.number}.{leased.failed_tries}"
    headers = {"Message-ID": f"<{one}@{host}>", "Auto-Submitted": "auto-generated"}
    return EmailMessage(text.subject, text.body, settings.DEFAULT_FROM_EMAIL, [address], headers=headers)


def _text_of(leased: Reminder) -> Text | None:
    """As things stand now; None where the mail would tell what is not so any more."""
    pledge = leased.pledge
    if leased.about == About.FIRST:
        is_true = pledge.state == ACTIVE and pledge.number == 1 and not pledge.is_out and not pledge.tries
        return mail_texts.of_first(_facts(pledge)) if is_true else None
    if pledge.state == ACTIVE and (pledge.number, pledge.tries, pledge.is_out) == (leased.number, leased.failed_tries, False):
        gift = gift_of(pledge)
        if outcome_of(gift) is Outcome.MADE:
            return None
        pay_url = gift.pay_url if gift is not None and outcome_of(gift) is Outcome.FAILED else ""
        return mail_texts.of_failure(replace(_facts(pledge), reason=pledge.failure, pay_url=pay_url))
    if pledge.state == PAUSED and pledge.failure and pledge.state_reason == pledge.failure:
        return mail_texts.of_failure(replace(_facts(pledge), reason=pledge.failure, next_day=""))
    return None


def _facts(pledge: Pledge) -> Facts:
    giver = pledge.giver
    return Facts(
        partner=giver.partner.name,
        goal=pledge.goal.name,
        amount=f"{text_of(pledge.amount_minor, pledge.currency)} {pledge.currency}",
        every=Every(pledge.every),
        giver_url=page_url(giver),
        name=giver.name or "",
        next_day=f"{pledge.next_at.astimezone(pledge.zone):%-d %B %Y}",
        is_test=giver.partner.is_test,
    )


def run(stop: threading.Event) -> None:
    """In a thread of a worker, until `stop`; whatever ends it before sets `stop`."""
    rounds.run(stop, send_all_due)
