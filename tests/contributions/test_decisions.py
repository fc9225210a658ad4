"""What follows from a provider's answer, said as a payments engineer would say it. No database: decide() is pure."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contributions import decision_cases, decision_table
from contributions.causes import Cause
from contributions.decision_types import Decision, Known, Look, NotOpened, Operation, Refusal, Silence, Told
from contributions.decisions import decide
from contributions.entries import Entry, Kind
from contributions.status import Intent, Stage, Status
from providers.base import Payment, PaymentRequest, PaymentState
from tests.docs.examples import ROOT

pytestmark = pytest.mark.no_database

NOW = datetime(2030, 6, 1, tzinfo=UTC)
REQUEST = PaymentRequest("PayPal", "gift", 2000, "USD", "anna", True, "A gift", "https://r", "https://c", "checkout")
SUBMITTED = Known(REQUEST, Status.SUBMITTED, Intent.COLLECT, "", Stage.OPEN, True, NOW + timedelta(hours=72))
AUTHORIZED = replace(SUBMITTED, status=Status.AUTHORIZED, stage=Stage.HELD, hold_expires_at=NOW + timedelta(days=20))
SETTLED = replace(SUBMITTED, status=Status.SETTLED, stage=Stage.TAKEN, captured_minor=2000)
EXPIRED = {"expires_at": NOW}
RELEASED = {"intent": Intent.RELEASE, "intent_reason": "client_deleted"}
OLDER = replace(SETTLED, is_current=False, captured_minor=0)


def paid(state: PaymentState, **words: object) -> Payment:
    return replace(Payment(state, 2000, "USD", "anna", "gift", provider_reference="payment-1"), **words)  # type: ignore[arg-type]


OPEN, APPROVED, PENDING, HELD, CAPTURED, DECLINED, VOIDED, LAPSED, REVERSED = map(paid, PaymentState)
ONLY_HELD = paid(PaymentState.APPROVED, is_held=True)
DISPUTED = paid(PaymentState.CAPTURED, has_open_dispute=True)


def asked(known: Known, told: Told, cause: Cause = Cause.WORKER, **facts: object) -> Decision:
    return decide(replace(known, **facts), told, cause, NOW)  # type: ignore[arg-type]


def move(decision: Decision) -> tuple[str, str, str | None] | None:
    made = decision.move
    return (made.to, made.reason, made.entry.kind if made.entry else None) if made else None


def test_taken_is_settled_with_one_capture():
    decision = asked(SUBMITTED, CAPTURED, ordered=Operation.CAPTURE)
    assert move(decision) == ("Settled", "", "capture")
    assert decision.move.entry == Entry(Kind.CAPTURE, 2000, collected_delta_minor=2000)
    assert (decision.stage, decision.payment_reference, decision.order) == (Stage.TAKEN, "payment-1", None)
    assert move(asked(SETTLED, CAPTURED)) is None
    for status in (Status.FAILED, Status.CANCELED):
        assert move(asked(SUBMITTED, CAPTURED, status=status)) == ("Settled", "", "capture"), "paid after all"


def test_a_hold_is_kept_until_somebody_asks_for_it():
    assert asked(AUTHORIZED, HELD).order is None
    assert asked(AUTHORIZED, HELD, hold_expires_at=NOW + timedelta(hours=23)).order == Operation.RENEW
    assert asked(AUTHORIZED, Refusal("cannot_renew"), ordered=Operation.RENEW).release == "authorization_lapsed"


def test_a_token_pays_only_what_is_open_and_in_time():
    assert asked(SUBMITTED, OPEN, can_pay_by_token=True).order == Operation.PAY
    assert asked(SUBMITTED, OPEN, can_pay_by_token=True, **EXPIRED).order is None
    assert asked(SETTLED, OPEN, can_pay_by_token=True).order is None


@pytest.mark.parametrize("unpaid", [OPEN, LAPSED, NotOpened(), Refusal("unknown_checkout")])
def test_nothing_paid_waits_until_its_time_is_over(unpaid: Told):
    assert move(asked(SUBMITTED, unpaid)) is None
    assert move(asked(SUBMITTED, unpaid, **EXPIRED)) == ("Failed", "checkout_expired", None)
    assert move(asked(SUBMITTED, unpaid, Cause.CANCEL)) == ("Canceled", "giver_cancelled", None)
    assert move(asked(SUBMITTED, unpaid, **RELEASED)) == ("Canceled", "client_deleted", None)


def test_a_given_up_checkout_is_closed_where_it_can_be():
    failed = replace(SUBMITTED, status=Status.FAILED)
    assert asked(failed, OPEN, can_close=True).order == Operation.CLOSE
    assert asked(failed, OPEN).order is None


def test_silence_is_pending_only_after_an_approval():
    assert move(asked(SUBMITTED, Silence())) is None
    assert move(asked(SUBMITTED, Silence(), Cause.RETURN)) == ("Pending", "provider_unreachable", None)
    assert move(asked(SUBMITTED, Silence(), ordered=Operation.CAPTURE)) == ("Pending", "provider_unreachable", None)
    assert move(asked(SUBMITTED, Silence(), ordered=Operation.CLOSE)) is None


@pytest.mark.parametrize("status", list(Status))
def test_silence_never_ends_anything(status: Status):
    for facts in ({}, EXPIRED, RELEASED):
        decision = asked(SUBMITTED, Silence(), Cause.CANCEL, status=status, **facts)
        assert (move(decision), decision.order, decision.look is Look.NEVER) == (None, None, False)


def test_a_mismatch_takes_nothing_and_calls_a_person():
    for word, fault in (("amount_minor", 1), ("currency", "EUR"), ("payee", "eve"), ("reference", "other")):
        decision = asked(SUBMITTED, replace(APPROVED, **{word: fault}))
        name = f"{word.removesuffix('_minor')}_mismatch"
        assert (decision.order, move(decision), decision.for_a_person) == (None, ("Failed", name, None), name)
    assert move(asked(SUBMITTED, replace(CAPTURED, amount_minor=1))) == ("Pending", "amount_mismatch", None)


def test_a_checkout_that_only_the_giver_named_may_be_forgotten():
    theirs = replace(CAPTURED, reference="other")
    assert asked(SUBMITTED, theirs, begins_at_the_button=True) == Decision(
        forget_checkout=True, look=Look.PACED, stage=Stage.TAKEN
    )
    assert not asked(SUBMITTED, theirs, begins_at_the_button=True, order_is_out=True).forget_checkout


def test_what_is_released_is_let_go_and_never_taken():
    assert asked(SUBMITTED, APPROVED, **RELEASED).order is None
    assert asked(AUTHORIZED, HELD, **RELEASED).order == Operation.VOID
    assert move(asked(AUTHORIZED, VOIDED, **RELEASED)) == ("Canceled", "client_deleted", "void")


def test_what_is_only_held_is_taken_or_let_go():
    """It was to be taken at once. Nothing is over while it is held, and it is asked about until it is not."""
    failed, canceled = (replace(SUBMITTED, status=status) for status in (Status.FAILED, Status.CANCELED))
    for wanted in (SUBMITTED, failed, canceled):
        assert asked(wanted, ONLY_HELD).order == Operation.CAPTURE
    for unwanted in (OLDER, *(replace(one, **RELEASED) for one in (SUBMITTED, canceled))):
        decision = asked(unwanted, ONLY_HELD)
        assert (decision.order, move(decision), decision.stage) == (Operation.VOID, None, Stage.HELD)
    for too_late in (failed, canceled):
        assert asked(too_late, ONLY_HELD, **EXPIRED).order == Operation.VOID
    for known in (OLDER, replace(SUBMITTED, **RELEASED), replace(canceled, **RELEASED)):
        still = asked(known, ONLY_HELD, ordered=Operation.VOID, **EXPIRED)
        assert (still.order, move(still), still.look) == (None, None, Look.PACED)
    late = asked(failed, Refusal("not_permitted"), ordered=Operation.CAPTURE, **EXPIRED)
    assert (late.look_again, move(late)) == (True, None), "it may be held all the same"
    again = asked(failed, Refusal("unknown"), ordered=Operation.CAPTURE, refused="not_permitted", **EXPIRED)
    assert (again.look_again, again.look) == (False, Look.NEVER)
    assert move(asked(SUBMITTED, replace(ONLY_HELD, amount_minor=1))) == ("Pending", "amount_mismatch", None)
    assert move(asked(SUBMITTED, ONLY_HELD, goal_is_full=True)) == ("Canceled", "goal_is_full", None)


def test_an_open_dispute_hides_no_capture_and_loses_nothing():
    assert move(asked(AUTHORIZED, DISPUTED)) == ("Settled", "", "capture")
    assert move(asked(OLDER, DISPUTED)) == ("Settled", "paid_twice", "capture")
    lost = replace(SETTLED, status=Status.REVERSED, lost_minor=2000)
    for known in (SETTLED, lost):
        assert move(asked(known, DISPUTED)) is None
    assert asked(lost, DISPUTED).look == Look.PACED, "who wins is to be heard of"


def test_a_void_or_a_close_that_is_refused_is_asked_about():
    """It may have been taken or approved meanwhile: the next question tells."""
    for order in (Operation.VOID, Operation.CLOSE):
        for known in (replace(AUTHORIZED, **RELEASED), replace(SUBMITTED, status=Status.FAILED, **RELEASED)):
            refused = asked(known, Refusal("already_captured"), Cause.CLIENT, ordered=order)
            assert (move(refused), refused.order, refused.look) == (None, None, Look.PACED)


def test_money_for_a_cancelled_gift_is_booked_once_and_owed():
    canceled = replace(SUBMITTED, status=Status.CANCELED, **RELEASED)
    assert move(asked(canceled, CAPTURED)) == ("Canceled", "unwanted_money", "capture")
    booked = replace(canceled, captured_minor=2000)
    assert (move(asked(booked, CAPTURED)), booked.owes_back(), asked(booked, CAPTURED).look) == (None, True, Look.PACED)
    assert not replace(booked, going_back_minor=2000).owes_back()


def test_an_older_checkout_is_closed_or_let_go():
    assert asked(OLDER, OPEN, can_close=True).order == Operation.CLOSE
    assert asked(OLDER, HELD).order == Operation.VOID
    assert asked(OLDER, APPROVED).order is None


def test_money_in_an_older_checkout_is_booked_and_owed():
    assert move(asked(OLDER, CAPTURED)) == ("Settled", "paid_twice", "capture")
    assert replace(OLDER, captured_minor=2000).owes_back()


def test_a_checkout_is_over_when_nobody_can_pay_in_it():
    """Only then may another one take its place."""
    stages = {told.state: asked(replace(SUBMITTED, status=Status.FAILED), told).stage for told in map(paid, PaymentState)}
    assert stages == {
        "open": "open",
        "approved": "approved",
        "pending": "approved",
        "authorized": "held",
        "captured": "taken",
        "declined": "open",  # the giver may try again in it
        "voided": "over",
        "lapsed": "over",
        "reversed": "taken",
    }
    assert asked(SUBMITTED, Refusal("unknown_checkout")).stage == Stage.OVER
    assert asked(SUBMITTED, Silence()).stage == Stage.OPEN
    assert asked(OLDER, OPEN).stage == asked(OLDER, APPROVED).stage == Stage.OVER


def test_a_chargeback_of_what_goes_back_takes_nothing():
    canceled = replace(SUBMITTED, status=Status.CANCELED, captured_minor=2000, going_back_minor=2000, **RELEASED)
    assert move(asked(canceled, REVERSED)) is None
    assert move(asked(canceled, REVERSED, going_back_minor=500)) == ("Canceled", "chargeback", "reversal"), "stays Canceled"


def test_settled_is_looked_at_for_months():
    assert asked(SETTLED, CAPTURED).look == Look.SLOW
    assert asked(SETTLED, Silence()).look == Look.SLOW
    assert asked(SETTLED, CAPTURED, no_company=True).look == Look.NEVER
    assert asked(SUBMITTED, OPEN).look == Look.PACED
    assert asked(SUBMITTED, NotOpened()).look == Look.WHEN_EXPIRED
    assert asked(SUBMITTED, DECLINED, status=Status.FAILED, **EXPIRED).look == Look.NEVER
    assert asked(SUBMITTED, NotOpened(), status=Status.FAILED).look == Look.NEVER


def test_the_printed_table_is_up_to_date():
    page = (ROOT / "docs" / "decision_table.md").read_text(encoding="utf-8")
    assert page == decision_table.page(), "run: python -m contributions.decision_table"


def test_every_answer_stands_in_the_row_of_its_kind():
    for kind in decision_cases.KINDS:
        for status in Status:
            for known, told, _ in decision_cases.answers(decision_cases.usual(status, Intent.COLLECT), kind):
                assert decision_cases.kind_of(known, told) == kind


def test_rules_and_table_need_no_django():
    names = ("decisions", "entries", "status", "causes", "decision_cases", "decision_table")
    imports = "; ".join(f"import contributions.{name}" for name in names)
    blocked = "import sys; sys.modules['django'] = None; "
    command = [sys.executable, "-c", blocked + imports]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
