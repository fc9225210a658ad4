"""Texts that have broken other programs, each of which a Name may be; and how a text is written in XML."""

from xml.sax.saxutils import escape

from hypothesis import strategies as st

NASTY_TEXTS = (
    " ", "  ", "\t", "\n", "\r", "\r\n", " leading", "trailing ", " both ", "\n\nlines\n\n", "a\r\nb\rc\nd\te", "\u00a0",
    "\u3000x\u3000",
    "null", "None", "undefined", "true", "NaN", "0", "-1", "1e400", "''", '"', "\\", "\\u0000", "\\x00", "%00", "%s%n",
    "{0}", "{{7*7}}", "${7*7}",
    "]]>", "<![CDATA[x]]>", "&amp;", "&lt;b&gt;", "&#0;", "&nbsp;", "<!-- x -->", "<?php ?>", "<script>alert(1)</script>",
    "</Name><Name>",
    '" onmouseover="alert(1)', "<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>",
    "'; DROP TABLE goals_savinggoal; --", "$(id)", "`id`", "| id",
    "../../../../etc/passwd", "C:\\CON", "a/b/c", "?a=b&c=d#e", "http://example.org/", "javascript:alert(1)", "=1+1",
    "@SUM(1)", "+1", "-1+1",
    "zażółć gęślą jaźń", "ß ẞ ŉ ǰ ΐ", "İstanbul ıI", "Ω≈ç√∫˜µ", "e\u0301", "\u00e9",
    "Z\u0351\u036b\u0343\u036a\u0302\u036b", "\u0301leading mark",
    "👨\u200d👩\u200d👧\u200d👦", "🏳\ufe0f\u200d🌈", "👍🏿", "🇵🇱", "1\ufe0f\u20e3", "\U0001f6b2" * 255, "𝒜𝓷𝓷𝓪",
    "\U0010ffff", "\U0001fffe", "\U00020000",
    "\u202egnp.exe", "\u2066abc\u2069", "שלום", "مرحبا 123 עולם", "\u200b", "\ufeff", "\ufeffx", "a\u00adb", "\u2060",
    "\u180e", "\u115f",
    "\u0085", "a\u0085b", "\u2028", "\u2029", "\x7f", "\x80\x9f", "\ufffd", "\ufffc", "\ufdd0", "\ue000", "\ud7ff",
    "x" * 255, "é" * 255, "\u0e01\u0e33" * 127,
    "田中さんにあげて下さい", "パーティーへ行かないか", "사회과학원 어학연구소", "찦차를 타고 온 펲시맨과 쑛다리 똠방각하",
    "Ｆｕｌｌｗｉｄｔｈ", "ﷺ", "ﬁ", "Å", "①②③",
)  # fmt: skip
"""All of them are 1 to 255 characters that XML 1.0 can carry."""

IMPOSSIBLE_CHARACTERS = (
    "\0", "\x01", "\x08", "\x0b", "\x0c", "\x0e", "\x1b", "\x1f", "\ud800", "\udbff", "\udc00", "\udfff", "\ufffe", "\uffff",
)  # fmt: skip
"""Which no XML 1.0 document can carry."""


XML_TEXTS = st.text(
    st.characters(
        exclude_categories=["Cs"], exclude_characters="".join(map(chr, [*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF]))
    )
)
"""Any text that XML 1.0 can carry."""


def xml_text(text):
    """The text as XML element content, from which any parser reads it back exactly (a bare CR would become LF)."""
    return escape(text).replace("\r", "&#13;")
