"""The style sheet's colours, light and dark: text can be read (WCAG 2.2, 1.4.3: 4.5 to 1)."""

import re

import pytest

from web.middleware import STYLE

pytestmark = pytest.mark.no_database

PAIRS = [
    ("ink", "paper"), ("ink", "card"), ("soft", "card"), ("soft", "paper"), ("go-ink", "go"), ("go-text", "paper"),
    ("go-text", "card"), ("warn", "warn-paper"), ("bad", "card"),
]  # fmt: skip


def luminance(colour: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    digits = colour.lstrip("#")
    digits = digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_stands_out_from_its_ground(scheme, text, ground):
    root = re.findall(r":root \{([^}]*)\}", STYLE)[scheme]
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+);", root))
    darker, lighter = sorted((luminance(colours[text]), luminance(colours[ground])))
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_focus_can_be_seen():
    assert re.search(r"button:focus-visible, a:focus-visible[^{]*\{ outline: 3px solid", STYLE)
