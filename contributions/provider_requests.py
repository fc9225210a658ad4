"""Money calls, stored before they are made: the same request id for as long as the outcome is not a definite no."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import F

import clock
from bigint import bigint
from contributions.models import Contribution, ProviderRequest
from ids import new_id
from providers.base import OpenedCheckout, Payment, ProviderRefund, ProviderRefused

Answer = TypeVar("Answer", Payment, OpenedCheckout, ProviderRefund)


def store(contribution: Contribution, operation: str) -> ProviderRequest:
    """Write down that this operation is about to be tried: under a new request id, or under that of the tries before."""
    with transaction.atomic():
        request, is_new = ProviderRequest.objects.exclude(outcome=ProviderRequest.Outcome.REFUSED).get_or_create(
            contribution=contribution,
            operation=operation,
            defaults={
                "request_id": f"{operation.partition(':')[0]}-{new_id()}",
                "created_at": clock.now(),
                "attempts": 1,
            },
        )
        if not is_new:
            ProviderRequest.objects.filter(pk=request.pk).update(attempts=F("attempts") + bigint(1))
    return request


def send(request: ProviderRequest, provider_call: Callable[..., Answer], *arguments: Any, **named: Any) -> Answer:
    """Make one call to the provider under a stored request id and store how it went. No transaction may be open.

    Raises what the call raises: ProviderRefused closes the request, so that a later try is a new one; after
    anything else (ProviderUnavailable, a crash) the outcome stays unknown and the id is used again.
    """
    try:
        answer = provider_call(*arguments, request_id=request.request_id, **named)  # invariant: same-request-id-for-every-try
    except ProviderRefused as refusal:
        _close(request, ProviderRequest.Outcome.REFUSED, refusal.correlation_id)
        raise
    _close(request, ProviderRequest.Outcome.ANSWERED, answer.correlation_id)
    return answer


def _close(request: ProviderRequest, outcome: str, correlation_id: str) -> None:
    ProviderRequest.objects.filter(pk=request.pk).update(
        outcome=outcome, correlation_id=correlation_id, answered_at=clock.now()
    )
