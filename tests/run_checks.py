"""`make check`: style, types, imports, migrations and deployment settings, each of which must be clean.

As many side by side as there are processors. That the tests can be collected is seen here as well: it compiles them, with
their asserts rewritten, once and not in each of the processes that run them afterwards.
"""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

DEPLOYED = {
    "DEBUG": "0",
    "SECRET_KEY": "a-secret-for-the-check-alone-that-is-long-enough-to-pass-the-check-itself-0123456789",
    "CREDENTIALS_KEYS": "a-credentials-key-for-the-check-alone",
    "PUBLIC_BASE_URL": "https://give.example.org",
}

CHECKS: tuple[tuple[str, list[str], dict[str, str]], ...] = (
    ("tests", ["-m", "pytest", "--collect-only", "-qq"], {}),
    ("types", ["-m", "mypy", "--no-error-summary", "."], {}),
    ("format", ["-m", "ruff", "format", "--check", "--quiet", "."], {}),
    ("lint", ["-m", "ruff", "check", "--quiet", "."], {}),
    ("imports", ["-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"], {}),
    ("migrations", ["manage.py", "makemigrations", "--check", "--dry-run", "-v", "0"], {}),
    ("deployment", ["manage.py", "check", "--deploy", "--fail-level", "WARNING"], DEPLOYED),
)

SECONDS = 600
"""The most that a check may take, on a machine that is busy and has no caches yet."""


def check(arguments: list[str], environment: dict[str, str]) -> tuple["subprocess.CompletedProcess[str]", float]:
    """The check when it has ended, and how many seconds it took."""
    started = time.monotonic()
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, *arguments], env=inherited | environment, capture_output=True, text=True, check=False, timeout=SECONDS
    )
    return done, time.monotonic() - started


def main() -> int:
    failed = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        started = [(name, pool.submit(check, arguments, environment)) for name, arguments, environment in CHECKS]
        for name, running in started:
            done, seconds = running.result()  # deadline: SECONDS, in check
            verdict = "ok" if done.returncode == 0 else "FAILED"
            print(f"check {name:<12}{verdict:>7}  {seconds:5.1f} s", flush=True)
            if done.returncode:
                failed.append(name)
                print(done.stdout + done.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
