"""How deep the code is between an adapter and the socket: whoever reads a traceback has to go through all of it."""

import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from providers.base import PaymentRequest
from tests.providers.amazon.fake import FakeAmazon
from tests.providers.amazon.service import adapter_for as amazons
from tests.providers.google.fake import FakeGoogle
from tests.providers.google.service import adapter_for as googles
from tests.providers.payment_request import a_request
from tests.providers.paypal.fake import FakePayPal
from tests.providers.paypal.service import adapter_for as paypals
from tests.providers.stripe.fake import FakeStripe
from tests.providers.stripe.service import adapter_for as stripes

pytestmark = pytest.mark.no_database

ROOT = Path(__file__).resolve().parents[3]
MOST_FRAMES = 5


def frames_of_ours() -> list[str]:
    """The functions of the product that are being executed, outermost first."""
    found: list[str] = []
    frame = sys._getframe()
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(ROOT) and path.relative_to(ROOT).parts[0] not in {"tests", ".venv"}:
            found.append(f"{path.relative_to(ROOT)}:{frame.f_code.co_name}")
        frame = frame.f_back
    return found[::-1]


@pytest.fixture
def stacks(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[list[str]]]:
    """What stood on the stack whenever this thread has connected a socket or sent over one."""
    seen: list[list[str]] = []

    def watched(method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            if stack := frames_of_ours():  # the fake's own threads have none
                seen.append(stack)
            return method(*arguments, **named)

        return call

    for name in ("connect", "sendall"):
        monkeypatch.setattr(socket.socket, name, watched(getattr(socket.socket, name)))
    return seen


def at_amazon(adapter: Any, fake: FakeAmazon) -> PaymentRequest:
    """The giver presses the button on our own page: there is nothing to be opened before."""
    request = a_request("Amazon", fake.merchant_id)
    session = fake.press_button(dict(adapter.pay_page(request).button))
    return replace(request, checkout_id=session.id)


def opened(provider: str, payee: str) -> Callable[[Any, Any], PaymentRequest]:
    def at(adapter: Any, fake: Any) -> PaymentRequest:
        request = a_request(provider, payee)
        return replace(request, checkout_id=adapter.open_checkout(request, request_id="open").checkout_id)

    return at


@pytest.mark.parametrize(
    ("fakes", "adapters", "at"),
    [
        (FakePayPal, paypals, opened("PayPal", "anna@example.org")),
        (FakeAmazon, amazons, at_amazon),
        (FakeGoogle, googles, opened("Google", "acct_1PgafTB7WZ01zgkW")),
        (FakeStripe, stripes, opened("Stripe", "acct_1PgafTB7WZ01zgkW")),
    ],
)
def test_five_frames_of_ours_from_find_to_the_socket(fakes, adapters, at, stacks):
    """The adapter is new, so it connects; PayPal's fetches an access token as well."""
    with fakes() as fake:
        request = at(adapters(fake), fake)
        adapter = adapters(fake)
        del stacks[:]
        adapter.find(request)
    assert len(stacks) >= 2, "it has connected and sent"
    deepest = max(stacks, key=len)
    assert len(deepest) <= MOST_FRAMES, "\n".join(deepest)
