"""Settings that are numbers: how much may be asked at once, how often, and how long what is no money is kept."""

from typing import NamedTuple

from config import env


class Span(NamedTuple):
    """What a number is unless it is set, and what it may be."""

    default: int
    most: int
    least: int = 0


NUMBERS = {
    # How many requests a process of the ASGI server answers at once; each thread keeps a connection to the database.
    "REQUEST_THREADS": Span(24, 1000, least=2),
    # How many requests of a process may wait for providers at once, of one partner, and for one provider: fewer than it has
    # threads. Where one provider hangs, the others have the rest.
    "PROVIDER_PLACES": Span(20, 1000, least=1),
    "PROVIDER_PLACES_FOR_A_PARTNER": Span(12, 1000, least=1),
    "PROVIDER_PLACES_FOR_A_PROVIDER": Span(8, 1000, least=1),
    # How long the body of a request may take to come, all of it.
    "BODY_SECONDS": Span(15, 600, least=1),
    # How many requests with wait= a WSGI server's process holds at once: each holds a thread. Fewer than it has threads.
    "WAITING_REQUESTS": Span(4, 1000),
    # Requests a minute with one API key, where its partner has no limit of its own. 0, here and below: no limit.
    "RATE_LIMIT_KEY": Span(30_000, 10_000_000),
    # Requests a minute of one address that come without a key, at each door.
    "RATE_LIMIT_ADDRESS": Span(12_000, 10_000_000),
    # Requests a minute of one address with keys that are none.
    "RATE_LIMIT_FAILED_KEYS": Span(120, 10_000_000),
    # Requests a minute to the pages of one gift, whoever makes them.
    "RATE_LIMIT_GIFT": Span(600, 10_000_000),
    # Requests of one partner in a day that make or change something: what a partner can have stored has an end.
    "RATE_LIMIT_CHANGES": Span(100_000, 100_000_000),
    "CHECKOUT_EXPIRY_HOURS": Span(72, 24 * 366),
    # How long an open checkout reserves its amount where a goal's Overfunding limits gifts.
    "RESERVATION_MINUTES": Span(30, 24 * 60, least=1),
    # How long what is no money is kept (contributions/retention.py); 0: for ever.
    "RETAIN_NAMES_DAYS": Span(0, 36500),
    "RETAIN_MESSAGES_DAYS": Span(0, 36500),
    "RETAIN_EVENTS_DAYS": Span(0, 36500),
    "RETAIN_IDEMPOTENCY_DAYS": Span(1, 366, least=1),
    "RETAIN_DELIVERIES_DAYS": Span(90, 36500),
}


def number(name: str) -> int:
    """As it is set, or its default. Raises ImproperlyConfigured."""
    span = NUMBERS[name]
    return env.number(name, span.default, least=span.least, most=span.most)
