"""A POST of a gift with the same work as the service's: the same rows, two transactions, the same call of the simulator."""

import json
import re
from dataclasses import dataclass
from typing import Any

import shortuuid
from django.conf import settings
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone
from lxml import etree

from benchmarks.peers.representation import gift_elements
from contributions.models import Checkout, Contribution, ProviderRequest, StatusChange
from goals.models import PaymentAccount, SavingGoal
from notifications.models import Event, EventSequence
from providers.base import OpenedCheckout, PaymentRequest
from providers.sandbox.adapter import SandboxProvider

AMOUNT = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,2}))?")
KNOWN = {"Amount", "Contributor", "Message"}


@dataclass(frozen=True)
class Wish:
    """What the body asks for."""

    amount_minor: int
    contributor: str
    message: str | None


def read(body: bytes) -> Wish | None:
    """None where it is no Contribution with an Amount and a Contributor."""
    try:
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except etree.XMLSyntaxError:
        return None
    texts = {child.tag: child.text or "" for child in root}
    amount = AMOUNT.fullmatch(texts.get("Amount", ""))
    contributor, message = texts.get("Contributor", ""), texts.get("Message")
    if root.tag != "Contribution" or set(texts) - KNOWN or len(texts) != len(root) or amount is None:
        return None
    if not 1 <= len(contributor) <= 255 or len(message or "") > 2000:
        return None
    return Wish(int(amount[1]) * 100 + int((amount[2] or "0").ljust(2, "0")), contributor, message)


def make(goal: SavingGoal, wish: Wish) -> Contribution:
    """The gift, with an open checkout."""
    account = goal.payment_accounts.filter(retired_at=None).get()
    now = timezone.now()
    with transaction.atomic():
        gift = Contribution.objects.create(
            public_id=shortuuid.uuid(),
            goal=goal,
            partner=goal.partner,
            amount_minor=wish.amount_minor,
            currency=goal.currency,
            contributor=wish.contributor,
            message=wish.message,
            created_at=now,
        )
        checkout = Checkout.objects.create(
            contribution=gift,
            account=account,
            adapter="sandbox",
            capture_policy=goal.capture_policy,
            created_at=now,
            **_owner(Checkout, goal),
        )
        gift.checkout = checkout
        gift.save(update_fields=["checkout"])
        request = _remember(gift, goal)
        SavingGoal.objects.filter(pk=goal.pk).update(activity=F("activity") + 1)
        _tell(gift, goal)
    opened = SandboxProvider().open_checkout(_asked(gift, account), request_id=request.request_id)
    with transaction.atomic():
        _open(request, checkout, opened)
    return gift


def _remember(gift: Contribution, goal: SavingGoal) -> ProviderRequest:
    at = gift.created_at
    about = {"contribution": gift, "to_status": "Submitted", "event": "contribution.submitted", "version": 1, "at": at}
    StatusChange.objects.create(**about, **_owner(StatusChange, goal))
    request = {"contribution": gift, "operation": "open", "request_id": f"open-{shortuuid.uuid()}", "attempts": 1}
    return ProviderRequest.objects.create(**request, created_at=at, **_owner(ProviderRequest, goal))


def _tell(gift: Contribution, goal: SavingGoal) -> None:
    EventSequence.objects.get_or_create(partner=goal.partner, defaults={"last_position": 0})
    sequence = EventSequence.objects.select_for_update().get(partner=goal.partner)
    sequence.last_position += 1
    sequence.save(update_fields=["last_position"])
    Event.objects.create(
        public_id=f"evt_{sequence.last_position:012d}_{shortuuid.uuid()}",
        partner=goal.partner,
        position=sequence.last_position,
        type="contribution.submitted",
        about=gift.public_id,
        version=1,
        content=json.dumps(gift_elements(gift)),
        at=gift.created_at,
    )


def _asked(gift: Contribution, account: PaymentAccount) -> PaymentRequest:
    back = f"{settings.PUBLIC_BASE_URL}/providers/{account.provider.lower()}"
    return PaymentRequest(
        provider=account.provider,
        reference=gift.public_id,
        amount_minor=gift.amount_minor,
        currency=gift.currency,
        payee=account.credentials,
        capture_at_once=True,
        description=f"Gift for {gift.goal.name}",
        return_url=f"{back}/return/{gift.public_id}",
        cancel_url=f"{back}/cancel/{gift.public_id}",
    )


def _open(request: ProviderRequest, checkout: Checkout, opened: OpenedCheckout) -> None:
    request.outcome, request.answered_at = ProviderRequest.Outcome.ANSWERED, timezone.now()
    request.correlation_id = opened.correlation_id
    request.save(update_fields=["outcome", "answered_at", "correlation_id"])
    checkout.stage, checkout.provider_checkout_id, checkout.url = "open", opened.checkout_id, opened.url
    checkout.due_at = timezone.now()
    checkout.save(update_fields=["stage", "provider_checkout_id", "url", "due_at"])


def _owner(model: type[models.Model], goal: SavingGoal) -> dict[str, Any]:
    """The partner, where the table names it."""
    return {"partner": goal.partner} if any(field.name == "partner" for field in model._meta.fields) else {}
