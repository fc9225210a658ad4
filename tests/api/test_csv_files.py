"""Lists as CSV files: what stands in them, what a spreadsheet makes of it, and that they are streamed in constant memory."""

import csv
import io
import json
import tracemalloc
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from api import csv_files
from api.records import contribution as contribution_record
from api.records import refund as refund_record
from contributions.models import Contribution, Refund
from partners.models import Partner
from tests.api.many_gifts import fill
from tests.conftest import contribution_xml

pytestmark = pytest.mark.django_db

CSV = "text/csv; charset=utf-8; header=present"
COLUMNS = [one.name for one in contribution_record.ELEMENTS if one.name not in {"UsePermission", "Pin"}]
"""What is only ever sent to us stands in no file."""


def rows_of(answer):
    assert (answer.status, answer.headers["Content-Type"]) == (200, CSV), answer.text
    return list(csv.DictReader(io.StringIO(answer.body.decode("utf-8"), newline="")))


def test_a_file_has_a_column_for_each_element(shop, giver):
    goal = shop.new_goal()
    gift = shop.new_contribution(
        goal, Reference="order-1", Memo="A bell", Anonymous="true", Language="de", Message="",
        Metadata="<Item><Name>till</Name><Value>4</Value></Item>",
    )  # fmt: skip
    giver.pay(gift.value("ProviderURL"))
    assert shop.post(f"/api/Contribution/{gift.value('Id')}/Refunds", "<Refund><Amount>5</Amount></Refund>").status == 201
    answer = shop.get("/api/Contributions?format=csv")
    (row,) = rows_of(answer)
    assert list(row) == COLUMNS
    shown = shop.get(f"/api/Contribution/{gift.value('Id')}", Accept="application/json").json
    metadata = {item["Name"]: item["Value"] for item in shown.pop("Metadata")["Item"]}
    assert json.loads(row.pop("Metadata")) == metadata == {"till": "4"}
    in_the_file_alone = {"SettledAmount": "20.00", "ReversedAmount": "0.00"}
    as_text = {name: {True: "true"}.get(value, str(value)) for name, value in shown.items()}
    assert {name: value for name, value in row.items() if value} == as_text | in_the_file_alone
    (refund,) = rows_of(shop.get("/api/Refunds", Accept="text/csv"))
    assert list(refund) == [*(element.name for element in refund_record.ELEMENTS), "Currency", "SettledDate"]
    assert (refund["Amount"], refund["Currency"], refund["SettledDate"] >= refund["Date"]) == ("5.00", "USD", True)


def test_a_file_of_nothing_has_its_header(shop):
    shop.new_contribution(shop.new_goal())
    assert rows_of(shop.get("/api/Contributions?format=csv&Status=Settled")) == []
    assert shop.get("/api/Refunds?format=csv").body.count(b"\r\n") == 1


def test_what_is_not_known_is_an_empty_cell(shop):
    """A refund that is still Pending has no SettledDate; a gift that was not taken has no sums."""
    shop.new_contribution(shop.new_goal())
    (row,) = rows_of(shop.get("/api/Contributions?format=csv"))
    assert (row["SettledAmount"], row["ReversedAmount"], row["SettledDate"], row["RefundedAmount"]) == ("", "", "", "0.00")
    stored = Contribution.objects.get()
    Refund.objects.create(
        public_id="pending", contribution=stored, partner=stored.partner, amount_minor=1, cause="client",
        created_at=stored.created_at,
    )  # fmt: skip
    (refund,) = rows_of(shop.get("/api/Refunds?format=csv"))
    assert (refund["Status"], refund["SettledDate"], refund["Reason"]) == ("Pending", "", "")


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+49 30 1234", "-2", "@SUM(A1)", "=cmd|' /C calc'!A0", "＝1+1", "＋1", "－1", "＠x", " =1+1", "\n=1+1", "\u00a0=1",
     "\ufeff=1", "\u200b=1", " \u202e=1",
     '=HYPERLINK("http://evil.example","x")'],
)  # fmt: skip
def test_formula_characters_are_defused(shop, text):
    """For a spreadsheet it is a text; the apostrophe is in the file alone."""
    escaped = text.replace("&", "&amp;").replace("\n", "&#10;")
    shop.new_contribution(shop.new_goal(), Contributor=escaped, Message=escaped)
    (row,) = rows_of(shop.get("/api/Contributions?format=csv"))
    assert (row["Contributor"], row["Message"]) == (f"'{text}", f"'{text}")
    assert shop.get("/api/Contributions", Accept="application/json").json["Contribution"][0]["Message"] == text


