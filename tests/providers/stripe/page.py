"""Stripe's Checkout page, as far as a giver needs it: what is paid for, buttons, and what a bank asks in between."""

import functools
from collections.abc import Callable
from decimal import Decimal
from html import escape
from urllib.parse import parse_qsl

from tests.providers.line import Call, Reply
from tests.providers.paypal.page import PAGE
from tests.providers.stripe.books import UNPROVEN, Books
from tests.providers.stripe.currencies import THREE_DECIMAL, ZERO_DECIMAL
from tests.providers.stripe.objects import FakeIntent, FakeSession

CARDS = {
    "card": "Pay",
    "card_that_is_declined": "Pay with a card that is declined",
    "card_that_wants_a_word": "Pay with a card that asks who you are",
    "bank_debit": "Pay from a bank account",
    "cancel": "Back",
}
CHALLENGE = {"prove": "Complete authentication", "fail": "Fail authentication"}
TOLD = {
    UNPROVEN: '<p role="alert">We are unable to authenticate your payment method. Choose another one.</p>',
    "card_declined": '<p role="alert">Your card was declined. Try another one.</p>',
}
HTML = "text/html; charset=utf-8"


def checkout_page(session: FakeSession) -> str:
    """What an open session shows: the card form, or the bank's question once a card wants one answered (3-D Secure)."""
    intent, path = session.intent, f"/c/pay/{session.id}"
    content = [money(session), f"<p>{escape(session.name)}</p>"]
    if intent is not None and intent.status == "requires_action":
        content.append("<p>Your bank asks: is it you who pays?</p>")
        return _page("A bank that is not one", path, content, CHALLENGE)
    content.append(TOLD.get(intent.declined if intent else "", ""))
    return _page("Pay with a Stripe that is not one", path, content, CARDS)


def closed_page(session: FakeSession) -> str:
    return sorry_page("You're all done here." if session.status == "complete" else "This page has expired.")


def bank_page(intent: FakeIntent) -> str:
    """3-D Secure of a payment without a session."""
    answers = {"prove": "Yes, it is me", "fail": "No, stop"}
    return _page("Your bank wants to know: is it you?", f"/3ds/{intent.id}", [money(intent)], answers)


def sorry_page(sentence: str) -> str:
    return PAGE.format(title="Nothing to pay here", content=f"<p>{escape(sentence)}</p>")


def money(of: FakeSession | FakeIntent) -> str:
    places = 0 if of.currency in ZERO_DECIMAL else 3 if of.currency in THREE_DECIMAL else 2
    return f'<p class="sum">{Decimal(of.amount).scaleb(-places)} {escape(of.currency.upper())}</p>'


def _page(title: str, path: str, content: list[str], choices: dict[str, str]) -> str:
    """With a button for each choice, the first of them the prominent one."""
    for choice, label in choices.items():
        css = "first" if choice == next(iter(choices)) else ""
        button = f'<button class="{css}" name="choice" value="{choice}">{label}</button>'
        content.append(f'<form method="post" action="{escape(path)}">{button}</form>')
    return PAGE.format(title=title, content="\n".join(content))


class Pages:
    """The part of the fake that a giver's browser sees."""

    books: Books
    pay: Callable[[str, str], str]
    give_up: Callable[[str], str]
    prove: Callable[..., str]
    prove_in: Callable[..., str]

    def _checkout_page(self, call: Call) -> Reply:
        session = self.books.sessions.get(call.values["id"])
        self.books.let_go_what_is_too_old()
        if session is None:
            return Reply(404, sorry_page("There is no such payment."), HTML)
        return Reply(200, closed_page(session) if session.status != "open" else checkout_page(session), HTML)

    def _checkout_choice(self, call: Call) -> Reply:
        def choose(choice: str) -> str:
            session_id = call.values["id"]
            if choice in CHALLENGE:
                return self.prove_in(session_id, good=choice == "prove")
            return self.give_up(session_id) if choice == "cancel" else self.pay(session_id, choice)

        return self._led_on(call, choose, "This cannot be paid any more.")

    def _bank_page(self, call: Call) -> Reply:
        intent = self.books.intents.get(call.values["id"])
        if intent is None or intent.status != "requires_action":
            return Reply(404, sorry_page("There is nothing to prove."), HTML)
        return Reply(200, bank_page(intent), HTML)

    def _bank_choice(self, call: Call) -> Reply:
        prove = functools.partial(self.prove, call.values["id"])
        return self._led_on(call, lambda choice: prove(good=choice == "prove"), "This cannot be proven any more.")

    @staticmethod
    def _led_on(call: Call, choose: Callable[[str], str], otherwise: str) -> Reply:
        """To where the giver's choice leads, or a page that says `otherwise`."""
        try:
            location = choose(dict(parse_qsl(call.body.decode()))["choice"])
        except (KeyError, ValueError):
            return Reply(409, sorry_page(otherwise), HTML)
        return Reply(302, "", HTML, {"Location": location})

    def _icon(self, call: Call) -> Reply:
        """Browsers ask for one."""
        return Reply(404, "", "text/html")
