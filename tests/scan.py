"""`make scan`: bandit over the code, pip-audit over the packages that are pinned. Argument: the folder of the two programs.

A finding of bandit is justified in its line: by `# nosec B608 - reason`, or by the `# noqa: S608 - reason` that is there for
ruff, whose rules S... are bandit's under the same numbers. A remark without a reason justifies nothing. Exit status 1 where
there are findings; what could not be asked (no program, no network) is told and skipped.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ROOMS = (
    "api", "certificates", "config", "console", "contributions", "demo", "docs", "givers", "goals", "hooks", "notifications",
    "pages", "partners", "pledges", "providers", "rehearsals", "moving_in", "web", "xml_schemas", "clients/python",
)  # fmt: skip
SECONDS = 300
NO_NETWORK = re.compile(
    r"ConnectionError|MaxRetryError|NameResolution|Max retries exceeded|ServiceError|timed out|ConnectTimeout"
)
NOT_ASKED = "B404"
"""That subprocess is imported: each call of it is a finding of its own (B603)."""

NOTHING = re.compile(r"hardcoded password: ''$")
"""An empty text is nobody's password."""

_REASON = r"[A-Z0-9, ]*?\b%s\b[A-Z0-9, ]*\s+-\s+\S"


def is_justified(number: str, lines: list[str]) -> bool:
    """Whether one of the lines says why the finding (such as B608) is none."""
    same = {"B703": "B308"}.get(number, number)  # both are about mark_safe, and ruff has one of them
    wanted = "|".join(rf"noqa: {_REASON % one.replace('B', 'S')}|nosec {_REASON % one}" for one in {number, same})
    return any(re.search(wanted, line) for line in lines)


def unjustified(findings: list[dict[str, Any]], root: Path = ROOT) -> list[str]:
    """One line each."""
    told = []
    for finding in findings:
        lines = (root / finding["filename"]).read_text(encoding="utf-8").splitlines()
        where = [lines[number - 1] for number in {*finding["line_range"], finding["line_number"]}]
        if not NOTHING.search(finding["issue_text"]) and not is_justified(finding["test_id"], where):
            told.append(f"{finding['filename']}:{finding['line_number']} {finding['test_id']} {finding['issue_text']}")
    return told


def _bandit(program: Path) -> bool:
    # Its own remarks are left aside (--ignore-nosec): we ask for a reason.
    files = [*ROOMS, *sorted(file.name for file in ROOT.glob("*.py"))]
    command = [str(program), "--quiet", "--ignore-nosec", "--skip", NOT_ASKED, "--format", "json", "--recursive", *files]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=SECONDS)
    if done.returncode not in {0, 1}:
        print(f"bandit     FAILED\n{done.stderr}")
        return False
    report = json.loads(done.stdout)
    bad = unjustified(report["results"]) + [f"{one['filename']} {one['reason']}" for one in report["errors"]]
    lines = report["metrics"]["_totals"]["loc"]
    print(
        f"bandit     {'FAILED' if bad else 'ok'}: {lines} lines, {len(report['results'])} findings, {len(bad)} without a reason"
    )
    print("\n".join(bad), end="\n" if bad else "")
    return not bad


def _pip_audit(program: Path) -> bool:
    good = True
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-bench.txt"):
        command = [str(program), "--requirement", name, "--require-hashes", "--disable-pip", "--progress-spinner", "off"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=SECONDS)
        if done.returncode and NO_NETWORK.search(done.stderr):
            print(f"pip-audit  skipped: nobody who knows of vulnerabilities can be reached from here ({name})")
            continue
        said = (done.stderr or done.stdout).strip().splitlines()[-1]
        print(f"pip-audit  {'FAILED' if done.returncode else 'ok'}: {name}: {said}")
        if done.returncode:
            print(done.stdout + done.stderr)
            good = False
    return good


def main(arguments: list[str]) -> int:
    folder = Path(arguments[0]).absolute()
    good = True
    for name, scan in (("bandit", _bandit), ("pip-audit", _pip_audit)):
        if (folder / name).exists():
            good = scan(folder / name) and good
        else:
            print(f"{name:<10} skipped: it is not installed, and `make scan` could not install it")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
