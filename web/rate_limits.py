"""How many requests somebody may make in a minute, counted across the server's processes, and how the answer tells it.

The fields are those of draft-ietf-httpapi-ratelimit-headers-11 (May 2026), Structured Fields of RFC 9651:
`RateLimit-Policy: "key";q=30000;w=60` is what holds, `RateLimit: "key";r=29999;t=42` how it stands: r requests are left for the
next t seconds. Counted by the library `limits`, by its sliding window: what was counted in the minute before still counts for
the share of it that is less than a minute ago.
"""

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest
from limits import RateLimitItemPerSecond
from limits.errors import StorageError
from limits.storage import Storage, storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter

import metrics
import security_log
from web import made_anew, proxies
from web.count_file import CountFile, Window
from web.problems import REQUEST_ERRORS, TooManyRequests

log = logging.getLogger(__name__)

SECONDS_WITHOUT = 5
"""So long a store that has failed is not asked again: nobody waits for it with each request, and nobody is refused."""

REDIS_SECONDS = 0.5
ROUNDED = 0.001
"""Less than that after a second has begun is that second's: the shares of windows are no round numbers."""


@dataclass(frozen=True)
class Policy:
    """A limit by its name in the headers; `quota` requests in `seconds`; 0: no limit."""

    name: str
    quota: int
    seconds: int = 60


@dataclass(frozen=True)
class Standing:
    """How a client stands after a request: `remaining` requests for the next `seconds`. `is_over`: this one is refused, and the
    next one will be answered after `seconds`."""

    policy: Policy
    remaining: int
    seconds: int
    is_over: bool

    @property
    def headers(self) -> dict[str, str]:
        """The fields that tell it; no other name may be in them than a printable one of ours."""
        return {
            "RateLimit-Policy": f'"{self.policy.name}";q={self.policy.quota};w={self.policy.seconds}',
            "RateLimit": f'"{self.policy.name}";r={self.remaining};t={self.seconds}',
        }

    def check(self) -> None:
        """Raises TooManyRequests."""
        if self.is_over:
            raise TooManyRequests(
                f"More than {self.policy.quota} requests in {self.policy.seconds} s: send the next one in {self.seconds} s.",
                headers={"Retry-After": str(self.seconds), **self.headers},
                **{"violated-policies": [self.policy.name]},  # the draft's name for it, section 6.1
            )


class _Store:
    """Where the counts are, as RATE_LIMIT_STORE says; made at the first count, in each process."""

    def __init__(self) -> None:
        self._limiter: SlidingWindowCounterRateLimiter | None = None
        self._broken_until = 0.0

    def use(self, storage: Storage | None) -> None:
        """Count there from now on, or as the settings say again (None)."""
        self._limiter = SlidingWindowCounterRateLimiter(storage) if storage is not None else None
        self._broken_until = 0.0

    def count(self, policy: Policy, who: str, *, look_only: bool = False) -> Standing | None:
        """None where the store does not answer."""
        if time.monotonic() < self._broken_until:
            return None
        item = _item(policy.quota, policy.seconds)
        try:
            self._limiter = self._limiter or SlidingWindowCounterRateLimiter(_storage())
            counted, windows = _asked(self._limiter, item, policy, who, look_only=look_only)
        except Exception as error:
            if not isinstance(error, (StorageError, OSError, *_errors_of(self._limiter))):
                raise
            self._broken_until = time.monotonic() + SECONDS_WITHOUT
            log.error("requests are not counted: the store of the rate limits failed", exc_info=error)
            return None
        return _standing(policy, *windows, is_over=not counted)


def _asked(
    limiter: SlidingWindowCounterRateLimiter, item: RateLimitItemPerSecond, policy: Policy, who: str, *, look_only: bool
) -> tuple[bool, Window]:
    """Whether there is room for the request, which is counted then, and the windows after it."""
    key, storage = item.key_for(policy.name, who), limiter.storage
    if isinstance(storage, CountFile) and not look_only:
        return storage.count(key, policy.quota, policy.seconds)
    counted = (limiter.test if look_only else limiter.hit)(item, policy.name, who)
    windows: Window = storage.get_sliding_window(key, policy.seconds)  # type: ignore[attr-defined]
    return counted, windows


_store = _Store()
use: Callable[[Storage | None], None] = _store.use
"""For tests: count in this storage from now on."""


def count(request: HttpRequest, policy: Policy, who: str) -> Standing | None:
    """Count this request of somebody's: once, also where it is held and made anew.

    None where there is no such limit, or where the store does not answer: a limiter that fails must not take the service down.
    """
    return made_anew.once(request, policy.name, lambda: _store.count(policy, who) if policy.quota else None)


def _standing(policy: Policy, before: int, before_ends: float, now: int, now_ends: float, *, is_over: bool) -> Standing:
    """From the counts of the window before and of this one, and the seconds until neither counts any more.

    The library's own time for the next request is that of the window's end, when all of this window still counts.
    """
    left = now_ends - policy.seconds if now else before_ends
    if not is_over:
        weighted = before * left / policy.seconds + now
        return Standing(policy, max(0, policy.quota - math.floor(weighted)), max(1, math.ceil(left)), is_over=False)
    in_this_window = left - policy.seconds * (policy.quota - now) / before if before else left
    if now < policy.quota and in_this_window < left:
        seconds = in_this_window
    else:
        seconds = left + max(0.0, policy.seconds * (1 - policy.quota / now)) if now else left
    return Standing(policy, 0, max(0, math.floor(seconds + ROUNDED)) + 1, is_over=True)


def look(policy: Policy, who: str) -> Standing | None:
    """How somebody stands, without counting anything."""
    return _store.count(policy, who, look_only=True) if policy.quota else None


def tell(refused: TooManyRequests) -> None:
    """Count it, and tell the security log of it: for whoever answers a request with 429."""
    code = REQUEST_ERRORS[TooManyRequests].code
    metrics.LIMITS_REFUSED.labels(code).inc()
    security_log.tell("limit_refused", reason=code, about=", ".join(refused.extra.get("violated-policies", [])))


def of_address(request: HttpRequest) -> str:
    """Who a request without a key is counted as: an IPv4 address, or the /64 that an IPv6 customer has for himself."""
    try:
        address = ip_address(proxies.address_of(request))
    except ValueError:  # a local socket has none
        return "none"
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return f"{IPv6Address(int(address) >> 64 << 64)}/64"
    return str(address)


@lru_cache(maxsize=256)
def _item(quota: int, seconds: int) -> RateLimitItemPerSecond:
    return RateLimitItemPerSecond(quota, multiples=seconds)


def _storage() -> Storage:
    where: str = settings.RATE_LIMIT_STORE
    if where.startswith("/"):
        return CountFile(where)
    times = {"socket_timeout": REDIS_SECONDS, "socket_connect_timeout": REDIS_SECONDS} if where.startswith("redis") else {}
    storage = storage_from_string(where, **times)
    if not isinstance(storage, Storage):
        raise TypeError("the store must be synchronous")
    return storage


def _errors_of(limiter: SlidingWindowCounterRateLimiter | None) -> tuple[type[Exception], ...]:
    if limiter is None:
        return ()
    kinds = limiter.storage.base_exceptions
    return kinds if isinstance(kinds, tuple) else (kinds,)
