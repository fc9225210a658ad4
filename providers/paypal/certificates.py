"""Whether a certificate is that of PayPal's messages: proven by its chain, its dates and its name."""

import functools
import warnings
from collections.abc import Callable
from functools import partial
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
from providers.kit.certificates import Chain, NoCertificate

COMMON_NAMES = frozenset({"messageverificationcerts.paypal.com", "messageverificationcerts.sandbox.paypal.com"})


def prover(trust_roots_file: str) -> Callable[[Chain], RSAPublicKey]:
    """Proves chains by the pinned public authorities and those in the file."""
    return partial(_proven, trust_roots_file=trust_roots_file)


def _proven(chain: Chain, *, trust_roots_file: str) -> RSAPublicKey:
    """The key of the chain's first certificate. Raises NoCertificate."""
    leaf, *intermediates = chain
    verifier = (
        PolicyBuilder()
        .store(_roots(trust_roots_file))
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
