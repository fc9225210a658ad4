"""check_provider where it gets no answer: what it advises follows from what went wrong, and not from where it was."""

import pytest

from providers.errors import KeysRefused, ProviderUnavailable
from providers.kit.causes import not_answered
from providers.kit.transport import Answer, Failure, NoAnswer

COPY = "Copy the key anew."
CASES = {
    "no network": (NoAnswer("ConnectionError", Failure.CONNECTION), "cannot be reached", "leave the keys as they are"),
    "a time-out": (NoAnswer("ReadTimeout", Failure.TIMEOUT), "cannot be reached", "leave the keys as they are"),
    "a proxy that opens TLS": (NoAnswer("SSLError", Failure.TLS), "certificate is not believed", "SSL_CERT_FILE"),
    "something else answers": (NoAnswer("BadStatusLine", Failure.BAD_ANSWER), "is not to be understood", "STRIPE_API_BASE"),
    "trouble over there": (ProviderUnavailable("get account: answered 503"), "answered 503", "in a few minutes"),
    "trouble, told by when to come again": (
        NoAnswer("token: answered 503", answer=Answer(503, {}, b"")),
        "answered 503",
        "in a few minutes",
    ),
    "the keys": (KeysRefused("get account: Stripe does not take STRIPE_SECRET_KEY"), "does not take", COPY),
}


@pytest.mark.parametrize(("error", "what", "how"), CASES.values(), ids=CASES)
def test_advice_follows_from_the_cause(error, what, how):
    finding = not_answered(error, "Stripe", "https://api.stripe.com", about="the account", setting="STRIPE_API_BASE", keys=COPY)
    assert not finding.good
    assert what in finding.what
    assert how in finding.how_to_fix
    assert (COPY in finding.how_to_fix) == isinstance(error, KeysRefused)
