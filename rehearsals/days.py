"""The bad days of a rehearsal, in the order in which they are played. Each is a function of the stage and says one line."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from urllib.parse import urlsplit, urlunsplit

import clock
from contributions import refunds, reopening
from contributions.causes import Cause
from contributions.models import Contribution
from contributions.status import FAILED, PENDING, REFUNDED, REVERSED, SETTLED
from notifications.posting import Answer, get
from notifications.signatures import new_secret
from partners import redirect_secrets
from partners.tags import new_id_of
from rehearsals import gifts
from rehearsals.stage import Check, Stage
from rehearsals.told import NOBODY_LISTENS, each, events_taken, first_event, last_event, send, words

OLD_SECONDS = 3600
SLOW_SECONDS = 5.0
"""A partner is given 15 s, and should need far less."""


def _taken(answer: Answer) -> bool:
    return not answer.failure


def _refused(answer: Answer) -> bool:
    """A crash, a redirect or silence is no refusal."""
    return answer.status is not None and 400 <= answer.status < 500


# --- The webhook ------------------------------------------------------------------------------------------------------


def _paid(stage: Stage) -> Check:
    return events_taken(stage, "paid", stage.paid_gift(), "a gift is paid without trouble")


def _twice(stage: Stage) -> Check:
    wanted = "2xx, and nothing counted twice: keep each webhook-id that you have dealt with"
    return each(stage, "event_twice", wanted, _taken, last_event(stage.paid_gift()))


def _late(stage: Stage) -> Check:
    """The gift is Settled, and its first event comes after that."""
    wanted = "2xx, and the gift stays Settled: go by RecordVersionNumber, and let an older one go"
    return each(stage, "older_event_later", wanted, _taken, first_event(stage.paid_gift()))


def _forged(stage: Stage) -> Check:
    wanted = "4xx: the signature is made with another secret"
    return each(stage, "forged_signature", wanted, _refused, last_event(stage.paid_gift()), secrets=[new_secret()])


def _altered(stage: Stage) -> Check:
    wanted = "4xx: the body was changed after it was signed"
    return each(stage, "changed_body", wanted, _refused, last_event(stage.paid_gift()), altered=True)


def _old(stage: Stage) -> Check:
    wanted = "4xx: rightly signed, and an hour old (more than 5 minutes is too old)"
    return each(stage, "old_timestamp", wanted, _refused, last_event(stage.paid_gift()), age_seconds=OLD_SECONDS)


def _slow(stage: Stage) -> Check:
    on, event = stage.listening(), last_event(stage.paid_gift())
    if not on:
        return Check("quick_answer", None, NOBODY_LISTENS)
    took = [(endpoint, *send(stage, endpoint, event)) for endpoint in on]
    told = "; ".join(f"{endpoint.url}: {words(answer)} after {seconds:.1f} s" for endpoint, answer, seconds in took)
    passed = all(_taken(answer) and seconds <= SLOW_SECONDS for _, answer, seconds in took)
    return Check("quick_answer", passed, f"{told}. Wanted: 2xx within {SLOW_SECONDS:.0f} s (after 15 s it counts as failed)")


# --- The gift ---------------------------------------------------------------------------------------------------------


def _slow_provider(stage: Stage) -> Check:
    gift = stage.gift("Rehearsal: under review", scenario="review_passed")
    gifts.at_the_simulator(gift, "approve")
    gift = stage.becomes(stage.becomes(gift, PENDING, Cause.RETURN), SETTLED, Cause.WORKER)
    return events_taken(stage, "slow_provider", gift, "the provider reviews the gift first: Pending, then Settled")


def _second_try(stage: Stage) -> Check:
    gift = stage.gift("Rehearsal: declined, then paid")
    gifts.at_the_simulator(gift, "decline")
    gift = stage.becomes(gift, FAILED, Cause.RETURN)
    gift = reopening.open_checkout(gift, gift.provider)
    gifts.at_the_simulator(gift, "approve")
    gift = stage.becomes(gift, SETTLED, Cause.RETURN)
    return events_taken(stage, "declined_then_paid", gift, "Failed is not the end: Submitted again, then Settled")


def _never_back(stage: Stage) -> Check:
    gift = stage.gift("Rehearsal: never comes back")
    gifts.at_the_simulator(gift, "approve")
    gift = stage.becomes(gift, SETTLED, Cause.WORKER)
    return events_taken(stage, "giver_never_returns", gift, "paid, and nobody comes to ConfirmationURL")


def _chargeback(stage: Stage) -> Check:
    gift = _paid_by(stage, "Rehearsal: charged back")
    gifts.happens_at_the_simulator(gift, "chargeback")
    gift = stage.becomes(gift, REVERSED, Cause.WEBHOOK)
    return events_taken(stage, "chargeback", gift, "the giver's bank takes the money back: Settled, then Reversed")


def _refund_failed(stage: Stage) -> Check:
    gift = _paid_by(stage, "Rehearsal: refund fails")
    refunds.ask(gift, amount_minor=None, reason="Rehearsal", public_id=new_id_of(gift.partner_id))
    gift = stage.becomes(gift, REFUNDED, Cause.WORKER)
    gifts.happens_at_the_simulator(gift, "refund_undone")
    gift = stage.becomes(gift, SETTLED, Cause.WEBHOOK)
    return events_taken(stage, "refund_failed", gift, "a refund is made and fails after all: Refunded, then Settled again")


def _paid_by(stage: Stage, contributor: str) -> Contribution:
    gift = stage.gift(contributor)
    gifts.at_the_simulator(gift, "approve")
    return stage.becomes(gift, SETTLED, Cause.RETURN)


# --- The redirect -----------------------------------------------------------------------------------------------------


def _confirmation(stage: Stage) -> Check:
    return _visited(stage, "confirmation_page", "ConfirmationURL", stage.paid_gift())


def _cancel(stage: Stage) -> Check:
    gift = stage.gift("Rehearsal: declined")
    gifts.at_the_simulator(gift, "decline")
    return _visited(stage, "cancel_page", "CancelURL", stage.becomes(gift, FAILED, Cause.RETURN))


def _visited(stage: Stage, name: str, element: str, gift: Contribution) -> Check:
    url = stage.goal.confirmation_url if element == "ConfirmationURL" else stage.goal.cancel_url
    if not url:
        return Check(name, None, f"not played: name a {element} for the rehearsal")
    answer = get(_address(stage, url, gift, gift.status), seconds=stage.seconds())
    if _refused(answer):
        seen = f"{url} {words(answer)} to the gift {gift.public_id}, which is none of your orders"
        return Check(name, None, f"{seen}. See that the giver of one of your orders gets a page")
    passed = answer.status is not None and 200 <= answer.status < 400
    also = "; the redirect was not followed" if answer.failure == "redirect" else ""
    return Check(name, passed, f"{url} {words(answer)}{also}. Wanted: a page, or a redirect to one")


def _forged_redirect(stage: Stage) -> Check:
    """A gift that nobody paid, and a giver who writes into the address that it is."""
    url = stage.goal.confirmation_url
    if not url:
        return Check("forged_redirect", None, "not played: name a ConfirmationURL for the rehearsal")
    gift = stage.gift("Rehearsal: has not paid")
    answer = get(_address(stage, url, gift, SETTLED, forged=True), seconds=stage.seconds())
    if answer.status is None or answer.status >= 500:
        return Check("forged_redirect", False, f"{url} {words(answer)}. Wanted: an answer that is no crash")
    seen = f"{url} {words(answer)} to the unpaid gift {gift.public_id}, brought as Settled with a wrong signature"
    return Check("forged_redirect", None, f"{seen}. Nobody can judge that from outside: see that it is not taken for paid")


def _address(stage: Stage, url: str, gift: Contribution, status: str, *, forged: bool = False) -> str:
    """Where the giver is sent, without the fragment, which a browser keeps to itself."""
    parts = urlsplit(url)
    secret = redirect_secrets.new_secret() if forged else ""
    query = redirect_secrets.query_for(stage.partner, parts.query, gift.public_id, status, at=clock.now(), secret=secret)
    return urlunsplit(parts._replace(query=query, fragment=""))


DAYS: Mapping[str, Callable[[Stage], Check]] = MappingProxyType(
    {
        "paid": _paid,
        "event_twice": _twice,
        "older_event_later": _late,
        "forged_signature": _forged,
        "changed_body": _altered,
        "old_timestamp": _old,
        "quick_answer": _slow,
        "slow_provider": _slow_provider,
        "declined_then_paid": _second_try,
        "giver_never_returns": _never_back,
        "chargeback": _chargeback,
        "refund_failed": _refund_failed,
        "confirmation_page": _confirmation,
        "cancel_page": _cancel,
        "forged_redirect": _forged_redirect,
    }
)
"""By the name of their line on the sheet."""
