"""An existing site brings its goals and what it has collected: all faults at once and nothing stored, or all of it, once."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from contributions.audit import faults_in_the_books
from contributions.models import Contribution, ImportedLine, LedgerEntry
from goals.models import PaymentAccount, SavingGoal
from moving_in import importing
from moving_in.importing import Import
from partners.models import AuditEntry
from tests.conftest import PartnerClient, register

pytestmark = pytest.mark.django_db

GOALS = """\
ExternalItemId,Name,Currency,StartingAmount,GoalAmount,EndDate,ProviderName,Credentials
bike-1,"A bicycle, red",EUR,10.00,250.00,2099-12-31,PayPal,anna@example.org
boat-2,A boat,JPY,,5000,,Offline,
"""
GIFTS = """\
ExternalItemId,Reference,Amount,Contributor,Message,Date
bike-1,old-1,20.00,Uncle Bob,"Ride well,
and far",2024-03-01
bike-1,old-2,5.50,Anonymous,,2024-03-02T10:00:00Z
boat-2,old-3,700,Aunt Eve,,2025-01-01
"""


class Site:
    """A partner in test that moves in."""

    def __init__(self, path):
        new = register("Old Site")
        self.partner, self.shop, self.path = new.partner, PartnerClient(new.api_key), path

    def brings(self, what, text, *options):
        """(what was printed, the sentence it ended in; empty where it went well)"""
        self.path.write_bytes(text if isinstance(text, bytes) else text.encode())
        out = io.StringIO()
        try:
            call_command(f"import_{what}", str(self.path), "--partner", "Old Site", "--test", *options, stdout=out)
        except CommandError as error:
            return out.getvalue().splitlines(), str(error)
        return out.getvalue().splitlines(), ""


@pytest.fixture
def site(db, tmp_path):
    yield Site(tmp_path / "file.csv")
    assert list(faults_in_the_books()) == []


def test_goals_come_in_as_the_api_would_make_them(site):
    assert site.brings("goals", GOALS) == (["2 goals were imported, 0 were there."], "")
    bike, boat = SavingGoal.objects.order_by("pk")
    told = site.shop.get(f"/api/SavingGoal/{bike.public_id}")
    values = {name: told.value(name) for name in ("Name", "Currency", "CurrentAmount", "GoalAmount", "EndDate", "Test")}
    assert values == {
        "Name": "A bicycle, red", "Currency": "EUR", "CurrentAmount": "10.00", "GoalAmount": "250.00",
        "EndDate": "2099-12-31", "Test": "true",
    }  # fmt: skip
    assert PaymentAccount.objects.get(goal=bike).credentials == "anna@example.org"
    assert (boat.currency, boat.starting_minor, boat.goal_minor) == ("JPY", 0, 5000)
    row = AuditEntry.objects.get(action="partner.goals_imported")
    assert (row.partner_id, list(row.after)) == (site.partner.pk, ["sha256"])


def test_gifts_come_in_as_offline_with_their_own_date(site):
    site.brings("goals", GOALS)
    assert site.brings("gifts", GIFTS) == (["3 gifts were imported, 0 were there."], "")
    gift = site.shop.get("/api/Contributions?Reference=old-1").xml.find("Contribution")
    names = ("Amount", "Contributor", "Message", "Status", "ProviderName", "Date", "SettledDate")
    assert [gift.findtext(name) for name in names] == [
        "20.00", "Uncle Bob", "Ride well,\nand far", "Settled", "Offline", "2024-03-01T00:00:00Z", "2024-03-01T00:00:00Z",
    ]  # fmt: skip
    goal = site.shop.get(f"/api/SavingGoal/{gift.findtext('SavingGoalId')}")
    assert (goal.value("CurrentAmount"), goal.value("OfflineAmount")) == ("35.50", "25.50")
    assert [one.text for one in goal.xml.iter("ProviderName")][:1] == ["Offline"], "of its newest gift"
    assert goal.xml.findtext("PaymentProviders/PaymentProvider/ProviderName") == "PayPal", "which alone is offered"
    told = site.shop.get("/api/Events").xml.findall("Event")
    assert [one.findtext("Type") for one in told] == ["contribution.submitted", "contribution.settled"] * 3
    assert all((one.findtext("Date") or "") > "2025-06" for one in told), "the feed is in the order in which it was told"
    assert LedgerEntry.objects.order_by("pk")[1].at.isoformat() == "2024-03-02T10:00:00+00:00"
    assert AuditEntry.objects.filter(action="partner.gifts_imported").count() == 1


@pytest.mark.parametrize(("what", "text"), [("goals", GOALS), ("gifts", GIFTS)])
def test_the_same_file_twice_counts_once(site, what, text):
    site.brings("goals", GOALS)
    if what == "gifts":
        site.brings("gifts", GIFTS)
    before = (SavingGoal.objects.count(), Contribution.objects.count())
    number = len(text.strip().splitlines()) - 1 - text.count('far"')
    assert site.brings(what, text) == ([f"0 {what} were imported, {number} were there."], "")
    assert (SavingGoal.objects.count(), Contribution.objects.count()) == before


def test_what_was_changed_or_erased_since_still_counts_once(site):
    """A goal that was edited, one that was deleted, a gift that was refunded, one whose giver was erased."""
    site.brings("goals", GOALS)
    site.brings("gifts", GIFTS)
    bike, boat = SavingGoal.objects.order_by("pk")
    refunded, erased, _ = Contribution.objects.order_by("pk")
    site.shop.patch(f"/api/SavingGoal/{bike.public_id}", "<SavingGoal><Name>New</Name></SavingGoal>", If_Match="*")
    site.shop.delete(f"/api/SavingGoal/{boat.public_id}")
    site.shop.post(f"/api/Contribution/{refunded.public_id}/Refunds", "<Refund/>")
    call_command("erase", erased.public_id, "--keep-file", stdout=io.StringIO())
    assert site.brings("goals", GOALS) == (["0 goals were imported, 2 were there."], "")
    assert site.brings("gifts", GIFTS) == (["0 gifts were imported, 3 were there."], "")
    assert site.brings("gifts", GIFTS.replace("Anonymous", "Somebody"))[1] == "", "nobody can tell what an erased line said"
    assert not ImportedLine.objects.filter(about=erased.public_id).exclude(line_digest="").exists()


def test_every_fault_is_told_at_once_and_nothing_is_stored(site):
    told, end = site.brings(
        "goals",
        """\