@pytest.mark.no_database
@pytest.mark.parametrize("text", ["\t1", "\r1", "\t=1", "\r\n@x"])
def test_tabs_and_returns_are_defused_at_the_beginning(text):
    assert csv_files.defused(text) == f"'{text}"


@pytest.mark.no_database
def test_our_own_numbers_below_zero_stay_numbers():
    """Net is what a payee has left: less than nothing where the provider has kept its fee of what was given back."""
    assert (csv_files._cell("Net", "-0.88"), csv_files._cell("Message", "-0.88")) == ("-0.88", "'-0.88")


@pytest.mark.parametrize(
    "text", ['He said "no", twice', "two\nlines", "a;b\tc", "Zoë 🎁 日本", "'quoted'", "<b>&</b>", "ends with a blank "]
)
def test_quotes_and_newlines_come_back_as_they_are(shop, text):
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    shop.new_contribution(shop.new_goal(), Contributor=escaped.replace("\n", " "), Message=escaped)
    answer = shop.get("/api/Contributions?format=csv")
    (row,) = rows_of(answer)
    assert row["Message"] == text
    assert not answer.body.startswith(b"\xef\xbb\xbf"), "the first column is called Id"


# --- Negotiated -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "query", "media"),
    [
        ("text/csv", "", CSV), ("TEXT/CSV;q=0.9", "", CSV), ("text/csv, */*;q=0.1", "", CSV), ("*/*", "?format=CSV", CSV),
        ("application/json", "?Format=csv", CSV), ("*/*", "", "application/xml; charset=utf-8"),
        ("text/*", "", "text/xml; charset=utf-8"), ("text/csv;q=0.5, application/json", "", "application/json"),
        ("text/csv", "?format=json", "application/json"),
    ],
)  # fmt: skip
def test_csv_is_one_of_the_formats_of_these_lists(shop, accept, query, media):
    for path in ("/api/Contributions", "/api/Refunds"):
        answer = shop.get(path + query, Accept=accept)
        assert (answer.status, answer.headers["Content-Type"], answer.headers["Vary"]) == (200, media, "Accept")


def test_elsewhere_csv_is_not_acceptable(shop):
    goal = shop.new_goal()
    gift = shop.new_contribution(goal).value("Id")
    for path in ("/api/savings", f"/api/SavingGoal/{goal}/Contributions", f"/api/Contribution/{gift}/History", "/api/Events"):
        for answer in (shop.get(path, Accept="text/csv"), shop.get(f"{path}?format=csv")):
            assert (answer.status, answer.value("code")) == (406, "not_acceptable"), path
    body = contribution_xml()
    refused = shop.post(f"/api/SavingGoal/{goal}/Contributions", body, Accept="text/csv")
    assert refused.status == 406
    assert shop.get("/api/Contributions", Accept="image/png").status == 406


def test_a_file_has_no_pages_and_no_etag(shop):
    shop.new_contribution(shop.new_goal())
    for page in ("limit=1", "after=x"):
        refused = shop.get(f"/api/Contributions?format=csv&{page}")
        assert (refused.status, "leave limit and after out" in refused.text) == (400, True)
    answer = shop.get("/api/Contributions?format=csv", If_None_Match="*")
    assert (answer.status, answer.headers.get("ETag"), answer.headers.get("Content-Length")) == (200, None, None)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="contributions.csv"'


def test_head_of_a_file_asks_for_no_rows(shop):
    shop.new_contribution(shop.new_goal())
    with CaptureQueriesContext(connection) as asked:
        answer = shop.call("HEAD", "/api/Contributions?format=csv")
    assert (answer.status, answer.headers["Content-Type"], answer.body) == (200, CSV, b"")
    assert [query["sql"] for query in asked if "contributions_contribution" in query["sql"]] == []
    assert shop.call("HEAD", "/api/Contributions?format=csv&Status=x").status == 400


def test_a_file_is_of_ones_own_and_of_ones_mode(shop, rival):
    shop.new_contribution(shop.new_goal())
    assert rows_of(rival.get("/api/Contributions?format=csv")) == []
    assert rival.get("/api/Refunds?format=csv&ApiKey=none").status == 200, "the header counts"


