"""`make check`: style, types, imports, migrations and deployment settings, each of which must be clean."""

import os
import subprocess
import sys
import time

DEPLOYED = {
    "DEBUG": "0",
    "SECRET_KEY": "a-secret-for-the-check-alone-that-is-long-enough-to-pass-the-check-itself-0123456789",
    "CREDENTIALS_KEYS": "a-credentials-key-for-the-check-alone",
    "PUBLIC_BASE_URL": "https://give.example.org",
}

CHECKS: tuple[tuple[str, list[str], dict[str, str]], ...] = (
    ("format", ["-m", "ruff", "format", "--check", "--quiet", "."], {}),
    ("lint", ["-m", "ruff", "check", "--quiet", "."], {}),
    ("types", ["-m", "mypy", "--no-error-summary", "."], {}),
    ("imports", ["-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"], {}),
    ("migrations", ["manage.py", "makemigrations", "--check", "--dry-run", "-v", "0"], {}),
    ("deployment", ["manage.py", "check", "--deploy", "--fail-level", "WARNING"], DEPLOYED),
)

SECONDS = 600
"""The most that a check may take, on a machine that is busy and has no caches yet."""


def main() -> int:
    failed = []
    for name, arguments, environment in CHECKS:
        started = time.monotonic()
        done = subprocess.run(
            [sys.executable, *arguments],
            env=os.environ | environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
        verdict = "ok" if done.returncode == 0 else "FAILED"
        print(f"check {name:<12}{verdict:>7}  {time.monotonic() - started:5.1f} s", flush=True)
        if done.returncode:
            failed.append(name)
            print(done.stdout + done.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
