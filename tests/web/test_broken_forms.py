"""A form that nobody can read is its sender's fault: 400, told at info; 405 where nothing of it is left to be known by."""

import logging

import pytest

from tests.conftest import Giver
from tests.picking import OpenGift

pytestmark = pytest.mark.django_db

FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
PART = b'--x\r\nContent-Disposition: form-data; name="outcome"\r\n'
ANY = {200, 303, 400, 405}
"""Perhaps something of it can be read."""

BROKEN = {
    "no boundary": (MULTIPART, b"outcome=approve", {400}),
    "an empty boundary": (f"{MULTIPART}; boundary=", b"", {400, 405}),
    "a boundary of 300": (f"{MULTIPART}; boundary={'a' * 300}", b"x", {400}),
    "a boundary that is no ASCII": (f"{MULTIPART}; boundary=\u00e9", b"x", {400}),
    "no base64": (f"{MULTIPART}; boundary=x", PART + b"Content-Transfer-Encoding: base64\r\n\r\n=!!=\r\n--x--\r\n", {400, 405}),
    "a thousand files": (
        f"{MULTIPART}; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n\r\n' * 500 + b"--x--\r\n",
        {400},
    ),
    "a thousand fields": (FORM, b"&".join(b"a%d=1" % number for number in range(1000)), {400}),
    "no UTF-8": (f"{FORM}; charset=latin-1", b"outcome=%ff", ANY),
    "too large": (FORM, b"a=" + b"x" * 70_000, {400, 413}),
    "two lengths of a part": (
        f"{MULTIPART}; boundary=x",
        PART + b"Content-Length: -1\r\n\r\nx\r\n--x--\r\n",
        ANY,
    ),
    "half a part": (f"{MULTIPART}; boundary=x", PART, ANY),
}


@pytest.fixture(params=["choice", "checkout"])
def page(request, shop, giver):
    """The page on which a giver chooses, and the simulator's checkout."""
    gift = OpenGift(shop, giver)
    return f"/pay/{gift.id}" if request.param == "choice" else giver._path(gift.picks("PayPal"))


@pytest.mark.parametrize("name", BROKEN)
def test_a_form_that_cannot_be_read_is_400(page, name, caplog):
    media, body, expected = BROKEN[name]
    with caplog.at_level(logging.INFO):
        answer = Giver().client.post(page, body, content_type=media)
    assert answer.status_code in expected
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []
    if answer.status_code == 400:
        assert b"<html" in answer.content
