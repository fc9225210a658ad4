"""The peers answer what the service answers, byte for byte: else their speed says nothing about its own."""

import re
import subprocess
import sys
from contextlib import ExitStack

import pytest
import requests

from benchmarks import servers
from benchmarks.fill import GIFT
from benchmarks.servers import PEERS, PEERS_PYTHON, ROOT

pytestmark = [pytest.mark.full, pytest.mark.timeout(300)]

NEEDS = {"drf", "ninja", "fastapi_sqlalchemy"}
WITHOUT = "make bench installs what this peer needs"


@pytest.fixture(scope="module")
def ask(small):
    """ask(server, path) -> the answer of the service, or of a peer, which is started when it is asked first."""
    running = {}
    with ExitStack() as stack, requests.Session() as session:
        session.trust_env = False

        def answer(name, path, verb="GET", **more):
            if name not in running:
                starts = servers.service(small.environment(), small.folder, application=servers.WITHOUT_PROVIDER)
                peer = servers.peer(name, small.environment(), small.folder) if name in PEERS else starts
                running[name] = stack.enter_context(peer)
            return session.request(verb, running[name].url + path, timeout=60, **more)

        yield answer


def gifts_of(small):
    """Settled and open ones: (path, headers of the partner, headers of another)."""
    for gift in (*small.told["settled"][:3], *small.told["approved"][:2]):
        yield f"/api/Contribution/{gift['id']}", small.headers(gift["partner"]), small.headers(1 - gift["partner"])


def peers():
    available = PEERS_PYTHON.exists()
    skip = pytest.mark.skipif(not available, reason=WITHOUT)
    return [pytest.param(name, marks=[skip] if name in NEEDS else []) for name in PEERS]


@pytest.mark.parametrize("peer", peers())
def test_a_peer_answers_the_same_bytes(small, ask, peer):
    for path, own, _ in gifts_of(small):
        ours, theirs = (ask(name, path, headers=own) for name in ("service", peer))
        assert (ours.status_code, theirs.status_code) == (200, 200)
        assert theirs.content == ours.content
        assert theirs.headers["ETag"] == ours.headers["ETag"]
        assert theirs.headers["Content-Type"] == ours.headers["Content-Type"]


@pytest.mark.parametrize("peer", peers())
def test_a_peer_checks_what_the_service_checks(small, ask, peer):
    path, own, others = next(gifts_of(small))
    tag = ask("service", path, headers=own).headers["ETag"]
    for name in ("service", peer):
        assert ask(name, path, headers=own | {"If-None-Match": tag}).status_code == 304
        assert ask(name, path, headers=own | {"If-None-Match": '"99x"'}).status_code == 200
        assert ask(name, path, headers=others).status_code in {403, 404}
        assert ask(name, path, headers={"Authorization": "Bearer wr_test_nobody"}).status_code == 401
        assert ask(name, path.replace("/Contribution/", "/Contribution/2"), headers=own).status_code == 404


def test_the_plain_list_is_the_same_bytes(small, ask):
    ours, theirs = (ask(name, "/api/savings?limit=50", headers=small.headers()) for name in ("service", "plain_django"))
    assert ours.content.count(b"<SavingGoal>") == 3
    assert theirs.content == ours.content


def test_the_plain_post_does_the_same_work(small, ask):
    """The same answer but for ids and moments, a gift that the service goes on with, and books that are right."""
    made = {}
    for name in ("service", "plain_django"):
        path = f"/api/SavingGoal/{small.told['goals'][0][0]}/Contributions"
        headers = small.headers(**{"Content-Type": "application/xml"})
        made[name] = ask(name, path, "POST", data=GIFT, headers=headers)
        assert made[name].status_code == 201, made[name].text
    ours, theirs = (re.sub(r"[2-9A-HJ-NP-Za-km-z]{22}|\d{4}-\d\d-\d\dT[\d:.]+Z", "?", one.text) for one in made.values())
    assert theirs == ours
    back = _approve(ask, re.findall(r"/pay/\w{22}", made["plain_django"].text)[0])
    assert ask("service", back, allow_redirects=False).status_code == 303
    gift = re.findall(r"<Id>(\w{22})</Id>", made["plain_django"].text)[0]
    assert "<Status>Settled</Status>" in ask("service", f"/api/Contribution/{gift}", headers=small.headers()).text


def _approve(ask, pay):
    """Where the giver returns to, from the payment company that takes no time."""
    page = ask("service", pay, allow_redirects=False).headers["Location"]
    gift, token = pay.rpartition("/")[2], page.rpartition("/")[2]
    return f"/providers/paypal/return/{gift}?token={token}&PayerID=SIMULATEDGIVER"


def test_the_audit_finds_nothing_wrong_with_copies(small):
    done = subprocess.run(
        [sys.executable, "manage.py", "audit"], cwd=ROOT, env=small.environment(), capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
