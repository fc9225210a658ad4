"""Amounts are whole numbers on their whole way: exact in every currency, and nothing but a plain decimal comes in."""

import ast
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import money
from tests.product import PRODUCT, ROOT
from tests.tiers import examples

pytestmark = pytest.mark.no_database


def codes(text):
    return set(text.split())


WITHOUT_DECIMALS = codes("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF")
WITH_THREE = codes("BHD IQD JOD KWD LYD OMR TND")
WITH_FOUR = {"CLF", "UYW"}
NO_MONEY = codes("XAU XAG XPD XPT XBA XBB XBC XBD XDR XSU XUA XTS XXX")

currencies = st.sampled_from(sorted(money.DECIMALS))


def test_each_currency_has_the_decimals_that_iso_4217_gives_it():
    by_decimals = {number: {code for code, has in money.DECIMALS.items() if has == number} for number in (0, 2, 3, 4)}
    assert by_decimals[0] == WITHOUT_DECIMALS
    assert by_decimals[3] == WITH_THREE
    assert by_decimals[4] == WITH_FOUR
    assert by_decimals[2] >= codes("USD EUR GBP CHF CAD AUD NZD PLN CZK HUF TWD INR CNY BRL MXN MGA MRU")
    assert sum(map(len, by_decimals.values())) == len(money.DECIMALS) == 165


def test_metals_funds_and_test_codes_are_no_currencies():
    for code in NO_MONEY:
        with pytest.raises(money.UnknownCurrency):
            money.decimals_of(code)


@pytest.mark.parametrize(
    "code", ["", "usd", "Usd", "US", "USDD", " USD", "USD ", "USD\n", "ＵＳＤ", "DEM", "BTC", "840", "U\0D"]
)
def test_what_is_not_the_code_of_an_active_currency_is_unknown(code):
    with pytest.raises(money.UnknownCurrency, match="three-letter code of an active ISO 4217 currency"):
        money.parse("1", code)


@pytest.mark.parametrize("code", sorted(money.DECIMALS))
def test_smallest_and_largest_amounts_come_back_exactly(code):
    decimals = money.DECIMALS[code]
    largest = "9" * 12 + ("." + "9" * decimals if decimals else "")
    smallest = "0." + "0" * (decimals - 1) + "1" if decimals else "1"
    assert money.parse(smallest, code) == 1
    assert money.parse(largest, code) == int("9" * (12 + decimals))
    assert money.text_of(1, code) == smallest
    assert money.text_of(int("9" * (12 + decimals)), code) == largest
    assert money.parse(money.example(code), code) == int("100" + "0" * decimals)


@settings(deadline=None, derandomize=True, max_examples=examples(300))
@given(currencies, st.integers(0, 10**16 - 1))
def test_any_amount_goes_out_and_comes_back_the_same(code, minor):
    decimals = money.DECIMALS[code]
    minor %= 10 ** (12 + decimals)
    text = money.text_of(minor, code)
    assert re.fullmatch(r"[0-9]{1,12}" + (rf"\.[0-9]{{{decimals}}}" if decimals else ""), text)
    assert money.parse(text, code) == minor


@settings(deadline=None, derandomize=True, max_examples=examples(300))
@given(currencies, st.integers(0, 10**12 - 1), st.data())
def test_decimals_that_are_left_out_are_noughts(code, whole, data):
    digits = data.draw(st.text("0123456789", max_size=money.DECIMALS[code]))
    text = f"{whole}.{digits}" if digits else str(whole)
    assert money.parse(text, code) == int(f"{whole}{digits}" + "0" * (money.DECIMALS[code] - len(digits)))


