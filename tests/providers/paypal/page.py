"""PayPal's approval page, as far as a giver needs it: what is paid to whom, and buttons."""

from html import escape

from tests.providers.paypal.records import FakeOrder

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
  body {{ margin: 0 auto; max-width: 26rem; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif; color: #111;
    overflow-wrap: anywhere; }}
  .sum {{ font-size: 1.75rem; font-weight: 600; }}
  form {{ margin: 0.75rem 0; }}
  button {{ width: 100%; min-height: 3rem; border: 1px solid #003087; border-radius: 0.5rem; font: inherit;
    background: #fff; color: #003087; }}
  button.first {{ background: #003087; color: #fff; }}
</style>
</head>
<body>
<h1>{title}</h1>
{content}
</body>
</html>
"""

BUTTONS = (
    ("approve", "balance", "Approve", "first"),
    ("approve", "card_that_is_declined", "Card declined, then try again", ""),
    ("cancel", "", "Cancel", ""),
)


def checkout_page(order: FakeOrder) -> str:
    money = order.amount.json
    content = [
        f'<p class="sum">{escape(money["value"])} {escape(money["currency_code"])}</p>',
        f"<p>to {escape(order.payee.email)}</p>",
        f"<p>{escape(order.unit.get('description', ''))}</p>",
    ]
    for choice, pays_with, label, css in BUTTONS:
        content.append(
            f'<form method="post" action="/checkoutnow?token={escape(order.id)}">'
            f'<input type="hidden" name="choice" value="{choice}"><input type="hidden" name="pays_with" value="{pays_with}">'
            f'<button class="{css}" name="{choice}">{label}</button></form>'
        )
    return PAGE.format(title="Pay with a PayPal that is not one", content="\n".join(content))


def sorry_page(sentence: str) -> str:
    return PAGE.format(title="Nothing to pay here", content=f"<p>{escape(sentence)}</p>")
