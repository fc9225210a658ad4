"""Lists across goals: /api/Contributions and /api/Refunds, their filters and their pages; and a contribution's History."""

from datetime import UTC, datetime, timedelta

import pytest

import clock
from contributions.causes import Cause
from contributions.models import Refund
from contributions.refund_outcomes import undo
from tests.api.test_paging import follow, ids
from tests.conftest import Giver, PartnerClient, register
from tests.contributions.conftest import Gift, in_place_of_every_provider, provider  # noqa: F401 - fixture
from tests.troublesome_provider import TroublesomeProvider
from tests.xml_schemas.answers import in_both_formats

pytestmark = pytest.mark.django_db

STRIPE = "<PaymentProvider><ProviderName>Stripe</ProviderName><Credentials>acct_1</Credentials></PaymentProvider>"


def day(number, hour=12):
    return datetime(2026, 11, number, hour, tzinfo=UTC)


@pytest.fixture(scope="module")
def shop(module_db):
    with module_db():
        return PartnerClient(register("Anna's Shop").api_key)


@pytest.fixture(scope="module")
def rival(module_db):
    with module_db():
        return PartnerClient(register("Rival Shop").api_key)


@pytest.fixture(scope="module")
def gifts(module_db, shop, rival):
    """Five gifts to two goals, made at noon of 1 to 5 November; the first four paid a day later, the second given back in part
    on the 7th. A rival has one of the same names."""
    with module_db(), in_place_of_every_provider(TroublesomeProvider()):
        made = make_gifts(shop, rival, lambda moment: clock.use(lambda: moment))
        clock.use(None)
        return made


def make_gifts(shop, rival, moved_clock):
    giver = Giver()
    goals = [shop.new_goal(ExternalItemId="bike-7"), shop.new_goal(ExternalItemId="boat-8", PaymentProviders=STRIPE)]
    made = []
    for number in range(1, 6):
        moved_clock(day(number))
        gift = shop.new_contribution(goals[number % 2], Reference=f"order-{number}")
        made.append(gift.value("Id"))
        moved_clock(day(number + 1))
        if number < 5:
            giver.pay(gift.value("ProviderURL"))
    moved_clock(day(7))
    assert shop.post(f"/api/Contribution/{made[1]}/Refunds", "<Refund><Amount>5.00</Amount></Refund>").status == 201
    rival.new_contribution(rival.new_goal(ExternalItemId="bike-7"), Reference="order-1")
    return made


def found(shop, path, made):
    """The numbers of the gifts on this list, valid in both formats."""
    return [made.index(one) + 1 for one in ids(in_both_formats(shop, path))]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", [5, 4, 3, 2, 1]), ("Status=Settled", [4, 3, 2, 1]), ("status=Submitted", [5]), ("Status=Reversed", []),
        ("Reference=order-3", [3]), ("Reference=%20order-3", [3]), ("Reference=order", []),
        ("ExternalItemId=bike-7", [4, 2]), ("ExternalItemId=boat-8&Status=Settled", [3, 1]),
        ("ProviderName=stripe", [5, 3, 1]), ("ProviderName=PayPal", [4, 2]), ("ProviderName=Amazon", []),
        ("From=2026-11-03", [5, 4, 3]), ("To=2026-11-03", [3, 2, 1]), ("From=2026-11-03&To=2026-11-03", [3]),
        ("From=2026-11-03T12:00:00Z&To=2026-11-04T12:00:00Z", [3]), ("To=2026-11-03T12:00:00.000001Z", [3, 2, 1]),
        ("From=2026-11-03T12:00:01Z", [5, 4]), ("From=2026-11-03T14:00:00%2B02:00", [5, 4, 3]),
        ("To=2026-11-02%2B13:00", [1]), ("To=2026-11-02-13:00", [3, 2, 1]), ("From=2026-11-03-12:00", [5, 4, 3]),
        ("SettledFrom=2026-11-03", [4, 3, 2]), ("SettledTo=2026-11-03", [2, 1]), ("SettledFrom=0001-01-01", [4, 3, 2, 1]),
        ("From=2026-11-02&SettledTo=2026-11-04", [3, 2]), ("To=9999-12-31", [5, 4, 3, 2, 1]),
    ],
)  # fmt: skip
def test_gifts_across_goals_are_found_by_each_filter(shop, gifts, query, numbers):
    """`From` is the first moment that counts; a `To` that is a day counts whole, one that is a moment does not count."""
    assert found(shop, f"/api/Contributions?{query}", gifts) == numbers


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("", 1), ("Status=Completed", 1), ("Status=Pending", 0), ("Reference=order-2", 1), ("Reference=order-3", 0),
        ("ExternalItemId=bike-7", 1), ("ExternalItemId=boat-8", 0), ("ProviderName=PAYPAL", 1), ("ProviderName=Stripe", 0),
        ("From=2026-11-07&To=2026-11-07", 1), ("To=2026-11-06", 0), ("SettledFrom=2026-11-07", 1), ("SettledTo=2026-11-06", 0),
    ],
)  # fmt: skip
def test_refunds_across_goals_are_found_by_each_filter(shop, gifts, query, number):
    """The filters of the gift, and the dates of the refund."""
    refunds = in_both_formats(shop, f"/api/Refunds?{query}")
    assert [one.findtext("ContributionId") for one in refunds.xml] == [gifts[1]] * number


