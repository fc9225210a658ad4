"""The watch over planted secrets sees each way out; and what it has found in the suite stays mended."""

import logging
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from certificates import codes
from config.log_lines import JsonLines
from notifications import posting, signatures
from partners import keys, redirect_secrets, signing
from partners.models import Partner
from tests.conftest import register
from tests.planted_secrets import CODE_MARK, MARK, leaks_apart, leaks_in_files
from tests.product import ROOT

SECRET = f"abc{MARK}kdef"


def leaked(found):
    return [(leak.kind, leak.where.split()[0:2]) for leak in found]


def test_each_secret_that_is_made_has_the_mark(db):
    made = register("Marked")
    assert f"{MARK}k" in made.api_key
    assert keys.recognise(made.api_key) is not None
    assert f"{MARK}w" in signatures.new_secret()
    assert signatures.sign(signatures.new_secret(), message_id="m", timestamp=1, body=b"").startswith("v1,")
    assert f"{MARK}r" in redirect_secrets.new_secret()
    assert codes.normalized(codes.new_code()).startswith(CODE_MARK)
    assert f"{MARK}q" in signing.issue_secret(made.partner)[1]


def test_a_line_of_the_log_is_seen():
    """One that the redaction does not know for what it is."""
    with leaks_apart() as found:
        JsonLines().format(logging.makeLogRecord({"msg": f"the key is {SECRET}"}))
    assert leaked(found) == [("k", ["a", "line"])]


@pytest.mark.parametrize("typed", [str, str.lower, lambda code: code.replace("-", "")])
def test_a_claim_code_is_seen_however_it_is_typed(typed):
    with leaks_apart() as found:
        JsonLines().format(logging.makeLogRecord({"msg": f"the code is {typed(codes.new_code())}"}))
    assert leaked(found) == [("v", ["a", "line"])]


def test_a_value_in_the_database_is_seen(db):
    with leaks_apart() as found:
        Partner.objects.create(name=SECRET)
        Partner.objects.filter(name="nobody").update(name=SECRET)
        Partner.objects.filter(name=SECRET).exists()
    assert leaked(found) == [("k", ["a", "value"])] * 2, "looking for something stores nothing"


def test_an_answer_is_seen(shop):
    with leaks_apart() as found:
        shop.new_goal(Name=SECRET)
    assert {("k", ("the", "answer")), ("k", ("a", "value"))} == {(kind, tuple(where)) for kind, where in leaked(found)}


def test_a_delivery_is_seen(settings):
    settings.ALLOW_PRIVATE_WEBHOOKS = True
    with leaks_apart() as found:
        posting.post("http://127.0.0.1:9/hook", {"X-Key": SECRET}, SECRET.encode(), seconds=0.5)
    assert ("k", ["a", "delivery"]) in leaked(found)
    assert len(found) == 4, "the delivery, and the call that it becomes: their headers and their bodies"


@pytest.fixture
def folder():
    """One that is gone when the test is over: what it holds would be found in the end."""
    with tempfile.TemporaryDirectory(prefix="whipround-leaks-") as name:
        yield Path(name)


def test_what_is_left_in_a_file_is_seen(folder):
    (folder / "books.sqlite3").write_bytes(b"\0\1" + SECRET.encode() + b"\xff")
    (folder / "clean.log").write_text("nothing")
    (folder / "settings.env").write_text(f"KEY={SECRET}")
    assert [one.split(" in ")[0] for one in leaks_in_files(folder)] == ["an API key"]


CONFTEST = """
from tests import conftest

globals().update({name: value for name, value in vars(conftest).items() if not name.startswith("__")})
"""
LEAKS = """
import logging

def test_that_leaks(shop):
    from config.log_lines import JsonLines
    JsonLines().format(logging.makeLogRecord({"msg": "key " + shop.key.replace("wr_test_", "")}))

def test_that_leaves_a_file(shop, tmp_path):
    (tmp_path / "server.log").write_text(shop.key)
"""


@pytest.mark.full
@pytest.mark.parametrize("processes", ["0", "2"])
def test_a_run_with_a_leak_fails(folder, processes):
    """Also where pytest's processes share the work."""
    (folder / "tests_of_it").mkdir()
    (folder / "tests_of_it" / "conftest.py").write_text(CONFTEST)
    (folder / "tests_of_it" / "test_leaks.py").write_text(LEAKS)
    command = ["-m", "pytest", "-c", str(ROOT / "pyproject.toml"), "-p", "no:cacheprovider", "-q", "-n", processes]
    command += ["--basetemp", str(folder / "of_the_run"), str(folder / "tests_of_it")]
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False, timeout=110)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "A secret came to light" in done.stdout
    assert "A secret is left: an API key in" in done.stdout
    assert "1 failed, 1 passed" in done.stdout
