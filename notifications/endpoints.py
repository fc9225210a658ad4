"""Webhook endpoints: where a partner listens. One a partner."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet

import clock
import encryption
from bigint import bigint
from notifications import addresses, outbox
from notifications.messages import TEST_TYPE
from notifications.models import Event, WebhookEndpoint, WebhookSecret
from notifications.signatures import new_secret
from partners.models import Partner

OLD_SECRETS_LIVE = timedelta(hours=24)
"""For how long after a rotation messages are signed with the secret before as well."""

MOST_SECRETS = 4
"""Signatures a message has at most, however often somebody rotates."""


class NoEndpoint(Exception):
    """The partner has no webhook endpoint, or it is off."""


class StaleEndpoint(Exception):
    """The endpoint has changed since it was read."""


def endpoint_of(partner: Partner) -> WebhookEndpoint | None:
    """Where the partner listens; None where it does not."""
    return WebhookEndpoint.objects.filter(partner=partner).first()


def create(
    partner: Partner,
    url: str,
    *,
    event_types: Iterable[str] = (),
    message_format: str = WebhookEndpoint.Format.JSON,
    secret: str = "",
) -> tuple[WebhookEndpoint, str]:
    """A new endpoint and its secret, which is shown once: a new one unless it is given.

    Raises addresses.BadAddress, StaleEndpoint (there is one).
    """
    addresses.check(url)
    secret = secret or new_secret()
    try:
        with transaction.atomic():
            endpoint = WebhookEndpoint.objects.create(
                partner=partner,
                url=url,
                event_types=" ".join(event_types),
                format=message_format,
                created_at=clock.now(),
            )
            _keep_secret(endpoint, secret)
    except IntegrityError:
        raise StaleEndpoint("there is a webhook endpoint already") from None
    return endpoint, secret


def replace(endpoint: WebhookEndpoint, url: str, *, event_types: Iterable[str], message_format: str) -> WebhookEndpoint:
    """Change it as it was read, and turn it on again. Its secret stays. Raises addresses.BadAddress, StaleEndpoint."""
    addresses.check(url)
    as_read = WebhookEndpoint.objects.filter(pk=endpoint.pk, version=endpoint.version)
    changed = as_read.update(
        url=url,
        event_types=" ".join(event_types),
        format=message_format,
        off_since=None,
        failing_since=None,
        version=F("version") + bigint(1),
    )
    if not changed:
        raise StaleEndpoint("the webhook endpoint has changed since it was read")
    endpoint.refresh_from_db()
    return endpoint


def remove(endpoint: WebhookEndpoint) -> None:
    """Forget it and its secrets. What was still to be sent there is kept, as given up."""
    with transaction.atomic():
        endpoint.delete()
        _give_up_what_is_due(endpoint)


def turn_off(endpoint: WebhookEndpoint) -> bool:
    """It does not want to hear anything more (410). False: it was off, or has been changed since it was read."""
    with transaction.atomic():
        on = WebhookEndpoint.objects.filter(pk=endpoint.pk, version=endpoint.version, off_since=None)
        if not on.update(off_since=clock.now(), version=F("version") + bigint(1)):
            return False
        _give_up_what_is_due(endpoint)
    return True


def rotate(endpoint: WebhookEndpoint) -> str:
    """A new secret, which is shown once; messages are signed with the old one too for a day."""
    now, secret = clock.now(), new_secret()
    with transaction.atomic():
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(version=F("version") + bigint(1))  # one rotation at a time
        endpoint.secrets.filter(expires_at=None).update(expires_at=now + OLD_SECRETS_LIVE)
        _keep_secret(endpoint, secret)
        newest = endpoint.secrets.order_by("-pk").values_list("pk", flat=True)[:MOST_SECRETS]
        endpoint.secrets.filter(Q(expires_at__lte=now) | ~Q(pk__in=list(newest))).delete()
    endpoint.refresh_from_db()
    return secret


def send_test(partner: Partner) -> Event:
    """An event that tells of nothing, on its way to the endpoint. Raises NoEndpoint."""
    endpoint = endpoint_of(partner)
    if endpoint is None or endpoint.off_since is not None:
        raise NoEndpoint("There is no webhook endpoint that is on: PUT /api/WebhookEndpoint first.")
    with transaction.atomic():
        event = outbox.announce(partner.pk, TEST_TYPE, {}, at=clock.now())
        if event.delivery != Event.Delivery.DUE:  # a test is sent whatever types the endpoint wants
            _due_now(Event.objects.filter(pk=event.pk))
            event.refresh_from_db()
    return event


def send_again(event: Event) -> Event:
    """Start over with this event, under its own id, whatever became of it before. Raises NoEndpoint."""
    endpoint = WebhookEndpoint.objects.filter(partner_id=event.partner_id, off_since=None).first()
    if endpoint is None:
        raise NoEndpoint("There is no webhook endpoint that is on: PUT /api/WebhookEndpoint first.")
    _due_now(Event.objects.filter(pk=event.pk))
    event.refresh_from_db()
    return event


def _due_now(events: QuerySet[Event]) -> None:
    events.update(delivery=Event.Delivery.DUE, step=0, due_at=clock.now())


def _keep_secret(endpoint: WebhookEndpoint, secret: str) -> None:
    WebhookSecret.objects.create(endpoint=endpoint, secret_encrypted=encryption.encrypt(secret), created_at=clock.now())


def _give_up_what_is_due(endpoint: WebhookEndpoint) -> None:
    due = Event.objects.filter(partner_id=endpoint.partner_id, due_at__isnull=False)
    due.update(delivery=Event.Delivery.GIVEN_UP, due_at=None)
