"""Small mistakes that somebody could make. The simulation must find every one of them.

A bug is a change of a few words in one function. It is planted in the running function itself, so that whoever has
imported it has the bug too.
"""

import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FunctionType

from contributions import captures, checkout, deletion, leases, ledger, provider_requests, refunds, transitions
from providers.amazon.adapter import AmazonProvider
from providers.paypal import mapping as paypal_mapping
from providers.paypal.adapter import PayPalProvider
from providers.stripe import mapping as stripe_mapping
from providers.stripe import webhooks as stripe_webhooks
from providers.stripe.client import StripeClient


@dataclass(frozen=True)
class Bug:
    """In `function`, `right` becomes `wrong`."""

    name: str
    function: Callable[..., object]
    right: str
    wrong: str
    seed: int | None = None
    """Of a history that finds it. Where there is none, or it no longer does, the first that does is searched for."""
    side: str = "simulated"
    """Whose adapter the histories go through: a name of sides.SIDES."""

    @contextmanager
    def planted(self) -> Iterator[None]:
        """The bug is there inside the with statement, and gone afterwards."""
        function = inspect.unwrap(self.function)
        if not isinstance(function, FunctionType):
            raise TypeError(f"{self.name}: not a function")
        source = textwrap.dedent(inspect.getsource(function))
        if source.count(self.right) != 1:
            raise LookupError(f"{self.name}: {self.right!r} stands {source.count(self.right)} times in {function.__name__}")
        space: dict[str, object] = {}
        module = sys.modules[function.__module__]
        exec(compile(source.replace(self.right, self.wrong), module.__file__ or "", "exec"), module.__dict__, space)  # noqa: S102
        mutant = space[function.__name__]
        if not isinstance(mutant, FunctionType):
            raise TypeError(f"{self.name}: not a function")
        healthy, function.__code__ = function.__code__, mutant.__code__
        try:
            yield
        finally:
            function.__code__ = healthy


