"""What is taken for a card number, and what is not. The numbers are those that networks and providers give for tests."""

import random

import pytest

import card_numbers

pytestmark = pytest.mark.no_database

OF_EACH_NETWORK = (
    "4111111111111111", "4222222222222", "4000000000000000006", "5555555555554444", "2223003122003222", "378282246310005",
    "30569309025904", "36227206271667", "3566002020360505", "6011111111111117", "6200000000000005", "6759649826438453",
    "2200000000000004", "6521111111111110",
)  # fmt: skip

WRITTEN = (
    "4111 1111 1111 1111", "4111-1111-1111-1111", "4111.1111.1111.1111", "4111\u00a01111\u202f1111\u20111111",
    "4111 - 1111 - 1111 - 1111", "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "41 11 11 11 11 11 11 11", "4111\u200b111111111111",
    "41111111\n11111111", "3782 822463 10005", "\u0664\u0661\u0661\u0661 \u0661\u0661\u0661\u0661 1111 1111",
    "\uff14111111111111111", "4\ufe0f\u20e3" + "1\ufe0f\u20e3" * 15, "4111_1111_1111_1111", "\u2463111111111111111",
    "4111/1111/1111/1111",
    "4111\u00ad1111\u00ad1111\u00ad1111",
)  # fmt: skip


@pytest.mark.parametrize("number", [*OF_EACH_NETWORK, *WRITTEN])
@pytest.mark.parametrize("words", ["{}", "card {}", "Visa{}!", "my card:{}, 12/27, 123", "2027 {} 12 27", "#1 {} (mine)"])
def test_a_card_number_is_found_among_words(number, words):
    text = words.format(number)
    assert card_numbers.holds_one(text)
    assert not card_numbers.holds_one(card_numbers.masked(text))


NONE = (
    "", "Happy birthday, 42 times!", "4111 1111 1111 1112", "call +49 170 12345672", "+4917012345672",
    "2026-11-27 12:30:45.123456",
    "DE89 3704 0044 0532 0130 00", "978-3-16-148410-0", "1234567890123452", "0000000000000000", "4111 1111 1111",
    "41111111111111111111111", "4 8 15 16 23 42 7 11 9", "4111 and 1111 and 1111 and 1111",
    "3F2504E0-4F89-11D3-9A0C-0305E82C3301",
    "1764244800000000", "17.12.2026 19:00, 52.5200, 13.4050", "4111     1111     1111     1111",
)  # fmt: skip


@pytest.mark.parametrize("text", NONE)
def test_what_people_write_is_no_card_number(text):
    assert not card_numbers.holds_one(text)
    assert card_numbers.masked(text) == text


def test_only_the_last_four_digits_are_left():
    assert card_numbers.masked("card 4111 1111 1111 1111, 12/27") == "card **** **** **** 1111, 12/27"
    assert card_numbers.masked("4111111111111111 or 378282246310005") == "************1111 or ***********0005"


@pytest.mark.parametrize("number", [one for one in OF_EACH_NETWORK if len(one) > 13])
def test_an_id_is_a_card_number_where_it_stands_alone(number):
    assert card_numbers.is_one_in_an_id(number)
    assert card_numbers.is_one_in_an_id(f"card {number} of Anna")
    for joined in (f"order-{number}", f"{number}-1", f"T{number}", f"{number}@example.org", f"a:{number}", f"/{number}"):
        assert not card_numbers.is_one_in_an_id(joined), joined


def test_an_article_is_no_card_number():
    """GTIN-13 of Germany and Japan begin with 4: one in ten would pass."""
    assert card_numbers.holds_one("4222222222222")
    assert not card_numbers.is_one_in_an_id("4222222222222")


def test_few_random_numbers_are_taken_for_one():
    """The number in the documentation."""
    dice = random.Random(14)
    taken = sum(card_numbers.is_one_in_an_id(f"{dice.randrange(10**16):016d}") for _ in range(20_000))
    assert 0.01 < taken / 20_000 < 0.03


def test_an_address_holds_one_where_it_is_in_groups():
    for written in ("4111-1111-1111-1111", "4111%201111%201111%201111", "4111+1111+1111+1111"):
        assert card_numbers.is_one_in_an_address(f"https://shop.example/thanks?card={written}")
    assert not card_numbers.is_one_in_an_address("https://shop.example/orders/4111111111111111?t=1764244800000000")


@pytest.mark.timeout(5)
def test_long_texts_of_digits_take_no_time():
    for text in ("4" * 64_000, "4 " * 32_000, "4111 " * 12_000, "41-" * 20_000):
        card_numbers.holds_one(text)
