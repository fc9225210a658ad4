"""Backups of the database: made while the service runs, and restored into a database of their own to prove them.

SQLite copies itself. For PostgreSQL it is pg_dump and pg_restore, which must not be older than the server. The password goes to
them in their environment, where no list of processes shows it.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, connection
from psycopg.conninfo import make_conninfo
from psycopg.errors import InsufficientPrivilege

MIGRATE, AUDIT, READY = ["migrate", "--verbosity", "0"], ["audit"], ["ready"]
STEPS = (MIGRATE, AUDIT, READY)
"""What proves a backup: this release can go on from it, its books are right, its secrets can be read with today's keys."""


_OF_AN_ADDRESS = (
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "passfile",
    "service",
)
"""What of DATABASE_URL the programs are told; older ones refuse words that are new."""


class BackupFailed(Exception):
    """It could not be made or restored; the message is one sentence."""


def make(file: Path) -> None:
    """Everything that was committed up to now. Raises BackupFailed; `file` must not be there yet."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(file)])
        return
    try:
        _run_postgresql("pg_dump", ["--format=custom", "--no-owner", "--no-privileges", f"--file={file}"])
    except BackupFailed:
        file.unlink(missing_ok=True)  # half of it
        raise


@contextmanager
def restored(file: Path) -> Iterator[str]:
    """The address of a new database that holds the backup, for as long as this lasts. Raises BackupFailed."""
    if connection.vendor == "sqlite":
        with tempfile.TemporaryDirectory(prefix="whipround-drill-") as folder:
            copy = Path(folder) / "restored.sqlite3"
            shutil.copyfile(file, copy)
            _check_sqlite(copy)
            yield f"sqlite:///{copy}"
        return
    name = f"whipround_drill_{os.getpid()}"
    _create_database(name)
    try:
        arguments = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", str(file)]
        _run_postgresql("pg_restore", arguments, database=name)
        yield urlsplit(settings.DATABASE_URL)._replace(path=f"/{name}").geturl()
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _create_database(name: str) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name}")
    except DatabaseError as error:
        if not isinstance(error.__cause__, InsufficientPrivilege):
            raise
        user = connection.settings_dict["USER"]
        raise BackupFailed(
            f"The user {user} may not make the database that the drill restores into. Say once, as the server's superuser: "
            f"ALTER ROLE {user} CREATEDB"
        ) from error


def _check_sqlite(file: Path) -> None:
    try:
        with closing(sqlite3.connect(file)) as database:
            [(said,), *_] = database.execute("PRAGMA integrity_check").fetchall()
    except sqlite3.DatabaseError as error:
        said = str(error)
    if said != "ok":
        raise BackupFailed(f"SQLite cannot read the backup: {said}.")


def prove(url: str) -> Iterator[tuple[str, int, str]]:
    """(command, its exit status, what it printed) for each of STEPS on the database at `url`, up to the first that fails."""
    manage = str(settings.BASE_DIR / "manage.py")
    environment = _without(os.environ, "PROMETHEUS_MULTIPROC_DIR", "RATE_LIMIT_STORE") | {"DATABASE_URL": url}
    for step in STEPS:
        status, said = _run([sys.executable, manage, *step], environment)
        yield step[0], status, said
        if status:
            return


def _run_postgresql(program: str, arguments: Sequence[str], database: str = "") -> None:
    path = shutil.which(program)
    if path is None:
        raise BackupFailed(f"{program} is not installed: it comes with PostgreSQL's client programs (postgresql-client).")
    known = connection.get_connection_params()
    named = {name: str(known[name]) for name in _OF_AN_ADDRESS if known.get(name)}
    address = make_conninfo(**named | ({"dbname": database} if database else {}))
    environment = dict(os.environ) | ({"PGPASSWORD": str(known["password"])} if known.get("password") else {})
    status, said = _run([path, f"--dbname={address}", *arguments], environment)
    if status:
        raise BackupFailed(f"{program} ended with status {status}: {said.splitlines()[-1] if said else 'it said nothing'}")


def _run(command: Sequence[str], environment: Mapping[str, str]) -> tuple[int, str]:
    """(exit status, what it printed); it takes as long as it takes."""
    done = subprocess.run(  # noqa: S603 - programs of ours and of PostgreSQL, without a shell
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False
    )
    return done.returncode, (done.stdout + done.stderr).strip()


def _without(environment: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name not in names}
