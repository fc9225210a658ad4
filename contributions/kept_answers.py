"""Answers that are kept for clients who repeat a request, where a giver's name stands in them.

The table is the API's, which this room does not know: it is found by its name, and its bodies are what the two writers make.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db.models import QuerySet

from contributions.redaction import EVERYTHING, PLACEHOLDER, TAKEN_AWAY, TEXTS, redacted
from givers.models import Giver
from goals.models import Matcher


def rows() -> QuerySet[Any]:
    """All of them."""
    found: QuerySet[Any] = apps.get_model("api", "IdempotencyKey")._default_manager.all()
    return found


def _of_partner(partner_id: int) -> Iterator[Any]:
    """Those of one partner that have an answer."""
    return rows().filter(partner_id=partner_id).exclude(answer_status=None).order_by("created_at").iterator(chunk_size=200)


def that_name(gift: Any) -> Iterator[Any]:
    """Those of its partner whose answer shows the gift, or a refund of it; or the pledge."""
    wanted = gift.public_id.encode()
    for row in _of_partner(gift.partner_id):
        if wanted in bytes(row.answer_body):
            yield row


def redact(gift: Any, elements: frozenset[str] = EVERYTHING) -> int:
    """Show the gift, or pledge, in them as it would be shown now; all else of them stays. Returns how many changed."""
    number = 0
    for row in list(that_name(gift)):
        before = bytes(row.answer_body)
        after = redacted_body(before, gift.public_id, elements)
        if after != before:
            number += rows().filter(pk=row.pk, partner_id=gift.partner_id).update(answer_body=after)
    return number


def forget(giver: Giver) -> int:
    """The same for answers that show this giver. Returns how many changed."""
    wanted, number = giver.public_id.encode(), 0
    for row in _of_partner(giver.partner_id):
        before = bytes(row.answer_body)
        after = _without_giver(before.decode(), giver.public_id).encode() if wanted in before else before
        if after != before:
            number += rows().filter(pk=row.pk, partner_id=giver.partner_id).update(answer_body=after)
    return number


def _without_giver(text: str, giver_id: str) -> str:
    if text.lstrip().startswith("<"):
        shown = f"<Giver>(?:(?!</Giver>).)*<Id>{giver_id}</Id>.*?</Giver>"
        return re.sub(shown, f"<Giver><Id>{giver_id}</Id><ExternalId>{PLACEHOLDER}</ExternalId></Giver>", text, flags=re.DOTALL)
    shown_as = json.loads(text)
    redacted_one = _giver_alone(shown_as, giver_id)
    return text if redacted_one == shown_as else json.dumps(redacted_one, ensure_ascii=False)


def _giver_alone(value: Any, giver_id: str) -> Any:
    if isinstance(value, list):
        return [_giver_alone(one, giver_id) for one in value]
    if not isinstance(value, dict):
        return value
    if value.get("Id") == giver_id and "ExternalId" in value:
        return {"Id": giver_id, "ExternalId": PLACEHOLDER}
    return {name: _giver_alone(one, giver_id) for name, one in value.items()}


def redact_matcher(matcher: Matcher) -> int:
    """Show the matcher in them without its name. Returns how many changed."""
    number, wanted = 0, matcher.public_id.encode()
    for row in _of_partner(matcher.partner_id):
        before = bytes(row.answer_body)
        after = _without_matchers_name(before, matcher.public_id) if wanted in before else before
        if after != before:
            number += rows().filter(pk=row.pk, partner_id=matcher.partner_id).update(answer_body=after)
    return number


def _without_matchers_name(body: bytes, matcher_id: str) -> bytes:
    text = body.decode()
    if text.lstrip().startswith("<"):
        its_name = rf"(<Id>{re.escape(matcher_id)}</Id><Name>).*?(</Name>)"
        return re.sub(its_name, rf"\g<1>{PLACEHOLDER}\g<2>", text, flags=re.DOTALL).encode()
    shown = json.loads(text)
    if not (isinstance(shown, dict) and shown.get("Id") == matcher_id and "Name" in shown):
        return body
    return json.dumps(shown | {"Name": PLACEHOLDER}, ensure_ascii=False).encode()


def redacted_body(body: bytes, gift_id: str, elements: frozenset[str]) -> bytes:
    """An answer's body, XML or JSON, without these elements of the gift, and without the reasons of its refunds."""
    text = body.decode()
    if text.lstrip().startswith("<"):
        return _redacted_xml(text, gift_id, elements).encode()
    shown = json.loads(text)
    redacted_one = _redacted_json(shown, gift_id, elements)
    return body if redacted_one == shown else json.dumps(redacted_one, ensure_ascii=False).encode()


def _redacted_json(value: Any, gift_id: str, elements: frozenset[str]) -> Any:
    if isinstance(value, list):
        return [_redacted_json(one, gift_id, elements) for one in value]
    if not isinstance(value, dict):
        return value
    if value.get("Id") == gift_id:
        recipient = {"RecipientName": PLACEHOLDER} if "RecipientName" in value and "Contributor" in elements else {}
        return redacted(value, elements) | recipient
    if value.get("ContributionId") == gift_id and value.get("Reason") and "Message" in elements:
        return value | {"Reason": PLACEHOLDER}
    return {name: _redacted_json(one, gift_id, elements) for name, one in value.items()}


def _redacted_xml(text: str, gift_id: str, elements: frozenset[str]) -> str:
    """Our own writer's: no attributes in these records, no blanks between elements, no record within one of its kind."""

    def gift(found: re.Match[str]) -> str:
        record = found[0]
        if f"<Id>{gift_id}</Id>" not in record:
            return record
        for name in (*TEXTS, *TAKEN_AWAY):
            if name in elements:
                instead = f"<{name}>{PLACEHOLDER}</{name}>" if name in TEXTS else ""
                record = re.sub(rf"<{name}>.+?</{name}>", instead, record, flags=re.DOTALL)
        if "Contributor" in elements:
            instead = f"<RecipientName>{PLACEHOLDER}</RecipientName>"
            record = re.sub(r"<RecipientName>.+?</RecipientName>", instead, record, flags=re.DOTALL)
        return record

    def refund(found: re.Match[str]) -> str:
        if f"<ContributionId>{gift_id}</ContributionId>" not in found[0] or "Message" not in elements:
            return found[0]
        return re.sub(r"<Reason>.+?</Reason>", f"<Reason>{PLACEHOLDER}</Reason>", found[0], flags=re.DOTALL)

    # A certificate has its purchase's Id.
    text = re.sub(r"<(Contribution|GiftCertificate|Pledge)>.*?</\1>", gift, text, flags=re.DOTALL)
    return re.sub(r"<Refund>.*?</Refund>", refund, text, flags=re.DOTALL)
