"""Which addresses are Stripe's."""

from providers.kit.urls import is_host_of, is_within, link

LIVE = "https://api.stripe.com"


def is_givers_page(url: str, base: str) -> bool:
    """Whether a giver may be sent there: https at Stripe's own, or the host of the API base (a test server, say).

    What Stripe's page needs to open stands behind the #: that part goes along.
    """
    parts = link(url, with_fragment=True)
    return parts is not None and (is_within("stripe.com", parts) or is_host_of(base, parts))
