"""What can be wrong with a request before its body is acted on. How each is answered: THE table in errors.py."""

from typing import Any

from web.problems import RequestError
from xml_schemas.reader import BodyFaults


class NoValidKey(RequestError):
    """The API key is missing, unknown, revoked or expired."""


class TestKeyRefused(RequestError):
    """A test key, where the operator has no tests."""


class SignatureNeeded(RequestError):
    """A plain key of a partner whose requests are all signed."""


class SignedRequestRefused(RequestError):
    """The signature is right, and the request is not the one that was signed, or came before, or too late."""


class SignedRequestReplayed(SignedRequestRefused):
    """It came before."""


class NetworkNotAllowed(RequestError):
    """The request comes from elsewhere than the partner's do."""


class NotYours(RequestError):
    """The record belongs to another partner."""


class ScopeMissing(RequestError):
    """The key may not do this."""


class TestKeyNeeded(RequestError):
    """This is for test keys alone."""


class NoSuchRecord(RequestError):
    """There never was such a record, or it is deleted."""


class KeyInUse(RequestError):
    """The first request with this Idempotency-Key is still running."""


class StaleEntityTag(Exception):
    """If-Match does not name the version that there is."""


class StaleRecord(RequestError):
    """A record that a change does not go with, told with the record as it is now. `stale`: the error that found it out."""

    def __init__(self, stale: Exception, detail: str, *, headers: dict[str, str], **extra: Any) -> None:
        super().__init__(detail, headers=headers, **extra)
        self.stale = stale


class KeyReused(RequestError):
    """The Idempotency-Key came with another request before."""


class CardNumberSent(BodyFaults):
    """Among the faults of a body is a card number."""


class VersionNotNamed(RequestError):
    """A change must say which version it changes."""
