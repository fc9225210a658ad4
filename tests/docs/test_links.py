"""Whatever the pages link to, or name, is there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.docs.examples import ROOT
from tests.docs.pages_and_code import INSIDE, PAGES, nodes_in

pytestmark = pytest.mark.no_database


# --- Links ------------------------------------------------------------------------------------------------------------


def _anchors(page: Path) -> set[str]:
    """What GitHub makes of the headings."""
    text = re.sub(r"^ *```.*?^ *```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page):
    links = re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", page.read_text())
    for link in links:
        if re.match(r"https?:", link):
            continue
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), link
        if anchor:
            assert anchor in _anchors(target), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_is_named_is_there(page):
    named = re.findall(r"`((?:[a-z_]+/)+(?:[a-z_]+\.[a-z]+)?|[a-z_]+\.(?:py|toml|txt))`", page.read_text())
    not_ours = {"var/", "var/site/docs/", "management/commands/", "backup.sqlite3"}
    assert [name for name in named if name not in not_ours and not (ROOT / name).exists()] == []


@cache
def _names_in(file: Path) -> set[str]:
    """Every function, class and variable that the file defines or imports."""
    names: set[str] = set()
    for node in nodes_in(file):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
    return names


@cache
def _every_name() -> set[str]:
    tops = (top for top in ROOT.iterdir() if top.name not in {".venv", "var"})
    files = (file for top in tops for file in (top.rglob("*.py") if top.is_dir() else [top]) if file.suffix == ".py")
    return {name for file in files for name in _names_in(file)}


@pytest.mark.parametrize("page", INSIDE, ids=lambda page: page.name)
def test_what_is_named_in_a_file_stands_there(page):
    """`NAME` in `room/file.py`, and in the drawings `room/file.py  name()`."""
    text = page.read_text()
    pairs = re.findall(r"`(\w+)` in\s+`((?:\w+/)*\w+\.py)`", text)
    pairs += [(name, file) for file, name in re.findall(r"^ {4,}((?:\w+/)*\w+\.py) +(\w+)\(\)", text, re.MULTILINE)]
    assert [(name, file) for name, file in pairs if name not in _names_in(ROOT / file)] == []
    assert pairs or page.name not in {"architecture.md", "CONTRIBUTING.md", "glossary.md"}


@pytest.mark.parametrize("page", INSIDE, ids=lambda page: page.name)
def test_what_is_called_is_defined_somewhere(page):
    """`name()`, `_name` and `ClassName` in the pages about the code."""
    named = re.findall(r"`(?:[\w.]+\.)?([a-z_]+)\([^`]*\)`|`(_[a-z_]+)`|`([A-Z][a-z]+(?:[A-Z][a-z]+)+)`", page.read_text())
    not_ours = {"StatusReason", "RecordVersionNumber", "ProviderURL", "PaymentIntent", "ResolutionImpossible"}
    assert {name for groups in named for name in groups if name} - _every_name() - not_ours == set()


def test_the_pages_are_named_in_the_readme():
    text = (ROOT / "README.md").read_text()
    missing = [page.name for page in (ROOT / "docs").glob("*.md") if f"(docs/{page.name})" not in text]
    assert missing == []
