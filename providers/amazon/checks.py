"""What has to be right before Amazon Pay can take money for us, each point with what to do where it is not."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from django.conf import settings

from providers.amazon.accounts import Account
from providers.amazon.client import AmazonRefused
from providers.amazon.setting_names import KEYS, setting_of
from providers.base import Finding, ProviderUnavailable
from providers.kit import costs
from providers.kit.causes import not_answered
from providers.kit.checks import reachable_by
from providers.kit.keys import missing, named

NOBODYS_SESSION = "00000000-0000-0000-0000-000000000000"


def check(accounts: Sequence[Account], *, is_test: bool = False) -> Iterator[Finding]:
    """Asks Amazon with the keys of each account; moves nothing. Stops where the next point cannot be right."""
    about = {account: _which(account) if len(accounts) > 1 else "" for account in accounts}
    all_good = True
    for account in accounts:
        for finding in _check_keys(account, is_test=is_test):
            all_good = all_good and finding.good
            yield replace(finding, what=about[account] + finding.what)
    if not all_good:
        return
    how = "Agree with whoever owns the account on another way; PLATFORM_FEE_PERCENT and PLATFORM_FEE_FIXED count elsewhere."
    bears = "Amazon's fees, refunds and disputes are the account's that is paid"
    yield from costs.without_fee(bears, "Amazon Pay pays one account and splits nothing", how)
    if settings.AMAZON_PAY_RECURRING:
        asks = "whether Amazon lets each account do that, it says to whoever asks its support, and to the first giver"
        yield Finding(True, f"givers can agree once, and give again without being asked (AMAZON_PAY_RECURRING): {asks}")
    for account in accounts:
        finding = _topic(account, is_test=is_test)
        yield replace(finding, what=about[account] + finding.what)
    reachable = reachable_by("Amazon")
    unasked = f" ({settings.PUBLIC_BASE_URL} has to stand among the JavaScript origins in Integration Central)"
    yield replace(reachable, what=reachable.what + unasked) if reachable.good else reachable


def _which(account: Account) -> str:
    """Before what is said of one among several."""
    name = f"account {account.name}" if account.name else "the account without a name"
    return f"{name} ({account.merchant_id}, takes {' '.join(account.charges)}): "


def _check_keys(account: Account, *, is_test: bool) -> Iterator[Finding]:
    """Whether they are there, and Amazon takes them."""
    names = {what: setting_of(account.name, what) for what in (*KEYS, "REGION")}
    if wanting := missing([names[what] for what in KEYS], is_test=is_test):
        yield Finding(False, "keys", f"Set {', '.join(wanting)}: Seller Central, Integration Central, shows them.")
        return
    public, private, merchant = (named(names[what], is_test=is_test) for what in KEYS[:3])
    money = "play money" if account.client.environment == "sandbox" else "real money"
    yield Finding(True, f"keys are set, for Amazon Pay's {account.client.environment} environment, with {money}")
    try:
        account.client.call("check keys", "GET", f"/checkoutSessions/{NOBODYS_SESSION}")
    except AmazonRefused as refusal:
        if refusal.http_status != 404:
            how = f"Is {merchant}'s account ready to take payments? Seller Central says what it waits for."
            yield Finding(False, f"Amazon refuses a question: {refusal}", how)
            return
    except ProviderUnavailable as error:
        keys = (
            f"Does {private} belong to {public}, is {names['REGION']} the account's, and is the clock of this machine right? "
            "Then run this again."
        )
        where = named(setting_of(account.name, "API_BASE"), is_test=is_test)
        base = account.client.base
        yield not_answered(error, "Amazon", base, about="a signed question", setting=where, keys=keys)
        return
    yield Finding(True, "Amazon takes the keys")


def _topic(account: Account, *, is_test: bool) -> Finding:
    """Whether it is known where the account's notifications come from."""
    topic, name = account.notifications.topic, named(setting_of(account.name, "TOPIC_ARN"), is_test=is_test)
    if topic:
        return Finding(True, f"notifications are taken from {topic}")
    how = (
        f"Enter {settings.PUBLIC_BASE_URL}/providers/amazon/webhook in Seller Central under Integration Settings as the "
        f"merchant URL of Instant Notifications, send a test notification, and set {name} to the topic that the log then names."
    )
    return Finding(False, "no notification is believed", how)
