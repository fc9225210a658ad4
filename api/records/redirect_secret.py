"""A RedirectSecret: its elements, as they are written. Nothing of it is ever read."""

from dataclasses import dataclass
from typing import Any

from api.records.reading import Element, written
from contributions.content import utc_text
from partners.models import Partner


@dataclass(frozen=True)
class View:
    """What a partner's redirects are signed with; the secret only when it was made this moment."""

    partner: Partner
    secret: str | None = None


ELEMENTS = (
    Element("Secret", lambda v: v.secret or None),
    Element("RecordVersionNumber", lambda v: v.partner.redirect_secret_version, number=True),
    Element("Date", lambda v: utc_text(v.partner.redirect_secret_at)),
)
"""In the order in which they are written."""


def content(partner: Partner, secret: str | None = None) -> dict[str, Any]:
    """A RedirectSecret."""
    return written(ELEMENTS, View(partner, secret))


def tag(partner: Partner) -> str:
    """What the ETag says of it, in any format; without the secret, which the next GET does not give."""
    return f"redirect.{partner.redirect_secret_version}"
