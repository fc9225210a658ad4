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
    renamed_argument,
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
        instead("available = _rows(record).filter(pk=record.pk)"),
        seed=9,
    ),
    Bug(
        "an unknown outcome is taken for a failure",
        "an-unknown-outcome-is-no-failure",
        instead('return Decision(move=legal_move(known, FAILED, "timeout"), silent=True)'),
        seed=79,
    ),
    Bug(
        "the partner's event shows the contribution as it was before",
        "an-event-shows-what-is-true-after-the-move",
        expression(
            "contribution_content(contribution, contribution.goal)",
            "{**contribution_content(contribution, contribution.goal), 'Status': came_from}",
        ),
        seed=4,
    ),
    Bug("what the client deleted is captured all the same", "what-is-unwanted-is-not-captured", never, seed=5),
    Bug(
        "a checkout is given up by the clock, without asking the provider",
        "the-provider-is-asked-first",
        instead("told = NotOpened() if known.expired(clock.now()) else self._ask(known.request)"),
        seed=17,
    ),
    Bug(
        "what is pending is not asked about again",
        "what-is-pending-is-asked-about-again",
        instead("return Look.NEVER"),
        seed=31,
    ),
    Bug(
        "the giver's cancel link is believed",
        "the-provider-is-asked-first",
        instead("told = NotOpened() if self.cause is Cause.CANCEL else self._ask(known.request)"),
        seed=32,
    ),
    Bug(
        "a goal's deletion forgets what is on its way",
        "a-goals-deletion-marks-what-is-on-its-way",
        instead("rows = Contribution.objects.none()"),
        seed=5,
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
        seed=21,
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
        seed=4,
    ),
    Bug(
        "a goal that is reached to the cent is not reached",
        "reached-to-the-cent-is-reached",
        renamed_argument("together__gte", "together__gt"),
        seed=696,
    ),
    Bug(
        "what is settled can be deleted",
        "what-is-settled-is-not-deleted",
        expression("contribution.status in KEPT", "contribution.status == PENDING"),
        seed=17,
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
        seed=4,
    ),
    Bug(
        "Amazon is sent a refund under a new key each time",
        "amazon-refunds-keep-their-key",
        expression("request_id", NEW_ID),
        seed=12,
        side="amazon",
    ),
    Bug(
        "PayPal's order is believed where the capture says otherwise",
        "paypal-captures-say-more-than-the-order",
        expression("capture_state(one)", 'PaymentState.CAPTURED if unit.order_status == "COMPLETED" else capture_state(one)'),
        seed=7,
        side="paypal",
    ),
    Bug(
        "Stripe's session is believed where the payment says otherwise",
        "stripe-payments-say-more-than-the-session",
        expression(
            "INTENT_STATES.get(status, PaymentState.PENDING)",
            'PaymentState.CAPTURED if at == "complete" else INTENT_STATES.get(status, PaymentState.PENDING)',
        ),
        seed=5,
        side="stripe",
    ),
    Bug("Stripe is sent no idempotency key", "stripe-is-sent-an-idempotency-key", instead("pass"), seed=5, side="stripe"),
    Bug(
        "a report is believed to be Stripe's whoever has signed it",
        "stripe-reports-are-signed-by-stripe",
        never,
        seed=47,
        side="stripe",
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
        seed=1119,
    ),
    Bug(
        "a checkout that was replaced takes money",
        "what-is-unwanted-is-not-captured",
        expression("known.intent is Intent.RELEASE or not known.is_current", "known.intent is Intent.RELEASE"),
        history="older checkout / approved",
    ),
    Bug(
        "any number of cards may be tried for one gift", "only-so-many-cards", instead("return True"), seed=1284, side="google"
    ),
)
"""Each is found by histories of chance; see test_planted_bugs.py. planted_in_stories.py has those that short histories find."""
