"""The certificate behind a webhook's signature: fetched from PayPal, proven by its chain, kept for a day."""

import functools
import threading
import time
import warnings
from collections import OrderedDict
from pathlib import Path

import certifi
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

import clock
from providers.wire import NoAnswer, Wire

COMMON_NAMES = frozenset({"messageverificationcerts.paypal.com", "messageverificationcerts.sandbox.paypal.com"})
KEPT_SECONDS = 24 * 3600.0
MOST_KEPT = 16
MOST_BYTES = 64 * 1024


class NoCertificate(Exception):
    """The certificate cannot be had, or nobody whom we trust vouches for it: the signature cannot be checked here."""


class Certificates:
    """Public keys by the address of their certificate. Thread-safe."""

    def __init__(self, wire: Wire, *, trust_roots_file: str = "") -> None:
        self._wire = wire
        self._trust_roots_file = trust_roots_file
        self._kept: OrderedDict[str, tuple[float, list[x509.Certificate]]] = OrderedDict()
        self._lock = threading.Lock()

    def key_at(self, url: str) -> RSAPublicKey:
        """The key of the certificate at an address that has been found to be PayPal's. Raises NoCertificate.

        Dates and chain are checked each time: what is kept may have run out meanwhile.
        """
        with self._lock:
            known = self._kept.get(url)
        chain = known[1] if known and time.monotonic() < known[0] else self._fetch(url)
        key = self._proven(chain)
        with self._lock:
            if known is None or known[1] is not chain:
                self._kept[url] = (time.monotonic() + KEPT_SECONDS, chain)
            self._kept.move_to_end(url)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return key

    def _fetch(self, url: str) -> list[x509.Certificate]:
        try:
            answer = self._wire.send("GET", url, headers={"Accept": "*/*"}, most_bytes=MOST_BYTES)
        except NoAnswer as error:
            raise NoCertificate(f"the certificate cannot be fetched: {error}") from error
        if answer.status != 200:
            raise NoCertificate(f"the certificate cannot be fetched: {answer.status}")
        try:
            return x509.load_pem_x509_certificates(answer.body)
        except ValueError as error:
            raise NoCertificate("what was fetched is no certificate") from error

    def _proven(self, chain: list[x509.Certificate]) -> RSAPublicKey:
        leaf, *intermediates = chain
        verifier = (
            PolicyBuilder()
            .store(_roots(self._trust_roots_file))
            .time(clock.now())
            .extension_policies(ca_policy=ExtensionPolicy.webpki_defaults_ca(), ee_policy=_for_signers())
            .build_client_verifier()
        )
        try:
            verifier.verify(leaf, intermediates)
            names = [str(name.value) for name in leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
            key = leaf.public_key()
        except (VerificationError, ValueError) as error:
            raise NoCertificate(f"nobody vouches for the certificate: {error}"[:300]) from error
        if len(names) != 1 or names[0] not in COMMON_NAMES:
            raise NoCertificate("the certificate is not that of PayPal's messages")
        if not isinstance(key, RSAPublicKey):
            raise NoCertificate("the certificate's key is no RSA key")
        return key


def _for_signers() -> ExtensionPolicy:
    """What a certificate that signs messages must be: no authority itself, and good for servers or clients.

    The library's own policy is for web servers. It asks for a subjectAltName, which the certificate of PayPal's messages
    need not have: it is named by its CN, checked above.
    """
    return (
        ExtensionPolicy.permit_all()
        .may_be_present(x509.BasicConstraints, Criticality.AGNOSTIC, _is_no_authority)
        .may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, _is_for_servers_or_clients)
    )


def _is_no_authority(_: Policy, __: x509.Certificate, constraints: x509.BasicConstraints | None) -> None:
    if constraints is not None and constraints.ca:
        raise ValueError("an authority's certificate signs no messages")


def _is_for_servers_or_clients(_: Policy, __: x509.Certificate, usage: x509.ExtendedKeyUsage | None) -> None:
    wanted = {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH}
    if usage is not None and not wanted & set(usage):
        raise ValueError("the certificate is for something else")


@functools.cache
def _roots(trust_roots_file: str) -> Store:
    """The pinned public authorities, and those in the file."""
    files = [certifi.where(), *([trust_roots_file] if trust_roots_file else [])]
    with warnings.catch_warnings():  # of an old authority whose number is 0
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        return Store([root for file in files for root in x509.load_pem_x509_certificates(Path(file).read_bytes())])