@pytest.mark.parametrize(
    ("minor", "code", "text"),
    [
        (0, "USD", "0.00"), (0, "JPY", "0"), (0, "KWD", "0.000"), (5, "USD", "0.05"), (-5, "USD", "-0.05"), (-5, "JPY", "-5"),
        (-12345, "KWD", "-12.345"), (10050, "USD", "100.50"), (123456, "CLF", "12.3456"),
        (10**18, "USD", "10000000000000000.00"),
    ],
)  # fmt: skip
def test_a_total_is_printed_exactly_below_nought_and_when_large(minor, code, text):
    assert money.text_of(minor, code) == text


@pytest.mark.parametrize(("text", "minor"), [("0012", 1200), ("0.10", 10), ("000000000001", 100), ("00.01", 1)])
def test_leading_noughts_change_nothing(text, minor):
    assert money.parse(text, "USD") == minor


NO_PLAIN_DECIMALS = (
    "", " ", "-1", "+1", "+0", "-0", "- 1", "1-", "1e2", "1E2", "1e-2", "1.0E+2", "1d", "1f", "1j", "0x10", "0b1", "0o7",
    "1,000", "1.000,00", "1,5", "1 000", "1\u00a0000", "1\u2009000", "1'000", "1_000", "1__0", ".5", "5.", ".", "..", "1..2",
    "1.2.3", " 1", "1 ", "1\n", "\n1", "1\t", "\u00a01", "1\r\n", "١٢", "１２", "۱۲", "१२", "1٫5", "²", "½", "Ⅷ", "一",
    "1\u200b0",
    "NaN", "nan", "sNaN", "Infinity", "-inf", "inf", "1\0", "\0", "1\x000", "$1", "€1", "1USD", "USD 1", "1%", "(1)", "1/2",
    "one",
    "true", "None", "1;2", "1\ufeff", "\ufeff1", "[1]", '"1"', "1.-5", "1.+5", "1. 5", "1 .5", "1.5 ", "\ud800",
)  # fmt: skip


@pytest.mark.parametrize("code", ["USD", "JPY", "KWD"])
def test_only_a_plain_ascii_decimal_is_an_amount(code):
    for text in NO_PLAIN_DECIMALS:
        with pytest.raises(money.BadAmount, match="must be a plain decimal such as 100"):
            money.parse(text, code)


@settings(deadline=None, derandomize=True, max_examples=examples(300))
@given(st.text(max_size=20))
def test_any_text_is_an_amount_or_refused(text):
    try:
        minor = money.parse(text, "USD")
    except money.BadAmount:
        assert not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,2})?", text, re.ASCII)
    else:
        whole, _, fraction = text.partition(".")
        assert minor == int(whole) * 100 + int(fraction.ljust(2, "0"))


@pytest.mark.parametrize(
    ("text", "code", "sentence"),
    [
        *(
            (text, "USD", "must have at most 12 digits before the point")
            for text in ("1234567890123", "0" * 12 + "1", "9" * 5000)
        ),
        *((text, "USD", "must have at most 2 digits after the point in USD") for text in ("1.001", "1.000", "1." + "9" * 5000)),
        ("1.0001", "KWD", "must have at most 3 digits after the point in KWD"),
        ("1.00001", "CLF", "must have at most 4 digits after the point in CLF"),
        *((text, "JPY", "must be a whole number: JPY has no decimals") for text in ("1.0", "1.5")),
        *(
            ("5.", code, f"must be a plain decimal such as {example}: digits and at most one point")
            for code, example in (("USD", "100.00"), ("JPY", "100"), ("KWD", "100.000"))
        ),
    ],
)
def test_too_many_digits_are_refused_never_rounded(text, code, sentence):
    with pytest.raises(money.BadAmount) as refused:
        money.parse(text, code)
    assert str(refused.value) == sentence


MONEY_NAME = re.compile(r"minor|amount", re.IGNORECASE)
TIME_NAME = re.compile(r"second|timeout|pace|wait|jitter|sleep", re.IGNORECASE)