BUGS = (
    Bug(
        "a retried money call gets a new request id",
        provider_requests.send,
        "request_id=request.request_id",
        "request_id=new_id()",
        seed=55,
    ),
    Bug(
        "the goal's total is read, added to and written",
        transitions._write,
        "contribution.refresh_from_db()",
        "stale = contribution.goal; contribution.refresh_from_db(); contribution.goal = stale; entry and "
        "SavingGoal.objects.filter(pk=stale.pk).update(collected_minor=stale.collected_minor, "
        "authorized_minor=stale.authorized_minor)",
        seed=60,
    ),
    Bug(
        "a claim is taken although somebody else has it",
        leases.take,
        ".filter(Q(lease_until=None) | Q(lease_until__lt=now))",
        "",
        seed=10,
    ),
    Bug(
        "an unknown outcome is taken for a failure",
        checkout._outcome_unknown,
        "return True",
        'return _record(contribution, FAILED, reason="timeout", cause=cause, payment=None)',
        seed=25,
    ),
    Bug(
        "a move does not look at the version it was read at",
        transitions._write,
        "            version=contribution.version,\n"
        "            status=came_from,\n"
        "            lease_token=contribution.lease_token,\n"
        "            refunds_reserved_minor=contribution.refunds_reserved_minor,  # what a chargeback takes depends on it\n",
        "",
        seed=142,
    ),
    Bug(
        "the history is written outside the transaction of the change",
        transitions._write,
        "            contribution.refresh_from_db()\n"
        "            _remember(contribution, from_status=came_from, event=event, reason=reason, at=now)\n".replace(
            "            ", "        "
        ),
        "        contribution.refresh_from_db()\n"
        "    _remember(contribution, from_status=came_from, event=event, reason=reason, at=now)\n"
        "    if True:\n",
        seed=41,
    ),
    Bug(
        "the books are written outside the transaction of the change",
        transitions._write,
        "        _enter(contribution, entry, cause, now)",
        "    _enter(contribution, entry, cause, now)\n    if True:",
        seed=41,
    ),
    Bug(
        "the partner's event is written outside the transaction of the change",
        transitions._write,
        "        _announce(contribution, event, content, now)",
        "    _announce(contribution, event, content, now)",
        seed=41,
    ),
    Bug(
        "the partner's event shows the contribution as it was before",
        transitions._write,
        "        content = contribution_content(contribution, contribution.goal) if event else {}",
        "        content = {**contribution_content(contribution, contribution.goal), 'Status': came_from} if event else {}",
        seed=4,
    ),
    Bug(
        "the ledger entry and the goal's total are two transactions",
        transitions._write,
        "with transaction.atomic():",
        "if True:",
        seed=41,
    ),
    Bug(
        "what the provider approved is not compared with what was asked",
        checkout.mismatch,
        "if ours != theirs:",
        "if False:",
        seed=75,
    ),
    Bug(
        "what the client deleted is captured all the same",
        checkout.wanted_operation,
        "if contribution.unwanted_since is not None:",
        "if False:",
        seed=16,
    ),
    Bug(
        "money held for what the client deleted is not let go",
        checkout.wanted_operation,
        'return "void" if held else None',
        "return None",
        seed=16,
    ),
    Bug("money that nobody wants is kept", checkout.sync, "if now.owes_back:", "if False:", seed=10),
    Bug(
        "money that arrives for what was cancelled is not entered",
        checkout._record_unwanted_money,
        'if not contribution.ledger_entries.filter(kind="capture").exists():',
        "if False:",
        seed=87,
    ),
    Bug(
        "a hold is taken without anybody asking for it",
        checkout.wanted_operation,
        "if held and contribution.capture_wanted_since is not None:",
        "if held:",
        seed=6,
    ),
    Bug(
        "a checkout is given up by the clock, without asking the provider",
        checkout._find_out,
        "try:",
        "if contribution.status in OPEN and clock.now() >= expires_at(contribution):\n"
        '        return _record(contribution, FAILED, reason="checkout_expired", cause=cause, payment=None)\n'
        "    try:",
        seed=92,
    ),
    Bug(
        "what is pending is not asked about again",
        checkout._record,
        "return to in {PENDING, AUTHORIZED} or not moved or _may_be_tried_again(contribution)",
        "return False",
        seed=31,
    ),
    Bug(
        "the giver's cancel link is believed",
        checkout._find_out,
        "payment = adapter.find(order)",
        (
            "if cause is Cause.CANCEL and contribution.status in OPEN:\n"
            '            return _record(contribution, CANCELED, reason="giver_cancelled", cause=cause, payment=None)\n'
            "        payment = adapter.find(order)"
        ),
        seed=16,
    ),
    Bug(
        "a goal's deletion forgets what is on its way",
        deletion.delete_goal,
        'unwanted.update(unwanted_since=now, unwanted_reason="goal_deleted", due_at=now)',
        "pass",
        seed=33,
    ),
    Bug(
        "whoever was overtaken while asking gives the order all the same",
        checkout._find_out,
        "if not leases.renew(contribution):",
        "if False:",
        seed=172,
    ),
    Bug(
        "a deletion looks past a claim",
        deletion.delete_contribution,
        "if leases.is_leased(contribution, now=now) or contribution.has_an_order_out:",
        "if False:",
        seed=55,
    ),
    Bug(
        "a refund without an answer is called failed",
        refunds._find_out,
        "return True",
        'return not fail(refund, "timeout", cause=cause)',
        seed=7,
    ),
    Bug(
        "a refund that failed keeps what it had reserved",
        refunds.fail,
        'freed = F("refunds_reserved_minor") - refund.amount_minor',
        'freed = F("refunds_reserved_minor")',
        seed=11,
    ),
    Bug(
        "our own refund is taken for one made in the provider's dashboard",
        refunds._learn_one,
        "ours = known.filter(public_id=told.reference).first() if told.reference else None",
        "ours = None",
        seed=45,
    ),
    Bug(
        "a refund is completed twice",
        refunds.complete,
        "if not pending.update(status=Refund.Status.COMPLETED, due_at=None):",
        "if not Refund.objects.filter(pk=refund.pk).update(status=Refund.Status.COMPLETED, due_at=None):",
        seed=199,
    ),
    Bug(
        "a chargeback takes what had been refunded already",
        ledger._reversal,
        "rest = contribution.amount_minor - contribution.refunds_reserved_minor",
        "rest = contribution.amount_minor",
        seed=91,
    ),
    Bug(
        "a won dispute is not entered",
        ledger._reversal_won,
        "Entry(Kind.REVERSAL_WON, lost, lost) if lost else None",
        "None",
        seed=352,
    ),
    Bug(
        "a void leaves the held total as it was",
        ledger._entry_for,
        "return Entry(Kind.VOID, amount, 0, -amount)",
        "return None",
        seed=16,
    ),
    Bug(
        "a chargeback that we hear of before the capture is left alone",
        checkout._believe,
        "if payment.state is PaymentState.REVERSED and contribution.status not in {SETTLED, REVERSED}:",
        "if False:",
        seed=60,
    ),
    Bug(
        "a chargeback is entered again whenever it is reported",
        checkout._believe,
        "not in {SETTLED, REVERSED}",
        "!= SETTLED",
        seed=11,
    ),
    Bug(
        "the last of many refunds leaves the contribution settled",
        refunds.complete,
        "refunded == contribution.amount_minor",
        "refund.amount_minor == contribution.amount_minor",
        seed=35,
    ),
    Bug(
        "a goal that is reached to the cent is not reached",
        captures._reached_goals,
        "together__gte",
        "together__gt",
        seed=60,
    ),
    Bug(
        "what is settled can be deleted",
        deletion.delete_contribution,
        "if contribution.status in KEPT:",
        "if contribution.status == PENDING:",
        seed=9,
    ),
    Bug("what the client deleted is not marked as unwanted", deletion.delete_contribution, "unwanted_since=now,", "", seed=68),
    Bug(
        "refunds that are on their way do not count",
        refunds._reserve,
        "left = row.amount_minor - row.refunds_reserved_minor",
        "left = row.amount_minor - row.refunded_minor",
        seed=7,
    ),
    Bug(
        "a refund that is reported before its payment is known is left alone",
        refunds.look_into,
        'if not contribution.ledger_entries.filter(kind="capture").exists():',
        "if False:",
        side="amazon",
        seed=55,
    ),
    Bug(
        "Amazon is sent a refund under a new key each time",
        AmazonProvider.refund,
        "_key(request_id, ",
        '_key(__import__("ids").new_id(), ',
        side="amazon",
        seed=17,
    ),
    Bug(
        "PayPal's order is believed where the capture says otherwise",
        paypal_mapping._state_of,
        "[(capture_state(one), one) for one in unit.captures]",
        '[(PaymentState.CAPTURED if unit.order_status == "COMPLETED" else capture_state(one), one) for one in unit.captures]',
        side="paypal",
        seed=21,
    ),
    Bug(
        "a refund at PayPal does not carry our reference",
        PayPalProvider.refund,
        "**names}",
        "}",
        side="paypal",
        seed=61,
    ),
    Bug(
        "Stripe's session is believed where the payment says otherwise",
        stripe_mapping._state_of,
        "state = INTENT_STATES.get(status, PaymentState.PENDING)",
        'state = PaymentState.CAPTURED if at == "complete" else INTENT_STATES.get(status, PaymentState.PENDING)',
        side="stripe",
        seed=4,
    ),
    Bug(
        "Stripe is sent no idempotency key",
        StripeClient.call,
        'headers["Idempotency-Key"] = request_id',
        "pass",
        side="stripe",
        seed=16,
    ),
    Bug(
        "a report is believed to be Stripe's whoever has signed it",
        stripe_webhooks.check_signature,
        "if not any(fits):",
        "if False:",
        side="stripe",
        seed=10,
    ),
    Bug(
        "another card goes out under the key of the one before",
        checkout._name_of,
        'return f"pay:{hashlib.sha256(token.encode()).hexdigest()[:32]}"',
        'return "pay:"',
        side="google",
        seed=16,
    ),
    Bug(
        "any number of cards may be tried for one gift",
        checkout.has_tries_left,
        "< MOST_TRIES",
        ">= 0",
        side="google",
        seed=166,
    ),
)
"""Each is found by the simulation; see test_planted_bugs.py."""
