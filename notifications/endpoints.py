"""Webhook endpoints: where a partner listens."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q

import clock
import encryption
from bigint import bigint
from notifications import addresses, outbox
from notifications.messages import TEST_TYPE
from notifications.models import Delivery, Event, WebhookEndpoint, WebhookSecret
from notifications.outbox import endpoints_of
from notifications.signatures import new_secret
from ownership import row_key
from partners import audit_log
from partners.models import Partner
from partners.tags import new_id_of

OLD_SECRETS_LIVE = timedelta(hours=24)
"""For how long after a rotation messages are signed with the secret before as well."""

MOST_SECRETS = 4
"""Signatures a message has at most, however often somebody rotates."""

MOST_ENDPOINTS = 10
"""Of one partner."""

NOBODY_LISTENS = "There is no webhook endpoint that is on: make one, or PUT it to turn it on again."


class NoEndpoint(Exception):
    """The partner has no webhook endpoint that this could be sent to."""


class TooManyEndpoints(Exception):
    """The partner has as many endpoints as it may have."""


class StaleEndpoint(Exception):
    """The endpoint has changed since it was read."""


def endpoint_of(partner: Partner) -> WebhookEndpoint | None:
    """The partner's first endpoint; None where it has none."""
    return endpoints_of(partner.pk).first()


def create(
    partner: Partner,
    url: str,
    *,
    event_types: Iterable[str] = (),
    message_format: str = WebhookEndpoint.Format.JSON,
    secret: str = "",
    public_id: str = "",
    first: bool = False,
) -> tuple[WebhookEndpoint, str]:
    """A new endpoint and its secret, which is shown once: a new one unless it is given.

    `first`: only where the partner has none yet. Raises addresses.BadAddress, StaleEndpoint (there is a first one),
    TooManyEndpoints.
    """
    addresses.check(url)
    secret = secret or new_secret()
    with transaction.atomic():
        Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)  # one at a time, to be counted
        if first and endpoints_of(partner.pk).exists():
            raise StaleEndpoint("there is a webhook endpoint already")
        check_one_more_can_be(partner)
        endpoint = WebhookEndpoint.objects.create(
            public_id=public_id or new_id_of(partner.pk),
            partner=partner,
            url=url,
            event_types=" ".join(event_types),
            format=message_format,
            created_at=clock.now(),
        )
        _keep_secret(endpoint, secret)
        after = _told(endpoint) | {"secret": audit_log.fingerprint(secret)}
        audit_log.record("webhook_endpoint.made", endpoint.public_id, partner=partner, after=after)
    return endpoint, secret


def check_one_more_can_be(partner: Partner) -> None:
    """Raises TooManyEndpoints."""
    number = endpoints_of(partner.pk).count()
    if number >= MOST_ENDPOINTS:
        raise TooManyEndpoints(f"There are {number} webhook endpoints, and more than that cannot be: remove one first.")


def replace(endpoint: WebhookEndpoint, url: str, *, event_types: Iterable[str], message_format: str) -> WebhookEndpoint:
    """Change it as it was read, and turn it on again. Its secret stays. Raises addresses.BadAddress, StaleEndpoint."""
    addresses.check(url)
    as_read = WebhookEndpoint.objects.filter(**row_key(endpoint), version=endpoint.version, removed_at=None)
    before = _told(endpoint)
    with transaction.atomic():
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
        _record("changed", endpoint, before=before, after=_told(endpoint))
    return endpoint


def remove(endpoint: WebhookEndpoint) -> None:
    """Send nothing more there, and forget its secrets. What was still to be sent there is kept, as given up."""
    with transaction.atomic():
        there = WebhookEndpoint.objects.filter(**row_key(endpoint), removed_at=None)
        if there.update(removed_at=clock.now()):
            _record("removed", endpoint, before=_told(endpoint), after=None)
        endpoint.secrets.all().delete()
        _give_up_what_is_due(endpoint)


def turn_off(endpoint: WebhookEndpoint) -> bool:
    """It does not want to hear anything more (410). False: it was off, or has been changed since it was read."""
    with transaction.atomic():
        on = WebhookEndpoint.objects.filter(**row_key(endpoint), version=endpoint.version, off_since=None)
        if not on.update(off_since=clock.now(), version=F("version") + bigint(1)):
            return False
        _give_up_what_is_due(endpoint)
        _record("turned_off", endpoint, before={"on": True}, after={"on": False, "why": "it answered 410"})
    return True


