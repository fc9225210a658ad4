"""Whether a partner's endpoints took the events of a gift, and what they answer to messages that only look like ours."""

import time
from collections.abc import Callable, Iterable
from typing import Any

import clock
from contributions.models import Contribution
from notifications import messages, signatures
from notifications.delivery import deliver
from notifications.models import Delivery, DeliveryAttempt, Event, WebhookEndpoint
from notifications.outbox import events_about
from notifications.posting import Answer, post
from ownership import row_key
from providers.kit.deadline import at_most
from rehearsals.stage import Check, Stage

PAUSE_SECONDS = 0.2
Judge = Callable[[Answer], bool]
NOBODY_LISTENS = "not played: there is no webhook endpoint that is on"


def events_taken(stage: Stage, name: str, gift: Contribution, what: str) -> Check:
    """Deliver all events of this gift as always, and say whether each was answered with 2xx at once.

    They are real events: whatever failed is tried again later by the worker, and the next days do not wait for it.
    """
    on = stage.listening()
    if not on:
        return Check(name, None, f"{NOBODY_LISTENS}; {what}")
    answers = []
    events = events_about(gift).order_by("position")
    for event in events:
        for delivery in Delivery.objects.filter(event=event, endpoint__in=on).order_by("endpoint"):
            answers.append((event, delivery.endpoint, _first_answer(delivery, stage.day_until)))
    if not answers:
        return Check(name, None, f"no endpoint asks for {', '.join(one.type for one in events)}; {what}")
    bad = [f"{event.type} at {endpoint.url}: {words(answer)}" for event, endpoint, answer in answers if answer.failure]
    good = ", ".join(dict.fromkeys(event.type for event, _, answer in answers if not answer.failure))
    detail = f"{'; '.join(bad)} (a 2xx is wanted)" if bad else f"{good} answered with 2xx"
    return Check(name, not bad, f"{what}: {detail}")


def _first_answer(delivery: Delivery, ends: float) -> Answer:
    """What came of the first try, ours or the worker's. Nothing by that monotonic moment: a failure."""
    while True:
        tried = DeliveryAttempt.objects.filter(event=delivery.event, endpoint=delivery.endpoint, number=1).first()
        if tried is not None:
            return Answer(tried.answer, tried.failure)
        left = ends - time.monotonic()
        if left <= 0:
            return Answer(failure="not_tried_in_time")
        with at_most(left):
            arrived = deliver(Delivery.objects.get(**row_key(delivery)))
        if not arrived:
            time.sleep(PAUSE_SECONDS)


def send(
    stage: Stage,
    endpoint: WebhookEndpoint,
    event: Event,
    *,
    secrets: Iterable[str] = (),
    age_seconds: int = 0,
    altered: bool = False,
) -> tuple[Answer, float]:
    """Send the event once more under its own id, outside the outbox; the answer, and how many seconds it took.

    `secrets` sign it in the place of the endpoint's own, `age_seconds` dates it back, `altered` changes the body once signed.
    """
    body, now = messages.body_for(event, endpoint.format), clock.now()
    headers = {
        "Content-Type": messages.MEDIA[WebhookEndpoint.Format(endpoint.format)],
        **signatures.headers(
            list(secrets) or endpoint.live_secrets(now),
            message_id=event.public_id,
            timestamp=int(now.timestamp()) - age_seconds,
            body=body,
        ),
    }
    sent = body.replace(b"Rehearsal", b"Forgery", 1) if altered else body
    started = time.monotonic()
    answer = post(endpoint.url, headers, sent, seconds=stage.seconds())
    return answer, time.monotonic() - started


def each(stage: Stage, name: str, wanted: str, good: Judge, event: Event, **how: Any) -> Check:
    """Send the event to each endpoint that is on, and judge every answer alike."""
    on = stage.listening()
    if not on:
        return Check(name, None, NOBODY_LISTENS)
    answers = [(endpoint, send(stage, endpoint, event, **how)[0]) for endpoint in on]
    told = "; ".join(f"{endpoint.url}: {words(answer)}" for endpoint, answer in answers)
    return Check(name, all(good(answer) for _, answer in answers), f"{told}. Wanted: {wanted}")


def last_event(gift: Contribution) -> Event:
    """The newest event of the gift."""
    return events_about(gift).order_by("-position")[:1].get()


def first_event(gift: Contribution) -> Event:
    """The oldest event of the gift."""
    return events_about(gift).order_by("position")[:1].get()


def words(answer: Answer) -> str:
    """An answer in words."""
    if answer.status is not None:
        return f"answered {answer.status}"
    return f"no answer ({answer.failure})"