ExternalItemId,Name,Currency,StartingAmount,GoalAmount,EndDate,ProviderName,Credentials
a,,USD,,100.00,,PayPal,anna@example.org
b,B,USD,-5,1.234,31.12.2099,Pay,anna@example.org
c,C,USD,,100.00,,Stripe,no account
d,D,USD,,100.00,,Offline,somebody
e,E,USD,,100.00
a,A,USD,,100.00,,PayPal,anna@example.org
,F,USD,,100.00,,PayPal,anna@example.org
g,G,XXX,,100.00,2030-01-01T10:00:00,Match,
""",
    )
    assert told == [
        "line 2: Name is missing: it is required here.",
        "line 3: StartingAmount must be a plain decimal such as 100.00: digits and at most one point.",
        "line 3: GoalAmount must have at most 2 digits after the point in USD.",
        "line 3: EndDate must be a day such as 2027-06-30 or a moment with its offset such as 2027-06-30T18:00:00+02:00.",
        "line 3: ProviderName must be one of PayPal, Amazon, Google, Stripe, Offline, Certificate.",
        "line 5: Credentials must be left out for Offline: nobody is paid through this service there.",
        "line 6: it has 5 cells, and the header 8: put quotation marks round a cell with a comma, a semicolon or a line end in "
        "it",
        "line 7: ExternalItemId 'a' stands in line 2 already: each may stand there once.",
        "line 8: ExternalItemId is missing: it is required here.",
        "line 9: Currency must be the three-letter code of an active ISO 4217 currency, such as USD, EUR or JPY.",
        "line 9: EndDate has no offset: write 2030-01-01T10:00:00Z.",
        "line 9: ProviderName cannot be Match: such gifts are made by the service alone, for a goal's Matchers.",
    ]
    assert end == "12 faults. Nothing was imported."
    assert (SavingGoal.objects.count(), ImportedLine.objects.count()) == (0, 0)
    assert not AuditEntry.objects.filter(action__contains="imported").exists()


def test_a_line_that_cannot_be_read_hides_no_other_fault(site):
    told, end = site.brings(
        "goals",
        b"""\
