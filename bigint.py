"""Whole numbers in the database's arithmetic: always of 64 bits."""

from django.db.models import BigIntegerField, Value

LEAST, MOST = -(2**63), 2**63 - 1


def bigint(number: int) -> Value:
    """The number for use in a query: F("collected_minor") + bigint(amount). Raises OverflowError beyond 64 bits.

    A plain int there is sent to PostgreSQL as one of 32 bits, with server-side binding, and whatever is larger is cut
    without an error: 3_000_000_000 arrives as -1_294_967_296.
    """
    return Value(checked(number), output_field=BigIntegerField())


def checked(number: int) -> int:
    """The number. Raises OverflowError beyond 64 bits."""
    if not LEAST <= number <= MOST:
        raise OverflowError(f"{number} does not fit into 64 bits")
    return number
