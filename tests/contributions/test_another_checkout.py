"""The giver tries again in another checkout: only one can take money, and what an older one took goes back."""

from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

import leases
from contributions.audit import faults_in_the_books
from contributions.causes import Cause
from contributions.models import Checkout, LedgerEntry, ProviderRequest, Refund
from contributions.sync import sync_checkout
from contributions.worker import sync_all_due
from providers.base import Capability, PaymentState
from providers.sandbox.models import SandboxCheckout, SandboxRefund, SandboxRequest
from tests.at_once import all_at_once
from tests.conftest import Giver, PartnerClient, register
from tests.contributions.conftest import PITY, THANKS, Gift
from tests.troublesome_provider import ProcessDied

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_are_right", "room_for_everybody")]


@pytest.fixture
def tried(gift):
    """A gift that was declined, and whose giver has come to another checkout; `pages` has both."""
    gift.pages = [gift.page()]
    gift.pay("decline", at=gift.pages[0])
    gift.pages.append(gift.page())
    return gift


def at_the_provider(page):
    return SandboxCheckout.objects.filter(checkout_id=page.rpartition("/")[2])


def news_of_the_first(gift):
    """A webhook event about its first checkout."""
    sync_checkout(Checkout.objects.get(contribution=gift.row, number=1), cause=Cause.WEBHOOK)


def events(gift):
    told = gift.shop.get("/api/Events").xml.findall("Event")
    return [one.findtext("Type") for one in told if one.findtext("Contribution/Id") == gift.id]


def entries_of(gift, number):
    """What the books say of one of its checkouts."""
    own = LedgerEntry.objects.filter(contribution=gift.row, checkout_number=number).order_by("pk")
    return list(own.values_list("kind", "collected_delta_minor"))


@pytest.mark.parametrize(("outcome", "event"), [("decline", "failed"), ("cancel", "canceled")])
def test_after_a_no_the_same_gift_is_submitted_anew(gift, provider, outcome, event):
    first, address = gift.page(), gift.provider_url
    assert gift.pay(outcome, at=first) == PITY
    second = gift.page()
    assert second != first
    assert (gift.status, gift.reason, gift.version) == ("Submitted", None, "3")
    assert gift.shop.get(f"/api/Contribution/{gift.id}").value("ProviderURL") == address
    assert gift.page() == second, "another tab leads to the same checkout"
    assert gift.pay("approve", at=second) == THANKS
    assert (gift.status, gift.totals()) == ("Settled", ("20.00", "0.00"))
    told = ["contribution.submitted", f"contribution.{event}", "contribution.submitted", "contribution.settled"]
    assert events(gift) == told
    assert (provider.calls["capture"], len(set(provider.request_ids["open"]))) == (1, 2)
    assert entries_of(gift, 2) == [("capture", 2000)]


@pytest.mark.parametrize("told_by", ["the provider", "the clock"])
def test_a_lapsed_checkout_gives_way_and_nobody_sees_it(shop, giver, provider, moved_clock, told_by):
    provider.lies("open", expires_at=timezone.now() + timedelta(hours=3))
    gift = Gift(shop, giver)
    first = gift.page()
    if told_by == "the provider":
        provider.lies("find", state=PaymentState.LAPSED, times=2)
        sync_all_due(whether_due_or_not=True)
        assert gift.checkout.due_at == gift.row.created_at + timedelta(hours=72), "there is nothing to learn before"
    else:
        moved_clock(timezone.now() + timedelta(hours=4))
    second = gift.page()
    assert second != first
    assert (gift.status, gift.version, events(gift)) == ("Submitted", "1", ["contribution.submitted"])
    assert gift.pay("approve", at=second) == THANKS


def test_it_is_paid_and_held_as_its_goal_wants_it_now(gift, shop):
    """A new attempt goes by the goal's policy and account of its day."""
    gift.pay("decline")
    body = "<CapturePolicy>Manual</CapturePolicy><RecordVersionNumber>1</RecordVersionNumber>"
    assert shop.patch(f"/api/SavingGoal/{gift.goal_id}", f"<SavingGoal>{body}</SavingGoal>").status == 200
    assert gift.pay("approve") == THANKS
    assert (gift.status, gift.totals()) == ("Authorized", ("0.00", "20.00"))
    assert gift.capture().value("Status") == "Settled"


@pytest.mark.django_db(transaction=True)
def test_many_tabs_at_once_open_one_checkout(provider):
    gift = Gift(PartnerClient(register("Shop").api_key), Giver())
    for opened in (2, 3):
        gift.pay("decline", at=gift.page())
        [page] = set(all_at_once(8, lambda _: Giver().checkout(gift.provider_url)))
        assert (provider.calls["open"], gift.status) == (opened, "Submitted")
        assert gift.page() == page
    assert gift.pay("approve", at=page) == THANKS
    stages = Checkout.objects.order_by("number").values_list("number", "stage")
    assert list(stages) == [(1, "over"), (2, "over"), (3, "taken")]


