"""What money a key of Stripe's moves, by how it begins: https://docs.stripe.com/keys"""


def is_live(key: str) -> bool:
    """Whether it is a key for real money."""
    return key.startswith(("sk_live_", "rk_live_", "pk_live_"))
