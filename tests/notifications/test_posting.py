"""Over TLS: to the address that was checked, with the certificate of the name."""

import datetime
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from notifications.posting import post
from providers.kit import transport

pytestmark = pytest.mark.no_database

NOW = datetime.datetime.now(datetime.UTC)


class Authority:
    """Signs certificates for as long as a test runs."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.key = folder, ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test Authority")])
        self.file = folder / "authority.pem"
        certificate = self._certificate(self.name, self.key, x509.BasicConstraints(ca=True, path_length=None))
        self.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def context_for(self, host: str) -> ssl.SSLContext:
        """What a server of this name needs."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        certificate = self._certificate(name, key, x509.SubjectAlternativeName([x509.DNSName(host)]))
        file = self.folder / "server.pem"
        file.write_bytes(
            key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _certificate(self, name, key, extension):
        building = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - datetime.timedelta(days=1))
            .not_valid_after(NOW + datetime.timedelta(days=1))
            .add_extension(extension, critical=False)
        )
        return building.sign(self.key, hashes.SHA256())


@pytest.fixture
def authority(tmp_path, monkeypatch):
    made = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    transport.machine_trust.cache_clear()
    yield made
    transport.machine_trust.cache_clear()


def tls_listener(listener, authority, host):
    """The listener with a certificate of that name; the names that it was asked for."""
    asked = []
    context = authority.context_for(host)
    context.sni_callback = lambda _, name, __: asked.append(name)
    listener.server.socket = context.wrap_socket(listener.server.socket, server_side=True)
    return asked


def test_the_name_is_asked_for_and_the_address_connected_to(listener, authority, names, private_allowed):
    names["shop.example"] = ["127.0.0.1"]
    asked = tls_listener(listener, authority, "shop.example")
    answer = post(f"https://shop.example:{listener.port}/hooks", {"webhook-id": "evt_1"}, b"{}")
    assert (answer.status, answer.failure) == (200, "")
    assert asked == ["shop.example"]
    (heard,) = listener.heard
    told = (heard.headers["host"], heard.headers["webhook-id"], heard.body)
    assert told == (f"shop.example:{listener.port}", "evt_1", b"{}")


@pytest.mark.parametrize("fault", ["another name", "an unknown authority"])
def test_a_certificate_that_is_not_to_be_believed_is_refused(listener, authority, names, private_allowed, monkeypatch, fault):
    if fault == "an unknown authority":
        monkeypatch.delenv("SSL_CERT_FILE")
    names["shop.example"] = ["127.0.0.1"]
    tls_listener(listener, authority, "other.example" if fault == "another name" else "shop.example")
    assert post(f"https://shop.example:{listener.port}/hooks", {}, b"{}").failure == "tls_failed"
    assert listener.heard == []
