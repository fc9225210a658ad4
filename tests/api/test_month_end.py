"""A month's end: what the files of gifts and of refunds add up to is what the ledger has of that time, to the cent."""

import csv
import io
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db.models import Sum

import clock
from contributions.audit import faults_in_the_books
from contributions.causes import Cause
from contributions.models import Contribution, LedgerEntry, Refund
from contributions.refund_outcomes import undo
from contributions.sync import sync
from goals.models import SavingGoal
from money import decimals_of
from providers.base import PaymentState
from providers.sandbox.models import SandboxCheckout
from tests.conftest import PartnerClient
from tests.contributions.conftest import Gift, provider  # noqa: F401 - fixture

pytestmark = pytest.mark.django_db

AMOUNTS = {"USD": "20.00", "EUR": "19.99", "JPY": "3000", "KWD": "5.125"}
PARTS = {"USD": "5.01", "EUR": "0.01", "JPY": "1", "KWD": "0.005"}


def day(month, number, hour=12):
    return datetime(2026, month, number, hour, tzinfo=UTC)


@dataclass
class Paid:
    """A gift, to its partner."""

    shop: PartnerClient
    id: str
    goal_id: str

    def refund(self, amount=""):
        inner = f"<Amount>{amount}</Amount>" if amount else ""
        return self.shop.post(f"/api/Contribution/{self.id}/Refunds", f"<Refund>{inner}</Refund>")

    @property
    def row(self):
        return Contribution.objects.whole().get(public_id=self.id)


class Month:
    """November's people: gifts in each currency, the events of a month, and what the partner downloads at its end."""

    def __init__(self, shop, giver, provider, moved_clock):  # noqa: F811 - the fixture
        self.shop, self.giver, self.provider, self.at = shop, giver, provider, moved_clock

    def gift(self, currency, *, paid):
        """A gift to a goal of its own that is paid at this moment, an hour after it was made."""
        self.at(paid - timedelta(hours=1))
        goal_id = self.shop.new_goal(Currency=currency, GoalAmount=AMOUNTS[currency])
        made = self.shop.new_contribution(goal_id, Amount=AMOUNTS[currency])
        self.at(paid)
        assert self.giver.pay(made.value("ProviderURL")).status == 303
        return Paid(self.shop, made.value("Id"), goal_id)

    def rows(self, path):
        answer = self.shop.get(path, Accept="text/csv")
        assert answer.status == 200, answer.text
        return list(csv.DictReader(io.StringIO(answer.text, newline="")))

    def taken_less_given_back(self, window):
        """As docs/guide/lists.md says: by currency, in decimals."""
        sums = Counter()
        for row in self.rows(f"/api/Contributions?{window}"):
            sums[row["Currency"]] += Decimal(row["SettledAmount"]) - Decimal(row["ReversedAmount"])
        for row in self.rows(f"/api/Refunds?{window}"):
            sums[row["Currency"]] -= Decimal(row["Amount"])
        return dict(sums)

    def all_in_one_request(self):
        """The same of all gifts ever, from the one file."""
        sums = Counter()
        for row in self.rows("/api/Contributions?SettledTo=9999-12-31"):
            back = Decimal(row["RefundedAmount"]) + Decimal(row["ReversedAmount"])
            sums[row["Currency"]] += Decimal(row["SettledAmount"]) - back
        return dict(sums)


@pytest.fixture
def month(shop, giver, provider, moved_clock):  # noqa: F811 - the fixture
    return Month(shop, giver, provider, moved_clock)


def in_the_ledger(since, until):
    """By currency, in decimals: what is the partner's of the entries of this time."""
    entries = LedgerEntry.objects.filter(at__gte=since, at__lt=until).values("currency")
    sums = entries.annotate(sum=Sum("collected_delta_minor")).values_list("currency", "sum")
    return {currency: Decimal(minor).scaleb(-decimals_of(currency)) for currency, minor in sums}


def a_year_of_gifts(month):
    """In four currencies: paid in three months and at the edges of one; given back in part and whole, in this month and in
    the next; goals deleted; gifts that came to nothing."""
    for currency, part in PARTS.items():
        october = month.gift(currency, paid=day(10, 31, 23))
        first = month.gift(currency, paid=datetime(2026, 11, 1, tzinfo=UTC))
        middle = month.gift(currency, paid=day(11, 15))
        last = month.gift(currency, paid=datetime(2026, 11, 30, 23, 59, 59, 999999, tzinfo=UTC))
        month.at(day(11, 20))
        assert october.refund(part).status == first.refund(part).status == 201
        assert middle.refund().value("Status") == "Completed"
        assert month.shop.delete(f"/api/SavingGoal/{first.goal_id}").status == 204
        assert month.shop.delete(f"/api/Contribution/{middle.id}").status == 204
        month.at(datetime(2026, 12, 1, tzinfo=UTC))
        assert last.refund(part).status == 201
        december = month.gift(currency, paid=day(12, 2))
        assert december.refund(part).status == 201
        month.shop.new_contribution(december.goal_id, Amount=part)  # which nobody pays


