"""`python -m docs.build_site`: the partners' guide as a site, in var/site/docs, from where the service serves it at /docs/.

Three steps: write the pages into var/site/pages (the guide's own, with each example in several languages, and one for each
error code); let Zensical make the site; write down which scripts its pages hold, for their Content-Security-Policy.
"""

import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from docs.request_tabs import tabs_of

ROOT = Path(__file__).resolve().parent.parent
GUIDE = ROOT / "docs" / "guide"
PAGES = ROOT / "var" / "site" / "pages"
SITE = ROOT / "var" / "site" / "docs"
SCRIPTS = "scripts.json"

_ROW = re.compile(r"^\| (\d{3}) \| `([a-z_0-9]+)` \| (.+) \| (.+) \|$", re.MULTILINE)
_ELSEWHERE = re.compile(r"\[([^\]]+)\]\(\.\./[^)]*\)")
_EXAMPLE = re.compile(r"^```http\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>(.*?)</script>", re.DOTALL)


def page_of(text: str) -> str:
    """A page of the guide as it stands on the site, where a link out of the guide is its words alone."""
    return _EXAMPLE.sub(lambda found: tabs_of(found[1]), _ELSEWHERE.sub(r"\1", text))


def error_pages(table: str) -> dict[str, str]:
    """A page by each code in the guide's table of errors, which a test holds to api/errors.py."""
    return {code: _error_page(code, status, when, what_to_do) for status, code, when, what_to_do in _ROW.findall(table)}


def _error_page(code: str, status: str, when: str, what_to_do: str) -> str:
    def from_below(cell: str) -> str:
        return re.sub(r"\]\(#", "](../errors.md#", re.sub(r"\]\((?=[a-z_]+\.md)", "](../", cell)).replace("\\|", "|")

    return (
        f"# {code}\n\nStatus {status}.\n\n**When**: {from_below(when)}.\n\n**What to do**: {from_below(what_to_do)}.\n\n"
        "[All codes](../errors.md)\n"
    )


def write_pages() -> None:
    shutil.rmtree(PAGES, ignore_errors=True)
    (PAGES / "errors").mkdir(parents=True)
    for page in GUIDE.glob("*.md"):
        (PAGES / page.name).write_text(page_of(page.read_text()))
    for code, text in error_pages((GUIDE / "errors.md").read_text()).items():
        (PAGES / "errors" / f"{code}.md").write_text(text)


def write_script_hashes() -> None:
    found = {script for page in SITE.rglob("*.html") for script in _SCRIPT.findall(page.read_text())}
    hashes = sorted(base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in found)
    (SITE / SCRIPTS).write_text(json.dumps(hashes))


def main() -> int:
    write_pages()
    built = subprocess.run(  # noqa: S603
        [str(Path(sys.executable).parent / "zensical"), "build", "--clean", "--strict"],
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
