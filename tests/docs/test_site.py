"""The guide as a site: built, served at /docs/, its examples in every language the same request."""

import re
import shutil
import subprocess
import sys
from dataclasses import replace
from http.server import BaseHTTPRequestHandler

import pytest
from django.core.signals import request_finished
from django.db import close_old_connections
from django.test import Client

from docs import build_site
from docs.request_tabs import BASE, LANGUAGES, Asked, asked_in, in_curl, in_javascript, in_php, in_python
from tests.demo.conftest import serving
from tests.docs.examples import blocks_of
from tests.docs.pages_and_code import GUIDE, rows_of, section_of

pytestmark = pytest.mark.no_database

WAYS = {
    "curl": (in_curl, ["bash", "-c"]),
    "Python": (in_python, [sys.executable, "-c"]),
    "JavaScript": (in_javascript, ["node", "--input-type=module", "-e"]),
    "PHP": (in_php, ["php", "-r"]),
}


def _close(answer):
    """Leaving alone the connections that other tests have opened in this process."""
    request_finished.disconnect(close_old_connections)
    answer.close()
    request_finished.connect(close_old_connections)


def test_the_site_is_built_and_served_with_a_page_for_each_code():
    assert build_site.main() == 0
    browser = Client()

    def status_of(path):
        answer = browser.get(path)
        _close(answer)
        return answer.status_code

    page = browser.get("/docs/")
    text = b"".join(page.streaming_content).decode()
    _close(page)
    assert (page.status_code, page["Content-Type"]) == (200, 'text/html; charset="utf-8"')
    assert "sha256-" in page["Content-Security-Policy"]
    assert all(f">{title}<" in text for title in LANGUAGES)
    codes = [row[1].strip("`") for row in rows_of(section_of((build_site.GUIDE / "errors.md").read_text(), "Errors"))]
    assert "cannot_refund" in codes
    assert [code for code in codes if status_of(f"/docs/errors/{code}/") != 200] == []
    error, changes = browser.get("/docs/errors/cannot_refund/"), browser.get("/docs/changes/")
    assert b'../no_such_record/"' in b"".join(error.streaming_content), "the other codes are beside it"
    assert b"0.4.0" in b"".join(changes.streaming_content)
    _close(error)
    _close(changes)
    assert status_of("/docs/search.json") == 200
    assert browser.head("/docs/").status_code == 200
    assert status_of("/docs/nothing/") == 404
    refused = browser.delete("/docs/")
    assert (refused.status_code, refused["Allow"]) == (405, "GET, HEAD")
    pages = [page.read_text() for page in build_site.SITE.rglob("*.html")]
    assert [found for page in pages for found in re.findall(r'\b(?:href|src|action)="?/[^"\s>]*', page)] == [], (
        "as under a path"
    )


def test_every_page_is_in_the_navigation():
    assert sorted(page.name for page in GUIDE) == sorted(page.name for page in build_site.GUIDE.glob("*.md"))


@pytest.fixture(scope="module")
def echo():
    """Its address, and what has arrived there."""
    arrived = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            arrived.append((self.command, self.path, dict(self.headers), body))
            told = b"It has arrived."
            self.send_response(200)
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else told)

        def __getattr__(self, name):
            return self.answer if name.startswith("do_") else object.__getattribute__(self, name)

        def log_message(self, *_):
            pass

    with serving(Handler) as address:
        yield address, arrived


@pytest.mark.parametrize("title", WAYS)
def test_an_example_is_the_same_request_in_every_language(title, echo):
    write, command = WAYS[title]
    address, arrived = echo
    arrived.clear()
    if shutil.which(command[0]) is None:
        pytest.skip(f"there is no {command[0]} on this machine")
    blocks = [block.text for page in GUIDE for block in blocks_of(page, "http")]
    every = [Asked("HEAD", "/api/savings", {}, ""), *filter(None, map(asked_in, blocks))]
    assert {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} <= {asked.verb for asked in every}
    hardest = sorted(every, key=lambda asked: (asked.verb, -len(asked.body)))
    for one in {asked.verb: asked for asked in reversed(hardest)}.values():
        asked = replace(one, path=one.path.translate(str.maketrans("", "", "{}")))  # what stands for an Id
        done = subprocess.run(
            [*command, write(asked).replace(BASE, address)], capture_output=True, text=True, timeout=30, check=True
        )
        assert "200" in done.stdout if asked.verb == "HEAD" else "It has arrived." in done.stdout
        ((verb, path, headers, body),) = arrived
        arrived.clear()
        assert (verb, path, body) == (asked.verb, asked.path, asked.body)
        assert asked.headers.items() <= headers.items()
