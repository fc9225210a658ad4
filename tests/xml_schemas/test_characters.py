"""Which characters XML 1.0 can carry: the production Char, and nothing but it."""

from xml_schemas.characters import first_illegal, printable


def allowed_by_the_specification(number):
    return number in (0x9, 0xA, 0xD) or 0x20 <= number <= 0xD7FF or 0xE000 <= number <= 0xFFFD or 0x10000 <= number <= 0x10FFFF


def test_each_character_is_judged_as_the_specification_says():
    wrong = [n for n in range(0x110000) if (first_illegal(chr(n)) is None) != allowed_by_the_specification(n)]
    assert wrong == []


def test_the_first_of_several_is_named():
    assert first_illegal("ab\x0bc\x00") == "U+000B"
    assert first_illegal("\ud800") == "U+D800"
    assert first_illegal("a\uffff") == "U+FFFF"
    assert first_illegal("zażółć 🚲 \t\r\n\x7f\x85\u2028") is None


def test_an_echo_is_cut_and_carries_no_harm():
    assert printable("a\x00b\ud800c") == "a\ufffdb\ufffdc"
    assert printable("x" * 300) == "x" * 200
    assert printable("x" * 300, 250) == "x" * 250