@pytest.mark.django_db(transaction=True)
def test_old_and_new_approvals_at_once_take_it_once(provider):
    """The giver approves in every tab there is, while the worker asks and another tab tries again."""
    shop = PartnerClient(register("Shop").api_key)
    for _ in range(3):
        gift = Gift(shop, Giver())
        first = gift.page()
        gift.pay("decline", at=first)
        backs = [Giver().choose(page, "approve") for page in (first, gift.page())]
        deeds = [
            lambda backs=backs: Giver().visit(backs[0]).status,
            lambda backs=backs: Giver().visit(backs[1]).status,
            lambda: sync_all_due(whether_due_or_not=True),
            lambda gift=gift: Giver().visit(gift.provider_url).status,
        ]
        answers = all_at_once(12, lambda index, deeds=deeds: deeds[index % 4]())
        assert not [answer for answer in answers if isinstance(answer, int) and answer >= 500]
        sync_all_due(whether_due_or_not=True)
        assert gift.status == "Settled"
        assert SandboxRequest.objects.filter(operation="capture", checkout__reference=gift.id).count() == 1


def test_an_old_page_approved_late_leads_on_and_takes_nothing(tried, provider):
    """The Back button: nothing is taken where the giver came from, and they are led to where they can pay."""
    old, new = tried.pages
    assert tried.giver.pay(old, "approve").headers["Location"] == tried.provider_url
    sync_all_due(whether_due_or_not=True)
    assert (tried.status, tried.version, provider.calls["capture"]) == ("Submitted", "3", 0)
    cancel = tried.giver.choose(old, "cancel")
    assert tried.giver.visit(cancel).headers["Location"] == f"{PITY}?Id={tried.id}"
    assert tried.status == "Submitted", "a no in the old page is none to the new one"
    assert tried.pay("approve", at=new) == THANKS
    assert tried.giver.pay(old, "approve").headers["Location"] == f"{THANKS}?Id={tried.id}"
    sync_all_due(whether_due_or_not=True)
    assert (tried.totals(), provider.calls["capture"], provider.calls["refund"]) == (("20.00", "0.00"), 1, 0)


@pytest.mark.parametrize("then", ["", "approve", "decline", "pending", "deleted"])
def test_what_an_older_one_took_by_itself_goes_back(tried, provider, then):
    """At a provider that takes the money by itself: entered as a capture of its own, given back in the books, and no
    refund of the gift's."""
    old, new = tried.pages
    if then == "deleted":
        assert tried.delete().status == 204
    elif then:
        tried.pay(then, at=new)
    before, told, paid = tried.row, events(tried), then in {"approve", "pending"}
    at_the_provider(old).update(state="captured", payment_id="SIM1")
    provider.drops_the_answer("refund")
    news_of_the_first(tried)
    assert entries_of(tried, 1) == [("capture", 2000)]
    sync_all_due(whether_due_or_not=True)
    news_of_the_first(tried)
    assert entries_of(tried, 1) == [("capture", 2000), ("refund", -2000)]
    assert entries_of(tried, 2) == ([("capture", 2000)] if paid else [])
    assert (SandboxRefund.objects.count(), len(set(provider.request_ids["refund"]))) == (1, 1)
    refund = Refund.objects.get()
    assert (refund.checkout_number, refund.amount_minor, refund.status, refund.cause) == (1, 2000, "Completed", "service")
    after = tried.row
    assert (after.refunded_minor, after.refunds_reserved_minor, after.checkout_id) == (0, 0, before.checkout_id)
    assert (after.status, after.goal.collected_minor) == ("Settled" if paid else before.status, 2000 if paid else 0)
    new_ones = ["contribution.settled"] if then == "pending" else []  # and the money that came and went
    assert sorted(events(tried)[len(told) :]) == [*new_ones, "contribution.updated", "contribution.updated"]
    if then == "":
        assert tried.pay("approve", at=new) == THANKS, "the current attempt goes on"
    elif then == "approve":
        assert tried.refund().value("Amount") == "20.00", "what was given can still go back"
        assert tried.status == "Refunded"


