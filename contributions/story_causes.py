"""Why a gift is what it is, in one sentence for an operator. Pure: no database, no network."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from contributions.status import AUTHORIZED, CANCELED, FAILED, PENDING, REFUNDED, REVERSED, SETTLED, Intent, Stage, Status


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the sentence is made of."""

    status: str
    reason: str
    intent: str
    provider: str
    """As it is printed; empty: none is picked yet."""
    stage: str
    capture_policy: str
    unanswered: str = ""
    """The operation of the newest call to the provider that nobody has answered."""
    refused: str = ""
    """The operation of the newest call, where the provider has refused it."""
    attention: str = ""
    """What has happened, of the newest thing that waits for a person."""
    refunds_pending: int = 0
    is_late: bool = False
    """The provider should have been asked by now, and no worker is there to do it."""


def _mismatch(what: str) -> str:
    return f"{{provider}} tells of {what}, so it is not counted until a person has looked"


PENDING_BECAUSE: Mapping[str, str] = MappingProxyType(
    {
        "under_review": "the giver has approved, and {provider} is still looking into the payment: it has not decided yet",
        "awaiting_bank": "the giver has approved, and the giver's bank takes days to pay {provider}: an eCheck or a bank debit",
        "payee_must_accept": "the giver has paid, and the payee has to accept the money, or confirm an address, at {provider}",
        "provider_unreachable": "{provider} did not answer, so nobody knows yet whether the money has moved",
        "amount_mismatch": _mismatch("another amount than was asked for"),
        "currency_mismatch": _mismatch("another currency than was asked for"),
        "payee_mismatch": _mismatch("another payee than was asked for"),
        "reference_mismatch": _mismatch("a payment for something else"),
    }
)
"""By StatusReason. What a gift is that has none, or a new one: see _pending."""

OVER_BECAUSE: Mapping[str, str] = MappingProxyType(
    {
        "giver_cancelled": "the giver pressed cancel at {provider}, or said no on our page",
        "client_deleted": "the partner deleted it, or its goal",
        "goal_deleted": "the partner deleted its goal",
        "voided_by_provider": "{provider} let the held money go",
        "goal_not_reached": "the goal's EndDate passed before it was reached, so the held money was let go",
        "goal_is_full": "the giver approved too late: others had given what was missing",
        "authorization_lapsed": "the money could not be held for longer, and was let go",
        "checkout_expired": "nobody paid in time",
        "permission_over": "the giver's permission was over before the pledge's gift was paid",
        "authentication_required": "{provider} wants the giver to prove who they are, and nobody was there: it is a pledge's",
        "pledge_paused": "its pledge was paused before anybody was asked to pay it",
        "pledge_ended": "its pledge has ended before anybody was asked to pay it",
        "instrument_declined": "the giver's card or account was declined",
        "payment_declined": "{provider} refused the payment",
        "giver_must_act": "the giver never did what {provider} asked for, such as a confirmation at the bank",
        "not_approved": "the giver never approved the payment at {provider}",
        "payee_cannot_receive": "the payee's account at {provider} does not exist, is restricted, or cannot be paid so",
        "amount_too_small": "{provider} takes no payment so small",
        "amount_too_large": "{provider} takes no payment so large",
        "limit_reached": "an account has reached a limit at {provider}",
        "currency_refused": "{provider} does not take this currency",
        "decimals_refused": "{provider} takes no such fractions of this currency",
        "amount_refused": "{provider} does not take this amount",
        "not_permitted": "the payee, or {provider}, has not permitted the service to do this",
        "request_rejected": "{provider} did not understand the request: tell a developer",
        "unsafe_page": "{provider} named a page that is not its own: tell a developer",
        "review_denied": "{provider} looked into the payment and refused it",
        "provider_refused": "{provider} refused, and gave no reason",
        "unknown_checkout": "{provider} does not know the payment",
        "request_id_reused": "{provider} took the request for another one: tell a developer",
        "cannot_authorize": "{provider} refused to hold the money",
        "cannot_capture": "{provider} refused to take the held money",
        "cannot_void": "{provider} refused to let the held money go",
        "cannot_renew": "{provider} refused to hold the money for longer",
    }
)
"""By StatusReason, of what is Failed or Canceled."""

