"""An operator at the console's pages, with the cookie and the form tokens that a browser would send."""

import re
from html import unescape
from typing import Any

from django.test import Client

from console import operators
from tests.planted_secrets import MARK

NAME, PASSWORD = "dana", f"correct horse 5 battery {MARK}o"


class Operating:
    """Forms are posted from the page that holds them, so that each has its token."""

    def __init__(self, **options: Any) -> None:
        self.client = Client(enforce_csrf_checks=True, SERVER_NAME="give.example.test", REMOTE_ADDR="198.51.100.7", **options)

    def get(self, path: str = "", **query: str) -> Any:
        return self.client.get(f"/console{path}", query)

    def post(self, path: str, *, at: str | None = None, **fields: str) -> Any:
        """`at`: the page with the form; the one that has the path's action, where it is left out."""
        page = self.get(at if at is not None else path)
        return self.client.post(f"/console{path}", {"csrfmiddlewaretoken": token_in(page), **fields})

    def log_in(self, name: str = NAME, password: str = PASSWORD, **fields: str) -> Any:
        return self.post("/login", name=name, password=password, **fields)

    def told(self, path: str) -> str:
        """What the page says of what was ordered last."""
        return notice_in(self.get(path))


def logged_in() -> Operating:
    operators.set_password(NAME, PASSWORD)
    one = Operating()
    assert one.log_in().status_code == 303
    return one


def token_in(page: Any) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())
    assert found, page.content.decode()
    return found[1]


def field_in(page: Any, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.content.decode())
    assert found, page.content.decode()
    return found[1]


def text_of(page: Any) -> str:
    """What a reader sees, on one line."""
    body = page.content.decode().partition("<body>")[2]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body.replace("<bdi>", "").replace("</bdi>", ""))).split())


def notice_in(page: Any) -> str:
    found = re.search(r'<p class="notice" role="status">(.*?)</p>', page.content.decode(), re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", "", found[1])).split()) if found else ""