WINDOWS = {
    "SettledFrom=2026-10-01&SettledTo=2026-10-31": (day(10, 1, 0), day(11, 1, 0)),
    "SettledFrom=2026-11-01&SettledTo=2026-11-30": (day(11, 1, 0), day(12, 1, 0)),
    "SettledFrom=2026-11-01T00:00:00Z&SettledTo=2026-12-01T00:00:00Z": (day(11, 1, 0), day(12, 1, 0)),
    "SettledFrom=2026-12-01": (day(12, 1, 0), day(12, 31, 0)),
}


def test_a_months_files_add_up_to_its_ledger(month):
    """By SettledFrom and SettledTo, gifts less refunds, in four currencies; and all months to what `audit` proves."""
    a_year_of_gifts(month)
    assert list(faults_in_the_books()) == []
    for window, (since, until) in WINDOWS.items():
        ledger = in_the_ledger(since, until)
        assert set(ledger) == set(AMOUNTS), "each currency has moved"
        assert month.taken_less_given_back(window) == ledger, window
    november = month.taken_less_given_back("SettledFrom=2026-11-01&SettledTo=2026-11-30")
    assert november["USD"] == Decimal("60.00") - 2 * Decimal("5.01") - 20


def test_one_file_of_all_gifts_adds_up_to_what_audit_proves(month):
    """In one request: everything taken, less what went back, is CurrentAmount less StartingAmount of all goals ever."""
    a_year_of_gifts(month)
    goals = SavingGoal.objects.values("currency").annotate(sum=Sum("collected_minor")).values_list("currency", "sum")
    proven = {currency: Decimal(minor).scaleb(-decimals_of(currency)) for currency, minor in goals}
    assert month.all_in_one_request() == proven == in_the_ledger(day(1, 1), day(12, 31))


def told(month, gift, **of_the_payment):
    month.provider.lies("find", 3, **of_the_payment)
    sync(gift.row, cause=Cause.WEBHOOK)
    month.provider._trouble.pop("find", None)


def test_a_providers_correction_changes_the_row_it_corrects(month):
    """A part taken later, a dispute, a refund that failed after all: the row says what is true now, under its first date."""
    disputed = month.gift("USD", paid=day(11, 2))
    refunded = month.gift("EUR", paid=day(11, 2))
    november = "SettledFrom=2026-11-01&SettledTo=2026-11-30"
    assert refunded.refund(PARTS["EUR"]).status == 201
    assert month.taken_less_given_back(november) == in_the_ledger(day(11, 1), day(12, 1, 0))
    month.at(day(12, 5))
    told(month, disputed, state=PaymentState.REVERSED, lost_minor=700)
    assert disputed.row.reversed_minor == 700
    assert undo(Refund.objects.get(), "refund_failed", cause=Cause.WEBHOOK)
    assert month.taken_less_given_back(november) == {"USD": Decimal("13.00"), "EUR": Decimal("19.99")}
    assert month.taken_less_given_back("SettledFrom=2026-12-01") == {}
    assert month.taken_less_given_back("SettledTo=2026-12-31") == in_the_ledger(day(11, 1), day(12, 31))


def test_money_for_what_was_cancelled_is_in_both_files(month, giver):
    """Deleted by the client while the money was on its way: taken in November, and given back by us in December."""
    gift = Gift(month.shop, giver)
    gift.page()
    assert gift.delete().status == 204
    month.at(day(11, 3))
    SandboxCheckout.objects.update(state="captured")
    month.provider.refuses("refund", "not_now")
    gift.report()
    month.at(day(12, 1, 0))
    while Refund.objects.filter(status="Pending").exists() or gift.row.left_minor:
        month.at(clock.now() + timedelta(days=1))
        gift.report()
    assert gift.entries() == ["capture", "refund"]
    november, december = (day(11, 1), day(12, 1, 0)), (day(12, 1, 0), day(12, 31, 0))
    assert month.taken_less_given_back("SettledTo=2026-11-30") == in_the_ledger(*november) == {"USD": 20}
    assert month.taken_less_given_back("SettledFrom=2026-12-01") == in_the_ledger(*december) == {"USD": -20}
    assert month.all_in_one_request() == {"USD": 0}