def inexact_numbers(source):
    """Where a module that deals with money also deals with numbers that are not exact: "line: what" for each place."""
    tree = ast.parse(source)
    names = {name for node in ast.walk(tree) for name in names_of(node)}
    if not any(MONEY_NAME.search(name) for name in names):
        return []
    about_time = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.keyword | ast.Call | ast.BinOp)
        and any(TIME_NAME.search(name) for name in direct_names(node))
        and not any(MONEY_NAME.search(name) for inner in ast.walk(node) for name in names_of(inner))
        for inner in ast.walk(node)
    }
    return [f"{node.lineno}: {what}" for node in ast.walk(tree) if (what := inexact(node)) and id(node) not in about_time]


def inexact(node):
    if isinstance(node, ast.Constant) and isinstance(node.value, float):
        return f"the literal {node.value}"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"float", "round", "Decimal"}:
        return f"{node.func.id}()"
    if isinstance(node, ast.Attribute) and node.attr in {"Decimal", "FloatField", "DecimalField", "quantize", "fsum"}:
        return f".{node.attr}"
    if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
        sides = [node.left, node.right] if isinstance(node, ast.BinOp) else [node.target, node.value]
        is_path = any(isinstance(side, ast.Constant | ast.JoinedStr) and not is_number(side) for side in sides)
        return "" if is_path else "a division"
    if isinstance(node, ast.ImportFrom) and node.module in {"decimal", "fractions"}:
        return f"from {node.module}"
    if isinstance(node, ast.Import) and {alias.name for alias in node.names} & {"decimal", "fractions"}:
        return "import decimal"
    return ""


def is_number(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)


def names_of(node):
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute):
        return [node.attr]
    if isinstance(node, ast.arg | ast.keyword):
        return [node.arg or ""]
    return []


def direct_names(node):
    """The names that say what a value is for: the target of an assignment, the function called, the factor beside it."""
    if isinstance(node, ast.Assign):
        return [name for target in node.targets for part in ast.walk(target) for name in names_of(part)]
    if isinstance(node, ast.AnnAssign):
        return names_of(node.target)
    if isinstance(node, ast.Call):
        return names_of(node.func)
    if isinstance(node, ast.BinOp):
        return names_of(node.left) + names_of(node.right)
    return names_of(node)


def test_no_module_about_money_has_inexact_numbers():
    seen = {path.relative_to(ROOT).as_posix(): inexact_numbers(path.read_text()) for path in PRODUCT}
    assert {name: places for name, places in seen.items() if places} == {}
    known = {"money.py", "goals/rules.py", "api/records/rules.py", "api/records/goal.py"}
    known |= {f"contributions/{name}.py" for name in ("decisions", "entries", "transitions", "totals", "refunds")}
    assert known <= set(seen)


@pytest.mark.parametrize(
    "planted",
    [
        "amount_minor = int(float(text) * 100)",
        "amount_minor = round(share * 100)",
        "share_minor = total_minor / 3",
        "total_minor /= 3",
        "fee_minor = int(amount_minor * 0.03)",
        "amount = models.DecimalField(max_digits=12)",
        "from decimal import Decimal\namount = Decimal(text)",
        "import decimal\namount = decimal.Decimal(text)",
        "def fee(amount_minor): return 0.5",
        "timeout_seconds = amount_minor * 0.1",
    ],
)
def test_the_search_for_inexact_numbers_finds_what_is_planted(planted):
    assert inexact_numbers(planted)


@pytest.mark.parametrize(
    "harmless",
    [
        "timeout_seconds = 2.5",
        "amount_minor = 1\nCONNECT_SECONDS, READ_SECONDS = 3.0, 10.0",
        "amount_minor = 1\nsession.post(url, timeout=0.5)",
        "amount_minor = 1\ntime.sleep(0.1)",
        "amount_minor = 1\npath = folder / 'file'",
        "whole, rest = divmod(amount_minor, 100)",
        "ratio = 0.5",
    ],
)
def test_the_search_leaves_time_and_paths_alone(harmless):
    assert inexact_numbers(harmless) == []