_HELD_UNTIL: Mapping[str, str] = MappingProxyType(
    {
        "OnGoalReached": "it is held until the goal is reached (CapturePolicy OnGoalReached)",
        "Manual": "it is held until the partner asks for it (CapturePolicy Manual)",
        "Immediate": "it is held, and about to be taken",
    }
)


def cause_of(facts: Facts) -> str:
    """One sentence: why the gift is what it is."""
    because = _because(facts).format(provider=facts.provider or "the provider")
    if facts.attention and "until a person" not in because:
        because += f"; a person has to see to it: {facts.attention.rstrip('.')}"
    if facts.is_late:
        because += "; and no worker is at work, so nobody asks the provider any more"
    return f"{facts.status}: {because}."


def _because(facts: Facts) -> str:
    if facts.status == PENDING:
        return _pending(facts)
    if facts.status == AUTHORIZED:
        return _authorized(facts)
    if facts.status in {FAILED, CANCELED}:
        return _over(facts)
    if facts.status in {SETTLED, REFUNDED, REVERSED}:
        return _taken(facts)
    return _submitted(facts)


def _submitted(facts: Facts) -> str:
    if not facts.provider:
        return "the giver has not picked a provider yet, so nothing is paid"
    if facts.unanswered in {"capture", "authorize", "pay"}:
        return f"{{provider}} was told to {facts.unanswered} the payment, and its answer is not known yet"
    if facts.stage == Stage.RECORDED:
        if facts.unanswered == "open":
            return "{provider} did not answer when the checkout was to be opened; it is opened when the giver comes to its page"
        return "no checkout is open yet; one is opened when the giver comes to its page"
    return "a checkout is open, and {provider} has not said that the giver approved it: nothing is taken or held"


def _pending(facts: Facts) -> str:
    if facts.reason in PENDING_BECAUSE:
        because = PENDING_BECAUSE[facts.reason]
    elif facts.reason:
        because = f"the giver has approved, and {{provider}} has not settled it ({facts.reason})"
    else:
        because = "the giver has approved, and {provider} has not said what became of the payment"
    return f"{because} (the order to {facts.unanswered} has no answer)" if facts.unanswered else because


def _authorized(facts: Facts) -> str:
    if facts.intent == Intent.RELEASE:
        return "the money is held and to be let go, which {provider} has not confirmed yet"
    if facts.intent == Intent.CAPTURE:
        refused = " and has refused so far" if facts.refused == "capture" else ""
        return f"the money is held and to be taken, which {{provider}} has not confirmed yet{refused}"
    return _HELD_UNTIL.get(facts.capture_policy, _HELD_UNTIL["Immediate"])


def _over(facts: Facts) -> str:
    if facts.reason in OVER_BECAUSE:
        return OVER_BECAUSE[facts.reason]
    if facts.reason in PENDING_BECAUSE:
        return PENDING_BECAUSE[facts.reason]
    return f"{{provider}} says {facts.reason}" if facts.reason else "no reason was told"


def _taken(facts: Facts) -> str:
    sentences = {
        Status.SETTLED: "{provider} has taken the money, and it is counted",
        Status.REFUNDED: "all of it was given back",
        Status.REVERSED: "the giver's bank has taken the money back (a chargeback)",
    }
    because = sentences[Status(facts.status)]
    if facts.reason == "refund_failed":
        because += "; a refund that {provider} had called done failed after all"
    if facts.refunds_pending:
        because += f"; {facts.refunds_pending} refund(s) are on their way, without an outcome yet"
    if facts.status == SETTLED and facts.intent == Intent.RELEASE:
        because += "; nobody wants it any more, so it is to go back to the giver"
    return because
