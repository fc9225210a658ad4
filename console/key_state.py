"""Whether an API key is good, in words."""

import clock
from partners.models import ApiKey


def state_of(key: ApiKey) -> str:
    """Revoked, expired or good, and until or since when."""
    if key.revoked_at:
        return f"revoked {key.revoked_at:%Y-%m-%d}"
    if key.expires_at and key.expires_at <= clock.now():
        return f"expired {key.expires_at:%Y-%m-%d}"
    return f"good until {key.expires_at:%Y-%m-%d %H:%M} UTC" if key.expires_at else "good"