def test_an_older_ones_money_that_is_disputed_is_not_paid_twice(tried, provider):
    """Charged back before it could go back; it does when the dispute is won, and only once."""
    old, new = tried.pages
    tried.pay("approve", at=new)
    at_the_provider(old).update(state="captured", payment_id="SIM1")
    provider.refuses("refund", "insufficient_funds")
    news_of_the_first(tried)
    assert tried.totals() == ("40.00", "0.00"), "it is there as long as it could not go back"
    for state in ("reversed", "captured"):
        at_the_provider(old).update(state=state)
        for _ in range(2):
            news_of_the_first(tried)
            assert list(faults_in_the_books()) == []
        assert (tried.status, tried.totals()) == ("Settled", ("20.00", "0.00"))
    assert entries_of(tried, 1) == [("capture", 2000), ("reversal", -2000), ("reversal_won", 2000), ("refund", -2000)]
    assert entries_of(tried, 2) == [("capture", 2000)]


def test_what_an_older_one_holds_is_let_go(provider, shop, giver):
    gift = Gift(shop, giver, CapturePolicy="Manual")
    old = gift.page()
    gift.pay("cancel", at=old)
    assert gift.pay("approve") == THANKS
    at_the_provider(old).update(state="authorized", payment_id="SIM1")
    provider.drops_the_answer("void")
    for _ in range(2):
        sync_all_due(whether_due_or_not=True)
    assert (at_the_provider(old).get().state, provider.calls["void"]) == ("voided", 1)
    assert (gift.status, gift.totals(), entries_of(gift, 1)) == ("Authorized", ("0.00", "20.00"), [])


def test_an_older_one_is_asked_about_until_its_time_is_over(tried, provider, moved_clock):
    old = Checkout.objects.get(number=1)
    assert old.due_at is not None
    moved_clock(timezone.now() + timedelta(hours=73))
    sync_all_due()
    old.refresh_from_db()
    assert (old.due_at, old.stage) == (None, "over")
    assert (tried.status, tried.reason) == ("Failed", "checkout_expired")


@pytest.fixture
def closing(provider):
    provider.capabilities = frozenset({Capability.CLOSES_CHECKOUTS})
    return provider


def test_the_last_one_is_closed_before_another_is_opened(closing, gift, giver):
    """And for as long as it is not known to be closed, none is."""
    first = gift.page()
    closing.drops_the_call("close", times=2)
    gift.pay("cancel", at=first)
    waiting = giver.visit(gift.provider_url)
    assert (waiting.status, waiting.headers["Retry-After"], gift.status) == (503, "5", "Canceled")
    assert closing.calls["open"] == 1
    second = gift.page()
    assert (closing.calls["close"], len(set(closing.request_ids["close"]))) == (3, 1)
    assert at_the_provider(first).get().state == "voided"
    assert gift.pay("approve", at=second) == THANKS


def test_what_such_a_provider_declined_is_over_too(closing, gift):
    """There is nothing to close."""
    first = gift.page()
    gift.pay("decline", at=first)
    second = gift.page()
    assert (second != first, gift.pay("approve", at=second)) == (True, THANKS)


def test_who_pays_while_it_is_being_closed_has_paid(closing, gift, giver):
    first = gift.page()
    closing.drops_the_call("close")
    gift.pay("cancel", at=first)
    closing.meanwhile("close", lambda: at_the_provider(first).update(state="captured", payment_id="SIM1"))
    assert "Already given: thank you" in giver.visit(gift.provider_url).text
    assert (gift.status, gift.totals(), closing.calls["open"]) == ("Settled", ("20.00", "0.00"), 1)


@contextmanager
def dying_at(number):
    """The process dies before its statement of that number, and whoever is dead says nothing more."""
    left = [number]

    def execute(run, sql, params, many, context):
        if not sql.startswith(("SAVEPOINT", "ROLLBACK", "RELEASE")):
            left[0] -= 1
            if left[0] <= 0:
                raise ProcessDied
        return run(sql, params, many, context)

    with connection.execute_wrapper(execute):
        yield left


def test_death_at_any_statement_leaves_what_goes_on(provider, shop, giver, moved_clock):
    """Of opening another checkout. The giver comes back when the lease of the dead is over, pays, and has paid once."""
    now, first = timezone.now(), Gift(shop, giver)
    for number in range(1, 200):
        moved_clock(now)
        Checkout.objects.update(due_at=None)  # the earlier ones are done with
        gift = Gift(shop, giver, first.goal_id)
        gift.pay("decline")
        with dying_at(number) as left, suppress(ProcessDied):
            giver.checkout(gift.provider_url)
        assert gift.status in {"Failed", "Submitted"}
        now += timedelta(seconds=leases.LEASE_SECONDS + 1)
        moved_clock(now)
        sync_all_due(whether_due_or_not=True)
        assert gift.pay("approve") == THANKS
        assert gift.status == "Settled"
        assert SandboxRequest.objects.filter(operation="capture", checkout__reference=gift.id).count() == 1
        assert not ProviderRequest.objects.filter(contribution=gift.row, operation="capture", outcome="unknown").exists()
        if left[0] > 0:
            break
    assert 20 < number < 199, "every statement has had its turn"
