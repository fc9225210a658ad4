"""Small mistakes that somebody could make. The simulation must find every one of them.

A mistake changes the statement at an `# invariant: ...` of the product; planting.py says how.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass

from tests.simulation import planting
from tests.simulation.planting import (
    Change,
    expression,
    instead,
    never,
    without_arguments,
)


@dataclass(frozen=True)
class Bug:
    """What goes wrong where the statement at `anchor` is changed."""

    name: str
    anchor: str
    change: Change
    seed: int | None = None
    """Of a history that finds it. Where there is none, or it no longer does, the first that does is searched for."""
    side: str = "simulated"
    """Whose adapter the histories go through: a name of sides.SIDES."""
    probe: str = ""
    """A probe that finds it, of probes.PROBES: where it takes two at the same statement, or a page."""
    history: str = ""
    """The short history that finds it, of stories.short_histories: no seed is needed then."""

    def planted(self) -> AbstractContextManager[None]:
        """The bug is there inside the with statement, and gone afterwards."""
        return planting.planted(self.anchor, self.change)


NEW_ID = "__import__('ids').new_id()"

BUGS = (
    Bug(
        "a claim is taken although somebody else has it",
        "nobody-takes-what-another-holds",
        instead("pass"),
        history="two ask while it is taken",
    ),
    Bug(
        "an unknown outcome is taken for a failure",
        "an-unknown-outcome-is-no-failure",
        instead('return Decision(move=legal_move(known, FAILED, "timeout"), silent=True)'),
        history="the answer to a capture is lost",
    ),
    Bug(
        "the partner's event shows the contribution as it was before",
        "an-event-shows-what-is-true-after-the-move",
        expression(
            "contribution_content(contribution, contribution.goal)",
            "{**contribution_content(contribution, contribution.goal), 'Status': came_from}",
        ),
        history="the answer to a refund is lost",
    ),
    Bug(
        "what the client deleted is captured all the same",
        "what-is-unwanted-is-not-captured",
        never,
        history="a gift is deleted after a long answer",
    ),
    Bug(
        "a checkout is given up by the clock, without asking the provider",
        "the-provider-is-asked-first",
        instead("told = NotOpened() if known.expired(clock.now()) else self._ask(known.request)"),
        history="what was paid is found out late",
    ),
    Bug(
        "what is pending is not asked about again",
        "what-is-pending-is-asked-about-again",
        instead("return Look.NEVER"),
        history="older checkout / approved",
    ),
    Bug(
        "the giver's cancel link is believed",
        "the-provider-is-asked-first",
        instead("told = NotOpened() if self.cause is Cause.CANCEL else self._ask(known.request)"),
        history="a giver pays and cancels",
    ),
    Bug(
        "a goal's deletion forgets what is on its way",
        "a-goals-deletion-marks-what-is-on-its-way",
        instead("rows = Contribution.objects.none()"),
        history="a goal is deleted while a gift is held",
    ),
    Bug(
        "whoever was overtaken while asking gives the order all the same",
        "who-was-overtaken-orders-nothing",
        never,
        history="a gift is deleted after a long answer",
    ),
    Bug(
        "a deletion looks past a claim",
        "a-deletion-waits-for-who-is-asking",
        never,
        history="a gift is deleted while it is taken",
    ),
    Bug(
        "a refund without an answer is called failed",
        "a-refund-without-an-answer-has-not-failed",
        instead('return not refund_outcomes.fail(refund, "timeout", cause=cause)'),
        history="the answer to a refund is lost",
    ),
    Bug(
        "a refund that failed keeps what it had reserved",
        "a-failed-refund-frees-what-it-reserved",
        instead("freed: dict[str, Any] = {}"),
        history="a refund fails after a dispute",
    ),
    Bug(
        "our own refund is taken for one made in the provider's dashboard",
        "our-own-refund-is-known-by-its-reference",
        instead("ours = None"),
        history="a refund without an answer is heard of",
    ),
    Bug(
        "a refund is completed twice",
        "a-refund-is-completed-once",
        expression("pending", "Refund.objects.filter(pk=refund.pk)"),
        history="a refund is heard of twice",
    ),
    Bug(
        "a chargeback takes what had been refunded already",
        "a-chargeback-takes-only-what-is-left",
        instead("most = known.captured_minor"),
        history="Refunded / reversed / release",
    ),
    Bug(
        "the last of many refunds leaves the contribution settled",
        "refunded-when-all-is-given-back",
        expression("contribution.refunded_minor - entry.collected_delta_minor", "-entry.collected_delta_minor"),
        history="all goes back in two parts",
    ),
    Bug(
        "a goal that is reached to the cent is not reached",
        "reached-to-the-cent-is-reached",
        expression("lookups.GreaterThanOrEqual", "lookups.GreaterThan"),
        history="one gift reaches the goal",
    ),
    Bug(
        "what is settled can be deleted",
        "what-is-settled-is-not-deleted",
        expression("contribution.status in KEPT", "contribution.status == PENDING"),
        history="what is settled is deleted",
    ),
    Bug(
        "what the client deleted is not marked as unwanted",
        "what-is-deleted-is-unwanted",
        without_arguments("advance", "intent"),
        history="Canceled / approved / release",
    ),
    Bug(
        "refunds that are on their way do not count",
        "refunds-on-their-way-count",
        instead("left = (row.settled_minor or 0) - row.refunded_minor"),
        history="a refund is asked for while one is reviewed",
    ),
    Bug(
        "Amazon is sent a refund under a new key each time",
        "amazon-refunds-keep-their-key",
        expression("request_id", NEW_ID),
        history="the answer to a refund at Amazon is lost",
    ),
    Bug(
        "PayPal's order is believed where the capture says otherwise",
        "paypal-captures-say-more-than-the-order",
        expression("capture_state(one)", 'PaymentState.CAPTURED if unit.order_status == "COMPLETED" else capture_state(one)'),
        history="a payment is reviewed at PayPal",
    ),
    Bug(
        "Stripe's session is believed where the payment says otherwise",
        "stripe-payments-say-more-than-the-session",
        expression(
            "INTENT_STATES.get(status, PaymentState.PENDING)",
            'PaymentState.CAPTURED if at == "complete" else INTENT_STATES.get(status, PaymentState.PENDING)',
        ),
        history="a payment is held at Stripe",
    ),
    Bug(
        "Stripe is sent no idempotency key",
        "stripe-is-sent-an-idempotency-key",
        instead("pass"),
        history="the answer to a refund at Stripe is lost",
    ),
    Bug(
        "a report is believed to be Stripe's whoever has signed it",
        "stripe-reports-are-signed-by-stripe",
        never,
        history="a report of Stripe's is forged",
    ),
    Bug(
        "another card goes out under the key of the one before",
        "another-card-is-another-order",
        instead('return "pay:"'),
        seed=31,
        side="google",
    ),
    Bug(
        "what was taken in a checkout that was replaced is kept",
        "a-replaced-checkout-gives-back",
        instead("return False"),
        history="a dispute about an older checkout is won",
    ),
    Bug(
        "a checkout that was replaced takes money",
        "what-is-unwanted-is-not-captured",
        expression("known.intent is Intent.RELEASE or not known.is_current", "known.intent is Intent.RELEASE"),
        history="older checkout / approved",
    ),
    Bug(
        "any number of cards may be tried for one gift",
        "only-so-many-cards",
        instead("return True"),
        history="many cards are tried at Google",
    ),
    Bug(
        "a hold that has ended goes on counting where the giver has agreed once more",
        "what-is-only-approved-is-not-held",
        instead("return False"),
        history="a giver agrees once more",
    ),
    Bug(
        "an order to hold what the giver has agreed to once more is the old one",
        "another-hold-is-another-order",
        instead('return "authorize"'),
        history="a giver agrees once more",
    ),
)
"""planted_in_stories.py has the others. A short history finds each; where none does yet, a seed does: test_planted_bugs.py."""
