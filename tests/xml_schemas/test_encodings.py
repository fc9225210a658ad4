"""Bytes become characters in one way only: as the byte order mark, the Content-Type or the declaration says, or not at all."""

import codecs
from contextlib import suppress
from encodings.aliases import aliases

import pytest

from tests.xml_schemas.test_reader import refusal, text_of
from xml_schemas.reader import ENCODINGS, BodyFaults, is_readable, read_xml

pytestmark = pytest.mark.no_database

UNREADABLE = "The encoding must be one of utf-8, utf-16, utf-16le, utf-16be, us-ascii, iso-8859-1, iso-8859-15, windows-1252."
POLISH = "zażółć € 🚲"
FRENCH = "à la crème"


def declared(name, text):
    return f'<?xml version="1.0" encoding="{name}"?><a>{text}</a>'


UTF_16 = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
UTF_16_DECLARED = declared("utf-16", POLISH)


def test_utf_8_and_utf_16_are_read_with_and_without_mark():
    plain = f"<a>{POLISH}</a>"
    for body in (
        *(mark + text.encode() for mark in (b"", codecs.BOM_UTF8) for text in (plain, declared("UTF-8", POLISH))),
        declared("utf8", POLISH).encode(),
        *(mark + text.encode(codec) for mark, codec in UTF_16 for text in (plain, UTF_16_DECLARED)),
        *(UTF_16_DECLARED.encode(codec) for _, codec in UTF_16), declared("UTF-16LE", POLISH).encode("utf-16-le"),
        declared("UTF-16BE", POLISH).encode("utf-16-be"),
    ):  # fmt: skip
        assert text_of(body) == POLISH, body


@pytest.mark.parametrize(
    ("name", "codec", "text"),
    [
        ("ISO-8859-1", "iso-8859-1", FRENCH), ("iso-8859-1", "iso-8859-1", FRENCH),
        ("ISO-8859-15", "iso-8859-15", FRENCH + " €"), ("windows-1252", "cp1252", FRENCH + " € “quoted”"),
        ("WINDOWS-1252", "cp1252", "œ"), ("US-ASCII", "ascii", "plain"), ("ascii", "ascii", "plain"),
    ],
)  # fmt: skip
def test_the_older_encodings_are_read_where_they_are_named(name, codec, text):
    assert text_of(declared(name, text).encode(codec)) == text
    assert text_of(f"<a>{text}</a>".encode(codec), charset=name) == text


@pytest.mark.parametrize(("codec", "first"), [("iso-8859-1", 0xA0), ("iso-8859-15", 0xA0), ("windows-1252", 0x80)])
def test_each_character_of_a_one_byte_encoding_is_the_right_one(codec, first):
    for byte in (bytes([number]) for number in range(first, 0x100)):
        body = declared(codec, "_").encode().replace(b"_", byte)
        try:
            character = byte.decode(codec)
        except UnicodeDecodeError:
            assert "bytes that do not fit" in refusal(body)[2]
        else:
            assert text_of(body) == character


@pytest.mark.parametrize(
    ("body", "charset", "text"),
    [
        # The Content-Type outranks the declaration (RFC 7303) ...
        (declared("ISO-8859-1", FRENCH).encode(), "utf-8", FRENCH),
        (declared("UTF-8", FRENCH).encode("latin-1"), "iso-8859-1", FRENCH),
        (declared("UTF-8", POLISH).encode("utf-16-le"), "utf-16le", POLISH),
        (declared("java", "\\u0041").encode(), "utf-8", "\\u0041"),
        # ... and a byte order mark outranks both.
        (codecs.BOM_UTF8 + declared("ISO-8859-1", FRENCH).encode(), None, FRENCH),
        (codecs.BOM_UTF8 + declared("UTF-16", FRENCH).encode(), "iso-8859-1", FRENCH),
        (codecs.BOM_UTF16_LE + declared("UTF-8", POLISH).encode("utf-16-le"), "utf-8", POLISH),
        (codecs.BOM_UTF16_BE + f"<a>{POLISH}</a>".encode("utf-16-be"), "utf-16le", POLISH),
        # UTF-16 without a mark is big-endian (RFC 2781), unless the first character says otherwise.
        (f"<a>{POLISH}</a>".encode("utf-16-be"), "utf-16", POLISH),
        (f"<a>{POLISH}</a>".encode("utf-16-le"), "utf-16", POLISH),
        (f"<a>{POLISH}</a>".encode("utf-16-le"), "utf-16le", POLISH),
        (f"<a>{POLISH}</a>".encode("utf-16-be"), "utf-16be", POLISH),
    ],
)
def test_mark_outranks_content_type_outranks_declaration(body, charset, text):
    assert text_of(body, charset=charset) == text


