"""Whose request it is: the API key in a header, or in the query as in 2011."""

import re
from typing import Literal

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from tastypie.authentication import Authentication

from api import hot_reads, signed_requests
from api.request_errors import NetworkNotAllowed, NoValidKey, SignatureNeeded, SignedRequestRefused, TestKeyRefused
from api.signed_requests import SignedRequest
from partners import audit_log, networks
from partners.models import ApiKey, Partner
from web import proxies, request_ids
from web.address_limits import count_failed_key

_SCHEMES = re.compile(r"(?:Bearer|ApiKey) +([\x21-\x7e]{1,200}|[A-Za-z0-9_.-]{1,2000})", re.IGNORECASE)
BLANKS = " \t\r\n"
"""What clients of 2011 may have round the key in a query."""
IDENTIFIER_LETTERS = 24
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="whipround", ApiKey realm="whipround"'}


class KeyAuthentication(Authentication):
    """Sets `request.partner` and `request.api_key`, or answers 401: alike for a missing, unknown, revoked and expired key.

    Whoever has a valid one is told why it is not taken: a test key where the operator has no tests (SANDBOX=0), a signed
    request that does not fit, a plain key where the partner signs, another network than the partner's."""

    def is_authenticated(self, request: HttpRequest, **kwargs: object) -> Literal[True] | HttpResponse:
        sent = _sent_key(request)
        key = _recognise(request, sent) if sent else None
        if key is None:
            if sent:
                count_failed_key(request)
            sentence = "Send a valid API key: Authorization: Bearer KEY."
            raise NoValidKey(sentence, headers=CHALLENGE)
        partner = key.partner
        if partner.is_test and not settings.SANDBOX:
            sentence = "This is a test key, and there are no tests here: send a live key, or use the service's test address."
            raise TestKeyRefused(sentence, headers=CHALLENGE)
        if partner.signed_only and not key.algorithm:
            sentence = "Plain keys are switched off for this partner: sign the request."
            raise SignatureNeeded(sentence, headers=CHALLENGE)
        if not networks.allow(partner, proxies.address_of(request)):
            raise NetworkNotAllowed("This partner's requests come from other networks: the operator can add this one.")
        request.partner, request.api_key = partner, key  # type: ignore[attr-defined]
        return True

    def use_up(self, request: HttpRequest) -> None:
        """To be called before anything is done for an authenticated request: a signed one is good once.

        Raises SignedRequestRefused."""
        signed: SignedRequest | None = getattr(request, "signed", None)
        if signed is not None:
            signed_requests.use_up(request, signed)

    def get_identifier(self, request: HttpRequest) -> str:
        """Who is throttled: the key, by what does not name it."""
        return key_of(request).digest[:IDENTIFIER_LETTERS]


def key_of(request: HttpRequest) -> ApiKey:
    """The key that came with an authenticated request."""
    key: ApiKey = request.api_key  # type: ignore[attr-defined]
    return key


def partner_of(request: HttpRequest) -> Partner:
    """The partner whose key came with an authenticated request: the live one or the one in test, as the key is."""
    partner: Partner = request.partner  # type: ignore[attr-defined]
    return partner


def actor_of(request: HttpRequest) -> audit_log.Actor:
    """Who an authenticated request is from, for the audit log: its key, never in full, its address and its id."""
    key: ApiKey = request.api_key  # type: ignore[attr-defined]
    address = proxies.address_of(request)
    return audit_log.Actor(audit_log.Kind.KEY, str(key), address, request_ids.id_of(request))


def is_signed(request: HttpRequest) -> bool:
    """Whether it looks like a signed request, whoever's it may be."""
    sent = _sent_key(request)
    return bool(sent and signed_requests.LOOKS_LIKE_ONE.fullmatch(sent))


def _recognise(request: HttpRequest, sent: str) -> ApiKey | None:
    """The key that was sent, or that has signed the request. Raises SignedRequestRefused, TooManyRequests."""
    if not signed_requests.LOOKS_LIKE_ONE.fullmatch(sent):
        return hot_reads.recognised(request, sent)
    try:
        request.signed = signed = signed_requests.verify(request, sent)  # type: ignore[attr-defined]
    except SignedRequestRefused as refused:
        count_failed_key(request)
        refused.headers |= CHALLENGE
        raise
    return signed.key if signed else None


def _sent_key(request: HttpRequest) -> str | None:
    header = request.META.get("HTTP_AUTHORIZATION")
    if header is not None:
        found = _SCHEMES.fullmatch(header.strip())
        return found[1] if found else None
    if not settings.ALLOW_QUERY_API_KEY:
        return None
    given = [value.strip(BLANKS) for name, values in request.GET.lists() if name.lower() == "apikey" for value in values]
    return given[0] if len(given) == 1 and given[0].isascii() and "." not in given[0] else None  # a token goes into the header
