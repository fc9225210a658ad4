"""Stripe's Checkout page, as far as a giver needs it: what is paid for, buttons, and what a bank asks in between."""

from collections.abc import Callable
from decimal import Decimal
from html import escape
from urllib.parse import parse_qsl

from tests.providers.line import Call, Reply
from tests.providers.paypal.page import PAGE
from tests.providers.stripe.books import THREE_DECIMAL, UNPROVEN, ZERO_DECIMAL, Books
from tests.providers.stripe.objects import FakeIntent, FakeSession

BUTTONS = (
    ({"choice": "pay", "pays_with": "card"}, "Pay", "first"),
    ({"choice": "pay", "pays_with": "card_that_is_declined"}, "Pay with a card that is declined", ""),
    ({"choice": "pay", "pays_with": "card_that_wants_a_word"}, "Pay with a card that asks who you are", ""),
    ({"choice": "pay", "pays_with": "bank_debit"}, "Pay from a bank account", ""),
    ({"choice": "cancel"}, "Back", ""),
)
CHALLENGE = (
    ({"choice": "prove", "proves": "yes"}, "Complete authentication", "first"),
    ({"choice": "prove", "proves": "no"}, "Fail authentication", ""),
)


def checkout_page(session: FakeSession) -> str:
    """What an open session shows: the card form, or the bank's question once a card wants one answered (3-D Secure)."""
    intent = session.intent
    content = [f'<p class="sum">{money(session)}</p>', f"<p>{escape(session.name)}</p>"]
    if intent is not None and intent.status == "requires_action":
        content.append("<p>Your bank asks: is it you who pays?</p>")
        return _page("A bank that is not one", session, content, CHALLENGE)
    if intent is not None and intent.declined not in ("", UNPROVEN):
        content.append('<p role="alert">Your card was declined. Try another one.</p>')
    if intent is not None and intent.declined == UNPROVEN:
        content.append('<p role="alert">We are unable to authenticate your payment method. Choose another one.</p>')
    return _page("Pay with a Stripe that is not one", session, content, BUTTONS)


def closed_page(session: FakeSession) -> str:
    return sorry_page("You're all done here." if session.status == "complete" else "This page has expired.")


def bank_page(intent: FakeIntent) -> str:
    """3-D Secure, as far as a giver needs it."""
    buttons = [("prove", "Yes, it is me", "first"), ("fail", "No, stop", "")]
    content = [f'<p class="sum">{money(intent)}</p>']
    content += [
        f'<form method="post" action="/3ds/{escape(intent.id)}">'
        f'<button class="{css}" name="choice" value="{choice}">{label}</button></form>'
        for choice, label, css in buttons
    ]
    return PAGE.format(title="Your bank wants to know: is it you?", content="\n".join(content))


def sorry_page(sentence: str) -> str:
    return PAGE.format(title="Nothing to pay here", content=f"<p>{escape(sentence)}</p>")


def money(of: FakeSession | FakeIntent) -> str:
    places = 0 if of.currency in ZERO_DECIMAL else 3 if of.currency in THREE_DECIMAL else 2
    return f"{Decimal(of.amount).scaleb(-places)} {escape(of.currency.upper())}"


def _page(
    title: str, session: FakeSession, content: list[str], buttons: tuple[tuple[dict[str, str], str, str], ...]
) -> str:  # fmt: skip
    for fields, label, css in buttons:
        hidden = "".join(f'<input type="hidden" name="{name}" value="{value}">' for name, value in fields.items())
        button = f'<button class="{css}">{label}</button>'
        content.append(f'<form method="post" action="/c/pay/{escape(session.id)}">{hidden}{button}</form>')
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
            return Reply(404, sorry_page("There is no such payment."), "text/html; charset=utf-8")
        if session.status != "open":
            return Reply(200, closed_page(session), "text/html; charset=utf-8")
        return Reply(200, checkout_page(session), "text/html; charset=utf-8")

    def _checkout_choice(self, call: Call) -> Reply:
        chosen = dict(parse_qsl(call.body.decode()))
        session_id = call.values["id"]
        ways: dict[str, Callable[[], str]] = {
            "cancel": lambda: self.give_up(session_id),
            "pay": lambda: self.pay(session_id, chosen["pays_with"]),
            "prove": lambda: self.prove_in(session_id, good=chosen["proves"] == "yes"),
        }
        try:
            location = ways[chosen["choice"]]()
        except (KeyError, ValueError):
            return Reply(409, sorry_page("This cannot be paid any more."), "text/html; charset=utf-8")
        return Reply(302, "", "text/html; charset=utf-8", {"Location": location})

    def _icon(self, call: Call) -> Reply:
        """Browsers ask for one."""
        return Reply(404, "", "text/html")

    # --- the bank's page ----------------------------------------------------------------------------------------------

    def _bank_page(self, call: Call) -> Reply:
        intent = self.books.intents.get(call.values["id"])
        if intent is None or intent.status != "requires_action":
            return Reply(404, sorry_page("There is nothing to prove."), "text/html; charset=utf-8")
        return Reply(200, bank_page(intent), "text/html; charset=utf-8")

    def _bank_choice(self, call: Call) -> Reply:
        try:
            good = dict(parse_qsl(call.body.decode())).get("choice") == "prove"
            location = self.prove(call.values["id"], good=good)
        except (KeyError, ValueError):
            return Reply(409, sorry_page("This cannot be proven any more."), "text/html; charset=utf-8")
        return Reply(302, "", "text/html; charset=utf-8", {"Location": location})

    def _elsewhere(self, call: Call) -> Reply:
        """Where redirects lead: what arrives here should not have."""
        return Reply(200, {"id": "cs_test_elsewhere", "object": "checkout.session", "status": "complete"})
