"""`python -m docs.build_site`: the partners' guide as a site, in var/site/docs, from where the service serves it at /docs/.

Three steps: write the pages into var/site/pages (the guide's own, with each example in several languages, the reference, and
one for each error code); let Zensical make the site; write down which scripts its pages hold, for their
Content-Security-Policy.
"""

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import django

from config import unsafe
from docs.request_tabs import BASE, tabs_of

if TYPE_CHECKING:  # it needs Django set up
    from docs.reference import Reference

ROOT = Path(__file__).resolve().parent.parent
GUIDE = ROOT / "docs" / "guide"
PAGES = ROOT / "var" / "site" / "pages"
SITE = ROOT / "var" / "site" / "docs"
CONFIG = ROOT / "var" / "site" / "mkdocs.yml"
SCRIPTS = "scripts.json"
MOST_NAMED = 12
"""How many requests the page of a code names."""

_ROW = re.compile(r"^\| (\d{3}) \| `([a-z_0-9]+)` \| (.+) \| (.+) \|$", re.MULTILINE)
_CODE = re.compile(r"^(\| \d{3} \| )`([a-z_0-9]+)`(?= \|)", re.MULTILINE)
_WORDS = r"\[((?:[^\[\]]|\[[^\]]*\])+)\]"
_ELSEWHERE = re.compile(_WORDS + r"\(\.\./[^)]*\)")
_PAST_THE_GUIDE = re.compile(_WORDS + r"\((?!docs/guide/|https?:)[^)]*\)")
_EXAMPLE = re.compile(r"^```http\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>(.*?)</script>", re.DOTALL)


def page_of(text: str) -> str:
    """A page of the guide as it stands on the site, where a link out of it is its words alone."""
    text = text.replace("](../../CHANGELOG.md", "](changes/index.md")
    text = _CODE.sub(r"\1[`\2`](errors/\2.md)", text)
    return _EXAMPLE.sub(lambda found: tabs_of(found[1]), _ELSEWHERE.sub(r"\1", text))


def page_of_changes(text: str) -> str:
    """The list of changes as it stands on the site. The search looks for how things are, so it leaves them out."""
    return "---\nsearch:\n  exclude: true\n---\n\n" + _PAST_THE_GUIDE.sub(r"\1", text).replace("](docs/guide/", "](../")


def error_pages(table: str, reference: "Reference") -> dict[str, str]:
    """A page by each code in the guide's table of errors, which a test holds to api/errors.py."""
    return {
        code: _error_page(code, status, when, what_to_do, reference.told_by(code))
        for status, code, when, what_to_do in _ROW.findall(table)
    }


def _error_page(code: str, status: str, when: str, what_to_do: str, told_by: list[str]) -> str:
    def from_below(cell: str) -> str:
        return re.sub(r"\]\(#", "](../errors.md#", re.sub(r"\]\((?=[a-z_]+\.md)", "](../", cell)).replace("\\|", "|")

    return (
        f"# {code}\n\nStatus {status}.\n\n**When**: {from_below(when)}.\n\n**What to do**: {from_below(what_to_do)}.\n\n"
        f"{_who_tells(told_by)}[All codes](../errors.md)\n"
    )


def _who_tells(told_by: list[str]) -> str:
    if not told_by:
        return ""
    if len(told_by) > MOST_NAMED:
        return f"**Told by** {len(told_by)} of [all requests](../reference/index.md).\n\n"
    return "**Told by**:\n\n" + "".join(f"- {one}\n" for one in told_by) + "\n"


def read_reference() -> "Reference":
    """The reference, made of the code's own tables."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    with unsafe.telling_only():  # the pages tell nothing of an instance: its secrets are not needed
        django.setup()
    from api import urls
    from api.openapi.description import describe
    from docs.reference import Reference

    return Reference(describe(urls.urlpatterns, BASE))


def write_pages() -> None:
    shutil.rmtree(PAGES, ignore_errors=True)
    reference = read_reference()
    for folder in ("changes", "errors", "reference"):
        (PAGES / folder).mkdir(parents=True)
    for name, text in reference.pages().items():
        (PAGES / "reference" / f"{name}.md").write_text(text)
    for page in GUIDE.glob("*.md"):
        told = reference.of_guide(page.name)
        more = f"\n\n**In the reference**: {', '.join(told)}\n" if told else ""
        (PAGES / page.name).write_text(page_of(page.read_text()) + more)
    shutil.copy(ROOT / "docs" / "site.css", PAGES / "site.css")
    (PAGES / "changes" / "index.md").write_text(page_of_changes((ROOT / "CHANGELOG.md").read_text()))
    codes = error_pages((GUIDE / "errors.md").read_text(), reference)
    for code, text in codes.items():
        (PAGES / "errors" / f"{code}.md").write_text(text)
    CONFIG.write_text(config_with(codes))


def config_with(codes: Iterable[str]) -> str:
    """mkdocs.yml as it is beside the prepared pages, with the codes as the last of its tabs."""
    listed = "".join(f"      - errors/{code}.md\n" for code in sorted(codes))
    return (ROOT / "mkdocs.yml").read_text().replace("var/site/", "") + f"  - Codes of errors:\n{listed}"


def write_script_hashes() -> None:
    found = {script for page in SITE.rglob("*.html") for script in _SCRIPT.findall(page.read_text())}
    hashes = sorted(base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in found)
    (SITE / SCRIPTS).write_text(json.dumps(hashes))


def main() -> int:
    write_pages()
    built = subprocess.run(  # noqa: S603 - our own words, without a shell
        [str(Path(sys.executable).parent / "zensical"), "build", "--clean", "--strict", "--config-file", str(CONFIG)],
        cwd=ROOT, check=False, capture_output=True, text=True,
    )  # fmt: skip
    if built.returncode:
        sys.stderr.write(built.stdout + built.stderr)
        return built.returncode
    (SITE / "404.html").unlink()  # nobody is shown it, and its addresses begin at a root that is not the site's
    write_script_hashes()
    return 0


if __name__ == "__main__":
    sys.exit(main())
