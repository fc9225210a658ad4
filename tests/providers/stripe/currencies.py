"""What Stripe takes in which currency: https://docs.stripe.com/currencies."""

from tests.providers.stripe.objects import Refusal

ZERO_DECIMAL = {
    "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf",
}  # fmt: skip
THREE_DECIMAL = {"bhd", "jod", "kwd", "omr", "tnd"}
CURRENCIES = ZERO_DECIMAL | THREE_DECIMAL | {"usd", "eur", "gbp", "huf", "isk", "twd", "inr", "sek", "chf", "cad", "mxn", "brl"}
CURRENCIES |= {"idr", "cop", "lbp"}
LEAST = {"usd": 50, "eur": 50, "gbp": 30, "huf": 17500, "jpy": 50}
MOST_DIGITS = {"idr": 12, "cop": 12, "huf": 12, "lbp": 12, "jpy": 10, "inr": 9}
"""Of any other currency eight."""


def check_amount(amount: int, currency: str, param: str) -> None:
    """`amount` is in Stripe's units. Raises Refusal."""
    if currency not in CURRENCIES:
        raise Refusal(400, f"Invalid currency: {currency}.", param=param)
    if amount < LEAST.get(currency, 1):
        raise Refusal(400, "The amount is below the minimum.", code="amount_too_small")
    if len(str(amount)) > (digits := MOST_DIGITS.get(currency, 8)):
        raise Refusal(400, f"Amount must be no more than {'9' * digits}.", code="amount_too_large")
    if (currency in THREE_DECIMAL and amount % 10) or (currency == "isk" and amount % 100):
        raise Refusal(400, f"Invalid amount in {currency}.", code="parameter_invalid_integer")
