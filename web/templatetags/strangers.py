"""Text of strangers, and sentences that it stands in, in pages. See web/strangers.py."""

from django import template
from django.utils.safestring import SafeString

from web import strangers

register = template.Library()


@register.filter
def isolated(text: str) -> SafeString:
    """{{ goal.name|isolated }} -> <bdi>A bicycle</bdi>"""
    return strangers.as_html(strangers.isolated(text))


@register.filter
def isolated_in_title(text: str) -> str:
    """For <title>, which holds no elements."""
    return strangers.isolated(text)


@register.filter
def isolated_lines(text: str) -> SafeString:
    """For a place that keeps line breaks."""
    return strangers.lines_as_html(text)


@register.filter
def sentence(text: str) -> SafeString:
    """A sentence of ours with strangers' text in it, isolated already."""
    return strangers.as_html(text)
