"""Text of strangers in pages: a name that was typed by a giver, a partner or anybody must not change the line round it.

Unicode's bidirectional controls can turn the rest of a line round, and other control characters can hide or break it.
They are taken out of what is shown (what is stored and sent stays as it is), and the text is isolated: its direction is its
own (Unicode Standard Annex 9, https://www.unicode.org/reports/tr9/, "Explicit Directional Isolates").
"""

import re

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

FIRST_STRONG_ISOLATE, POP_DIRECTIONAL_ISOLATE = "\u2068", "\u2069"

_REVERSING = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Embeddings, overrides and isolates, and what ends them: one that is left open would reach past our own."""

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufff9-\ufffb]+")
"""C0 and C1, line and paragraph separators, annotations: each run becomes one blank."""


def neutralised(text: str) -> str:
    """The text without what could turn, hide or break the line that it stands in."""
    return _CONTROL.sub(" ", _REVERSING.sub("", text))


def isolated(text: str) -> str:
    """Neutralised, between FSI and PDI: for sentences, and for places that hold no markup, such as a title."""
    return f"{FIRST_STRONG_ISOLATE}{neutralised(text)}{POP_DIRECTIONAL_ISOLATE}"


def as_html(sentence: str) -> SafeString:
    """A sentence of ours for a page: escaped, and what `isolated` put into it as <bdi> elements."""
    marked = escape(sentence).replace(FIRST_STRONG_ISOLATE, "<bdi>").replace(POP_DIRECTIONAL_ISOLATE, "</bdi>")
    return mark_safe(marked)  # noqa: S308 - escaped above


def lines_as_html(text: str) -> SafeString:
    """A stranger's text of several lines, each neutralised: for a place that keeps line breaks."""
    lines = "\n".join(neutralised(line) for line in re.split("\r\n|\r|\n", text))
    return as_html(f"{FIRST_STRONG_ISOLATE}{lines}{POP_DIRECTIONAL_ISOLATE}")
