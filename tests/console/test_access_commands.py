"""create_api_key for keys that sign, and partner_access."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command

from partners.models import ApiKey, Partner
from tests.api.signing import Signer, pem_of
from tests.conftest import PartnerClient

pytestmark = pytest.mark.django_db


def test_keys_that_sign_are_made_and_work(shop, capsys, tmp_path):
    private, public = pem_of(Ed25519PrivateKey.generate())
    (tmp_path / "public.pem").write_text(public)
    call_command("create_api_key", "Anna's Shop", "--test", "--sign", "--scope", "read", "--json")
    shared = json.loads(capsys.readouterr().out)
    call_command("create_api_key", "Anna's Shop", "--test", "--public-key", str(tmp_path / "public.pem"), "--json")
    own = json.loads(capsys.readouterr().out)
    assert (shared["scopes"], own["scopes"], "secret" in own) == (["read"], ["read", "write", "refund"], False)
    for signer in (Signer(shared["kid"], shared["secret"], "HS256"), Signer(own["kid"], private, "EdDSA")):
        assert signer.call("GET", "/api/savings").status == 200
    call_command("revoke_api_key", own["kid"])
    assert "Revoked sig_test_" in capsys.readouterr().out
    assert Signer(own["kid"], private, "EdDSA").call("GET", "/api/savings").status == 401


def test_what_is_no_public_key_is_refused(shop, tmp_path):
    private, _ = pem_of(Ed25519PrivateKey.generate())
    _, of_another_kind = pem_of(generate_private_key(SECP256R1()))
    before = ApiKey.objects.count()
    for text in (private, of_another_kind, "", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"):
        (tmp_path / "file.pem").write_text(text)
        with pytest.raises(CommandError, match="public key of Ed25519 in PEM"):
            call_command("create_api_key", "Anna's Shop", "--public-key", str(tmp_path / "file.pem"))
    (tmp_path / "file.pem").write_bytes(b"\xff\xfe")
    for path in ("file.pem", "none.pem"):
        with pytest.raises(CommandError, match="--public-key"):
            call_command("create_api_key", "Anna's Shop", "--public-key", str(tmp_path / path))
    assert ApiKey.objects.count() == before


def test_access_is_shown_and_changed_for_both_modes(shop, capsys):
    call_command("create_api_key", "Anna's Shop")
    capsys.readouterr()
    call_command(
        "partner_access", "Anna's Shop", "--requests-per-minute", "5", "--network", "203.0.113.0/24", "--network",
        "2001:db8::/48", "--signed-only",
    )  # fmt: skip
    told = capsys.readouterr().out
    for line in ("(live)", "(test)", "key: 5", "networks: 203.0.113.0/24, 2001:db8::/48", "plain keys: refused"):
        assert line in told
    assert set(Partner.objects.values_list("requests_per_minute", "networks", "signed_only")) == {
        (5, "203.0.113.0/24 2001:db8::/48", True)
    }
    assert shop.get("/api/savings").status == 401
    call_command("partner_access", "Anna's Shop", "--usual-limit", "--any-network", "--plain-keys")
    assert set(Partner.objects.values_list("requests_per_minute", "networks", "signed_only")) == {(None, "", False)}
    assert PartnerClient(shop.key).get("/api/savings").status == 200


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["Nobody"], "there is no partner named"),
        (["Anna's Shop", "--network", "203.0.113.1/24"], "is no network"),
        (["Anna's Shop", "--network", "example.org"], "is no network"),
        (["Anna's Shop", "--requests-per-minute", "-1"], "a number from 0 to"),
    ],
)
def test_access_that_cannot_be_is_refused(shop, arguments, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("partner_access", *arguments)
