"""The machine, the versions and the load: what a number is worth nothing without."""

import os
import platform
import shutil
import sqlite3
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil
import psycopg

from benchmarks.servers import PEERS_PYTHON, ROOT

OURS = ("Django", "granian", "psycopg")
OF_PEERS = ("djangorestframework", "django-ninja", "fastapi", "SQLAlchemy")


def described(postgres: str | None) -> dict[str, str]:
    """A line each. `postgres`: the address of the server, where there is one."""
    memory = f"{psutil.virtual_memory().total / 1024**3:.0f} GiB"
    lines = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": _printed("git", "rev-parse", "--short", "HEAD") or "unknown",
        "machine": f"{os.cpu_count()} processors ({_processor()}), {memory}, {platform.system()}",
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
        **{name: version(name) for name in OURS},
        **_of_peers(),
        "load by": _printed("wrk", "-v").partition("[")[0].strip() if shutil.which("wrk") else "benchmarks/client.py",
    }
    if postgres:
        with psycopg.connect(postgres) as server:
            lines["PostgreSQL"] = str(server.execute("SHOW server_version").fetchone()[0])  # type: ignore[index]
    return lines


def load_average() -> str:
    """How many processes wanted a processor in the last minute, ours included."""
    return f"{os.getloadavg()[0]:.1f}"


def _of_peers() -> dict[str, str]:
    if not PEERS_PYTHON.exists():
        return {}
    asks = "import sys, importlib.metadata as m; print(*(m.version(name) for name in sys.argv[1:]))"
    return dict(zip(OF_PEERS, _printed(str(PEERS_PYTHON), "-c", asks, *OF_PEERS).split(), strict=False))


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _printed(*command: str) -> str:
    """wrk ends with status 1 when it is asked for its version."""
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
