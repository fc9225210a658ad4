"""The pages and the code as tests of the documentation read them: tables, sections, syntax trees."""

import ast
import re
from functools import cache
from pathlib import Path

from tests.docs.examples import ROOT

PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
_NAV = (ROOT / "mkdocs.yml").read_text()
GUIDE = [ROOT / "docs" / "guide" / name for name in re.findall(r"- (?:[\w ]+: )?([a-z_]+\.md)$", _NAV, re.MULTILINE)]
"""The partners' guide, page by page in the order of the site."""
OF_THEIR_OWN = {
    "certificates.md",
    "clients.md",
    "events.md",
    "gifts.md",
    "givers.md",
    "goals.md",
    "going_live.md",
    "lists.md",
    "permissions.md",
    "live_and_test.md",
    "pledges.md",
    "requests.md",
    "sandbox.md",
    "signed_redirects.md",
    "signed_requests.md",
}
"""Pages whose examples begin anew; each has a test of its own."""
STORY = [page for page in GUIDE if page.name not in OF_THEIR_OWN]
"""The other pages: the examples of each go on where the last page ended."""
PARTNERS = "\n".join(page.read_text() for page in GUIDE)
OPERATORS = (ROOT / "docs" / "operators.md").read_text()
INSIDE = [
    ROOT / "CONTRIBUTING.md",
    *(ROOT / "docs" / name for name in ("architecture.md", "glossary.md", "adding_a_provider.md")),
]
"""Pages about the code."""
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text()
ROOMS = (
    "api", "certificates", "config", "console", "contributions", "demo", "givers", "goals", "hooks", "notifications", "pages",
    "partners", "pledges", "providers", "rehearsals", "moving_in", "web", "xml_schemas",
)  # fmt: skip
CODE = [file for room in ROOMS for file in sorted((ROOT / room).rglob("*.py")) if "migrations" not in file.parts]


@cache
def nodes_in(file: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(file.read_text())))


def nodes_of(*rooms: str) -> list[ast.AST]:
    files = [file for file in CODE if file.relative_to(ROOT).parts[0] in (rooms or ROOMS)]
    return [node for file in files for node in nodes_in(file)]


def calls_of(name: str, *nodes: ast.AST) -> list[ast.Call]:
    return [node for node in nodes if isinstance(node, ast.Call) and ast.unparse(node.func) == name]


def section_of(page: str, heading: str) -> str:
    found = re.search(rf"^#+ {re.escape(heading)}$(.*?)(?=^#+ |\Z)", page, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1]


def rows_of(text: str) -> list[list[str]]:
    """The rows of a section's tables, without the heads, as lists of cells."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    heads = {number for number, row in enumerate(cells) if set("".join(row)) <= {"-"}}
    return [row for number, row in enumerate(cells) if number not in heads and number + 1 not in heads]


def codes_in(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)
