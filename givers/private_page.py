"""The link to a giver's private page. Whoever has it sees the giver's permissions and can take them back, and nothing else.

Its key is a signature of the giver's Id under SECRET_KEY: it is stored nowhere, and stands in the query, which no log keeps.
"""

from urllib.parse import urlencode

from django.conf import settings
from django.core.signing import Signer
from django.db.models import F
from django.utils.crypto import constant_time_compare

from bigint import bigint
from givers.models import Giver
from ownership import row_key

KEY = "Key"
"""The query argument in which the link brings its key."""


def page_url(giver: Giver) -> str:
    """The link."""
    return f"{settings.PUBLIC_BASE_URL}/giver/{giver.public_id}?{urlencode({KEY: key_of(giver)})}"


def key_of(giver: Giver) -> str:
    """What the link's query holds: unguessable, and another one for each page that the giver has had."""
    return _signer().signature(_named(giver))


def is_key_of(giver: Giver, told: str) -> bool:
    """Whether the link that brings this key is the giver's present one."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    fits = [constant_time_compare(told, _signer(key).signature(_named(giver))) for key in keys]
    return any(fits)


def replace_page(giver: Giver) -> None:
    """The link that was given out is over; the giver has another one."""
    Giver.objects.filter(**row_key(giver)).update(page_number=F("page_number") + bigint(1), version=F("version") + bigint(1))
    giver.refresh_from_db()


def _named(giver: Giver) -> str:
    return f"{giver.public_id}.{giver.page_number}"


def _signer(key: str | bytes | None = None) -> Signer:
    return Signer(key=key, salt="givers.private_page", algorithm="sha256")
