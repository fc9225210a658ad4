"""A giver and a permission as clients see them: in answers, and permissions in the events that tell of them."""

from typing import Any

from django.conf import settings

import encryption
from clock import utc_text
from givers.models import Giver, Permission
from givers.private_page import page_url
from money import text_of


def giver_content(giver: Giver) -> dict[str, Any]:
    """A Giver. Its e-mail address is masked, and of its PIN is told only whether there is one."""
    elements: dict[str, Any] = {
        "Id": giver.public_id,
        "ExternalId": giver.external_id,
        "Name": giver.name,
        "Email": masked_email(giver),
        "PinSet": giver.has_pin,
        "GiverURL": page_url(giver),
        "Date": utc_text(giver.created_at),
        "RecordVersionNumber": giver.version,
        "Test": giver.partner.is_test or None,
    }
    return {name: value for name, value in elements.items() if value is not None}


def masked_email(giver: Giver) -> str | None:
    """So much of it that its owner knows it again: a***@example.org; None where there is none."""
    if not giver.email_encrypted:
        return None
    try:
        name, _, host = giver.email.rpartition("@")
    except encryption.UnreadableSecret:
        return "***"
    return f"{name[:1]}***@{host}"


def permission_content(permission: Permission, *, for_event: bool = False) -> dict[str, Any]:
    """A Permission. An event has no addresses of the partner's in it: they may name somebody, and an event stays."""
    currency, total = permission.currency, permission.total_minor
    elements: dict[str, Any] = {
        "Id": permission.public_id,
        "GiverId": permission.giver.public_id,
        "ProviderName": permission.provider,
        "Currency": currency,
        "MaximumAmount": text_of(permission.maximum_minor, currency),
        "MaximumTotal": None if total is None else text_of(total, currency),
        "UsedTotal": text_of(permission.used_minor, currency),
        "EndDate": _end_date(permission),
        "ConfirmationURL": None if for_event else permission.confirmation_url or None,
        "CancelURL": None if for_event else permission.cancel_url or None,
        "State": permission.state,
        "StateReason": permission.state_reason or None,
        "PermissionURL": permission_url(permission),
        "Date": utc_text(permission.created_at),
        "RecordVersionNumber": permission.version,
        "Test": permission.giver.partner.is_test or None,
    }
    return {name: value for name, value in elements.items() if value is not None}


def permission_url(permission: Permission) -> str:
    """Where the giver agrees, or sees how the permission stands: good for its whole life."""
    return f"{settings.PUBLIC_BASE_URL}/permission/{permission.public_id}"


def _end_date(permission: Permission) -> str | None:
    """As it was given: a day, or a moment."""
    if permission.ends_at is None:
        return None
    return permission.ends_at.date().isoformat() if permission.ends_with_the_day else utc_text(permission.ends_at)
