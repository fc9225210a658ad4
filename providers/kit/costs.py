"""What a gift costs the operator at a provider, as `manage.py check_provider` tells it."""

from collections.abc import Iterator

from django.conf import settings

from providers.base import Finding

PARTNERS_OF_THEIR_OWN = "(where nothing else was agreed with a partner)"


def with_fee(bears: str) -> Iterator[Finding]:
    """Where a fee can be kept. `bears`: what the operator pays for a gift there."""
    yield Finding(True, f"{bears}; of each gift you keep {_fee()} {PARTNERS_OF_THEIR_OWN}")


def without_fee(bears: str, why_not: str, how: str) -> Iterator[Finding]:
    """Where none can be kept: to be known rather than to be fixed, and only where one is set."""
    if _is_set():
        yield Finding(False, f"{bears}; your fee of {_fee()} is not kept: {why_not}", how, can_wait=True)
    else:
        yield Finding(True, f"{bears}; you keep nothing")


def _is_set() -> bool:
    return bool(settings.PLATFORM_FEE_PERCENT or settings.PLATFORM_FEE_FIXED)


def _fee() -> str:
    if not _is_set():
        return "nothing"
    back = "given back with a refund" if settings.PLATFORM_FEE_REFUND else "kept when it is refunded"
    percent, fixed = settings.PLATFORM_FEE_PERCENT.normalize(), settings.PLATFORM_FEE_FIXED
    return f"{percent:f} % and {fixed:f} in its currency, {back}"
