"""The link to the page where a certificate is claimed. It leads to the page and no further: the code is typed there.

Its key is a signature of the certificate's Id under SECRET_KEY: it is stored nowhere, and stands in the query, which no log
keeps.
"""

from urllib.parse import urlencode

from django.conf import settings
from django.core.signing import Signer
from django.utils.crypto import constant_time_compare

from certificates.models import GiftCertificate

KEY = "Key"
"""The query argument in which the link brings its key."""


def claim_url(certificate: GiftCertificate) -> str:
    """The link, for the partner to hand on."""
    return f"{settings.PUBLIC_BASE_URL}/certificate/{certificate.public_id}?{urlencode({KEY: key_of(certificate)})}"


def key_of(certificate: GiftCertificate) -> str:
    """What the link's query holds."""
    return _signer().signature(certificate.public_id)


def is_key_of(certificate: GiftCertificate, told: str) -> bool:
    """Whether the link that brings this key is the certificate's."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    fits = [constant_time_compare(told, _signer(key).signature(certificate.public_id)) for key in keys]
    return any(fits)


def _signer(key: str | bytes | None = None) -> Signer:
    return Signer(key=key, salt="certificates.claim_links", algorithm="sha256")
