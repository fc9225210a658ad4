"""Matchers: each settled gift adds a match of its own until the cap, and what goes back takes its share back."""

from datetime import timedelta

import pytest

import clock
from contributions import matching, refund_outcomes
from contributions.audit import faults_in_the_books
from contributions.causes import Cause
from contributions.models import Contribution, MatchDue, MatchedGift, Refund
from contributions.worker import sync_all_due
from goals.models import Matcher
from tests.conftest import PAYPAL

pytestmark = pytest.mark.django_db

OFFLINE = "<PaymentProvider><ProviderName>Offline</ProviderName></PaymentProvider>"


@pytest.fixture(autouse=True)
def _the_books_are_right():
    yield
    assert list(faults_in_the_books()) == []
    assert not MatchDue.objects.exists()


class Matched:
    """A goal whose gifts are matched."""

    def __init__(self, shop, giver, **goal):
        self.shop, self.giver = shop, giver
        self.goal_id = shop.new_goal(**{"PaymentProviders": PAYPAL + OFFLINE, "GoalAmount": "1000.00"} | goal)

    def matcher(self, name="Acme", percent="", most="100.00"):
        """A matcher's Id."""
        percent = f"<Percent>{percent}</Percent>" if percent else ""
        body = f"<Matcher><Name>{name}</Name>{percent}<MaximumTotal>{most}</MaximumTotal></Matcher>"
        made = self.shop.post(f"/api/SavingGoal/{self.goal_id}/Matchers", body)
        assert made.status == 201, made.text
        return made.value("Id")

    def gives(self, amount, **how):
        """A gift's Id, which came in by hand."""
        return self.shop.new_contribution(self.goal_id, Amount=amount, ProviderName="Offline", **how).value("Id")

    def pays(self, amount):
        """A gift's Id, paid with PayPal."""
        made = self.shop.new_contribution(self.goal_id, Amount=amount, ProviderName="PayPal")
        self.giver.pay(made.value("ProviderURL"))
        return made.value("Id")

    def refunds(self, gift, amount=""):
        body = f"<Refund><Amount>{amount}</Amount></Refund>" if amount else "<Refund/>"
        made = self.shop.post(f"/api/Contribution/{gift}/Refunds", body)
        assert made.status == 201, made.text

    def matches(self, gift):
        """Of this gift, in the order in which they were made: amount, what went back of it, whose it is."""
        found = Contribution.objects.filter(match_of=gift).order_by("pk")
        return [(one.amount_minor, one.refunded_minor, one.contributor) for one in found]

    def goal(self, name):
        return self.shop.get(f"/api/SavingGoal/{self.goal_id}").value(name)

    def total(self, matcher):
        return self.shop.get(f"/api/Matcher/{matcher}").value("MatchedTotal")


@pytest.fixture
def matched(shop, giver):
    return Matched(shop, giver)


def test_a_settled_gift_adds_a_match_of_its_own(matched, shop):
    matcher = matched.matcher(percent="50")
    gift = matched.pays("20.01")
    [match] = shop.get("/api/Contributions?ProviderName=Match").xml.findall("Contribution")
    told = {name: match.findtext(name) for name in ("Amount", "Contributor", "Status", "ProviderName", "MatchOf", "Message")}
    assert told == {
        "Amount": "10.00", "Contributor": "Acme", "Status": "Settled", "ProviderName": "Match", "MatchOf": gift,
        "Message": None,
    }  # fmt: skip
    assert shop.get(f"/api/Contribution/{gift}").value("MatchOf") is None
    assert (matched.goal("CurrentAmount"), matched.goal("MatchedAmount"), matched.total(matcher)) == ("30.01", "10.00", "10.00")
    types = [one.findtext("Type") for one in shop.get("/api/Events").xml.iter("Event")]
    assert types == ["contribution.submitted", "contribution.settled"] * 2


def test_until_the_cap_and_in_the_order_of_the_gifts(matched):
    matcher = matched.matcher(most="25.00")
    gifts = [matched.gives(amount) for amount in ("10.00", "20.00", "5.00")]
    assert [matched.matches(one) for one in gifts] == [[(1000, 0, "Acme")], [(1500, 0, "Acme")], []]
    assert (matched.total(matcher), matched.goal("OfflineAmount")) == ("25.00", "35.00")