@pytest.mark.parametrize(
    "body",
    [
        b"<a>\xff</a>", b"<a>\xe9</a>", b"<a>\xc0\xaf</a>", b"<a>\xe2\x82</a>", b"<a>\xed\xa0\x80</a>",
        b"<a>\xf4\x90\x80\x80</a>",
        b"<a>\x80</a>", b"<a>\xfe\xff</a>", declared("us-ascii", "é").encode("latin-1"),
        declared("UTF-8", "é").encode("latin-1"),
        codecs.BOM_UTF16_LE + "<a>\ud800</a>".encode("utf-16-le", "surrogatepass"),
        codecs.BOM_UTF16_LE + "<a>\udc00\ud800</a>".encode("utf-16-le", "surrogatepass"),
    ],
)  # fmt: skip
def test_bytes_that_do_not_fit_are_refused_never_replaced(body):
    assert refusal(body) == ("/", 1, "There are bytes that do not fit the encoding: send UTF-8, or name the encoding.")


@pytest.mark.parametrize(
    "body",
    [
        declared("utf-16", "x").encode(), declared("utf-16le", "x").encode(), f"<a>{POLISH}</a>".encode("utf-16-le"),
        codecs.BOM_UTF16_LE + b"<a/>", codecs.BOM_UTF16_BE + b"<a/>",
        codecs.BOM_UTF16_LE + "<a>x</a>".encode("utf-16-le")[:-1], codecs.BOM_UTF8, codecs.BOM_UTF16_LE,
        declared("cp037", "x").encode("cp037"), "<a/>".encode("cp500"),
    ],
)  # fmt: skip
def test_bytes_that_are_not_what_they_say_are_refused(body):
    path, _, sentence = refusal(body)
    assert path == "/"
    assert sentence.startswith(("The XML is not well-formed: ", "There are bytes"))


@pytest.mark.parametrize(
    "body",
    [
        codecs.BOM_UTF32_LE + "<a/>".encode("utf-32-le"), codecs.BOM_UTF32_BE + "<a/>".encode("utf-32-be"),
        codecs.BOM_UTF32_LE + declared("UTF-8", "x").encode("utf-32-le"),
        codecs.BOM_UTF32_BE + declared("UTF-32", "x").encode("utf-32-be"), "<a/>".encode("utf-32-be"),
        declared("utf-32", "x").encode("utf-32-be"), declared("utf-7", "+ADw-b/+AD4-").encode(),
        declared("java", "\\u003cb/\\u003e").encode(), declared("C99", "\\u0141").encode(),
        declared("hz", "~{<:Ky~}").encode(), declared("char", "x").encode(), declared("koi8-r", "x").encode(),
    ],
)  # fmt: skip
def test_an_unlisted_encoding_is_refused_with_the_list(body):
    assert refusal(body) == ("/", 1, UNREADABLE)
    assert refusal(body, charset="utf-16")[0] == "/", "nor does it help to call it UTF-16"


def test_every_encoding_of_python_is_read_right_or_refused():
    read, refused = set(), set()
    names = sorted({*aliases, *aliases.values(), "idna", "punycode", "rot13", "undefined", "unicode_escape", "x" * 300})
    for name in names:
        for text in ("plain", FRENCH):
            try:
                body = declared(name, text).encode(name)
            except (LookupError, UnicodeError, TypeError):
                body = declared(name, text).encode()
            try:
                assert text_of(body) == text, name
                read.add(name)
            except BodyFaults:
                refused.add(name)
            with suppress(BodyFaults):
                assert text_of(body, charset=name) == text, name
    assert {"utf8", "utf_16", "utf_16_le"} <= read - refused
    assert {"utf_7", "koi8_r", "cp037", "shift_jis", "idna"} <= refused - read
    assert not any(is_readable(name) for name in ("utf-7", "java", "C99", "hz", "idna", "", "utf-8 ", "utf-32", "char"))


def test_the_encodings_told_to_clients_are_read():
    """The encodings told to clients are read under these names in both places."""
    for name in ENCODINGS:
        codec = "utf-16-be" if name == "utf-16" else name
        assert read_xml(declared(name, "x").encode(codec)).text == "x"
        assert read_xml(declared("whatever", "x").encode(codec), charset=name.upper()).text == "x"
