"""Secrets with a mark, planted in every test; none may come to light in a log, the database, an answer or a delivery.

Whatever the suite makes of keys and secrets holds MARK. While it runs, each line that is written to a log, each value of each
statement to the database, each answer of the service and everything that is sent to somebody is looked through for it; where a
secret is not allowed, the test fails. In the end the files that are left are looked through: databases, logs of servers that
tests have started. Answers of servers in processes of their own are not seen, but for what they log and store.
"""

import logging
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import pytest
from django.core.handlers.base import BaseHandler
from django.db import connections
from django.db.backends.signals import connection_created

from certificates import codes
from config.cef import CommonEventFormat
from config.log_lines import JsonLines
from notifications import endpoints, posting, signatures
from partners import key_text, redirect_secrets, signing
from providers.kit.transport import Transport

MARK = "PLANTEDSECRET"

KINDS = {
    "k": "an API key",
    "w": "a webhook's signing secret",
    "r": "a redirect secret",
    "q": "a secret that signs requests",
    "p": "PayPal's client secret",
    "a": "PayPal's access token",
    "s": "Stripe's secret key",
    "h": "the secret of Stripe's webhooks",
    "g": "a card's token from Google",
    "m": "a giver's e-mail address at a provider",
    "o": "an operator's password",
    "x": "Amazon's private key",
    "n": "a PIN of a giver",
    "t": "the token of a permission",
    "v": "the code by which a gift certificate is claimed",
    "c": "a key of the service's own: SECRET_KEY or CREDENTIALS_KEYS",
}
"""By the letter that follows MARK."""

_BUILT_IN = "for-development-only-set-"
"""How the keys of a service begin that has none of its own: those of the tests."""

_PATTERN = rf"{MARK}(\w)|{_BUILT_IN}(?:SECRET_KEY-before|CREDENTIALS_KEYS)"
_found, _found_in_bytes = re.compile(_PATTERN), re.compile(_PATTERN.encode())
_without_mark: dict[str, str] = {}
_texts, _bytes = (MARK, _BUILT_IN), (MARK.encode(), _BUILT_IN.encode())

CODE_MARK = "C0DEP1AN"
"""How every claim code begins: it has no L, in which the mark could be written, and is printed in groups."""

PROVIDERS_OWN = frozenset("pashgmxt")
"""What may be sent to a provider: its own."""

TOLD_TO_ITS_OWNER = {
    "w": re.compile(r"\w+ (?:/api/(?:WebhookEndpoints?|WebhookSecret)\b.*|/console/.*)"),
    "r": re.compile(r"\w+ /api/RedirectSecret\b.*"),
    "k": re.compile(r"\w+ /console/.*"),
    "q": re.compile(r"\w+ /console/.*"),
    "v": re.compile(r"GET /api/GiftCertificates?(?:/[^/]+)?/?|GET /demo/certificate|POST /demo/claim-certificate"),
}
"""Where a secret is shown to whom it belongs: the verbs and addresses of the answers. What answers a POST may be kept, but for
the demo shop's form, which gives back what was typed."""


@dataclass(frozen=True)
class Leak:
    """A secret where none may be."""

    where: str
    kind: str
    around: str
    test: str

    def __str__(self) -> str:
        return f"{KINDS[self.kind]} in {self.where}, during {self.test}: {self.around}"


_leaks: list[Leak] = []


def planted(kind: str, secret: str, at: int) -> str:
    """The secret with the mark in it from this place on, as long as it was."""
    mark = MARK + kind
    assert len(secret) >= at + len(mark)
    return secret[:at] + mark + secret[at + len(mark) :]


def watch_for(kind: str, text: str) -> None:
    """Also for a secret that cannot have the mark in it, such as a key that somebody else makes: for a part of its text."""
    global _found, _found_in_bytes, _texts, _bytes
    _without_mark[text] = kind
    _texts, _bytes = (*_texts, text), (*_bytes, text.encode())
    pattern = "|".join([_PATTERN, *map(re.escape, _without_mark)])
    _found, _found_in_bytes = re.compile(pattern), re.compile(pattern.encode())


def _kind_of(found: re.Match[Any]) -> str:
    letter = found[1] if found[1] is None or isinstance(found[1], str) else found[1].decode()
    text = found[0] if isinstance(found[0], str) else found[0].decode()
    return letter or _without_mark.get(text, "c")


def look(where: str, text: str | bytes, allowed: Callable[[str], bool] = lambda kind: False) -> None:
    """Remember a leak if there is a secret in the text that is not allowed there."""
    if not any(part in text for part in (_texts if isinstance(text, str) else _bytes)):  # nearly always, and faster
        return
    found: re.Match[Any] | None = (_found if isinstance(text, str) else _found_in_bytes).search(text)
    if found is None:
        return
    kind = _kind_of(found)
    if not allowed(kind):
        around = text[max(0, found.start() - 80) : found.end() + 20]
        _leaks.append(Leak(where, kind, repr(around), os.environ.get("PYTEST_CURRENT_TEST", "no test")))


@contextmanager
def leaks_apart() -> Iterator[list[Leak]]:
    """What comes to light meanwhile, which then fails no test: for tests that show that it is seen."""
    before = len(_leaks)
    found: list[Leak] = []
    try:
        yield found
    finally:
        found += _leaks[before:]
        del _leaks[before:]


# --- Planting ----------------------------------------------------------------------------------------------------------------