def test_a_match_is_not_matched(matched):
    matched.matcher(name="Acme")
    matched.matcher(name="Brown & Co".replace("&", "&amp;"))
    gift = matched.gives("10.00")
    assert sorted(matched.matches(gift)) == [(1000, 0, "Acme"), (1000, 0, "Brown & Co")]
    assert Contribution.objects.count() == 3
    assert matched.goal("CurrentAmount") == "30.00"


def test_what_rounds_down_to_nothing_adds_nothing(matched):
    matched.matcher(percent="9")
    assert matched.matches(matched.gives("0.11")) == []
    assert matched.matches(matched.gives("0.12")) == [(1, 0, "Acme")]


def test_a_refund_takes_its_share_back_and_frees_the_cap(matched, shop):
    matcher = matched.matcher(most="20.00", percent="50")
    gift = matched.pays("30.00")
    matched.refunds(gift, "10.00")
    assert (matched.matches(gift), matched.total(matcher)) == ([(1500, 500, "Acme")], "10.00")
    matched.refunds(gift)
    assert (matched.matches(gift), matched.total(matcher)) == ([(1500, 1500, "Acme")], "0.00")
    assert (matched.goal("CurrentAmount"), matched.goal("MatchedAmount")) == ("0.00", None)
    assert matched.matches(matched.gives("50.00")) == [(2000, 0, "Acme")], "its share is free for others"


def test_a_part_that_the_cap_cut_off_goes_back_last(matched):
    """Of 100.00 only 30.00 was matched: as long as 30.00 of the gift are left, they are."""
    matched.matcher(most="30.00")
    gift = matched.gives("100.00")
    matched.refunds(gift, "50.00")
    assert matched.matches(gift) == [(3000, 0, "Acme")]
    matched.refunds(gift, "30.00")
    assert matched.matches(gift) == [(3000, 1000, "Acme")]


def test_a_refund_undone_brings_its_share_again(matched, shop):
    matched.matcher()
    gift = matched.pays("10.00")
    matched.refunds(gift)
    assert matched.matches(gift) == [(1000, 1000, "Acme")]
    refund = Refund.objects.get(contribution__public_id=gift)
    assert refund_outcomes.undo(refund, "bank_refused", cause=Cause.WEBHOOK)
    sync_all_due()
    assert matched.matches(gift) == [(1000, 1000, "Acme"), (1000, 0, "Acme")]


def test_a_matcher_matches_what_is_settled_while_it_stands(matched, shop):
    before = matched.gives("10.00")
    open_then = shop.new_contribution(matched.goal_id, Amount="7.00", ProviderName="PayPal")
    matcher = matched.matcher()
    matched.giver.pay(open_then.value("ProviderURL"))
    during = matched.gives("5.00")
    assert shop.delete(f"/api/Matcher/{matcher}").status == 204
    after = matched.gives("3.00")
    assert [matched.matches(one) for one in (before, open_then.value("Id"), during, after)] == [
        [], [(700, 0, "Acme")], [(500, 0, "Acme")], [],
    ]  # fmt: skip
    matched.refunds(during)
    assert matched.matches(during) == [(500, 500, "Acme")], "what it has added goes back all the same"
    matched.refunds(before)


def test_a_match_goes_back_with_its_gift_alone(matched, shop):
    matched.matcher()
    gift = matched.gives("10.00")
    match = Contribution.objects.get(match_of=gift).public_id
    refused = shop.post(f"/api/Contribution/{match}/Refunds", "<Refund/>")
    assert (refused.status, refused.value("code"), gift in refused.text) == (409, "cannot_refund", True)
    assert shop.delete(f"/api/Contribution/{match}").status == 409


@pytest.mark.parametrize(
    ("overfunding", "first", "second"),
    [("Allowed", 6000, 4000), ("LastGift", 6000, 0), ("Never", 4000, 0)],
)
def test_a_match_takes_what_the_goal_has_room_for(shop, giver, overfunding, first, second):
    matched = Matched(shop, giver, GoalAmount="100.00", Overfunding=overfunding)
    matched.matcher(most="100.00")
    gift = matched.gives("60.00")
    assert [amount for amount, *_ in matched.matches(gift)] == [first]
    if overfunding == "Allowed":
        assert [amount for amount, *_ in matched.matches(matched.gives("60.00"))] == [second]