ExternalItemId,Name,Currency,GoalAmount,ProviderName
a,,USD,100.00,Offline
b,"B"x,USD,100.00,Offline
c,,USD,100.00,Offline
d,"D
\xe9",USD,100.00,Offline
e,,USD,100.00,Offline
f,"F,USD,100.00,Offline
""",
    )
    assert told == [
        "line 2: Name is missing: it is required here.",
        "line 3: it cannot be read (',' expected after '\"'): a quotation mark within a cell is written twice",
        "line 4: Name is missing: it is required here.",
        "line 5: the file must be UTF-8; save it as CSV UTF-8",
        "line 7: Name is missing: it is required here.",
        "line 8: a cell begins with a quotation mark and has none at its end",
    ]
    assert end == "6 faults. Nothing was imported."
    assert SavingGoal.objects.count() == 0


def test_a_cell_without_an_end_is_told_by_its_line(site):
    told, _ = site.brings("goals", GOALS.replace("A boat", "") + f"c,{'x' * 30_000}")
    assert told == [
        "line 3: Name is missing: it is required here.",
        "line 4: a cell has more than 20000 characters: a quotation mark may be missing at its end",
    ]


def test_every_fault_of_gifts_is_told(site):
    site.brings("goals", GOALS)
    site.shop.new_goal(ExternalItemId="twice")
    site.shop.new_goal(ExternalItemId="twice")
    site.shop.new_contribution(SavingGoal.objects.first().public_id, Reference="taken", ProviderName="PayPal")
    told, end = site.brings(
        "gifts",
        """\