def _plant(patch: pytest.MonkeyPatch) -> None:
    new_key, new_secret, new_redirect = key_text.new_key, signatures.new_secret, redirect_secrets.new_secret
    new_marked_key = wraps(new_key)(lambda *, is_test=False: planted("k", new_key(is_test=is_test), 20))
    patch.setattr(key_text, "new_key", new_marked_key)
    for module in (signatures, endpoints):
        patch.setattr(module, "new_secret", lambda: planted("w", new_secret(), 12))
    patch.setattr(redirect_secrets, "new_secret", lambda: planted("r", new_redirect(), 12))
    new_code = codes.new_code
    patch.setattr(codes, "new_code", lambda: _marked_code(new_code()))
    patch.setattr(signing, "SECRET_PREFIX", f"{signing.SECRET_PREFIX}{MARK}q")


def _marked_code(code: str) -> str:
    random = CODE_MARK + codes.normalized(code)[len(CODE_MARK) : codes.RANDOM_CHARACTERS]
    return codes.printed(random + codes._check_of(random))


for _text in (CODE_MARK, codes.printed(CODE_MARK)):
    watch_for("v", _text)
    watch_for("v", _text.lower())


# --- Watching ----------------------------------------------------------------------------------------------------------------


def _watch_logs(patch: pytest.MonkeyPatch) -> None:
    for formatter in (JsonLines, CommonEventFormat):
        written = formatter.format

        def look_too(self: Any, record: logging.LogRecord, written: Callable[..., str] = written) -> str:
            line = written(self, record)
            look("a line of the log", line)
            return line

        patch.setattr(formatter, "format", look_too)


def _watch_answers(patch: pytest.MonkeyPatch) -> None:
    get_response = BaseHandler.get_response

    def look_too(self: Any, request: Any) -> Any:
        response = get_response(self, request)
        where = f"the answer to {request.method} {request.path}"

        def is_told_here(kind: str) -> bool:
            told = TOLD_TO_ITS_OWNER.get(kind)
            return told is not None and bool(told.fullmatch(f"{request.method} {request.path}"))

        look(where, repr(response.headers), is_told_here)
        if not response.streaming:
            look(where, response.content, is_told_here)
        return response

    patch.setattr(BaseHandler, "get_response", look_too)


def _watch_what_is_sent(patch: pytest.MonkeyPatch) -> None:
    post, send = posting._send, Transport.send

    def post_too(verb: str, url: str, headers: Mapping[str, str], body: bytes, seconds: float) -> Any:
        look(f"a delivery to {url}", f"{url} {dict(headers)}")
        look(f"a delivery to {url}", body)
        return post(verb, url, headers, body, seconds)

    def send_too(self: Any, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None, **how: Any) -> Any:
        look(f"a call to {url}", f"{url} {dict(headers)}", PROVIDERS_OWN.__contains__)
        look(f"a call to {url}", body or b"", PROVIDERS_OWN.__contains__)
        return send(self, method, url, headers=headers, body=body, **how)

    patch.setattr(posting, "_send", post_too)
    patch.setattr(Transport, "send", send_too)


def _look_at_statement(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    if sql.startswith("SELECT"):  # whose values are not stored: somebody may look for anything
        return execute(sql, params, many, context)
    for values in params or () if many else (params or (),):
        for value in values.values() if isinstance(values, dict) else values:
            if isinstance(value, str | bytes):
                look(f"a value of {sql[:120]}", value)
            elif hasattr(value, "obj"):  # JSON on its way to PostgreSQL
                look(f"a value of {sql[:120]}", str(value.obj))
    return execute(sql, params, many, context)


def _watch_database(connection: Any, **signal: object) -> None:
    if _look_at_statement not in connection.execute_wrappers:
        connection.execute_wrappers.append(_look_at_statement)


# --- With pytest -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session", autouse=True)
def _secrets_are_planted_and_watched() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        _plant(patch)
        _watch_logs(patch)
        _watch_answers(patch)
        _watch_what_is_sent(patch)
        connection_created.connect(_watch_database)
        for connection in connections.all(initialized_only=True):
            _watch_database(connection)
        yield
        connection_created.disconnect(_watch_database)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """What came to light before the test is over fails it; what a thread of it still does later fails another."""
    result = yield
    if _leaks:
        told, _leaks[:] = "\n".join(map(str, _leaks)), []
        pytest.fail(f"A secret came to light:\n{told}", pytrace=False)
    return result


_MAY_HOLD_SECRETS = re.compile(r"\.(?:pyc?|pem|env|ini|toml|sh|yml|yaml|service|md|html)$")
"""Files of tests that are no database and no log: settings, keys, the project itself."""


def leaks_in_files(folder: Path) -> list[str]:
    """Where a secret stands in the files that are left of a run; one sentence each."""
    told = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and not _MAY_HOLD_SECRETS.search(path.name):
            found = _found_in_bytes.search(path.read_bytes())
            if found:
                told.append(f"{KINDS[_kind_of(found)]} in {path}")
    return told


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In the process that started the others: the files of all of them."""
    if hasattr(session.config, "workerinput"):
        return
    folder = session.config._tmp_path_factory._basetemp  # type: ignore[attr-defined]
    told = leaks_in_files(folder) if folder is not None and folder.exists() else []
    session.config.stash[_TOLD] = told + [str(leak) for leak in _leaks]
    if session.config.stash[_TOLD] and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


_TOLD = pytest.StashKey[list[str]]()


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    for sentence in config.stash.get(_TOLD, []):
        terminalreporter.write_line(f"FAILED A secret is left: {sentence}", red=True)