@pytest.mark.parametrize("path", ["/api/Contributions", "/api/Refunds"])
@pytest.mark.parametrize(
    "query",
    [
        "Status=settled", "Status=", "Status=Settled,Failed", "Reference=", "ExternalItemId=", f"Reference={'x' * 256}",
        "ProviderName=Klarna", "ProviderName=", "From=yesterday", "From=", "To=2026-02-30", "SettledFrom=2026-11",
        "SettledTo=1793448000",
        "From=2026-11-03&To=2026-11-02", "SettledFrom=2026-11-03T00:00:00Z&SettledTo=2026-11-02T23:59:59Z",
        "Contributor=Bob", "Status=Settled&Status=Failed", "from=2026-11-01&From=2026-11-02", "limit=0", "after=x", "wait=3",
        "Reference=%00",
    ],
)  # fmt: skip
def test_a_filter_that_cannot_be_used_is_refused(shop, path, query):
    for more in ("", "&format=csv"):
        refused = shop.get(f"{path}?{query}{more}")
        assert (refused.status, refused.value("code")) == (400, "invalid_argument"), refused.text


def test_each_lists_statuses_are_its_own(shop):
    assert shop.get("/api/Contributions?Status=Completed").status == shop.get("/api/Refunds?Status=Settled").status == 400


def test_what_was_repaired_in_a_date_is_told(shop, gifts):
    """A `+` that was not encoded arrives as a blank; a moment without an offset is taken as UTC, as in EndDate."""
    answer = shop.get("/api/Contributions?From=2026-11-03T14:00:00+02:00")
    assert len(ids(answer)) == 3
    assert answer.headers["Notice"] == "From has a blank before its offset; it was read as +: write + as %2B in a query."
    answer = shop.get("/api/Contributions?SettledTo=2026-11-03T12:00:01")
    assert (len(ids(answer)), answer.headers["Notice"]) == (
        2,
        "SettledTo has no offset; it was taken as UTC: write 2026-11-03T12:00:01Z.",
    )


@pytest.mark.parametrize("path", ["/api/Contributions", "/api/Refunds", "/api/Contributions?format=csv"])
def test_handling_strict_refuses_to_repair_arguments(shop, path):
    address = f"{path}{'&' if '?' in path else '?'}"
    for argument, sentence in (
        ("From=2026-11-27T00:00:00", "From has no offset: write 2026-11-27T00:00:00Z."),
        ("SettledTo=2026-11-03T14:00:00+02:00", "SettledTo has a blank before its offset: write + as %2B in a query."),
    ):
        assert "Notice" in shop.get(address + argument).headers
        refused = shop.get(address + argument, Prefer="handling=strict")
        assert (refused.status, refused.value("code"), refused.value("detail")) == (400, "invalid_argument", sentence)
        assert (refused.headers["Preference-Applied"], "Notice" in refused.headers) == ("handling=strict", False)
    right = shop.get(f"{address}From=2026-11-27", Prefer="handling=strict")
    assert (right.status, right.headers["Preference-Applied"]) == (200, "handling=strict")


def test_pages_across_goals_take_their_filters_along(shop, gifts):
    pages = list(follow(shop, "/api/Contributions?Status=Settled&limit=3&SettledFrom=2026-11-01T00:00:00%2B01:00"))
    assert [[gifts.index(one) + 1 for one in ids(page)] for page in pages] == [[4, 3, 2], [1]]


