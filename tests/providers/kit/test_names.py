"""Whatever a partner is called, its name fits the provider's field, or is left out."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.amazon import names as amazon
from providers.google import names as google
from providers.paypal import names as paypal
from providers.stripe import names as stripe
from tests.conftest import SHARED

pytestmark = pytest.mark.no_database

NASTY = SHARED / "corpora" / "blns.json"
NASTIEST = [
    "",
    " ",
    "\u202eevil",
    "\ud83d",
    "👨‍👩‍👧‍👦" * 60,
    "e\u0301" * 200,
    "株式会社",
    "Änna's Shop <*>",
    "1234567890" * 3,
    "\x00a",
]
TEXTS = [*NASTIEST, *(json.loads(NASTY.read_text()) if NASTY.is_file() else [])]
FIELDS = {
    paypal.soft_descriptor: re.compile(r"(?! )[A-Za-z0-9. -]{0,22}(?<! )"),
    stripe.statement_suffix: re.compile(r"|(?=.*[A-Za-z])(?! )[^<>\\'\"*\x00-\x1f\x7f-\U0010ffff]{1,10}(?<! )"),
    amazon.soft_descriptor: re.compile(r"(?! )[A-Za-z0-9. -]{0,16}(?<! )"),
}
PAID_FOR = {paypal.description: 127, stripe.description: 250, amazon.note_to_buyer: 255}
LINES = {paypal.brand_name: 127, amazon.store_name: 50, google.merchant_name: 100}


def fits(name):
    for field, pattern in FIELDS.items():
        assert pattern.fullmatch(field(name)), (field, field(name))
    for line, longest in LINES.items():
        told = line(name)
        assert len(told) <= longest
        assert told == " ".join(told.split())
        told.encode()
    assert len(paypal.brand_name(name).encode("utf-16-le")) <= 2 * 127
    for what, longest in PAID_FOR.items():
        told = what(name)
        assert told == " ".join(told.split()) != ""
        assert len(told.encode("utf-16-le")) <= 2 * longest
        assert len(told.encode()) <= 255 or what is not amazon.note_to_buyer


@pytest.mark.parametrize("name", TEXTS)
def test_nasty_names_fit(name):
    fits(name)


@given(st.text(max_size=300))
def test_any_name_fits(name):
    fits(name)


def test_what_a_giver_reads():
    name = "Änna's Wünsche & Söhne GmbH\u202e"
    assert paypal.brand_name(name) == google.merchant_name(name) == amazon.store_name(name) == "Änna's Wünsche & Söhne GmbH"
    assert paypal.soft_descriptor(name) == "Annas Wunsche Sohne Gm"
    assert stripe.statement_suffix(name) == "Annas Wuns"
    assert amazon.soft_descriptor(name) == "Annas Wunsche So"
    assert paypal.soft_descriptor("株式会社") == stripe.statement_suffix("2011") == ""
    assert amazon.soft_descriptor("2011") == "2011"


def test_no_mark_is_torn_from_its_letter():
    assert google.merchant_name("e\u0301" * 60) == "e\u0301" * 50
    assert google.merchant_name("a" + "e\u0301" * 60) == "a" + "e\u0301" * 49


def test_a_memo_is_shown_whole_where_it_fits():
    memo = "A bell & a helmet,\n for \u202eAnna " + "ż" * 80
    assert (
        paypal.description(memo)
        == stripe.description(memo)
        == amazon.note_to_buyer(memo)
        == memo.replace("\n", "").replace("\u202e", "")
    )
    assert amazon.note_to_buyer("🚲" * 127) == "🚲" * 63
    assert paypal.description("🚲" * 127) == "🚲" * 63
    assert stripe.description("\u202e") == "Gift"
