"""Stripe's Checkout page, as far as a giver needs it: what is paid for, and buttons."""

from html import escape

from tests.providers.paypal.page import PAGE
from tests.providers.stripe.books import FakeIntent, FakeSession

BUTTONS = (
    ("pay", "card", "Pay", "first"),
    ("pay", "card_that_is_declined", "Pay with a card that is declined", ""),
    ("pay", "bank_debit", "Pay from a bank account", ""),
    ("cancel", "", "Back", ""),
)


def checkout_page(session: FakeSession) -> str:
    declined = session.intent is not None and session.intent.declined
    content = [
        f'<p class="sum">{session.amount} {escape(session.currency.upper())}, in its smallest unit</p>',
        f"<p>{escape(session.name)}</p>",
        '<p role="alert">Your card was declined. Try another one.</p>' if declined else "",
    ]
    for choice, pays_with, label, css in BUTTONS:
        content.append(
            f'<form method="post" action="/c/pay/{escape(session.id)}">'
            f'<input type="hidden" name="choice" value="{choice}"><input type="hidden" name="pays_with" value="{pays_with}">'
            f'<button class="{css}" name="{pays_with or choice}">{label}</button></form>'
        )
    return PAGE.format(title="Pay with a Stripe that is not one", content="\n".join(content))


def bank_page(intent: FakeIntent) -> str:
    """3-D Secure, as far as a giver needs it."""
    buttons = [("prove", "Yes, it is me", "first"), ("fail", "No, stop", "")]
    content = [f'<p class="sum">{intent.amount} {escape(intent.currency.upper())}, in its smallest unit</p>']
    content += [
        f'<form method="post" action="/3ds/{escape(intent.id)}">'
        f'<button class="{css}" name="choice" value="{choice}">{label}</button></form>'
        for choice, label, css in buttons
    ]
    return PAGE.format(title="Your bank wants to know: is it you?", content="\n".join(content))


def sorry_page(sentence: str) -> str:
    return PAGE.format(title="Nothing to pay here", content=f"<p>{escape(sentence)}</p>")
