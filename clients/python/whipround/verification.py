"""What others bring: webhooks, and givers who come back. Neither is believed before its signature is."""

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl

from whipround import xml_events
from whipround.errors import UnexpectedAnswer, VerificationFailed
from whipround.reading import parse
from whipround.records import Contribution, Event, SavingGoal

TOLERANCE_SECONDS = 300


@dataclass(frozen=True)
class Bounce:
    """A giver who came back: the contribution's Id, its status, and when the service sent them."""

    contribution_id: str
    status: str
    time: int


def verify_webhook(
    secrets: str | Iterable[str],
    headers: Mapping[str, str],
    body: bytes,
    *,
    tolerance_seconds: float = TOLERANCE_SECONDS,
    now: float | None = None,
) -> Event:
    """The event in a webhook (Standard Webhooks), once it is known to be genuine. Raises VerificationFailed.

    `secrets`: `whsec_...`, or several while you rotate. `headers`: under any spelling of their names. `body`: the bytes as
    they came. Keep the event's `id`: one whose answer got lost comes again under the same.
    """
    found = {name.lower(): value for name, value in headers.items()}
    message_id, sent_at = found.get("webhook-id", ""), found.get("webhook-timestamp", "")
    _check_time(sent_at, tolerance_seconds, now)
    signed = _bytes(f"{message_id}.{sent_at}.") + body
    theirs = [_bytes(one) for one in found.get("webhook-signature", "").split(" ") if one.startswith("v1,")]
    # Each with each, so that the time it takes tells nothing of which one fitted.
    fits = [hmac.compare_digest(_webhook_signature(ours, signed), one) for ours in _several(secrets) for one in theirs]
    if not any(fits):
        raise VerificationFailed("the signature of the webhook fits none of the secrets")
    return _event(message_id, body)


def verify_bounce(
    secrets: str | Iterable[str],
    address: str,
    *,
    tolerance_seconds: float = TOLERANCE_SECONDS,
    now: float | None = None,
) -> Bounce:
    """What a giver's address says, once it is known to be the service's word. Raises VerificationFailed.

    `address`: what the browser asked for, or its query string. The signature holds for the moment: ask the service how the
    gift stands later on.
    """
    address = address.partition("#")[0]
    query = address.partition("?")[2] if "?" in address else address  # its host is whatever the request said
    pairs = parse_qsl(query, keep_blank_values=True)
    told = {}
    for name in ("Id", "Status", "Time", "Signature"):
        values = [value for key, value in pairs if key == name]
        if len(values) != 1:
            raise VerificationFailed(f"the address holds {name} {len(values)} times; a signed one holds it once")
        told[name] = values[0]
    _check_time(told["Time"], tolerance_seconds, now)
    signed = _bytes(f"{told['Id']}.{told['Status']}.{told['Time']}")
    theirs = _bytes(told["Signature"])
    fits = [hmac.compare_digest(_bounce_signature(ours, signed), theirs) for ours in _several(secrets)]
    if not any(fits):
        raise VerificationFailed("the signature of the address fits none of the secrets")
    return Bounce(told["Id"], told["Status"], int(told["Time"]))


def _bytes(text: str) -> bytes:
    """Also of what frameworks make of bytes that are no UTF-8 (surrogateescape): whatever it holds, a forgery is refused."""
    return text.encode("utf-8", "surrogatepass")


def _several(secrets: str | Iterable[str]) -> list[str]:
    many = [secrets] if isinstance(secrets, str) else list(secrets)
    if not all(many) or not many:
        raise ValueError("there is no secret to verify with, or an empty one")
    return many


def _webhook_signature(secret: str, signed: bytes) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        raise ValueError("a webhook secret is whsec_ and base64") from None
    return b"v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())


def _bounce_signature(secret: str, signed: bytes) -> bytes:
    return base64.urlsafe_b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).rstrip(b"=")


def _check_time(sent_at: str, tolerance_seconds: float, now: float | None) -> None:
    if not (sent_at.isascii() and sent_at.isdigit() and len(sent_at) <= 12):
        raise VerificationFailed("there is no time in it")
    if abs((time.time() if now is None else now) - int(sent_at)) > tolerance_seconds:
        raise VerificationFailed("it is too old, or the clocks differ")


def _event(message_id: str, body: bytes) -> Event:
    try:
        if body.lstrip()[:1] == b"<":
            return Event.read(xml_events.document_of(body))
        document = parse(body)
        kind, data = str(document["type"]), document.get("data") or None
        is_goal = kind.startswith("goal.")
        return Event(
            id=message_id,
            type=kind,
            date=datetime.fromisoformat(document["timestamp"]),
            contribution=Contribution.read(data) if data and not is_goal else None,
            saving_goal=SavingGoal.read(data) if data and is_goal else None,
            document=document,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UnexpectedAnswer("the webhook is genuine, but holds no event that this package can read") from error
