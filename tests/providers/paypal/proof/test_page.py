"""The approval page, as a giver's browser meets it."""

from datetime import timedelta
from html.parser import HTMLParser

import pytest
import requests

from tests.providers.paypal.proof.steps import CANCEL_URL, RETURN_URL

pytestmark = pytest.mark.no_database


class Forms(HTMLParser):
    """The forms of a page: (address, fields, what the button says)."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str], str]] = []
        self._in_a_button = False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        told = dict(attributes)
        if tag == "form":
            self.found.append((told["action"], {}, ""))
        if tag == "input":
            self.found[-1][1][told["name"]] = told["value"]
        self._in_a_button = tag == "button"

    def handle_data(self, data):
        if self._in_a_button:
            self.found[-1] = (*self.found[-1][:2], self.found[-1][2] + data)

    def handle_endtag(self, tag):
        self._in_a_button = False


def press(paypal, page, label):
    (form,) = [form for form in Forms(page.text).found if form[2] == label]
    return requests.post(paypal.base_url + form[0], data=form[1], allow_redirects=False, timeout=20)


def opened(paypal, caller, **changes):
    order = caller.created(**changes)
    return order, requests.get(f"{paypal.base_url}/checkoutnow?token={order.id}", timeout=20)


def test_the_page_says_what_is_paid_to_whom_and_fits_a_phone(paypal, caller):
    _, page = opened(paypal, caller, description="A <b>bicycle</b> & more")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert '<meta name="viewport" content="width=device-width' in page.text
    for told in ("20.00 USD", "anna@example.org", "A &lt;b&gt;bicycle&lt;/b&gt; &amp; more"):
        assert told in page.text


def test_whoever_approves_or_cancels_is_sent_back(paypal, caller):
    order, page = opened(paypal, caller)
    answer = press(paypal, page, "Approve")
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"{RETURN_URL}&token={order.id}&PayerID={order.payer_id}"
    assert caller.post(f"/v2/checkout/orders/{order.id}/capture").status_code == 201
    order, page = opened(paypal, caller)
    answer = press(paypal, page, "Cancel")
    assert (answer.headers["Location"], order.status) == (f"{CANCEL_URL}?token={order.id}", "PAYER_ACTION_REQUIRED")


def test_what_is_paid_or_over_cannot_be_paid_again(paypal, caller):
    paid, page = opened(paypal, caller)
    press(paypal, page, "Approve")
    caller.post(f"/v2/checkout/orders/{paid.id}/capture")
    assert press(paypal, page, "Approve").status_code == 409
    assert "paid already" in requests.get(f"{paypal.base_url}/checkoutnow?token={paid.id}", timeout=20).text
    over, page = opened(paypal, caller)
    paypal.now += timedelta(hours=3)
    assert press(paypal, page, "Approve").status_code == 409
    assert requests.get(f"{paypal.base_url}/checkoutnow?token={over.id}", timeout=20).status_code == 404
    assert requests.get(f"{paypal.base_url}/checkoutnow", timeout=20).status_code == 404
