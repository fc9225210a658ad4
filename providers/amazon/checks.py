"""What has to be right before Amazon Pay can take money for us, each point with what to do where it is not."""

from collections.abc import Iterator
from dataclasses import replace

from django.conf import settings

from providers.amazon.client import AmazonPayClient, AmazonRefused
from providers.base import Finding, ProviderUnavailable
from providers.kit import costs
from providers.kit.checks import reachable_by
from providers.kit.keys import missing

KEYS = ("AMAZON_PAY_PUBLIC_KEY_ID", "AMAZON_PAY_PRIVATE_KEY", "AMAZON_PAY_MERCHANT_ID", "AMAZON_PAY_STORE_ID")
NOBODYS_SESSION = "00000000-0000-0000-0000-000000000000"


def check(client: AmazonPayClient, topic: str, *, is_test: bool = False) -> Iterator[Finding]:
    """Asks Amazon; moves nothing. Stops where the next point cannot be right."""
    if wanting := missing(KEYS, is_test=is_test):
        yield Finding(False, "keys", f"Set {', '.join(wanting)}: Seller Central, Integration Central, shows them.")
        return
    money = "play money" if client.environment == "sandbox" else "real money"
    yield Finding(True, f"keys are set, for Amazon Pay's {client.environment} environment, with {money}")
    try:
        client.call("check keys", "GET", f"/checkoutSessions/{NOBODYS_SESSION}")
    except AmazonRefused as refusal:
        if refusal.http_status != 404:
            how = "Is AMAZON_PAY_MERCHANT_ID's account ready to take payments? Seller Central says what it waits for."
            yield Finding(False, f"Amazon refuses a question: {refusal}", how)
            return
    except ProviderUnavailable as error:
        how = (
            "Does AMAZON_PAY_PRIVATE_KEY belong to AMAZON_PAY_PUBLIC_KEY_ID, is AMAZON_PAY_REGION the account's, and is the "
            "clock of this machine right? Then run this again."
        )
        yield Finding(False, f"a signed question: {error}", how)
        return
    yield Finding(True, "Amazon takes the keys")
    how = "Agree with whoever owns the account on another way; PLATFORM_FEE_PERCENT and PLATFORM_FEE_FIXED count elsewhere."
    bears = "Amazon's fees, refunds and disputes are the account's that is paid"
    yield from costs.without_fee(bears, "Amazon Pay pays one account and splits nothing", how)
    yield from _check_surroundings(topic)


def _check_surroundings(topic: str) -> Iterator[Finding]:
    wanted_url = f"{settings.PUBLIC_BASE_URL}/providers/amazon/webhook"
    if topic:
        yield Finding(True, f"notifications are taken from {topic}")
    else:
        how = (
            f"Enter {wanted_url} in Seller Central under Integration Settings as the merchant URL of Instant Notifications, "
            "send a test notification, and set AMAZON_PAY_TOPIC_ARN to the topic that the log then names."
        )
        yield Finding(False, "no notification is believed", how)
    reachable = reachable_by("Amazon")
    unasked = f" ({settings.PUBLIC_BASE_URL} has to stand among the JavaScript origins in Integration Central)"
    yield replace(reachable, what=reachable.what + unasked) if reachable.good else reachable
