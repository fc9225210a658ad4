"""Amounts in pages."""

from django import template

from money import text_of

register = template.Library()


@register.filter
def amount(minor: int, currency: str) -> str:
    """{{ goal.goal_minor|amount:goal.currency }} -> 100.00 USD"""
    return f"{text_of(minor, currency)} {currency}"


@register.simple_tag
def page_style() -> str:
    """The one style sheet, inline: a giver's phone makes one request. Its hash is in the Content-Security-Policy."""
    from django.utils.safestring import mark_safe

    from web.middleware import STYLE

    return mark_safe(f"<style>{STYLE}</style>")  # noqa: S308 - our own file
