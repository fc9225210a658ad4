"""Small mistakes that what is done at the providers brings to light, without an order of ours; see planted_bugs.py."""

from tests.simulation.planted_bugs import Bug
from tests.simulation.planting import expression, instead, never

BUGS = (
    Bug(
        "a part that was captured in PayPal's dashboard is booked as the whole",
        "paypal-takes-what-was-captured",
        instead("taken_minor, lost_minor = amount_in(unit.amount, 'an order')[0], None"),
        seed=20,
        side="paypal",
    ),
    Bug(
        "a dispute is won, and the payee is not sent the money again",
        "what-was-won-is-sent-again",
        instead("return Decision(refunds_told=True) if owes < 0 else Decision(order=Operation.PULL_BACK, amount_minor=owes)"),
        seed=23,
        side="stripe",
    ),
    Bug(
        "what a failed refund took from the payee stays with the operator",
        "what-a-failed-refund-took-is-sent-again",
        instead("return disputes is not None"),
        seed=11,
        side="stripe",
    ),
    Bug(
        "what was held at Stripe and not captured counts as refunded",
        "what-stripe-releases-is-no-refund",
        instead("given_back = _listed(intent) if refunds is None else refunds"),
        seed=5,
        side="stripe",
    ),
    Bug(
        "the payee's net is told without the operator's fee taken off",
        "the-payee-bears-the-operators-fee",
        never,
        seed=4,
        side="google",
    ),
    Bug(
        "a dispute of a part at Amazon takes all that there is",
        "amazon-takes-back-what-was-disputed",
        expression("lost_minor", "payment.amount_minor"),
        seed=27,
        side="amazon",
    ),
    Bug(
        "what was to be taken at once and is only held is not let go",
        "what-was-to-be-taken-is-held-as-well",
        instead("return told.state is PaymentState.AUTHORIZED"),
        history="a goal is deleted while Amazon only holds a gift",
    ),
    Bug(
        "what was taken is not in the books while a dispute is open",
        "an-open-dispute-hides-no-capture",
        instead("return replace(told, state=PaymentState.PENDING)"),
        history="a gift is taken in Seller Central and disputed",
    ),
)
"""Each is found by histories of chance through the adapter that is named, or by the short history that is."""
