"""docs/guide/signed_requests.md: its requests are real, and its samples make tokens that the service takes."""

import json
import shutil
import subprocess
import sys

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from partners import keys, signing
from tests.api.signing import pem_of
from tests.conftest import PartnerClient, goal_xml
from tests.docs.examples import ROOT, blocks_of, steps_of
from tests.docs.running import HOST, Reader

PAGE = ROOT / "docs" / "guide" / "signed_requests.md"
pytestmark = pytest.mark.django_db

RUN = {
    "python": (
        [sys.executable, "-c"],
        "\nimport json, sys\nkid, key, method, uri, body = json.load(sys.stdin)\n"
        "key = open(key).read() if key.endswith('.pem') else key\nprint(authorization(kid, key, method, uri, body.encode()))",
    ),
    "bash": (["bash", "-euc"], '\nauthorization "$@"'),
}


def test_every_request_of_the_page_is_real(settings):
    settings.PUBLIC_BASE_URL = f"https://{HOST}"
    settings.ALLOWED_HOSTS = [HOST]
    Reader().follow(steps_of(PAGE))


@pytest.mark.parametrize("algorithm", ["HS256", "EdDSA"])
@pytest.mark.parametrize("language", RUN)
def test_a_sample_signs_what_the_service_takes(shop, tmp_path, language, algorithm):
    partner = keys.partner_of(shop.key)
    if language == "bash" and not shutil.which("openssl"):
        pytest.skip("there is no openssl on this machine")
    if algorithm == "EdDSA":
        private, public = pem_of(Ed25519PrivateKey.generate())
        (tmp_path / "private.pem").write_text(private)
        kid, key = signing.register_public_key(partner, public), str(tmp_path / "private.pem")
    else:
        kid, key = signing.issue_secret(partner)
    body = goal_xml(Name="Zoë's &amp; Bob's 100%")
    for method, uri, sent, status in (
        ("GET", "/api/savings?limit=10&Id=", "", 200), ("POST", "/api/savings", body, 201), ("GET", "/api/savings", "", 200),
    ):  # fmt: skip
        token = _signed(language, kid, key, method, uri, sent)
        answer = PartnerClient(None).call(method, uri, sent, Authorization=token)
        assert answer.status == status, answer.text
        assert PartnerClient(None).call(method, uri, sent, Authorization=token).status == 401, "once"


def _signed(language, *given):
    (block,) = blocks_of(PAGE, language)
    assert len(block.text.splitlines()) <= 30
    command, call = RUN[language]
    arguments = ["sample", *given] if language == "bash" else []
    done = subprocess.run(
        [*command, block.text + call, *arguments],
        input=json.dumps(given), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_page_has_every_scope_and_claim_that_there_is():
    text = PAGE.read_text()
    for name in ("read", "write", "refund", "method", "uri", "body_sha256", "jti", "aud"):
        assert f"| `{name}` |" in text
