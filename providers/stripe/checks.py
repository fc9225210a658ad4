"""What has to be right before Stripe can take money for us, each point with what to do where it is not."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.conf import settings

from providers.base import Finding, ProviderUnavailable
from providers.kit import costs
from providers.kit.causes import not_answered
from providers.kit.checks import reachable_by, without_webhook
from providers.kit.keys import named, setting
from providers.kit.reading import an_object, code, objects, text
from providers.stripe import addresses
from providers.stripe.client import StripeClient, StripeRefused
from providers.stripe.key_kinds import is_live
from providers.stripe.payees import EVENT_TYPES as PAYEE_EVENT_TYPES
from providers.stripe.webhooks import EVENT_TYPES


def check(client: StripeClient, *, doors: tuple[str, ...] = ("stripe",), is_test: bool = False) -> Iterator[Finding]:
    """Asks Stripe; moves nothing. Stops where the next point cannot be right. `doors`: whose webhook paths will do."""
    if not setting("STRIPE_SECRET_KEY", is_test=is_test):
        how = f"Set {named('STRIPE_SECRET_KEY', is_test=is_test)}: dashboard.stripe.com, Developers, shows it."
        yield Finding(False, "keys", how)
        return
    yield Finding(True, f"the secret key is set, for {_environment(client.base, is_test=is_test)}")
    secrets = setting("STRIPE_WEBHOOK_SECRETS", is_test=is_test)
    yield from _check_secrets(secrets)
    try:
        account = client.call("get account", "GET", "/v1/account").data
    except StripeRefused as refusal:
        how = "Give the restricted key leave to read accounts and webhook endpoints, and to write all that pays and refunds."
        yield Finding(False, f"the account: {refusal}", how)
        return
    except ProviderUnavailable as error:
        yield _not_answered(error, client, "the account", is_test=is_test)
        return
    yield Finding(True, f"Stripe takes the secret key, of {code(account.get('id'))}")
    if account.get("charges_enabled") is True:
        yield Finding(True, "the account may take payments")
    else:
        yield Finding(False, "the account may not take payments", "Finish its activation at dashboard.stripe.com.")
    yield from _check_payees(client, account, own=setting("STRIPE_OWN_ACCOUNT", is_test=is_test), is_test=is_test)
    yield from costs.with_fee("Stripe's fee for each gift, refunded or not, and its fee for a dispute are yours")
    wanted_urls = [f"{settings.PUBLIC_BASE_URL}/providers/{door}/webhook" for door in doors]
    yield from _check_webhook(client, wanted_urls, has_secret=bool(secrets), is_test=is_test)


def _not_answered(
    error: ProviderUnavailable, client: StripeClient, about: str, *, is_test: bool, can_wait: bool = False
) -> Finding:
    key, where = (named(name, is_test=is_test) for name in ("STRIPE_SECRET_KEY", "STRIPE_API_BASE"))
    keys = f"Copy {key} anew: sk_live_... for real money, sk_test_... for play money. Then run this again."
    return not_answered(error, "Stripe", client.base, about=about, setting=where, keys=keys, can_wait=can_wait)


def _check_payees(client: StripeClient, account: Mapping[str, Any], *, own: str, is_test: bool) -> Iterator[Finding]:
    """Who can be paid: the account itself, accounts that are connected to it, or both."""
    inactive = [code(name) for name, state in sorted(an_object(account.get("capabilities")).items()) if state != "active"]
    if inactive:
        how = "dashboard.stripe.com, Settings, shows what Stripe wants to know for each."
        yield Finding(False, f"capabilities that are not active: {', '.join(inactive)}", how, can_wait=True)
    if own and own != account.get("id"):
        how = f"Set STRIPE_OWN_ACCOUNT to {code(account.get('id'))}, or leave it out where only connected accounts are paid."
        yield Finding(False, "STRIPE_OWN_ACCOUNT is another account than the secret key's", how)
    elif own:
        yield Finding(True, "the account itself may be a payee (STRIPE_OWN_ACCOUNT)")
    try:
        connected = objects(client.call("list accounts", "GET", "/v1/accounts", [("limit", "1")]).data.get("data"))
    except StripeRefused as refusal:
        how = "Sign up for Connect at dashboard.stripe.com, or set STRIPE_OWN_ACCOUNT to be paid yourself, without Connect."
        yield Finding(False, f"Connect is off, or the key may not see accounts: {refusal}", how, can_wait=bool(own))
        return
    except ProviderUnavailable as error:
        yield _not_answered(error, client, "Connect", is_test=is_test, can_wait=bool(own))
        return
    if connected:
        yield Finding(True, "Connect is on: there are connected accounts")
        return
    how = "The first Onboarding of a payment account tells; STRIPE_OWN_ACCOUNT needs no Connect at all."
    yield Finding(
        False, "no account is connected yet, and without one Stripe does not say whether Connect is on", how, can_wait=True
    )


def _check_secrets(secrets: Sequence[str]) -> Iterator[Finding]:
    wrong = sum(not secret.startswith("whsec_") for secret in secrets)
    if wrong:
        how = (
            "STRIPE_WEBHOOK_SECRET is the endpoint's signing secret, whsec_...; while it is changed, both with a comma between."
        )
        yield Finding(False, f"{wrong} of the signing secrets cannot be one", how)


def _check_webhook(client: StripeClient, wanted_urls: list[str], *, has_secret: bool, is_test: bool) -> Iterator[Finding]:
    where = " or ".join(wanted_urls)
    create = f"At dashboard.stripe.com, Developers, Webhooks, add an endpoint for {where} and set STRIPE_WEBHOOK_SECRET."
    if not has_secret:
        yield without_webhook("Stripe", "STRIPE_WEBHOOK_SECRET", create)
        return
    try:
        listed = client.call("list webhooks", "GET", "/v1/webhook_endpoints", [("limit", "100")]).data
    except StripeRefused as refusal:
        how = "A restricted key needs leave to read webhook endpoints: give it, or take another key."
        yield Finding(False, f"the webhook: {refusal}", how)
        return
    except ProviderUnavailable as error:
        yield _not_answered(error, client, "the webhook", is_test=is_test)
        return
    ours = [one for one in objects(listed.get("data")) if one.get("url") in wanted_urls]
    if not ours:
        yield Finding(False, f"no webhook endpoint sends to {where}", create)
        return
    yield Finding(True, f"a webhook endpoint sends to {ours[0]['url']}")
    yield _switched_on(ours)
    yield _subscribed(ours)
    yield from _subscribed_to_payees(ours)
    yield reachable_by("Stripe")


def _switched_on(ours: list[dict[str, Any]]) -> Finding:
    if any(one.get("status") == "enabled" for one in ours):
        return Finding(True, "it is switched on")
    return Finding(False, "it is switched off", "Enable the endpoint: Stripe switches off one that does not answer for days.")


def _subscribed_to_payees(ours: list[dict[str, Any]]) -> Iterator[Finding]:
    lacking = _lacking(ours, PAYEE_EVENT_TYPES)
    if lacking:
        how = (
            f"Add another endpoint for the same address that listens to events on connected accounts, to {', '.join(lacking)}, "
            "and put its signing secret into STRIPE_WEBHOOK_SECRET beside the first, with a comma between."
        )
        what = "nothing tells when a payee's account changes: payment accounts are asked about by Check and by the worker alone"
        yield Finding(False, what, how, can_wait=True)
    else:
        yield Finding(True, "it tells of payees' accounts too (where it listens to connected accounts)")


def _lacking(ours: list[dict[str, Any]], wanted: tuple[str, ...]) -> list[str]:
    named = [one["enabled_events"] for one in ours if isinstance(one.get("enabled_events"), list)]
    subscribed = {text(name) for names in named for name in names}
    return [] if "*" in subscribed else [name for name in wanted if name not in subscribed]


def _subscribed(ours: list[dict[str, Any]]) -> Finding:
    lacking = _lacking(ours, EVENT_TYPES)
    if lacking:
        return Finding(False, "it does not send everything", f"Let the endpoint listen to {', '.join(lacking)} as well.")
    return Finding(True, "it sends everything that is needed")


def _environment(base: str, *, is_test: bool) -> str:
    if base != addresses.LIVE:
        return base
    return "real money" if is_live(setting("STRIPE_SECRET_KEY", is_test=is_test)) else "Stripe's test mode, with play money"