def rotate(endpoint: WebhookEndpoint) -> str:
    """A new secret, which is shown once; messages are signed with the old one too for a day."""
    now, secret = clock.now(), new_secret()
    with transaction.atomic():
        WebhookEndpoint.objects.filter(**row_key(endpoint)).update(version=F("version") + bigint(1))  # one rotation at a time
        before = _fingerprint_of_newest(endpoint)
        endpoint.secrets.filter(expires_at=None).update(expires_at=now + OLD_SECRETS_LIVE)
        _keep_secret(endpoint, secret)
        newest = endpoint.secrets.order_by("-pk").values_list("pk", flat=True)[:MOST_SECRETS]
        endpoint.secrets.filter(Q(expires_at__lte=now) | ~Q(pk__in=list(newest))).delete()
        _record("secret_rotated", endpoint, before={"secret": before}, after={"secret": audit_log.fingerprint(secret)})
    endpoint.refresh_from_db()
    return secret


def send_test(endpoint: WebhookEndpoint | None) -> Event:
    """An event that tells of nothing, on its way to this endpoint alone. Raises NoEndpoint where it is off, or None."""
    if endpoint is None or not endpoint.is_on():
        raise NoEndpoint(NOBODY_LISTENS)
    with transaction.atomic():
        return outbox.announce(endpoint.partner_id, TEST_TYPE, {}, at=clock.now(), to=[endpoint])


def send_again(event: Event, endpoint: WebhookEndpoint | None = None) -> list[Delivery]:
    """Start over with this event, under its own id, whatever became of it before; returns what is on its way now.

    To one endpoint, whatever types that wants. Otherwise to those that are on and want it or have had it; where there is
    none of these, to all that are on. Raises NoEndpoint.
    """
    on = [one for one in endpoints_of(event.partner_id) if one.is_on()] if endpoint is None else [endpoint]
    if not on or not on[0].is_on():
        raise NoEndpoint(NOBODY_LISTENS)
    had = set(event.deliveries.values_list("endpoint_id", flat=True)) if endpoint is None else set()
    to = [one for one in on if one.pk in had or one.wants(event.type)] or on
    with transaction.atomic():
        new = [Delivery(event=event, endpoint=one, due_at=clock.now()) for one in to]
        Delivery.objects.bulk_create(new, ignore_conflicts=True)
        found = Delivery.objects.filter(event=event, endpoint__in=to)
        found.update(state=Delivery.State.DUE, step=0, due_at=clock.now())
        after = {"to": [one.public_id for one in to]}
        audit_log.record("event.sent_again", event.public_id, partner_id=event.partner_id, after=after)
    return list(found.order_by("endpoint"))


def send_again_what_was_given_up(endpoint: WebhookEndpoint) -> int:
    """Start over with all that was given up there; returns how many events. Raises NoEndpoint where it is off."""
    if not endpoint.is_on():
        raise NoEndpoint(NOBODY_LISTENS)
    given_up = Delivery.objects.filter(endpoint=endpoint, state=Delivery.State.GIVEN_UP)
    return given_up.update(state=Delivery.State.DUE, step=0, due_at=clock.now())


def _keep_secret(endpoint: WebhookEndpoint, secret: str) -> None:
    WebhookSecret.objects.create(endpoint=endpoint, secret_encrypted=encryption.encrypt(secret), created_at=clock.now())


def _give_up_what_is_due(endpoint: WebhookEndpoint) -> None:
    due = Delivery.objects.filter(endpoint=endpoint, due_at__isnull=False)
    due.update(state=Delivery.State.GIVEN_UP, due_at=None)


def _told(endpoint: WebhookEndpoint) -> dict[str, object]:
    """The endpoint as the audit log tells of it."""
    return {"url": endpoint.url, "event_types": endpoint.event_types, "format": endpoint.format, "on": endpoint.is_on()}


def _record(
    deed: str, endpoint: WebhookEndpoint, *, before: Mapping[str, object] | None, after: Mapping[str, object] | None
) -> None:
    of = endpoint.partner_id
    audit_log.record(f"webhook_endpoint.{deed}", endpoint.public_id, partner_id=of, before=before, after=after)


def _fingerprint_of_newest(endpoint: WebhookEndpoint) -> str:
    newest = endpoint.secrets.order_by("-pk").first()
    try:
        return audit_log.fingerprint(encryption.decrypt(newest.secret_encrypted) if newest else "")
    except encryption.UnreadableSecret:
        return audit_log.fingerprint(None)