# --- Streamed ---------------------------------------------------------------------------------------------------------


@contextmanager
def streamed(shop, path):
    response = shop.client.get(path, HTTP_AUTHORIZATION=f"Bearer {shop.key}")
    assert response.status_code == 200
    assert response.streaming
    yield iter(response.streaming_content)  # which closes the response at its end


@pytest.mark.parametrize(
    "query", ["", "&From=2000-01-01", "&SettledFrom=2000-01-01", "&Status=Settled", "&ExternalItemId=item-1"]
)
def test_each_row_comes_once_newest_first(shop, monkeypatch, query):
    """By pieces of seven, where many have the same date."""
    monkeypatch.setattr(csv_files, "ROWS_AT_ONCE", 7)
    monkeypatch.setattr("tests.api.many_gifts.EVERY", timedelta(0))
    fill(Partner.objects.get(), 70, goals=2)
    numbers = [
        int(row["Reference"].removeprefix("order-")) for row in rows_of(shop.get(f"/api/Contributions?format=csv{query}"))
    ]
    assert numbers == [number for number in range(69, -1, -1) if "item-1" not in query or number % 2]


def test_a_page_costs_as_many_statements_as_before(shop, django_assert_num_queries):
    fill(Partner.objects.get(), 60, goals=3)
    shop.get("/api/Refunds")  # which notes the key's use
    for path in ("/api/Contributions?limit=50", "/api/Refunds?limit=5"):
        with django_assert_num_queries(2):  # the key, and the page
            assert shop.get(path).status == 200


def test_nothing_is_held_between_two_pieces(shop, monkeypatch):
    """Neither a transaction nor a cursor: what comes after a piece has been read is asked for when it is wanted."""
    monkeypatch.setattr(csv_files, "ROWS_AT_ONCE", 10)
    fill(Partner.objects.get(), 35)
    with streamed(shop, "/api/Contributions?format=csv") as pieces, CaptureQueriesContext(connection) as asked:
        assert next(pieces).startswith(b"Id,Amount")
        assert (next(pieces).count(b"\r\n"), len(asked)) == (10, 0)
        assert (next(pieces).count(b"\r\n"), len(asked)) == (10, 1)
        shop.new_contribution(shop.new_goal())
        assert sum(piece.count(b"\r\n") for piece in pieces) == 15, "what came meanwhile is not in it"


def test_a_silent_database_is_told_before_the_file_begins(shop, monkeypatch):
    def silent(*_, **__):
        raise connection.Database.OperationalError("gone")
        yield

    monkeypatch.setattr(csv_files, "pieces_of", silent)
    answer = shop.get("/api/Contributions?format=csv")
    assert answer.status in {500, 503}
    assert answer.headers["Content-Type"].startswith("application/problem+xml")


def test_a_file_that_breaks_off_does_not_end_as_if_whole(shop, monkeypatch):
    """A server that does not break the connection off ends the file as if nothing had happened: a last line tells it."""
    monkeypatch.setattr(csv_files, "ROWS_AT_ONCE", 10)
    fill(Partner.objects.get(), 35)
    with streamed(shop, "/api/Contributions?format=csv") as pieces:
        next(pieces)
        monkeypatch.setattr("api.csv_files._after", lambda *_: (_ for _ in ()).throw(DatabaseError("gone")))
        next(pieces)
        (line,) = csv.reader(io.StringIO(next(pieces).decode()))
        assert line == ["INCOMPLETE: ask again"] * len(COLUMNS)
        with pytest.raises(DatabaseError):
            next(pieces)


def peak_of(shop, number):
    """Bytes of memory that Python took at most while the file was read, piece by piece."""
    rows = 0
    with streamed(shop, "/api/Contributions?format=csv&SettledFrom=2000-01-01") as pieces:
        tracemalloc.start()
        for piece in pieces:
            rows += piece.count(b"\r\n")
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert rows == number + 1
    return peak


@pytest.mark.full
@pytest.mark.timeout(600)
@pytest.mark.parametrize("more", [pytest.param(2_000, id="4,000 rows"), pytest.param(98_000, id="100,000 rows")])
def test_memory_does_not_grow_with_the_file(shop, more):
    partner = Partner.objects.get()
    fill(partner, 2_000)
    small = peak_of(shop, 2_000)
    fill(partner, more)
    assert peak_of(shop, 2_000 + more) < small + 1_000_000
    assert small < 12_000_000
