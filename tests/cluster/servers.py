"""Two PostgreSQL servers, the second a synchronous standby of the first, and PgBouncer in transaction mode before the first.

As Debian's packages postgresql and pgbouncer have them. Neither starts as root: then they run as the user of PostgreSQL's, or
as nobody.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from configparser import ConfigParser
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg

from tests.crashes.processes import free_port
from tests.eventually import eventually
from tests.on_both_databases import ROOT, folder_with_room

DEPLOYED = ROOT / "deploy" / "cluster"
"""The settings that docs/scale.md tells to use, and that are tried here."""

HOST = "127.0.0.1"
USER = DATABASE = "whipround"
PATIENCE_SECONDS = 60
PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")

MISSING = [
    name
    for name, is_there in (("postgresql", PROGRAMS), ("pgbouncer", PGBOUNCER), ("Linux", os.name == "posix"))
    if not is_there
]
"""Of what these tests need; on Debian: apt-get install postgresql pgbouncer."""

OF_TESTS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
log_min_messages = fatal
"""
"""For PostgreSQL; all else is as deploy/cluster has it."""


def _nobody_special() -> dict[str, Any]:
    """How a process is started that root may not be: subprocess's own words."""
    if os.getuid():
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    return {"user": "postgres" if "postgres" in names else "nobody", "group": "nogroup", "extra_groups": []}


class Process:
    """A server in a process group of its own, with a folder of its own."""

    def __init__(self, folder: Path, name: str) -> None:
        self.port, self.folder = free_port(), folder / name
        self.folder.mkdir(mode=0o700)
        if not os.getuid():
            shutil.chown(self.folder, _nobody_special()["user"], "nogroup")
        self.process: subprocess.Popen[bytes] | None = None

    def run(self, *command: object) -> None:
        """A program to its end. Raises RuntimeError, with what it said."""
        words = [str(word) for word in command]
        done = subprocess.run(
            words, cwd=self.folder, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS, **_nobody_special()
        )
        if done.returncode:
            raise RuntimeError(f"{words}: {done.stderr}")

    def _start(self, *command: object) -> None:
        with (self.folder / "output.log").open("ab") as output:
            self.process = subprocess.Popen(
                [str(word) for word in command],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                **_nobody_special(),
            )

    def kill(self) -> None:
        """SIGKILL, for all of its processes at once."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(PATIENCE_SECONDS)
            self.process = None


class Server(Process):
    """A PostgreSQL server; its data are made by `make`, or copied from another by `follow`."""

    @property
    def url(self) -> str:
        return f"postgres://{USER}@{HOST}:{self.port}/{DATABASE}"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def make(self) -> None:
        self.run(PROGRAMS[-1] / "initdb", "-D", self.data, "-U", USER, "--auth=trust", "-E", "UTF8", "--no-sync")
        with (self.data / "postgresql.conf").open("a") as settings:
            settings.write((DEPLOYED / "postgresql.conf").read_text() + OF_TESTS)
        self.start()
        self.ask(f"CREATE DATABASE {DATABASE}", database="postgres")

    def follow(self, primary: "Server", name: str) -> None:
        """As the standby of that name."""
        source = f"host={HOST} port={primary.port} user={USER} application_name={name}"
        self.run(PROGRAMS[-1] / "pg_basebackup", "-d", source, "-D", self.data, "-R", "--checkpoint=fast", "--no-sync")
        self.start()

    def start(self) -> None:
        self._start(PROGRAMS[-1] / "postgres", "-D", self.data, "-p", self.port)
        eventually(self._answers, f"PostgreSQL in {self.folder}", seconds=PATIENCE_SECONDS, every=0.05)

    def _answers(self) -> bool:
        with suppress(psycopg.Error):
            self.ask("SELECT 1", database="postgres")
            return True
        return False

    def promote(self) -> None:
        """The standby becomes a primary; returns when it is one."""
        self.run(PROGRAMS[-1] / "pg_ctl", "promote", "-D", self.data, "-w")

    def set(self, name: str, value: str) -> None:
        """A setting, at once."""
        self.ask(f"ALTER SYSTEM SET {name} = '{value}'")
        self.ask("SELECT pg_reload_conf()")

    def ask(self, statement: str, *, database: str = DATABASE) -> list[Any]:
        """The first column of what is found."""
        where = f"postgres://{USER}@{HOST}:{self.port}/{database}"
        with psycopg.connect(where, autocommit=True, connect_timeout=5) as connection:
            cursor = connection.execute(statement)
            return [row[0] for row in cursor.fetchall()] if cursor.description else []


class Pooler(Process):
    """PgBouncer in transaction mode; it is asked for the address of the service's database."""

    @property
    def url(self) -> str:
        return f"postgres://{USER}@{HOST}:{self.port}/{DATABASE}"

    def start(self, server: Server) -> None:
        (self.folder / "users.txt").write_text(f'"{USER}" ""\n')
        self._write(server)
        self._start(PGBOUNCER or "", self.folder / "pgbouncer.ini")
        eventually(self._answers, "PgBouncer", seconds=PATIENCE_SECONDS, every=0.05)

    def lead_to(self, server: Server) -> None:
        """From now on to another server."""
        self._write(server)
        self.tell("RELOAD")

    def tell(self, command: str) -> list[Any]:
        """A command of its console; returns the rows."""
        where = f"postgres://{USER}@{HOST}:{self.port}/pgbouncer"
        with psycopg.connect(where, autocommit=True, connect_timeout=5) as connection:
            cursor = connection.execute(command)
            return cursor.fetchall() if cursor.description else []

    def _write(self, server: Server) -> None:
        settings = ConfigParser(interpolation=None)
        settings.read(DEPLOYED / "pgbouncer.ini")
        settings["databases"][DATABASE] = f"host={HOST} port={server.port} dbname={DATABASE}"
        settings["pgbouncer"].update({
            "listen_port": str(self.port), "auth_type": "trust", "auth_file": "users.txt", "logfile": "pgbouncer.log",
            "admin_users": USER,
        })  # fmt: skip
        with (self.folder / "pgbouncer.ini").open("w") as file:
            settings.write(file)

    def _answers(self) -> bool:
        with suppress(psycopg.Error):
            return bool(self.tell("SHOW VERSION"))
        return False


class Cluster:
    """The three of them."""

    def __init__(self, folder: Path) -> None:
        self.primary, self.standby = Server(folder, "primary"), Server(folder, "standby")
        self.pooler = Pooler(folder, "pooler")

    def start(self) -> None:
        self.primary.make()
        self.standby.follow(self.primary, "standby")
        self.pooler.start(self.primary)
        self.be_synchronous()

    def be_synchronous(self) -> None:
        """A commit is answered once the standby has it on its disk."""
        self.primary.set("synchronous_standby_names", "standby")
        eventually(self._standby_is_synchronous, "the synchronous standby", seconds=PATIENCE_SECONDS)

    def _standby_is_synchronous(self) -> bool:
        return self.primary.ask("SELECT sync_state FROM pg_stat_replication") == ["sync"]

    def kill(self) -> None:
        for process in (self.pooler, self.primary, self.standby):
            process.kill()


@contextmanager
def new_cluster() -> Iterator[Cluster]:
    """A cluster that runs, and nothing of it is left in the end."""
    with tempfile.TemporaryDirectory(prefix="cluster-", dir=folder_with_room(), ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # for who is not root
        cluster = Cluster(folder)
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.kill()
