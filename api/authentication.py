"""Whose request it is: the API key in a header, or in the query as in 2011."""

import re
from typing import Literal

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from tastypie.authentication import Authentication

from api import errors
from partners import audit_log, keys
from partners.models import ApiKey, Partner
from web import request_ids

_SCHEMES = re.compile(r"(?:Bearer|ApiKey) +([\x21-\x7e]{1,200})", re.IGNORECASE)
BLANKS = " \t\r\n"
"""What clients of 2011 may have round the key in a query."""
_CHALLENGE = 'Bearer realm="whipround", ApiKey realm="whipround"'


class KeyAuthentication(Authentication):
    """Sets `request.partner` and `request.api_key`, or answers 401: alike for a missing, unknown, revoked and expired key.

    A test key is told that it is one where the operator has no tests (SANDBOX=0)."""

    def is_authenticated(self, request: HttpRequest, **kwargs: object) -> Literal[True] | HttpResponse:
        key = _key_of(request)
        found = keys.recognise(key) if key else None
        partner = found.partner if found else None
        if found is None or partner is None:
            sentence = "Send a valid API key: Authorization: Bearer KEY."
            return errors.respond(request, errors.NoValidKey(sentence, headers={"WWW-Authenticate": _CHALLENGE}))
        if partner.is_test and not settings.SANDBOX:
            sentence = "This is a test key, and there are no tests here: send a live key, or use the service's test address."
            return errors.respond(request, errors.TestKeyRefused(sentence, headers={"WWW-Authenticate": _CHALLENGE}))
        request.partner, request.api_key = partner, found  # type: ignore[attr-defined]
        return True

    def get_identifier(self, request: HttpRequest) -> str:
        return str(partner_of(request).pk)


def partner_of(request: HttpRequest) -> Partner:
    """The partner whose key came with an authenticated request: the live one or the one in test, as the key is."""
    partner: Partner = request.partner  # type: ignore[attr-defined]
    return partner


def actor_of(request: HttpRequest) -> audit_log.Actor:
    """Who an authenticated request is from, for the audit log: its key, never in full, its address and its id."""
    key: ApiKey = request.api_key  # type: ignore[attr-defined]
    address = request.META.get("REMOTE_ADDR", "")
    return audit_log.Actor(audit_log.Kind.KEY, str(key), address, request_ids.id_of(request))


def _key_of(request: HttpRequest) -> str | None:
    header = request.META.get("HTTP_AUTHORIZATION")
    if header is not None:
        found = _SCHEMES.fullmatch(header.strip())
        return found[1] if found else None
    if not settings.ALLOW_QUERY_API_KEY:
        return None
    given = [value.strip(BLANKS) for name, values in request.GET.lists() if name.lower() == "apikey" for value in values]
    return given[0] if len(given) == 1 and given[0].isascii() else None
