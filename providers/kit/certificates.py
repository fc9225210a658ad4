"""Certificates that a provider signs its webhooks with: fetched once, proven each time, kept for a day.

Anybody may name an address of one to us. What cannot be had or proven is remembered, for longer each time, and addresses that
have never led to a certificate are looked at a few times a minute: strangers' webhooks do not become our calls to the provider.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from providers.base import InvalidSignature
from providers.kit.budgets import Budget
from providers.kit.deadline import at_most, seconds_left
from providers.kit.transport import NoAnswer, Transport

KEPT_SECONDS = 24 * 3600.0
MOST_KEPT = 16
MOST_BYTES = 64 * 1024

FETCH_SECONDS = 5.0
"""How long one look may take: whoever sends us webhooks that are none holds a thread of ours for so long."""

LOOKS_A_MINUTE = 3
"""At addresses that have never led to a certificate, those that come to nothing."""

PAUSE_SECONDS = 10.0
LONGEST_PAUSE_SECONDS = 3600.0
"""Before an address that failed is looked at again: the first, twice as long after each other failure, and the longest."""

MOST_FAILURES_KEPT = 256

Chain = Sequence[x509.Certificate]


class NoCertificate(Exception):
    """The certificate cannot be had, or is none."""


@dataclass(frozen=True)
class _Failure:
    """What came of the last look at an address."""

    error: NoCertificate | InvalidSignature
    pause_seconds: float
    until: float


class CertificateCache:
    """Public keys by the address of their certificate. Thread-safe.

    `prove` gives the key of a chain that is the provider's and valid now. It raises NoCertificate or InvalidSignature, whatever
    the caller of `key_at` expects.
    """

    def __init__(self, transport: Transport, prove: Callable[[Chain], RSAPublicKey]) -> None:
        self._transport, self._prove = transport, prove
        self._kept: OrderedDict[str, tuple[float, Chain]] = OrderedDict()
        self._failures: OrderedDict[str, _Failure] = OrderedDict()
        self._looks = Budget(LOOKS_A_MINUTE)
        self._lock = threading.Lock()
        self._one_at_a_time = [threading.Lock() for _ in range(16)]
        """By address: of those who need the same certificate one fetches it."""

    def key_at(self, url: str) -> RSAPublicKey:
        """The key of the certificate at an address that has been found to be the provider's. Raises NoCertificate.

        It is proven each time: what is kept may have run out meanwhile.
        """
        chain = self._fresh(url)
        if chain is not None:
            return self._prove(chain)
        own_turn = self._one_at_a_time[hash(url) % len(self._one_at_a_time)]
        if not own_turn.acquire(timeout=max(0.0, min(seconds_left(), FETCH_SECONDS))):
            raise NoCertificate("somebody is still fetching it")
        try:
            chain = self._fresh(url)
            return self._prove(chain) if chain is not None else self._looked_up(url)
        finally:
            own_turn.release()

    def _fresh(self, url: str) -> Chain | None:
        with self._lock:
            known = self._kept.get(url)
            if known is None or time.monotonic() >= known[0]:
                return None
            self._kept.move_to_end(url)
            return known[1]

    def _looked_up(self, url: str) -> RSAPublicKey:
        """Fetched and proven now, unless it failed just before or too many others did."""
        with self._lock:
            failure, is_known = self._failures.get(url), url in self._kept
        if failure and time.monotonic() < failure.until:
            raise type(failure.error)(f"not looked at again so soon: {failure.error}")
        if not is_known and not self._looks.take():
            raise NoCertificate("too many certificates that are none were named: no other is looked at for now")
        try:
            chain = self._fetch(url)
            key = self._prove(chain)
        except (NoCertificate, InvalidSignature) as error:
            self._remember_failure(url, error, failure)
            raise
        if not is_known:
            self._looks.give_back()
        with self._lock:
            self._failures.pop(url, None)
            self._kept[url] = (time.monotonic() + KEPT_SECONDS, chain)
            self._kept.move_to_end(url)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return key

    def _remember_failure(self, url: str, error: NoCertificate | InvalidSignature, before: _Failure | None) -> None:
        pause = min(before.pause_seconds * 2 if before else PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
        with self._lock:
            self._failures[url] = _Failure(error, pause, time.monotonic() + pause)
            self._failures.move_to_end(url)
            while len(self._failures) > MOST_FAILURES_KEPT:
                self._failures.popitem(last=False)

    def _fetch(self, url: str) -> Chain:
        try:
            with at_most(FETCH_SECONDS):
                answer = self._transport.send("GET", url, headers={"Accept": "*/*"}, most_bytes=MOST_BYTES)
        except NoAnswer as error:
            raise NoCertificate(f"the certificate cannot be fetched: {error}") from error
        if answer.status != 200:
            raise NoCertificate(f"the certificate cannot be fetched: {answer.status}")
        try:
            return x509.load_pem_x509_certificates(answer.body)
        except ValueError as error:
            raise NoCertificate("what was fetched is no certificate") from error
