"""A partner's rows, the newest first, by the index that begins with the partner: for pages of a list, however old they are.

PostgreSQL takes it that a partner's rows lie everywhere among all others, and walks the primary key backwards to the first
page of one that has many: through everybody else's, where the partner has made none for long. It may not where the order
begins with the partner, and it does not see that there is one partner alone.
"""

from typing import Any, TypeVar

from django.db import connection
from django.db.models import QuerySet

from partners.models import NOBODY

Rows = TypeVar("Rows", bound=QuerySet[Any])

ORDER = ("partner_id", "-pk")
"""The newest first, of rows that are `of_partner`."""


def of_partner(rows: Rows, partner_id: int) -> Rows:
    """Those of this partner."""
    if connection.vendor == "postgresql":
        return rows.filter(partner_id__in=[partner_id, NOBODY])
    return rows.filter(partner_id=partner_id)
