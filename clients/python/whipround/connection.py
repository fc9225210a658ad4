"""Requests and their answers: the key, time-outs, and what is tried again.

Tried again, until `deadline` seconds are over: what got no answer, 503, 504 and 429 (after as long as Retry-After says), a 502
that no provider's refusal explains, and a 409 that says that the first try is still running. A POST goes out under an
Idempotency-Key, the same for each try, so that none of it is ever done twice.
"""

import json
import random
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlsplit

import requests

from whipround.errors import NotFound, Problem, ServiceUnreachable, UnexpectedAnswer, VersionConflict, problem_of
from whipround.reading import parse

CONNECT_SECONDS, READ_SECONDS, DEADLINE_SECONDS = 3.05, 15.0, 60.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.25, 8.0
LARGEST_ANSWER_BYTES = 32 * 1024 * 1024
VERSION = "0.1.0"


def new_idempotency_key() -> str:
    """A name for one intent: send it again with the request when its answer got lost."""
    return secrets.token_urlsafe(18)


@dataclass(frozen=True)
class Answer:
    """An answer that is no problem. `document` is None where there is no body (204, 304)."""

    status: int
    headers: Mapping[str, str]
    document: Any

    @property
    def etag(self) -> str:
        return self.headers.get("ETag", "")

    @property
    def retry_after(self) -> float | None:
        """Seconds."""
        return retry_after(self.headers)


@dataclass(frozen=True)
class _Request:
    """What each try sends."""

    verb: str
    path: tuple[str, ...]
    query: Mapping[str, str]
    data: bytes | None
    headers: Mapping[str, str]
    more_seconds: float


class Connection:
    """Speaks HTTP for one partner. Not to be shared by threads that run at once: requests.Session is not made for it."""

    def __init__(
        self,
        address: str,
        api_key: str,
        *,
        connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
        deadline_seconds: float = DEADLINE_SECONDS,
        strict: bool = False,
        on_notice: Callable[[str], None] | None = None,
    ) -> None:
        if urlsplit(address).scheme not in {"http", "https"}:
            raise ValueError(f"{address!r} is no address: it begins with https://, or http:// on a machine of your own")
        self.address = address.rstrip("/")
        self.connect_seconds, self.read_seconds, self.deadline_seconds = connect_seconds, read_seconds, deadline_seconds
        self.on_notice = on_notice
        self.session = requests.Session()
        self.session.trust_env = False  # a proxy or a .netrc of this machine is not to see the key
        self.session.headers.update(
            {"Authorization": f"Bearer {api_key}", "Accept": "application/json", "User-Agent": f"whipround-python/{VERSION}"}
        )
        if strict:
            self.session.headers["Prefer"] = "handling=strict"

    def call(
        self,
        verb: str,
        *path: str,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
        tries_again: bool = True,
        more_seconds: float = 0,
    ) -> Answer:
        """One request, tried again as the module says. `more_seconds`: how long the service was asked to hold its answer.

        Raises Problem, ServiceUnreachable, UnexpectedAnswer.
        """
        sent = dict(headers or {})
        if verb == "POST":
            idempotency_key = idempotency_key or new_idempotency_key()
            sent["Idempotency-Key"] = idempotency_key
        data = None
        if body is not None:
            data = json.dumps(body, ensure_ascii=False).encode()
            sent["Content-Type"] = "application/json"
        request = _Request(verb, path, query or {}, data, sent, more_seconds)
        try:
            return self._answer_to(request, tries_again)
        except ServiceUnreachable as error:
            error.idempotency_key = idempotency_key
            raise

    def _answer_to(self, request: _Request, tries_again: bool) -> Answer:
        until = time.monotonic() + self.deadline_seconds + request.more_seconds
        pause, lost = FIRST_PAUSE_SECONDS, False
        failure: Problem | ServiceUnreachable
        while True:
            try:
                return self._once(request, until)
            except ServiceUnreachable as error:
                lost, failure, wanted = True, error, 0.0
            except NotFound:
                if request.verb == "DELETE" and lost:
                    return Answer(204, {}, None)  # an earlier try has deleted it, and its answer got lost
                raise
            except Problem as problem:
                if isinstance(problem, VersionConflict):
                    problem.after_lost_answer = lost
                if not _is_passing(problem):
                    raise
                failure, wanted = problem, problem.retry_after or 0.0
            length = max(wanted, pause * random.uniform(0.5, 1))  # noqa: S311 - so that not all come back at once
            if not tries_again or time.monotonic() + length >= until:
                raise failure
            time.sleep(length)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def close(self) -> None:
        self.session.close()

    def _once(self, request: _Request, until: float) -> Answer:
        address = "/".join([self.address, "api", *(quote(part, safe="") for part in request.path)])
        left = max(0.1, until - time.monotonic())
        try:
            with self.session.request(
                request.verb,
                address,
                params=request.query,
                data=request.data,
                headers=request.headers,
                timeout=(min(self.connect_seconds, left), min(self.read_seconds + request.more_seconds, left)),
                allow_redirects=False,
                stream=True,
            ) as answer:
                content = _content(answer, until)
        except requests.RequestException as error:
            raise ServiceUnreachable(f"{self.address} did not answer ({type(error).__name__})") from error
        self._tell_notices(answer)
        if answer.status_code in {204, 304}:
            return Answer(answer.status_code, answer.headers, None)
        if answer.ok and not answer.is_redirect:
            return Answer(answer.status_code, answer.headers, parse(content))
        raise _problem(self.address, answer, content, request.headers.get("Idempotency-Key"))

    def _tell_notices(self, answer: requests.Response) -> None:
        if self.on_notice is not None:
            for notice in answer.raw.headers.getlist("Notice"):
                self.on_notice(notice)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """How many seconds Retry-After asks for, given as such or as a date; None where it is absent or no such thing."""
    given = headers.get("Retry-After", "").strip()
    if given.isascii() and given.isdigit():
        return float(given)
    with suppress(ValueError, TypeError):
        return max(0.0, (parsedate_to_datetime(given) - datetime.now(UTC)).total_seconds())
    return None


def _content(answer: requests.Response, until: float) -> bytes:
    """The body, within the time allowed: the time-out of a socket starts anew with each piece."""
    content = b""
    for piece in answer.iter_content(65536):
        content += piece
        if time.monotonic() > until:
            raise requests.ReadTimeout("the answer came too slowly")
        if len(content) > LARGEST_ANSWER_BYTES:
            raise UnexpectedAnswer("the answer is larger than any of Whipround's")
    return content


def _problem(address: str, answer: requests.Response, content: bytes, idempotency_key: str | None) -> Exception:
    try:
        document = parse(content)
    except UnexpectedAnswer:
        document = None
    if isinstance(document, dict) and document.get("code"):
        after = retry_after(answer.headers)
        return problem_of(answer.status_code, document, retry_after=after, idempotency_key=idempotency_key)
    if answer.status_code in {429, 502, 503, 504}:  # a proxy in front, while the service starts
        after = retry_after(answer.headers)
        told = {"code": "", "detail": f"{address} answered {answer.status_code}"}
        return problem_of(503, told, retry_after=after, idempotency_key=idempotency_key)
    return UnexpectedAnswer(f"{address} answered {answer.status_code} with something else than a problem document")


def _is_passing(problem: Problem) -> bool:
    return problem.status in {429, 503, 504} or problem.code == "idempotency_key_in_use"
