"""Certificates that a provider signs its webhooks with: fetched once, proven each time, kept for a day."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from providers.kit.transport import NoAnswer, Transport

KEPT_SECONDS = 24 * 3600.0
MOST_KEPT = 16
MOST_BYTES = 64 * 1024

Chain = Sequence[x509.Certificate]


class NoCertificate(Exception):
    """The certificate cannot be had, or is none."""


class CertificateCache:
    """Public keys by the address of their certificate. Thread-safe.

    `prove` gives the key of a chain that is the provider's and valid now, and raises what the caller of `key_at` expects.
    """

    def __init__(self, transport: Transport, prove: Callable[[Chain], RSAPublicKey]) -> None:
        self._transport, self._prove = transport, prove
        self._kept: OrderedDict[str, tuple[float, Chain]] = OrderedDict()
        self._lock = threading.Lock()

    def key_at(self, url: str) -> RSAPublicKey:
        """The key of the certificate at an address that has been found to be the provider's. Raises NoCertificate.

        It is proven each time: what is kept may have run out meanwhile.
        """
        with self._lock:
            known = self._kept.get(url)
        chain = known[1] if known and time.monotonic() < known[0] else self._fetch(url)
        key = self._prove(chain)
        with self._lock:
            if known is None or known[1] is not chain:
                self._kept[url] = (time.monotonic() + KEPT_SECONDS, chain)
            self._kept.move_to_end(url)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return key

    def _fetch(self, url: str) -> Chain:
        try:
            answer = self._transport.send("GET", url, headers={"Accept": "*/*"}, most_bytes=MOST_BYTES)
        except NoAnswer as error:
            raise NoCertificate(f"the certificate cannot be fetched: {error}") from error
        if answer.status != 200:
            raise NoCertificate(f"the certificate cannot be fetched: {answer.status}")
        try:
            return x509.load_pem_x509_certificates(answer.body)
        except ValueError as error:
            raise NoCertificate("what was fetched is no certificate") from error
