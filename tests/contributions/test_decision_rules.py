"""Rules that hold whatever is known of a payment, whatever a provider says of it, and whoever made us ask."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contributions import decision_table
from contributions.causes import Cause
from contributions.decision_types import Decision, Known, NotOpened, Operation, Refusal, Silence, Told
from contributions.decisions import decide
from contributions.entries import Kind
from contributions.status import MOVES, Intent, Stage, Status
from providers.base import Payment, PaymentState
from tests.contributions.test_decisions import DISPUTED, NOW, ONLY_HELD, REQUEST, paid
from tests.tiers import examples

pytestmark = pytest.mark.no_database

MOMENTS = st.sampled_from([NOW - timedelta(days=1), NOW, NOW + timedelta(hours=12), NOW + timedelta(days=9)])
AMOUNTS = st.sampled_from([0, 500, 2000])
REASONS = st.sampled_from(["payment_declined", "giver_cancelled", "authorization_lapsed", "goal_deleted"])

ANY_KNOWN = st.builds(
    Known,
    request=st.builds(
        replace, st.just(REQUEST), capture_at_once=st.booleans(), payment_reference=st.sampled_from(["", "payment-1"])
    ),
    status=st.sampled_from(Status),
    intent=st.sampled_from(Intent),
    intent_reason=REASONS,
    stage=st.sampled_from(Stage),
    is_current=st.booleans(),
    expires_at=MOMENTS,
    hold_expires_at=st.none() | MOMENTS,
    captured_minor=AMOUNTS,
    refunded_minor=AMOUNTS,
    going_back_minor=AMOUNTS,
    lost_minor=AMOUNTS,
    order_is_out=st.booleans(),
    can_close=st.booleans(),
    begins_at_the_button=st.booleans(),
    can_pay_by_token=st.booleans(),
    ordered=st.none() | st.sampled_from(Operation),
    refused=st.sampled_from(["", "not_permitted"]),
)
ANY_TOLD = st.one_of(
    st.just(NotOpened()),
    st.just(Silence()),
    st.builds(Refusal, REASONS, st.booleans()),
    st.builds(
        replace,
        st.sampled_from([*map(paid, PaymentState), ONLY_HELD, DISPUTED]),
        amount_minor=st.sampled_from([2000, 2000, 1]),
        reference=st.sampled_from(["gift", "gift", "other"]),
        reason=REASONS,
        expires_at=st.none() | MOMENTS,
        honored_until=st.none() | MOMENTS,
        taken_minor=st.none() | AMOUNTS,
        lost_minor=st.none() | AMOUNTS,
        given_back_minor=AMOUNTS,
    ),
)
ANY_CASE = (ANY_KNOWN, ANY_TOLD, st.sampled_from(Cause))
EXAMPLES = settings(max_examples=examples(400), deadline=None)
TAKES = {Operation.CAPTURE, Operation.AUTHORIZE, Operation.PAY}


@EXAMPLES
@given(*ANY_CASE)
def test_the_rules_that_hold_whatever_happens(known: Known, told: Told, cause: Cause):
    decision = decide(known, told, cause, NOW)
    assert decide(known, told, cause, NOW) == decision, "same input, same decision"
    if known.ordered is not None:
        renewed_to_be_taken = known.ordered is Operation.RENEW and known.intent is Intent.CAPTURE
        assert decision.order is None or (renewed_to_be_taken and decision.order is Operation.CAPTURE), (
            "one order for one answer"
        )
    if known.intent is Intent.RELEASE or not known.is_current:
        assert decision.order not in TAKES, "what is not wanted is not taken"
    assert decision.order is None or decision.move is None, "an order or a move"
    if decision.move is not None:
        to = decision.move.to
        assert to == known.status or (known.status, to) in MOVES
        assert known.is_current or to == known.status, "an older checkout moves no status"
    if isinstance(told, Silence):
        assert decision.move is None or decision.move.to is Status.PENDING, "silence ends nothing"
    if isinstance(told, Payment) and told.is_held and known.intent is Intent.RELEASE and told.reference == "gift":
        ends = decision.move is not None and decision.move.to in {Status.FAILED, Status.CANCELED}
        assert not ends, "what is still held is not over"


@EXAMPLES
@given(*ANY_CASE)
def test_moves_come_to_an_end(known: Known, told: Told, cause: Cause):
    """Obeying moves alone, within four decisions, and without entering any money twice."""
    steps = decision_table.follow(known, told, cause, NOW)
    assert len(steps) <= 4
    entered = [step.move.entry.kind for step in steps if step.move and step.move.entry]
    assert len(entered) == len(set(entered))
    assert not (known.is_captured and Kind.CAPTURE in entered)


def _other_words(known: Known, told: Told) -> tuple[Known, Told]:
    known = replace(known, intent_reason="other")
    if isinstance(told, Payment | Refusal):
        return known, replace(told, reason="other")
    return known, Silence("other") if isinstance(told, Silence) else told


def _without_words(decision: Decision) -> Decision:
    """Whether there is a reason stays; what it says goes."""
    made = decision.move and replace(decision.move, reason="")
    released, waits = bool(decision.release) * "because", bool(decision.waits_for_payer) * "because"
    return replace(decision, move=made, release=released, waits_for_payer=waits)


@EXAMPLES
@given(*ANY_CASE)
def test_no_reason_decides_anything(known: Known, told: Told, cause: Cause):
    same_but_for_words = _other_words(known, told)
    decision, other = decide(known, told, cause, NOW), decide(*same_but_for_words, cause, NOW)
    assert _without_words(decision) == _without_words(other)


@EXAMPLES
@given(*ANY_CASE)
def test_capture_differs_from_collect_only_for_a_hold(known: Known, told: Told, cause: Cause):
    held = isinstance(told, Payment) and told.state is PaymentState.AUTHORIZED
    if held or known.ordered is Operation.RENEW:
        return
    collect, capture = (decide(replace(known, intent=one), told, cause, NOW) for one in (Intent.COLLECT, Intent.CAPTURE))
    assert collect == capture


@EXAMPLES
@given(*ANY_CASE, st.sampled_from(Status), st.sampled_from([Intent.COLLECT, Intent.RELEASE]))
def test_an_older_checkout_knows_no_status(known: Known, told: Told, cause: Cause, status: Status, intent: Intent):
    """What becomes of one is the same whatever its contribution is and whatever is wanted of it."""
    older = replace(known, is_current=False)
    decision, other = decide(older, told, cause, NOW), decide(replace(older, status=status, intent=intent), told, cause, NOW)
    assert _of_older(decision) == _of_older(other)


def _of_older(decision: Decision) -> Decision:
    """Without the status that the move stays in, and what only the giver's page is told."""
    made = decision.move and replace(decision.move, to=Status.SETTLED)
    return replace(decision, move=made, may_have_been_paid=False)
