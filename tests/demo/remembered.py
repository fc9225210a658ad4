"""A visitor with cookies, whom the shop can know again. It follows the service to the simulator's pages and back."""

import re
from typing import Any

from django.test import Client

from tests.demo.visitors import Page

PAGES = {
    "chip-in": "", "forget": "remember", "end-pledge": "pledge",
    "buy-certificate": "certificates", "claim-certificate": "certificates",
}  # fmt: skip
"""On which page of the shop a form stands, by its action, where that is not the page's own address."""


class Visitor:
    """A browser with its cookies; the pages that it is sent to by the service it opens as well."""

    def __init__(self) -> None:
        self.browser = Client(SERVER_NAME="testserver")

    def look(self, path: str) -> str:
        return self.browser.get(path).content.decode()

    def send(self, action: str, **fields: str) -> Any:
        """The form with this action, on the page that has it, filled in."""
        page = self.look(f"/demo/{PAGES.get(action, action)}")
        (form,) = re.findall(f'<form method="post" action="{action}">.*?</form>', page, re.DOTALL)
        return self.browser.post(f"/demo/{action}", Page(form).fields | fields)

    def goes_on(self, address: str, outcome: str) -> str:
        """To where the answers lead, with this button pressed on the provider's page; what the last page says."""
        for _ in range(8):
            answer = self.browser.get(re.sub("^https?://[^/]+", "", address))
            text: str = answer.content.decode()
            if answer.status_code != 303 and 'name="outcome"' not in text:
                return Page(text).text
            if answer.status_code != 303:
                answer = self.browser.post(answer.request["PATH_INFO"], {"outcome": outcome})
            address = answer.headers["Location"]
        raise AssertionError("too many redirects")

    def agree(self, outcome: str = "agree", **fields: str) -> str:
        """Have the shop remember them; what it says when they come back."""
        asked = self.send("remember", **({"name": "Ann", "maximum": "50.00"} | fields))
        assert asked.status_code == 303, asked.content.decode()
        return self.goes_on(asked.headers["Location"], outcome)

    def give_now(self, **fields: str) -> Any:
        return self.send("chip-in", **({"name": "Ann", "amount": "20.00", "way": "at_once"} | fields))