def test_a_match_leaves_what_open_checkouts_have_reserved(shop, giver):
    matched = Matched(shop, giver, GoalAmount="100.00", Overfunding="Never")
    matched.matcher()
    shop.new_contribution(matched.goal_id, Amount="30.00", ProviderName="PayPal")
    assert matched.matches(matched.gives("50.00")) == [(2000, 0, "Acme")]


def test_neither_close_nor_the_limits_of_a_gift_keep_it_out(shop, giver):
    matched = Matched(shop, giver, MinimumAmount="10.00", MaximumAmount="40.00")
    matched.matcher(percent="10")
    open_then = shop.new_contribution(matched.goal_id, Amount="20.00", ProviderName="PayPal")
    shop.post(f"/api/SavingGoal/{matched.goal_id}/Close")
    giver.pay(open_then.value("ProviderURL"))
    assert matched.matches(open_then.value("Id")) == [(200, 0, "Acme")]


def test_a_deleted_goal_gets_no_more(matched, shop, monkeypatch):
    matched.matcher()
    monkeypatch.setattr(matching, "follow", lambda gift: None)
    gift = matched.gives("10.00")
    shop.delete(f"/api/SavingGoal/{matched.goal_id}")
    sync_all_due()
    assert matched.matches(gift) == []


def test_what_a_died_process_left_is_made_by_the_worker_once(matched, monkeypatch):
    matched.matcher()
    monkeypatch.setattr(matching, "follow", lambda gift: None)
    gift, other = matched.gives("10.00"), matched.gives("5.00")
    matched.refunds(other, "2.00")
    assert matched.matches(gift) == []
    monkeypatch.undo()
    sync_all_due()
    sync_all_due()
    assert (matched.matches(gift), matched.matches(other)) == ([(1000, 0, "Acme")], [(300, 0, "Acme")])


def test_one_that_goes_wrong_keeps_nobody_waiting(matched, monkeypatch, moved_clock):
    matched.matcher()
    monkeypatch.setattr(matching, "follow", lambda gift: None)
    gifts = [matched.gives("10.00"), matched.gives("5.00")]
    bring, broken = matching._bring_all, Contribution.objects.get(public_id=gifts[0]).pk

    def breaks(due, known):
        if due[0].gift_id == broken:
            raise RuntimeError("it is broken")
        bring(due, known)

    monkeypatch.setattr(matching, "_bring_all", breaks)
    sync_all_due()
    assert [len(matched.matches(one)) for one in gifts] == [0, 1]
    monkeypatch.undo()
    moved_clock(clock.now() + timedelta(minutes=2))
    sync_all_due()
    assert [len(matched.matches(one)) for one in gifts] == [1, 1]


@pytest.mark.parametrize(
    ("forge", "sentence"),
    [
        (
            lambda: MatchedGift.objects.update(matched_minor=900),
            "its matches by {matcher} are 10.00 USD, and 9.00 USD is kept of",
        ),
        (
            lambda: MatchedGift.objects.update(kept_minor=900),
            "its matches by {matcher} rest on 9.00 USD, and 10.00 USD is left",
        ),
        (lambda: Matcher.objects.update(matched_minor=5), "matcher {matcher}: it has added 0.05 USD, its gifts say 10.00"),
        (lambda: Contribution.objects.filter(match_of__isnull=False).update(match_of="nobody"), "is a match of nobody"),
    ],
    ids=["another sum", "another gift", "another cap", "no gift"],
)
def test_the_audit_finds_what_does_not_fit(matched, forge, sentence):
    matcher, rows = matched.matcher(), [Contribution, MatchedGift, Matcher]
    matched.gives("10.00")
    before = [(model, list(model.objects.values())) for model in rows]
    forge()
    assert [fault for fault in faults_in_the_books() if sentence.format(matcher=matcher) in fault]
    for model, values in before:
        for row in values:
            model.objects.filter(pk=row["id"]).update(
                **{name: row[name] for name in row if name.endswith(("_minor", "match_of"))}
            )