ExternalItemId,Reference,Amount,Contributor,Message,Date
nowhere,1,5.00,Bob,,2024-01-01
twice,2,5.00,Bob,,2024-01-01
bike-1,taken,5.00,Bob,,2024-01-01
bike-1,4,"5,00",,,2024-01-01
bike-1,5,5.00,Bob,,
bike-1,6,5.00,Bob,,2999-01-01
bike-1,7,5.00,4111 1111 1111 1111,,2024-01-01
boat-2,8,5.00,Bob,,01.02.2024
""",
    )
    assert [line.split(": ", 1)[0] for line in told] == [
        "line 2", "line 3", "line 4", "line 5", "line 5", "line 6", "line 7", "line 8", "line 9", "line 9",
    ]  # fmt: skip
    assert "import the goals first" in told[0]
    assert "several goals have the ExternalItemId 'twice'" in told[1]
    assert "was not imported" in told[2]
    assert "card number" in told[7]
    assert end == "10 faults. Nothing was imported."
    assert Contribution.objects.count() == 1


def test_a_changed_line_is_a_fault_that_says_so(site):
    site.brings("goals", GOALS)
    site.brings("gifts", GIFTS)
    [line], end = site.brings("gifts", GIFTS.replace("5.50", "6.50"))
    gift = Contribution.objects.get(reference="old-2").public_id
    assert line.startswith("line 4: Reference 'old-2' was imported before, and the line said something else then.")
    assert gift in line
    assert end == "1 faults. Nothing was imported."


def test_a_dry_run_stores_nothing(site):
    assert site.brings("goals", GOALS, "--dry-run")[0] == ["2 goals would be imported, 0 are there. Nothing was changed."]
    assert (SavingGoal.objects.count(), ImportedLine.objects.count()) == (0, 0)


def test_what_a_killed_import_has_stored_is_not_stored_again(site, monkeypatch):
    monkeypatch.setattr(importing, "STORED_AT_ONCE", 1)
    site.brings("goals", GOALS)
    stores, number = Import._store, iter(range(10))

    def dies(job, lines, *, is_first):
        if next(number) == 2:
            raise KeyboardInterrupt
        return stores(job, lines, is_first=is_first)

    monkeypatch.setattr(Import, "_store", dies)
    with pytest.raises(KeyboardInterrupt):
        site.brings("gifts", GIFTS)
    assert Contribution.objects.count() == 2
    assert site.brings("gifts", GIFTS) == (["1 gifts were imported, 2 were there."], "")


@pytest.mark.parametrize(
    "text",
    [
        b"\xef\xbb\xbf" + GOALS.encode(),
        GOALS.replace(",", ";").replace("A bicycle; red", "A bicycle, red"),
        GOALS.replace("\n", "\r\n"),
        GOALS + "\n,,,,,,,\n",
    ],
    ids=["byte order mark", "semicolons", "Windows", "empty lines"],
)
def test_what_spreadsheets_write_is_read(site, text):
    assert site.brings("goals", text) == (["2 goals were imported, 0 were there."], "")
    assert SavingGoal.objects.order_by("pk")[0].name == "A bicycle, red"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "line 1: the file must begin with a line of column names"),
        ("ExternalItemId,Nam\n", "line 1: there is no column 'Nam'"),
        ("ExternalItemId,Name\n", "line 1: these columns are missing: GoalAmount, ProviderName"),
        (GOALS.replace("Credentials", "Name"), "line 1: the column Name stands there twice"),
        (GOALS.encode("utf-16"), "the file must be UTF-8"),
    ],
    ids=["empty", "unknown column", "missing columns", "column twice", "UTF-16"],
)
def test_what_is_no_such_file_is_said(site, text, sentence):
    _, end = site.brings("goals", text)
    assert sentence in end
    assert end.endswith("Nothing was imported.")
    assert SavingGoal.objects.count() == 0


def test_our_own_files_apostrophe_is_taken_off(site):
    """A formula is a text here: defused where a spreadsheet may see it, and read as it was from such a file."""
    site.brings("goals", GOALS)
    site.brings("gifts", GIFTS.replace("Uncle Bob", "'=1+1").replace("Aunt Eve", "=2+2").replace("Anonymous", "'t Hooft"))
    assert sorted(Contribution.objects.values_list("contributor", flat=True)) == ["'t Hooft", "=1+1", "=2+2"]
    assert "'=1+1" in site.shop.get("/api/Contributions?format=csv").text


def test_a_goals_rules_do_not_hold_for_the_past(site):
    site.shop.new_goal(
        ExternalItemId="bike-1", Overfunding="Never", GoalAmount="10.00", MinimumAmount="6.00", EndDate="2025-01-01"
    )
    goal = SavingGoal.objects.get()
    site.shop.post(f"/api/SavingGoal/{goal.public_id}/Close")
    only_bike = "".join(GIFTS.splitlines(keepends=True)[:4])
    assert site.brings("gifts", only_bike) == (["2 gifts were imported, 0 were there."], "")
    assert "goal.reached" in [one.findtext("Type") for one in site.shop.get("/api/Events").xml.iter("Event")]


def test_imported_gifts_are_not_matched_even_when_refunded(site):
    site.brings("goals", GOALS)
    bike = SavingGoal.objects.order_by("pk")[0].public_id
    site.shop.post(
        f"/api/SavingGoal/{bike}/Matchers", "<Matcher><Name>Acme</Name><MaximumTotal>100.00</MaximumTotal></Matcher>"
    )
    site.brings("gifts", GIFTS)
    gift = Contribution.objects.get(reference="old-1").public_id
    site.shop.post(f"/api/Contribution/{gift}/Refunds", "<Refund><Amount>1.00</Amount></Refund>")
    assert Contribution.objects.count() == 3


def test_a_strangers_name_is_told(site, tmp_path):
    with pytest.raises(CommandError, match="add --test"):
        call_command("import_goals", "x.csv", "--partner", "Old Site")
    with pytest.raises(CommandError, match="there is no live partner named 'Nobody'"):
        call_command("import_goals", "x.csv", "--partner", "Nobody")
    with pytest.raises(CommandError, match=r"missing\.csv cannot be read"):
        call_command("import_goals", str(tmp_path / "missing.csv"), "--partner", "Old Site", "--test")


def test_partners_do_not_meet(site):
    """The same ids of another partner's are others."""
    other = register("Other Site")
    site.brings("goals", GOALS)
    out = io.StringIO()
    call_command("import_goals", str(site.path), "--partner", "Other Site", "--test", stdout=out)
    assert out.getvalue() == "2 goals were imported, 0 were there.\n"
    assert SavingGoal.objects.filter(partner=other.partner).count() == 2
    assert json.dumps(list(SavingGoal.objects.values_list("external_item_id", flat=True))).count("bike-1") == 2
