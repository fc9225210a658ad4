"""Small mistakes that a short history finds, in which nothing is left to chance; see planted_bugs.py for the others."""

from tests.simulation.planted_bugs import Bug
from tests.simulation.planting import expression, instead, never, preceded_by, without_arguments

BUGS = (
    Bug(
        "a goal's totals are cut to 32 bits",
        "totals-have-64-bits",
        expression(
            "bigint(entry.collected_delta_minor if entry else 0)",
            "bigint(((entry.collected_delta_minor if entry else 0) + 2**31) % 2**32 - 2**31)",
        ),
        history="the answer to a refund is lost",
    ),
    Bug(
        "what is taken goes on being held",
        "what-is-taken-is-held-no-more",
        expression("known.status == AUTHORIZED", "False"),
        history="Authorized / captured / release",
    ),
    Bug(
        "a late word about an older checkout moves the contribution",
        "an-older-checkout-moves-nothing",
        instead("rule = _ON_STATE"),
        history="older checkout / captured",
    ),
    Bug(
        "what a checkout took that was replaced is not entered",
        "what-an-older-checkout-took-is-entered",
        never,
        history="older checkout / captured",
    ),
    Bug(
        "a dispute about an older checkout is won, and nobody enters it",
        "a-dispute-won-late-is-entered",
        instead("return None"),
        history="a dispute about an older checkout is won",
    ),
    Bug(
        "a chargeback leaves the goal's total as it was",
        "a-chargeback-lowers-the-total",
        without_arguments("Entry", "collected_delta_minor"),
        history="Pending / reversed / collect",
    ),
    Bug(
        "the giver's next try is not announced",
        "every-change-of-status-is-announced",
        preceded_by("event = '' if event == 'contribution.submitted' else event"),
        history="older checkout / lapsed",
    ),
    Bug(
        "what went back of an older checkout counts as refunded",
        "what-went-back-of-an-older-checkout-is-no-refund",
        expression("contribution.current_checkout.number == refund.checkout_number", "True"),
        history="older checkout / pending",
    ),
    Bug(
        "a refund that fails after a chargeback is kept in the books",
        "a-chargeback-takes-what-no-refund-took",
        expression("contribution.status == REVERSED", "False"),
        history="Settled / reversed / release",
    ),
    Bug(
        "a refund is a new order at every try",
        "a-refund-is-one-order-however-often-it-is-sent",
        expression('f"refund:{refund.public_id}"', 'f"refund:{refund.public_id}:{refund.attempts}"'),
        history="the answer to a refund is lost",
    ),
    Bug(
        "a failed refund of an older checkout counts as on its way",
        "a-failed-refund-is-not-on-its-way",
        expression("alive.exclude(status=Refund.Status.FAILED)", "alive"),
        history="a refund of an older checkout fails",
    ),
    Bug(
        "what the client deleted is captured when they ask for it",
        "what-is-to-be-released-is-not-captured",
        instead("held = Contribution.objects.filter(pk=contribution.pk, status=AUTHORIZED)"),
        history="a deleted gift is asked for",
    ),
    Bug(
        "a goal that ends goes on holding money",
        "a-goal-that-ends-lets-go",
        instead("ended = SavingGoal.objects.none()"),
        history="a goal ends before it is reached",
    ),
)
"""Each names the short history that finds it."""
