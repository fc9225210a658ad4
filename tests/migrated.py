"""Databases with all tables: migrated once in a run of pytest and copied from then on, since the migrations take seconds.

The first process that needs one makes the original. Who is in no run of pytest migrates each database for itself.
"""

import fcntl
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 90
"""All migrations take four where nothing else happens."""
ORIGINALS = "WHIPROUND_TEST_ORIGINALS"
"""In the environment of a run's processes: the folder of its originals."""

PARTITIONS = "WHIPROUND_TEST_PARTITIONS"
"""In the environment of `make cluster-test`: the tables that grow are spread over so many partitions, by their partner."""


@contextmanager
def originals(configured_url: str, name: str, within: str | None) -> Iterator[None]:
    """Until the end everybody copies the originals of this run; they have this name, or lie in a folder within that one."""
    with tempfile.TemporaryDirectory(prefix="originals-", dir=within) as folder:
        (Path(folder) / "name").write_text(name)
        os.environ[ORIGINALS] = folder
        try:
            yield
        finally:
            del os.environ[ORIGINALS]
            for made in Path(folder).glob("postgres*"):
                with psycopg.connect(configured_url, autocommit=True) as server:
                    server.execute(f"DROP DATABASE IF EXISTS {_name(made.read_text())} WITH (FORCE)")


@contextmanager
def new_database(configured_url: str, name: str, folder: Path, *, is_empty: bool = False) -> Iterator[str]:
    """The address of a database of the configured one's kind: a file in the folder, or one of this name on the server."""
    configured = urlsplit(configured_url)
    if configured.scheme == "sqlite":
        url = f"sqlite:///{folder / name}.sqlite3"
        if not is_empty:
            fill(configured_url, url)
        yield url
        return
    url = configured._replace(path=f"/{name}").geturl()
    with psycopg.connect(configured_url, autocommit=True) as server:
        try:
            if is_empty:
                server.execute(f"CREATE DATABASE {name}")
            else:
                fill(configured_url, url)
            yield url
        finally:
            server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def fill(configured_url: str, url: str) -> None:
    """Give this database all tables. On PostgreSQL it is made anew: who was connected has to connect again."""
    if os.environ.get(ORIGINALS) is None:
        _make_on_server(configured_url, url)
        _migrate(url)
        return
    original = _original(configured_url)
    if urlsplit(url).scheme == "sqlite":
        source, target = (sqlite3.connect(one.removeprefix("sqlite:///")) for one in (original, url))
        with closing(source), closing(target):
            source.backup(target)
    else:
        _make_on_server(configured_url, url, f"TEMPLATE {_name(original)}")


def _original(configured_url: str) -> str:
    """Its address. The first who asks makes it, and everybody else waits."""
    folder = Path(os.environ[ORIGINALS])
    configured = urlsplit(configured_url)
    made = folder / configured.scheme
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if made.exists():
            return made.read_text()
        if configured.scheme == "sqlite":
            url = f"sqlite:///{folder}/original.sqlite3"
        else:
            url = configured._replace(path=f"/{(folder / 'name').read_text()}").geturl()
        _make_on_server(configured_url, url)
        _migrate(url)
        made.write_text(url)
        return url


def _make_on_server(configured_url: str, url: str, how: str = "") -> None:
    """An empty one, without more said; a SQLite file comes by itself."""
    if urlsplit(url).scheme != "sqlite":
        with psycopg.connect(configured_url, autocommit=True) as server:
            server.execute(f"DROP DATABASE IF EXISTS {_name(url)} WITH (FORCE)")
            server.execute(f"CREATE DATABASE {_name(url)} {how}")


def _name(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")


def partitions() -> int:
    """Into how many the tables that grow are spread; 0: they are as the migrations make them."""
    return int(os.environ.get(PARTITIONS, "0"))


def _migrate(url: str) -> None:
    _manage(url, "migrate", "--verbosity", "0")
    if partitions() and urlsplit(url).scheme != "sqlite":
        _manage(url, "distribute", "--hash", str(partitions()))


def _manage(url: str, *arguments: str) -> None:
    command = [sys.executable, "manage.py", *arguments]
    environment = os.environ | {"DATABASE_URL": url}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
