"""Small mistakes that a short history finds, in which nothing is left to chance; see planted_bugs.py for the others."""

from tests.simulation.planted_bugs import NEW_ID, Bug
from tests.simulation.planting import (
    after_the_transaction,
    expression,
    instead,
    never,
    preceded_by,
    without_arguments,
    without_transaction,
)

BUGS = (
    Bug(
        "a retried money call gets a new request id",
        "same-request-id-for-every-try",
        expression("request.request_id", NEW_ID),
        history="the answer to a refund is lost",
    ),
    Bug(
        "the goal's total is read, added to and written",
        "the-goal-is-not-written-back",
        instead(
            "stale = contribution.goal\ncontribution.checkout = columns.get('checkout', contribution.checkout)\n"
            "entry and type(stale).objects.filter(pk=stale.pk).update("
            "collected_minor=stale.collected_minor, authorized_minor=stale.authorized_minor)"
        ),
        history="another gift is settled meanwhile",
    ),
    Bug(
        "a move does not look at the version it was read at",
        "a-move-names-what-it-was-read-as",
        without_arguments("dict", "version", "status", "refunds_reserved_minor"),
        history="a refund is made while a dispute is told",
    ),
    Bug(
        "the history is written outside the transaction of the change",
        "history-is-written-with-the-move",
        after_the_transaction,
        history="death at every statement",
    ),
    Bug(
        "the books are written outside the transaction of the change",
        "books-are-written-with-the-move",
        after_the_transaction,
        history="death at every statement",
    ),
    Bug(
        "the partner's event is written outside the transaction of the change",
        "an-event-is-written-with-the-move",
        after_the_transaction,
        history="death at every statement",
    ),
    Bug(
        "the ledger entry and the goal's total are two transactions",
        "move-history-books-and-event-are-one-transaction",
        without_transaction,
        history="death at every statement",
    ),
    Bug(
        "what the provider approved is not compared with what was asked",
        "what-is-paid-is-what-was-asked",
        never,
        history="something else is paid",
    ),
    Bug(
        "money held for what the client deleted is not let go",
        "what-is-unwanted-is-let-go",
        instead("return None"),
        history="Authorized / authorized / release",
    ),
    Bug(
        "money that nobody wants is kept",
        "what-nobody-wants-goes-back",
        instead("return False"),
        history="Canceled / captured / release",
    ),
    Bug(
        "money that arrives for what was cancelled is not entered",
        "unwanted-money-is-entered",
        instead("return None"),
        history="Canceled / captured / release",
    ),
    Bug(
        "a hold is taken without anybody asking for it",
        "a-hold-is-taken-only-when-asked",
        expression("known.intent is Intent.CAPTURE", "True"),
        history="Authorized / authorized / collect",
    ),
    Bug(
        "a hold that is gone goes on counting",
        "a-hold-that-is-gone-counts-no-more",
        instead("pass"),
        history="Authorized / lapsed / collect",
    ),
    Bug(
        "a won dispute is not entered",
        "a-won-dispute-is-entered",
        instead("return None"),
        history="Reversed / captured / collect",
    ),
    Bug(
        "a void leaves the held total as it was",
        "a-void-frees-what-was-held",
        instead("return None"),
        history="Authorized / voided / collect",
    ),
    Bug(
        "a chargeback is entered again whenever it is reported",
        "a-chargeback-is-entered-once",
        instead("lost = _lost_minor(known, told)"),
        history="Settled / reversed in part / collect",
    ),
    Bug(
        "a goal's totals are cut to 32 bits",
        "totals-have-64-bits",
        expression(
            "prepared.Plus(entry.collected_delta_minor if entry else 0)",
            "prepared.Plus(((entry.collected_delta_minor if entry else 0) + 2**31) % 2**32 - 2**31)",
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
        instead(
            "return None if entry.kind is Kind.REVERSAL_WON else Move(known.status, _reason_of(known, told, entry), entry)"
        ),
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
        "every-change-is-announced",
        preceded_by("if event == 'contribution.submitted' and contribution.version > 1: return"),
        history="older checkout / lapsed",
    ),
    Bug(
        "a part that is given back is not announced",
        "every-change-is-announced",
        preceded_by("if event == 'contribution.refunded_in_part': return"),
        history="a refund without an answer is heard of",
    ),
    Bug(
        "a goal that is reached is told again with every gift",
        "a-goal-is-reached-once",
        expression("before < goal.goal_minor and is_reached(goal)", "is_reached(goal)"),
        history="another gift comes after the last that was needed",
    ),
    Bug(
        "the end of a goal is not told",
        "an-end-is-told-once",
        preceded_by("return False"),
        history="a goal ends before it is reached",
    ),
    Bug(
        "what went back of an older checkout counts as refunded",
        "what-went-back-of-an-older-checkout-is-no-refund",
        expression("evidence is not None and evidence.checkout_number != number", "False"),
        history="older checkout / pending",
    ),
    Bug(
        "a refund that fails after a chargeback is kept in the books",
        "a-chargeback-takes-what-no-refund-took",
        expression("contribution.status == REVERSED", "False"),
        history="a refund fails after a dispute",
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
    Bug(
        "a gift's own sum is cut to 32 bits",
        "own-sums-have-64-bits",
        instead(
            "if entry.kind in CAPTURES:\n"
            "    return {'settled_minor': (contribution.settled_minor or 0) + (entry.collected_delta_minor & 0xFFFFFFFF)}"
        ),
        history="Submitted / captured / collect",
    ),
    Bug(
        "a dispute of a part takes all that there is",
        "a-part-that-is-lost-is-only-a-part",
        instead("if told.lost_minor:\n    return most"),
        history="Settled / reversed in part / collect",
    ),
    Bug(
        "what is taken after a part is not entered",
        "a-further-capture-is-entered",
        never,
        history="a gift is taken part by part",
    ),
    Bug(
        "a refund that failed after it was done is still counted",
        "a-refund-undone-is-entered",
        instead("Contribution.objects.filter(pk=contribution.pk).update(refunds_reserved_minor=freed)"),
        history="a refund is undone",
    ),
    Bug(
        "a refund after a dispute forgets the dispute",
        "refunded-when-all-is-given-back",
        expression("contribution.reversed_minor", "0"),
        history="what a dispute has left is refunded",
    ),
    Bug(
        "a refund of the rest is refused instead of becoming smaller",
        "a-refund-of-the-rest-becomes-smaller",
        instead("learnt = 0"),
        history="a refund in the dashboard is unheard",
    ),
    Bug(
        "the sum of the refunds is booked at every look",
        "a-told-sum-is-booked-once",
        instead("unknown = payment.given_back_minor"),
        history="refunds are told by their sum",
    ),
    Bug(
        "money is taken on the strength of what is not held",
        "nothing-is-taken-on-the-strength-of-what-is-not-held",
        expression("reached.exclude(goal__in=not_sure.values('goal'))", "reached"),
        history="a goal only seems to be reached",
    ),
    Bug(
        "a goal that ends does not wait for what is pending",
        "what-is-held-waits-for-what-is-pending",
        expression(
            "waiting.filter(goal__in=ended).exclude(goal__in=reached_goals).exclude(goal__in=no_outcome_yet)",
            "waiting.filter(goal__in=ended).exclude(goal__in=reached_goals)",
        ),
        history="a goal ends while a gift is pending",
    ),
    Bug(
        "an edit that brings the goal to its amount is not told",
        "an-edit-that-reaches-the-goal-is-told",
        never,
        history="a goal is edited while a gift is taken",
    ),
    Bug(
        "held money that cannot be taken today is called failed",
        "what-cannot-be-taken-stays-held",
        instead("return Decision(move=legal_move(known, FAILED, told.reason, entry=_void_if_held(known)))"),
        history="Authorized / refuses capture / collect",
    ),
    Bug(
        "a refund at PayPal does not carry our reference",
        "paypal-refunds-carry-our-reference",
        instead('body = {"amount": amount}'),
        history="the answer to a refund at PayPal is lost",
    ),
    Bug(
        "another checkout is opened while the last can be paid",
        "one-checkout-at-a-time",
        expression("_is_over(mine, mine.current_checkout, answered=not silent)", "True"),
        history="an order to close is lost",
    ),
)
"""Each names the short history that finds it."""
