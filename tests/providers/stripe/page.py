"""Stripe's Checkout page, as far as a giver needs it: what is paid for, buttons, and what a bank asks in between."""

from decimal import Decimal
from html import escape

from tests.providers.paypal.page import PAGE
from tests.providers.stripe.books import THREE_DECIMAL, UNPROVEN, ZERO_DECIMAL, FakeIntent, FakeSession

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