def test_after_names_only_ones_own(shop, rival, gifts):
    theirs = ids(rival.get("/api/Contributions"))
    assert len(theirs) == 1
    assert shop.get(f"/api/Contributions?after={theirs[0]}").status == 400
    assert ids(rival.get("/api/Refunds")) == []


def test_what_money_was_taken_of_stays_in_the_list(shop, gifts):
    """A deleted goal's gifts can still be read, so they are listed; of deleted gifts those of which money was taken."""
    goal = shop.get(f"/api/Contribution/{gifts[4]}").value("SavingGoalId")
    assert shop.delete(f"/api/SavingGoal/{goal}").status == 204
    assert found(shop, "/api/Contributions?ExternalItemId=boat-8", gifts) == [5, 3, 1]
    assert shop.delete(f"/api/Contribution/{gifts[4]}").status == 204
    assert shop.post(f"/api/Contribution/{gifts[0]}/Refunds", "<Refund/>").status == 201
    assert shop.delete(f"/api/Contribution/{gifts[0]}").status == 204
    assert shop.get(f"/api/Contribution/{gifts[0]}").status == 404
    assert found(shop, "/api/Contributions?ExternalItemId=boat-8", gifts) == [3, 1]
    assert found(shop, f"/api/Contributions?after={gifts[4]}&limit=2", gifts) == [4, 3]


def test_a_refund_of_what_was_paid_twice_is_not_listed(shop, gifts):
    """What an older checkout took was never the partner's: it is in none of the gift's sums either."""
    (refund,) = Refund.objects.all()
    older = Refund.objects.create(
        public_id="paidtwice", contribution=refund.contribution, partner=refund.partner, checkout_number=7, amount_minor=1,
        cause="service", created_at=refund.created_at,
    )  # fmt: skip
    assert ids(shop.get("/api/Refunds")) == [refund.public_id]
    assert older.public_id not in shop.get("/api/Refunds?format=csv").text


# --- History ----------------------------------------------------------------------------------------------------------


def test_history_tells_each_version_when_status_and_reason(shop, gifts):
    history = in_both_formats(shop, f"/api/Contribution/{gifts[1]}/History")
    events = {one.findtext("Contribution/RecordVersionNumber"): one.findtext("Id")
              for one in shop.get("/api/Events?limit=100").xml if one.findtext("Contribution/Id") == gifts[1]}  # fmt: skip
    told = [{element.tag: element.text for element in change} for change in history.xml]
    settled, refunded = {"FromStatus": "Submitted"}, {"FromStatus": "Settled", "StatusReason": "partly_refunded"}
    assert told == [
        {"RecordVersionNumber": "1", "Date": "2026-11-02T12:00:00Z", "Status": "Submitted", "EventId": events["1"]},
        {"RecordVersionNumber": "2", "Date": "2026-11-03T12:00:00Z", "Status": "Settled", "EventId": events["2"]} | settled,
        {"RecordVersionNumber": "3", "Date": "2026-11-07T12:00:00Z", "Status": "Settled", "EventId": events["3"]} | refunded,
    ]
    assert shop.get(f"/api/Contribution/{gifts[1]}").value("RecordVersionNumber") == "3"


def test_history_is_its_owners(shop, rival, gifts):
    path = f"/api/Contribution/{gifts[4]}/History"
    assert rival.get(path).status == 403
    assert shop.get(f"{path}?limit=1").status == 400, "it comes whole"
    assert shop.delete(f"/api/Contribution/{gifts[4]}").status == 204
    assert shop.get(path).status == 404


def test_a_refund_that_is_undone_loses_its_date(giver, provider):  # noqa: F811 - the fixture
    shop = PartnerClient(register("Other Shop").api_key)
    gift = Gift(shop, giver)
    gift.pay("approve")
    assert gift.refund("5.00").status == 201
    refund = Refund.objects.get(contribution=gift.row)
    assert refund.settled_at == refund.ledger_entries.get().at
    assert undo(refund, "refund_failed", cause=Cause.WEBHOOK)
    refund.refresh_from_db()
    assert (refund.status, refund.settled_at) == ("Failed", None)
    window = f"SettledTo={(datetime.now(UTC) + timedelta(days=1)).date()}"
    assert ids(shop.get(f"/api/Refunds?{window}")) == []
