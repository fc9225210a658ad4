"""Lists by pages: `limit` and `after`, and the arguments that the address of the next page takes along."""

import re
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from web.problems import BadArgument

LARGEST_PAGE, DEFAULT_PAGE = 100, 50
PAGING = ("limit", "after")
_LIMIT = re.compile(r"[0-9]{1,3}")


def page_of(
    found: QuerySet[Any],
    every: QuerySet[Any],
    given: dict[str, str],
    *,
    order: Sequence[str] = ("-pk",),
    whole: QuerySet[Any] | None = None,
) -> tuple[list[Any], bool]:
    """One page, newest first, and whether there is more. `every` holds whatever `after` may name, deleted ones too.

    `order` may say the same otherwise: see partners/newest.py. `whole`: the partner's rows with others that belong to them,
    which are then read for the page alone. Where a partner has a tenth of all rows, PostgreSQL takes it that each join that
    names the partner leaves a tenth, so that hardly any is left after some, and reads all of the partner's.
    """
    limit = limit_of(given)
    if "after" in given:
        last_seen = every.filter(public_id=given["after"]).values_list("pk", flat=True).first()
        if last_seen is None:
            raise BadArgument("after must be the Id of a record of this list: follow the Next address as it is.")
        found = found.filter(pk__lt=last_seen)
    found = found.order_by(*order)
    if whole is not None:
        keys = list(found.values_list("pk", flat=True)[: limit + 1])
        found = whole.filter(pk__in=keys).order_by("-pk")
    rows = list(found[: limit + 1])
    return rows[:limit], len(rows) > limit


def limit_of(given: dict[str, str]) -> int:
    """How many rows a page may have. Raises BadArgument."""
    limit_text = given.get("limit", str(DEFAULT_PAGE))
    if not _LIMIT.fullmatch(limit_text) or not 1 <= int(limit_text) <= LARGEST_PAGE:
        raise BadArgument(f"limit must be a whole number from 1 to {LARGEST_PAGE}.")
    return int(limit_text)


def given_without_key(given: dict[str, str]) -> dict[str, str]:
    """The arguments that a next page takes along."""
    return {name: value for name, value in given.items() if name not in {"ApiKey", "after", "wait"}}
