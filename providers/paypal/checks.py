"""What has to be right before PayPal can take money for us, each point with what to do where it is not."""

from collections.abc import Iterator

from django.conf import settings

from providers.base import Finding, ProviderUnavailable
from providers.kit import costs
from providers.kit.causes import not_answered
from providers.kit.checks import reachable_by, without_webhook
from providers.kit.keys import missing, named
from providers.paypal import addresses, permissions
from providers.paypal.client import PayPalClient, PayPalRefused
from providers.paypal.onboarding import EVENT_TYPES as PAYEE_EVENT_TYPES
from providers.paypal.webhooks import EVENT_TYPES

KEYS = ("PAYPAL_CLIENT_ID", "PAYPAL_CLIENT_SECRET")


def check(client: PayPalClient, webhook_id: str, partner_id: str = "", *, is_test: bool = False) -> Iterator[Finding]:
    """Asks PayPal; moves nothing. Stops where the next point cannot be right."""
    if wanting := missing(KEYS, is_test=is_test):
        yield Finding(False, "keys", f"Set {', '.join(wanting)}: developer.paypal.com, Apps & Credentials, shows them.")
        return
    yield Finding(True, f"keys are set, for {_environment(client.base)}")
    try:
        client.check_keys()
    except ProviderUnavailable as error:
        yield _not_answered(error, client, "an access token", is_test=is_test)
        return
    yield Finding(True, "PayPal takes the keys")
    yield from _check_partner(client, partner_id, is_test=is_test)
    yield from _costs()
    yield from _check_vault(client)
    of_payees, of_permissions = (
        PAYEE_EVENT_TYPES if partner_id else (),
        permissions.EVENT_TYPES if settings.PAYPAL_VAULT else (),
    )
    wanted = (*EVENT_TYPES, *of_payees, *of_permissions)
    yield from _check_webhook(client, webhook_id, wanted, is_test=is_test)


def _not_answered(error: ProviderUnavailable, client: PayPalClient, about: str, *, is_test: bool) -> Finding:
    setting, keys = named("PAYPAL_API_BASE", is_test=is_test), f"{_why_no_token(client.base)} Then run this again."
    return not_answered(error, "PayPal", client.base, about=about, setting=setting, keys=keys)


def _check_partner(client: PayPalClient, partner_id: str, *, is_test: bool) -> Iterator[Finding]:
    """Whether payees can be onboarded and checked: PayPal tells a partner of itself as of any merchant."""
    if not partner_id:
        how = "To onboard payees by link, become its partner (developer.paypal.com/docs/multiparty); set PAYPAL_PARTNER_ID."
        yield Finding(
            False, "the operator is no partner of PayPal's: payees are given by e-mail or merchant id", how, can_wait=True
        )
        return
    path = f"/v1/customer/partners/{partner_id}/merchant-integrations/{partner_id}"
    try:
        client.call("get partner", "GET", path)
    except PayPalRefused as refusal:
        if refusal.http_status != 404:  # it is none of its own merchants, which it may well not be
            how = "Compare PAYPAL_PARTNER_ID with the app's account, and have PayPal approve the app for Partner Referrals."
            yield Finding(False, f"PayPal tells nothing of payees: {refusal}", how)
            return
    except ProviderUnavailable as error:
        yield _not_answered(error, client, "the partner", is_test=is_test)
        return
    yield Finding(True, "PayPal tells how payees stand (PAYPAL_PARTNER_ID)")


def _check_vault(client: PayPalClient) -> Iterator[Finding]:
    """Whether givers' wallets can be saved, which PayPal lets those apps do that it has approved for that."""
    may = permissions.SCOPE in client.scopes
    if settings.PAYPAL_VAULT and may:
        yield Finding(True, "PayPal lets the app save wallets: givers can agree once, and give again without being asked")
    elif settings.PAYPAL_VAULT:
        how = "Tick Vault among the app's features at developer.paypal.com and have PayPal approve it, or unset PAYPAL_VAULT."
        yield Finding(False, "PayPal does not let the app save wallets: standing permissions are offered and refused", how)
    elif may:
        how = "Set PAYPAL_VAULT=1, or live without."
        yield Finding(False, "PayPal lets the app save wallets, and givers cannot agree to that here", how, can_wait=True)


def _costs() -> Iterator[Finding]:
    bears = "PayPal's fees, refunds and disputes are the payee's"
    if settings.PAYPAL_PARTNER:
        yield from costs.with_fee(bears)
        return
    how = "Ask PayPal to approve you as a partner for marketplaces and platforms and set PAYPAL_PARTNER=1, or live without."
    yield from costs.without_fee(bears, "PayPal keeps one for its approved partners alone", how)


def _check_webhook(client: PayPalClient, webhook_id: str, event_types: tuple[str, ...], *, is_test: bool) -> Iterator[Finding]:
    wanted_url = f"{settings.PUBLIC_BASE_URL}/providers/paypal/webhook"
    create = f"Add a webhook for {wanted_url} to the app at developer.paypal.com and set PAYPAL_WEBHOOK_ID to its Webhook ID."
    if not webhook_id:
        yield without_webhook("PayPal", "PAYPAL_WEBHOOK_ID", create)
        return
    try:
        webhook = client.call("get webhook", "GET", f"/v1/notifications/webhooks/{webhook_id}").data
    except PayPalRefused:
        yield Finding(False, "PayPal knows no webhook with the id in PAYPAL_WEBHOOK_ID", create)
        return
    except ProviderUnavailable as error:
        yield _not_answered(error, client, "the webhook", is_test=is_test)
        return
    yield Finding(True, "PayPal knows the webhook")
    if webhook.get("url") == wanted_url:
        yield Finding(True, f"it sends events to {wanted_url}")
    else:
        told = str(webhook.get("url"))[:200]
        how = f"Change the webhook's URL at developer.paypal.com to {wanted_url}, or PUBLIC_BASE_URL to where the service is."
        yield Finding(False, f"it sends events to {told}, and not to {wanted_url}", how)
    listed = webhook.get("event_types")
    subscribed = {one.get("name") for one in listed if isinstance(one, dict)} if isinstance(listed, list) else set()
    lacking = [] if "*" in subscribed else [name for name in event_types if name not in subscribed]
    if lacking:
        yield Finding(False, "it does not send everything", f"Subscribe the webhook to {', '.join(lacking)} as well.")
    else:
        yield Finding(True, "it sends everything that is needed")
    yield reachable_by("PayPal")


def _environment(base: str) -> str:
    known = {addresses.LIVE: "PayPal's live site, with real money", addresses.SANDBOX: "PayPal's sandbox, with play money"}
    return known.get(base, base)


def _why_no_token(base: str) -> str:
    if base == addresses.LIVE:
        return f"Are these keys of the live app? Those of the sandbox need PAYPAL_API_BASE={addresses.SANDBOX}."
    if base == addresses.SANDBOX:
        return "Are these keys of the sandbox app? Those of the live app need no PAYPAL_API_BASE."
    return f"Are these keys of {base}?"
