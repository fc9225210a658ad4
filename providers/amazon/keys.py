"""Amazon's form of an idempotency key."""

import hashlib


def idempotency_key(request_id: str, about: str) -> str:
    """32 characters. Another charge or amount is another request."""
    return hashlib.sha256(f"{request_id} {about}".encode()).hexdigest()[:32]
