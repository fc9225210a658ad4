"""What the two tiers say to each other: one signed message each way (docs/decisions/0068-the-provider-proxy.md).

A message is a line of JSON, and behind it the bytes of a request or an answer as they are. The signature is over all of it,
so method, address, headers, body, moment and nonce are bound together. Its key is nobody else's.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

from providers.kit.transport import MOST_BYTES

PATH = "/send"
SIGNATURE_HEADER = "Whipround-Signature"
MOST_MESSAGE_BYTES = MOST_BYTES + 128 * 1024
"""Of a message: no body that means anything is longer than MOST_BYTES, and the line before it is short."""

REQUEST, ANSWER = b"whipround provider request 1\n", b"whipround provider answer 1\n"
"""What is signed before the message, so that no request is ever taken for an answer."""

IN_THE_PROXY = "in-the-proxy"
"""Stands where the proxy puts a secret: in the settings of the tier with the database, and in its requests."""


class BadMessage(Exception):
    """It is not signed with a key of ours, or is not to be read."""


def is_mark(secret: str) -> bool:
    """Whether a setting says that the proxy holds the secret: in-the-proxy, or sk_live_in-the-proxy, or sk_test_...."""
    return secret.removeprefix("sk_live_").removeprefix("sk_test_") == IN_THE_PROXY


def signature(kind: bytes, message: bytes, key: str) -> str:
    """HMAC-SHA256 in hexadecimal."""
    return hmac.new(key.encode(), kind + message, hashlib.sha256).hexdigest()


def packed(told: Mapping[str, Any], body: bytes) -> bytes:
    """A message of what is told and a body."""
    return json.dumps(told, separators=(",", ":")).encode() + b"\n" + body


def unpacked(kind: bytes, message: bytes, signed: str, keys: Sequence[str]) -> tuple[dict[str, Any], bytes, str]:
    """What is told, the body, and the key that has signed it. Raises BadMessage."""
    key = next((key for key in keys if hmac.compare_digest(signature(kind, message, key).encode(), signed.encode())), None)
    if key is None:
        raise BadMessage("the signature does not fit: is PROVIDER_PROXY_KEYS the same on both sides?")
    line, _, body = message.partition(b"\n")
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        raise BadMessage("the message is not to be read") from None
    if not isinstance(told, dict):
        raise BadMessage("the message is not to be read")
    return told, body, key
